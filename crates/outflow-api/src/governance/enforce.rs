//! The look before a write, and the one after it.

use std::collections::HashSet;

use outflow_governance::Verdict;
use outflow_governance::judge::VIOLATIONS_TOLD_MAX;
use outflow_runner::governance::{Judged, new_breaches, pause};
use outflow_store::{Flow, Tx};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::OnViolation;
use super::published::published;
use super::violation::ShownViolation;
use crate::auth::Caller;
use crate::context::Api;
use crate::datasets::blocking;
use crate::error::{ApiError, ApiResult, printable};
use crate::etag::etag;

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
    #[schema(value_type = Vec<ShownViolation>)]
    violations: Vec<Value>,
    /// How many there are in all.
    #[serde(rename = "violationsTotal")]
    violations_total: usize,
    /// How many of them are not told here.
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
    let wrong = new_breaches(&before.0, api.runner.judge_all(tx, sandbox).await?);
    if wrong.is_empty() {
        return Ok(Vec::new());
    }
    if on == OnViolation::Refuse {
        return Err(refused(caller, wrong).await?.hint(
            "Follow one of the ways out of each violation, or send the change with onViolation=pause, which pauses these \
             flows.",
        ));
    }
    let (mut paused, mut room) = (Vec::new(), VIOLATIONS_TOLD_MAX);
    for judged in wrong {
        let id = judged.flow.id.clone();
        let verdict = blocking(move || Ok(judged.verdict(room))).await?;
        pause(tx, sandbox, &id, &verdict, &caller.client).await?;
        let flow = tx.get::<Flow>(sandbox, &id).await?;
        let violations = told(caller, &verdict, room);
        room -= violations.len();
        paused.push(PausedFlow {
            id,
            name: flow.name.clone(),
            etag: etag(flow.version),
            violations_total: verdict.violations_total(),
            violations_left_out: verdict.violations_total() - violations.len(),
            violations,
        });
    }
    Ok(paused)
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

/// The first violations of a verdict as answers show them, `most` at most.
pub(crate) fn told(caller: &Caller, verdict: &Verdict, most: usize) -> Vec<Value> {
    verdict.violations.iter().take(most).map(|violation| published(violation, &caller.base)).collect()
}

/// The answer to what would make flows violate policies. `wrong` has at least one.
///
/// # Errors
/// 500 where it cannot be told.
pub(crate) async fn refused(caller: &Caller, wrong: Vec<Judged>) -> ApiResult<ApiError> {
    let caller = caller.clone();
    blocking(move || Ok(refusal(&caller, &wrong))).await
}

fn refusal(caller: &Caller, wrong: &[Judged]) -> ApiError {
    let mut violations = Vec::new();
    let (mut ids, mut policies): (HashSet<&str>, Vec<&str>) = (HashSet::new(), Vec::new());
    for judged in wrong {
        let new = judged.breaches.iter().filter(|breach| ids.insert(&breach.policy_id));
        policies.extend(new.map(|breach| breach.policy_name.as_str()));
        let room = VIOLATIONS_TOLD_MAX - violations.len();
        if room > 0 {
            violations.extend(told(caller, &judged.verdict(room), room));
        }
    }
    let flows: Vec<&str> = wrong.iter().map(|judged| judged.flow.name.as_str()).collect();
    let total: usize = wrong.iter().map(|judged| judged.breaches.len()).sum();
    let left_out = total.saturating_sub(violations.len());
    let (flows, policies) = (listed("flow", "flows", &flows), listed("policy", "policies", &policies));
    let error = ApiError::conflict(format!("{flows} would violate {policies}"))
        .hint("Follow one of the ways out of each violation.")
        .with("violations", json!(violations))
        // The same number under the name that clients of the Dataset Service know.
        .with("count", json!(total))
        .with("violationsTotal", json!(total));
    if left_out > 0 { error.with("violationsLeftOut", json!(left_out)) } else { error }
}

/// Some names for a sentence.
fn listed(one: &str, several: &str, names: &[&str]) -> String {
    let noun = if names.len() == 1 { one } else { several };
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
