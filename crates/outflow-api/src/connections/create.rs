//! `POST /connections`.

use axum::Json as Answer;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{Connection, Probed, probed, read, secrets};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::probe;
use crate::probe::{Steps, Watched};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Connect an account
///
/// The credentials are tried before anything is saved: wrong ones are answered with 400, the reason and the steps.
///
/// Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
/// when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
/// otherwise. What is wrong before the first step is a plain answer.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/connections",
    tag = "connections",
    request_body = Connection,
    responses((
        status = 201,
        description = "The account is saved.",
        content((Probed = "application/json"), (Value = "text/event-stream"))
    ))
)]
async fn create(State(api): State<Api>, caller: Caller, watched: Watched, JsonObject(body): JsonObject) -> Response {
    watched.answer(api, |api, steps| connect(api, caller, body, steps)).await
}

async fn connect(
    api: Api,
    caller: Caller,
    body: Map<String, Value>,
    steps: Steps,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let mut body = document::own_members(body);
    // An account that is not saved yet has no secret behind a mask.
    secrets::put_back(&mut body, &Value::Null)?;
    let account = read(&api, &body, None)?;
    if let Some(encryption) = account.encryption {
        body.insert("encryption".into(), encryption);
    }
    let probe = match account.connector {
        Some(connector) => Some(probe::account(&api, connector, account.place, &account.account, &steps).await?),
        None => None,
    };
    let created = save(&api, &caller, body, &account.secrets).await?;
    Ok((StatusCode::CREATED, Answer(probed(&created, probe))))
}

async fn save(
    api: &Api,
    caller: &Caller,
    mut body: Map<String, Value>,
    pointers: &[String],
) -> ApiResult<std::sync::Arc<outflow_store::Document>> {
    let cut = secrets::cut(&mut body, pointers);
    body.entry("state").or_insert_with(|| json!("enabled"));
    let mut tx = api.begin(caller).await?;
    let created = document::insert::<outflow_store::Connection>(&mut tx, caller, None, body).await?;
    secrets::seal(&mut tx, &caller.sandbox, &created.id, cut).await?;
    tx.commit().await?;
    Ok(created)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Server, folder_account};

    const PATH: &str = "/data/foundation/flowservice/connections";

    #[tokio::test]
    async fn an_account_that_works_is_saved_and_its_secret_is_not_shown() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let answer = server.client().post(PATH, &s3.account("Exports")).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        assert!(answer.body["etag"].as_str().unwrap().starts_with('"'));
        assert!(!answer.body["probe"]["steps"].as_array().unwrap().is_empty());
        let shown = server.client().get(&format!("{PATH}/{}", answer.body["id"].as_str().unwrap())).await;
        assert_eq!(shown.body["items"][0]["auth"]["params"]["s3SecretKey"], "********");
        assert!(!shown.text.contains(s3.secret()), "the secret is shown");
    }

    #[tokio::test]
    async fn credentials_come_only_where_they_are_sealed() {
        let server = Server::start().await;
        let client = server.client();
        let store = json!({
            "name": "Profiles", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1"},
            "auth": {"specName": "Access Key", "params": {"s3SecretKey": "hush"}},
        });
        assert_eq!(client.post(PATH, &store).await.fields(), ["/auth"]);
        let mut beside = folder_account("Local");
        beside["auth"]["s3SecretKey"] = json!("hush");
        assert_eq!(client.post(PATH, &beside).await.fields(), ["/auth/s3SecretKey"]);
        let mut odd = folder_account("Local");
        odd["state"] = json!(7);
        assert_eq!(client.post(PATH, &odd).await.fields(), ["/state"]);
        assert_eq!(client.get(PATH).await.body["items"], json!([]));
    }

    #[tokio::test]
    async fn wrong_credentials_are_refused_with_the_reason_and_nothing_is_saved() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let mut body = s3.account("Exports");
        body["auth"]["params"]["s3SecretKey"] = json!("not-the-secret");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert_eq!(answer.body["class"], "credentials");
        assert!(answer.body["hint"].is_string() && answer.body["steps"].is_array());
        assert!(!answer.text.contains("not-the-secret"));
        assert_eq!(server.client().get(PATH).await.body["items"], json!([]));
    }

    #[tokio::test]
    async fn every_problem_is_named_by_its_field() {
        let server = Server::start().await;
        let body = json!({
            "description": 7,
            "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee"},
            "auth": {"specName": "Access Key", "params": {"s3AccesKey": "A"}},
            "encryption": {"specName": "PGP", "params": {"publicKey": "x"}}
        });
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.status, 400);
        let fields = answer.fields();
        for field in [
            "/name",
            "/description",
            "/encryption/params/publicKey",
            "/auth/params/s3AccesKey",
            "/auth/params/s3SecretKey",
        ] {
            assert!(fields.contains(&field.to_owned()), "{field} is missing in {fields:?}");
        }
    }

    #[tokio::test]
    async fn an_older_spec_id_and_the_profile_store_are_accepted() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let mut body = s3.account("Legacy");
        body["connectionSpec"]["id"] = json!("4890fc95-5a1f-4983-94bb-e060c08e3f81");
        assert_eq!(server.client().post(PATH, &body).await.status, 201);
        let store = json!({"name": "Profiles", "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1"}});
        assert_eq!(server.client().post(PATH, &store).await.status, 201);
    }

    #[tokio::test]
    async fn a_mask_is_not_a_secret() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let mut body = s3.account("Exports");
        body["auth"]["params"]["s3SecretKey"] = json!("********");
        let answer = server.client().post(PATH, &body).await;
        assert_eq!(answer.fields(), ["/auth/params/s3SecretKey"]);
    }

    #[tokio::test]
    async fn a_kind_that_is_not_on_offer_is_refused() {
        let server = Server::without_folders().await;
        let answer = server.client().post(PATH, &folder_account("Local")).await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["/connectionSpec".to_owned()]));
    }
}
