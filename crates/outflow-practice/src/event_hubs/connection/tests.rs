//! Whatever a client sends, the connection answers or ends; it never panics and never hangs.

use std::sync::atomic::AtomicU64;

use proptest::prelude::*;

use super::super::codec::message::{Message, Section, section};
use super::super::codec::performative::{Attach, Begin, Outcome, SENDER, Source, Target, Transfer};
use super::super::codec::tests::performative;
use super::super::codec::value::Value;
use super::super::policies::Policies;
use super::super::store::Store;
use super::super::tracking::Tracking;
use super::*;
use crate::faults::Faults;

fn shared(folder: &std::path::Path) -> Arc<Shared> {
    Arc::new(Shared {
        store: Store::open(folder, "exports", 1).unwrap(),
        policies: Policies::new("key", "exports"),
        faults: Faults::default(),
        tracking: Tracking::new("key"),
        transfers: AtomicU64::new(0),
    })
}

/// Sends everything at once and answers what came back.
fn talk(shared: Arc<Shared>, sent: &[u8]) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let (mut ours, theirs) = tokio::io::duplex(4 * 1024 * 1024);
        ours.write_all(sent).await.unwrap();
        let served = tokio::spawn(serve(theirs, shared, Arc::default()));
        let mut said = Vec::new();
        // What comes after a quiet while is not waited for: some sequences leave the connection open.
        while let Ok(Ok(1..)) = tokio::time::timeout(Duration::from_millis(20), ours.read_buf(&mut said)).await {}
        drop(ours);
        let _ = served.await.unwrap();
        said
    })
}

/// A sign-in with all rights, and what opens a connection and two sessions.
fn opened(shared: &Shared) -> BytesMut {
    let root = &shared.policies.all()[0];
    let response = format!("\0{}\0{}", root.name, root.key);
    let init = vec![Value::symbol("PLAIN"), Value::Binary(response.into()), Value::Null];
    let mut out = BytesMut::from(&SASL_HEADER[..]);
    frame::put(Kind::Sasl, 0, &mut out, |out| Value::composite(0x41, init).encode(out));
    out.extend_from_slice(&AMQP_HEADER);
    let open = Open { container_id: "test".into(), ..Open::default() };
    frame::put_performative(0, Performative::Open(open), &[], &mut out);
    for channel in 0..2 {
        let begin = Begin { incoming_window: 100, outgoing_window: 100, ..Begin::default() };
        frame::put_performative(channel, Performative::Begin(begin), &[], &mut out);
    }
    out
}

/// Gives fields a meaning: few handles, and addresses that are there.
fn meant(performative: Performative, address: usize) -> Performative {
    const ADDRESSES: [&str; 6] = [
        "exports",
        "exports/Partitions/0",
        "$cbs",
        "$management",
        "exports/ConsumerGroups/$Default/Partitions/0",
        "no",
    ];
    let address = Some(ADDRESSES[address % ADDRESSES.len()].to_owned());
    match performative {
        Performative::Attach(mut attach) => {
            attach.handle %= 3;
            attach.source = Some(Source { address: address.clone(), filter: Value::Null });
            attach.target = Some(Target { address });
            Performative::Attach(attach)
        }
        Performative::Transfer(mut transfer) => {
            transfer.handle %= 3;
            Performative::Transfer(transfer)
        }
        Performative::Flow(mut flow) => {
            flow.handle = flow.handle.map(|handle| handle % 3);
            Performative::Flow(flow)
        }
        Performative::Detach(mut detach) => {
            detach.handle %= 3;
            Performative::Detach(detach)
        }
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_performatives_is_survived(
        sent in prop::collection::vec((performative(), 0_usize..6, 0_u16..2, ".{0,30}"), 0..30),
        noise in prop::collection::vec(any::<u8>(), 0..30),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let shared = shared(folder.path());
        let mut out = opened(&shared);
        for (performative, address, channel, payload) in sent {
            frame::put_performative(channel, meant(performative, address), payload.as_bytes(), &mut out);
        }
        out.extend_from_slice(&noise);
        let said = talk(shared, &out);
        prop_assert!(said.starts_with(&SASL_HEADER));
    }
}

#[test]
fn a_wrong_key_does_not_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let right = shared(folder.path());
    let other =
        Shared { policies: Policies::new("other", "exports"), ..Arc::into_inner(shared(folder.path())).unwrap() };
    let opened_with = |end: &[u8], said: &[u8]| said.windows(end.len()).any(|window| window == end);
    let said = talk(Arc::clone(&right), &opened(&right));
    assert!(opened_with(&AMQP_HEADER, &said));
    let said = talk(right, &opened(&other));
    assert!(!opened_with(&AMQP_HEADER, &said));
}

