//! `PATCH /connections/{id}`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use axum::response::Response;
use outflow_store::{Change, Document, Expected};
use serde_json::{Map, Value};

use super::{Probed, probed, read, secrets};
use crate::auth::Caller;
use crate::body::Fields;
use crate::change::{IfMatchHeader, PatchRequest};
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::flows::{follow_key, has_key};
use crate::operation::Operation;
use crate::patch::PatchOperationBody;
use crate::probe;
use crate::probe::{Steps, Watched};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_patch, _, _>(patch)
}

/// Change an account
///
/// New credentials are tried before they are saved. A secret that the patch leaves masked is kept. Where nothing changes,
/// nothing is probed and the etag stays.
///
/// Asked with `Accept: text/event-stream`, it answers with events: `started` with the `name` of a step, `step` with each step
/// when it is over, and at the end one `result` with `status`, `headers` and `body` of the answer that there would be
/// otherwise. What is wrong before the first step is a plain answer.
#[utoipa::path(
    patch,
    path = "/data/foundation/flowservice/connections/{id}",
    tag = "connections",
    params(("id" = String, Path, description = "The account's id."), IfMatchHeader),
    request_body(content = Vec<PatchOperationBody>, example = json!([{"op": "replace", "path": "/name", "value": "Exports"}])),
    responses((
        status = 200,
        description = "The account is changed.",
        content((Probed = "application/json"), (Value = "text/event-stream"))
    ))
)]
async fn patch(State(api): State<Api>, caller: Caller, watched: Watched, request: PatchRequest) -> Response {
    let work = |api: Api, steps: Steps| async move {
        let answer = request.retrying(|| change(&api, &caller, &request, &steps)).await?;
        api.runner.wake();
        Ok(Answer(answer))
    };
    watched.answer(api, work).await
}

async fn change(api: &Api, caller: &Caller, request: &PatchRequest, steps: &Steps) -> ApiResult<Value> {
    let (document, opened) = {
        let mut reader = api.store.read().await?;
        let document = reader.get::<outflow_store::Connection>(&caller.sandbox, &request.id).await?;
        (document, reader.opened::<outflow_store::Connection>(&caller.sandbox, &request.id).await?)
    };
    let mut body = request.body(api, &document)?;
    secrets::put_back(&mut body, &opened)?;
    if opened.as_object() == Some(&body) {
        return Ok(probed(&document, None));
    }
    check_kept(&body, &document)?;
    let account = read(api, &body, opened.get("encryption"))?;
    if let Some(encryption) = account.encryption {
        body.insert("encryption".into(), encryption);
    }
    if opened.as_object() == Some(&body) {
        return Ok(probed(&document, None));
    }
    let is_same_account = body.get("auth") == opened.get("auth");
    let probe = match account.connector {
        Some(connector) if !is_same_account => {
            Some(probe::account(api, connector, account.place, &account.account, steps).await?)
        }
        _ => None,
    };
    // An account may say nothing of a key in many ways: no member, null, an empty object.
    let begins_to_encrypt = !has_key(document.body.get("encryption")) && has_key(body.get("encryption"));
    let changed = save(api, caller, &document, body, &account.secrets, begins_to_encrypt).await?;
    Ok(probed(&changed, probe))
}

/// What cannot change: everything built on the account is of its kind.
fn check_kept(body: &Map<String, Value>, document: &Document) -> ApiResult<()> {
    let mut fields = Fields::of(body);
    let kind = |body: Option<&Value>| body.and_then(|spec| spec.get("id")).cloned();
    if kind(body.get("connectionSpec")) != kind(document.body.get("connectionSpec")) {
        fields.problem("connectionSpec", "cannot be changed; connect another account");
    }
    fields.finish()
}

