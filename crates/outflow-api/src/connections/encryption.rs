//! The OpenPGP key of an account: checked when it is given, and shown with what it is.

use chrono::{DateTime, Utc};
use outflow_connector_kit::catalog::DeliveryKind;
use outflow_export::openpgp::{IS_BUILT_IN, PublicKey};
use outflow_model::encryption::{ALGORITHM, SPEC_NAME, described, given_key};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::body::Fields;
use crate::error::Problem;

/// How an account's files are encrypted. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Encryption")]
pub(crate) struct Encryption {
    /// A name of the connection spec's `encryptionSpecs`: `File Encryption`.
    #[serde(rename = "specName")]
    spec_name: Option<String>,
    /// The key.
    params: EncryptionParams,
    /// What the key is. The server reads it; what a body says of it is not kept.
    key: Option<EncryptionKey>,
}

/// The key of an account's files. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "EncryptionParams")]
pub(crate) struct EncryptionParams {
    /// `PGP/GPG`.
    #[serde(rename = "encryptionAlgo")]
    encryption_algo: Option<String>,
    /// An OpenPGP public key: armor, or the Base64 of it.
    #[serde(rename = "publicKey")]
    public_key: String,
}

/// What an account's key is. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "EncryptionKey")]
pub(crate) struct EncryptionKey {
    /// The key's fingerprint.
    fingerprint: String,
    /// The fingerprint of the subkey to which files are encrypted.
    #[serde(rename = "encryptionFingerprint")]
    encryption_fingerprint: String,
    /// What that subkey is.
    algorithm: String,
    /// Whose key it says it is.
    #[serde(rename = "userId")]
    user_id: Option<String>,
    /// From when on nothing is encrypted to it any more.
    #[serde(rename = "expiresAt")]
    expires_at: Option<String>,
}

/// What the catalog says of a destination's encryption. None for one that takes no files, or in a build without OpenPGP.
pub(crate) fn specs(delivery: DeliveryKind) -> Value {
    if !IS_BUILT_IN || delivery != DeliveryKind::Batch {
        return json!([]);
    }
    let algorithm = format!("{ALGORITHM}: files are OpenPGP messages, and their names end in .gpg");
    json!([{
        "name": SPEC_NAME,
        "type": "FileEncryption",
        "spec": {
            "encryptionAlgo": {"type": "string", "description": algorithm},
            "publicKey": {
                "type": "string",
                "contentEncoding": "base64",
                "description": "The receiver's OpenPGP public key, as armor or as its Base64",
            },
        },
    }])
}

/// Reads the `encryption` of an account that is delivered to as `delivery` says; answers it as it is saved. What is saved
/// already, `kept`, is not checked again: who renames an account whose key has expired is not kept from it.
pub(super) fn read(
    body: &Map<String, Value>,
    kept: Option<&Value>,
    delivery: Option<DeliveryKind>,
    now: DateTime<Utc>,
    fields: &mut Fields<'_>,
) -> Option<Value> {
    let given = body.get("encryption")?;
    if kept == Some(given) {
        return Some(given.clone());
    }
    let key = match given_key(Some(given)) {
        Ok(Some(key)) => key,
        Ok(None) => return Some(given.clone()),
        Err(problem) => {
            fields.problems([Problem::from(problem)]);
            return None;
        }
    };
    if delivery.is_some_and(|delivery| delivery != DeliveryKind::Batch) {
        fields.problem("encryption", "is for accounts that files are delivered to");
        return None;
    }
    match PublicKey::read(key.text.as_bytes(), now) {
        Ok(read) => Some(described(given, read.summary())),
        Err(problem) => {
            fields.problems([Problem::new(key.pointer, problem.advice())]);
            None
        }
    }
}

#[cfg(all(test, feature = "openpgp"))]
mod tests {
    use chrono::TimeDelta;
    use outflow_testkit::gpg::{Gpg, Kind};
    use serde_json::json;

    use super::*;
    use crate::testing::{Server, folder_account};

    const PATH: &str = "/data/foundation/flowservice/connections";

    fn account(encryption: &Value) -> Value {
        let mut body = folder_account("Local");
        body["encryption"] = encryption.clone();
        body
    }

