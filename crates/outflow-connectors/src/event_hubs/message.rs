//! A message as an event: encoded once, straight into the buffer that is sent.
//!
//! Every event is a transfer of its own, with the profile's id as partition key. A batch of Event Hubs has one key for all
//! its events; to fill batches, profiles would have to share keys, which tells consumers nothing, and few enough keys for
//! full batches spread badly over a hub's partitions. Transfers need not wait for each other, so that nothing is won
//! by batches but the service's own framing, and each event has an answer of its own.

use std::borrow::Cow;

use aws_lc_rs::digest::{SHA256, digest};
use outflow_connector_kit::Message;

use super::amqp::{encode, frame, performative};

/// The service's limit for a partition key: 128 characters. Counted in bytes here, which is never more.
pub(super) const KEY_BYTES_MAX: usize = 128;

const PARTITION_KEY: &str = "x-opt-partition-key";
const CONTENT_TYPE: &str = "application/json";

/// Head of a frame and its performative, at most, in bytes.
const HEAD_BYTES_MAX: usize = 40;

/// The partition key of a message's key: the key itself, or the SHA-256 of one that is longer than the service allows,
/// in hexadecimal.
pub(super) fn partition_key(key: &[u8]) -> Cow<'_, [u8]> {
    if key.len() <= KEY_BYTES_MAX {
        return Cow::Borrowed(key);
    }
    let digits = b"0123456789abcdef";
    let hash = digest(&SHA256, key);
    let nibbles = hash.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    Cow::Owned(nibbles.map(|nibble| digits[usize::from(nibble)]).collect())
}

fn annotations_bytes(key_bytes: usize) -> usize {
    let key_bytes = if key_bytes <= KEY_BYTES_MAX { key_bytes } else { 64 };
    encode::sized_bytes(PARTITION_KEY.len()) + encode::sized_bytes(key_bytes)
}

fn properties_bytes(event_id: &[u8]) -> usize {
    encode::sized_bytes(event_id.len()) + 5 + encode::sized_bytes(CONTENT_TYPE.len())
}

/// The bytes of the event, as the hub counts them against its limit.
pub(super) fn encoded_bytes(message: &Message) -> usize {
    let annotations = annotations_bytes(message.key.len());
    let properties = properties_bytes(&message.event_id);
    let heads = 9 + encode::compound_bytes(annotations) + encode::compound_bytes(properties);
    heads + annotations + properties + encode::sized_bytes(message.body.len())
}

/// Writes the event: its partition key, its id and media type, its body.
fn encode(message: &Message, out: &mut Vec<u8>) {
    let key = partition_key(&message.key);
    out.extend_from_slice(&[0, 0x53, 0x72]);
    encode::compound(out, [0xc1, 0xd1], annotations_bytes(key.len()), 2);
    encode::symbol(out, PARTITION_KEY);
    encode::text(out, &key);
    // message-id, then user-id, to, subject, reply-to and correlation-id, which are absent, then content-type.
    out.extend_from_slice(&[0, 0x53, 0x73]);
    encode::compound(out, [0xc0, 0xd0], properties_bytes(&message.event_id), 7);
    encode::text(out, &message.event_id);
    out.extend_from_slice(&[0x40; 5]);
    encode::symbol(out, CONTENT_TYPE);
    out.extend_from_slice(&[0, 0x53, 0x75]);
    encode::binary(out, &message.body);
}

/// The frames that an event of `event_bytes` takes where no frame may be larger than `frame_bytes_max`.
pub(super) fn frames_of(event_bytes: usize, frame_bytes_max: usize) -> u32 {
    let room = frame_bytes_max.saturating_sub(HEAD_BYTES_MAX).max(1);
    event_bytes.div_ceil(room).max(1) as u32
}

/// Writes the frames of one transfer.
pub(super) fn transfer(message: &Message, handle: u32, delivery_id: u32, frame_bytes_max: usize, out: &mut Vec<u8>) {
    let bytes = encoded_bytes(message);
    let room = frame_bytes_max.saturating_sub(HEAD_BYTES_MAX).max(1);
    if bytes <= room {
        transfer_head(out, handle, Some(delivery_id), false, bytes);
        encode(message, out);
        return;
    }
    let mut event = Vec::with_capacity(bytes);
    encode(message, &mut event);
    let pieces = event.chunks(room);
    let last = pieces.len() - 1;
    for (number, piece) in pieces.enumerate() {
        transfer_head(out, handle, (number == 0).then_some(delivery_id), number < last, piece.len());
        out.extend_from_slice(piece);
    }
}

