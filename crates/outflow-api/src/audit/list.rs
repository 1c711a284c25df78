//! `GET /data/foundation/audit/events`.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{AuditEvent, AuditFilters, query, sandbox, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{LIMIT_DEFAULT, LIMIT_MAX, Links, Parameters, invalid};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// A page of records. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AuditEvents", example = json!({"items": [{
    "seq": 7, "at": "2026-11-26T22:54:31.000123Z", "sandboxName": "prod", "actor": "outflow", "action": "exportAllowed",
    "noun": "flow", "objectId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "objectName": "Loyal customers to the agency",
    "before": null, "after": null, "detail": {"runId": "98fbed6e-f896-4b19-b279-b0d56d732d8d"},
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}], "_links": {}}))]
struct AuditEvents {
    /// The records, the newest first unless `orderby` says otherwise.
    items: Vec<AuditEvent>,
    /// The next page.
    _links: Links,
}

/// List who did what
///
/// Every change of the configuration with the object before and after, and every decision about an export with all that it
/// looked at. Where filters leave most of them out, a page may have fewer, and even none, and still be followed by another.
#[utoipa::path(
    get,
    path = "/data/foundation/audit/events",
    tag = "audit",
    params(
        AuditFilters,
        ("limit" = Option<u32>, Query, description = "Records of a page, 1 to 100; 20 without it."),
        ("orderby" = Option<String>, Query, description = "`-seq`, as without it, for the newest first; `seq` for the oldest."),
        ("start" = Option<String>, Query, description = "Where the page begins: from the `_links.next.href` of the page before.")
    ),
    responses((status = 200, description = "A page of the records that match.", body = AuditEvents))
)]
async fn list(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let sandbox = sandbox(&caller, &parameters)?;
    let limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let mut query = query(&parameters, limit as usize)?;
    query.newest_first = match parameters.last("orderby") {
        None | Some("-seq") => true,
        Some("seq") => false,
        Some(_) => return Err(invalid("orderby", "must be seq, or -seq for the newest first")),
    };
    let start = parameters.number("start")?.map(i64::try_from).transpose();
    let start = start.map_err(|_| invalid("start", "is greater than any record's number"))?;
    match query.newest_first {
        true => query.before_seq = start,
        false => query.after_seq = start,
    }
    let page = api.store.read().await?.audit(&sandbox, &query).await?;
    let mut links = Map::new();
    if let Some(next) = page.next {
        let query = parameters.continued_at(&next.to_string(), limit);
        links.insert("next".into(), json!({"href": format!("/events?{query}")}));
    }
    let items: Vec<Value> = page.records.iter().map(|record| show(&sandbox, record)).collect();
    Ok(Answer(json!({"items": items, "_links": links})))
}
