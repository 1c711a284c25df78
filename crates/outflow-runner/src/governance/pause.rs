//! Pausing a flow that would export what it may not: it is disabled, and says why.

use outflow_governance::judge::{Verdict, Violation};
use outflow_store::{AuditEvent, Change, Expected, Flow, StoreError, Tx};
use serde_json::{Value, json};

use super::decide::FLOW;
use crate::alerts;
use crate::details::set;
use crate::ledger;

/// Violations that are kept with a paused flow, and told in the audit log. Who wants all has the flow judged.
const VIOLATIONS_KEPT_MAX: usize = 50;

/// Policies that a reason names; of more, how many there are.
const NAMED_MAX: usize = 3;

/// Pauses a flow: its body gets `state: "disabled"` and `pause: {reason, at, violations, violationsLeftOut}`, and the audit
/// log a record `paused`; who subscribed to it is alerted. `by` is who brought it about. Answers whether it was enabled; one
/// that was not stays as it is. What disabling a flow ends, ends after the commit and once the runner is woken
/// ([`crate::Runner::wake`]).
///
/// # Errors
/// `NotFound`; those of the store.
pub async fn pause(tx: &mut Tx, sandbox: &str, flow_id: &str, verdict: &Verdict, by: &str) -> Result<bool, StoreError> {
    tx.lock_governance(sandbox).await?;
    let flow = tx.lock::<Flow>(sandbox, flow_id).await?;
    if !ledger::is_enabled(&flow) {
        return Ok(false);
    }
    let mut body = flow.body.clone();
    let told = told(verdict);
    let mut pause = json!({"reason": reason(verdict), "at": tx.now()});
    for (member, value) in told.as_object().into_iter().flatten() {
        set(&mut pause, member, value.clone());
    }
    set(&mut body, "state", json!("disabled"));
    set(&mut body, "pause", pause);
    tx.update::<Flow>(sandbox, flow_id, Expected::Any, Change { name: None, body, by }).await?;
    let event = AuditEvent { action: "paused", noun: FLOW, object_id: flow_id, object_name: &flow.name, detail: told };
    tx.audit(sandbox, event).await?;
    alerts::flow_paused(tx, &flow, &reason(verdict)).await?;
    tracing::warn!(flow = %flow_id, reason = %reason(verdict), "a flow is paused");
    metrics::counter!("outflow_flows_paused_total").increment(1);
    Ok(true)
}

/// Says in one sentence what a verdict forbids: `violates "No e-mail" in segment Loyal (C4)`.
pub fn reason(verdict: &Verdict) -> String {
    let name = |of: &Violation| {
        let labels: Vec<&str> = of.labels.iter().map(outflow_governance::Label::as_str).collect();
        format!("{:?} in segment {} ({})", of.policy.name, of.segment.name, labels.join(", "))
    };
    let mut named: Vec<String> = verdict.violations.iter().take(NAMED_MAX).map(name).collect();
    let others = verdict.violations_total().saturating_sub(NAMED_MAX);
    if others > 0 {
        named.push(format!("{others} more"));
    }
    format!("violates {}", named.join(", "))
}

/// The violations as the audit log and a paused flow keep them: without lineage, which is long and is found again.
pub(super) fn told(verdict: &Verdict) -> Value {
    let one = |of: &Violation| {
        json!({
            "policyId": of.policy.id,
            "policyName": of.policy.name,
            "condition": of.condition,
            "labels": of.labels,
            "marketingActions": of.actions.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "segmentId": of.segment.id,
            "segmentName": of.segment.name,
        })
    };
    let kept: Vec<Value> = verdict.violations.iter().take(VIOLATIONS_KEPT_MAX).map(one).collect();
    let left_out = verdict.violations_total() - kept.len();
    json!({"violations": kept, "violationsLeftOut": left_out})
}
