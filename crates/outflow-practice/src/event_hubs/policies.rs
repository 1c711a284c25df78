//! Shared access policies, the tokens that are made with their keys, and what a token allows.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::address;
use super::clock;
use crate::seed;

/// A right that a policy gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    Send,
    Listen,
    /// Both others come with it.
    Manage,
}

impl Claim {
    /// The name as messages have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Claim::Send => "Send",
            Claim::Listen => "Listen",
            Claim::Manage => "Manage",
        }
    }
}

/// A shared access policy.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) name: &'static str,
    pub(crate) key: String,
    pub(crate) claims: &'static [Claim],
    /// The hub it is limited to; none for the namespace.
    pub(crate) hub: Option<&'static str>,
}

/// What a connection may do because of one token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Path of the resource that the token is for, lower case; empty for the namespace.
    resource: String,
    /// The policy's hub.
    hub: Option<&'static str>,
    claims: &'static [Claim],
    /// When the token ends, in seconds since 1970.
    expires_secs: i64,
}

impl Grant {
    /// Whether the token allows `claim` on the entity with this path now.
    pub(crate) fn allows(&self, claim: Claim, entity: &str, now_secs: i64) -> bool {
        let entity = entity.to_ascii_lowercase();
        (self.claims.contains(&claim) || self.claims.contains(&Claim::Manage))
            && covers(&self.resource, &entity)
            && self.hub.is_none_or(|hub| covers(hub, &entity))
            && self.expires_secs > now_secs
    }

    /// Whether both are for the same resource, so that the newer replaces the older.
    pub(crate) fn same_resource(&self, other: &Grant) -> bool {
        self.resource == other.resource
    }
}

/// Whether the path `outer` is `inner` or above it. Both are lower case.
fn covers(outer: &str, inner: &str) -> bool {
    outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// All policies of the namespace.
pub(crate) struct Policies(Vec<Policy>);

impl Policies {
    /// The seeded policies; `hub` is the one that the last is limited to.
    pub(crate) fn new(internal_key: &str, hub: &'static str) -> Policies {
        let policy = |name: &'static str, claims: &'static [Claim], hub: Option<&'static str>| Policy {
            name,
            // As long as real keys, which are 32 bytes in base64.
            key: STANDARD.encode(seed::derive(internal_key.as_bytes(), &format!("event hubs policy {name}"))),
            claims,
            hub,
        };
        Policies(vec![
            policy("RootManageSharedAccessKey", &[Claim::Manage, Claim::Send, Claim::Listen], None),
            policy("send-only", &[Claim::Send], None),
            policy("listen-only", &[Claim::Listen], None),
            policy("exports-send", &[Claim::Send], Some(hub)),
        ])
    }

    /// The policies.
    pub(crate) fn all(&self) -> &[Policy] {
        &self.0
    }

    /// What a policy's name and key allow by themselves, as SASL PLAIN has them.
    pub(crate) fn sign_in(&self, name: &str, key: &str) -> Option<Grant> {
        let policy = self.0.iter().find(|policy| policy.name == name && policy.key == key)?;
        Some(Grant { resource: String::new(), hub: policy.hub, claims: policy.claims, expires_secs: i64::MAX })
    }

    /// Judges a shared access signature for `audience`; the error is the service's sentence.
    pub(crate) fn judge(&self, token: &str, audience: &str, now_secs: i64) -> Result<Grant, String> {
        const MALFORMED: &str = "MalformedToken: The credentials contained in the authorization header are malformed.";
        const INVALID: &str = "InvalidSignature: The token has an invalid signature.";
        let token = Token::parse(token).ok_or(MALFORMED)?;
        let policy = self.0.iter().find(|policy| policy.name == token.policy).ok_or(INVALID)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, policy.key.as_bytes());
        let signed = format!("{}\n{}", token.resource_encoded, token.expires_text);
        hmac::verify(&key, signed.as_bytes(), &token.signature).map_err(|_| INVALID)?;
        if token.expires_secs <= now_secs {
            return Err(format!(
                "ExpiredToken: The token is expired. Expiration time: '{}', Current time: '{}'.",
                clock::text(token.expires_secs.saturating_mul(1000)),
                clock::text(now_secs.saturating_mul(1000))
            ));
        }
        let resource = address::path(&token.resource).to_ascii_lowercase();
        if !covers(&resource, &address::path(audience).to_ascii_lowercase()) {
            return Err("InvalidAudience: The token has an invalid audience.".to_owned());
        }
        Ok(Grant { resource, hub: policy.hub, claims: policy.claims, expires_secs: token.expires_secs })
    }
}

