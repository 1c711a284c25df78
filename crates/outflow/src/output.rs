//! What people and machines are told.

use std::io::Write;
use std::process::ExitCode;

use outflow_model::Fault;
use outflow_model::fault::chain;
use serde_json::{Value, json};

/// Prints `text` to stdout. A reader that went away ends the program quietly, as it does every filter.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints `text` to stderr.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints one JSON object to stdout.
pub fn say_json(value: &Value) {
    say(&value.to_string());
}

/// The `error` member of JSON output.
pub fn error_json(fault: &Fault) -> Value {
    json!({
        "class": fault.class.to_string(),
        "message": chain(fault),
        "tried": fault.tried,
        "hint": fault.hint,
    })
}

/// Tells a fault, on stderr for people and on stdout as JSON, and gives its exit status.
pub fn fail(fault: &Fault, json: bool) -> ExitCode {
    tell(fault);
    if json {
        say_json(&json!({"status": "failed", "error": error_json(fault)}));
    }
    exit(fault)
}

/// Tells a fault on stderr.
pub fn tell(fault: &Fault) {
    note(&format!("error: {}", chain(fault)));
    for (label, text) in [("tried", &fault.tried), ("to do", &fault.hint)] {
        let mut lines = text.lines();
        if let Some(first) = lines.next() {
            note(&format!("  {label}: {first}"));
            lines.for_each(|line| note(&format!("         {line}")));
        }
    }
}

/// The exit status of a fault.
pub fn exit(fault: &Fault) -> ExitCode {
    ExitCode::from(fault.class.exit_status())
}
