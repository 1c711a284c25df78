//! Secrets of a body: cut out before it is stored, put back where a change left them alone.

use outflow_store::Tx;
use secrecy::SecretString;
use serde_json::{Map, Value};

use crate::error::{ApiError, ApiResult, Problem};

/// What stands in a body where a secret was.
pub(crate) const MASK: &str = "********";

/// Members of sign-in forms that say where the secrets are sent.
const ADDRESSES: [&str; 7] = ["domain", "host", "port", "endpoint", "endpointUrl", "connectionUrl", "namespace"];

/// Takes the secrets at `pointers` out of `body` and leaves the mask there.
pub(super) fn cut(body: &mut Map<String, Value>, pointers: &[String]) -> Vec<(String, SecretString)> {
    let mut cut = Vec::new();
    for pointer in pointers {
        let Some(place) = at(body, pointer) else { continue };
        if let Value::String(secret) = place {
            cut.push((pointer.clone(), SecretString::from(std::mem::replace(secret, MASK.to_owned()))));
        }
    }
    cut
}

/// Puts the secrets of `opened`, the object's body with its secrets in clear, where `body` has the mask.
///
/// A secret is kept for the place that it was given for: whoever may change the account could send it to a server of their
/// own otherwise.
///
/// # Errors
/// 400 naming every mask behind which there is no secret: it was copied from another account, or to another member, or
/// another place than before is to have it.
pub(super) fn put_back(body: &mut Map<String, Value>, opened: &Value) -> ApiResult<()> {
    let mut problems = Vec::new();
    let same_form = body.get("auth").and_then(|auth| auth.get("specName")) == opened.pointer("/auth/specName");
    let moved = ADDRESSES.into_iter().find(|name| address(body.get("auth"), name) != address(opened.get("auth"), name));
    let params = body.get_mut("auth").and_then(|auth| auth.get_mut("params")).and_then(Value::as_object_mut);
    for (name, value) in params.into_iter().flatten() {
        if value.as_str() != Some(MASK) {
            continue;
        }
        if let Some(moved) = moved.filter(|_| same_form) {
            let text = format!("is kept for the {moved} that it was given for; send it again with the new one");
            problems.push(Problem::new(format!("/auth/params/{name}"), text));
            continue;
        }
        let kept = opened.get("auth").and_then(|auth| auth.get("params")).and_then(|params| params.get(name));
        match kept {
            Some(Value::String(secret)) if same_form => *value = Value::String(secret.clone()),
            _ => problems.push(Problem::new(format!("/auth/params/{name}"), "is the mask of a secret, not a secret")),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(ApiError::invalid(problems)) }
}

/// A member that says where an account is; an empty text is none.
fn address<'a>(auth: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    let value = auth?.get("params")?.get(name)?;
    Some(value).filter(|value| !value.is_null() && value.as_str() != Some(""))
}

/// Seals the secrets of the object `id`, in place of those it had.
pub(super) async fn seal(tx: &mut Tx, sandbox: &str, id: &str, secrets: Vec<(String, SecretString)>) -> ApiResult<()> {
    for pointer in tx.secret_pointers(id).await? {
        if !secrets.iter().any(|(kept, _)| *kept == pointer) {
            tx.delete_secret(id, &pointer).await?;
        }
    }
    for (pointer, secret) in &secrets {
        tx.put_secret(sandbox, id, pointer, secret).await?;
    }
    Ok(())
}

fn at<'a>(body: &'a mut Map<String, Value>, pointer: &str) -> Option<&'a mut Value> {
    let (first, below) = pointer.strip_prefix('/')?.split_once('/')?;
    body.get_mut(first)?.pointer_mut(&format!("/{below}"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other} is not an object"),
        }
    }

    #[test]
    fn a_cut_secret_leaves_the_mask_and_comes_back() {
        let clear = json!({"auth": {"specName": "Access Key", "params": {"s3AccessKey": "A", "s3SecretKey": "B"}}});
        let mut body = object(clear.clone());
        let pointers = ["/auth/params/s3SecretKey".to_owned(), "/auth/params/sessionToken".to_owned()];
        let secrets = cut(&mut body, &pointers);
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[0].1.expose_secret(), "B");
        assert_eq!(body["auth"]["params"], json!({"s3AccessKey": "A", "s3SecretKey": MASK}));
        put_back(&mut body, &clear).unwrap();
        assert_eq!(Value::Object(body), clear);
    }

    #[test]
    fn a_secret_stays_with_the_place_that_it_was_given_for() {
        let opened = |params: Value| json!({"auth": {"specName": "A", "params": params}});
        for (before, after) in [
            (json!({"domain": "a", "password": "p"}), json!({"domain": "b", "password": MASK})),
            (json!({"host": "a", "password": "p"}), json!({"host": "b", "password": MASK})),
            (json!({"domain": "a", "password": "p"}), json!({"domain": "a", "port": 2222, "password": MASK})),
            (json!({"s3SecretKey": "p"}), json!({"endpoint": "http://mine", "s3SecretKey": MASK})),
            (json!({"secretKey": "p"}), json!({"endpointUrl": "http://mine", "secretKey": MASK})),
            (json!({"secretKey": "p"}), json!({"connectionUrl": "http://mine", "secretKey": MASK})),
            (json!({"endpoint": "http://a", "s3SecretKey": "p"}), json!({"s3SecretKey": MASK})),
        ] {
            let error = put_back(&mut object(opened(after.clone())), &opened(before)).unwrap_err();
            assert!(format!("{error:?}").contains("send it again"), "{after}: {error:?}");
        }
        let (before, after) =
            (json!({"endpoint": "", "s3SecretKey": "p"}), json!({"region": "x", "s3SecretKey": MASK}));
        let mut body = object(opened(after));
        put_back(&mut body, &opened(before)).unwrap();
        assert_eq!(body["auth"]["params"]["s3SecretKey"], "p");
        let mut body = object(opened(json!({"domain": "b", "password": "new"})));
        put_back(&mut body, &opened(json!({"domain": "a", "password": "p"}))).unwrap();
    }

    #[test]
    fn a_mask_with_nothing_behind_it_is_refused() {
        let opened = json!({"auth": {"specName": "Access Key", "params": {"s3SecretKey": "B"}}});
        for body in [
            json!({"auth": {"specName": "Access Key", "params": {"sessionToken": MASK}}}),
            json!({"auth": {"specName": "Assumed Role", "params": {"s3SecretKey": MASK}}}),
        ] {
            assert!(put_back(&mut object(body.clone()), &opened).is_err(), "{body}");
        }
    }
}
