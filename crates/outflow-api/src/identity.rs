//! Identities in bodies of requests. They are read and hashed at once; problems name their places and never quote them.

use outflow_model::json::Node;
use outflow_model::problem::Findings;
use outflow_profiles::snapshot::identity_key;
use serde::Serialize;
use utoipa::ToSchema;

/// Characters of a namespace.
const NAMESPACE_CHARS_MAX: usize = 255;

/// Bytes of an identity's value.
const ID_BYTES_MAX: usize = 4_096;

/// What identifies a person. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Identity", example = json!({"namespace": "Email", "id": "ada@example.org"}))]
pub(crate) struct IdentityBody {
    /// The namespace, as datasets name it.
    namespace: String,
    /// The identity's value, exactly as datasets hold it.
    id: String,
}

/// An identity, of which nothing but its namespace can be told.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// Its namespace.
    pub(crate) namespace: String,
    /// Its value, which goes nowhere but into a hash or a look at profiles.
    pub(crate) value: String,
}

impl Identity {
    /// Reads `{namespace, id}`; a number as id is its digits.
    pub(crate) fn read(node: &Node<'_>, findings: &mut Findings) -> Option<Identity> {
        node.object(findings)?;
        let namespace = node.required("namespace", findings).and_then(|member| {
            let namespace = member.filled_text(findings)?;
            if namespace.contains(':') || namespace.chars().any(char::is_control) {
                findings.add(&member.pointer, "holds a colon or a control character");
            } else if namespace.chars().count() > NAMESPACE_CHARS_MAX {
                findings.add(&member.pointer, format!("has more than {NAMESPACE_CHARS_MAX} characters"));
            }
            Some(namespace.to_owned())
        });
        let value = node.required("id", findings).and_then(|member| {
            let value = match member.value {
                serde_json::Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
                _ => member.filled_text(findings)?.to_owned(),
            };
            if value.len() > ID_BYTES_MAX {
                findings.add(&member.pointer, format!("has more than {ID_BYTES_MAX} bytes"));
            }
            Some(value)
        });
        Some(Identity { namespace: namespace?, value: value? })
    }

    /// `namespace:value`, as profiles are called by their primary identity.
    pub(crate) fn text(&self) -> String {
        format!("{}:{}", self.namespace, self.value)
    }

    /// What stands for it in the suppression list: the first 16 bytes of the SHA-256 of `namespace:value`.
    pub(crate) fn key(&self) -> [u8; 16] {
        identity_key(&self.namespace, &self.value)
    }
}

/// It prints nothing that identifies anybody.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.namespace)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &serde_json::Value) -> (Option<Identity>, Findings) {
        let mut findings = Findings::default();
        let identity = Identity::read(&Node::at(value, "/i"), &mut findings);
        (identity, findings)
    }

    #[test]
    fn an_identity_is_told_by_its_hash_alone() {
        let (identity, findings) = read(&json!({"namespace": "Email", "id": "ada@example.org"}));
        let identity = identity.unwrap();
        assert!(findings.problems.is_empty());
        // sha256("Email:ada@example.org")
        assert_eq!(format!("{:02x?}", &identity.key()[..4]), "[c8, 1d, cc, a6]");
        assert_eq!(format!("{identity:?}"), "Email:…");
        let number = read(&json!({"namespace": "CRMID", "id": 42})).0.unwrap();
        assert_eq!(number, read(&json!({"namespace": "CRMID", "id": "42"})).0.unwrap());
    }

    #[test]
    fn problems_quote_nothing() {
        for (body, fields) in [
            (json!({}), vec!["/i/namespace", "/i/id"]),
            (json!("ada@example.org"), vec!["/i"]),
            (json!({"namespace": "a:b", "id": " "}), vec!["/i/namespace", "/i/id"]),
            (json!({"namespace": "E", "id": {"ada": 1}}), vec!["/i/id"]),
            (json!({"namespace": "E", "id": "ada".repeat(2_000)}), vec!["/i/id"]),
        ] {
            let (_, findings) = read(&body);
            let found: Vec<&str> = findings.problems.iter().map(|problem| problem.field.as_str()).collect();
            assert_eq!(found, fields, "{body}");
            assert!(!format!("{findings:?}").contains("ada"), "{findings:?}");
        }
    }
}
