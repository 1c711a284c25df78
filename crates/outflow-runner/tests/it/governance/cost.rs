//! What judging costs.

use std::time::{Duration, Instant};

use outflow_runner::governance::FlowFacts;
use outflow_store::{Connection, Flow, NewDocument, Noun, Segment, SourceConnection, TargetConnection, Tx};
use serde_json::{Value, json};

use super::bed::{joined, label, policy};
use crate::world::{DATED, SANDBOX, World, daily};

const FLOWS: usize = 1_000;
const SEGMENTS: usize = 1_000;

const COLUMNS: [&str; 3] = ["email", "points", "segmentMembership.status"];

/// Segments that a flow of the store activates.
const OF_FLOW: usize = 10;

async fn insert<N: Noun>(tx: &mut Tx, name: &str, body: Value) -> String {
    let new = NewDocument { id: None, sandbox: SANDBOX, name, body, by: "test" };
    tx.insert::<N>(new).await.unwrap().id.clone()
}

fn flow(connections: (&str, &str), segments: &[String], actions: &[&str]) -> Value {
    let schedule = daily("2027-01-01", "06:00");
    let select = |id: &String| {
        json!({"type": "PLATFORM_SEGMENT", "value": {
            "id": id, "filenameTemplate": DATED, "exportMode": "DAILY_FULL_EXPORT", "schedule": schedule,
        }})
    };
    let column = |path: &&str| json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS"}});
    let refs: Vec<String> = actions.iter().map(|of| outflow_governance::action::core(of).to_string()).collect();
    json!({
        "name": "flow", "sourceConnectionIds": [connections.0], "targetConnectionIds": [connections.1],
        "policy": {"enforcementRefs": refs},
        "transformations": [{"name": "GeneralTransform", "params": {
            "segmentSelectors": {"selectors": segments.iter().map(select).collect::<Vec<_>>()},
            "profileSelectors": {"selectors": COLUMNS.iter().map(column).collect::<Vec<_>>()},
        }}],
    })
}

/// Prints how long it takes to judge a thousand flows of a thousand segments; `cargo test -- --nocapture` shows it.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_flows_are_judged_in_moments() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10)]);
    let dataset = world.attach().await;
    world.work().await;
    label(&world, &dataset, &["C5"], &[("country", &["C1"]), ("points", &["C3"]), ("email", &["I1"])]).await;
    for id in ["p1", "p2", "p3", "p4", "p5"] {
        policy(&world, id, &joined("AND", &["C1", "C7"])).await;
    }
    let mut tx = world.store.begin().await.unwrap();
    let spec = json!({"name": "c", "connectionSpec": {"id": "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61"}});
    let base = insert::<Connection>(&mut tx, "c", spec.clone()).await;
    let source = insert::<SourceConnection>(&mut tx, "s", spec.clone()).await;
    let target = json!({"name": "t", "baseConnectionId": base, "connectionSpec": spec["connectionSpec"], "params": {}});
    let target = insert::<TargetConnection>(&mut tx, "t", target).await;
    let mut segments = Vec::new();
    for number in 0..SEGMENTS {
        let value = format!("country in [\"US\", \"DE\"] and points > {number} and not (country = \"X{number}\")");
        let body =
            json!({"name": format!("s{number}"), "expression": {"type": "PQL", "format": "pql/text", "value": value}});
        segments.push(insert::<Segment>(&mut tx, &format!("s{number}"), body).await);
    }
    for number in 0..FLOWS {
        let of = &segments[number * 7 % (SEGMENTS - OF_FLOW)..][..OF_FLOW];
        insert::<Flow>(&mut tx, "flow", flow((&source, &target), of, &["emailTargeting"])).await;
    }
    tx.commit().await.unwrap();
    let runner = world.runner();
    let mut reader = world.store.read().await.unwrap();
    let mut took = Vec::new();
    for _ in 0..3 {
        let begun = Instant::now();
        let judged = runner.judge_all(&mut reader, SANDBOX).await.unwrap();
        took.push(begun.elapsed());
        assert!(judged.len() == FLOWS && judged.iter().all(|judged| judged.breaches.is_empty()));
    }
    println!(
        "{FLOWS} flows of {OF_FLOW} out of {SEGMENTS} segments: {:?} the first time, then {:?}",
        took[0],
        &took[1..]
    );
    let ground = runner.ground(&mut reader, SANDBOX).await.unwrap();
    let body = flow((&source, &target), &segments, &["emailTargeting"]);
    let facts = FlowFacts::of("f", "flow", &body, &Value::Null, outflow_model::flow::FlowKind::Batch).unwrap();
    let begun = Instant::now();
    for _ in 0..FLOWS {
        assert!(ground.judge(&facts).is_allowed());
    }
    let all = begun.elapsed();
    println!("{FLOWS} flows of {SEGMENTS} segments each: {all:?}");
    // Far more than it takes, on a busy machine and without optimisation.
    assert!(took[1] < Duration::from_secs(10) && all < Duration::from_secs(60), "{took:?} {all:?}");
}
