//! A build without OpenPGP: there are no keys, so nothing is ever encrypted to one.

use std::convert::Infallible;

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::encryption::{KeySummary, Recipient};

use super::{KeyProblem, SEED_BYTES};

/// A key that this build cannot have.
#[derive(Debug)]
pub struct PublicKey(Infallible);

impl PublicKey {
    /// Refuses every key.
    ///
    /// # Errors
    /// Always.
    pub fn read(_given: &[u8], _now: DateTime<Utc>) -> Result<PublicKey, KeyProblem> {
        Err(KeyProblem::new(
            "cannot be used: this program was built without OpenPGP",
            "use a build with the feature `openpgp`, which is the default",
        ))
    }

    /// What a person recognises it by.
    pub fn summary(&self) -> &KeySummary {
        match self.0 {}
    }

    /// The same key, encrypting to what `recipient` names.
    pub fn to(self, _recipient: &Recipient) -> Option<PublicKey> {
        match self.0 {}
    }
}

/// What would encrypt a part.
pub(crate) struct PartCipher(Infallible);

impl PartCipher {
    pub fn new(key: &PublicKey, _seed: [u8; SEED_BYTES]) -> Result<PartCipher, Fault> {
        match key.0 {}
    }

    pub fn update(&mut self, _content: &[u8]) -> Result<Vec<u8>, Fault> {
        match self.0 {}
    }

    pub fn finish(self) -> Result<Vec<u8>, Fault> {
        match self.0 {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_refused_with_the_reason() {
        let problem = PublicKey::read(b"anything", DateTime::UNIX_EPOCH).unwrap_err();
        assert!(problem.advice().contains("built without OpenPGP"), "{problem:?}");
    }
}
