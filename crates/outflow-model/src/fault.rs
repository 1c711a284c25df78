//! Faults, classed by whose move is next.
//!
//! One fault type serves every layer, so that the class which decides on retry, exit status and wording survives from
//! the socket to the person. A fault says what was tried, where, what came back and what to do. Its message never holds
//! a profile's value or a secret.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whose move is next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultClass {
    /// The caller's: usage, a rule, a source that cannot be read, has changed or is corrupt, a value that cannot be written.
    Input,
    /// Whoever set the target up: missing bucket, folder, stream or hub, wrong region, another service.
    Config,
    /// Whoever owns the account: unknown key, bad secret, wrong password, host key unknown or changed.
    Credentials,
    /// Whoever administers the target: denied action, read-only, disk full, name taken.
    Refused,
    /// Nobody's yet, it may pass: unreachable, cut, timed out.
    Unavailable,
    /// Nobody's yet: the target asked to go slower.
    Throttled,
    /// The target holds something else than what was sent.
    Verification,
    /// Ours: a defect.
    Internal,
    /// The person stopped it.
    Interrupted,
}

impl FaultClass {
    /// The exit status that scripts rely on.
    pub fn exit_status(self) -> u8 {
        match self {
            FaultClass::Input => 2,
            FaultClass::Config => 3,
            FaultClass::Credentials => 4,
            FaultClass::Refused => 5,
            FaultClass::Unavailable => 6,
            FaultClass::Throttled => 7,
            FaultClass::Verification => 8,
            FaultClass::Internal => 9,
            FaultClass::Interrupted => 130,
        }
    }

    /// Whether the same request may succeed later without anyone changing anything.
    pub fn is_transient(self) -> bool {
        matches!(self, FaultClass::Unavailable | FaultClass::Throttled)
    }
}

impl fmt::Display for FaultClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FaultClass::Input => "input",
            FaultClass::Config => "config",
            FaultClass::Credentials => "credentials",
            FaultClass::Refused => "refused",
            FaultClass::Unavailable => "unavailable",
            FaultClass::Throttled => "throttled",
            FaultClass::Verification => "verification",
            FaultClass::Internal => "internal",
            FaultClass::Interrupted => "interrupted",
        })
    }
}

/// What went wrong, and what to do about it.
///
/// `Display` gives one level, the message; `source()` gives the rest. A printer at the edge joins them once.
#[derive(Debug)]
pub struct Fault {
    /// Whose move is next.
    pub class: FaultClass,
    /// What came back, in one sentence without a trailing period.
    pub message: String,
    /// What was tried and where, for example `PUT s3://exports/acme/a.csv at http://127.0.0.1:9000`. May be empty.
    pub tried: String,
    /// What to do next. May be empty.
    pub hint: String,
    /// How long the target asked to wait, where it did.
    pub retry_after: Option<Duration>,
    about: Option<Box<About>>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What of an account or target a fault is about; boxed, because most faults are about nothing of them.
#[derive(Debug, Default)]
struct About {
    fields: Vec<String>,
    host_key: Option<HostKey>,
}

/// A key that a server presented and that is not approved: what a person compares, and what approves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HostKey {
    /// The member of the account that takes the line (`hostKey`).
    pub field: String,
    /// The line that approves the key there, beside other lines or alone.
    pub line: String,
    /// SHA-256 of the key, as ssh shows it: `SHA256:…`.
    pub fingerprint: String,
    /// The kind of key: `ssh-ed25519`.
    pub algorithm: String,
    /// Fingerprints of the keys that are approved instead; none where the server is not known yet.
    pub approved: Vec<String>,
}

impl Fault {
    /// A fault of `class` with `message`; add the rest with the methods below.
    pub fn new(class: FaultClass, message: impl Into<String>) -> Fault {
        Fault {
            class,
            message: message.into(),
            tried: String::new(),
            hint: String::new(),
            retry_after: None,
            about: None,
            source: None,
        }
    }

    /// See [`FaultClass::Input`].
    pub fn input(message: impl Into<String>) -> Fault {
        Fault::new(FaultClass::Input, message)
    }

    /// See [`FaultClass::Internal`].
    pub fn internal(message: impl Into<String>) -> Fault {
        Fault::new(FaultClass::Internal, message)
    }

    /// Says what was tried and where.
    #[must_use]
    pub fn tried(mut self, tried: impl Into<String>) -> Fault {
        self.tried = tried.into();
        self
    }

    /// Says what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Fault {
        self.hint = hint.into();
        self
    }

    /// Keeps the wait that the target asked for.
    #[must_use]
    pub fn retry_after(mut self, wait: Option<Duration>) -> Fault {
        self.retry_after = wait;
        self
    }

    /// Says which members of the account or target may be at fault, by the connector's names for them.
    #[must_use]
    pub fn about<T: Into<String>>(mut self, fields: impl IntoIterator<Item = T>) -> Fault {
        self.about.get_or_insert_default().fields = fields.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps the key that the server presented, for a person to approve.
    #[must_use]
    pub fn presented(mut self, key: HostKey) -> Fault {
        self.about.get_or_insert_default().host_key = Some(key);
        self
    }

    /// Members of the account or target that may be at fault, where that is known.
    pub fn fields(&self) -> &[String] {
        self.about.as_ref().map_or(&[], |about| &about.fields)
    }

    /// The server's key, where it is one that may be approved.
    pub fn host_key(&self) -> Option<&HostKey> {
        self.about.as_ref().and_then(|about| about.host_key.as_ref())
    }

    /// Keeps the underlying error.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Fault {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|s| s.as_ref() as &(dyn std::error::Error + 'static))
    }
}

/// The texts of an error and its sources, outermost first, each once.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(e) = next {
        let text = e.to_string();
        if !texts.iter().any(|t| t.contains(&text)) {
            texts.push(text);
        }
        next = e.source();
    }
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_says_each_level_once() {
        let inner = std::io::Error::other("disk is full");
        let fault = Fault::new(FaultClass::Refused, "cannot write a.csv").because(inner);
        assert_eq!(chain(&fault), "cannot write a.csv: disk is full");
        assert_eq!(fault.to_string(), "cannot write a.csv");
    }

    #[test]
    fn a_fault_stays_small_and_knows_what_it_is_about() {
        assert!(size_of::<Fault>() <= 120, "{}", size_of::<Fault>());
        let fault = Fault::input("no key").about(["sshKey", "passphrase"]);
        assert_eq!((fault.fields(), fault.host_key()), (&["sshKey".to_owned(), "passphrase".into()][..], None));
        assert!(Fault::input("no key").fields().is_empty());
    }

    #[test]
    fn only_passing_faults_are_tried_again() {
        assert!(FaultClass::Throttled.is_transient());
        assert!(!FaultClass::Credentials.is_transient());
    }
}
