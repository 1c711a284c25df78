//! Sessions of the console: `/console/session`.
//!
//! A browser signs in once and gets a cookie, which no script can read. Its value is a token of the client like any other;
//! what it opens, every operation says. [`crate::auth`] reads it.

mod get;
mod sign_in;
mod sign_out;

use outflow_store::Access;
use serde::Serialize;
use utoipa::ToSchema;

use crate::context::Api;
use crate::document::millis;
use crate::error::ApiResult;
use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![sign_in::operation(), get::operation(), sign_out::operation()]
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[schema(title = "Session", example = json!({
    "clientId": "admin", "name": "Administrator", "scopes": ["*"], "sandboxes": ["*"], "expiresAt": 1670284443204_i64,
    "version": "1.0.0"
}))]
#[serde(rename_all = "camelCase")]
struct Session {
    /// The client.
    client_id: String,
    /// What people call it.
    name: String,
    /// What the session may be used for.
    scopes: Vec<String>,
    /// The sandboxes that it opens; `*` for all.
    sandboxes: Vec<String>,
    /// When it ends, in milliseconds since 1970. Being used puts that off.
    expires_at: i64,
    /// The server's version.
    version: &'static str,
}

/// A session, or another token, as it is shown.
async fn shown(api: &Api, access: Access) -> ApiResult<Session> {
    let client = api.store.client(&access.client_id).await?;
    Ok(Session {
        client_id: client.id,
        name: client.name,
        scopes: access.scopes.iter().map(|scope| scope.name().to_owned()).collect(),
        sandboxes: access.sandboxes,
        expires_at: millis(access.expires_at),
        version: env!("CARGO_PKG_VERSION"),
    })
}
