//! What runs deliver, and what the ledger says of them.

use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::{RunKind, RunMode, RunState};
use outflow_runner::SubmitError;
use outflow_store::{Expected, Flow, Segment};
use serde_json::{Value, json};

use crate::gate::{Place, gated};
use crate::world::{Activated, DATED, SANDBOX, World, daily, time};

const PEOPLE: [(&str, &str, i64); 4] = [("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30), ("d@x", "FR", 40)];

async fn with_people() -> World {
    let world = World::new().await;
    world.write_people(&PEOPLE);
    world.attach().await;
    world.work().await;
    world
}

fn full(segment: &str) -> Activated<'_> {
    Activated { segment, mode: "DAILY_FULL_EXPORT", schedule: daily("2026-01-01", "06:00"), template: DATED }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_now_delivers_the_segment_and_the_ledger_says_what_and_where() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email", "points"]).await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!((run.state, run.kind, run.mode), (RunState::Success, RunKind::Now, Some(RunMode::Full)), "{run:?}");
    let name = format!("acme_{segment}_20260102_030405.csv");
    assert_eq!(world.read("acme", &name), "email,points\na@x,10\nc@x,30\n");
    let manifest = format!("manifest-{flow}-{}.json", runs[0]);
    assert_eq!(world.names("acme"), [name.clone(), manifest.clone()]);
    let manifest: Value = serde_json::from_str(&world.read("acme", &manifest)).unwrap();
    assert_eq!((manifest["runId"].as_str(), manifest["flowId"].as_str()), (Some(&*runs[0]), Some(&*flow)));
    assert_eq!(run.files.len(), 1);
    assert_eq!((run.files[0].name.as_str(), run.files[0].rows), (name.as_str(), 2));
    let records = &run.metrics.record_summary;
    assert_eq!((records.input_record_count, records.output_record_count, records.skipped_record_count), (2, 2, 0));
    assert_eq!(run.activities.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_in_the_segment_gives_a_file_with_only_the_header() {
    let world = with_people().await;
    let segment = world.segment("Nobody", "country = \"XX\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let names = world.names("acme");
    assert_eq!(names.len(), 2, "{names:?}");
    assert_eq!(world.read("acme", &names[0]), "email\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_within_one_second_have_two_names() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    for _ in 0..2 {
        world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
        world.work().await;
    }
    let runs = world.runs().await;
    assert!(runs.iter().all(|(_, run)| run.state == RunState::Success), "{runs:?}");
    let wanted = ["030405", "030406"].map(|time| format!("acme_{segment}_20260102_{time}.csv"));
    assert_eq!(world.names("acme")[..2], wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_name_is_replaced_and_folder_macros_are_filled_in() {
    let world = with_people().await;
    let segment = world.segment("Rich", "points > 15").await;
    let params = json!({"path": world.out().join("%SEGMENT_NAME%/%SEGMENT_ID%"), "fileType": "JSON"});
    let connection = json!({
        "name": "x", "connectionSpec": {"id": "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61"},
        "auth": {"specName": "None", "params": {}},
    });
    let activated = Activated { template: "%DESTINATION_NAME%_%SEGMENT_ID%", ..full(&segment) };
    let spec = "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61";
    let flow = world.flow_to("acme", connection, spec, params, &[activated], &["email"]).await;
    for _ in 0..2 {
        world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
        world.work().await;
    }
    let name = format!("acme_{segment}.json");
    let folder = format!("Rich/{segment}");
    assert_eq!(world.names(&folder), [name.clone(), format!("{name}.manifest.json")]);
    let text = world.read(&folder, &name);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, [r#"{"email":"b@x"}"#, r#"{"email":"c@x"}"#, r#"{"email":"d@x"}"#]);
}

#[tokio::test(flavor = "multi_thread")]
async fn mandatory_attributes_and_duplicates_are_counted_as_skipped() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 1), ("b@x", "US", 1), ("c@x", "US", 2), ("d@x", "", 3)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("All", "points > 0").await;
    let flow = world.flow("acme", &[full(&segment)], &["email", "points"]).await;
    world
        .change::<Flow>(&flow, |body| {
            let params = &mut body["transformations"][0]["params"];
            params["mandatoryFields"] = json!(["country"]);
            params["primaryFields"] = json!([{"fieldType": "ATTRIBUTE", "attributePath": "points"}]);
        })
        .await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    let records = &run.metrics.record_summary;
    assert_eq!((records.input_record_count, records.output_record_count, records.skipped_record_count), (4, 2, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_is_refused_with_the_reason() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    let runner = world.runner();
    assert!(matches!(runner.submit_run_now(SANDBOX, "none", "me").await, Err(SubmitError::NotFound { .. })));
    let runs = runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    assert!(
        matches!(runner.submit_run_now(SANDBOX, &flow, "me").await, Err(SubmitError::Busy { run: Some(run), .. }) if run == runs[0])
    );
    let order = |segments: Vec<String>| [(flow.clone(), segments)];
    let adhoc = runner.submit_adhoc(SANDBOX, &order(vec![segment.clone()]), "me").await;
    assert!(matches!(adhoc, Err(SubmitError::Busy { .. })), "{adhoc:?}");
    let adhoc = runner.submit_adhoc(SANDBOX, &order(vec!["other".into()]), "me").await;
    assert!(matches!(adhoc, Err(SubmitError::Invalid { .. })), "{adhoc:?}");
    let adhoc = runner.submit_adhoc(SANDBOX, &order(vec![segment.clone(); 81]), "me").await;
    assert!(matches!(adhoc, Err(SubmitError::Invalid { .. })), "{adhoc:?}");
    assert!(matches!(runner.submit_retry(SANDBOX, &runs[0], Expected::Any).await, Err(SubmitError::Busy { .. })));
    world.work().await;
    assert!(matches!(runner.submit_retry(SANDBOX, &runs[0], Expected::Any).await, Err(SubmitError::Conflict { .. })));
    assert!(matches!(runner.cancel(SANDBOX, &runs[0], "me", Expected::Any).await, Err(SubmitError::Conflict { .. })));
    world.change::<Flow>(&flow, |body| body["state"] = json!("disabled")).await;
    assert!(matches!(runner.submit_run_now(SANDBOX, &flow, "me").await, Err(SubmitError::Conflict { .. })));
    let adhoc = runner.submit_adhoc(SANDBOX, &order(vec![segment]), "me").await;
    assert!(matches!(adhoc, Err(SubmitError::Conflict { .. })), "{adhoc:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extra_export_needs_dates_that_cover_today() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let mut schedule = daily("2026-01-03", "06:00");
    schedule["endDate"] = json!("2026-01-05");
    let once =
        json!({"frequency": "ONCE", "triggerType": "SCHEDULED", "startDate": "2026-01-04", "startTime": "06:00"});
    let flow = world.flow("acme", &[Activated { schedule, ..full(&segment) }], &["email"]).await;
    let other = world.segment("Others", "country = \"DE\"").await;
    let at_any_time = world.flow("once", &[Activated { schedule: once, ..full(&other) }], &["email"]).await;
    for (now, is_covered) in [
        ("2026-01-02T23:59:59Z", false),
        ("2026-01-03T00:00:00Z", true),
        ("2026-01-04T23:59:59Z", true),
        ("2026-01-05T00:00:00Z", false),
    ] {
        world.clock.set(time(now));
        let asked = world.runner().submit_adhoc(SANDBOX, &[(flow.clone(), vec![segment.clone()])], "me").await;
        match asked {
            Ok(queued) => assert!(is_covered && queued.len() == 1, "{now}"),
            Err(SubmitError::Invalid { message, problems }) => {
                assert!(!is_covered && message.contains("is not today's"), "{now}: {message}");
                assert_eq!(problems.iter().map(|problem| problem.flow.as_str()).collect::<Vec<_>>(), [&*flow]);
            }
            Err(other) => panic!("{now}: {other}"),
        }
        world.runner().submit_adhoc(SANDBOX, &[(at_any_time.clone(), vec![other.clone()])], "me").await.unwrap();
        world.work().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_fails_while_it_publishes_says_so_and_counts_nothing() {
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    world.write_people(&PEOPLE);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    gate.fail(Place::Publish, FaultClass::Refused);
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Failed, "{run:?}");
    let parts: Vec<_> = run.activities.iter().map(|part| (part.id.as_str(), part.status_summary.status)).collect();
    let [process, publish] = ["process", "publish"].map(|part| format!("{}-{part}", runs[0]));
    assert_eq!(parts, [(&*process, RunState::Success), (&*publish, RunState::Failed)]);
    let metrics = &run.metrics;
    assert_eq!(metrics.status_summary.activity_refs, [process, publish]);
    assert_eq!(metrics.status_summary.errors[0].code, "OUTFLOW-REFUSED");
    assert_eq!(metrics.status_summary.errors, metrics.record_summary.failed_info);
    let records = &metrics.record_summary;
    assert_eq!((records.input_record_count, records.output_record_count, records.failed_record_count), (0, 0, 0));
    // When it is tried again, none of it is left.
    world.runner().submit_retry(SANDBOX, &runs[0], Expected::Any).await.unwrap();
    let again = world.run_body(&runs[0]).await;
    assert!(again.activities.is_empty() && again.metrics.status_summary.errors.is_empty(), "{again:?}");
    world.work().await;
    let again = world.run_body(&runs[0]).await;
    assert_eq!((again.state, again.metrics.record_summary.output_record_count), (RunState::Success, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_pass_ends_the_run_at_once_and_says_why() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email", "nosuchfield"]).await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.state, RunState::Failed);
    let error = run.error.unwrap();
    assert_eq!(error.class, FaultClass::Input);
    assert!(error.message.contains("nosuchfield"), "{error:?}");
    assert_eq!((run.attempts.len(), run.attempts[0].outcome.as_deref()), (1, Some("failed")));
    assert!(world.names("acme").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_run_is_tried_again_by_its_own_plan() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    // A file where the folder should be.
    std::fs::write(world.out().join("acme"), "in the way").unwrap();
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let failed = world.run_body(&runs[0]).await;
    assert_eq!(failed.state, RunState::Failed, "{failed:?}");
    std::fs::remove_file(world.out().join("acme")).unwrap();
    // What changed since is not in the plan.
    world.change::<Segment>(&segment, |body| body["expression"]["value"] = json!("country = \"DE\"")).await;
    world.change::<Flow>(&flow, |body| body["name"] = json!("other")).await;
    world.advance(TimeDelta::hours(2));
    world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    world.runner().submit_retry(SANDBOX, &runs[0], Expected::Any).await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!((run.state, run.slot), (RunState::Success, failed.slot));
    let outcomes: Vec<_> = run.attempts.iter().map(|attempt| attempt.outcome.as_deref()).collect();
    assert_eq!(outcomes, [Some("failed"), Some("success")]);
    let name = format!("acme_{segment}_20260102_030405.csv");
    assert_eq!(world.read("acme", &name), "email\na@x\nc@x\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn reading_back_tells_a_changed_file() {
    let world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let verification = async || {
        world.runner().submit_verify(SANDBOX, &runs[0]).await.unwrap();
        world.work().await;
        let mut reader = world.store.read().await.unwrap();
        reader.get::<outflow_store::Run>(SANDBOX, &runs[0]).await.unwrap().details["verification"].clone()
    };
    let good = verification().await;
    assert_eq!(
        (good["state"].as_str(), good["files"][0]["matches"].as_bool()),
        (Some("success"), Some(true)),
        "{good}"
    );
    let file = world.out().join("acme").join(format!("acme_{segment}_20260102_030405.csv"));
    std::fs::write(file, "email\nx@x\nc@x\n").unwrap();
    let bad = verification().await;
    assert_eq!(
        (bad["state"].as_str(), bad["error"]["class"].as_str()),
        (Some("failed"), Some("verification")),
        "{bad}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_outside_the_servers_root_is_refused() {
    let mut world = with_people().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let flow = world.flow("acme", &[full(&segment)], &["email"]).await;
    world.settings.folder_root = Some(world.out().join("elsewhere"));
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let run = world.run_body(&runs[0]).await;
    assert_eq!(run.error.unwrap().class, FaultClass::Config);
    assert!(world.names("acme").is_empty());
}
