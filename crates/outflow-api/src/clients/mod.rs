//! Who may ask for tokens: `/data/foundation/clients`.
//!
//! A client has a secret, scopes and sandboxes. Whoever makes one gives no more than it has: no sandbox that it may not
//! use itself, and it sees and removes only those that stay within its own sandboxes.

mod create;
mod delete;
mod get;
mod list;
mod login_link;
mod secret;

use outflow_model::access::AccessScope;
use outflow_store::Client;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::context::Api;
use crate::document::millis;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::page::Links;

/// The operations of this noun. All of them need every scope: whoever makes clients can make itself another one.
pub(crate) fn operations() -> Vec<Operation> {
    let operations = [
        list::operation(),
        create::operation(),
        get::operation(),
        delete::operation(),
        secret::operation(),
        login_link::operation(),
    ];
    operations.into_iter().map(|operation| operation.needs(AccessScope::All)).collect()
}

/// A client as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "ShownClient", example = json!({
    "id": "reporting", "name": "Reports", "scopes": ["read"], "sandboxes": ["prod"], "createdAt": 1670284443204_i64
}))]
pub(crate) struct ShownClient {
    /// What it calls itself when it asks for a token: `client_id`.
    id: String,
    /// What people call it.
    name: String,
    /// What its tokens may be used for.
    scopes: Vec<String>,
    /// The sandboxes that its tokens open; `*` for all.
    sandboxes: Vec<String>,
    /// When it was made, in milliseconds since 1970.
    #[serde(rename = "createdAt")]
    created_at: i64,
}

/// A list of clients. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Clients", example = json!({"items": [{
    "id": "reporting", "name": "Reports", "scopes": ["read"], "sandboxes": ["prod"], "createdAt": 1670284443204_i64
}], "_links": {}}))]
pub(crate) struct Clients {
    /// The clients, the oldest first.
    items: Vec<ShownClient>,
    /// Always empty: a list has one page. Left out where one client is asked for.
    #[schema(required = false)]
    _links: Links,
}

/// A client's new secret.
#[derive(Serialize, ToSchema)]
#[schema(title = "ClientSecret", example = json!({"id": "reporting", "secret": "kX3…"}))]
pub(crate) struct ClientSecret {
    /// The client.
    id: String,
    /// Its secret: this answer is the only one that shows it.
    secret: String,
}

/// A client as answers show it.
fn show(client: &Client) -> Value {
    json!({
        "id": client.id,
        "name": client.name,
        "scopes": client.scopes,
        "sandboxes": client.sandboxes,
        "createdAt": millis(client.created_at),
    })
}

/// Whether the client stays within the caller's sandboxes.
fn is_within(caller: &Caller, client: &Client) -> bool {
    client.sandboxes.iter().all(|sandbox| caller.access.may_use(sandbox))
}

/// The client with this id, if the caller may see it.
///
/// # Errors
/// 404 otherwise.
async fn visible(api: &Api, caller: &Caller, id: &str) -> ApiResult<Client> {
    let client = api.store.client(id).await?;
    if is_within(caller, &client) { Ok(client) } else { Err(ApiError::not_found("client", id)) }
}

/// The same, if the caller may also change it.
///
/// # Errors
/// 404; 409 for the server's own client.
async fn changeable(api: &Api, caller: &Caller, id: &str) -> ApiResult<Client> {
    let client = visible(api, caller, id).await?;
    if client.id == outflow_store::ADMIN {
        let text = format!("{} is the server's own client, whose secret lies in its data folder", client.id);
        return Err(ApiError::conflict(text).hint("`outflow keys reset-admin` gives it a new secret"));
    }
    Ok(client)
}
