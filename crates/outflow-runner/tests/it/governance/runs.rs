//! Runs to files.

use std::sync::Arc;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunBody, RunState};
use outflow_runner::SubmitError;
use outflow_store::{Alert, Artifact, AuditEvent, AuditRecord, Dataset, Expected, Flow, NewArtifact, Scope, Segment};
use serde_json::{Value, json};

use super::bed::{act, audit, enable, label, leaf, policy, told};
use crate::gate::{Gate, Place, gated};
use crate::world::{Activated, DATED, SANDBOX, World, daily};

struct Bed {
    world: World,
    gate: Arc<Gate>,
    dataset: String,
    segment: String,
    flow: String,
}

impl Bed {
    async fn new() -> Bed {
        let (connectors, gate) = gated();
        let mut world = World::with(connectors).await;
        world.settings.lease_secs = 30 * 86_400;
        // So that what was recorded earlier was earlier.
        world.clock.tick(TimeDelta::microseconds(3));
        world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
        let dataset = world.attach().await;
        world.work().await;
        let segment = world.segment("Americans", "country = \"US\"").await;
        let activated = Activated {
            segment: &segment,
            mode: "DAILY_FULL_EXPORT",
            schedule: daily("2027-01-01", "06:00"),
            template: DATED,
        };
        let flow = world.flow("acme", &[activated], &["email", "points"]).await;
        act(&world, &flow, &["emailTargeting"]).await;
        policy(&world, "p", &leaf("C4")).await;
        Bed { world, gate, dataset, segment, flow }
    }

    async fn submit(&self) -> String {
        self.world.advance(TimeDelta::minutes(1));
        self.world.runner().submit_run_now(SANDBOX, &self.flow, "me").await.unwrap().remove(0)
    }

    async fn run(&self) -> (String, RunBody) {
        let run = self.submit().await;
        self.world.work().await;
        let body = self.world.run_body(&run).await;
        (run, body)
    }

    async fn plan(&self, run: &str) -> Value {
        let text = self.world.store.read().await.unwrap().plan(run).await.unwrap();
        text.map_or(Value::Null, |text| serde_json::from_str(&text).unwrap())
    }

    async fn alerts(&self) -> Vec<(String, String)> {
        let mut reader = self.world.store.read().await.unwrap();
        let alerts = reader.all::<Alert>(Scope::Sandbox(SANDBOX), Vec::new()).await.unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let failures = alerts.iter().filter(|alert| alert.body["kind"] == "runFailure");
        failures.map(|alert| (text(&alert.body["state"]), text(&alert.body["message"]))).collect()
    }
}

