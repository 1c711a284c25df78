//! `GET /data/foundation/audit/check`.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::sandbox;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{Parameters, invalid};

/// Records that one request looks at, at most. So many take some seconds.
const RECORDS_MAX: usize = 100_000;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_check, _, _>(check)
}

/// What a check found.
#[derive(Serialize, ToSchema)]
#[schema(title = "AuditCheck", example = json!({"intact": true, "records": 1_024, "brokenAt": null, "next": null}))]
struct AuditCheck {
    /// Whether every record that was looked at is as it was written, and none is missing.
    intact: bool,
    /// Records that were looked at.
    records: u64,
    /// The first number at which the log is not what was written; null where it is.
    #[serde(rename = "brokenAt")]
    broken_at: Option<i64>,
    /// The `after` of the request that goes on; null where the end was reached.
    next: Option<i64>,
}

/// Check the audit log
///
/// Every hash is made again, and the last one compared with what the server remembers beside the log. Who can write the
/// database can forge both; whoever keeps exports elsewhere can tell that too.
#[utoipa::path(
    get,
    path = "/data/foundation/audit/check",
    tag = "audit",
    params(
        ("after" = Option<i64>, Query, description = "The number of the record to begin behind; from the first one without it."),
        ("server" = Option<bool>, Query, description = "Instead of the sandbox's log that about the server. Needs the scope `*`.")
    ),
    responses((status = 200, description = "The log was checked: 100,000 records at most.", body = AuditCheck))
)]
async fn check(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<AuditCheck>> {
    let sandbox = sandbox(&caller, &parameters)?;
    let after = parameters.number("after")?.map_or(Ok(0), i64::try_from);
    let after = after.map_err(|_| invalid("after", "is no number of a record"))?;
    let checked = api.store.read().await?.check_audit_after(&sandbox, after, RECORDS_MAX).await?;
    Ok(Answer(AuditCheck {
        intact: checked.broken_at.is_none(),
        records: checked.records,
        broken_at: checked.broken_at,
        next: checked.next,
    }))
}
