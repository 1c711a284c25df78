//! What a flow may be saved as: nothing that violates a policy, whether it is enabled or not.
//!
//! A flow that was saved before the policy was may be changed all the same, and always be disabled: only violations that the
//! change adds refuse it. Who enables a flow answers for all of it.

use std::sync::Arc;

use outflow_model::flow::FlowKind;
use outflow_runner::governance::{FlowFacts, Judged, new_breaches};
use outflow_store::{Document, Reader, TargetConnection, Tx};
use serde_json::{Map, Value, json};

use super::check::{kind_of, text_at};
use crate::auth::Caller;
use crate::context::Api;
use crate::datasets::blocking;
use crate::error::{ApiError, ApiResult, Problem};
use crate::governance::refused;

/// The member that says why a flow is paused. The server writes it and nobody else.
const PAUSE: &str = "pause";

/// Members of a flow that a judgement looks at.
const JUDGED: [&str; 3] = ["transformations", "policy", "targetConnectionIds"];

/// Whether a flow of this body goes.
pub(super) fn is_enabled(body: &Value) -> bool {
    body.get("state").and_then(Value::as_str).unwrap_or("enabled") == "enabled"
}

/// Puts what the server says of a pause where the client's word stood: as it was as long as the flow is disabled, and
/// nothing in a flow that goes, or is new.
pub(super) fn keep_pause(body: &mut Map<String, Value>, before: Option<&Document>) {
    body.remove(PAUSE);
    let pause = before.and_then(|before| before.body.get(PAUSE));
    if let Some(pause) = pause
        && body.get("state").and_then(Value::as_str) == Some("disabled")
    {
        body.insert(PAUSE.into(), pause.clone());
    }
}

/// What a judgement looks at of a flow.
///
/// # Errors
/// 400 where its body cannot be read.
pub(super) async fn facts(
    api: &Api,
    reader: &mut Reader,
    sandbox: &str,
    id: &str,
    name: &str,
    body: &Value,
) -> ApiResult<FlowFacts> {
    facts_assuming(api, reader, sandbox, id, name, body, &Map::new()).await
}

/// The same where targets are for something else than they are: `purposes` holds references to marketing actions, by the
/// target's id.
///
/// # Errors
/// As [`facts`].
pub(super) async fn facts_assuming(
    api: &Api,
    reader: &mut Reader,
    sandbox: &str,
    id: &str,
    name: &str,
    body: &Value,
    purposes: &Map<String, Value>,
) -> ApiResult<FlowFacts> {
    let target_id = text_at(body, "/targetConnectionIds/0");
    let target = reader.find::<TargetConnection>(sandbox, target_id).await?;
    let mut target = target.map_or(Value::Null, |target| target.body.clone());
    if let (Some(target), Some(refs)) = (target.as_object_mut(), purposes.get(target_id)) {
        target.insert("policy".into(), json!({"enforcementRefs": refs}));
    }
    let kind = api.connector(text_at(&target, "/connectionSpec/id")).map_or(FlowKind::Batch, kind_of);
    FlowFacts::of(id, name, body, &target, kind)
        .map_err(|problems| ApiError::invalid(problems.0.into_iter().map(Problem::from).collect()))
}

/// Refuses `flow`, as it is written in `tx`, where it violates a policy that it did not violate as it was `before`. The
/// transaction holds the sandbox's governance.
///
/// # Errors
/// 409 with every new violation; 400 where the flow cannot be read.
pub(super) async fn refuse_violations(
    api: &Api,
    tx: &mut Tx,
    caller: &Caller,
    flow: &Arc<Document>,
    before: Option<&Arc<Document>>,
) -> ApiResult<()> {
    let goes_anew = is_enabled(&flow.body) && before.is_none_or(|before| !is_enabled(&before.body));
    let is_same =
        |before: &Arc<Document>| JUDGED.iter().all(|member| before.body.get(*member) == flow.body.get(*member));
    if !goes_anew && before.is_some_and(is_same) {
        return Ok(());
    }
    let ground = Arc::new(api.runner.ground(tx, &flow.sandbox).await?);
    let after = used(api, tx, flow).await?;
    let before = match before.filter(|_| !goes_anew) {
        // What cannot be read never went, and violated nothing.
        Some(before) => used(api, tx, before).await.ok(),
        None => None,
    };
    let judge = move || {
        let judged = |(flow, facts)| Judged::of(&ground, flow, facts);
        let after = judged(after);
        if after.breaches.is_empty() {
            return Ok(Vec::new());
        }
        let before: Vec<Judged> = before.map(judged).into_iter().collect();
        Ok(new_breaches(&before, vec![after]))
    };
    let wrong = blocking(judge).await?;
    if wrong.is_empty() { Ok(()) } else { Err(refused(caller, wrong).await?) }
}

/// A flow, and what it uses.
async fn used(api: &Api, reader: &mut Reader, flow: &Arc<Document>) -> ApiResult<(Arc<Document>, Arc<FlowFacts>)> {
    let facts = facts(api, reader, &flow.sandbox, &flow.id, &flow.name, &flow.body).await?;
    Ok((Arc::clone(flow), Arc::new(facts)))
}