fn of_run<'a>(records: &'a [AuditRecord], run: &str) -> Vec<&'a AuditRecord> {
    records.iter().filter(|record| record.detail.as_ref().is_some_and(|detail| detail["run"] == run)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_leave_leaves_with_a_record_of_the_decision() {
    let bed = Bed::new().await;
    label(&bed.world, &bed.dataset, &[], &[("country", &["C5"])]).await;
    let (run, body) = bed.run().await;
    assert_eq!(body.state, RunState::Success, "{body:?}");
    let records = told(&bed.world, "exportAllowed").await;
    let [record] = of_run(&records, &run)[..] else { panic!("{records:?}") };
    let detail = record.detail.as_ref().unwrap();
    assert_eq!((detail["flow"].as_str(), detail["segment"].as_str()), (Some(&*bed.flow), Some(&*bed.segment)));
    assert_eq!(detail["marketingActions"], json!(["/dulepolicy/marketingActions/core/emailTargeting"]));
    assert_eq!(detail["evaluation"].as_str(), body.evaluation_id.as_deref());
    let governance = bed.world.store.read().await.unwrap().governance(SANDBOX).await.unwrap();
    assert_eq!(detail["governanceRevision"].as_i64(), Some(governance.revision));
    assert_eq!(bed.plan(&run).await["decision"].as_i64(), Some(record.seq));
    assert_eq!((record.actor.as_str(), record.noun.as_str()), ("outflow", "flow"));
    assert!(bed.world.store.read().await.unwrap().check_audit(SANDBOX).await.unwrap().broken_at.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_leave_does_not_and_its_flow_is_paused() {
    let bed = Bed::new().await;
    label(&bed.world, &bed.dataset, &[], &[("country", &["C4"])]).await;
    let (run, body) = bed.run().await;
    assert_eq!(body.state, RunState::Failed, "{body:?}");
    let error = body.error.unwrap();
    assert_eq!(error.class, FaultClass::Refused);
    assert!(error.message.contains("No e-mail") && error.message.contains("Americans"), "{}", error.message);
    assert!(bed.world.names("acme").is_empty());
    assert_eq!(bed.plan(&run).await, Value::Null, "there is no plan of what may not leave");
    let flow = bed.world.body::<Flow>(&bed.flow).await;
    assert_eq!(flow["state"], "disabled");
    assert_eq!(flow["pause"]["reason"], "violates \"No e-mail\" in segment Americans (C4)");
    assert_eq!(flow["pause"]["violations"][0]["policyId"], "p");
    assert_eq!(flow["pause"]["violationsLeftOut"], 0);
    let alerts = bed.alerts().await;
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    assert!(alerts[0].0 == "open" && alerts[0].1.contains("No e-mail"), "{alerts:?}");
    let records = audit(&bed.world).await;
    let of_run: Vec<&str> = of_run(&records, &run).iter().map(|record| record.action.as_str()).collect();
    assert_eq!(of_run, ["exportRefused"]);
    let last: Vec<&str> = records.iter().rev().take(3).map(|record| record.action.as_str()).collect();
    assert_eq!(last, ["paused", "updated", "exportRefused"]);
    // It is not followed, and says why.
    let refused = bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await;
    let Err(SubmitError::Conflict { message }) = refused else { panic!("{refused:?}") };
    assert!(message.contains("paused") && message.contains("No e-mail"), "{message}");
    // Enabled without a change it is paused again; resolved, it delivers.
    enable(&bed.world, &bed.flow).await;
    assert_eq!(bed.run().await.1.state, RunState::Failed);
    label(&bed.world, &bed.dataset, &[], &[]).await;
    enable(&bed.world, &bed.flow).await;
    assert_eq!(bed.run().await.1.state, RunState::Success);
    assert_eq!(bed.alerts().await.last().unwrap().0, "recovered");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_try_is_decided_anew() {
    let bed = Bed::new().await;
    bed.gate.fail(Place::Stage, FaultClass::Unavailable);
    let (run, body) = bed.run().await;
    assert_eq!(body.state, RunState::Queued, "{body:?}");
    let first = bed.plan(&run).await;
    bed.gate.fail(Place::Stage, FaultClass::Unavailable);
    bed.world.advance(TimeDelta::minutes(5));
    bed.world.work().await;
    let second = bed.plan(&run).await;
    assert!(second["decision"].as_i64() > first["decision"].as_i64());
    assert_eq!(of_run(&told(&bed.world, "exportAllowed").await, &run).len(), 2);
    let but_decision = |plan: &Value| {
        let mut plan = plan.clone();
        plan.as_object_mut().unwrap().remove("decision");
        plan
    };
    assert_eq!(but_decision(&first), but_decision(&second), "the plan is the same");
    label(&bed.world, &bed.dataset, &["C4"], &[]).await;
    bed.world.advance(TimeDelta::minutes(5));
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!((body.state, body.error.unwrap().class), (RunState::Failed, FaultClass::Refused));
    assert!(bed.world.names("acme").is_empty());
    assert_eq!(bed.world.body::<Flow>(&bed.flow).await["state"], "disabled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_judged_by_its_own_columns() {
    let bed = Bed::new().await;
    bed.gate.fail(Place::Stage, FaultClass::Refused);
    let (run, body) = bed.run().await;
    assert_eq!(body.state, RunState::Failed);
    // The flow exports the points no more; the plan still would.
    let columns = "/transformations/0/params/profileSelectors/selectors";
    bed.world
        .change::<Flow>(&bed.flow, |body| {
            body.pointer_mut(columns).unwrap().as_array_mut().unwrap().pop();
        })
        .await;
    label(&bed.world, &bed.dataset, &[], &[("points", &["C4"])]).await;
    bed.world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!((body.state, body.error.unwrap().class), (RunState::Failed, FaultClass::Refused));
    assert_eq!(bed.world.body::<Flow>(&bed.flow).await["state"], "enabled", "the flow itself violates nothing");
    assert!(told(&bed.world, "paused").await.is_empty());
    // What it was for then counts as well.
    act(&bed.world, &bed.flow, &["analytics"]).await;
    bed.world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.world.run_body(&run).await.state, RunState::Failed);
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    assert_eq!(bed.run().await.1.state, RunState::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_another_rule_found_are_judged_by_that_rule() {
    let bed = Bed::new().await;
    assert_eq!(bed.run().await.1.state, RunState::Success);
    bed.world.change::<Segment>(&bed.segment, |body| body["expression"]["value"] = json!("points > 0")).await;
    label(&bed.world, &bed.dataset, &[], &[("country", &["C4"])]).await;
    let (_, body) = bed.run().await;
    assert_eq!((body.state, body.error.unwrap().class), (RunState::Failed, FaultClass::Refused));
    assert_eq!(bed.world.body::<Flow>(&bed.flow).await["state"], "enabled");
    bed.world.advance(TimeDelta::minutes(1));
    bed.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.run().await.1.state, RunState::Success);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_detached_dataset_keep_their_labels_as_long_as_they_are_exported() {
    let bed = Bed::new().await;
    label(&bed.world, &bed.dataset, &[], &[("points", &["C4"])]).await;
    let run = bed.run().await;
    assert_eq!(run.1.state, RunState::Failed);
    enable(&bed.world, &bed.flow).await;
    bed.world.delete::<Dataset>(&bed.dataset).await;
    let (_, body) = bed.run().await;
    assert_eq!(body.state, RunState::Failed, "{body:?}");
    assert_eq!(body.error.unwrap().class, FaultClass::Refused);
    assert_eq!(bed.world.body::<Flow>(&bed.flow).await["state"], "enabled", "it uses nothing that is attached");
    assert!(bed.world.names("acme").is_empty()); // The evaluation outlives the version whose records it has.
    bed.world.advance(TimeDelta::hours(3));
    bed.world.runner().clean_up().await.unwrap();
    let mut reader = bed.world.store.read().await.unwrap();
    let (versions, _) = reader.artifacts(Artifact::DatasetVersion, Scope::All, None, None, 10).await.unwrap();
    assert!(versions.is_empty(), "{versions:?}");
    drop(reader);
    let (_, body) = bed.run().await;
    assert_eq!((body.state, body.error.unwrap().class), (RunState::Failed, FaultClass::Refused));
    assert!(bed.world.names("acme").is_empty());
}

/// More than a page of the audit log of datasets that were detached.
async fn detach_others(world: &World) {
    let mut tx = world.store.begin().await.unwrap();
    for number in 0..1_001 {
        let (object_id, detail) = (format!("d{}", number % 3), json!(null));
        let (action, noun) = ("deleted", "datasetLabels");
        tx.audit(SANDBOX, AuditEvent { action, noun, object_id: &object_id, object_name: "", detail }).await.unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_snapshot_that_nobody_knows_may_be_of_any_dataset_that_was_detached() {
    for is_evaluation_known in [true, false] {
        unknown_records(is_evaluation_known).await;
    }
}

async fn unknown_records(is_evaluation_known: bool) {
    let bed = Bed::new().await;
    bed.gate.fail(Place::Stage, FaultClass::Refused);
    let (run, body) = bed.run().await;
    assert_eq!(body.state, RunState::Failed);
    label(&bed.world, &bed.dataset, &[], &[("points", &["C4"])]).await;
    detach_others(&bed.world).await;
    bed.world.delete::<Dataset>(&bed.dataset).await;
    detach_others(&bed.world).await;
    let mut tx = bed.world.store.begin().await.unwrap();
    let row = tx.artifact(Artifact::Evaluation, SANDBOX, &body.evaluation_id.unwrap()).await.unwrap().unwrap();
    let new = NewArtifact {
        kind: row.kind,
        sandbox: SANDBOX,
        id: &row.id,
        subject: &row.subject,
        parent: Some("gone"),
        path: &row.path,
        body: row.body.clone(),
    };
    tx.put_artifact(new).await.unwrap();
    if !is_evaluation_known {
        tx.delete_artifact(row.kind, SANDBOX, &row.subject, &row.id).await.unwrap();
    }
    tx.commit().await.unwrap();
    bed.world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    bed.world.work().await;
    let body = bed.world.run_body(&run).await;
    assert_eq!((body.state, body.error.unwrap().class), (RunState::Failed, FaultClass::Refused));
    assert!(told(&bed.world, "exportRefused").await.len() == 1 && bed.world.names("acme").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_found_that_nobody_knows_any_more_does_not_leave() {
    let bed = Bed::new().await;
    bed.gate.fail(Place::Stage, FaultClass::Refused);
    let (run, body) = bed.run().await;
    assert_eq!(body.state, RunState::Failed);
    // Its members are found by another rule by now, and how many they were then is forgotten.
    bed.world.change::<Segment>(&bed.segment, |body| body["expression"]["value"] = json!("points > 0")).await;
    bed.world.advance(TimeDelta::minutes(1));
    bed.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    bed.world.work().await;
    let mut tx = bed.world.store.begin().await.unwrap();
    let later = bed.world.clock.peek() + TimeDelta::days(1);
    assert_eq!(tx.trim_segment_history(later, 100).await.unwrap(), 1);
    tx.commit().await.unwrap();
    bed.world.runner().submit_retry(SANDBOX, &run, Expected::Any).await.unwrap();
    bed.world.work().await;
    let error = bed.world.run_body(&run).await.error.unwrap();
    assert_eq!(error.class, FaultClass::Refused);
    assert!(error.message.contains("Americans") && error.hint.contains("evaluate"), "{error:?}");
    assert!(bed.world.names("acme").is_empty());
    assert_eq!(bed.run().await.1.state, RunState::Success, "what its rule of now finds may leave");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_known_as_long_as_its_segment_is() {
    let bed = Bed::new().await;
    assert_eq!(bed.run().await.1.state, RunState::Success);
    let before = bed.world.body::<Segment>(&bed.segment).await["expression"].clone();
    bed.world.change::<Segment>(&bed.segment, |body| body["expression"]["value"] = json!("points > 0")).await;
    let mut reader = bed.world.store.read().await.unwrap();
    assert_eq!(reader.segment_rule(&bed.segment, 1).await.unwrap(), Some(before));
    assert_eq!(reader.segment_rule(&bed.segment, 2).await.unwrap(), None, "it was not evaluated");
    drop(reader);
    bed.world.delete::<Segment>(&bed.segment).await;
    assert_eq!(bed.world.store.read().await.unwrap().segment_rule(&bed.segment, 1).await.unwrap(), None);
}
