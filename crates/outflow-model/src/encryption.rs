//! Encryption of files: who can read them, and what an account says of it.
//!
//! An account's `encryption` holds an OpenPGP public key. It is the text of the key, or an object with the text in
//! `params.publicKey`:
//!
//! ```json
//! {"specName": "File Encryption", "params": {"encryptionAlgo": "PGP/GPG", "publicKey": "-----BEGIN PGP PUBLIC KEY …"}}
//! ```
//!
//! What the key is, is written beside it in `key` ([`KeySummary`]) by whoever saves the account.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::problem::Problem;

/// The last extension of an encrypted file, without a dot.
pub const ENCRYPTED_EXTENSION: &str = "gpg";

/// What the way to encrypt is called in accounts and in the catalog.
pub const SPEC_NAME: &str = "File Encryption";

/// What the algorithm is called there.
pub const ALGORITHM: &str = "PGP/GPG";

/// Other names under which people know it.
const ALGORITHMS: [&str; 4] = [ALGORITHM, "OpenPGP", "PGP", "GPG"];

/// Who can read a run's files. Part of its plan: a key of another fingerprint gives other bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// Fingerprint of the key in upper-case hexadecimal.
    pub fingerprint: String,
    /// Fingerprint of that of its keys to which files are encrypted: a subkey mostly.
    pub encryption_fingerprint: String,
}

/// What a person recognises a key by, and how long it is good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeySummary {
    /// The two fingerprints.
    #[serde(flatten)]
    pub recipient: Recipient,
    /// What the key to which files are encrypted is, such as `RSA 3072` or `ECDH Curve25519`.
    pub algorithm: String,
    /// Whose key it says it is.
    pub user_id: Option<String>,
    /// From when on nothing is encrypted to it any more; never without.
    pub expires_at: Option<DateTime<Utc>>,
}

/// The key that an account gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenKey<'v> {
    /// Its text as it was sent.
    pub text: &'v str,
    /// Where it stands in the account: a JSON Pointer.
    pub pointer: &'static str,
}

/// The key in an account's `encryption`; `None` where the member is absent or empty.
///
/// # Errors
/// Where the member says something, but gives no key. Whoever ignored it would deliver in clear.
pub fn given_key(encryption: Option<&Value>) -> Result<Option<GivenKey<'_>>, Problem> {
    let Some(encryption) = encryption.filter(|value| is_filled(value)) else { return Ok(None) };
    let members = match encryption {
        Value::String(text) => return Ok(Some(GivenKey { text, pointer: "/encryption" })),
        Value::Object(members) => members,
        _ => return Err(Problem::new("/encryption", "must be an object with an OpenPGP public key")),
    };
    if members.get("specName").is_some_and(|name| !name.is_null() && !name.is_string()) {
        return Err(Problem::new("/encryption/specName", "must be a string"));
    }
    let pointer = "/encryption/params/publicKey";
    let params = match members.get("params") {
        Some(Value::Object(params)) => params,
        None | Some(Value::Null) => return Err(Problem::new(pointer, "is missing")),
        Some(_) => return Err(Problem::new("/encryption/params", "must be an object")),
    };
    match params.get("encryptionAlgo") {
        None | Some(Value::Null) => {}
        Some(Value::String(name)) if ALGORITHMS.iter().any(|known| known.eq_ignore_ascii_case(name)) => {}
        Some(_) => return Err(Problem::new("/encryption/params/encryptionAlgo", format!("must be {ALGORITHM}"))),
    }
    match params.get("publicKey") {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(GivenKey { text, pointer })),
        None | Some(Value::Null | Value::String(_)) => Err(Problem::new(pointer, "is missing")),
        Some(_) => Err(Problem::new(pointer, "must be a string")),
    }
}

/// An account's `encryption` with what its key is beside it.
pub fn described(encryption: &Value, summary: &KeySummary) -> Value {
    let mut members = match encryption {
        Value::Object(members) => members.clone(),
        text => {
            let params = json!({"encryptionAlgo": ALGORITHM, "publicKey": text});
            Map::from_iter([("specName".to_owned(), json!(SPEC_NAME)), ("params".to_owned(), params)])
        }
    };
    members.insert("key".to_owned(), json!(summary));
    Value::Object(members)
}

/// What stands behind the format's extension in a file's name, without the first dot: the compression's extension and
/// that of encrypted files.
pub fn outer_extensions(compression: Option<&str>, is_encrypted: bool) -> Option<String> {
    match (compression, is_encrypted) {
        (Some(compression), true) => Some(format!("{compression}.{ENCRYPTED_EXTENSION}")),
        (None, true) => Some(ENCRYPTED_EXTENSION.to_owned()),
        (compression, false) => compression.map(str::to_owned),
    }
}

fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => members.values().any(is_filled),
        Value::Array(items) => items.iter().any(is_filled),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_member_means_files_in_clear() {
        for clear in [json!(null), json!(""), json!({}), json!({"specName": "", "params": {"publicKey": null}})] {
            assert_eq!(given_key(Some(&clear)), Ok(None), "{clear}");
        }
        assert_eq!(given_key(None), Ok(None));
        for (asked, field) in [
            (json!({"specName": SPEC_NAME}), "/encryption/params/publicKey"),
            (json!({"params": {"encryptionAlgo": "PGP/GPG"}}), "/encryption/params/publicKey"),
            (json!({"params": {"publicKey": "  "}}), "/encryption/params/publicKey"),
            (json!({"params": {"publicKey": 7}}), "/encryption/params/publicKey"),
            (json!({"params": {"encryptionAlgo": "AES", "publicKey": "k"}}), "/encryption/params/encryptionAlgo"),
            (json!({"params": "k"}), "/encryption/params"),
            (json!({"specName": 7}), "/encryption/specName"),
            (json!({"publicKey": "k"}), "/encryption/params/publicKey"),
            (json!([1]), "/encryption"),
            (json!(true), "/encryption"),
        ] {
            assert_eq!(given_key(Some(&asked)).unwrap_err().field, field, "{asked}");
        }
    }

    #[test]
    fn a_key_is_found_and_described() {
        let summary = KeySummary {
            recipient: Recipient { fingerprint: "AA".into(), encryption_fingerprint: "BB".into() },
            algorithm: "RSA 3072".into(),
            user_id: Some("Acme".into()),
            expires_at: None,
        };
        for given in [json!("k"), json!({"specName": "PGP", "params": {"publicKey": "k", "encryptionAlgo": "openpgp"}})]
        {
            assert_eq!(given_key(Some(&given)).unwrap().unwrap().text, "k");
            let described = described(&given, &summary);
            assert_eq!(given_key(Some(&described)).unwrap().unwrap().text, "k");
            assert_eq!(described["key"]["fingerprint"], "AA");
            assert_eq!(described["key"]["encryptionFingerprint"], "BB");
            assert_eq!(described["key"]["userId"], "Acme");
        }
    }

    #[test]
    fn encrypted_files_end_in_gpg() {
        assert_eq!(outer_extensions(None, false), None);
        assert_eq!(outer_extensions(Some("gz"), false).as_deref(), Some("gz"));
        assert_eq!(outer_extensions(None, true).as_deref(), Some("gpg"));
        assert_eq!(outer_extensions(Some("zst"), true).as_deref(), Some("zst.gpg"));
    }
}
