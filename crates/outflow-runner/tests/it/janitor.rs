//! What the janitor removes, and what it leaves alone.

use chrono::TimeDelta;
use outflow_model::run::RunState;
use outflow_store::{Artifact, Scope};

use crate::world::{Activated, DATED, SANDBOX, World, daily, names};

async fn rows(world: &World, kind: Artifact) -> usize {
    world.store.read().await.unwrap().artifacts(kind, Scope::All, None, None, 100).await.unwrap().0.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_refers_to_goes_and_everything_else_stays() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
    let dataset = world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated {
        segment: &segment,
        mode: "FIRST_FULL_THEN_INCREMENTAL",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    };
    let flow = world.flow("acme", &[activated], &["email"]).await;
    let runner = world.runner();
    // The first evaluation is delivered; the second is neither delivered nor the latest; the third is the latest.
    runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    for points in [11, 12] {
        world.advance(TimeDelta::minutes(1));
        world.write_people(&[("a@x", "US", points), ("b@x", "DE", 20)]);
        runner.submit_refresh(SANDBOX, &dataset).await.unwrap();
        world.work().await;
        runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
        world.work().await;
    }
    let data = world.dir.path().join("data").join(SANDBOX);
    std::fs::write(data.join("parts/mine.txt"), "not the server's").unwrap();
    let before = names(&data);
    assert_eq!((rows(&world, Artifact::Evaluation).await, rows(&world, Artifact::Snapshot).await), (3, 3));
    runner.clean_up().await.unwrap();
    assert_eq!(names(&data), before, "what is fresh stays");
    // Files have the machine's time; to the janitor they are old.
    world.clock.set(files_age_by_the_machines_clock() + TimeDelta::days(2));
    runner.clean_up().await.unwrap();
    assert_eq!((rows(&world, Artifact::Evaluation).await, rows(&world, Artifact::Snapshot).await), (2, 2));
    assert_eq!(rows(&world, Artifact::DatasetVersion).await, 1);
    let after = names(&data);
    assert!(after.len() < before.len() && after.contains(&"parts/mine.txt".to_owned()), "{after:?}");
    let evaluations = std::fs::read_dir(data.join("evaluations")).unwrap().count();
    assert_eq!(evaluations, 2);
    // Nothing that is needed is gone: the changes since the first evaluation can be delivered.
    let runs = runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Success, "{run:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_vanished_from_the_data_is_kept_as_long_as_the_evaluation() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "US", 20)]);
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
    let runner = world.runner();
    runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    world.advance(TimeDelta::minutes(1));
    world.write_people(&[("a@x", "US", 10)]);
    runner.submit_refresh(SANDBOX, &dataset).await.unwrap();
    world.work().await;
    runner.submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    world.clock.set(files_age_by_the_machines_clock() + TimeDelta::days(2));
    runner.clean_up().await.unwrap();
    let runs = runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Success, "{run:?}");
    assert_eq!(world.read("acme", &run.files[0].name).lines().skip(1).collect::<Vec<_>>(), ["b@x,exited"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_listed_as_long_as_their_history_lasts() {
    let mut world = World::new().await;
    world.settings.run_history_days = 30;
    world.write_people(&[("a@x", "US", 10)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated {
        segment: &segment,
        mode: "DAILY_FULL_EXPORT",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    };
    let flow = world.flow("acme", &[activated], &["email"]).await;
    let runner = world.runner();
    runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    world.advance(TimeDelta::days(29));
    let queued = runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    runner.clean_up().await.unwrap();
    assert_eq!(world.runs().await.len(), 2);
    world.advance(TimeDelta::days(2));
    runner.clean_up().await.unwrap();
    let left: Vec<String> = world.runs().await.into_iter().map(|(document, _)| document.id.clone()).collect();
    assert_eq!(left, queued);
}

/// The time by which files are as old as they are.
#[expect(clippy::disallowed_methods, reason = "modification times are the machine's")]
pub fn files_age_by_the_machines_clock() -> chrono::DateTime<chrono::Utc> {
    std::time::SystemTime::now().into()
}
