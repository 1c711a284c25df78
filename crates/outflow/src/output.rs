//! What people and machines are told.

use std::io::{Error, ErrorKind, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use outflow_model::fault::chain;
use outflow_model::{Fault, FaultClass};
use serde_json::{Value, json};

use crate::client::violation::Violations;
use crate::members;

/// Why stdout did not take something.
static UNSAID: Mutex<Option<Error>> = Mutex::new(None);

/// Whether members of accounts and targets are called as the API calls them.
static API_NAMES: AtomicBool = AtomicBool::new(false);

/// From now on faults are told as they are: whoever talks to a server, or runs one, knows accounts and targets by the
/// API's names, not as variables and parts of a URL.
pub fn keep_names() {
    API_NAMES.store(true, Ordering::Relaxed);
}

fn shown(class: FaultClass, told: &str) -> String {
    if API_NAMES.load(Ordering::Relaxed) { told.to_owned() } else { members::shown(class, told) }
}

/// Prints `text` to stdout. Where that fails, [`finish`] says so: the work goes on, for a summary is not the delivery.
pub fn say(text: &str) {
    let mut stdout = std::io::stdout();
    if let Err(e) = writeln!(stdout, "{text}").and_then(|()| stdout.flush()) {
        UNSAID.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(e);
    }
}

/// The exit status of a command that ended with `code`. A reader that went away does not change it, as it does not for
/// other filters. Other reasons that nothing was printed are a failure, for who reads stdout got less than there was.
pub fn finish(code: ExitCode) -> ExitCode {
    let unsaid = UNSAID.lock().unwrap_or_else(PoisonError::into_inner).take();
    match unsaid {
        Some(e) if e.kind() != ErrorKind::BrokenPipe => {
            let fault = Fault::internal("what was to be printed could not be written")
                .tried("write to stdout")
                .hint("look at where stdout goes; what the command did besides printing stands")
                .because(e);
            tell(&fault);
            if code == ExitCode::SUCCESS { exit(&fault) } else { code }
        }
        _ => code,
    }
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
    let mut error = json!({
        "class": fault.class.to_string(),
        "message": shown(fault.class, &chain(fault)),
        "tried": fault.tried,
        "hint": shown(fault.class, &fault.hint),
    });
    if let Some(violations) = Violations::behind(fault) {
        error["violations"] = violations.json();
    }
    error
}

/// Tells a fault, on stderr for people and on stdout as JSON, and gives its exit status.
pub fn fail(fault: &Fault, json: bool) -> ExitCode {
    tell(fault);
    if json {
        let status = if fault.class == FaultClass::Interrupted { "interrupted" } else { "failed" };
        say_json(&json!({"status": status, "error": error_json(fault)}));
    }
    exit(fault)
}

/// Tells a fault on stderr.
pub fn tell(fault: &Fault) {
    note(&format!("error: {}", shown(fault.class, &chain(fault))));
    for line in Violations::behind(fault).map(Violations::lines).unwrap_or_default() {
        note(&format!("  {line}"));
    }
    for (label, text) in [("tried", &fault.tried), ("to do", &shown(fault.class, &fault.hint))] {
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
