//! What a key says of itself: whether it was revoked, until when it is good, whose it is. Only what it signed itself
//! counts; what others signed says nothing about how to use it.

use chrono::{DateTime, TimeDelta, Utc};
use pgp::composed::{SignedPublicKey, SignedPublicSubKey};
use pgp::packet::{Signature, SignatureType, SubpacketData};
use pgp::types::{SignedUser, Tag, Timestamp};

/// Characters of a user id that are told.
const USER_ID_CHARS_MAX: usize = 200;

/// Whether the whole key was revoked by its owner.
pub(super) fn is_revoked(certificate: &SignedPublicKey) -> bool {
    let revocations = certificate.details.revocation_signatures.iter();
    revocations.into_iter().any(|signature| signature.verify_key(&certificate.primary_key).is_ok())
}

/// What the key says of itself as a whole: its newest signature over itself or over one of its user ids. Without one
/// nobody knows whether and until when it is to be used.
pub(super) fn own_signature(certificate: &SignedPublicKey) -> Option<&Signature> {
    let primary = &certificate.primary_key;
    let direct = certificate.details.direct_signatures.iter();
    let direct =
        direct.filter(|signature| signature.typ() == Some(SignatureType::Key) && signature.verify_key(primary).is_ok());
    newest(direct.chain(certificate.details.users.iter().filter_map(|user| user_signature(certificate, user))))
}

/// Whose key it says it is: the user id that it calls its primary one, else the first.
pub(super) fn user_id(certificate: &SignedPublicKey) -> Option<String> {
    let users = certificate.details.users.iter();
    let signed = users.filter_map(|user| Some((user, user_signature(certificate, user)?)));
    let signed: Vec<(&SignedUser, &Signature)> = signed.collect();
    let primary = signed.iter().find(|(_, signature)| signature.is_primary()).or(signed.first());
    primary.map(|(user, _)| shown(user.id.id()))
}

/// The newest valid signature of the key over a user id, unless it was taken back.
fn user_signature<'c>(certificate: &'c SignedPublicKey, user: &'c SignedUser) -> Option<&'c Signature> {
    let primary = &certificate.primary_key;
    let own = user.signatures.iter();
    let own = own.filter(|signature| signature.verify_certification(primary, Tag::UserId, &user.id).is_ok());
    newest(own).filter(|signature| signature.typ() != Some(SignatureType::CertRevocation))
}

/// What binds a subkey to its key.
pub(super) enum Binding<'c> {
    /// The newest valid signature over it.
    Bound(&'c Signature),
    /// It was revoked.
    Revoked,
    /// None: anybody may have added it.
    Unbound,
}

/// How a subkey belongs to the key.
pub(super) fn binding<'c>(certificate: &SignedPublicKey, subkey: &'c SignedPublicSubKey) -> Binding<'c> {
    let valid = subkey.signatures.iter();
    let valid =
        valid.filter(|signature| signature.verify_subkey_binding(&certificate.primary_key, &subkey.key).is_ok());
    let valid: Vec<&Signature> = valid.collect();
    if valid.iter().any(|signature| signature.typ() == Some(SignatureType::SubkeyRevocation)) {
        return Binding::Revoked;
    }
    newest(valid.into_iter()).map_or(Binding::Unbound, Binding::Bound)
}

/// When a key, or a subkey, that was made at `created` expires by its `signature`.
pub(super) fn expiry(created: Timestamp, signature: &Signature) -> Option<DateTime<Utc>> {
    let seconds = signature.key_expiration_time().map(pgp::types::Duration::as_secs).filter(|seconds| *seconds > 0)?;
    DateTime::from_timestamp(i64::from(created.as_secs()), 0)?.checked_add_signed(TimeDelta::seconds(seconds.into()))
}

/// Whether `signature` lets the key be used to encrypt; `None` where it does not say, as in old keys.
pub(super) fn may_encrypt(signature: &Signature) -> Option<bool> {
    let mut stated = signature.config()?.hashed_subpackets().filter_map(|subpacket| match &subpacket.data {
        SubpacketData::KeyFlags(flags) => Some(flags.encrypt_comms() || flags.encrypt_storage()),
        _ => None,
    });
    stated.next()
}

fn newest<'s>(signatures: impl Iterator<Item = &'s Signature>) -> Option<&'s Signature> {
    signatures.max_by_key(|signature| signature.created().map_or(0, Timestamp::as_secs))
}

/// A user id as it is told: it may be anything that its owner typed.
fn shown(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.chars().filter(|c| !c.is_control()).take(USER_ID_CHARS_MAX).collect()
}
