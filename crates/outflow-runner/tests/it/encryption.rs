//! Runs of accounts with an OpenPGP key: what is delivered, again after a failure, and what becomes of the seed.

use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::RunState;
use outflow_store::Connection;
use outflow_testkit::gpg::{Gpg, Kind};
use serde_json::{Value, json};

use crate::gate::{Place, gated};
use crate::world::{Activated, DATED, SANDBOX, World, daily};

const SPEC: &str = "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61";
const SEED: &str = "/encryption/seed";

fn encryption(gpg: &Gpg, fingerprint: &str) -> Value {
    json!({"specName": "File Encryption", "params": {"publicKey": gpg.public(fingerprint)}})
}

/// A flow to a folder, one row in each file, of an account with this `encryption`. Answers flow and segment.
async fn flow(world: &World, encryption: Value) -> (String, String) {
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30), ("d@x", "US", 40)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let connection = json!({
        "name": "acme", "connectionSpec": {"id": SPEC, "version": "1.0"},
        "auth": {"specName": "None", "params": {}}, "encryption": encryption,
    });
    let params = json!({"path": world.out().join("acme"), "fileType": "CSV", "compression": "GZIP", "rowsPerFile": 1});
    let schedule = daily("2026-01-01", "06:00");
    let activated = Activated { segment: &segment, mode: "DAILY_FULL_EXPORT", schedule, template: DATED };
    let flow = world.flow_to("acme", connection, SPEC, params, &[activated], &["email", "points"]).await;
    (flow, segment)
}

async fn secrets_of(world: &World, run: &str) -> Vec<String> {
    world.store.read().await.unwrap().secret_pointers(run).await.unwrap()
}

fn file(world: &World, name: &str) -> Vec<u8> {
    std::fs::read(world.out().join("acme").join(name)).unwrap()
}

/// What is visible: a part that could not be published waits under its temporary name for the next sweep.
fn encrypted(world: &World) -> Vec<String> {
    let mut names = world.names("acme");
    names.retain(|name| !name.ends_with(".json") && !name.ends_with(".part"));
    assert!(names.iter().all(|name| name.ends_with(".csv.gz.gpg")), "{names:?}");
    names
}

/// The account whose id a flow's target names.
async fn account(world: &World) -> String {
    let mut reader = world.store.read().await.unwrap();
    reader.all::<Connection>(outflow_store::Scope::All, Vec::new()).await.unwrap()[0].id.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_between_two_files_goes_on_with_the_bytes_it_began_with() {
    let gpg = Gpg::new();
    let key = gpg.key(Kind::Curve25519);
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    let (flow, segment) = flow(&world, encryption(&gpg, &key)).await;
    gate.spared.store(1, Ordering::SeqCst);
    gate.fail(Place::Publish, FaultClass::Unavailable);
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    assert_eq!(world.run_body(&runs[0]).await.state, RunState::Queued);
    let first = encrypted(&world);
    assert_eq!(first.len(), 1, "{first:?}");
    let before = file(&world, &first[0]);
    assert_eq!(secrets_of(&world, &runs[0]).await, [SEED]);
    let plan = world.store.read().await.unwrap().plan(&runs[0]).await.unwrap().unwrap();
    let seed = world.store.read().await.unwrap().secret(&runs[0], SEED).await.unwrap().unwrap();
    assert!(plan.contains(&key), "the plan names who reads the files: {plan}");
    assert!(!plan.contains(secrecy::ExposeSecret::expose_secret(&seed)));

    world.advance(TimeDelta::minutes(1));
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Success, "{run:?}");
    assert!(file(&world, &first[0]) == before, "what was there is adopted");
    let names = encrypted(&world);
    assert_eq!(names, run.files.iter().map(|file| file.name.clone()).collect::<Vec<_>>());
    assert_eq!(names[0], format!("acme_{segment}_20260102_030405.csv.gz.gpg"));
    let mut rows = Vec::new();
    for (name, told) in names.iter().zip(&run.files) {
        let sent = file(&world, name);
        assert_eq!(told.bytes, sent.len() as u64);
        rows.push(gpg.decrypt(&sent).unwrap());
    }
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|content| content.starts_with(&[0x1f, 0x8b])), "gzip inside");
    assert!(secrets_of(&world, &runs[0]).await.is_empty(), "the seed is gone with the run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_key_was_changed_fails_and_the_next_one_follows_the_new_key() {
    let gpg = Gpg::new();
    let (old, new) = (gpg.key(Kind::Curve25519), gpg.key(Kind::NistP256));
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    let (flow, _) = flow(&world, encryption(&gpg, &old)).await;
    for changed in [encryption(&gpg, &new), json!({})] {
        gate.fail(Place::Publish, FaultClass::Unavailable);
        let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
        world.work().await;
        let account = account(&world).await;
        world.change::<Connection>(&account, |body| body["encryption"] = changed.clone()).await;
        world.advance(TimeDelta::minutes(1));
        world.work().await;
        let run = world.run_body(&runs[0]).await;
        assert_eq!(run.state, RunState::Failed, "{run:?}");
        let error = run.error.unwrap();
        assert_eq!(error.class, FaultClass::Config);
        assert!(error.hint.contains("run the flow anew"), "{error:?}");
        assert!(encrypted(&world).is_empty());
        // It may be tried again with the old key, for as long as failed runs are.
        assert_eq!(secrets_of(&world, &runs[0]).await, [SEED]);
        world.runner().clean_up().await.unwrap();
        assert_eq!(secrets_of(&world, &runs[0]).await, [SEED]);
        world.change::<Connection>(&account, |body| body["encryption"] = encryption(&gpg, &new)).await;
        world.advance(TimeDelta::minutes(1));
        world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
        world.work().await;
        let names = encrypted(&world);
        assert_eq!(names.len(), 3);
        for name in names {
            let sent = file(&world, &name);
            let listed = gpg.run(&["--list-packets", "--list-only"], &sent);
            let subkey = gpg.subkeys(&new)[0].clone();
            let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
            assert!(listed.contains(&subkey[24..]), "{listed}");
            gpg.decrypt(&sent).unwrap();
            std::fs::remove_file(world.out().join("acme").join(name)).unwrap();
        }
    }
    let failed: Vec<String> = world.runs().await.iter().map(|(run, _)| run.id.clone()).collect();
    world.advance(TimeDelta::days(8));
    world.runner().clean_up().await.unwrap();
    for run in failed {
        assert!(secrets_of(&world, &run).await.is_empty(), "nobody tries it again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_expires_stops_the_deliveries_and_says_so() {
    let gpg = Gpg::new();
    let made = ["--faked-system-time", "20251201T000000!"];
    let key = gpg.key_with(Kind::Curve25519, "20260103T000000", &made);
    let world = World::new().await;
    let (flow, _) = flow(&world, encryption(&gpg, &key)).await;
    world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    assert_eq!(encrypted(&world).len(), 3);
    world.advance(TimeDelta::days(1));
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    let error = run.error.unwrap();
    assert_eq!((run.state, error.class), (RunState::Failed, FaultClass::Config), "{error:?}");
    assert!(error.message.contains("expired on 2026-01-03"), "{error:?}");
    assert_eq!(encrypted(&world).len(), 3, "nothing more is delivered");
}
