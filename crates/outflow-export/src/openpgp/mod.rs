//! Encryption of files to an OpenPGP key: a stage between compression and the outlet.
//!
//! A file is one OpenPGP message: the session key, encrypted to the recipient, and the content in a packet of version 1
//! with a modification detection code, which every OpenPGP program reads. It is made as the content comes, in pieces of
//! 64 KiB, whatever its length.
//!
//! A second attempt of a plan must make the same bytes, or it could not adopt what the first one left. So nothing is
//! random but the [`Seed`] of the run: everything that a part's encryption draws follows from it, the run's id and the
//! part's name. Whoever knows the seed reads the files; it is kept as secrets are, and only as long as the run may be
//! tried again.
//!
//! Keys are read and the session key is encrypted with rPGP. It takes about a minute to build on two cores, so that a build
//! without the feature `openpgp` is possible: it refuses every key, and never delivers in clear what was to be encrypted.

#[cfg(feature = "openpgp")]
mod certificate;
#[cfg(feature = "openpgp")]
mod encoded;
#[cfg(feature = "openpgp")]
mod key;
#[cfg(feature = "openpgp")]
mod message;
#[cfg(not(feature = "openpgp"))]
mod off;
#[cfg(feature = "openpgp")]
mod packets;

use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use outflow_model::encryption::Recipient;
use outflow_model::{Fault, FaultClass};

#[cfg(feature = "openpgp")]
pub use key::PublicKey;
#[cfg(feature = "openpgp")]
pub(crate) use message::PartCipher;
#[cfg(not(feature = "openpgp"))]
pub(crate) use off::PartCipher;
#[cfg(not(feature = "openpgp"))]
pub use off::PublicKey;

/// Whether this build can encrypt.
pub const IS_BUILT_IN: bool = cfg!(feature = "openpgp");

/// Bytes of a run's seed.
pub const SEED_BYTES: usize = 32;

/// Bytes of a key's text that are read. A key with a photo and a hundred signatures of others is shorter.
pub const KEY_BYTES_MAX: usize = 128 * 1024;

/// Why a key is not taken. Nothing in it is of the key's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem {
    /// What is wrong, as said of the key: `expired on 2026-01-02`.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl KeyProblem {
    fn new(message: impl Into<String>, hint: impl Into<String>) -> KeyProblem {
        KeyProblem { message: message.into(), hint: hint.into() }
    }

    /// What is wrong and what to do, in one line.
    pub fn advice(&self) -> String {
        format!("{}; {}", self.message, self.hint)
    }

    /// The same as a fault; `tried` says where the key was taken from.
    pub fn fault(&self, class: FaultClass, tried: impl Into<String>) -> Fault {
        Fault::new(class, format!("the OpenPGP key {}", self.message)).tried(tried).hint(self.hint.clone())
    }
}

/// What all randomness of a run's encryption follows from. A secret: it opens the run's files.
pub struct Seed([u8; SEED_BYTES]);

impl Seed {
    /// A seed of random bytes.
    pub fn new(random: [u8; SEED_BYTES]) -> Seed {
        Seed(random)
    }

    /// As it is kept: Base64.
    pub fn to_text(&self) -> String {
        BASE64_STANDARD.encode(self.0)
    }

    /// Reads what [`Seed::to_text`] wrote; `None` for anything else.
    pub fn from_text(text: &str) -> Option<Seed> {
        BASE64_STANDARD.decode(text).ok()?.try_into().ok().map(Seed)
    }

    /// The seed of one part. No two parts of a run, and no two runs, have one in common.
    fn of_part(&self, run_id: &str, name: &str) -> Result<[u8; SEED_BYTES], Fault> {
        let run_bytes = (run_id.len() as u64).to_be_bytes();
        let info = [b"outflow file\0".as_slice(), &run_bytes, run_id.as_bytes(), name.as_bytes()];
        let mut seed = [0; SEED_BYTES];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"outflow openpgp")
            .extract(&self.0)
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|derived| derived.fill(&mut seed))
            .map_err(|_| Fault::internal("no seed can be derived"))?;
        Ok(seed)
    }
}

/// Whom a run encrypts to, and what it draws its randomness from.
pub struct Encryption {
    key: PublicKey,
    seed: Seed,
}

impl Encryption {
    /// Encryption to `key`.
    pub fn new(key: PublicKey, seed: Seed) -> Encryption {
        Encryption { key, seed }
    }

    /// Who reads the files.
    pub fn recipient(&self) -> &Recipient {
        &self.key.summary().recipient
    }

    /// What encrypts the part called `name`.
    pub(crate) fn part(&self, run_id: &str, name: &str) -> Result<PartCipher, Fault> {
        PartCipher::new(&self.key, self.seed.of_part(run_id, name)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_kept_as_text() {
        let seed = Seed::new([7; SEED_BYTES]);
        assert_eq!(Seed::from_text(&seed.to_text()).unwrap().0, seed.0);
        for wrong in ["", "AAAA", "!", &BASE64_STANDARD.encode([1; 33])] {
            assert!(Seed::from_text(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn parts_and_runs_have_seeds_of_their_own() {
        let (seed, other) = (Seed::new([7; SEED_BYTES]), Seed::new([8; SEED_BYTES]));
        let of = |seed: &Seed, run: &str, name: &str| seed.of_part(run, name).unwrap();
        let first = of(&seed, "run", "a.csv.gpg");
        assert_eq!(first, of(&seed, "run", "a.csv.gpg"));
        for differs in [
            of(&seed, "run", "a_2.csv.gpg"),
            of(&seed, "nur", "a.csv.gpg"),
            of(&seed, "runa", ".csv.gpg"),
            of(&other, "run", "a.csv.gpg"),
        ] {
            assert_ne!(first, differs);
        }
    }
}
