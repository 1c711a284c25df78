//! What a judgement of real flows sees.

use outflow_runner::governance::{Judged, new_breaches};
use outflow_store::{DatasetLabels, Flow, Policy, Segment, TargetConnection};
use serde_json::json;

use super::bed::{act, enable_core, joined, label, labels_of, leaf, no_emails, policy, put_in};
use crate::world::{Activated, DATED, SANDBOX, World, daily};

const PEOPLE: [(&str, &str, i64); 2] = [("a@x", "US", 10), ("b@x", "DE", 20)];

struct Bed {
    world: World,
    dataset: String,
    /// Its rule reads the country.
    country: String,
    /// Its rule reads the points.
    points: String,
    /// Of both segments, with the e-mail.
    flow: String,
}

impl Bed {
    async fn new() -> Bed {
        let world = World::new().await;
        world.write_people(&PEOPLE);
        let dataset = world.attach().await;
        world.work().await;
        let country = world.segment("Americans", "country = \"US\"").await;
        let points = world.segment("Rich", "points > 15").await;
        let flow = world.flow("acme", &[activated(&country), activated(&points)], &["email"]).await;
        act(&world, &flow, &["emailTargeting", "exportToThirdParty"]).await;
        Bed { world, dataset, country, points, flow }
    }

    async fn judged(&self) -> Vec<Judged> {
        let mut reader = self.world.store.read().await.unwrap();
        self.world.runner().judge_all(&mut reader, SANDBOX).await.unwrap()
    }

    /// Policy and segment of each violation of the flow.
    async fn violations(&self) -> Vec<String> {
        violations(&self.judged().await)
    }
}

fn violations(judged: &[Judged]) -> Vec<String> {
    let all = judged.iter().flat_map(|judged| judged.verdict(1).violations);
    all.map(|of| format!("{} {}", of.policy.id, of.segment.name)).collect()
}

