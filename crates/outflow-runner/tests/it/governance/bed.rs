//! Labels and policies for a world.

use outflow_governance::action::core;
use outflow_store::{
    AuditQuery, AuditRecord, Change, DatasetLabels, EnabledCorePolicies, Expected, Flow, NewDocument, Noun, Policy,
};
use serde_json::{Value, json};

use crate::world::{SANDBOX, World};

/// Makes or changes a document of an id that people give.
pub async fn put<N: Noun>(world: &World, id: &str, body: Value) {
    let mut tx = world.store.begin().await.unwrap();
    put_in::<N>(&mut tx, id, body).await;
    tx.commit().await.unwrap();
}

pub async fn put_in<N: Noun>(tx: &mut outflow_store::Tx, id: &str, body: Value) {
    match tx.find::<N>(SANDBOX, id).await.unwrap() {
        Some(_) => {
            let change = Change { name: None, body, by: "test" };
            tx.update::<N>(SANDBOX, id, Expected::Any, change).await.unwrap();
        }
        None => {
            let new = NewDocument { id: Some(id.to_owned()), sandbox: SANDBOX, name: id, body, by: "test" };
            tx.insert::<N>(new).await.unwrap();
        }
    }
}

/// The body of labels: of the whole, and of top-level fields.
pub fn labels_of(whole: &[&str], fields: &[(&str, &[&str])]) -> Value {
    let field = |(name, labels): &(&str, &[&str])| json!({"option": {"schemaPath": format!("/properties/{name}")}, "labels": labels});
    json!({"labels": whole, "optionalLabels": fields.iter().map(field).collect::<Vec<_>>()})
}

pub async fn label(world: &World, dataset: &str, whole: &[&str], fields: &[(&str, &[&str])]) {
    put::<DatasetLabels>(world, dataset, labels_of(whole, fields)).await;
}

/// Switches core policies on, and all others off.
pub async fn enable_core(world: &World, ids: &[&str]) {
    put::<EnabledCorePolicies>(world, "core", json!({"policyIds": ids})).await;
}

/// The body of a policy that denies e-mails.
pub fn no_emails(status: &str, deny: &Value) -> Value {
    let actions = [core("emailTargeting").to_string()];
    json!({"name": "No e-mail", "status": status, "marketingActionRefs": actions, "deny": deny})
}

pub async fn policy(world: &World, id: &str, deny: &Value) {
    put::<Policy>(world, id, no_emails("ENABLED", deny)).await;
}

/// Gives a flow its marketing actions.
pub async fn act(world: &World, flow: &str, actions: &[&str]) {
    let refs: Vec<String> = actions.iter().map(|action| core(action).to_string()).collect();
    world.change::<Flow>(flow, |body| body["policy"] = json!({"enforcementRefs": refs})).await;
}

/// Enables a flow anew, as whoever resolved what it violated.
pub async fn enable(world: &World, flow: &str) {
    world
        .change::<Flow>(flow, |body| {
            body["state"] = json!("enabled");
            body.as_object_mut().unwrap().remove("pause");
        })
        .await;
}

/// The whole audit log, oldest first.
pub async fn audit(world: &World) -> Vec<AuditRecord> {
    let mut reader = world.store.read().await.unwrap();
    let (mut all, mut after) = (Vec::new(), Some(0));
    while after.is_some() {
        let query = AuditQuery { after_seq: after, limit: 1000, ..AuditQuery::default() };
        let page = reader.audit(SANDBOX, &query).await.unwrap();
        all.extend(page.records);
        after = page.next;
    }
    all
}

/// The records of an action.
pub async fn told(world: &World, action: &str) -> Vec<AuditRecord> {
    audit(world).await.into_iter().filter(|record| record.action == action).collect()
}

/// A leaf of a condition.
pub fn leaf(label: &str) -> Value {
    json!({"label": label})
}

/// Leaves joined.
pub fn joined(operator: &str, labels: &[&str]) -> Value {
    json!({"operator": operator, "operands": labels.iter().map(|label| leaf(label)).collect::<Vec<_>>()})
}
