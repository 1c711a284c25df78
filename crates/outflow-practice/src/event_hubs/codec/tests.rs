//! What is encoded decodes to itself, and no bytes whatever make the codec panic.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::frame::{self, Kind};
use super::message::Message;
use super::performative::{
    AmqpError, Attach, Begin, Detach, Disposition, Flow, Open, Outcome, Performative, Source, Target, Transfer,
};
use super::value::{Value, encoded_bytes};

fn scalar() -> BoxedStrategy<Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<u8>().prop_map(Value::Ubyte),
        any::<u16>().prop_map(Value::Ushort),
        any::<u32>().prop_map(Value::Uint),
        any::<u64>().prop_map(Value::Ulong),
        (0_u64..300).prop_map(Value::Ulong),
        any::<i8>().prop_map(Value::Byte),
        any::<i16>().prop_map(Value::Short),
        (-300_i32..300).prop_map(Value::Int),
        any::<i64>().prop_map(Value::Long),
        any::<u32>().prop_map(Value::Float),
        any::<u64>().prop_map(Value::Double),
        any::<u32>().prop_map(Value::Decimal32),
        any::<u64>().prop_map(Value::Decimal64),
        any::<u128>().prop_map(Value::Decimal128),
        any::<u32>().prop_map(Value::Char),
        any::<i64>().prop_map(Value::Timestamp),
        any::<u128>().prop_map(Value::Uuid),
        prop::collection::vec(any::<u8>(), 0..400).prop_map(|bytes| Value::Binary(bytes.into())),
        ".{0,100}".prop_map(Value::String),
        "[ -~]{0,300}".prop_map(Value::Symbol),
    ]
    .boxed()
}

fn array() -> BoxedStrategy<Value> {
    let of = |items: BoxedStrategy<Value>| prop::collection::vec(items, 0..6).prop_map(Value::Array);
    prop_oneof![
        of(any::<bool>().prop_map(Value::Bool).boxed()),
        of(any::<u64>().prop_map(Value::Ulong).boxed()),
        of(".{0,20}".prop_map(Value::String).boxed()),
        of("[a-z]{0,20}".prop_map(|text| Value::Described(Box::new((Value::Ulong(7), Value::Symbol(text))))).boxed()),
        of(prop::collection::vec(scalar(), 0..3).prop_map(Value::List).boxed()),
    ]
    .boxed()
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![4 => scalar(), 1 => array()].prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::vec((inner.clone(), inner.clone()), 0..5).prop_map(Value::Map),
            (scalar(), inner).prop_map(|pair| Value::Described(Box::new(pair))),
        ]
    })
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[ -~]{0,40}")
}

fn error() -> impl Strategy<Value = Option<AmqpError>> {
    prop::option::of(("[a-z:-]{1,30}", ".{0,60}").prop_map(|(c, d)| AmqpError::new(c, d)))
}

/// Any performative, with fields that mean nothing.
pub(crate) fn performative() -> impl Strategy<Value = Performative> {
    let number = any::<u32>;
    let maybe = || prop::option::of(any::<u32>());
    prop_oneof![
        ("[a-z]{1,20}", text(), maybe(), any::<Option<u16>>(), maybe()).prop_map(
            |(container_id, hostname, max_frame_bytes, channel_max, idle_timeout_millis)| Performative::Open(Open {
                container_id,
                hostname,
                max_frame_bytes,
                channel_max,
                idle_timeout_millis
            })
        ),
        (any::<Option<u16>>(), number(), number(), number(), maybe()).prop_map(
            |(remote_channel, next_outgoing_id, incoming_window, outgoing_window, handle_max)| {
                Performative::Begin(Begin {
                    remote_channel,
                    next_outgoing_id,
                    incoming_window,
                    outgoing_window,
                    handle_max,
                })
            }
        ),
        ("[a-z]{1,20}", number(), any::<bool>(), any::<Option<u8>>(), text(), text(), maybe(), any::<Option<u64>>())
            .prop_map(|(name, handle, role, mode, from, to, initial_delivery_count, max_message_bytes)| {
                Performative::Attach(Box::new(Attach {
                    name,
                    handle,
                    role,
                    snd_settle_mode: mode,
                    rcv_settle_mode: mode,
                    source: from.map(|address| Source { address: Some(address), filter: Value::Null }),
                    target: to.map(|address| Target { address: Some(address) }),
                    initial_delivery_count,
                    max_message_bytes,
                }))
            }),
        messaging(),
    ]
}

