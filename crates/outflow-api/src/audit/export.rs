//! `GET /data/foundation/audit/export`.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::header;
use outflow_store::AuditQuery;

use super::{AuditFilters, query, sandbox, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::page::Parameters;

/// Records that are read at a time. Each may hold an object twice.
const RECORDS_AT_ONCE: usize = 100;

/// The media type of one JSON object a line.
const NDJSON: &str = "application/x-ndjson";

pub(super) fn operation() -> Operation {
    Operation::new::<__path_export, _, _>(export)
}

/// Take the audit log along
///
/// One record a line, the oldest first, up to the last one there is when it begins. Whoever exports all of it can check it
/// without the server: `hash` is the SHA-256, in hexadecimal, of the JSON text, without blanks, of the array of the hash of
/// the line before (64 zeros for the first), `sandboxName`, `seq`, `at` in microseconds since 1970, `actor`, `action`,
/// `noun`, `objectId`, `objectName`, and the JSON texts, without blanks, of `before`, `after` and `detail`, or null.
#[utoipa::path(
    get,
    path = "/data/foundation/audit/export",
    tag = "audit",
    params(AuditFilters),
    responses((
        status = 200,
        description = "The records that match, one a line.",
        body = String,
        content_type = "application/x-ndjson",
        example = json!("{\"seq\":1,\"action\":\"created\",\"noun\":\"flow\"}\n")
    ))
)]
async fn export(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Response> {
    let sandbox = sandbox(&caller, &parameters)?;
    // Wrong filters are refused before the answer begins.
    query(&parameters, RECORDS_AT_ONCE)?;
    let newest = AuditQuery { newest_first: true, limit: 1, ..AuditQuery::default() };
    let last = api.store.read().await?.audit(&sandbox, &newest).await?.records.first().map(|record| record.seq);
    let begin = last.map(|last| Reading { api, sandbox, parameters, after: 0, last });
    let lines = try_unfold(begin, |reading| async move {
        match reading {
            Some(reading) => reading.next().await.map_err(Broken),
            None => Ok(None),
        }
    });
    Ok(([(header::CONTENT_TYPE, NDJSON)], Body::from_stream(lines)).into_response())
}

/// The answer ends in its middle, which the client sees; why, the log says.
#[derive(Debug, thiserror::Error)]
#[error("the audit log could not be read to its end")]
struct Broken(ApiError);

/// What is still to be read.
struct Reading {
    api: Api,
    sandbox: String,
    parameters: Parameters,
    /// The last record that was looked at.
    after: i64,
    /// The last one that is exported.
    last: i64,
}

impl Reading {
    /// Some lines, and what is still to be read behind them. Holds no connection while the client takes them.
    async fn next(mut self) -> ApiResult<Option<(Bytes, Option<Reading>)>> {
        let mut lines = String::new();
        loop {
            let asked = AuditQuery { after_seq: Some(self.after), ..query(&self.parameters, RECORDS_AT_ONCE)? };
            let page = self.api.store.read().await?.audit(&self.sandbox, &asked).await?;
            for record in page.records.iter().filter(|record| record.seq <= self.last) {
                lines.push_str(&show(&self.sandbox, record).to_string());
                lines.push('\n');
            }
            match page.next.filter(|next| *next < self.last) {
                None if lines.is_empty() => return Ok(None),
                None => return Ok(Some((Bytes::from(lines), None))),
                Some(next) => self.after = next,
            }
            if !lines.is_empty() {
                return Ok(Some((Bytes::from(lines), Some(self))));
            }
        }
    }
}
