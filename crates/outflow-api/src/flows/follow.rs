//! What a change of a target, an account or a segment means for the flows that deliver with it.

use std::sync::Arc;

use outflow_model::flow::{Activation, FlowKind};
use outflow_model::schema::Schema;
use outflow_store::{
    Connection, Document, Flow, Reference, Segment, SourceConnection, StoreError, TargetConnection, Tx,
};
use serde_json::Value;

use super::check::{Named, check_names, check_paths, check_segments, inherited, is_encrypted, kind_of, text_at};
use crate::context::Api;
use crate::error::{ApiError, ApiResult, Problem};

/// A target that changes: names that come out wrong with the new file options refuse it, paths that such files cannot
/// hold are told. What follows from the target is written beside its flows, whose versions stay.
///
/// # Errors
/// 400 with every problem.
pub(crate) async fn follow_target(
    api: &Api,
    tx: &mut Tx,
    target: &Document,
    schema: Option<&Schema>,
) -> ApiResult<Vec<Problem>> {
    let (sandbox, body) = (target.sandbox.as_str(), &target.body);
    let mut found = Found { field: "/params", ..Found::default() };
    for user in tx.flows_using::<TargetConnection>(sandbox, &target.id).await? {
        let Some(flow) = locked(tx, sandbox, &user).await? else { continue };
        found.look_at(api, tx, &flow, body, schema).await?;
        let source = text_at(&flow.body, "/sourceConnectionIds/0");
        if let Some(source) = tx.find::<SourceConnection>(sandbox, source).await? {
            let details = with_inherited(&flow.details, inherited(&source, &target.id, body));
            tx.set_details::<Flow>(sandbox, &flow.id, &details).await?;
        }
    }
    if found.problems.is_empty() { Ok(found.warnings) } else { Err(ApiError::invalid(found.problems)) }
}

/// An account that encrypts from now on: its files get another ending, and names that come out too long with it refuse
/// the key.
///
/// # Errors
/// 400 with every problem.
pub(crate) async fn follow_key(api: &Api, tx: &mut Tx, sandbox: &str, account: &str) -> ApiResult<()> {
    let found = Found { field: "/encryption", ..Found::default() };
    let users = tx.flows_using::<Connection>(sandbox, account).await?;
    found.look_at_all(api, tx, sandbox, &users).await
}

/// A segment that gets another name: names of files that come out wrong with it refuse it. The segment is saved in `tx`
/// already.
///
/// # Errors
/// 400 with every problem.
pub(crate) async fn follow_segment(api: &Api, tx: &mut Tx, sandbox: &str, segment: &str) -> ApiResult<()> {
    let found = Found { field: "/name", ..Found::default() };
    let users = tx.flows_using::<Segment>(sandbox, segment).await?;
    found.look_at_all(api, tx, sandbox, &users).await
}

/// What is wrong with flows after a change of what they use.
#[derive(Default)]
struct Found {
    /// The member whose change it is.
    field: &'static str,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl Found {
    /// Checks the files of flows whose targets stay as they are.
    async fn look_at_all(mut self, api: &Api, tx: &mut Tx, sandbox: &str, users: &[Reference]) -> ApiResult<()> {
        for user in users {
            let Some(flow) = locked(tx, sandbox, user).await? else { continue };
            let target = text_at(&flow.body, "/targetConnectionIds/0");
            if let Some(target) = tx.find::<TargetConnection>(sandbox, target).await? {
                self.look_at(api, tx, &flow, &target.body, None).await?;
            }
        }
        if self.problems.is_empty() { Ok(()) } else { Err(ApiError::invalid(self.problems)) }
    }

    /// Checks what a flow's files are called beside `target`, the body of its target, and what they hold where `schema`
    /// says what there is.
    async fn look_at(
        &mut self,
        api: &Api,
        tx: &mut Tx,
        flow: &Document,
        target: &Value,
        schema: Option<&Schema>,
    ) -> ApiResult<()> {
        let kind = api.connector(text_at(target, "/connectionSpec/id")).map_or(FlowKind::Batch, kind_of);
        let Ok(activation) = Activation::parse(&flow.body, kind, &api.settings.guardrails) else { return Ok(()) };
        let of_flow = |problem: Problem| {
            Problem::new(self.field, format!("{} of flow {}: {}", problem.field, flow.id, problem.message))
        };
        let (sandbox, params) = (flow.sandbox.as_str(), target.get("params").unwrap_or(&Value::Null));
        let is_encrypted = is_encrypted(tx, sandbox, target).await?;
        let segments = check_segments(tx, sandbox, &activation).await?;
        let named = Named { params, sandbox, is_encrypted, name: &flow.name, id: Some(&flow.id), kind };
        self.problems.extend(check_names(api, &named, &activation, &segments.names).into_iter().map(of_flow));
        self.warnings.extend(check_paths(schema, &named, &activation).into_iter().map(of_flow));
        Ok(())
    }
}

/// A flow that nobody else changes until the transaction ends; none where somebody has deleted it.
async fn locked(tx: &mut Tx, sandbox: &str, flow: &Reference) -> ApiResult<Option<Arc<Document>>> {
    match tx.lock::<Flow>(sandbox, &flow.id).await {
        Ok(flow) => Ok(Some(flow)),
        Err(StoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn with_inherited(details: &Value, inherited: Value) -> Value {
    let mut details = details.as_object().cloned().unwrap_or_default();
    details.insert("inheritedAttributes".into(), inherited);
    Value::Object(details)
}