async fn save(
    api: &Api,
    caller: &Caller,
    document: &Document,
    mut body: Map<String, Value>,
    pointers: &[String],
    begins_to_encrypt: bool,
) -> ApiResult<Arc<Document>> {
    let cut = secrets::cut(&mut body, pointers);
    let name = document::name_of(&body).to_owned();
    let mut tx = api.begin(caller).await?;
    let change = Change { name: Some(&name), body: Value::Object(body), by: &caller.client };
    let expected = Expected::Version(document.version);
    let changed = tx.update::<outflow_store::Connection>(&caller.sandbox, &document.id, expected, change).await?;
    document::record_secrets(&mut tx, caller, "connection", document, &changed).await?;
    secrets::seal(&mut tx, &caller.sandbox, &document.id, cut).await?;
    if begins_to_encrypt {
        follow_key(api, &mut tx, &caller.sandbox, &document.id).await?;
    }
    tx.commit().await?;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Server, folder_account};

    const PATH: &str = "/data/foundation/flowservice/connections";

    #[tokio::test]
    async fn a_change_needs_the_etag_and_gives_a_new_one() {
        let server = Server::start().await;
        let client = server.client();
        let created = client.post(PATH, &folder_account("Local")).await;
        let path = format!("{PATH}/{}", created.id());
        let rename = json!([{"op": "Replace", "path": "/name", "value": "Renamed"}]);
        assert_eq!(client.patch(&path, None, &rename).await.status, 428);
        let changed = client.patch(&path, Some(created.etag()), &rename).await;
        assert_eq!((changed.status, changed.id()), (200, created.id()), "{}", changed.text);
        assert_ne!(changed.etag(), created.etag());
        let stale = client.patch(&path, Some(created.etag()), &rename).await;
        assert_eq!(stale.status, 412);
        assert!(stale.body["errorMessage"].is_string() && stale.body["errorDetails"].is_string());
        let unquoted = changed.etag().trim_matches('"').to_owned();
        let again = json!([{"op": "replace", "path": "/name", "value": "Again"}]);
        assert_eq!(client.patch(&path, Some(&unquoted), &again).await.status, 200);
        assert_eq!(client.patch(&path, Some("*"), &rename).await.status, 200);
    }

    #[tokio::test]
    async fn secrets_are_kept_when_other_members_change() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let created = client.post(PATH, &s3.account("Exports")).await;
        let path = format!("{PATH}/{}", created.id());
        let rename = json!([{"op": "add", "path": "/description", "value": "of the export user"}]);
        assert_eq!(client.patch(&path, Some("*"), &rename).await.status, 200);
        assert_eq!(client.get(&format!("{path}/test")).await.status, 200);
        // The whole form as it was shown, with the mask in it.
        let shown = client.get(&path).await.body["items"][0]["auth"].clone();
        let replaced =
            client.patch(&path, Some("*"), &json!([{"op": "replace", "path": "/auth", "value": shown}])).await;
        assert_eq!(replaced.status, 200, "{}", replaced.text);
        assert_eq!(client.get(&format!("{path}/test")).await.status, 200);
    }

    #[tokio::test]
    async fn a_masked_secret_is_not_sent_to_another_server() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let created = client.post(PATH, &s3.account("Exports")).await;
        let path = format!("{PATH}/{}", created.id());
        // The same server by another name, which might be anybody's.
        let mut theirs = s3.account("Exports")["auth"]["params"].clone();
        theirs["endpoint"] = json!(theirs["endpoint"].as_str().unwrap().replace("127.0.0.1", "localhost"));
        let moved = json!([{"op": "replace", "path": "/auth/params/endpoint", "value": theirs["endpoint"]}]);
        let answer = client.patch(&path, Some("*"), &moved).await;
        assert_eq!(answer.fields(), ["/auth/params/s3SecretKey"], "{}", answer.text);
        let whole = json!([{"op": "replace", "path": "/auth/params", "value": theirs}]);
        let answer = client.patch(&path, Some("*"), &whole).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
    }

    #[tokio::test]
    async fn wrong_credentials_change_nothing() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let created = client.post(PATH, &s3.account("Exports")).await;
        let path = format!("{PATH}/{}", created.id());
        let wrong = json!([{"op": "replace", "path": "/auth/params/s3SecretKey", "value": "wrong-secret"}]);
        let answer = client.patch(&path, Some(created.etag()), &wrong).await;
        assert_eq!((answer.status, answer.body["class"].as_str()), (400, Some("credentials")), "{}", answer.text);
        assert_eq!(client.get(&path).await.body["items"][0]["etag"], created.body["etag"]);
        assert_eq!(client.get(&format!("{path}/test")).await.status, 200);
    }

    #[tokio::test]
    async fn a_change_that_changes_nothing_keeps_the_etag_and_probes_nothing() {
        let server = Server::start().await;
        let s3 = server.practice_s3().await;
        let client = server.client();
        let body = s3.account("Exports");
        let created = client.post(PATH, &body).await;
        s3.stop().await;
        let same = json!([{"op": "replace", "path": "/auth", "value": body["auth"]}]);
        let answer = client.patch(&format!("{PATH}/{}", created.id()), Some("*"), &same).await;
        assert_eq!((answer.status, answer.etag()), (200, created.etag()), "{}", answer.text);
    }

    #[tokio::test]
    async fn the_kind_cannot_change_and_a_bad_patch_changes_nothing() {
        let server = Server::start().await;
        let client = server.client();
        let created = client.post(PATH, &folder_account("Local")).await;
        let path = format!("{PATH}/{}", created.id());
        let kind =
            json!([{"op": "replace", "path": "/connectionSpec/id", "value": "4fce964d-3f37-408f-9778-e597338a21ee"}]);
        assert_eq!(client.patch(&path, Some("*"), &kind).await.fields(), ["/connectionSpec"]);
        let half = json!([{"op": "replace", "path": "/name", "value": "B"}, {"op": "remove", "path": "/none"}]);
        assert_eq!(client.patch(&path, Some("*"), &half).await.status, 400);
        let unnamed = json!([{"op": "remove", "path": "/name", "value": "Local"}]);
        assert_eq!(client.patch(&path, Some("*"), &unnamed).await.fields(), ["/name"]);
        assert_eq!(client.get(&path).await.body["items"][0]["name"], "Local");
    }
}
