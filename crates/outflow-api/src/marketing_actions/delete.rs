//! `DELETE /marketingActions/custom/{id}`.

use axum::extract::State;
use http::StatusCode;
use outflow_governance::ConsentPolicy;
use outflow_governance::consent::ConsentTrigger;
use outflow_model::flow::{ActionOwner, MarketingAction};
use outflow_store::{Conflict, Document, Flow, ListQuery, Noun, Order, Reader, Reference, Scope, TargetConnection};
use serde_json::Value;

use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::{ApiError, ApiResult};
use crate::etag::OptionalIfMatch;
use crate::id::Id;
use crate::operation::Operation;

/// Documents that are looked at at a time: flows may be many and large.
const READ_AT_ONCE: usize = 100;
/// Flows, and targets, that are looked at. A sandbox with more keeps its action, and is told what refers to it among
/// those: nobody else saves while they are looked at.
const LOOKED_AT_MAX: usize = 20_000;
/// Of those that refer to an action as many are named.
const NAMED_MAX: usize = 100;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_delete, _, _>(delete)
}

/// Delete a custom marketing action
///
/// Refused while a policy, a consent policy, a flow or a target refers to it.
#[utoipa::path(
    delete,
    path = "/data/foundation/dulepolicy/marketingActions/custom/{id}",
    tag = "marketing actions",
    params(
        ("id" = String, Path, description = "The action's name."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 200, description = "It is gone."),
        (status = 412, description = "It has changed since."),
        (status = 409, description = "Others refer to it; the answer names them.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(name): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    let mut tx = api.begin(&caller).await?;
    // From here on nobody else saves what might refer to it.
    tx.lock_governance(&caller.sandbox).await?;
    tx.get::<outflow_store::MarketingAction>(&caller.sandbox, &name).await?;
    let action = MarketingAction { owner: ActionOwner::Custom, name: name.clone() };
    let by = users(&mut tx, &caller.sandbox, &action).await?;
    if !by.is_empty() {
        return Err(Conflict::InUse { noun: "marketing action", id: name, by }.into());
    }
    document::delete::<outflow_store::MarketingAction>(&mut tx, &caller, &name, &condition).await?;
    tx.commit().await?;
    Ok(StatusCode::OK)
}

/// What refers to an action, at most [`NAMED_MAX`] of it.
async fn users(reader: &mut Reader, sandbox: &str, action: &MarketingAction) -> ApiResult<Vec<Reference>> {
    let in_policy = |document: &Document| {
        outflow_governance::Policy::parse(&document.id, &document.body)
            .is_ok_and(|policy| policy.actions.contains(action))
    };
    let in_consent = |document: &Document| {
        ConsentPolicy::parse(&document.id, &document.body).is_ok_and(|policy| {
            policy.when.leaves().into_iter().any(|(_, trigger)| *trigger == ConsentTrigger::Action(action.clone()))
        })
    };
    let is_named = |document: &Document| {
        let references = document.body.pointer("/policy/enforcementRefs").and_then(Value::as_array);
        let mut named = references.into_iter().flatten().filter_map(Value::as_str).filter_map(MarketingAction::parse);
        named.any(|named| named == *action)
    };
    let mut by = Vec::new();
    referring::<outflow_store::Policy>(reader, sandbox, &in_policy, &mut by).await?;
    referring::<outflow_store::ConsentPolicy>(reader, sandbox, &in_consent, &mut by).await?;
    referring::<Flow>(reader, sandbox, &is_named, &mut by).await?;
    referring::<TargetConnection>(reader, sandbox, &is_named, &mut by).await?;
    by.truncate(NAMED_MAX);
    Ok(by)
}

/// Adds those of a kind. Where anything is known to refer to the action, it is enough that what was looked at says so.
async fn referring<N: Noun>(
    reader: &mut Reader,
    sandbox: &str,
    refers: &(dyn Fn(&Document) -> bool + Send + Sync),
    by: &mut Vec<Reference>,
) -> ApiResult<()> {
    let mut after = None;
    let mut looked_at = 0;
    loop {
        let query = ListQuery { after, order: Order::CreatedAsc, ..ListQuery::first(READ_AT_ONCE) };
        let page = reader.list::<N>(Scope::Sandbox(sandbox), &query).await?;
        for document in page.items.iter().filter(|document| refers(document)) {
            by.push(Reference { noun: N::TITLE, id: document.id.clone(), name: document.name.clone() });
        }
        after = page.next;
        looked_at += page.items.len();
        let is_enough = by.len() >= NAMED_MAX || (looked_at >= LOOKED_AT_MAX && !by.is_empty());
        if after.is_none() || is_enough {
            return Ok(());
        }
        if looked_at >= LOOKED_AT_MAX {
            let text = format!("the sandbox has more than {LOOKED_AT_MAX} objects of the kind {}", N::TITLE);
            return Err(ApiError::conflict(text).hint("Leave the action: alone it restricts nothing."));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const SERVICE: &str = "/data/foundation/dulepolicy";

    #[tokio::test]
    async fn an_action_goes_when_nothing_refers_to_it() {
        let server = Server::start().await;
        let client = server.client();
        let path = format!("{SERVICE}/marketingActions/custom/analyticsDB");
        client.put(&path, None, &json!({"name": "analyticsDB"})).await;
        let reference = "/dulepolicy/marketingActions/custom/analyticsDB";
        let policy = json!({"name": "No analytics", "marketingActionRefs": [reference], "deny": {"label": "C8"}});
        let policy = client.post(&format!("{SERVICE}/policies/custom"), &policy).await.id().to_owned();
        let consent = json!({
            "name": "Analytics", "if": {"marketingActionRef": reference}, "then": {"path": "consent.analytics", "values": ["y"]}
        });
        let consent = client.post(&format!("{SERVICE}/consentPolicies"), &consent).await.id().to_owned();
        let flow = server.flow("Loyal").await;
        let named = json!([{"op": "add", "path": "/policy", "value": {"enforcementRefs": [reference]}}]);
        let flow_path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        assert_eq!(client.patch(&flow_path, Some("*"), &named).await.status, 200);
        let refused = client.delete(&path).await;
        let users: Vec<&str> =
            refused.body["usedBy"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect();
        assert_eq!((refused.status, users), (409, vec![&*policy, &*consent, &*flow.id]), "{}", refused.text);
        assert!(refused.text.contains("No analytics"), "{}", refused.text);
        client.delete(&format!("{SERVICE}/policies/custom/{policy}")).await;
        client.delete(&format!("{SERVICE}/consentPolicies/{consent}")).await;
        assert_eq!(client.delete(&path).await.status, 409);
        client.delete(&flow_path).await;
        let gone = client.delete(&path).await;
        assert_eq!((gone.status, gone.text.as_str()), (200, ""));
        assert_eq!(client.delete(&path).await.status, 404);
    }
}
