//! Who did what, and what was decided: `/data/foundation/audit`.
//!
//! Records are never changed or removed. Each has the hash of itself and of the one before, so that who keeps an export
//! can tell later whether the log still says the same.

mod check;
mod export;
mod list;

use chrono::{DateTime, Utc};
use http::StatusCode;
use outflow_model::access::AccessScope;
use outflow_store::{AuditQuery, AuditRecord, SERVER_WIDE};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::error::{ApiError, ApiResult, NOT_ALLOWED};
use crate::operation::Operation;
use crate::page::{Parameters, invalid};

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![list::operation(), export::operation(), check::operation()]
}

/// A record as it is shown. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "AuditEvent", example = json!({
    "seq": 7, "at": "2026-11-26T22:54:31.000123Z", "sandboxName": "prod", "actor": "admin", "action": "updated",
    "noun": "flow", "objectId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "objectName": "Loyal customers to the agency",
    "before": {"name": "Loyal customers to the agency"}, "after": {"name": "Loyal customers to the agency"},
    "detail": null, "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
struct AuditEvent {
    /// Its number in the sandbox, from 1 on without a gap.
    seq: i64,
    /// When it was.
    at: String,
    /// The sandbox; `*` for what is about all of them.
    #[serde(rename = "sandboxName")]
    sandbox_name: String,
    /// The client that did it; `outflow` where the server did it by itself.
    actor: String,
    /// `created`, `updated`, `deleted`, `paused`, `exportAllowed`, `exportRefused`, `suppressed`, `unsuppressed`,
    /// `reshaped`: a refresh found other fields in a dataset; `lookedUp`: somebody looked at a person's profile; of clients `secretReset`, `loginLinkMade` and `signedIn`, to
    /// the console.
    action: String,
    /// What kind of object it is about: `connection`, `sourceConnection`, `targetConnection`, `flow`, `segment`, `dataset`,
    /// `datasetLabels`, `suggestionDecision`, `labelDefinition`, `marketingAction`, `policy`, `enabledCorePolicies`,
    /// `consentPolicy`, `suppression`, `profile`, `scheduleConfig`, `alertSubscription` or `client`.
    noun: String,
    /// The object's id.
    #[serde(rename = "objectId")]
    object_id: String,
    /// The object's name at that time.
    #[serde(rename = "objectName")]
    object_name: String,
    /// The object before, where it was changed or deleted.
    before: Option<Value>,
    /// The object afterwards, where it was created or changed.
    after: Option<Value>,
    /// What else belongs to it; of a decision, all that it looked at.
    detail: Option<Value>,
    /// SHA-256, in hexadecimal, of the JSON array of the hash before and of this record's members in the order of its
    /// export.
    hash: String,
}

/// Which records are asked for. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct AuditFilters {
    /// By this client.
    #[param(example = "admin")]
    actor: Option<String>,
    /// With this action, such as `updated` or `exportRefused`.
    #[param(example = "exportRefused")]
    action: Option<String>,
    /// About objects of this kind.
    #[param(example = "flow")]
    noun: Option<String>,
    /// About this object.
    #[param(rename = "objectId")]
    object_id: Option<String>,
    /// From this time on: RFC 3339, or milliseconds since 1970.
    #[param(example = "2026-11-01T00:00:00Z")]
    since: Option<String>,
    /// Before this time: RFC 3339, or milliseconds since 1970.
    until: Option<String>,
    /// Instead of the sandbox's records those that are about no sandbox, such as clients. Needs the scope `*`.
    #[param(example = false)]
    server: Option<bool>,
}

/// The sandbox whose records are asked for.
///
/// # Errors
/// 403 where they are the server's, and the caller may not see those.
fn sandbox(caller: &Caller, parameters: &Parameters) -> ApiResult<String> {
    if !parameters.flag("server")?.unwrap_or(false) {
        return Ok(caller.sandbox.clone());
    }
    if caller.access.has_scope(AccessScope::All) {
        return Ok(SERVER_WIDE.to_owned());
    }
    let text = format!("the token lacks the scope {}, which records about the server need", AccessScope::All);
    Err(ApiError::access(StatusCode::FORBIDDEN, NOT_ALLOWED, text).with("scope", json!(AccessScope::All.name())))
}

/// What the filters ask for, `limit` records at a time.
///
/// # Errors
/// 400 for a time that is none.
fn query(parameters: &Parameters, limit: usize) -> ApiResult<AuditQuery<'_>> {
    Ok(AuditQuery {
        actor: parameters.last("actor"),
        action: parameters.last("action"),
        noun: parameters.last("noun"),
        object_id: parameters.last("objectId"),
        since: time(parameters, "since")?,
        until: time(parameters, "until")?,
        limit,
        ..AuditQuery::default()
    })
}

fn time(parameters: &Parameters, name: &str) -> ApiResult<Option<DateTime<Utc>>> {
    let Some(text) = parameters.last(name) else { return Ok(None) };
    let of_millis = text.parse().ok().and_then(DateTime::from_timestamp_millis);
    let time = of_millis.or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()));
    time.map(Some)
        .ok_or_else(|| invalid(name, "is neither a time such as 2026-11-26T22:54:31Z nor milliseconds since 1970"))
}

/// A record as answers show it.
fn show(sandbox: &str, record: &AuditRecord) -> Value {
    json!({
        "seq": record.seq,
        "at": record.at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
        "sandboxName": sandbox,
        "actor": record.actor,
        "action": record.action,
        "noun": record.noun,
        "objectId": record.object_id,
        "objectName": record.object_name,
        "before": record.before,
        "after": record.after,
        "detail": record.detail,
        "hash": record.hash,
    })
}

#[cfg(test)]
mod tests;
