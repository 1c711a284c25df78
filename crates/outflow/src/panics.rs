//! What a defect looks like from outside: exit status 9 and an error, like any other fault.

use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};

use outflow_model::Fault;

use crate::output;

/// Where the first panic was.
static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// From now on a panic tells its place and nothing else: its text may quote a value.
pub fn install() {
    std::panic::set_hook(Box::new(|info| {
        let place = place(info);
        output::note(&format!("a defect at {place}"));
        PLACE.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(place);
    }));
}

fn place(info: &PanicHookInfo<'_>) -> String {
    info.location().map_or_else(|| "an unknown place".into(), |at| format!("{}:{}", at.file(), at.line()))
}

/// Runs a command; a panic becomes an internal fault.
pub fn guarded(json: bool, command: impl FnOnce() -> ExitCode) -> ExitCode {
    // Nothing that a broken command left is looked at afterwards.
    catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        let place = PLACE.lock().unwrap_or_else(PoisonError::into_inner).take();
        let place = place.unwrap_or_else(|| "an unknown place".into());
        let fault = Fault::internal(format!("a defect of Outflow ended it, at {place}"))
            .hint("please report it with this place and the version; then run it again, which removes what was left");
        output::fail(&fault, json)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHILD: &str = "OUTFLOW_TEST_PANICS";

    /// Runs itself once more, because a process has one hook and one stdout.
    #[test]
    fn a_panic_ends_as_internal_and_shows_no_value() {
        if crate::environment::variable(CHILD).is_some() {
            install();
            let values = ["alice@example.com"];
            let code = guarded(true, || panic!("cannot read {:?}", values[0]));
            assert!(code == ExitCode::from(9));
            return;
        }
        let itself = std::env::current_exe().unwrap();
        let test = "panics::tests::a_panic_ends_as_internal_and_shows_no_value";
        let ran = std::process::Command::new(itself).args([test, "--exact", "--nocapture"]).env(CHILD, "1").output();
        let ran = ran.unwrap();
        let (stdout, stderr) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{stdout}\n{stderr}");
        let object = stdout.lines().find_map(|line| line.find('{').map(|at| &line[at..])).unwrap();
        let object: serde_json::Value = serde_json::from_str(object).unwrap();
        assert_eq!((&object["status"], &object["error"]["class"]), (&"failed".into(), &"internal".into()));
        assert!(object["error"]["message"].as_str().unwrap().contains("panics.rs:"), "{object}");
        assert!(stderr.contains("panics.rs:"), "{stderr}");
        assert!(!stdout.contains("alice") && !stderr.contains("alice"), "{stdout}\n{stderr}");
    }
}
