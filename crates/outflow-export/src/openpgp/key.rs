//! Public keys: which of a key's subkeys files are encrypted to, and why a key is not taken.

use chrono::{DateTime, Utc};
use outflow_model::encryption::{KeySummary, Recipient};
use pgp::composed::SignedPublicKey;
use pgp::crypto::public_key::PublicKeyAlgorithm;
use pgp::packet::{self, Signature};
use pgp::ser::Serialize as _;
use pgp::types::{EcdhPublicParams, Fingerprint, KeyDetails, KeyVersion, PublicParams};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;

use super::certificate::{Binding, binding, expiry, is_revoked, may_encrypt, own_signature, user_id};
use super::packets::KEY_BYTES;
use super::{KeyProblem, encoded, message};

/// Shorter RSA keys can be broken with money.
const RSA_BITS_MIN: u16 = 2048;

/// A key that files can be encrypted to.
#[derive(Debug)]
pub struct PublicKey {
    chosen: Usable,
    /// Others of the same key, to which earlier plans may encrypt.
    others: Vec<Usable>,
}

/// The part of a key that encrypts.
#[derive(Debug)]
pub(super) enum EncryptionTo {
    /// The key itself.
    Primary(packet::PublicKey),
    /// A subkey.
    Subkey(packet::PublicSubkey),
}

#[derive(Debug)]
struct Usable {
    to: EncryptionTo,
    created_secs: u32,
    summary: KeySummary,
}

impl PublicKey {
    /// Reads a key: armor, the Base64 of armor, or packets. It must be good at `now`.
    ///
    /// # Errors
    /// What is wrong with it. Nothing of the text is in the message.
    pub fn read(given: &[u8], now: DateTime<Utc>) -> Result<PublicKey, KeyProblem> {
        let certificate = encoded::certificate(given)?;
        let reader = Reader::new(&certificate, now)?;
        let (mut usable, why_not) = reader.parts();
        // As gpg does: of several the newest.
        usable.sort_by_key(|usable| std::cmp::Reverse(usable.created_secs));
        let mut usable = usable.into_iter();
        let chosen = usable.next().ok_or_else(|| told(why_not))?;
        Ok(PublicKey { chosen, others: usable.collect() })
    }

    /// What a person recognises it by.
    pub fn summary(&self) -> &KeySummary {
        &self.chosen.summary
    }

    /// The same key, encrypting to what `recipient` names: an earlier subkey perhaps. `None` where it has none such that
    /// is still good.
    pub fn to(self, recipient: &Recipient) -> Option<PublicKey> {
        let mut all = std::iter::once(self.chosen).chain(self.others);
        let chosen = all.find(|usable| usable.summary.recipient == *recipient)?;
        Some(PublicKey { chosen, others: Vec::new() })
    }

    pub(super) fn encryption(&self) -> &EncryptionTo {
        &self.chosen.to
    }
}

/// Why a key or subkey is not encrypted to. The later ones say more to whoever expected that it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Unusable {
    SignOnly,
    Unsupported(String),
    Revoked,
    Expired(DateTime<Utc>),
}

struct Reader<'c> {
    certificate: &'c SignedPublicKey,
    now: DateTime<Utc>,
    own: &'c Signature,
    expires_at: Option<DateTime<Utc>>,
    user_id: Option<String>,
}

