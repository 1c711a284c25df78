//! A key as people hand it over: armor, the Base64 of armor, or its plain packets.

use std::io::Read as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use pgp::armor::Dearmor;
use pgp::composed::{Deserializable as _, SignedPublicKey};
use pgp::packet::{PacketParser, PacketTrait as _};
use pgp::types::Tag;

use super::{KEY_BYTES_MAX, KeyProblem};

const ARMOR: &str = "-----BEGIN ";
const PUBLIC_ARMOR: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";

/// Packets that are looked at for private keys. A key of the largest size that is read has fewer.
const PACKETS_MAX: usize = 100_000;

/// The one key that `given` holds.
///
/// # Errors
/// None, several, a private one, or none that can be read.
pub(super) fn certificate(given: &[u8]) -> Result<SignedPublicKey, KeyProblem> {
    if given.len() > KEY_BYTES_MAX {
        return Err(KeyProblem::new(
            format!("has more than {} KiB", KEY_BYTES_MAX / 1024),
            "export it without the signatures of others: gpg --export-options export-minimal --armor --export KEY",
        ));
    }
    let packets = packets(given)?;
    let is_private = |tag| matches!(tag, Tag::SecretKey | Tag::SecretSubkey);
    if PacketParser::new(packets.as_slice()).take(PACKETS_MAX).flatten().any(|packet| is_private(packet.tag())) {
        return Err(private());
    }
    let keys = SignedPublicKey::from_bytes_many(packets.as_slice()).map_err(|_| damaged())?;
    let mut keys = keys.collect::<Result<Vec<_>, _>>().map_err(|_| damaged())?;
    match (keys.pop(), keys.len()) {
        (Some(key), 0) => Ok(key),
        (Some(_), _) => Err(several()),
        (None, _) => Err(no_key()),
    }
}

fn packets(given: &[u8]) -> Result<Vec<u8>, KeyProblem> {
    if is_binary(given) {
        return Ok(given.to_vec());
    }
    let text = std::str::from_utf8(given).map_err(|_| no_key())?.trim();
    if text.contains(ARMOR) {
        return dearmored(text);
    }
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let decoded = BASE64_STANDARD.decode(text).map_err(|_| no_key())?;
    if is_binary(&decoded) {
        return Ok(decoded);
    }
    let text = std::str::from_utf8(&decoded).map_err(|_| no_key())?.trim();
    if text.contains(ARMOR) { dearmored(text) } else { Err(no_key()) }
}

fn dearmored(text: &str) -> Result<Vec<u8>, KeyProblem> {
    if text.contains("PRIVATE KEY") {
        return Err(private());
    }
    match text.matches(PUBLIC_ARMOR).count() {
        0 => return Err(no_key()),
        1 => {}
        _ => return Err(several()),
    }
    let mut packets = Vec::new();
    Dearmor::new(text.as_bytes()).read_to_end(&mut packets).map_err(|_| damaged())?;
    Ok(packets)
}

/// Every packet begins with this bit, and no text does.
fn is_binary(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(|first| first & 0x80 != 0)
}

fn no_key() -> KeyProblem {
    KeyProblem::new(
        "is no OpenPGP public key",
        format!("give what gpg --armor --export KEY prints, which begins with {PUBLIC_ARMOR}, or the Base64 of it"),
    )
}

fn private() -> KeyProblem {
    KeyProblem::new(
        "is a private key, which only the receiver of the files may have",
        "give the public one (gpg --armor --export KEY); nothing of what was given is kept",
    )
}

fn several() -> KeyProblem {
    KeyProblem::new("is more than one key", "give the one of the receiver: gpg --armor --export FINGERPRINT")
}

fn damaged() -> KeyProblem {
    KeyProblem::new("is damaged or not whole", "export it again with gpg --armor --export KEY")
}
