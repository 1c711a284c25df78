//! Whether somebody is told of by what is left of a set, so that a set need not be taken back for people it has nothing of.

use outflow_model::Fault;
use outflow_profiles::snapshot::IdentityKeys;
use serde_json::Value;

use super::acks::Acks;
use super::outbox::OpenSet;
use super::rebase::fragments;

/// In a message of somebody who is in a segment; see [`write_message`](super::write_message).
const REALIZED: &[u8] = b"\"status\":\"realized\"";

/// Messages between which the work is asked whether it goes on.
const CHECKED_MESSAGES: usize = 4_096;

/// Whether a message of `set` that is not settled tells of somebody with one of these identities more than that they left.
/// `check` is asked now and then whether this goes on.
///
/// # Errors
/// `Input` for a set that is damaged or not there; what `check` answers.
pub fn tells_of_any(
    set: &OpenSet,
    acks: &Acks,
    keys: &IdentityKeys,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<bool, Fault> {
    let first = acks.first_open();
    if keys.is_empty() || first >= set.messages {
        return Ok(false);
    }
    for (count, message) in set.reader(first).enumerate() {
        if count % CHECKED_MESSAGES == 0 {
            check()?;
        }
        let (number, message) = message?;
        if acks.is_settled(number) {
            continue;
        }
        let body = &message.body;
        let tells = match fragments(body) {
            Some((attributes, identities)) => {
                let is_exit = || !body[identities.end..].windows(REALIZED.len()).any(|window| window == REALIZED);
                has_any(keys, &body[identities.clone()]) && !(attributes.is_empty() && is_exit())
            }
            // What cannot be read may tell of anybody.
            None => true,
        };
        if tells {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether one of `identities`, as messages have them, is among `keys`. Those that cannot be read may be.
pub(super) fn has_any(keys: &IdentityKeys, identities: &[u8]) -> bool {
    let Ok(Value::Object(map)) = serde_json::from_slice(identities) else { return true };
    map.iter().any(|(namespace, listed)| {
        let mut ids = listed.as_array().into_iter().flatten().filter_map(|one| one.get("id")?.as_str());
        ids.any(|id| keys.contains(namespace, id))
    })
}

#[cfg(test)]
mod tests {
    use outflow_profiles::snapshot::identity_key;

    use super::super::body::{Membership, MessageParts, write_message};
    use super::super::outbox::{SetCounts, SetWriter};
    use super::super::shape::{MessageShape, SegmentTold};
    use super::super::tree::Tree;
    use super::*;

    #[test]
    fn only_what_is_left_and_says_more_than_an_exit_counts() {
        let dir = tempfile::tempdir().unwrap();
        let named = SegmentTold { id: "s".into(), name: Some("\"status\":\"realized\"".into()), timestamps: None };
        let shape = MessageShape::of_tree(Tree::of(&[]).unwrap(), vec![named]).unwrap();
        let body = |who: &str, attributes: &str, exited: bool| {
            let identities = format!(r#"{{"E":[{{"id":"x"}},{{"id":"{who}"}}]}}"#);
            let parts = MessageParts {
                attributes: attributes.as_bytes(),
                identities: identities.as_bytes(),
                memberships: &[Membership { segment: 0, time_micros: 0, exited }],
                profile_id: "E:x",
                event_id: &[b'0'; 32],
                sequence: 1,
                run_id: "r",
            };
            let mut body = Vec::new();
            write_message(&shape, &parts, &mut body);
            body
        };
        let bodies = [
            body("settled", "", false),
            body("in", "", false),
            body("told", r#""a":1"#, true),
            body("out", "", true),
            body("both", r#""a":{"identityMap":"b"}"#, false),
        ];
        let mut writer = SetWriter::create(dir.path(), 0);
        for (order, body) in bodies.iter().enumerate() {
            writer.add(order as i64, &format!("E:{order}"), &[b'0'; 32], body).unwrap();
        }
        let parts = writer.finish().unwrap().into_iter().collect();
        let (folder, run_id) = (dir.path().to_path_buf(), "r".to_owned());
        let set = OpenSet { folder, sequence: 1, run_id, messages: 5, parts, counts: SetCounts::default() };
        let mut acks = Acks::open(dir.path()).unwrap();
        acks.accept(0, 1).unwrap();
        let of = |who: &str| IdentityKeys::new(vec![identity_key("E", who), identity_key("F", "x")]);
        let tells = |who: &str| tells_of_any(&set, &acks, &of(who), &|| Ok(())).unwrap();
        let told = ["settled", "in", "told", "out", "both", "nobody", "x"].map(tells);
        assert_eq!(told, [false, true, true, false, true, false, true]);
        assert!(!tells_of_any(&set, &acks, &IdentityKeys::new(Vec::new()), &|| Ok(())).unwrap());
        let stopped = tells_of_any(&set, &acks, &of("nobody"), &|| Err(Fault::internal("stopped")));
        assert_eq!(stopped.unwrap_err().message, "stopped");
        (1..5).for_each(|number| acks.accept(number, 1).unwrap());
        assert!(!tells_of_any(&set, &acks, &of("in"), &|| Ok(())).unwrap());
    }
}
