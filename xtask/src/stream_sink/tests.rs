use std::io::Cursor;

use crate::amqp::{bytes, described, elements, field, frame, list, next_frame, number, sized, text, uint};
use crate::http::{self, Request};
use crate::link;
use crate::tally::Tally;

fn recording() -> (tempfile::TempDir, Tally) {
    let folder = tempfile::tempdir().unwrap();
    let tally = Tally::new(Some(&folder.path().join("messages"))).unwrap();
    (folder, tally)
}

fn event(key: &str, body: &[u8]) -> Vec<u8> {
    let annotations = [text("x-opt-partition-key"), text(key)].concat();
    let map = crate::amqp::compound(0xd1, 2, &annotations);
    [&[0, 0x53, 0x72][..], &map, &[0, 0x53, 0x75], &sized(0xb0, body)].concat()
}

#[test]
fn events_are_recorded_alone_and_in_batches() {
    let (folder, tally) = recording();
    link::take(&event("a", b"{}"), 0, &tally).unwrap();
    let batch: Vec<u8> = [event("b", b"{1}"), event("c", b"{2}")]
        .iter()
        .flat_map(|event| [&[0, 0x53, 0x75][..], &sized(0xb0, event)].concat())
        .collect();
    link::take(&batch, 0x8001_3700, &tally).unwrap();
    assert!(tally.stats().unwrap().starts_with(r#"{"messages":3,"#));
    let recorded = std::fs::read_to_string(folder.path().join("messages")).unwrap();
    assert_eq!(recorded, "a\t{}\nb\t{1}\nc\t{2}\n");
}

#[test]
fn the_hash_of_the_messages_is_the_same_in_any_order() {
    let hash = |messages: &[(&str, &str)]| {
        let tally = Tally::new(None).unwrap();
        messages.iter().for_each(|(key, body)| tally.message(key.as_bytes(), body.as_bytes()).unwrap());
        tally.stats().unwrap()
    };
    assert_eq!(hash(&[("a", "1"), ("b", "2")]), hash(&[("b", "2"), ("a", "1")]));
    assert_ne!(hash(&[("a", "1"), ("b", "2")]), hash(&[("a", "2"), ("b", "1")]));
}

#[test]
fn requests_are_answered_by_their_id() {
    let properties = list(0x73, &[&text("7"), &[0x40], &[0x40], &[0x40], &text("me")]);
    let (answer, reply_to) = link::answer(link::Node::Management, &properties).unwrap();
    assert_eq!(reply_to, b"me");
    let mut rest = answer.as_slice();
    let fields = described(&mut rest).unwrap();
    assert_eq!((fields.0, bytes(field(&elements(fields.1).unwrap(), 5))), (0x73, &b"7"[..]));
    let details = elements(described(&mut rest).unwrap().1).unwrap();
    assert_eq!((bytes(details[0]), details[1]), (&b"status-code"[..], &[0x71, 0, 0, 0, 200][..]));
}

#[test]
fn frames_are_read_when_they_are_whole() {
    let mut out = Vec::new();
    frame(&mut out, 0, 3, &list(0x18, &[&uint(5)]));
    assert!(next_frame(&mut &out[..out.len() - 1]).unwrap().is_none());
    let mut rest = out.as_slice();
    let read = next_frame(&mut rest).unwrap().unwrap();
    let (code, fields) = described(&mut { read.body }).unwrap();
    assert_eq!((read.channel, code, number(elements(fields).unwrap()[0]), rest.len()), (3, 0x18, Some(5), 0));
}

#[test]
fn a_request_is_read_with_its_body() {
    let text = b"POST / HTTP/1.1\r\nX-Amz-Target: Kinesis_20131202.PutRecords\r\nContent-Length: 2\r\n\r\n{}GET";
    let (mut reader, mut body) = (Cursor::new(text), Vec::new());
    let request = http::read(&mut reader, &mut body).unwrap().unwrap();
    assert_eq!(request, Request { path: "/".into(), action: "PutRecords".into() });
    assert_eq!(body, b"{}");
}
