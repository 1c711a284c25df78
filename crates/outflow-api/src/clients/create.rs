//! `POST /data/foundation/clients`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_model::access::AccessScope;
use outflow_store::NewClient;
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::ClientSecret;
use crate::auth::{Caller, SANDBOX_DEFAULT, is_sandbox};
use crate::body::{Fields, JsonObject, NAME_CHARS_MAX};
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

/// Characters of a client's id.
const ID_CHARS_MAX: usize = 64;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// A client as it is sent. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ClientRequest", example = json!({
    "id": "reporting", "name": "Reports", "scopes": ["read"], "sandboxes": ["prod"]
}))]
struct ClientRequest {
    /// What it will call itself: at most 64 letters, digits, `-`, `_` and `.`.
    id: String,
    /// What people call it; the id without it.
    name: Option<String>,
    /// `read` to look at everything, `write` to change it too, `*` to make clients as well. A scope includes those
    /// before it.
    scopes: Vec<String>,
    /// The sandboxes that its tokens open, or `*` for all; `prod` without it.
    sandboxes: Option<Vec<String>>,
}

/// Create a client
///
/// Its secret is answered this once, and stored hashed.
#[utoipa::path(
    post,
    path = "/data/foundation/clients",
    tag = "clients",
    request_body = ClientRequest,
    responses(
        (status = 201, description = "The client is made.", body = ClientSecret),
        (status = 409, description = "The id is taken.")
    )
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<ClientSecret>)> {
    let new = read(&caller, &body)?;
    let (client, secret) = api.store.create_client(new, &caller.client).await?;
    Ok((StatusCode::CREATED, Answer(ClientSecret { id: client.id, secret: secret.expose_secret().to_owned() })))
}

fn read(caller: &Caller, body: &Map<String, Value>) -> ApiResult<NewClient> {
    let mut fields = Fields::of(body);
    let id = fields.needed_text("id").unwrap_or("").to_owned();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !id.is_empty() && (id.len() > ID_CHARS_MAX || !id.chars().all(is_plain)) {
        fields.problem("id", format!("must have at most {ID_CHARS_MAX} letters, digits, -, _ and ."));
    }
    let name = fields.text("name").unwrap_or(&id).to_owned();
    if name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        fields.problem("name", format!("must have at most {NAME_CHARS_MAX} characters, none of them for control"));
    }
    let scopes = scopes(&mut fields);
    let sandboxes = sandboxes(caller, &mut fields);
    fields.finish()?;
    Ok(NewClient { id, name, scopes, sandboxes })
}

fn scopes(fields: &mut Fields<'_>) -> Vec<AccessScope> {
    if fields.get("scopes").is_none() {
        fields.problem("scopes", "is missing: read, write or *");
        return Vec::new();
    }
    let Some(names) = fields.texts("scopes") else { return Vec::new() };
    let scopes: Option<Vec<AccessScope>> = names.iter().map(|name| AccessScope::named(name)).collect();
    if names.is_empty() {
        fields.problem("scopes", "names no scope");
    } else if scopes.is_none() {
        fields.problem("scopes", "may hold read, write and * alone");
    }
    scopes.unwrap_or_default()
}

fn sandboxes(caller: &Caller, fields: &mut Fields<'_>) -> Vec<String> {
    let named = fields.texts("sandboxes").unwrap_or_else(|| vec![SANDBOX_DEFAULT]);
    if named.is_empty() {
        fields.problem("sandboxes", "names no sandbox");
    }
    if !named.iter().all(|sandbox| *sandbox == "*" || is_sandbox(sandbox)) {
        fields.problem("sandboxes", "must hold names of sandboxes, or * for all");
    } else if !named.iter().all(|sandbox| caller.access.may_use(sandbox)) {
        fields.problem("sandboxes", "names a sandbox that your own token does not open");
    }
    named.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/clients";

    #[tokio::test]
    async fn a_client_signs_in_with_the_secret_that_it_was_answered() {
        let server = Server::start().await;
        let made = server.client().post(PATH, &json!({"id": "reporting", "scopes": ["read"]})).await;
        assert_eq!((made.status, made.id()), (201, "reporting"), "{}", made.text);
        let secret = made.body["secret"].as_str().unwrap();
        let form = format!("grant_type=client_credentials&client_id=reporting&client_secret={secret}");
        let token = server.anonymous().post_text("/ims/token/v3", "text/plain", &form).await;
        let client = server.with_token(&format!("Bearer {}", token.body["access_token"].as_str().unwrap()));
        let flows = "/data/foundation/flowservice/flows";
        assert_eq!(client.get(flows).await.status, 200);
        let refused = client.post(flows, &json!({})).await;
        assert_eq!((refused.status, refused.body["scope"].as_str()), (403, Some("write")), "{}", refused.text);
        assert_eq!(client.in_sandbox("dev").get(flows).await.status, 403);
        let shown = server.client().get(&format!("{PATH}/reporting")).await;
        let item = &shown.body["items"][0];
        assert_eq!((&item["name"], &item["sandboxes"]), (&json!("reporting"), &json!(["prod"])), "{}", shown.text);
        assert!(!shown.text.contains(secret));
        assert_eq!(server.client().post(PATH, &json!({"id": "reporting", "scopes": ["*"]})).await.status, 409);
    }

    #[tokio::test]
    async fn every_problem_is_named() {
        let server = Server::start().await;
        let wrong = json!({"id": "a b", "name": 7, "scopes": ["read", "all"], "sandboxes": ["../prod"]});
        let answer = server.client().post(PATH, &wrong).await;
        assert_eq!(answer.fields(), ["/id", "/name", "/scopes", "/sandboxes"], "{}", answer.text);
        for body in [json!({}), json!({"id": "", "scopes": []})] {
            let answer = server.client().post(PATH, &body).await;
            assert_eq!(answer.fields(), ["/id", "/scopes"], "{}", answer.text);
        }
        let none = json!({"id": "a", "scopes": ["read"], "sandboxes": []});
        assert_eq!(server.client().post(PATH, &none).await.fields(), ["/sandboxes"]);
    }

    #[tokio::test]
    async fn who_makes_clients_in_one_sandbox_gives_no_other() {
        let server = Server::start().await;
        let own = json!({"id": "owner", "scopes": ["*"], "sandboxes": ["dev"]});
        assert_eq!(server.client().post(PATH, &own).await.status, 201);
        let token = server.token_of("owner").await;
        let owner = server.with_token(&format!("Bearer {token}")).in_sandbox("dev");
        for sandboxes in [json!(["*"]), json!(["dev", "prod"]), json!(["prod"])] {
            let body = json!({"id": "wider", "scopes": ["read"], "sandboxes": sandboxes});
            assert_eq!(owner.post(PATH, &body).await.fields(), ["/sandboxes"], "{sandboxes}");
        }
        let body = json!({"id": "within", "scopes": ["read"], "sandboxes": ["dev"]});
        assert_eq!(owner.post(PATH, &body).await.status, 201);
    }
}
