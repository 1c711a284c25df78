//! Whether the keys open what they sealed.

use std::collections::BTreeSet;

use outflow_model::{Fault, FaultClass};
use outflow_store::{KeyRing, Store};
use serde_json::json;

use super::Check;
use crate::environment;
use crate::numbers::thousands;
use crate::server::folder::DataFolder;
use crate::server::joined::{self, KEYS_VARIABLE};
use crate::server::settings::ServerSettings;

/// Secrets that are tried. A server has some for each account; this many take a second.
const SECRETS_MAX: u64 = 20_000;

/// Secrets of one statement.
const AT_ONCE: usize = 500;

/// Objects that are named.
const NAMED_MAX: usize = 5;

/// The keys, from where a server would take them. None are made.
pub(super) fn read(data: &DataFolder, settings: &ServerSettings) -> Result<KeyRing, Fault> {
    match joined::given_keys(settings, environment::secret(KEYS_VARIABLE)?.as_ref())? {
        Some(keys) => Ok(keys),
        None => Ok(KeyRing::read(&joined::key_file(data, settings))?),
    }
}

/// A key that opens nothing.
pub(super) fn none() -> Result<KeyRing, Fault> {
    Ok(KeyRing::parse(&format!("none {}=", "A".repeat(43)))?)
}

pub(super) async fn look(store: &Store) -> Check {
    look_at(store).await.unwrap_or_else(|fault| Check::of("secrets", &fault))
}

async fn look_at(store: &Store) -> Result<Check, Fault> {
    let name = "secrets";
    let mut reader = store.read().await?;
    let count = reader.count_secrets().await?;
    let (mut tried, mut sealed, mut after) = (0, BTreeSet::new(), String::new());
    while tried < SECRETS_MAX {
        let states = reader.try_secrets(&after, AT_ONCE).await?;
        let Some(last) = states.last() else { break };
        after.clone_from(&last.id);
        tried += states.len() as u64;
        let closed = states.into_iter().filter(|state| !state.opens);
        sealed.extend(closed.map(|state| format!("{} in {}", state.owner, state.sandbox)));
    }
    let detail = json!({"secrets": count, "tried": tried, "sealed": sealed.len()});
    if sealed.is_empty() {
        let all = if tried < count { format!(" of {}", thousands(count)) } else { String::new() };
        return Ok(Check::ok(name, format!("the keys open {}{all}", thousands(tried))).with(detail));
    }
    let named: Vec<&str> = sealed.iter().take(NAMED_MAX).map(String::as_str).collect();
    let found = format!("the keys do not open those of {}: {}", thousands(sealed.len() as u64), named.join(", "));
    let hint = "bring back the key file that belongs to this database, or a copy of the missing key's line; else give these \
                accounts their secrets anew (outflow accounts update)";
    Ok(Check::fail(name, FaultClass::Credentials, found, hint).with(detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_opens_nothing_is_a_key() {
        assert!(none().is_ok());
    }
}
