//! What the accounts of services have in common: fields that may be left empty, and what is wrong with them.

use std::net::IpAddr;

use outflow_connector_kit::FieldProblem;
use secrecy::{ExposeSecret, SecretString};

/// Forms send an empty text for a field that was left alone.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.filter(|t| !t.is_empty())
}

/// The same of a secret.
pub(crate) fn secret(text: Option<&SecretString>) -> Option<&str> {
    given(text.map(ExposeSecret::expose_secret))
}

/// Whether what is sent to `host`, as it stands in a URL, leaves the machine at no time.
pub(crate) fn is_this_machine(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => {
            let name = host.to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

/// What is wrong, field by field.
#[derive(Default)]
pub(crate) struct Problems(pub Vec<FieldProblem>);

impl Problems {
    /// Adds what is wrong with `field`.
    pub(crate) fn add(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldProblem { field: field.into(), message: message.into() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_many_names() {
        for host in ["localhost", "LOCALHOST", "a.localhost", "127.0.0.2", "[::1]", "::1", "[::ffff:127.0.0.1]"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["10.0.0.1", "localhost.example.org", "127.0.0.1.example", "[fe80::1]", ""] {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    #[test]
    fn what_is_empty_was_not_given() {
        assert_eq!((given(Some("")), given(None), given(Some("x"))), (None, None, Some("x")));
        assert_eq!(secret(Some(&SecretString::from(""))), None);
    }
}
