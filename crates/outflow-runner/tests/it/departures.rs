//! What is told of profiles that have left is what stands in the files and messages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use chrono::TimeDelta;
use outflow_export::departures::{Writer, keep};
use outflow_model::FaultClass;
use outflow_model::run::{RunBody, RunState};
use outflow_profiles::snapshot::hash_of;
use outflow_runner::departures::{Whereabouts, whereabouts};
use outflow_store::{AuditQuery, Flow, NewDeparture, NewJob, Run};
use serde_json::json;

use crate::gate::{Place, gated};
use crate::streams::bed::Bed;
use crate::world::{Activated, DATED, SANDBOX, World, daily, names};

/// Enough for every departure of a test.
const ALL: usize = 1_000;

pub async fn asked(world: &World, email: &str) -> Whereabouts {
    whereabouts(&world.store, SANDBOX, &[hash_of(&format!("Email:{email}"))], None, ALL).await.unwrap()
}

/// The runs and files that a profile has left with, oldest first.
async fn files(world: &World, email: &str) -> Vec<(String, String)> {
    let found = asked(world, email).await;
    assert!(found.unreadable.is_empty() && found.next.is_none());
    found.departures.into_iter().rev().map(|row| (row.run_id, row.file_name.unwrap())).collect()
}

/// The number of a stream's first derivation: the world's clock begins then.
const FIRST_SEQUENCE: i64 = 1_767_323_045;

/// The derivations whose messages a profile has left with, oldest first, from 1 on.
async fn sequences(world: &World, email: &str) -> Vec<i64> {
    let found = asked(world, email).await;
    assert!(found.unreadable.is_empty() && found.next.is_none());
    found.departures.into_iter().rev().map(|row| row.sequence.unwrap() - FIRST_SEQUENCE + 1).collect()
}

fn folder(world: &World) -> PathBuf {
    world.dir.path().join("data").join(SANDBOX).join("departures")
}

async fn flow_of(world: &World, fields: &[&str], rule: &str) -> String {
    let segment = world.segment("Chosen", rule).await;
    let activated = Activated {
        segment: &segment,
        mode: "FIRST_FULL_THEN_INCREMENTAL",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    };
    world.flow("acme", &[activated], fields).await
}

async fn run_now(world: &World, flow: &str) -> RunBody {
    world.advance(TimeDelta::minutes(1));
    let run = world.runner().submit_run_now(SANDBOX, flow, "me").await.unwrap().remove(0);
    world.work().await;
    world.run_body(&run).await
}

