//! The rules by which members were found whose segment has another rule by now.
//!
//! Each version of a segment that was evaluated is kept with its expression. Where a release that kept none evaluated it,
//! the audit log knows it, if it went back that far then. Nobody guesses: what was found by a rule that is not known does
//! not leave.

use chrono::{DateTime, Utc};
use outflow_governance::labels::EntityName;
use outflow_governance::usage::SegmentRule;
use outflow_model::segment::SegmentDefinition;
use outflow_model::{Fault, FaultClass};
use outflow_store::{Artifact, AuditQuery, AuditRecord, Document, Reader, Segment};
use serde_json::Value;

use crate::details::set;

/// Changes of a segment among which the first since its evaluation is sought.
const CHANGES: usize = 10;

/// What the audit log calls segments.
const SEGMENT: &str = "segment";

/// The rules by which an evaluation found those of `segments` that have another version by now.
///
/// # Errors
/// `Refused` for a rule that is not known; those of the store.
pub(super) async fn past_rules(
    reader: &mut Reader,
    sandbox: &str,
    segments: &[String],
    evaluation: &str,
) -> Result<Vec<SegmentRule>, Fault> {
    let mut past = Vec::new();
    for segment in reader.get_many::<Segment>(sandbox, segments).await? {
        let found = match reader.segment_counts_of(&segment.id, evaluation).await? {
            Some(of) if of.segment_version == segment.version => continue,
            Some(of) => found_by(reader, &segment, of.segment_version, of.ended).await?,
            None if looked_for(reader, sandbox, &segment.id, evaluation).await? => Found::Unknown,
            None => continue,
        };
        let expression = match found {
            Found::AsNow => continue,
            Found::By(expression) => expression,
            Found::Unknown => return Err(unknown(&segment, evaluation)),
        };
        let mut body = segment.body.clone();
        set(&mut body, "expression", expression);
        let rule = SegmentDefinition::parse(&body).and_then(|definition| definition.expression.rule());
        let rule = rule.map_err(|problems| unknown(&segment, evaluation).because(problems))?;
        past.push(SegmentRule { segment: EntityName { id: segment.id.clone(), name: segment.name.clone() }, rule });
    }
    Ok(past)
}

enum Found {
    /// By the rule that the segment has now.
    AsNow,
    /// By this expression.
    By(Value),
    Unknown,
}

/// What a version of a segment that was evaluated until `ended` found its members by.
async fn found_by(reader: &mut Reader, segment: &Document, version: i64, ended: DateTime<Utc>) -> Result<Found, Fault> {
    if let Some(expression) = reader.segment_rule(&segment.id, version).await? {
        return Ok(Found::By(expression));
    }
    let sandbox = segment.sandbox.as_str();
    let first = AuditQuery { until: Some(ended), limit: 1, ..AuditQuery::default() };
    if audited(reader, sandbox, first).await?.is_empty() {
        return Ok(Found::Unknown);
    }
    // What the first change since found is what was evaluated.
    let query = AuditQuery {
        noun: Some(SEGMENT),
        object_id: Some(&segment.id),
        since: Some(ended),
        limit: CHANGES,
        ..AuditQuery::default()
    };
    let changes = audited(reader, sandbox, query).await?;
    // The record of its making may be among them where the clock stood still.
    let before = changes.into_iter().find_map(|change| change.before);
    let expression = |body: Value| body.get("expression").cloned().map_or(Found::Unknown, Found::By);
    Ok(before.map_or(Found::AsNow, expression))
}

/// Whether an evaluation looked for the members of a segment. One that is not there any more may have.
async fn looked_for(reader: &mut Reader, sandbox: &str, segment: &str, evaluation: &str) -> Result<bool, Fault> {
    let row = reader.artifact(Artifact::Evaluation, sandbox, evaluation).await?;
    let segments = row.as_ref().and_then(|row| row.body.get("segments")).and_then(Value::as_array);
    Ok(segments.is_none_or(|all| all.iter().any(|of| of.get("id").and_then(Value::as_str) == Some(segment))))
}

/// The first records that a query finds, as many as its limit; fewer where there are no more. Pages may be short before
/// them, or empty.
pub(super) async fn audited(
    reader: &mut Reader,
    sandbox: &str,
    mut query: AuditQuery<'_>,
) -> Result<Vec<AuditRecord>, Fault> {
    let (wanted, mut found) = (query.limit, Vec::new());
    loop {
        let page = reader.audit(sandbox, &query).await?;
        found.extend(page.records);
        match page.next.filter(|_| found.len() < wanted) {
            Some(next) if query.newest_first => query.before_seq = Some(next),
            Some(next) => query.after_seq = Some(next),
            None => return Ok(found),
        }
        query.limit = wanted - found.len();
    }
}

fn unknown(segment: &Document, evaluation: &str) -> Fault {
    let what = format!("it is not known any more by which rule the members of segment {} were found", segment.name);
    Fault::new(FaultClass::Refused, what)
        .tried(format!("judge what evaluation {evaluation} found"))
        .hint("evaluate the segment again, then run the flow anew")
}
