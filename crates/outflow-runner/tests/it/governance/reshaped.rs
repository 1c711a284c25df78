//! A refresh that finds other fields: a label comes to apply, and flows are paused then.

use outflow_store::{Alert, Flow, Scope};
use serde_json::{Value, json};

use super::bed::{act, label, leaf, policy, told};
use crate::world::{Activated, DATED, SANDBOX, World, daily};

/// Writes one person with these columns beside the common ones, and reads the lake anew.
async fn read(world: &World, dataset: &str, more: &[(&str, &str)]) {
    let (names, values): (Vec<&str>, Vec<&str>) = more.iter().copied().unzip();
    let line = |first: &str, others: &[&str]| [&[first], others].concat().join(",");
    let text = format!("{}\n{}\n", line("email,country,points", &names), line("a@x,US,10", &values));
    let path = world.dir.path().join("lake/people.csv");
    std::fs::write(path.with_extension("new"), text).unwrap();
    std::fs::rename(path.with_extension("new"), path).unwrap();
    world.runner().submit_refresh(SANDBOX, dataset).await.unwrap();
    world.work().await;
}

async fn flow_alerts(world: &World) -> Vec<Value> {
    let mut reader = world.store.read().await.unwrap();
    let alerts = reader.all::<Alert>(Scope::Sandbox(SANDBOX), Vec::new()).await.unwrap();
    alerts.iter().map(|alert| alert.body.clone()).filter(|alert| alert["kind"] == "flowPaused").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_a_refresh_brings_pauses_the_flows_that_may_not_have_it() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10)]);
    let dataset = world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = [Activated {
        segment: &segment,
        mode: "DAILY_FULL_EXPORT",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    }];
    let flow = world.flow("acme", &activated, &["email", "vip"]).await;
    let other = world.flow("other", &activated, &["email"]).await;
    for flow in [&flow, &other] {
        act(&world, flow, &["emailTargeting"]).await;
    }
    label(&world, &dataset, &[], &[("vip", &["C4"])]).await;
    policy(&world, "p", &leaf("C4")).await;
    read(&world, &dataset, &[("age", "7")]).await;
    let told_of = told(&world, "reshaped").await;
    let detail = told_of[0].detail.as_ref().unwrap();
    assert_eq!(
        (&detail["appeared"], &detail["disappeared"]["count"]),
        (&json!({"count": 1, "names": ["age"]}), &json!(0))
    );
    assert!(told(&world, "paused").await.is_empty(), "nothing that matters came");
    read(&world, &dataset, &[("vip", "yes")]).await;
    let body = world.body::<Flow>(&flow).await;
    assert_eq!((&body["state"], &body["pause"]["violations"][0]["policyId"]), (&json!("disabled"), &json!("p")));
    assert_ne!(world.body::<Flow>(&other).await["state"], "disabled");
    let paused = told(&world, "paused").await;
    assert_eq!((paused.len(), paused[0].object_id.as_str(), paused[0].actor.as_str()), (1, &*flow, "outflow"));
    let alerts = flow_alerts(&world).await;
    assert_eq!((alerts.len(), &alerts[0]["flowId"], &alerts[0]["state"]), (1, &json!(flow), &json!("told")));
    assert!(alerts[0]["message"].as_str().unwrap().contains("No e-mail"), "{alerts:?}");
    let subscription =
        json!({"kinds": ["flowPaused"], "channel": {"type": "webhook", "url": "https://hooks.example.com/x"}});
    assert_eq!(world.runner().check_subscription(&subscription), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_brings_no_other_fields_looks_at_no_flow() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10)]);
    let dataset = world.attach().await;
    world.work().await;
    world.write_people(&[("b@x", "DE", 20)]);
    world.runner().submit_refresh(SANDBOX, &dataset).await.unwrap();
    world.work().await;
    assert!(told(&world, "reshaped").await.is_empty());
}
