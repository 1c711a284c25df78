//! Answers that say no, as faults: whose move is next decides the exit status, as it does for every command.

use std::time::Duration;

use outflow_model::{Fault, FaultClass};
use serde_json::Value;

use super::violation::Violations;

/// The fault behind an answer with `status` and `body`, which is `application/problem+json` where the server made it.
pub fn fault(status: u16, body: &[u8], tried: &str, retry_after: Option<Duration>) -> Fault {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |name: &str| body[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let message = ["detail", "errorMessage", "message", "title"].into_iter().find_map(text);
    let message = message.map_or_else(|| format!("the server answered {status}"), without_period);
    let class = text("class").and_then(class_named).unwrap_or_else(|| class_of(status));
    let mut hint: Vec<String> = field_problems(&body, &message);
    let violations = Violations::of(&body);
    match &violations {
        Some(_) => hint.extend(text("hint").map(violated)),
        None => hint.extend(text("hint").map(str::to_owned)),
    }
    if hint.is_empty() {
        hint.extend(advice(status).map(str::to_owned));
    }
    if let Some(reference) = text("reference") {
        hint.push(format!("the server's log has more under {reference}"));
    }
    let mut tried = vec![tried.to_owned()];
    // A probe's steps say what was tried, one by one.
    let steps = super::probe::lines(&body);
    if steps.is_empty() {
        tried.extend(text("tried").map(str::to_owned));
    } else {
        tried.extend(steps);
    }
    let tried = tried.join("\n");
    let fault = Fault::new(class, message).tried(tried).hint(hint.join("\n")).retry_after(retry_after);
    match violations {
        Some(violations) => fault.because(violations),
        None => fault,
    }
}

/// What to do about violations, in the words of commands.
fn violated(hint: &str) -> String {
    let advice = "follow one way out of each violation";
    let unsaved = "what was refused is not saved: a segment or policy that it was to add needs only be left out of it";
    if hint.contains("onViolation=pause") {
        format!("{advice}, or give --on-violation pause, which makes the change and pauses these flows\n{unsaved}")
    } else {
        format!("{advice}\n{unsaved}")
    }
}

/// Each field that is wrong, on a line of its own, unless the message says it already.
fn field_problems(body: &Value, message: &str) -> Vec<String> {
    let problems = body["problems"].as_array().map_or(&[][..], Vec::as_slice);
    let lines = problems.iter().filter_map(|problem| {
        let told = problem["message"].as_str()?;
        let line = match problem["field"].as_str().filter(|field| !field.is_empty()) {
            Some(field) => format!("{field}: {told}"),
            None => told.to_owned(),
        };
        (!message.contains(told)).then_some(line)
    });
    lines.collect()
}

fn without_period(text: &str) -> String {
    text.strip_suffix('.').unwrap_or(text).to_owned()
}

fn class_named(name: &str) -> Option<FaultClass> {
    serde_json::from_value(Value::from(name)).ok()
}

/// Whose move is next, by the status alone.
fn class_of(status: u16) -> FaultClass {
    match status {
        401 => FaultClass::Credentials,
        403 | 409 | 412 => FaultClass::Refused,
        408 | 502..=504 => FaultClass::Unavailable,
        429 => FaultClass::Throttled,
        400..=499 => FaultClass::Input,
        500.. => FaultClass::Internal,
        // Outflow's API does not redirect: somebody else answers.
        _ => FaultClass::Config,
    }
}

fn advice(status: u16) -> Option<&'static str> {
    match status {
        401 => Some("get a new token: export OUTFLOW_TOKEN=$(outflow token --data-dir DIR)"),
        403 => Some("ask for a client that has the right, or the sandbox (--sandbox)"),
        412 => Some("somebody changed it meanwhile; look at it and try again"),
        503 => Some("try again in a moment"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn told(status: u16, body: &Value) -> Fault {
        fault(status, body.to_string().as_bytes(), "GET /x", None)
    }

    #[test]
    fn the_class_is_the_servers_or_follows_from_the_status() {
        assert_eq!(told(400, &json!({"class": "credentials", "detail": "no"})).class, FaultClass::Credentials);
        for (status, class) in [
            (400, FaultClass::Input),
            (404, FaultClass::Input),
            (401, FaultClass::Credentials),
            (403, FaultClass::Refused),
            (409, FaultClass::Refused),
            (412, FaultClass::Refused),
            (428, FaultClass::Input),
            (429, FaultClass::Throttled),
            (500, FaultClass::Internal),
            (503, FaultClass::Unavailable),
            (302, FaultClass::Config),
        ] {
            assert_eq!(told(status, &json!({})).class, class, "{status}");
        }
    }

    #[test]
    fn every_field_is_told_once() {
        let body = json!({"detail": "two fields are wrong.", "problems": [
            {"field": "/name", "message": "is missing"}, {"field": "", "message": "is too long"}]});
        let fault = told(400, &body);
        assert_eq!(fault.message, "two fields are wrong");
        assert_eq!(fault.hint, "/name: is missing\nis too long");
    }

    #[test]
    fn violations_go_with_the_fault_and_the_way_past_them_is_an_option() {
        let body = json!({"detail": "flow acme would violate policy No mail", "count": 2, "violations": [{}],
            "violationsLeftOut": 1, "hint": "Follow one, or send the change with onViolation=pause."});
        let fault = told(409, &body);
        assert_eq!(outflow_model::fault::chain(&fault), "flow acme would violate policy No mail: 2 violations");
        assert!(fault.hint.contains("--on-violation pause") && !fault.hint.contains("onViolation"), "{}", fault.hint);
    }

    #[test]
    fn what_is_no_problem_is_told_by_its_status() {
        let fault = fault(502, b"<html>bad gateway</html>", "GET /x", None);
        assert_eq!((fault.message.as_str(), fault.class), ("the server answered 502", FaultClass::Unavailable));
    }
}
