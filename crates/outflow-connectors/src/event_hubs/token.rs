//! Tokens of a shared access signature.

use std::fmt::Write;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

/// A token for `resource` (`sb://host/hub`), signed with the key, good until `expires_at`.
pub(super) fn sign(resource: &str, key_name: &str, key: &str, expires_at: DateTime<Utc>) -> SecretString {
    let resource = encode(resource);
    let expires = expires_at.timestamp();
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let signature = hmac::sign(&key, format!("{resource}\n{expires}").as_bytes());
    let signature = encode(&STANDARD.encode(signature.as_ref()));
    let name = encode(key_name);
    format!("SharedAccessSignature sr={resource}&sig={signature}&se={expires}&skn={name}").into()
}

/// Percent-encodes everything but what no URL needs encoded.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    /// The expected text was made with another implementation of HMAC (Python's).
    #[test]
    fn a_token_is_as_others_sign_it() {
        let at = DateTime::from_timestamp(1_764_187_200, 0).unwrap();
        let key = "c2VjcmV0LWtleS1mb3ItdGVzdHM=";
        let token = sign("sb://acme.servicebus.windows.net/profiles", "send", key, at);
        assert_eq!(
            token.expose_secret(),
            "SharedAccessSignature sr=sb%3A%2F%2Facme.servicebus.windows.net%2Fprofiles\
             &sig=j10lJLMH5kfC39dL5EEHsD46WaYcLWNaCwIDQkvVBcc%3D&se=1764187200&skn=send"
        );
    }

    #[test]
    fn names_are_encoded() {
        assert_eq!(encode("a b/ü"), "a%20b%2F%C3%BC");
    }
}