    fn with_key(key: &str) -> Value {
        account(&json!({"specName": SPEC_NAME, "params": {"encryptionAlgo": ALGORITHM, "publicKey": key}}))
    }

    #[tokio::test]
    async fn a_key_is_shown_with_what_it_is_and_can_be_taken_out_again() {
        let (server, gpg) = (Server::start().await, Gpg::new());
        let client = server.client();
        let key = gpg.key_with(Kind::NistP256, "20900102T030405", &[]);
        let armor = gpg.public(&key);
        let created = client.post(PATH, &with_key(&armor)).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let what = json!({
            "fingerprint": key, "encryptionFingerprint": gpg.subkeys(&key)[0], "algorithm": "ECDH NIST P-256",
            "userId": "Acme NistP256 <files@acme.example>", "expiresAt": "2090-01-02T03:04:05Z",
        });
        assert_eq!(created.body["encryptionKey"], what);
        let path = format!("{PATH}/{}", created.id());
        let shown = client.get(&path).await.body["items"][0].clone();
        assert_eq!(shown["encryption"]["key"], what);
        assert_eq!(shown["encryption"]["params"]["publicKey"], armor.as_str());
        // The same key, once as it is shown and once as it was sent.
        for same in [shown["encryption"].clone(), with_key(&armor)["encryption"].clone()] {
            let patch = json!([{"op": "replace", "path": "/encryption", "value": same}]);
            let answer = client.patch(&path, Some("*"), &patch).await;
            assert_eq!((answer.status, answer.etag()), (200, created.etag()), "{}", answer.text);
            let compared = client.post(&format!("{path}/compare"), &json!({"encryption": same})).await;
            assert_eq!(compared.body, json!({"same": true, "changed": []}), "{}", compared.text);
        }
        let other = gpg.public(&gpg.key(Kind::Curve25519));
        let patch = json!([{"op": "replace", "path": "/encryption/params/publicKey", "value": other}]);
        let answer = client.patch(&path, Some("*"), &patch).await;
        assert_eq!(answer.body["encryptionKey"]["algorithm"], "ECDH Curve25519", "{}", answer.text);
        let removed = client.patch(&path, Some("*"), &json!([{"op": "remove", "path": "/encryption"}])).await;
        assert_eq!((removed.status, removed.body.get("encryptionKey")), (200, None), "{}", removed.text);
    }

    #[tokio::test]
    async fn a_key_that_is_none_is_refused_by_field_and_never_repeated() {
        let (server, gpg) = (Server::start().await, Gpg::new());
        let private = gpg.private(&gpg.key(Kind::Curve25519));
        let signs = gpg.public(&gpg.key(Kind::SignOnly));
        for (encryption, field, reason) in [
            (json!({"params": {"publicKey": private}}), "/encryption/params/publicKey", "private key"),
            (json!(private), "/encryption", "private key"),
            (json!({"params": {"publicKey": signs}}), "/encryption/params/publicKey", "only sign"),
            (json!({"params": {"publicKey": "hush-hush"}}), "/encryption/params/publicKey", "no OpenPGP public key"),
            (json!({"specName": SPEC_NAME}), "/encryption/params/publicKey", "missing"),
            (json!({"params": {"encryptionAlgo": "RSA"}}), "/encryption/params/encryptionAlgo", "must be PGP/GPG"),
            (json!(["x"]), "/encryption", "must be an object"),
        ] {
            let answer = server.client().post(PATH, &account(&encryption)).await;
            assert_eq!((answer.status, answer.fields()), (400, vec![field.to_owned()]), "{}", answer.text);
            assert!(answer.text.contains(reason), "{}", answer.text);
            assert!(!answer.text.contains("hush-hush"));
            for line in private.lines().filter(|line| line.len() > 20 && !line.contains("-----")) {
                assert!(!answer.text.contains(line), "{}", answer.text);
            }
        }
        assert_eq!(server.client().get(PATH).await.body["items"], json!([]));
        let store = json!({
            "name": "Profiles", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1"},
            "encryption": with_key(&signs)["encryption"],
        });
        assert_eq!(server.client().post(PATH, &store).await.fields(), ["/encryption"]);
    }

