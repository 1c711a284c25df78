//! Keys of identities: what stands for `namespace:value` where the value itself is not to be kept.

use aws_lc_rs::digest;

use crate::folder::name_of;

/// The key of an identity: the first 16 bytes of the SHA-256 of `namespace:value`. Of a primary identity, the first eight
/// of them are the profile's hash (see [`hash_of`](super::super::hash_of)).
pub fn identity_key(namespace: &str, value: &str) -> [u8; 16] {
    let mut context = digest::Context::new(&digest::SHA256);
    for bytes in [namespace.as_bytes(), b":", value.as_bytes()] {
        context.update(bytes);
    }
    let mut key = [0; 16];
    key.copy_from_slice(&context.finish().as_ref()[..16]);
    key
}

/// What an index holds of an identity: the first eight bytes of its key, as a number.
pub(super) fn hash_of_key(key: &[u8; 16]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *key;
    u64::from_be_bytes([a, b, c, d, e, f, g, h])
}

/// A set of identities, known by their keys alone.
///
/// Identities are told apart by the first eight bytes of their keys: with a million keys and a billion identities, the
/// chance is one in twenty thousand that anybody is in the set who should not be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityKeys {
    /// Ascending, each once.
    hashes: Vec<u64>,
    digest: String,
}

impl IdentityKeys {
    /// The set of `keys`, in whatever order they come.
    pub fn new(mut keys: Vec<[u8; 16]>) -> IdentityKeys {
        keys.sort_unstable();
        keys.dedup();
        let digest = name_of(keys.as_flattened());
        let mut hashes: Vec<u64> = keys.iter().map(hash_of_key).collect();
        hashes.dedup();
        IdentityKeys { hashes, digest }
    }

    /// Identities.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether an identity is among them.
    pub fn contains(&self, namespace: &str, value: &str) -> bool {
        !self.is_empty() && self.hashes.binary_search(&hash_of_key(&identity_key(namespace, value))).is_ok()
    }

    /// Stands for the set: equal sets have equal digests.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// What indexes hold of them, ascending.
    pub(super) fn hashes(&self) -> &[u64] {
        &self.hashes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::hash_of;
    use crate::snapshot::part::to_unsigned;

    #[test]
    fn the_key_of_a_primary_identity_begins_with_the_profile_hash() {
        let key = identity_key("Email", "a:b@c.de");
        assert_eq!(hash_of_key(&key), to_unsigned(hash_of("Email:a:b@c.de")));
    }

    #[test]
    fn a_set_knows_what_is_in_it() {
        let key = |value: &str| identity_key("N", value);
        let keys = IdentityKeys::new(vec![key("2"), key("1"), key("2")]);
        assert_eq!((keys.len(), keys.contains("N", "1"), keys.contains("N", "3")), (2, true, false));
        assert_eq!(keys.digest(), IdentityKeys::new(vec![key("1"), key("2")]).digest());
        assert_ne!(keys.digest(), IdentityKeys::new(vec![key("1")]).digest());
        assert!(IdentityKeys::default().is_empty() && !IdentityKeys::default().contains("N", "1"));
    }
}
