//! `POST /connections/{id}/compare`: whether a body is what is saved, secrets included.

use axum::Json as Answer;
use axum::extract::State;
use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{Connection, encryption};
use crate::auth::Caller;
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;

/// Wrong secrets that an account is compared with in an hour. Who rotates a secret needs a few; who guesses needs many.
const WRONG_MAX: u32 = 20;
/// How long wrong ones count.
const WINDOW: TimeDelta = TimeDelta::hours(1);

pub(super) fn operation() -> Operation {
    Operation::new::<__path_compare, _, _>(compare)
}

/// What differs.
#[derive(Serialize, ToSchema)]
#[schema(title = "Comparison", example = json!({"same": false, "changed": ["/auth/params/s3SecretKey"]}))]
struct Comparison {
    /// Whether nothing differs.
    same: bool,
    /// JSON pointers of what differs, never values.
    changed: Vec<String>,
}

/// Compare an account
///
/// Tells which members of the body differ from what is saved, secrets in clear among them, without changing or showing
/// anything. What the body leaves out at its top is not compared. After twenty wrong secrets within an hour the answer is
/// 429: the rest would be guesses.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/connections/{id}/compare",
    tag = "connections",
    params(("id" = String, Path, description = "The account's id.")),
    request_body = Connection,
    responses(
        (status = 200, description = "What differs.", body = Comparison),
        (status = 429, description = "Too many wrong secrets; `Retry-After` says when the next may be tried.")
    )
)]
async fn compare(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    JsonObject(body): JsonObject,
) -> ApiResult<Answer<Comparison>> {
    let opened = api.store.read().await?.opened::<outflow_store::Connection>(&caller.sandbox, &id).await?;
    let mut body = document::own_members(body);
    describe(&api, &mut body)?;
    if let Some(since) = api.store.begin_guess(&id, WRONG_MAX, WINDOW).await? {
        let wait = u64::try_from((since + WINDOW - api.now()).num_seconds()).unwrap_or(0);
        return Err(ApiError::too_many_guesses(wait.max(1)));
    }
    let mut changed = Vec::new();
    for (name, value) in body {
        differences(&value, opened.get(&name), &format!("/{name}"), &mut changed);
    }
    let is_below_auth = |pointer: &String| pointer.starts_with("/auth");
    if !changed.iter().any(is_below_auth) {
        api.store.was_no_guess(&id).await?;
    }
    Ok(Answer(Comparison { same: changed.is_empty(), changed }))
}

/// Says of the key what is saved beside it, so that only keys that differ do.
fn describe(api: &Api, body: &mut Map<String, Value>) -> ApiResult<()> {
    let mut fields = Fields::of(body);
    let read = encryption::read(body, None, None, api.now(), &mut fields);
    fields.finish()?;
    if let Some(encryption) = read {
        body.insert("encryption".into(), encryption);
    }
    Ok(())
}

fn differences(wanted: &Value, saved: Option<&Value>, at: &str, changed: &mut Vec<String>) {
    let empty = Map::new();
    match (wanted, saved) {
        (Value::Object(wanted), Some(Value::Object(saved))) => {
            let names = wanted.keys().chain(saved.keys().filter(|name| !wanted.contains_key(*name)));
            for name in names {
                let place = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                differences(wanted.get(name).unwrap_or(&Value::Null), saved.get(name), &place, changed);
            }
        }
        (Value::Object(wanted), None) if *wanted == empty => {}
        (wanted, saved) if wanted == saved.unwrap_or(&Value::Null) => {}
        _ => changed.push(at.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/connections";

    #[tokio::test]
    async fn a_secret_is_not_guessed() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let mut body = s3.account("Exports");
        let created = client.post(PATH, &body).await;
        let path = format!("{PATH}/{}/compare", created.id());
        let right = body.clone();
        for number in 0..20 {
            assert_eq!(client.post(&path, &right).await.body["same"], true);
            body["auth"]["params"]["s3SecretKey"] = json!(format!("guess-{number}"));
            assert_eq!(client.post(&path, &body).await.status, 200);
        }
        let refused = client.post(&path, &right).await;
        assert_eq!((refused.status, refused.body.get("same")), (429, None), "{}", refused.text);
        server.later(chrono::TimeDelta::hours(2));
        assert_eq!(client.post(&path, &right).await.status, 200);
    }

    #[tokio::test]
    async fn a_rotated_secret_is_noticed_and_not_told() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let mut body = s3.account("Exports");
        let created = client.post(PATH, &body).await;
        let path = format!("{PATH}/{}/compare", created.id());
        let same = client.post(&path, &body).await;
        assert_eq!(same.body, json!({"same": true, "changed": []}), "{}", same.text);
        body["auth"]["params"]["s3SecretKey"] = json!("a-new-secret");
        body["auth"]["params"].as_object_mut().unwrap().remove("region");
        let differs = client.post(&path, &body).await;
        assert_eq!(differs.body["same"], false);
        assert!(differs.body["changed"].as_array().unwrap().contains(&json!("/auth/params/s3SecretKey")));
        assert!(differs.body["changed"].as_array().unwrap().contains(&json!("/auth/params/region")));
        assert!(!differs.text.contains("a-new-secret") && !differs.text.contains(s3.secret()));
    }
}