impl<'c> Reader<'c> {
    fn new(certificate: &'c SignedPublicKey, now: DateTime<Utc>) -> Result<Reader<'c>, KeyProblem> {
        let primary = &certificate.primary_key;
        if primary.version() != KeyVersion::V4 {
            return Err(KeyProblem::new(
                format!("is of version {}, and only keys of version 4 are encrypted to", u8::from(primary.version())),
                "give a key of version 4, which is what gpg makes",
            ));
        }
        if is_revoked(certificate) {
            return Err(KeyProblem::new("was revoked by its owner", "ask the receiver for the key that replaces it"));
        }
        let Some(own) = own_signature(certificate) else {
            return Err(KeyProblem::new(
                "has no user id that it signed itself, so that nobody can tell until when it is good",
                "export it again with gpg --armor --export KEY",
            ));
        };
        let expires_at = expiry(primary.created_at(), own);
        if let Some(expired) = expires_at.filter(|at| *at <= now) {
            return Err(expired_at("", expired));
        }
        Ok(Reader { certificate, now, own, expires_at, user_id: user_id(certificate) })
    }

    /// Everything that can be encrypted to, and of what cannot be the reason that says most.
    fn parts(&self) -> (Vec<Usable>, Unusable) {
        let certificate = self.certificate;
        let mut found = vec![self.primary()];
        for subkey in &certificate.public_subkeys {
            found.push(match binding(certificate, subkey) {
                Binding::Bound(signature) => {
                    self.part(&subkey.key, signature, || EncryptionTo::Subkey(subkey.key.clone()))
                }
                Binding::Revoked if !is_sign_only(&subkey.key) => Err(Unusable::Revoked),
                Binding::Revoked | Binding::Unbound => Err(Unusable::SignOnly),
            });
        }
        let (mut usable, mut why_not) = (Vec::new(), Unusable::SignOnly);
        for part in found {
            match part {
                Ok(part) => usable.push(part),
                Err(reason) => why_not = why_not.max(reason),
            }
        }
        (usable, why_not)
    }

    fn primary(&self) -> Result<Usable, Unusable> {
        let primary = &self.certificate.primary_key;
        self.part(primary, self.own, || EncryptionTo::Primary(primary.clone()))
    }

    /// A key or subkey with what was signed of it.
    fn part(
        &self,
        key: &impl KeyDetails,
        signature: &Signature,
        to: impl FnOnce() -> EncryptionTo,
    ) -> Result<Usable, Unusable> {
        if is_sign_only(key) || may_encrypt(signature) == Some(false) {
            return Err(Unusable::SignOnly);
        }
        let expires_at = expiry(key.created_at(), signature);
        if let Some(expired) = expires_at.filter(|at| *at <= self.now) {
            return Err(Unusable::Expired(expired));
        }
        let algorithm = algorithm(key)?;
        let to = to();
        // What the library cannot do shows here, and not when the first file is due.
        let mut trial = ChaCha20Rng::from_seed([0; 32]);
        if message::session_key_packet(&to, &[0; KEY_BYTES], &mut trial).is_none() {
            return Err(Unusable::Unsupported(algorithm));
        }
        let recipient = Recipient {
            fingerprint: upper(&self.certificate.primary_key.fingerprint()),
            encryption_fingerprint: upper(&key.fingerprint()),
        };
        let expires_at = [self.expires_at, expires_at].into_iter().flatten().min();
        let summary = KeySummary { recipient, algorithm, user_id: self.user_id.clone(), expires_at };
        Ok(Usable { to, created_secs: key.created_at().as_secs(), summary })
    }
}

fn told(why_not: Unusable) -> KeyProblem {
    match why_not {
        Unusable::SignOnly => KeyProblem::new(
            "can only sign: it has no subkey for encryption",
            "ask the receiver for a key that encrypts, as gpg --quick-generate-key makes it",
        ),
        Unusable::Unsupported(algorithm) => KeyProblem::new(
            format!("encrypts with {algorithm}, which is not supported"),
            format!("give one with RSA of {RSA_BITS_MIN} bits or more, or with ECDH on Curve25519 or a NIST curve"),
        ),
        Unusable::Revoked => KeyProblem::new(
            "has no subkey for encryption that its owner did not revoke",
            "ask the receiver for the key with its new subkey",
        ),
        Unusable::Expired(at) => expired_at("has a subkey for encryption that ", at),
    }
}

fn expired_at(what: &str, at: DateTime<Utc>) -> KeyProblem {
    KeyProblem::new(
        format!("{what}expired on {}", at.format("%Y-%m-%d")),
        "ask the receiver for the key with its new date, or for the one that replaces it",
    )
}

fn is_sign_only(key: &impl KeyDetails) -> bool {
    key.algorithm() == PublicKeyAlgorithm::RSASign
        || matches!(
            key.public_params(),
            PublicParams::DSA(_)
                | PublicParams::ECDSA(_)
                | PublicParams::EdDSALegacy(_)
                | PublicParams::Ed25519(_)
                | PublicParams::Ed448(_)
        )
}

/// What a key that encrypts is, for people.
fn algorithm(key: &impl KeyDetails) -> Result<String, Unusable> {
    match key.public_params() {
        PublicParams::RSA(params) => {
            // The modulus comes first, and begins with its length in bits.
            let written = params.to_bytes().unwrap_or_default();
            let bits = written.first_chunk().map_or(0, |bits| u16::from_be_bytes(*bits));
            let name = format!("RSA {bits}");
            if bits < RSA_BITS_MIN { Err(Unusable::Unsupported(name)) } else { Ok(name) }
        }
        PublicParams::ECDH(EcdhPublicParams::Unsupported { .. }) => {
            Err(Unusable::Unsupported("ECDH on a curve that is not known".into()))
        }
        PublicParams::ECDH(params) => {
            let curve = params.curve();
            Ok(format!("ECDH {}", curve.name().trim_end_matches("Legacy")))
        }
        PublicParams::X25519(_) => Ok("X25519".into()),
        PublicParams::X448(_) => Ok("X448".into()),
        PublicParams::Elgamal(_) => Err(Unusable::Unsupported("ElGamal".into())),
        _ => Err(Unusable::Unsupported("an algorithm that is not known".into())),
    }
}

fn upper(fingerprint: &Fingerprint) -> String {
    format!("{fingerprint:X}")
}
