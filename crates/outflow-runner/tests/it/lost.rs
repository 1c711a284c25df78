//! Data that was lost is made again, and what cannot be known any more is delivered in full.

use chrono::TimeDelta;
use outflow_model::run::{RunMode, RunState};
use outflow_store::SegmentJob;

use crate::world::{Activated, DATED, SANDBOX, World, daily};

/// A world whose flow has delivered, and in whose data somebody has left and somebody vanished since.
async fn delivered() -> (World, String, String) {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 1), ("b@x", "US", 2), ("c@x", "US", 3)]);
    let dataset = world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated {
        segment: &segment,
        mode: "FIRST_FULL_THEN_INCREMENTAL",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    };
    let flow = world.flow("acme", &[activated], &["identityMap.Email[0].id", "segmentMembership.status"]).await;
    run(&world, &flow).await;
    world.write_people(&[("a@x", "US", 1), ("b@x", "DE", 2), ("d@x", "US", 4)]);
    (world, dataset, flow)
}

async fn evaluate(world: &World, dataset: &str) {
    world.advance(TimeDelta::minutes(1));
    world.runner().submit_refresh(SANDBOX, dataset).await.unwrap();
    world.work().await;
    let job = world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    let body = world.body::<SegmentJob>(&job.id).await;
    assert_eq!(body["status"], "SUCCEEDED", "{body}");
}

/// Runs the flow. Answers what kind of file it was, and its lines in order.
async fn run(world: &World, flow: &str) -> (RunMode, Vec<String>) {
    world.advance(TimeDelta::minutes(1));
    let runs = world.runner().submit_run_now(SANDBOX, flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Success, "{run:?}");
    let mut lines: Vec<String> = world.read("acme", &run.files[0].name).lines().skip(1).map(str::to_owned).collect();
    lines.sort();
    (run.mode.unwrap(), lines)
}

fn everybody() -> (RunMode, Vec<String>) {
    (RunMode::Full, ["a@x,realized", "d@x,realized"].map(str::to_owned).to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_data_is_made_again_and_the_next_export_is_full() {
    for lost in ["", "evaluations", "parts"] {
        let (world, dataset, flow) = delivered().await;
        std::fs::remove_dir_all(world.dir.path().join("data").join(SANDBOX).join(lost)).unwrap();
        evaluate(&world, &dataset).await;
        assert_eq!(run(&world, &flow).await, everybody(), "lost: {lost:?}");
        // From there on there are changes again.
        world.write_people(&[("a@x", "DE", 1), ("d@x", "US", 4)]);
        evaluate(&world, &dataset).await;
        let changes = (RunMode::Incremental, vec!["a@x,exited".to_owned()]);
        assert_eq!(run(&world, &flow).await, changes, "lost: {lost:?}");
    }
}

/// Those who vanished are only known to evaluations that followed each other.
#[tokio::test(flavor = "multi_thread")]
async fn an_evaluation_that_is_lost_between_two_deliveries_makes_the_next_one_full() {
    let (world, dataset, flow) = delivered().await;
    let evaluations = world.dir.path().join("data").join(SANDBOX).join("evaluations");
    let before: Vec<_> = std::fs::read_dir(&evaluations).unwrap().map(|entry| entry.unwrap().path()).collect();
    evaluate(&world, &dataset).await;
    for entry in std::fs::read_dir(&evaluations).unwrap() {
        let path = entry.unwrap().path();
        if !before.contains(&path) {
            std::fs::remove_dir_all(path).unwrap();
        }
    }
    evaluate(&world, &dataset).await;
    assert_eq!(run(&world, &flow).await, everybody());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_evaluation_is_lost_has_the_segment_evaluated() {
    let (world, dataset, flow) = delivered().await;
    evaluate(&world, &dataset).await;
    std::fs::remove_dir_all(world.dir.path().join("data").join(SANDBOX).join("evaluations")).unwrap();
    assert_eq!(run(&world, &flow).await, everybody());
}
