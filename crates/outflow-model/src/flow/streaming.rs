//! What makes a streaming flow send a message, and what a message tells beside the mapping.
//!
//! | place | meaning | default |
//! |---|---|---|
//! | `transformations[0].params.streaming.triggers.segmentation` | who enters, leaves, or left and came back | true |
//! | `….triggers.attributes` | a mapped attribute has another value | true |
//! | `….triggers.identities` | the profile's identities changed | true |
//! | `….streaming.rewrites` | also a newer record with the same values | false |
//! | `….streaming.coalesce` | what waits for the target is made anew when profiles change again | false |
//! | the target's `params.includeSegmentNames` | each membership tells its segment's name | false |
//! | the target's `params.includeSegmentTimestamps` | each membership tells when segment and activation were made and changed | false |

use serde::Serialize;
use serde_json::{Map, Value};

use super::MappingRow;
use crate::json::Node;
use crate::membership::MEMBERSHIP_FIELD;
use crate::problem::{Findings, Problems};

/// Members that every message has by itself: of these fields the whole, and four of its own.
const OWN_MEMBERS: [&str; 6] = ["identityMap", MEMBERSHIP_FIELD, "profileId", "eventId", "sequence", "runId"];

/// What makes a streaming flow send a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamingOptions {
    /// The changes that are told.
    pub triggers: StreamingTriggers,
    /// Whether a newer record with the same values is told.
    pub rewrites: bool,
    /// Whether messages that wait are made anew when profiles change again, so that only the last state is sent.
    pub coalesce: bool,
}

/// The changes of a profile that are told. What is not told by itself goes with the next message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StreamingTriggers {
    /// Membership in a segment of the flow.
    pub segmentation: bool,
    /// Mapped attributes.
    pub attributes: bool,
    /// Identities.
    pub identities: bool,
}

impl Default for StreamingTriggers {
    fn default() -> StreamingTriggers {
        StreamingTriggers { segmentation: true, attributes: true, identities: true }
    }
}

/// What messages tell of segments beside memberships.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessageOptions {
    /// The segment's name.
    pub include_segment_names: bool,
    /// When the segment and its activation were made and last changed.
    pub include_segment_timestamps: bool,
}

impl MessageOptions {
    /// The members of a target connection's `params` that are read here.
    pub const MEMBERS: [&'static str; 2] = ["includeSegmentNames", "includeSegmentTimestamps"];

    /// Reads the message options of `params`, the parameters of a target connection, which stand at `pointer` in its
    /// body. Members that are none of [`MEMBERS`](Self::MEMBERS) are left alone.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn parse(params: &Map<String, Value>, pointer: &str) -> Result<MessageOptions, Problems> {
        let mut findings = Findings::default();
        let params = Value::Object(params.clone());
        let node = Node::at(&params, pointer);
        let [names, timestamps] = Self::MEMBERS.map(|name| flag(&node, name, false, &mut findings));
        let options = MessageOptions { include_segment_names: names, include_segment_timestamps: timestamps };
        findings.into_result(Some(options)).map(|(options, _)| options)
    }
}

/// Reads the options of a streaming flow from the parameters of its transformation.
pub(super) fn parse(params: &Node<'_>, findings: &mut Findings) -> StreamingOptions {
    let mut options = StreamingOptions::default();
    let Some(node) = params.member("streaming") else { return options };
    refuse_unknown(&node, &["triggers", "rewrites", "coalesce"], findings);
    options.rewrites = flag(&node, "rewrites", false, findings);
    options.coalesce = flag(&node, "coalesce", false, findings);
    let Some(triggers) = node.member("triggers") else { return options };
    refuse_unknown(&triggers, &["segmentation", "attributes", "identities"], findings);
    options.triggers = StreamingTriggers {
        segmentation: flag(&triggers, "segmentation", true, findings),
        attributes: flag(&triggers, "attributes", true, findings),
        identities: flag(&triggers, "identities", true, findings),
    };
    options
}

/// Refuses to map what every message has by itself.
pub(super) fn refuse_own_members(rows: &[MappingRow], findings: &mut Findings) {
    for row in rows.iter().filter(|row| OWN_MEMBERS.contains(&row.path.root())) {
        let field = format!("{}/path", row.pointer);
        findings.add(field, format!("cannot be mapped: every message has a `{}` of its own", row.path.root()));
    }
}

fn flag(node: &Node<'_>, name: &str, unless_given: bool, findings: &mut Findings) -> bool {
    node.member(name).and_then(|member| member.boolean(findings)).unwrap_or(unless_given)
}

fn refuse_unknown(node: &Node<'_>, known: &[&str], findings: &mut Findings) {
    for name in node.object(findings).into_iter().flat_map(Map::keys).filter(|name| !known.contains(&name.as_str())) {
        findings.add(node.pointer_to(name), format!("is not known here; there are {}", known.join(", ")));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(params: &Value) -> (StreamingOptions, Vec<String>) {
        let mut findings = Findings::default();
        let options = parse(&Node::at(params, "/p"), &mut findings);
        (options, findings.problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn what_is_not_said_has_its_default() {
        let all = StreamingTriggers { segmentation: true, attributes: true, identities: true };
        let usual = StreamingOptions { triggers: all, rewrites: false, coalesce: false };
        assert_eq!(read(&json!({})), (usual, vec![]));
        assert_eq!(read(&json!({"streaming": null})), (usual, vec![]));
        let given = json!({"streaming": {"triggers": {"attributes": false}, "coalesce": true}});
        let wanted =
            StreamingOptions { triggers: StreamingTriggers { attributes: false, ..all }, coalesce: true, ..usual };
        assert_eq!(read(&given), (wanted, vec![]));
    }

    #[test]
    fn every_problem_is_told_by_its_place() {
        let given =
            json!({"streaming": {"triggers": {"attribute": true, "identities": 1}, "coalesce": "yes", "x/y": 2}});
        let (_, fields) = read(&given);
        assert_eq!(
            fields,
            [
                "/p/streaming/x~1y",
                "/p/streaming/coalesce",
                "/p/streaming/triggers/attribute",
                "/p/streaming/triggers/identities"
            ]
        );
        assert_eq!(read(&json!({"streaming": []})).1, ["/p/streaming"]);
    }

    #[test]
    fn a_target_says_what_messages_tell_of_segments() {
        let options = |params: Value| MessageOptions::parse(params.as_object().unwrap(), "/params");
        assert_eq!(options(json!({"stream": "s"})).unwrap(), MessageOptions::default());
        let both = options(json!({"includeSegmentNames": true, "includeSegmentTimestamps": true})).unwrap();
        assert!(both.include_segment_names && both.include_segment_timestamps);
        let refused = options(json!({"includeSegmentNames": "true"})).unwrap_err();
        assert_eq!(refused.0[0].field, "/params/includeSegmentNames");
    }
}