/// The head of a frame with `payload` bytes of a transfer. Only the first of a transfer's frames names the delivery.
pub(super) fn transfer_head(out: &mut Vec<u8>, handle: u32, delivery_id: Option<u32>, more: bool, payload: usize) {
    let mut fields = [0; HEAD_BYTES_MAX];
    let mut length = 0;
    let mut put = |bytes: &[u8]| {
        fields[length..length + bytes.len()].copy_from_slice(bytes);
        length += bytes.len();
    };
    put(&[0x70]);
    put(&handle.to_be_bytes());
    match delivery_id {
        Some(id) => {
            put(&[0x70]);
            put(&id.to_be_bytes());
            put(&[0xa0, 4]);
            put(&id.to_be_bytes());
            // Format 0, not settled by us.
            put(&[0x43, 0x42]);
        }
        None => put(&[0x40; 4]),
    }
    put(&[if more { 0x41 } else { 0x42 }]);
    frame::head(out, frame::AMQP, 6 + length + payload);
    out.extend_from_slice(&[0, 0x53, performative::TRANSFER, 0xc0, length as u8 + 1, 6]);
    out.extend_from_slice(&fields[..length]);
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::super::amqp::performative::{Incoming, read};
    use super::*;

    fn message(key: &str, body: &str) -> Message {
        Message {
            key: Bytes::copy_from_slice(key.as_bytes()),
            event_id: Bytes::from_static(b"0123456789abcdef0123456789abcdef"),
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    #[test]
    fn an_event_has_these_bytes() {
        let mut out = Vec::new();
        encode(&message("k1", "{}"), &mut out);
        let mut golden = b"\x00\x53\x72\xc1\x1a\x02\xa3\x13x-opt-partition-key\xa1\x02k1".to_vec();
        golden.extend(b"\x00\x53\x73\xc0\x3a\x07\xa1\x20");
        golden.extend(b"0123456789abcdef0123456789abcdef\x40\x40\x40\x40\x40\xa3\x10application/json");
        golden.extend(b"\x00\x53\x75\xa0\x02{}");
        assert_eq!(out, golden);
    }

    #[test]
    fn the_weight_is_what_is_written() {
        for (key, body) in [(1, 0), (128, 255), (129, 256), (4000, 70_000)] {
            let message = message(&"ä".repeat(key), &"x".repeat(body));
            let mut out = Vec::new();
            encode(&message, &mut out);
            assert_eq!(out.len(), encoded_bytes(&message), "{key} {body}");
        }
    }

    #[test]
    fn keys_too_long_are_hashed() {
        assert_eq!(partition_key(b"email:a").as_ref(), b"email:a");
        let long = "a".repeat(129);
        let hash = partition_key(long.as_bytes());
        assert_eq!(hash.len(), 64);
        assert_eq!(&hash[..], partition_key(long.as_bytes()).as_ref());
    }

    #[test]
    fn a_large_event_is_cut_into_frames() {
        let message = message("k", &"x".repeat(1000));
        let bytes = encoded_bytes(&message);
        let mut out = Vec::new();
        transfer(&message, 2, 7, 512, &mut out);
        let (mut rest, mut payloads, mut frames) = (out.as_slice(), Vec::new(), 0);
        while !rest.is_empty() {
            let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            assert!(size <= 512);
            let Incoming::Transfer { handle: 2, delivery_id, settled: false, more, payload } =
                read(&rest[8..size]).unwrap()
            else {
                panic!("no transfer");
            };
            frames += 1;
            assert_eq!(delivery_id, (frames == 1).then_some(7));
            payloads.extend_from_slice(payload);
            rest = &rest[size..];
            assert_eq!(more, !rest.is_empty());
        }
        assert_eq!(frames, frames_of(bytes, 512));
        let mut whole = Vec::new();
        encode(&message, &mut whole);
        assert_eq!(payloads, whole);
    }
}
