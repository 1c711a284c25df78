//! `GET /suppressions`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::access::AccessScope;
use outflow_store::Suppression;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{parsed, shown};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::millis;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{LIMIT_DEFAULT, Links, Parameters, invalid};

/// Suppressions of a page at most: they are short.
const LIMIT_MAX: u32 = 1_000;

pub(super) fn operation() -> Operation {
    // Who is kept out of exports is no affair of whoever may look at flows.
    Operation::new::<__path_list, _, _>(list).needs(AccessScope::Write)
}

/// One of the list. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Suppression")]
pub(crate) struct ShownSuppression {
    /// What stands for the identity: the first 16 bytes of the SHA-256 of `namespace:value`, in hexadecimal.
    key: String,
    /// The identity's namespace.
    namespace: String,
    /// Why.
    reason: String,
    /// When it was added, in milliseconds since 1970.
    #[serde(rename = "addedAt")]
    added_at: i64,
    /// The client that added it.
    #[serde(rename = "addedBy")]
    added_by: String,
}

/// A page of the list. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Suppressions", example = json!({"items": [{
    "key": "9f86d081884c7d659a2feaa0c55ad015", "namespace": "Email", "reason": "Objected on 2026-11-25",
    "addedAt": 1_795_651_200_000_i64, "addedBy": "admin"
}], "_links": {}, "count": 1}))]
struct Suppressions {
    /// Those of the page, by key.
    items: Vec<ShownSuppression>,
    /// The next page.
    _links: Links,
    /// All of them.
    count: u64,
}

/// List who is kept out of all exports
///
/// By hashes: what identifies people is not kept.
#[utoipa::path(
    get,
    path = "/data/core/ups/suppressions",
    tag = "suppressions",
    params(
        ("limit" = Option<u32>, Query, description = "Items of a page, 1 to 1,000; 20 without it."),
        ("start" = Option<String>, Query, description = "Where the page begins: from the `_links.next.href` of the page before.")
    ),
    responses((status = 200, description = "A page of the list.", body = Suppressions))
)]
async fn list(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let start = match parameters.last("start") {
        Some(text) => Some(parsed(text).ok_or_else(|| invalid("start", "is not one of this list"))?),
        None => None,
    };
    let mut reader = api.store.read().await?;
    let rows = reader.suppressions(&caller.sandbox, start.as_ref(), limit as usize).await?;
    let count = reader.count_suppressions(&caller.sandbox).await?;
    let mut links = Map::new();
    // A last page that is full has one behind it that is empty.
    if let Some(last) = rows.last().filter(|_| rows.len() == limit as usize) {
        let query = parameters.continued_at(&shown(&last.key), limit);
        links.insert("next".into(), json!({"href": format!("/suppressions?{query}")}));
    }
    let items: Vec<Value> = rows.iter().map(show).collect();
    Ok(Answer(json!({"items": items, "_links": links, "count": count})))
}

/// One of the list as answers show it.
pub(crate) fn show(row: &Suppression) -> Value {
    json!({
        "key": shown(&row.key),
        "namespace": row.namespace,
        "reason": row.reason,
        "addedAt": millis(row.added_at),
        "addedBy": row.added_by,
    })
}
