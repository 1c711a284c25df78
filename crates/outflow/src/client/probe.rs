//! What a probe at the server found, told as `outflow probe` tells it.

use serde_json::Value;

/// The steps of an answer's `probe` member, or of its own.
pub fn lines(answer: &Value) -> Vec<String> {
    let steps = answer["probe"]["steps"].as_array().or_else(|| answer["steps"].as_array());
    steps.into_iter().flatten().flat_map(line).collect()
}

fn line(step: &Value) -> Vec<String> {
    let text = |name: &str| step[name].as_str().unwrap_or_default();
    let mark = match text("outcome") {
        "passed" => "ok     ",
        "limited" => "limited",
        _ => "FAILED ",
    };
    let told = if text("found").is_empty() { text("message") } else { text("found") };
    let mut lines = vec![format!("  {mark}  {}{}", text("name"), if told.is_empty() { "" } else { ": " })];
    lines[0].push_str(told);
    for (label, member) in [("tried", "tried"), ("to do", "hint")] {
        if !text(member).is_empty() {
            lines.push(format!("           {label}: {}", text(member)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_step_is_a_line_and_a_failure_says_what_to_do() {
        let passed = json!({"name": "Reach the endpoint", "outcome": "passed", "found": "MinIO"});
        assert_eq!(line(&passed), ["  ok       Reach the endpoint: MinIO"]);
        let failed =
            json!({"name": "Sign in", "outcome": "failed", "message": "unknown key", "tried": "", "hint": "mend it"});
        assert_eq!(line(&failed), ["  FAILED   Sign in: unknown key", "           to do: mend it"]);
    }
}
