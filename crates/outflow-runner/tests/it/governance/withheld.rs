//! Who is withheld from what leaves: by consent, and by the suppression list.

use chrono::TimeDelta;
use outflow_governance::action::core;
use outflow_model::run::RunState;
use outflow_profiles::snapshot::identity_key;
use outflow_store::{ConsentPolicy, NewSuppression};
use serde_json::{Value, json};

use super::bed::{act, put, told};
use crate::streams::bed::{Bed as Stream, FIRST};
use crate::world::{Activated, DATED, SANDBOX, World, daily};

/// Puts people on the suppression list, or takes them off.
pub async fn suppress(world: &World, people: &[&str], is_on: bool) {
    let keys: Vec<[u8; 16]> = people.iter().map(|who| identity_key("Email", who)).collect();
    let mut tx = world.store.begin().await.unwrap();
    if is_on {
        let new = |key: &[u8; 16]| NewSuppression { key: *key, namespace: "Email".into(), reason: "asked".into() };
        tx.suppress(SANDBOX, &keys.iter().map(new).collect::<Vec<_>>()).await.unwrap();
    } else {
        tx.unsuppress(SANDBOX, &keys).await.unwrap();
    }
    tx.commit().await.unwrap();
}

/// E-mails go to those alone who are in one of these countries.
pub async fn consent(world: &World, status: &str, countries: &[&str]) {
    let when = json!({"marketingActionRef": core("emailTargeting").to_string()});
    let body =
        json!({"name": "Here only", "status": status, "if": when, "then": {"path": "country", "values": countries}});
    put::<ConsentPolicy>(world, "c", body).await;
}

struct Files {
    world: World,
    dataset: String,
    flow: String,
}

impl Files {
    async fn new() -> Files {
        let world = World::new().await;
        world.write_people(FIRST);
        let dataset = world.attach().await;
        world.work().await;
        let segment = world.segment("All", "points > 0").await;
        let activated = Activated {
            segment: &segment,
            mode: "FIRST_FULL_THEN_INCREMENTAL",
            schedule: daily("2027-01-01", "06:00"),
            template: DATED,
        };
        let fields = ["identityMap.Email[0].id", "country", "points", "segmentMembership.status"];
        let flow = world.flow("acme", &[activated], &fields).await;
        act(&world, &flow, &["emailTargeting"]).await;
        Files { world, dataset, flow }
    }

    /// Runs the flow; answers the rows of its files, and who the plan says is withheld.
    async fn run(&self) -> (Vec<String>, Value) {
        self.world.advance(TimeDelta::minutes(1));
        let run = self.world.runner().submit_run_now(SANDBOX, &self.flow, "me").await.unwrap().remove(0);
        self.world.work().await;
        let body = self.world.run_body(&run).await;
        assert_eq!(body.state, RunState::Success, "{body:?}");
        let mut rows: Vec<String> = Vec::new();
        for file in &body.files {
            rows.extend(self.world.read("acme", &file.name).lines().skip(1).map(str::to_owned));
        }
        rows.sort();
        let plan: Value =
            serde_json::from_str(&self.world.store.read().await.unwrap().plan(&run).await.unwrap().unwrap()).unwrap();
        assert_eq!(body.evaluation_id.as_deref(), plan["permittedOf"].as_str().or(plan["evaluation"]["id"].as_str()));
        (rows, plan["withheld"].clone())
    }

    async fn read_anew(&self, people: &[(&str, &str, i64)]) {
        self.world.write_people(people);
        self.world.advance(TimeDelta::minutes(1));
        self.world.runner().submit_refresh(SANDBOX, &self.dataset).await.unwrap();
        self.world.work().await;
        self.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
        self.world.work().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_have_nobody_who_is_withheld_and_identities_alone_of_who_was_not() {
    let files = Files::new().await;
    consent(&files.world, "ENABLED", &["US"]).await;
    let (rows, withheld) = files.run().await;
    assert_eq!(rows, ["a@x,US,10,realized", "c@x,US,30,realized"]);
    assert_eq!(withheld, json!([{"reason": "noConsent", "policyId": "c", "profiles": 1}]));
    let records = told(&files.world, "exportAllowed").await;
    let detail = records.last().unwrap().detail.as_ref().unwrap();
    assert_eq!((&detail["withheld"], &detail["consentPolicies"]), (&withheld, &json!(["c"])));
    assert_eq!(files.run().await, (Vec::new(), Value::Null), "nothing changed");
    // Who was exported and is withheld now has left; who agrees now, and who may be told of again, has entered.
    suppress(&files.world, &["c@x", "b@x"], true).await;
    assert_eq!(files.run().await.0, ["c@x,,,exited"]);
    suppress(&files.world, &["c@x"], false).await;
    assert_eq!(files.run().await.0, ["c@x,US,30,realized"]);
    files.read_anew(&[("a@x", "DE", 10), ("b@x", "US", 20), ("d@x", "DE", 1)]).await;
    let (rows, withheld) = files.run().await;
    assert_eq!(rows, ["a@x,,,exited", "c@x,,,exited"]);
    // Of those that entered since, one; who was there before is not in a file of changes anyway.
    assert_eq!(withheld, json!([{"reason": "noConsent", "policyId": "c", "profiles": 1}]));
    suppress(&files.world, &["b@x"], false).await;
    consent(&files.world, "DISABLED", &["US"]).await;
    let (rows, withheld) = files.run().await;
    assert_eq!(rows, ["a@x,DE,10,realized", "b@x,US,20,realized", "d@x,DE,1,realized"]);
    assert_eq!(withheld, Value::Null);
    assert_eq!(files.run().await.0, Vec::<String>::new());
    files.world.runner().clean_up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_who_is_withheld_have_identities_alone() {
    let bed = Stream::begun(json!({})).await;
    assert_eq!(bed.far.told(0), ["a@x US 10 in 1", "c@x US 30 in 1"]);
    suppress(&bed.world, &["c@x"], true).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["c@x - - out 1"]);
    // What changes about it is nobody's business.
    bed.evaluate(&[("a@x", "US", 11), ("b@x", "DE", 20), ("c@x", "US", 31)]).await;
    assert_eq!(bed.far.told(3), ["a@x US 11 in 1"]);
    suppress(&bed.world, &["c@x"], false).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(4), ["c@x US 31 in 1"]);
    let time = |body: &Value| {
        let told = &body["segmentMembership"]["ups"][&bed.segment]["lastQualificationTime"];
        told.as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap()
    };
    let bodies = bed.far.bodies(0);
    assert!(time(&bodies[4]) > time(&bodies[2]), "it entered after it left");
    // One vanishes and is withheld at once.
    bed.world.write_people(&[("b@x", "DE", 20), ("c@x", "US", 31)]);
    bed.world.runner().submit_refresh(SANDBOX, &bed.dataset).await.unwrap();
    bed.world.work().await;
    suppress(&bed.world, &["a@x"], true).await;
    bed.world.advance(TimeDelta::minutes(1));
    bed.world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!(bed.far.told(5), ["a@x - - out 1"]);
    // By consent it is the same.
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    consent(&bed.world, "ENABLED", &["DE"]).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(6), ["c@x - - out 1"]);
    consent(&bed.world, "ENABLED", &["DE", "US"]).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(7), ["c@x US 31 in 1"]);
    let count = bed.far.count();
    bed.world.runner().clean_up().await.unwrap();
    bed.evaluate(&[("b@x", "DE", 20), ("c@x", "US", 31)]).await;
    assert_eq!(bed.far.count(), count, "nothing is told twice");
}