/// Compares what is told of each of these people with what stands in the files of the runs.
async fn compare(world: &World, runs: &[&RunBody], people: &BTreeSet<String>) {
    let mut wanted: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for run in runs {
        for file in &run.files {
            let text = world.read("acme", &file.name);
            for email in text.lines().skip(1).map(|line| line.split(',').next().unwrap()) {
                wanted.entry(email.to_owned()).or_default().push((run.id.clone(), file.name.clone()));
            }
        }
    }
    for email in people {
        assert_eq!(files(world, email).await, wanted.remove(email).unwrap_or_default(), "{email}");
    }
    assert!(wanted.is_empty(), "{wanted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_profile_has_left_with_the_files_that_it_is_in() {
    let world = World::new().await;
    let mut people: Vec<(String, &str, i64)> = Vec::new();
    for n in 0..60 {
        // Pairs have the same points: who loses to the other one does not leave.
        people.push((format!("p{n}@x"), if n % 3 == 0 { "DE" } else { "US" }, n / 2));
    }
    let write = |people: &[(String, &str, i64)]| {
        let borrowed: Vec<(&str, &str, i64)> =
            people.iter().map(|(id, at, points)| (id.as_str(), *at, *points)).collect();
        world.write_people(&borrowed);
    };
    write(&people);
    let dataset = world.attach().await;
    world.work().await;
    // Of whoever is gone from the data the address is still known.
    let fields = ["identityMap.Email[0].id", "points", "segmentMembership.status"];
    let flow = flow_of(&world, &fields, "country = \"US\"").await;
    world
        .change::<Flow>(&flow, |body| {
            body["transformations"][0]["params"]["primaryFields"] =
                json!([{"fieldType": "ATTRIBUTE", "attributePath": "points"}]);
        })
        .await;
    let first = run_now(&world, &flow).await;
    assert_eq!(first.state, RunState::Success, "{first:?}");
    let everybody: BTreeSet<String> = people.iter().map(|(id, ..)| id.clone()).chain(["nobody@x".to_owned()]).collect();
    compare(&world, &[&first], &everybody).await;
    // p4 and p5 share their points.
    let told = files(&world, "p4@x").await.len() + files(&world, "p5@x").await.len();
    assert_eq!(told, 1, "of a pair one has left");

    // Some leave the segment, some enter it; the first ones are gone from the data.
    for (n, person) in people.iter_mut().enumerate() {
        person.1 = if n % 4 == 0 { "US" } else { person.1 };
        person.1 = if n % 7 == 0 { "DE" } else { person.1 };
    }
    people.drain(..10);
    write(&people);
    world.runner().submit_refresh(SANDBOX, &dataset).await.unwrap();
    world.work().await;
    world.advance(TimeDelta::minutes(1));
    world.runner().submit_segment_job(SANDBOX, None, "me").await.unwrap();
    world.work().await;
    let second = run_now(&world, &flow).await;
    assert_eq!(second.state, RunState::Success, "{second:?}");
    assert!(second.files[0].rows > 0);
    let text = world.read("acme", &second.files[0].name);
    assert!(text.contains("exited") && text.contains("realized"), "{text}");
    compare(&world, &[&first, &second], &everybody).await;
    let mut reader = world.store.read().await.unwrap();
    for row in reader.departures(SANDBOX, None, 100).await.unwrap().departures {
        let query = AuditQuery { after_seq: Some(row.decision - 1), limit: 1, ..AuditQuery::default() };
        let decision = reader.audit(SANDBOX, &query).await.unwrap().records.remove(0);
        assert_eq!((decision.seq, decision.action.as_str()), (row.decision, "exportAllowed"));
        assert_eq!((row.segment_id.is_some(), row.sequence), (true, None));
    }
    drop(reader);
    // Departures outlive their runs and flows.
    world.delete::<Run>(&first.id).await;
    world.delete::<Run>(&second.id).await;
    world.delete::<Flow>(&flow).await;
    assert!(!files(&world, "p1@x").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_visible_before_a_run_failed_has_left_once() {
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 30)]);
    world.attach().await;
    world.work().await;
    let flow = flow_of(&world, &["email"], "country = \"US\"").await;
    let target = world.body::<Flow>(&flow).await["targetConnectionIds"][0].as_str().unwrap().to_owned();
    world.change::<outflow_store::TargetConnection>(&target, |body| body["params"]["rowsPerFile"] = json!(1)).await;
    // The second file is not published; nobody tries again by himself.
    gate.spared.store(1, std::sync::atomic::Ordering::SeqCst);
    gate.fail(Place::Publish, FaultClass::Refused);
    let failed = run_now(&world, &flow).await;
    assert_eq!(failed.state, RunState::Failed, "{failed:?}");
    // Of the second file it is not known; nobody began to publish the third one.
    let mut known = Vec::new();
    for email in ["a@x", "b@x", "c@x"] {
        known.extend(asked(&world, email).await.departures.into_iter().map(|row| row.confirmed));
    }
    known.sort_unstable();
    assert_eq!(known, [false, true]);
    let before = asked(&world, "a@x").await.departures.len();
    world.advance(TimeDelta::minutes(1));
    world.runner().submit_retry(SANDBOX, &failed.id, outflow_store::Expected::Any).await.unwrap();
    world.work().await;
    let run = world.run_body(&failed.id).await;
    assert_eq!((run.state, run.files.len()), (RunState::Success, 3), "{run:?}");
    let people = ["a@x", "b@x", "c@x"].map(str::to_owned).into_iter().collect();
    compare(&world, &[&run], &people).await;
    assert!(asked(&world, "b@x").await.departures.iter().all(|row| row.confirmed));
    assert!(asked(&world, "a@x").await.departures.len() >= before);
    assert_eq!(names(&folder(&world)).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_is_forgotten_and_files_of_nobody_go() {
    let mut world = World::new().await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20)]);
    world.attach().await;
    world.work().await;
    let flow = flow_of(&world, &["email"], "country = \"US\"").await;
    world
        .change::<Flow>(&flow, |body| {
            body["transformations"][0]["params"]["segmentSelectors"]["selectors"][0]["value"]["exportMode"] =
                json!("DAILY_FULL_EXPORT");
        })
        .await;
    let first = run_now(&world, &flow).await;
    world.advance(TimeDelta::days(300));
    let second = run_now(&world, &flow).await;
    let flow_folder = folder(&world).join(&flow);
    // What a crash between the file and its row leaves.
    std::fs::write(flow_folder.join("r-00001.departures"), "x").unwrap();
    std::fs::write(flow_folder.join("r-00001.departures1a2b.unfinished"), "x").unwrap();
    std::fs::write(flow_folder.join("notes.txt"), "x").unwrap();
    world.runner().clean_up().await.unwrap();
    let runs =
        async |world: &World| -> Vec<String> { files(world, "a@x").await.into_iter().map(|(run, _)| run).collect() };
    assert_eq!(runs(&world).await, [first.id.clone(), second.id.clone()]);
    assert!(files(&world, "b@x").await.is_empty());
    world.advance(TimeDelta::days(101));
    world.runner().clean_up().await.unwrap();
    assert_eq!(runs(&world).await, std::slice::from_ref(&second.id));
    let told = asked(&world, "a@x").await;
    let (since, left_at) = (told.complete_since.unwrap(), told.departures[0].left_at);
    assert!(since <= left_at && since >= first.completed_at.unwrap(), "{since} {left_at}");
    // Files have the machine's time; to the janitor they are old.
    world.clock.set(files_age_by_the_machines_clock().max(world.clock.peek()) + TimeDelta::days(2));
    world.settings.departures_keep_days = 100_000;
    world.runner().clean_up().await.unwrap();
    let left = names(&folder(&world));
    assert!(
        left[0].starts_with(&format!("{flow}/{}-", second.id)) && left[0].ends_with("-00001.departures"),
        "{left:?}"
    );
    assert_eq!(left[1..], [format!("{flow}/notes.txt")]);
    // By bytes.
    world.settings.departures_bytes_max = 10;
    world.runner().clean_up().await.unwrap();
    let told = asked(&world, "a@x").await;
    assert!(told.departures.is_empty() && told.complete_since.is_some_and(|since| since >= left_at));
    assert_eq!(names(&folder(&world)), [format!("{flow}/notes.txt")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_damaged_or_elsewhere_is_told() {
    let world = World::new().await;
    world.write_people(&[("a@x", "US", 10)]);
    world.attach().await;
    world.work().await;
    let flow = flow_of(&world, &["email"], "country = \"US\"").await;
    let run = run_now(&world, &flow).await;
    let file = folder(&world).join(&names(&folder(&world))[0]);
    std::fs::write(&file, "not it").unwrap();
    for _ in 0..2 {
        for email in ["a@x", "b@x"] {
            let told = asked(&world, email).await;
            assert_eq!((told.departures.len(), told.unreadable.len()), (0, 1));
            assert_eq!(told.unreadable[0].run_id, run.id);
        }
        let _ = std::fs::remove_file(&file);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_told_of_in_an_accepted_message_has_left() {
    let bed = Bed::begun(json!({})).await;
    for (email, wanted) in [("a@x", vec![1]), ("b@x", vec![]), ("c@x", vec![1])] {
        assert_eq!(sequences(&bed.world, email).await, wanted, "{email}");
    }
    // One is refused, the others are not.
    bed.far.refused.lock().unwrap().insert("Email:b@x".into());
    bed.evaluate(&[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "US", 30), ("d@x", "US", 1)]).await;
    for (email, wanted) in [("a@x", vec![1, 2]), ("b@x", vec![]), ("c@x", vec![1]), ("d@x", vec![2])] {
        assert_eq!(sequences(&bed.world, email).await, wanted, "{email}");
    }
    let row = asked(&bed.world, "d@x").await.departures.remove(0);
    assert_eq!((row.flow_id, row.segment_id, row.file_name), (bed.flow.clone(), None, None));
    assert_eq!(row.profiles, 2);
    assert!(row.decision > 0);
    // Of those who are told next the far end takes two and goes away; then the rest is taken back.
    let far_before = bed.far.count();
    bed.far.away_after(2);
    let many: Vec<String> = (0..9).map(|n| format!("m{n}@x")).collect();
    let people: Vec<(&str, &str, i64)> = many.iter().map(|id| (id.as_str(), "US", 5)).collect();
    bed.evaluate(&people).await;
    assert!(bed.status().await.pending > 0);
    for email in &many {
        assert!(sequences(&bed.world, email).await.is_empty(), "its set is not closed yet");
    }
    bed.set_state("disabled").await;
    bed.world.work().await;
    let accepted: BTreeSet<String> =
        bed.far.told(far_before).iter().map(|told| told.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(accepted.len(), 2);
    for email in many.iter().map(String::as_str).chain(["a@x", "c@x", "d@x"]) {
        let is_in = sequences(&bed.world, email).await.contains(&3);
        assert_eq!(is_in, accepted.contains(email), "{email}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_left_before_a_flow_was_deleted_has_left() {
    let bed = Bed::begun(json!({})).await;
    let far_before = bed.far.count();
    bed.far.away_after(1);
    bed.evaluate(&[("a@x", "US", 11), ("c@x", "US", 31)]).await;
    let accepted: Vec<String> =
        bed.far.told(far_before).iter().map(|told| told.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!(accepted.len(), 1);
    bed.world.delete::<Flow>(&bed.flow).await;
    bed.world.work().await;
    bed.world.clock.set(files_age_by_the_machines_clock().max(bed.world.clock.peek()) + TimeDelta::days(2));
    for _ in 0..2 {
        bed.world.runner().clean_up().await.unwrap();
        for email in ["a@x", "c@x"] {
            let wanted = if accepted[0] == email { vec![1, 2] } else { vec![1] };
            assert_eq!(sequences(&bed.world, email).await, wanted, "{email}");
        }
    }
    assert!(names(&bed.world.dir.path().join("data").join(SANDBOX).join("streams")).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_cannot_be_read_any_more_leaves_a_departure_of_nobody_knows_who() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(1);
    bed.evaluate(&[("a@x", "US", 11), ("c@x", "US", 31)]).await;
    let set = bed.newest_folder().join("set");
    for name in names(&set).iter().filter(|name| name.ends_with(".set") || name.ends_with(".hashes")) {
        std::fs::write(set.join(name), "x").unwrap();
    }
    bed.far.back();
    bed.world.runner().submit_run_now(SANDBOX, &bed.flow, "me").await.unwrap();
    bed.world.advance(TimeDelta::minutes(10));
    bed.world.work().await;
    for email in ["a@x", "b@x"] {
        let told = asked(&bed.world, email).await;
        assert_eq!(
            told.unreadable.iter().map(|row| (row.sequence, row.profiles)).collect::<Vec<_>>(),
            [(Some(FIRST_SEQUENCE + 1), 1)]
        );
    }
}

/// The time is told, not judged: it is the machine's.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_files_are_asked_one_after_the_other() {
    const FILES: usize = 1_000;
    let world = World::new().await;
    let profiles = crate::crash::repeats(1_000_000);
    let mut writer = Writer::new(&world.dir.path().join("0.departures"));
    // Apart from each other as hashes are.
    let spread = i64::MAX / profiles * 2;
    let hash = |number: i64| i64::MIN.wrapping_add(spread.wrapping_mul(number));
    (0..profiles).for_each(|number| writer.add(&[hash(number)]).unwrap());
    let file = keep(vec![writer.finish().unwrap()]).unwrap().remove(0);
    let whole = std::fs::read(&file.path).unwrap();
    let mut tx = world.store.begin().await.unwrap();
    let run_at = world.clock.peek();
    let job = NewJob { kind: "run", subject: "r", sandbox: SANDBOX, payload: json!({}), run_at, priority: 0 };
    tx.enqueue(&job).await.unwrap();
    tx.commit().await.unwrap();
    let lease = world.store.claim("me", Duration::from_secs(600), &["run"]).await.unwrap().unwrap().lease();
    let mut tx = world.store.begin_fenced(&lease).await.unwrap();
    for number in 0..FILES {
        let path = world.dir.path().join(format!("{}.departures", number + 1));
        sparse(&whole, &path, &[hash(profiles / 2), hash(profiles / 2) + 1, hash(1)]);
        let new = NewDeparture {
            sandbox: SANDBOX,
            flow_id: "f",
            run_id: "r",
            segment_id: None,
            file_name: Some("x"),
            sequence: None,
            left_at: world.clock.peek() + TimeDelta::minutes(number as i64),
            profiles: file.profiles,
            bytes: file.bytes,
            path: path.to_str().unwrap(),
            decision: 0,
            confirmed: true,
        };
        tx.add_departures(&[new]).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (asked_for, found) in [(hash(profiles / 2), FILES), (hash(profiles / 2) + 1, 0)] {
        let begun = std::time::Instant::now();
        let told = whereabouts(&world.store, SANDBOX, &[asked_for], None, FILES).await.unwrap();
        let took = begun.elapsed();
        assert_eq!((told.departures.len(), told.unreadable.len()), (found, 0));
        println!("{FILES} files of {profiles} profiles were asked in {took:?}");
    }
    // Page by page the same, and no more than is asked for.
    let (mut start, mut pages, mut seen) = (None, 0, BTreeSet::new());
    loop {
        let told = whereabouts(&world.store, SANDBOX, &[hash(1)], start.as_deref(), 300).await.unwrap();
        assert!(told.departures.len() <= 300);
        assert!(told.departures.is_sorted_by(|one, two| one.left_at >= two.left_at));
        pages += 1;
        seen.extend(told.departures.into_iter().map(|row| row.path));
        start = told.next;
        if start.is_none() {
            break;
        }
    }
    assert_eq!((pages, seen.len()), (4, FILES));
    assert!(whereabouts(&world.store, SANDBOX, &[0], Some("nowhere"), 300).await.is_err());
}

/// Writes of a large file of departures only what is read by whoever asks for one of these hashes; the rest is a hole.
fn sparse(whole: &[u8], path: &std::path::Path, asked: &[i64]) {
    use std::os::unix::fs::FileExt as _;
    let file = std::fs::File::create(path).unwrap();
    file.set_len(whole.len() as u64).unwrap();
    let copy = |from: usize, to: usize| file.write_all_at(&whole[from..to], from as u64).unwrap();
    let number = |at: usize| u32::from_le_bytes(whole[at..at + 4].try_into().unwrap()) as usize;
    copy(0, 20);
    for hash in asked {
        let entry = 20 + 8 * ((*hash as u64 ^ (1 << 63)) >> 48) as usize;
        copy(entry, entry + 16);
        let body = 20 + 8 * 65_537;
        copy(body + 6 * number(entry), body + 6 * number(entry + 8));
    }
}

#[expect(clippy::disallowed_methods, reason = "modification times are the machine's")]
fn files_age_by_the_machines_clock() -> chrono::DateTime<chrono::Utc> {
    std::time::SystemTime::now().into()
}
