//! One encrypted file: the session key for its reader, then the content.

use outflow_model::Fault;
use pgp::composed::RawSessionKey;
use pgp::crypto::sym::SymmetricKeyAlgorithm;
use pgp::packet::{PacketTrait as _, PublicKeyEncryptedSessionKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::SEED_BYTES;
use super::key::{EncryptionTo, PublicKey};
use super::packets::{BLOCK_BYTES, EncryptedData, KEY_BYTES};

/// What encrypts a part as its content comes.
pub(crate) struct PartCipher {
    data: EncryptedData,
    /// What was made before there was content.
    beginning: Vec<u8>,
}

impl PartCipher {
    /// Begins a file to `key`; everything random in it follows from `seed`.
    ///
    /// # Errors
    /// `Internal`: a key to which nothing can be encrypted was not to be read.
    pub fn new(key: &PublicKey, seed: [u8; SEED_BYTES]) -> Result<PartCipher, Fault> {
        let mut random = ChaCha20Rng::from_seed(seed);
        let (mut session_key, mut first) = ([0; KEY_BYTES], [0; BLOCK_BYTES]);
        random.fill_bytes(&mut session_key);
        random.fill_bytes(&mut first);
        let mut beginning = session_key_packet(key.encryption(), &session_key, &mut random)
            .ok_or_else(|| Fault::internal("a session key cannot be encrypted"))?;
        let data = EncryptedData::begin(&session_key, &first, &mut beginning)?;
        Ok(PartCipher { data, beginning })
    }

    /// Takes content; answers the bytes that can leave, which may be none.
    pub fn update(&mut self, content: &[u8]) -> Result<Vec<u8>, Fault> {
        let mut out = std::mem::take(&mut self.beginning);
        out.reserve(content.len() + content.len() / 1024);
        self.data.push(content, &mut out)?;
        Ok(out)
    }

    /// The last bytes of the file.
    pub fn finish(mut self) -> Result<Vec<u8>, Fault> {
        let mut out = std::mem::take(&mut self.beginning);
        self.data.finish(&mut out)?;
        Ok(out)
    }
}

/// The session key for the owner of `to`; `None` where nothing can be encrypted to it.
pub(super) fn session_key_packet(
    to: &EncryptionTo,
    session_key: &[u8; KEY_BYTES],
    random: &mut ChaCha20Rng,
) -> Option<Vec<u8>> {
    let (key, aes) = (RawSessionKey::from(session_key.as_slice()), SymmetricKeyAlgorithm::AES256);
    let packet = match to {
        EncryptionTo::Primary(to) => PublicKeyEncryptedSessionKey::from_session_key_v3(random, &key, aes, to),
        EncryptionTo::Subkey(to) => PublicKeyEncryptedSessionKey::from_session_key_v3(random, &key, aes, to),
    };
    let mut out = Vec::new();
    packet.ok()?.to_writer_with_header(&mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use outflow_testkit::gpg::{Gpg, Kind};

    use super::*;

    #[test]
    fn a_long_file_passes_in_small_pieces_and_arrives_whole() {
        const PIECE_BYTES: usize = 1 << 20;
        const PIECES: usize = 72;
        let gpg = Gpg::new();
        let armored = gpg.public(&gpg.key(Kind::Curve25519));
        let key = PublicKey::read(armored.as_bytes(), DateTime::UNIX_EPOCH).unwrap();
        let mut cipher = PartCipher::new(&key, [5; SEED_BYTES]).unwrap();
        let (mut plain, mut sent) = (Vec::new(), Vec::new());
        let mut random = ChaCha20Rng::from_seed([6; 32]);
        for _ in 0..PIECES {
            let mut piece = vec![0; PIECE_BYTES];
            random.fill_bytes(&mut piece);
            let out = cipher.update(&piece).unwrap();
            assert!(out.len() < 2 * PIECE_BYTES);
            plain.append(&mut piece);
            sent.extend(out);
            // What has come and not left yet is all that is held.
            assert!(plain.len().saturating_sub(sent.len()) < PIECE_BYTES / 4, "{} of {}", sent.len(), plain.len());
        }
        sent.extend(cipher.finish().unwrap());
        assert!(gpg.decrypt(&sent).unwrap() == plain);
    }

    #[test]
    fn an_empty_file_is_a_message_too() {
        let gpg = Gpg::new();
        let armored = gpg.public(&gpg.key(Kind::Curve25519));
        let key = PublicKey::read(armored.as_bytes(), DateTime::UNIX_EPOCH).unwrap();
        let cipher = PartCipher::new(&key, [5; SEED_BYTES]).unwrap();
        assert_eq!(gpg.decrypt(&cipher.finish().unwrap()).unwrap(), b"");
    }
}
