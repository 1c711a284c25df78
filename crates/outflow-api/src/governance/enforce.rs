//! The look before a write, and the one after it.

use outflow_governance::Violation;
use outflow_runner::governance::{Judged, new_violations, pause};
use outflow_store::{Flow, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::OnViolation;
use super::published::published;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult, printable};
use crate::etag::etag;

/// Violations that one answer tells. Each may have hundreds of ways of data.
const TOLD_MAX: usize = 100;

/// Flows that the sentence of a refusal names.
const NAMED_MAX: usize = 3;

/// How flows stood before a write.
pub(crate) struct Before(Vec<Judged>);

/// A flow that a write paused.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "PausedFlow")]
pub(crate) struct PausedFlow {
    /// The flow's id.
    id: String,
    /// Its name.
    name: String,
    /// Its version now, in quotes, as `If-Match` takes it.
    etag: String,
    /// What it violates: which policies, why, and what would resolve it. Of all flows together, the first 100.
    violations: Vec<Value>,
    /// How many more there are.
    #[serde(rename = "violationsLeftOut", skip_serializing_if = "is_none")]
    #[schema(required = false)]
    violations_left_out: usize,
}

impl Before {
    /// Looks at every enabled flow, and holds the sandbox's governance until `tx` ends. The first thing that a write does.
    ///
    /// # Errors
    /// As of the store.
    pub(crate) async fn look(api: &Api, tx: &mut Tx, sandbox: &str) -> ApiResult<Before> {
        tx.lock_governance(sandbox).await?;
        Ok(Before(api.runner.judge_all(tx, sandbox).await?))
    }
}

/// Looks at every enabled flow again, after the write. Answers those that it paused.
///
/// # Errors
/// 409 with every new violation where those are to be refused.
pub(crate) async fn enforce(
    api: &Api,
    tx: &mut Tx,
    caller: &Caller,
    before: Before,
    on: OnViolation,
) -> ApiResult<Vec<PausedFlow>> {
    let sandbox = caller.sandbox.as_str();
    let wrong = new_violations(&before.0, api.runner.judge_all(tx, sandbox).await?);
    if wrong.is_empty() {
        return Ok(Vec::new());
    }
    if on == OnViolation::Refuse {
        let new: Vec<Violation> = wrong.into_iter().flat_map(|judged| judged.verdict.violations).collect();
        return Err(refused(&new).hint(
            "Follow one of the ways out of each violation, or send the change with onViolation=pause, which pauses these \
             flows.",
        ));
    }
    let (mut paused, mut room) = (Vec::new(), TOLD_MAX);
    for judged in wrong {
        pause(tx, sandbox, &judged.flow.id, &judged.verdict, &caller.client).await?;
        let flow = tx.get::<Flow>(sandbox, &judged.flow.id).await?;
        let (first, others) = judged.verdict.violations.split_at(room.min(judged.verdict.violations.len()));
        room -= first.len();
        paused.push(PausedFlow {
            id: flow.id.clone(),
            name: flow.name.clone(),
            etag: etag(flow.version),
            violations: told(first),
            violations_left_out: others.len(),
        });
    }
    Ok(paused)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// Violations as answers show them, of very many the first ones.
pub(crate) fn told(violations: &[Violation]) -> Vec<Value> {
    violations.iter().take(TOLD_MAX).map(published).collect()
}

/// The answer to what would make flows violate policies. `violations` has at least one.
pub(crate) fn refused(violations: &[Violation]) -> ApiError {
    let mut flows: Vec<&str> = Vec::new();
    let mut policies: Vec<&str> = Vec::new();
    for violation in violations {
        if !flows.contains(&violation.flow.name.as_str()) {
            flows.push(&violation.flow.name);
        }
        if !policies.contains(&violation.policy.name.as_str()) {
            policies.push(&violation.policy.name);
        }
    }
    let detail = format!("{} would violate {}", listed("flow", &flows), listed("policy", &policies));
    let error = ApiError::conflict(detail)
        .hint("Follow one of the ways out of each violation.")
        .with("count", json!(violations.len()))
        .with("violations", json!(told(violations)));
    match violations.len().saturating_sub(TOLD_MAX) {
        0 => error,
        left_out => error.with("violationsLeftOut", json!(left_out)),
    }
}

/// Some names for a sentence.
fn listed(noun: &str, names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED_MAX).map(|name| printable(name)).collect();
    let more = names.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{noun} {}{more}", shown.join(", "))
}

/// Names the flows that a write paused in its answer, an object, where there are any.
pub(crate) fn tell_paused(answer: &mut Value, paused: &[PausedFlow]) {
    if !paused.is_empty() {
        answer["pausedFlows"] = json!(paused);
    }
}