fn activated(segment: &str) -> Activated<'_> {
    Activated { segment, mode: "DAILY_FULL_EXPORT", schedule: daily("2027-01-01", "06:00"), template: DATED }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_count_where_they_are_used_and_policies_where_they_are_enabled() {
    let bed = Bed::new().await;
    assert_eq!(bed.judged().await.len(), 1);
    label(&bed.world, &bed.dataset, &["C2"], &[]).await;
    assert!(bed.violations().await.is_empty(), "every policy is off until it is enabled");
    enable_core(&bed.world, &["corepolicy_0001"]).await;
    assert_eq!(bed.violations().await, ["corepolicy_0001 Americans", "corepolicy_0001 Rich"]);
    // Of the field that one segment's rule reads.
    label(&bed.world, &bed.dataset, &[], &[("country", &["C2"])]).await;
    assert_eq!(bed.violations().await, ["corepolicy_0001 Americans"]);
    label(&bed.world, &bed.dataset, &[], &[("email", &["C2"])]).await;
    assert_eq!(bed.violations().await.len(), 2);
    let found = bed.judged().await;
    let told = found[0].verdict(1);
    let violation = &told.violations[0];
    assert_eq!((violation.lineage.len(), violation.lineage[0].origin.dataset.id.as_str()), (1, bed.dataset.as_str()));
    assert!(violation.ways_out.len() >= 4, "{:?}", violation.ways_out);
    assert_eq!((told.violations.len(), told.violations[1].lineage.len(), told.violations[1].ways_out.len()), (2, 0, 0));
    // For something else it may be used; the target's actions count as the flow's do.
    act(&bed.world, &bed.flow, &["analytics"]).await;
    assert!(bed.violations().await.is_empty());
    let target = bed.world.body::<Flow>(&bed.flow).await["targetConnectionIds"][0].as_str().unwrap().to_owned();
    let third = outflow_governance::action::core("exportToThirdParty").to_string();
    bed.world.change::<TargetConnection>(&target, |body| body["policy"] = json!({"enforcementRefs": [third]})).await;
    assert_eq!(bed.violations().await.len(), 2);
    bed.world.change::<Flow>(&bed.flow, |body| body["state"] = json!("disabled")).await;
    assert!(bed.judged().await.is_empty(), "who is disabled exports nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_exported_needs_no_policy() {
    let bed = Bed::new().await;
    act(&bed.world, &bed.flow, &[]).await;
    label(&bed.world, &bed.dataset, &[], &[("points", &["C12"])]).await;
    assert_eq!(bed.violations().await, ["label_C12 Rich"]);
    label(&bed.world, &bed.dataset, &["C12"], &[]).await;
    assert_eq!(bed.violations().await, ["label_C12 Americans", "label_C12 Rich"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_of_two_segments_are_not_put_together() {
    let bed = Bed::new().await;
    label(&bed.world, &bed.dataset, &[], &[("country", &["C1"]), ("points", &["C3"])]).await;
    policy(&bed.world, "p", &joined("AND", &["C1", "C3"])).await;
    assert!(bed.violations().await.is_empty());
    let both = bed.world.segment("Rich Americans", "country = \"US\" and points > 15").await;
    let other = bed.world.flow("other", &[activated(&bed.country), activated(&both)], &["email"]).await;
    act(&bed.world, &other, &["emailTargeting"]).await;
    assert_eq!(bed.violations().await, ["p Rich Americans"]);
    // What is mapped is in every segment's files.
    let more = bed.world.flow("more", &[activated(&bed.country), activated(&bed.points)], &["email", "points"]).await;
    act(&bed.world, &more, &["emailTargeting"]).await;
    assert_eq!(bed.violations().await, ["p Rich Americans", "p Americans"]);
    // A segment whose rule reads the membership in another one uses what that one's rule reads.
    let membership = outflow_model::membership::member_path(&both, outflow_model::membership::STATUS);
    let rule = format!("{membership} = \"realized\"");
    bed.world.change::<Segment>(&bed.points, |body| body["expression"]["value"] = json!(rule)).await;
    assert_eq!(bed.violations().await, ["p Rich", "p Rich Americans", "p Americans", "p Rich"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_is_judged_with_what_it_has_written_and_forgotten_with_it() {
    let bed = Bed::new().await;
    let runner = bed.world.runner();
    label(&bed.world, &bed.dataset, &["C4"], &[]).await;
    assert!(bed.violations().await.is_empty());
    let mut tx = bed.world.store.begin().await.unwrap();
    let before = runner.judge_all(&mut tx, SANDBOX).await.unwrap();
    put_in::<Policy>(&mut tx, "p", no_emails("ENABLED", &leaf("C4"))).await;
    let after = runner.judge_all(&mut tx, SANDBOX).await.unwrap();
    assert_eq!(violations(&new_breaches(&before, after.clone())).len(), 2);
    assert!(new_breaches(&after, after.clone()).is_empty());
    // Another label in what was violated before is something new.
    put_in::<Policy>(&mut tx, "p", no_emails("ENABLED", &joined("OR", &["C4", "C5"]))).await;
    let same = runner.judge_all(&mut tx, SANDBOX).await.unwrap();
    assert!(new_breaches(&after, same).is_empty());
    put_in::<DatasetLabels>(&mut tx, &bed.dataset, labels_of(&["C4", "C5"], &[])).await;
    let more = runner.judge_all(&mut tx, SANDBOX).await.unwrap();
    assert_eq!(new_breaches(&after, more).len(), 1);
    drop(tx);
    assert!(
        violations(&runner.judge_all(&mut bed.world.store.read().await.unwrap(), SANDBOX).await.unwrap()).is_empty()
    );
    // The same revision as that of the transaction that is gone, with another content.
    policy(&bed.world, "p", &leaf("C1")).await;
    assert!(
        violations(&runner.judge_all(&mut bed.world.store.read().await.unwrap(), SANDBOX).await.unwrap()).is_empty()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_dataset_that_was_not_read_nobody_knows_what_it_holds() {
    let bed = Bed::new().await;
    let body = json!({
        "name": "new", "source": {"urls": [bed.world.dir.path().join("lake/new.csv")]},
        "identities": [{"path": "email", "namespace": "Email", "primary": true}],
    });
    let other = bed.world.insert::<outflow_store::Dataset>("new", body).await;
    label(&bed.world, &other, &["C12"], &[]).await;
    assert_eq!(bed.violations().await.len(), 2);
    label(&bed.world, &other, &[], &[("secret", &["C12"])]).await;
    assert!(bed.violations().await.is_empty());
    let reader = &mut bed.world.store.read().await.unwrap();
    let ground = bed.world.runner().ground(reader, SANDBOX).await.unwrap();
    assert_eq!(ground.dataset(&other).unwrap().labels.fields.len(), 1);
    assert!(ground.dataset(&bed.dataset).unwrap().labels.labels.is_empty() && ground.dataset("none").is_none());
    assert_eq!(ground.policies().len(), 10);
}
