//! Whether every audit log is as it was written. It is read whole, however long that takes: a part of it would say little.

use outflow_model::{Fault, FaultClass};
use outflow_store::{SERVER_WIDE, Store};
use serde_json::json;

use super::Check;
use crate::commands::audit::broken;
use crate::numbers::counted;
use crate::output;

/// Records of one look. Between two of them the connection goes back.
const AT_ONCE: usize = 100_000;

pub(super) async fn look(store: &Store) -> Vec<Check> {
    let sandboxes = async { Ok::<_, Fault>(store.read().await?.audited().await?) };
    match sandboxes.await {
        Err(fault) => vec![Check::of("audit log", &fault)],
        Ok(sandboxes) if sandboxes.is_empty() => vec![Check::ok("audit log", "nothing is recorded yet")],
        Ok(sandboxes) => {
            let mut checks = Vec::new();
            for sandbox in sandboxes {
                let name = match sandbox.as_str() {
                    SERVER_WIDE => "audit log of the server".to_owned(),
                    sandbox => format!("audit log of {sandbox}"),
                };
                checks.push(one(store, &sandbox, &name).await.unwrap_or_else(|fault| Check::of(name, &fault)));
            }
            checks
        }
    }
}

async fn one(store: &Store, sandbox: &str, name: &str) -> Result<Check, Fault> {
    let (mut records, mut after) = (0, 0);
    loop {
        let check = store.read().await?.check_audit_after(sandbox, after, AT_ONCE).await?;
        records += check.records;
        let detail = json!({"sandbox": sandbox, "records": records, "brokenAt": check.broken_at});
        if let Some(seq) = check.broken_at {
            let found = format!("broken at record {seq}, behind {} as they were written", counted(records, "record"));
            return Ok(Check::fail(name, FaultClass::Verification, found, broken(seq).hint).with(detail));
        }
        match check.next {
            Some(next) => {
                after = next;
                output::note(&format!("{name}: {} so far are as they were written", counted(records, "record")));
            }
            None => {
                return Ok(Check::ok(name, format!("{} as they were written", counted(records, "record"))).with(detail));
            }
        }
    }
}
