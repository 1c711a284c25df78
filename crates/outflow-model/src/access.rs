//! What a client of the HTTP API may do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a token may be used for. Each scope includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccessScope {
    /// Look at everything: accounts without their secrets, flows, runs, samples of profiles.
    #[serde(rename = "read")]
    Read,
    /// Create, change and delete, try accounts and targets, evaluate and export.
    #[serde(rename = "write")]
    Write,
    /// Everything, which adds making and removing clients.
    #[serde(rename = "*")]
    All,
}

impl AccessScope {
    /// All of them, the one that allows least first.
    pub const ALL: [AccessScope; 3] = [AccessScope::Read, AccessScope::Write, AccessScope::All];

    /// Its name in the API.
    pub fn name(self) -> &'static str {
        match self {
            AccessScope::Read => "read",
            AccessScope::Write => "write",
            AccessScope::All => "*",
        }
    }

    /// The scope of this name.
    pub fn named(name: &str) -> Option<AccessScope> {
        AccessScope::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Whether one of `held` is this scope, or includes it.
    pub fn is_in(self, held: &[AccessScope]) -> bool {
        held.iter().any(|scope| *scope >= self)
    }
}

impl fmt::Display for AccessScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_includes_those_before_it_and_none_after() {
        for (position, scope) in AccessScope::ALL.into_iter().enumerate() {
            for (other_position, other) in AccessScope::ALL.into_iter().enumerate() {
                assert_eq!(other.is_in(&[scope]), other_position <= position, "{other} in {scope}");
            }
            assert!(!scope.is_in(&[]));
        }
        assert!(AccessScope::Write.is_in(&[AccessScope::Read, AccessScope::Write]));
    }

    #[test]
    fn names_are_those_of_the_api() {
        for scope in AccessScope::ALL {
            assert_eq!(AccessScope::named(scope.name()), Some(scope));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.name());
        }
        assert_eq!(AccessScope::named("openid"), None);
    }
}
