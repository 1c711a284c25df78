//! Who signs, as an account says it: a key pair, or a key pair that assumes a role; and where.

use outflow_connector_kit::{Fault, FaultClass};
use url::Url;

use super::arn;
use super::credentials::KeyPair;
use crate::fields::Problems;

/// What an account says of who signs. Any part may be missing.
pub(crate) struct Login<'a> {
    pub access: Option<&'a str>,
    pub secret: Option<&'a str>,
    pub session_token: Option<&'a str>,
    pub role_arn: Option<&'a str>,
    pub external_id: Option<&'a str>,
}

/// What the account calls its key pair.
pub(crate) struct Names {
    pub access: &'static str,
    pub secret: &'static str,
    /// What to give where a role lacks a key pair to assume it with.
    pub for_role: &'static str,
}

impl<'a> Login<'a> {
    /// The key pair.
    ///
    /// # Errors
    /// `Config` where a part is missing, which [`check`](Self::check) finds before.
    pub(crate) fn key_pair(&self) -> Result<KeyPair<'a>, Fault> {
        let (Some(access), Some(secret)) = (self.access, self.secret) else {
            return Err(Fault::new(FaultClass::Config, "there is no key pair"));
        };
        Ok(KeyPair {
            access,
            secret,
            session_token: self.session_token,
            role_arn: self.role_arn,
            external_id: self.external_id,
        })
    }

    /// Finds what can be seen without input or output. Whether keys are right is the probe's to find: they have many shapes.
    pub(crate) fn check(&self, names: &Names, problems: &mut Problems) {
        let Names { access, secret, for_role } = names;
        match (self.access, self.secret) {
            (Some(_), Some(_)) => {}
            (Some(_), None) => problems.add(secret, format!("is missing; it belongs to {access}")),
            (None, Some(_)) => problems.add(access, format!("is missing; {secret} belongs to it")),
            (None, None) if self.role_arn.is_some() => {
                problems.add(access, format!("is missing; a role is assumed with a key pair: give {for_role}"));
            }
            (None, None) => problems.add(access, format!("is missing; give a key pair ({access} and {secret})")),
        }
        for (field, text) in [(*access, self.access), (*secret, self.secret), ("sessionToken", self.session_token)] {
            if text.is_some_and(|text| !text.bytes().all(|b| b.is_ascii_graphic())) {
                problems.add(field, "has a blank or a character that is not ASCII");
            }
        }
        self.check_role(problems);
    }

    fn check_role(&self, problems: &mut Problems) {
        let Some(role) = self.role_arn else {
            if self.external_id.is_some() {
                problems.add("externalId", "is only used with roleArn, which is missing");
            }
            return;
        };
        if !arn::is_role(role) {
            problems.add("roleArn", "is not of the form arn:aws:iam::123456789012:role/NAME");
        }
        if self.external_id.is_some_and(|id| !arn::is_external_id(id)) {
            problems.add("externalId", "has 2 to 1224 characters out of letters, digits and _ + = , . @ : / -");
        }
    }
}

/// Reads the URL of a service that is not at its own place. `example` is one that would do.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn endpoint(text: &str, names: &Names, example: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|e| format!("is not a URL ({e}); for example {example}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        Err("must begin with http:// or https://".to_owned())
    } else if !url.username().is_empty() || url.password().is_some() {
        Err(format!("must not hold a user name or password; use {} and {}", names.access, names.secret))
    } else if url.query().is_some() || url.fragment().is_some() {
        Err(format!("must not hold ? or #; for example {example}"))
    } else {
        Ok(url)
    }
}

/// Finds a region that is none.
pub(crate) fn check_region(region: Option<&str>, problems: &mut Problems) {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    if region.is_some_and(|region| region.len() > 64 || !region.bytes().all(allowed)) {
        problems.add("region", "is not a region name such as eu-west-1");
    }
}