fn messaging() -> impl Strategy<Value = Performative> {
    let number = any::<u32>;
    let maybe = || prop::option::of(any::<u32>());
    prop_oneof![
        (maybe(), number(), number(), maybe(), maybe(), any::<(bool, bool)>()).prop_map(
            |(next_incoming_id, incoming_window, next_outgoing_id, handle, credit, (drain, echo))| {
                Performative::Flow(Flow {
                    next_incoming_id,
                    incoming_window,
                    next_outgoing_id,
                    outgoing_window: incoming_window,
                    handle,
                    delivery_count: credit,
                    link_credit: credit,
                    drain,
                    echo,
                })
            }
        ),
        (number(), maybe(), any::<Option<[u8; 4]>>(), any::<Option<bool>>(), any::<(bool, bool)>()).prop_map(
            |(handle, delivery_id, tag, settled, (more, aborted))| {
                Performative::Transfer(Transfer {
                    handle,
                    delivery_id,
                    delivery_tag: tag.map(|tag| Bytes::copy_from_slice(&tag)),
                    message_format: delivery_id,
                    settled,
                    more,
                    aborted,
                })
            }
        ),
        (any::<(bool, bool)>(), number(), maybe(), prop::option::of(outcome())).prop_map(
            |((role, settled), first, last, state)| {
                Performative::Disposition(Disposition { role, first, last, settled, state })
            }
        ),
        (number(), any::<bool>(), error()).prop_map(|(handle, closed, error)| Performative::Detach(Detach {
            handle,
            closed,
            error
        })),
        error().prop_map(Performative::End),
        error().prop_map(Performative::Close),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Accepted),
        Just(Outcome::Released),
        any::<bool>().prop_map(|failed| Outcome::Modified { failed }),
        ("[a-z:-]{1,30}", ".{0,60}").prop_map(|(c, d)| Outcome::Rejected(AmqpError::new(c, d))),
    ]
}

proptest! {
    #[test]
    fn values_come_back(value in value()) {
        let mut out = BytesMut::new();
        value.encode(&mut out);
        let mut bytes = out.freeze();
        prop_assert_eq!(encoded_bytes(&bytes), Ok(bytes.len()));
        prop_assert_eq!(Value::decode(&mut bytes), Ok(value));
        prop_assert!(bytes.is_empty());
    }

    #[test]
    fn performatives_come_back_in_frames(performative in performative(), channel in any::<u16>(), payload in ".{0,50}") {
        let mut out = BytesMut::new();
        frame::put_performative(channel, performative.clone(), payload.as_bytes(), &mut out);
        let whole = out.len();
        for cut in [1, 7, whole - 1] {
            prop_assert_eq!(frame::cut(&mut BytesMut::from(&out[..cut])), Ok(None));
        }
        let mut frame = frame::cut(&mut out).unwrap().unwrap();
        prop_assert_eq!((frame.kind, frame.channel), (Kind::Amqp, channel));
        prop_assert_eq!(Performative::decode(&mut frame.body), Ok(performative));
        prop_assert_eq!(frame.body.as_ref(), payload.as_bytes());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let bytes = Bytes::from(bytes);
        let _ = Value::decode(&mut bytes.clone());
        let _ = encoded_bytes(&bytes);
        let _ = Performative::decode(&mut bytes.clone());
        let _ = super::sasl::decode_init(&mut bytes.clone());
        let _ = Message::decode(bytes.clone()).map(|message| message.data().count());
        let _ = frame::cut(&mut BytesMut::from(bytes.as_ref()));
    }

    #[test]
    fn no_damage_panics(value in value(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut out = BytesMut::new();
        value.encode(&mut out);
        let place = at.index(out.len());
        out[place] = byte;
        let bytes = out.freeze();
        let _ = encoded_bytes(&bytes);
        let _ = Value::decode(&mut bytes.clone());
        let _ = Performative::decode(&mut bytes.clone());
    }
}

#[test]
fn depth_and_number_are_bounded() {
    let deep = |constructor: &[u8]| Value::decode(&mut Bytes::from(constructor.repeat(100_000)));
    assert!(deep(&[0x00]).is_err(), "descriptors of descriptors");
    assert!(deep(&[0xd0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]).is_err());
    // An array of a hundred million nulls takes nine bytes.
    let many = [0xf0, 0, 0, 0, 5, 5, 0xf5, 0xe1, 0, 0x40];
    assert!(Value::decode(&mut Bytes::copy_from_slice(&many)).is_err());
    let mut list = Value::Null;
    for _ in 0..40 {
        list = Value::List(vec![list]);
    }
    let mut out = BytesMut::new();
    list.encode(&mut out);
    assert!(Value::decode(&mut out.freeze()).is_err());
}

#[test]
fn a_frame_that_is_too_large_is_refused_at_its_header() {
    let mut received = BytesMut::from(&[0, 1, 0, 1, 2, 0, 0, 0][..]);
    assert!(frame::cut(&mut received).is_err());
}
