//! `POST /suppressions/remove`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::json::Node;
use outflow_model::problem::Findings;
use outflow_store::SuppressionKey;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{check, hashed, parsed, read_list};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::identity::IdentityBody;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_remove, _, _>(remove)
}

/// Who may be exported again. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RemovedSuppressions", example = json!({"identities": [{"namespace": "Email", "id": "ada@example.org"}]}))]
struct RemovedSuppressions {
    /// What identifies them. At most 10,000.
    identities: Option<Vec<IdentityBody>>,
    /// The hashes of the list, beside or in place of identities. At most 10,000.
    keys: Option<Vec<String>>,
}

/// What removing answers.
#[derive(Serialize, ToSchema)]
#[schema(title = "SuppressionsRemoved", example = json!({"removed": 1}))]
struct Removed {
    /// How many were in the list.
    removed: u64,
}

/// Let people be exported again
///
/// Those of them who are in segments are in the exports from then on. A body, and no address, names them, so that what
/// identifies them is in no log.
#[utoipa::path(
    post,
    path = "/data/core/ups/suppressions/remove",
    tag = "suppressions",
    request_body = RemovedSuppressions,
    responses((status = 200, description = "They are not in the list any more.", body = Removed))
)]
async fn remove(State(api): State<Api>, caller: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Removed>> {
    let body = Value::Object(body);
    let root = Node::at(&body, "");
    let mut findings = Findings::default();
    if root.member("identities").is_none() && root.member("keys").is_none() {
        findings.add("/identities", "is missing; `keys` would do, too");
    }
    let identities = read_list(&root, "identities", &mut findings, hashed);
    let mut keys = read_list(&root, "keys", &mut findings, key);
    check(findings)?;
    keys.extend(identities.into_iter().map(|(_, key)| key));
    let mut tx = api.begin(&caller).await?;
    let removed = tx.unsuppress(&caller.sandbox, &keys).await?;
    tx.commit().await?;
    api.runner.wake();
    Ok(Answer(Removed { removed }))
}

/// A key as the list shows it.
fn key(node: &Node<'_>, findings: &mut Findings) -> Option<SuppressionKey> {
    let key = parsed(node.text(findings)?);
    if key.is_none() {
        findings.add(&node.pointer, "is no key of the list: those have 32 hexadecimal digits");
    }
    key
}
