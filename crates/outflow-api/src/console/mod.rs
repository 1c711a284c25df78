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

use crate::auth::SANDBOX_DEFAULT;
use crate::context::Api;
use crate::document::millis;
use crate::error::ApiResult;
use crate::operation::Operation;

/// Sandboxes that are told of a session that opens all: more than anybody would choose among.
const SANDBOXES_MAX: usize = 1_000;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![sign_in::operation(), get::operation(), sign_out::operation()]
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
#[schema(title = "Session", example = json!({
    "clientId": "admin", "name": "Administrator", "scopes": ["*"], "sandboxes": ["dev", "prod"], "expiresAt": 1670284443204_i64,
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
    /// The sandboxes that it opens, by name; where that is all, those in which there is something, and `prod`.
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
        sandboxes: sandboxes(api, access.sandboxes).await?,
        expires_at: millis(access.expires_at),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// The sandboxes that somebody can choose among.
async fn sandboxes(api: &Api, opened: Vec<String>) -> ApiResult<Vec<String>> {
    let mut names = opened;
    if names.iter().any(|name| name == "*") {
        names = api.store.read().await?.governed_sandboxes(SANDBOXES_MAX).await?;
        names.push(SANDBOX_DEFAULT.to_owned());
    }
    names.sort();
    names.dedup();
    Ok(names)
}
