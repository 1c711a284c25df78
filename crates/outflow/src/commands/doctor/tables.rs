//! Whether the database's tables are those of this program.

use outflow_model::{Fault, FaultClass};
use outflow_store::Store;
use serde_json::json;

use super::Check;

pub(super) async fn look(store: &Store) -> Check {
    look_at(store).await.unwrap_or_else(|fault| Check::of("database", &fault))
}

async fn look_at(store: &Store) -> Result<Check, Fault> {
    let name = "database";
    let version = store.read().await?.schema_version().await?;
    let found = format!("{}, tables of version {}", store.url(), version.found);
    let known = version.known;
    let check = match version.found.cmp(&known) {
        std::cmp::Ordering::Equal => Check::ok(name, found),
        std::cmp::Ordering::Less => Check::warn(
            name,
            format!("{found}; this program makes {known}"),
            "the next start of `outflow serve` brings them up to date; keep a backup before that",
        ),
        std::cmp::Ordering::Greater => Check::fail(
            name,
            FaultClass::Config,
            format!("{found}; this program knows {known}"),
            "run the release of outflow that the server runs, or a newer one",
        ),
    };
    Ok(check.with(json!({"version": version.found, "known": known})))
}
