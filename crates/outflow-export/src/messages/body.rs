//! Whole messages: their members in a fixed order, and the id by which repeats are known.

use aws_lc_rs::digest;

use super::shape::MessageShape;
use crate::encode::{write_instant, write_string};

/// That a profile is in a segment, or has left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The segment's place in [`MessageShape::segments`].
    pub segment: usize,
    /// When it entered, or left: microseconds since 1970.
    pub time_micros: i64,
    /// It has left.
    pub exited: bool,
}

/// What a message is made of.
pub struct MessageParts<'a> {
    /// As [`Encoder::attributes`](super::Encoder::attributes) writes them; may be empty.
    pub attributes: &'a [u8],
    /// As [`Encoder::identities`](super::Encoder::identities) writes them.
    pub identities: &'a [u8],
    /// In the order in which they are to stand.
    pub memberships: &'a [Membership],
    /// The profile's id, `namespace:value`: the message's key, before a service's limits make another of it.
    pub profile_id: &'a str,
    /// See [`event_id`].
    pub event_id: &'a [u8; 32],
    /// Number of the derivation.
    pub sequence: u64,
    /// The window or run that the message is of.
    pub run_id: &'a str,
}

/// Appends a message: one JSON object.
pub fn write_message(shape: &MessageShape, parts: &MessageParts<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    if !parts.attributes.is_empty() {
        out.extend_from_slice(parts.attributes);
        out.push(b',');
    }
    out.extend_from_slice(b"\"identityMap\":");
    out.extend_from_slice(parts.identities);
    out.extend_from_slice(b",\"segmentMembership\":{\"ups\":{");
    for (number, membership) in parts.memberships.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        let frame = &shape.frames[membership.segment];
        out.extend_from_slice(&frame.before);
        write_instant(membership.time_micros, 1_000_000, out);
        let status: &[u8] = if membership.exited { b"exited" } else { b"realized" };
        out.extend_from_slice(b"\",\"status\":\"");
        out.extend_from_slice(status);
        out.push(b'"');
        out.extend_from_slice(&frame.after);
    }
    out.extend_from_slice(b"}},\"profileId\":");
    write_string(parts.profile_id, out);
    out.extend_from_slice(b",\"eventId\":\"");
    out.extend_from_slice(parts.event_id);
    out.extend_from_slice(b"\",\"sequence\":");
    out.extend_from_slice(itoa::Buffer::new().format(parts.sequence).as_bytes());
    out.extend_from_slice(b",\"runId\":");
    write_string(parts.run_id, out);
    out.push(b'}');
}

/// The id of the message about a profile in the derivation of that number: the first 128 bits of the SHA-256 of the
/// flow's id, a zero byte, the profile's id, a zero byte and the number in decimal, as 32 hexadecimal digits.
pub fn event_id(flow_id: &str, profile_id: &str, sequence: u64) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for bytes in [flow_id.as_bytes(), b"\0", profile_id.as_bytes(), b"\0"] {
        context.update(bytes);
    }
    context.update(itoa::Buffer::new().format(sequence).as_bytes());
    let hash = context.finish();
    let digits = b"0123456789abcdef";
    let mut id = [0; 32];
    for (place, byte) in hash.as_ref()[..16].iter().enumerate() {
        id[2 * place] = digits[usize::from(byte >> 4)];
        id[2 * place + 1] = digits[usize::from(byte & 15)];
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::shape::{SegmentTimes, SegmentTold};
    use crate::messages::tree::Tree;

    #[test]
    fn members_stand_in_one_order_whatever_is_in_them() {
        let timestamps = SegmentTimes {
            created_at_millis: 1,
            updated_at_millis: 2,
            mapping_created_at_millis: 3,
            mapping_updated_at_millis: -4,
        };
        let segments = vec![
            SegmentTold { id: "a\"b".into(), name: None, timestamps: None },
            SegmentTold {
                id: "s2".into(),
                name: Some("N \\ \u{1}\u{7f}é\u{2028}".into()),
                timestamps: Some(timestamps),
            },
        ];
        let shape = MessageShape::of_tree(Tree::of(&[]).unwrap(), segments).unwrap();
        let written = |attributes: &str, memberships: &[Membership]| {
            let parts = MessageParts {
                attributes: attributes.as_bytes(),
                identities: b"{\"E\":[{\"id\":\"x\"}]}",
                memberships,
                profile_id: "E:x\"",
                event_id: b"0123456789abcdef0123456789abcdef",
                sequence: u64::MAX,
                run_id: "r\n1",
            };
            let mut out = Vec::new();
            write_message(&shape, &parts, &mut out);
            String::from_utf8(out).unwrap()
        };
        let both = [
            Membership { segment: 1, time_micros: 1_500_000, exited: true },
            Membership { segment: 0, time_micros: -1, exited: false },
        ];
        assert_eq!(
            written("\"x\":1", &both),
            "{\"x\":1,\"identityMap\":{\"E\":[{\"id\":\"x\"}]},\"segmentMembership\":{\"ups\":{\
             \"s2\":{\"lastQualificationTime\":\"1970-01-01T00:00:01.5Z\",\"status\":\"exited\",\
             \"name\":\"N \\\\ \\u0001\u{7f}é\u{2028}\",\"createdAt\":1,\"updatedAt\":2,\"mappingCreatedAt\":3,\
             \"mappingUpdatedAt\":-4},\
             \"a\\\"b\":{\"lastQualificationTime\":\"1969-12-31T23:59:59.999999Z\",\"status\":\"realized\"}}},\
             \"profileId\":\"E:x\\\"\",\
             \"eventId\":\"0123456789abcdef0123456789abcdef\",\"sequence\":18446744073709551615,\"runId\":\"r\\n1\"}"
        );
        assert!(
            written("", &[])
                .starts_with("{\"identityMap\":{\"E\":[{\"id\":\"x\"}]},\"segmentMembership\":{\"ups\":{}}")
        );
        serde_json::from_str::<serde_json::Value>(&written("", &both)).unwrap();
    }

    #[test]
    fn an_event_id_is_of_flow_profile_and_sequence() {
        // What `sha256sum` says of these bytes.
        assert_eq!(&event_id("f", "Email:a@b.c", 7), b"dd1640f0a9d77bfb8d9a28286c696be4");
        assert_ne!(event_id("f", "a", 11), event_id("f", "a1", 1));
    }
}