    #[tokio::test]
    async fn a_key_that_expired_is_told_by_a_test_and_keeps_nobody_from_other_changes() {
        let (server, gpg) = (Server::start().await, Gpg::new());
        let client = server.client();
        let armor = gpg.public(&gpg.key_with(Kind::Curve25519, "20900102T000000", &[]));
        let created = client.post(PATH, &with_key(&armor)).await;
        let path = format!("{PATH}/{}", created.id());
        assert_eq!(client.get(&format!("{path}/test")).await.status, 200);
        let day = "2090-01-03T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        server.later(TimeDelta::seconds((day - server.now()).num_seconds()));
        // Tokens have expired too.
        let client = server.with_token(&format!("Bearer {}", server.new_token().await));
        let tested = client.get(&format!("{path}/test")).await;
        assert_eq!((tested.status, tested.fields()), (400, vec!["/encryption/params/publicKey".to_owned()]));
        assert!(tested.text.contains("expired on 2090-01-02"), "{}", tested.text);
        let rename = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
        assert_eq!(client.patch(&path, Some("*"), &rename).await.status, 200);
        let again = client.post(PATH, &with_key(&armor)).await;
        assert_eq!(again.fields(), ["/encryption/params/publicKey"], "{}", again.text);
    }

    #[tokio::test]
    async fn destinations_of_files_say_that_they_can_be_encrypted() {
        let server = Server::start().await;
        let specs = server.client().get("/data/foundation/flowservice/connectionSpecs").await;
        for spec in specs.body["items"].as_array().unwrap() {
            let offered = spec["encryptionSpecs"].as_array().unwrap();
            let is_files = spec["attributes"]["isBatch"] == true;
            assert_eq!(offered.len(), usize::from(is_files), "{spec}");
            assert!(!is_files || offered[0]["name"] == SPEC_NAME);
        }
    }

    #[tokio::test]
    async fn a_name_that_encryption_makes_too_long_is_refused_with_the_flow() {
        let (server, gpg) = (Server::start().await, Gpg::new());
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        // With `Loyal`, the segment's id, `_10000.csv` and the temporary suffix this is 253 bytes.
        let stem = "x".repeat(253 - "Loyal".len() - flow.segment.len() - "_10000.csv.00000000.part".len());
        let template = format!("%DESTINATION_NAME%%SEGMENT_ID%{}%DATETIME(DD)%", &stem[2..]);
        let place = "/transformations/0/params/segmentSelectors/selectors/0/value/filenameTemplate";
        let long = json!([{"op": "add", "path": place, "value": template}]);
        let fits = server.client().patch(&path, Some("*"), &long).await;
        assert_eq!(fits.status, 200, "{}", fits.text);
        let key = gpg.public(&gpg.key(Kind::Curve25519));
        let given = json!([{"op": "add", "path": "/encryption", "value": {"params": {"publicKey": key}}}]);
        let account = format!("{PATH}/{}", flow.connection);
        let refused = server.client().patch(&account, Some("*"), &given).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["/encryption".to_owned()]), "{}", refused.text);
        assert!(refused.text.contains(&format!("{place} of flow {}", flow.id)), "{}", refused.text);
        // One that holds no key is none.
        for blank in [json!({}), json!(null), json!({"params": {}})] {
            let patch = json!([{"op": "add", "path": "/encryption", "value": blank}]);
            let blanked = server.client().patch(&account, Some("*"), &patch).await;
            assert_eq!(blanked.status, 200, "{blank}: {}", blanked.text);
            let refused = server.client().patch(&account, Some("*"), &given).await;
            assert_eq!((refused.status, refused.fields()), (400, vec!["/encryption".to_owned()]), "{blank}");
        }
        let shorter = json!([{"op": "add", "path": place, "value": template.replacen("xxxx", "", 1)}]);
        assert_eq!(server.client().patch(&path, Some("*"), &shorter).await.status, 200);
        let given = server.client().patch(&account, Some("*"), &given).await;
        assert_eq!(given.status, 200, "{}", given.text);
        let refused = server.client().patch(&path, Some("*"), &long).await;
        assert_eq!((refused.status, refused.fields()), (400, vec![place.to_owned()]), "{}", refused.text);
    }
}