/// `SharedAccessSignature sr=…&sig=…&se=…&skn=…`, parts in any order.
struct Token {
    /// The resource as it was signed.
    resource_encoded: String,
    resource: String,
    signature: Vec<u8>,
    expires_text: String,
    expires_secs: i64,
    policy: String,
}

impl Token {
    fn parse(text: &str) -> Option<Token> {
        let parts = text.strip_prefix("SharedAccessSignature ")?;
        let part = |name: &str| parts.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
        let (resource_encoded, expires_text) = (part("sr")?.to_owned(), part("se")?.to_owned());
        Some(Token {
            resource: percent_decoded(&resource_encoded)?,
            signature: STANDARD.decode(percent_decoded(part("sig")?)?).ok()?,
            expires_secs: expires_text.parse().ok()?,
            policy: percent_decoded(part("skn")?)?,
            resource_encoded,
            expires_text,
        })
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policies() -> Policies {
        Policies::new("key", "exports")
    }

    fn token(policy: &Policy, resource: &str, expires: i64) -> String {
        let encoded = resource.replace(':', "%3A").replace('/', "%2f");
        let key = hmac::Key::new(hmac::HMAC_SHA256, policy.key.as_bytes());
        let signature = STANDARD.encode(hmac::sign(&key, format!("{encoded}\n{expires}").as_bytes()));
        let signature = signature.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        format!("SharedAccessSignature sr={encoded}&sig={signature}&se={expires}&skn={}", policy.name)
    }

    #[test]
    fn a_token_allows_what_its_policy_and_resource_do() {
        let policies = policies();
        let [root, send, _, hub_send] = policies.all() else { panic!() };
        let judge = |token: &str| policies.judge(token, "sb://localhost/exports/Partitions/1", 1000);
        let grant = judge(&token(root, "sb://localhost:1/exports", 2000)).unwrap();
        assert!(grant.allows(Claim::Send, "exports/Partitions/1", 1500));
        assert!(grant.allows(Claim::Listen, "Exports", 1500));
        assert!(!grant.allows(Claim::Send, "exports2", 1500), "another hub");
        assert!(!grant.allows(Claim::Send, "exports", 2000), "it has ended");
        let grant = judge(&token(send, "sb://localhost:1/", 2000)).unwrap();
        assert!(grant.allows(Claim::Send, "other", 1500) && !grant.allows(Claim::Listen, "other", 1500));
        let grant = judge(&token(hub_send, "sb://localhost:1/", 2000)).unwrap();
        assert!(grant.allows(Claim::Send, "exports", 1500) && !grant.allows(Claim::Send, "other", 1500));
    }

    #[test]
    fn other_tokens_are_refused() {
        let policies = policies();
        let root = &policies.all()[0];
        let refused = |token: &str| policies.judge(token, "sb://h/exports", 1000).unwrap_err();
        assert!(refused(&token(root, "sb://h/exports", 1000)).starts_with("ExpiredToken"));
        assert!(refused(&token(root, "sb://h/other", 2000)).starts_with("InvalidAudience"));
        let wrong = Policy { key: "wrong".into(), ..root.clone() };
        assert!(refused(&token(&wrong, "sb://h/exports", 2000)).starts_with("InvalidSignature"));
        let unknown = Policy { name: "unknown", ..root.clone() };
        assert!(refused(&token(&unknown, "sb://h/exports", 2000)).starts_with("InvalidSignature"));
        let longer = token(root, "sb://h/exports", 2000).replace("se=2000", "se=3000");
        assert!(refused(&longer).starts_with("InvalidSignature"));
        for malformed in ["", "Bearer x", "SharedAccessSignature sr=a", "SharedAccessSignature sr=%&sig=a&se=1&skn=b"] {
            assert!(refused(malformed).starts_with("MalformedToken"), "{malformed}");
        }
    }
}