/// A transfer over the link with handle 0, of a frame of its own.
fn transfer(delivery: Option<u32>, more: bool) -> Performative {
    let tag = delivery.map(|delivery| bytes::Bytes::copy_from_slice(&delivery.to_be_bytes()));
    let transfer =
        Transfer { delivery_id: delivery, delivery_tag: tag, message_format: Some(0), more, ..Transfer::default() };
    Performative::Transfer(transfer)
}

/// What a peer that sends events to the hub without reading in between is told of them.
fn told(transfers: impl IntoIterator<Item = Performative>) -> Vec<Performative> {
    let folder = tempfile::tempdir().unwrap();
    let shared = shared(folder.path());
    let mut sent = opened(&shared);
    let target = Some(Target { address: Some("exports".into()) });
    let attach =
        Attach { name: "sender".into(), role: SENDER, target, initial_delivery_count: Some(0), ..Attach::default() };
    frame::put_performative(0, Performative::Attach(Box::new(attach)), &[], &mut sent);
    let event = Message(vec![Section::new(section::DATA, Value::Binary(bytes::Bytes::from_static(b"{}")))]).encode();
    for transfer in transfers {
        let is_whole = matches!(&transfer, Performative::Transfer(transfer) if !transfer.more);
        frame::put_performative(0, transfer, if is_whole { &event } else { &[] }, &mut sent);
    }
    let mut connection = Connection::new(shared, Arc::default());
    connection.advance(&mut sent);
    let mut said = std::mem::take(&mut connection.cx.out);
    let mut all = Vec::new();
    while !said.is_empty() {
        if said.starts_with(b"AMQP") {
            said.advance(8);
            continue;
        }
        let mut frame = frame::cut(&mut said).unwrap().unwrap();
        if frame.kind == Kind::Amqp {
            all.push(Performative::decode(&mut frame.body).unwrap());
        }
    }
    all
}

/// The ranges of deliveries that were accepted.
fn accepted(told: &[Performative]) -> Vec<(u32, u32)> {
    let range = |performative: &Performative| match performative {
        Performative::Disposition(said) if said.state == Some(Outcome::Accepted) => Some((said.first, said.last?)),
        _ => None,
    };
    told.iter().filter_map(range).collect()
}

/// The condition with which the link or the session ended.
fn ended(told: &[Performative]) -> Option<&str> {
    told.iter().find_map(|performative| match performative {
        Performative::Detach(detach) => detach.error.as_ref().map(|error| error.condition.as_str()),
        Performative::End(error) => error.as_ref().map(|error| error.condition.as_str()),
        _ => None,
    })
}

#[test]
fn whoever_keeps_to_credit_and_numbers_is_answered_at_once() {
    let told = told((7..207).map(|delivery| transfer(Some(delivery), false)));
    assert_eq!((accepted(&told), ended(&told)), (vec![(7, 206)], None));
    // More credit comes with the answer.
    let credit = told.iter().filter_map(|performative| match performative {
        Performative::Flow(flow) => Some((flow.delivery_count?, flow.link_credit?)),
        _ => None,
    });
    assert_eq!(credit.collect::<Vec<_>>(), [(0, 300), (200, 300)]);
}

#[test]
fn whoever_overdraws_the_credit_is_detached() {
    let told = told((0..301).map(|delivery| transfer(Some(delivery), false)));
    assert_eq!((accepted(&told), ended(&told)), (vec![(0, 299)], Some("amqp:link:transfer-limit-exceeded")));
}

#[test]
fn whoever_overruns_the_window_ends_the_session() {
    let frames = |count: usize| {
        let parts = std::iter::repeat_with(|| transfer(None, true)).take(count - 1);
        told(std::iter::once(transfer(Some(0), true)).chain(parts))
    };
    assert_eq!(ended(&frames(5000)), None);
    assert_eq!(ended(&frames(5001)), Some("amqp:session:window-violation"));
}

#[test]
fn whoever_leaves_a_number_out_ends_the_session() {
    for deliveries in [[0, 1, 3], [0, 1, 1], [5, 6, 5]] {
        let told = told(deliveries.map(|delivery| transfer(Some(delivery), false)));
        assert_eq!(accepted(&told), [(deliveries[0], deliveries[1])], "{deliveries:?}");
        assert_eq!(ended(&told), Some("amqp:not-allowed"), "{deliveries:?}");
    }
    let other = told([transfer(Some(0), true), transfer(Some(1), false)]);
    assert_eq!(ended(&other), Some("amqp:not-allowed"));
}
