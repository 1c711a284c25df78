//! How much of everything: limits that are refused, and limits above which a warning is given.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// The most rows of a file. A longer export is cut into parts.
pub const ROWS_PER_FILE_MAX: u64 = 5_000_000;

/// The most segments of one ad-hoc call.
pub const ADHOC_SEGMENTS_MAX: usize = 80;

/// Limits above which a warning is given: beyond them things work, but slower than people expect. An operator may set
/// them as suits the installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Guardrails {
    /// Segments activated by one flow.
    pub segments_per_flow: usize,
    /// Attributes mapped by one flow.
    pub attributes_per_flow: usize,
    /// Flows in one sandbox.
    pub flows_per_sandbox: usize,
    /// Segments of batch flows exported within the same hour, in one sandbox.
    pub segments_per_hour: usize,
}

impl Default for Guardrails {
    fn default() -> Guardrails {
        Guardrails { segments_per_flow: 250, attributes_per_flow: 50, flows_per_sandbox: 100, segments_per_hour: 100 }
    }
}

impl Guardrails {
    /// The warning of a flow that activates `count` segments.
    pub fn check_segments(&self, field: &str, count: usize) -> Option<Problem> {
        above(field, count, self.segments_per_flow, "segments in one flow")
    }

    /// The warning of a flow that maps `count` attributes.
    pub fn check_attributes(&self, field: &str, count: usize) -> Option<Problem> {
        above(field, count, self.attributes_per_flow, "mapped attributes in one flow")
    }

    /// The warning of a sandbox with `count` flows.
    pub fn check_flows(&self, count: usize) -> Option<Problem> {
        above("", count, self.flows_per_sandbox, "destinations in one sandbox")
    }

    /// The warning of a sandbox that exports `count` segments within one hour; `when` says which, as in `within the hour
    /// from 20:00`.
    pub fn check_hour(&self, field: &str, count: usize, when: &str) -> Option<Problem> {
        above(field, count, self.segments_per_hour, &format!("segments exported {when}"))
    }
}

fn above(field: &str, count: usize, limit: usize, what: &str) -> Option<Problem> {
    (count > limit).then(|| Problem::new(field, format!("{count} {what} are more than the recommended {limit}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_itself_is_fine() {
        let guardrails = Guardrails::default();
        assert_eq!(guardrails.check_segments("/s", 250), None);
        assert_eq!(
            guardrails.check_segments("/s", 251).unwrap().to_string(),
            "/s: 251 segments in one flow are more than the recommended 250"
        );
        assert!(guardrails.check_attributes("/a", 51).is_some() && guardrails.check_attributes("/a", 50).is_none());
        assert!(guardrails.check_flows(101).is_some() && guardrails.check_flows(100).is_none());
        assert_eq!(guardrails.check_hour("", 100, "within this hour"), None);
        assert_eq!(
            guardrails.check_hour("", 101, "within this hour").unwrap().message,
            "101 segments exported within this hour are more than the recommended 100"
        );
    }

    #[test]
    fn an_operator_sets_some_of_them() {
        let guardrails: Guardrails = serde_json::from_str(r#"{"attributesPerFlow": 3}"#).unwrap();
        assert_eq!(guardrails, Guardrails { attributes_per_flow: 3, ..Guardrails::default() });
        assert!(serde_json::from_str::<Guardrails>(r#"{"attributes": 3}"#).is_err());
    }
}
