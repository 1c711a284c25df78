//! Credentials and keys of the practice targets: derived once from the seed, then kept in the data folder.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::hmac;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::Ed25519Keypair;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::PracticeError;

/// A key pair of the practice S3 and Kinesis endpoints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PracticeCredentials {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key. It opens nothing but practice targets.
    pub secret_access_key: String,
}

/// A key pair of a session, which goes with a token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PracticeSession {
    /// The access key id.
    pub access_key_id: String,
    /// The secret access key. It opens nothing but practice targets.
    pub secret_access_key: String,
    /// What `x-amz-security-token` has to be.
    pub session_token: String,
}

/// All secrets of a data folder.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Credentials {
    pub(crate) s3: PracticeCredentials,
    pub(crate) s3_no_rights: PracticeCredentials,
    /// May put records and nothing else.
    pub(crate) kinesis_put_only: PracticeCredentials,
    pub(crate) kinesis_session: PracticeSession,
    pub(crate) sftp_user: String,
    pub(crate) sftp_password: String,
    /// Keys the names that must not be guessed, upload ids for example.
    pub(crate) internal_key: String,
}

impl Credentials {
    /// Reads the credentials kept in `path`. What is not there yet, all or those of a target that came later, is derived
    /// from `seed` and kept, readable by the owner only.
    pub(crate) fn load_or_create(path: &Path, seed: &[u8; 32]) -> Result<Credentials, PracticeError> {
        let unusable = |e: serde_json::Error| {
            PracticeError::new(
                format!("{} is not a credentials file", path.display()),
                format!("read {}", path.display()),
                "delete the file to get new credentials",
            )
            .because(e)
        };
        let kept: Map<String, Value> = match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map_err(unusable)?,
            Err(e) if e.kind() == io::ErrorKind::NotFound => Map::new(),
            Err(e) => return Err(PracticeError::file(path, "read", e)),
        };
        let unwritten = |e| PracticeError::file(path, "write", e);
        let derived = serde_json::to_value(Credentials::derive(seed)).map_err(|e| unwritten(e.into()))?;
        let mut all = derived.as_object().cloned().unwrap_or_default();
        let complete = all.keys().all(|name| kept.contains_key(name));
        all.extend(kept);
        if !complete {
            let text = serde_json::to_vec_pretty(&all).map_err(|e| unwritten(e.into()))?;
            replace_private(path, &text).map_err(unwritten)?;
        }
        serde_json::from_value(Value::Object(all)).map_err(unusable)
    }

    fn derive(seed: &[u8; 32]) -> Credentials {
        let pair = |name: &str| PracticeCredentials {
            // As long as real ones (20 and 40 characters), and not to be taken for them.
            access_key_id: format!("PRACTICE{}", letters(seed, &format!("{name} id"), 12).to_uppercase()),
            secret_access_key: letters(seed, &format!("{name} secret"), 40),
        };
        let session = pair("kinesis session");
        Credentials {
            s3: pair("s3"),
            s3_no_rights: pair("s3 without rights"),
            kinesis_put_only: pair("kinesis put only"),
            kinesis_session: PracticeSession {
                access_key_id: session.access_key_id,
                secret_access_key: session.secret_access_key,
                session_token: letters(seed, "kinesis session token", 64),
            },
            sftp_user: "outflow".into(),
            sftp_password: letters(seed, "sftp password", 24),
            internal_key: letters(seed, "internal", 32),
        }
    }
}

/// Reads the ed25519 key kept in `path`, or derives it from `seed` and keeps it, readable by the owner only.
pub(crate) fn load_or_create_key(path: &Path, seed: &[u8; 32], label: &str) -> Result<PrivateKey, PracticeError> {
    let unusable = |e: russh::keys::ssh_key::Error| {
        PracticeError::new(
            format!("{} is not an OpenSSH private key", path.display()),
            format!("read {}", path.display()),
            "delete the file to get a new key",
        )
        .because(e)
    };
    match fs::read_to_string(path) {
        Ok(text) => PrivateKey::from_openssh(text).map_err(unusable),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let mut key = PrivateKey::from(Ed25519Keypair::from_seed(&derive(seed, label)));
            key.set_comment("outflow-practice");
            let text = key.to_openssh(LineEnding::LF).map_err(unusable)?;
            write_private(path, text.as_bytes())?;
            Ok(key)
        }
        Err(e) => Err(PracticeError::file(path, "read", e)),
    }
}

/// Writes the file in one step; only its owner can read it.
fn replace_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text)?;
    file.persist(path).map_err(|e| e.error)?;
    Ok(())
}

fn write_private(path: &Path, text: &[u8]) -> Result<(), PracticeError> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(text))
        .map_err(|e| PracticeError::file(path, "write", e))
}

/// 32 bytes that depend on `seed` and `label`.
pub(crate) fn derive(seed: &[u8], label: &str) -> [u8; 32] {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, seed), label.as_bytes());
    let mut out = [0; 32];
    out.copy_from_slice(tag.as_ref());
    out
}

/// `count` letters and digits, at most 64, five bits each.
fn letters(seed: &[u8; 32], label: &str, count: usize) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnopqrstuvwxyz2345678";
    let first = derive(seed, label);
    let second = derive(&first, label);
    first.iter().chain(&second).take(count).map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn credentials_stay_and_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        let first = Credentials::load_or_create(&path, &[1; 32]).unwrap();
        let again = Credentials::load_or_create(&path, &[2; 32]).unwrap();
        assert_eq!(first.s3, again.s3);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_ne!(first.s3, Credentials::derive(&[2; 32]).s3);
        assert_ne!(first.s3, first.s3_no_rights);
        assert_eq!(first.s3.access_key_id.len(), 20);
        assert_eq!(first.s3.secret_access_key.len(), 40);
    }

    #[test]
    fn a_folder_of_before_gets_what_it_lacks() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.json");
        let first = Credentials::load_or_create(&path, &[1; 32]).unwrap();
        let mut kept: Map<String, Value> = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        kept.remove("kinesisPutOnly").unwrap();
        fs::write(&path, serde_json::to_vec(&kept).unwrap()).unwrap();
        let second = Credentials::load_or_create(&path, &[2; 32]).unwrap();
        assert_eq!(first.s3, second.s3);
        assert_eq!(second.kinesis_put_only, Credentials::derive(&[2; 32]).kinesis_put_only);
        let third = Credentials::load_or_create(&path, &[3; 32]).unwrap();
        assert_eq!(second.kinesis_put_only, third.kinesis_put_only);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_host_key_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        let first = load_or_create_key(&path, &[1; 32], "host").unwrap();
        let again = load_or_create_key(&path, &[2; 32], "host").unwrap();
        assert_eq!(first.public_key(), again.public_key());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
