//! Changes after which flows may violate a policy: refused, unless the person has those flows paused.

use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::client::At;
use crate::client::nouns::name;
use crate::client::violation::Violations;

/// What becomes of a change after which enabled flows violate a policy.
#[derive(Args, Clone, Copy, Default)]
pub struct OnViolationArgs {
    /// What to do where enabled flows would violate a policy afterwards [default: refuse]
    #[arg(long, value_enum, value_name = "WHAT")]
    on_violation: Option<OnViolation>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnViolation {
    /// Change nothing, and say why
    Refuse,
    /// Make the change, and pause those flows
    Pause,
}

impl OnViolationArgs {
    /// The place of a change, with what to do.
    pub fn at(self, at: At) -> At {
        match self.on_violation {
            Some(OnViolation::Pause) => at.with("onViolation", "pause"),
            Some(OnViolation::Refuse) | None => at,
        }
    }
}

impl OnViolationArgs {
    /// Whether such flows are to be paused.
    pub fn pauses(self) -> bool {
        self.on_violation == Some(OnViolation::Pause)
    }
}

/// The flows that a change has paused, and why.
pub fn paused_lines(answer: &Value) -> Vec<String> {
    let paused = answer["pausedFlows"].as_array().into_iter().flatten();
    let lines = paused.flat_map(|flow| {
        let mut lines = vec![format!("flow {} is paused:", name(flow))];
        let violations = Violations::of(flow).map(|violations| violations.lines()).unwrap_or_default();
        lines.extend(violations.into_iter().map(|line| format!("  {line}")));
        lines
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paused_flows_are_told_with_their_violations() {
        let lines = paused_lines(&json!({"pausedFlows": [{"name": "acme", "violations": [
            {"policy": {"id": "p", "name": "No mail"}, "segment": {"name": "gold"}, "flow": {"name": "acme"}}]}]}));
        assert_eq!(lines[..2], ["flow acme is paused:", "  policy \"No mail\" (p), segment gold of flow acme"]);
        assert!(paused_lines(&json!({})).is_empty());
    }
}
