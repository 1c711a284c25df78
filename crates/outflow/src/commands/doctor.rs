//! `outflow doctor`: whether a server's data is well. On the server's own machine and folder, beside it or without it; it
//! changes nothing.

mod audit;
mod files;
mod folder;
mod keys;
mod tables;

use std::process::ExitCode;

use clap::Args;
use outflow_model::{Fault, FaultClass};
use outflow_store::{KeyRing, Store};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::serve::PlaceArgs;
use super::served::{Answer, tell};
use crate::output;
use crate::server::folder::DataFolder;
use crate::server::joined;
use crate::server::settings::ServerSettings;
use crate::table::{Table, one_line};

const EXAMPLES: &str = "Examples:
  outflow doctor --data-dir /var/lib/outflow
  outflow doctor --data-dir /var/lib/outflow --json
  OUTFLOW_DATABASE_URL=postgres://outflow:…@db/outflow outflow doctor --data-dir /var/lib/outflow

Looks at the folder's permissions and free disk, the tables' version, every sandbox's audit log, whether the keys open the
sealed secrets, and at files that are missing or that nothing refers to. The exit status is 0 unless a check fails; a
warning is no failure. Servers may run meanwhile.";

/// Options of `outflow doctor`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct DoctorArgs {
    #[command(flatten)]
    place: PlaceArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    Warn,
    Fail(FaultClass),
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail(_) => "FAIL",
        }
    }
}

/// What one look found.
#[derive(Debug)]
struct Check {
    name: String,
    state: State,
    found: String,
    /// What to do; nothing where all is well.
    hint: String,
    /// Figures for machines.
    detail: Value,
}

impl Check {
    fn ok(name: impl Into<String>, found: impl Into<String>) -> Check {
        Check { name: name.into(), state: State::Ok, found: found.into(), hint: String::new(), detail: Value::Null }
    }

    fn warn(name: impl Into<String>, found: impl Into<String>, hint: impl Into<String>) -> Check {
        Check { state: State::Warn, hint: hint.into(), ..Check::ok(name, found) }
    }

    fn fail(name: impl Into<String>, class: FaultClass, found: impl Into<String>, hint: impl Into<String>) -> Check {
        Check { state: State::Fail(class), hint: hint.into(), ..Check::ok(name, found) }
    }

    /// Of a fault that was in the way.
    fn of(name: impl Into<String>, fault: &Fault) -> Check {
        Check::fail(name, fault.class, outflow_model::fault::chain(fault), fault.hint.clone())
    }

    fn with(self, detail: Value) -> Check {
        Check { detail, ..self }
    }

    fn json(&self) -> Value {
        json!({
            "name": self.name,
            "state": self.state.word().to_lowercase(),
            "found": self.found,
            "hint": self.hint,
            "detail": self.detail,
        })
    }
}

/// Runs `outflow doctor`.
pub fn run(args: &DoctorArgs, runtime: &Runtime) -> ExitCode {
    output::keep_names();
    tell(runtime.block_on(look(args)), args.json)
}

async fn look(args: &DoctorArgs) -> Result<Answer, Fault> {
    let settings = args.place.layers()?.finish()?;
    let given = &args.place.data_dir;
    if !given.is_dir() {
        return Err(Fault::input(format!("{} is no data folder", given.display())).tried("--data-dir"));
    }
    let path = given
        .canonicalize()
        .map_err(|e| Fault::new(FaultClass::Refused, format!("cannot look into {}", given.display())).because(e))?;
    let data = DataFolder::at(&path);
    let mut checks = folder::look(&data, &joined::key_file(&data, &settings), joined::is_embedded(&settings));
    let keys = keys::read(&data, &settings);
    let ring = match keys {
        Ok(ring) => Some(ring),
        Err(fault) => {
            checks.push(Check::of("keys", &fault));
            None
        }
    };
    match open(&data, &settings, ring.clone()).await {
        Ok(store) => {
            in_store(&store, &path, ring.is_some(), &mut checks).await;
            store.close().await;
        }
        Err(fault) => checks.push(Check::of("database", &fault)),
    }
    Ok(told(&checks))
}

/// The store as it is. Without keys it is opened with one that opens nothing.
async fn open(data: &DataFolder, settings: &ServerSettings, keys: Option<KeyRing>) -> Result<Store, Fault> {
    if joined::is_embedded(settings) && !data.database().is_file() {
        return Err(Fault::new(FaultClass::Config, "the folder has no outflow.db")
            .hint("name the folder of a server that ran once, or its database by --database-url"));
    }
    let keys = match keys {
        Some(keys) => keys,
        None => keys::none()?,
    };
    Ok(Store::inspect(joined::store_options(data, settings, keys)?).await?)
}

async fn in_store(store: &Store, data: &std::path::Path, has_keys: bool, checks: &mut Vec<Check>) {
    let tables = tables::look(store).await;
    let is_known = tables.state == State::Ok;
    checks.push(tables);
    // What stands in tables of another version means something else, or is not there.
    if !is_known {
        return;
    }
    checks.extend(audit::look(store).await);
    if has_keys {
        checks.push(keys::look(store).await);
    }
    checks.extend(files::look(store, data).await);
}

fn told(checks: &[Check]) -> Answer {
    let mut table = Table::new(&["CHECK", "STATE", "FOUND"]);
    for check in checks {
        table.row([check.name.clone(), check.state.word().to_owned(), check.found.clone()]);
    }
    let mut lines = table.lines();
    for check in checks.iter().filter(|check| !check.hint.is_empty()) {
        lines.push(format!("to do about {}: {}", check.name, one_line(&check.hint)));
    }
    let failed: Vec<&Check> = checks.iter().filter(|check| matches!(check.state, State::Fail(_))).collect();
    let status = if failed.is_empty() { "success" } else { "failed" };
    let json = json!({"status": status, "checks": checks.iter().map(Check::json).collect::<Vec<_>>()});
    match failed.first().map(|check| check.state) {
        Some(State::Fail(class)) => {
            let names: Vec<&str> = failed.iter().map(|check| check.name.as_str()).collect();
            let fault = Fault::new(class, format!("not well: {}", names.join(", "))).tried("look at the server's data");
            Answer::failed(json, lines, fault.hint("see what is to do about each"))
        }
        _ => Answer::new(json, lines),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_decides_the_status_and_a_warning_does_not() {
        let warned = told(&[Check::ok("a", "fine"), Check::warn("b", "odd", "look")]);
        assert!(warned.fault.is_none() && warned.json["status"] == "success");
        let checks = [
            Check::warn("a", "odd", "look"),
            Check::fail("b", FaultClass::Verification, "broken", "mend"),
            Check::fail("c", FaultClass::Config, "gone", ""),
        ];
        let failed = told(&checks);
        let fault = failed.fault.unwrap();
        assert_eq!((fault.class, &*fault.message), (FaultClass::Verification, "not well: b, c"));
        assert_eq!(failed.lines[2], "b      FAIL   broken");
        assert_eq!(failed.lines[5], "to do about b: mend");
        assert_eq!(failed.json["checks"][1]["state"], "fail");
    }
}
