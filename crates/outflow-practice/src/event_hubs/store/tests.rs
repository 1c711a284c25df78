use bytes::Bytes;

use super::super::codec::message::{Section, section};
use super::super::codec::value::Value;
use super::*;

fn event(text: &str) -> Event {
    Event {
        partition_key: None,
        message: Message(vec![Section::new(section::DATA, Value::Binary(Bytes::copy_from_slice(text.as_bytes())))]),
    }
}

fn read(hub: &Arc<Hub>, start: Start) -> Vec<String> {
    let mut cursor = Cursor::open(Arc::clone(hub), 0, start).unwrap();
    let mut seen = Vec::new();
    while let Some(message) = cursor.next().unwrap() {
        let body = message.data().next().unwrap().unwrap();
        seen.push(String::from_utf8(body.to_vec()).unwrap());
    }
    seen
}

#[test]
fn events_are_found_by_offset_number_and_time_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "exports", 2).unwrap();
    let hub = store.hub("Exports").unwrap();
    for number in 0..1000 {
        hub.append(0, &[event(&format!("e{number}"))], 1000 + number).unwrap();
    }
    drop((hub, store));
    // The beginning of a line that was never finished.
    let path = folder.path().join("exports/0.jsonl");
    let mut torn = fs::read(&path).unwrap();
    torn.extend_from_slice(b"{\"sequenceNumber\":10");
    fs::write(&path, torn).unwrap();

    let store = Store::open(folder.path(), "exports", 9).unwrap();
    let hub = store.hub("exports").unwrap();
    assert_eq!(hub.partitions(), 2, "the hub that is there stays");
    hub.append(0, &[event("last"), event("very last")], 3000).unwrap();
    let first = |start| read(&hub, start).first().cloned();
    let is = |text: &str| Some(text.to_owned());
    assert_eq!(read(&hub, Start::First).len(), 1002);
    assert_eq!(first(Start::Sequence { number: 511, inclusive: true }), is("e511"));
    assert_eq!(first(Start::Sequence { number: 511, inclusive: false }), is("e512"));
    assert_eq!(first(Start::Sequence { number: -1, inclusive: false }), is("e0"));
    assert_eq!(first(Start::Enqueued { millis: 1900, inclusive: false }), is("e901"));
    assert_eq!(first(Start::Enqueued { millis: 2500, inclusive: false }), is("last"));
    assert_eq!(first(Start::Offset { offset: -1, inclusive: false }), is("e0"));
    let last = hub.summary(0).unwrap();
    assert_eq!(last.last_sequence_number, 1001);
    let offset = i64::try_from(last.last_offset.unwrap()).unwrap();
    assert_eq!(read(&hub, Start::Offset { offset, inclusive: true }), ["very last"]);
    assert!(read(&hub, Start::Offset { offset, inclusive: false }).is_empty());
    assert!(read(&hub, Start::Latest).is_empty());
    assert_eq!(hub.summary(1).unwrap().last_sequence_number, -1);
}

#[test]
fn a_reader_gets_what_was_sent() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "exports", 1).unwrap();
    let hub = store.hub("exports").unwrap();
    let properties = Value::Map(vec![(Value::string("n"), Value::Ushort(7)), (Value::string("u"), Value::Uuid(9))]);
    let annotations = Value::Map(vec![
        (Value::symbol("mine"), Value::Int(1)),
        (Value::symbol("x-opt-offset"), Value::string("forged")),
    ]);
    let message = Message(vec![
        Section::new(section::ANNOTATIONS, annotations),
        Section::new(section::APPLICATION_PROPERTIES, properties.clone()),
        Section::new(section::DATA, Value::Binary(Bytes::from_static(&[0xff, 0x00]))),
    ]);
    let valued = Message(vec![Section::new(section::VALUE, Value::List(vec![Value::Long(3)]))]);
    let events =
        [Event { partition_key: Some("k".into()), message }, Event { partition_key: None, message: valued.clone() }];
    hub.append(0, &events, 5000).unwrap();
    let mut cursor = Cursor::open(Arc::clone(&hub), 0, Start::First).unwrap();
    let first = cursor.next().unwrap().unwrap();
    let annotation = |name: &str| first.value(section::ANNOTATIONS).unwrap().get(name).cloned();
    assert_eq!(annotation("mine"), Some(Value::Int(1)));
    assert_eq!(annotation("x-opt-offset"), Some(Value::string("0")));
    assert_eq!(annotation("x-opt-sequence-number"), Some(Value::Long(0)));
    assert_eq!(annotation("x-opt-enqueued-time"), Some(Value::Timestamp(5000)));
    assert_eq!(annotation("x-opt-partition-key"), Some(Value::string("k")));
    assert_eq!(first.value(section::APPLICATION_PROPERTIES).unwrap(), properties);
    assert_eq!(first.data().next().unwrap().unwrap().as_ref(), [0xff, 0x00]);
    let second = cursor.next().unwrap().unwrap();
    assert_eq!(second.value(section::VALUE), valued.value(section::VALUE));
    let text = fs::read_to_string(folder.path().join("exports/0.jsonl")).unwrap();
    assert!(text.contains("\"applicationProperties\":{\"n\":7"), "{text}");
}

#[test]
fn keys_stay_on_their_partition_and_transfers_without_go_round() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path(), "exports", 4).unwrap();
    let hub = store.hub("exports").unwrap();
    assert_eq!(hub.choose(Some("a")), hub.choose(Some("a")));
    let keyed: std::collections::HashSet<usize> = (0..100).map(|n| hub.choose(Some(&n.to_string()))).collect();
    assert_eq!(keyed.len(), 4);
    assert_eq!((0..5).map(|_| hub.choose(None)).collect::<Vec<_>>(), [0, 1, 2, 3, 0]);
}
