//! Sets of messages that wait while others are withheld, and what does not concern them.

use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::TimeDelta;
use outflow_store::{Connection, ConsentPolicy, TargetConnection};
use serde_json::{Value, json};

use super::bed::{act, put, told};
use super::meanwhile::read_anew;
use super::withheld::{consent, suppress};
use crate::streams::bed::{Bed, FIRST, People};
use crate::streams::far::RIGHT_KEY;
use crate::world::{SANDBOX, Server, until};

/// The target is there again, and is tried once more.
async fn back(bed: &Bed) {
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(11));
    bed.world.work().await;
}

const CHANGED: People<'static> = &[("a@x", "US", 11), ("b@x", "US", 20), ("c@x", "US", 31)];

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_follows_one_that_was_taken_back_is_looked_at_as_well() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    assert_eq!(bed.status().await.pending, 3);
    suppress(&bed.world, &["c@x"], true).await;
    bed.world.advance(TimeDelta::minutes(11));
    bed.world.work().await;
    // The second waits as well, and has an exit of the first.
    assert_eq!(bed.status().await.pending, 3);
    suppress(&bed.world, &["a@x"], true).await;
    back(&bed).await;
    assert_eq!(bed.far.told(2), ["a@x - - out 1", "b@x US 20 in 1", "c@x - - out 1"]);
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn that_a_set_was_taken_back_says_nothing_of_later_ones() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    suppress(&bed.world, &["c@x"], true).await;
    back(&bed).await;
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1", "b@x US 20 in 1", "c@x - - out 1"]);
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 12), ("b@x", "US", 21), ("c@x", "US", 31)]).await;
    suppress(&bed.world, &["b@x"], true).await;
    back(&bed).await;
    assert_eq!(bed.far.told(5), ["a@x US 12 in 1", "b@x - - out 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_tells_of_nobody_who_is_withheld_since_is_sent_as_it_is() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 30)]).await;
    let decided = told(&bed.world, "exportAllowed").await.len();
    suppress(&bed.world, &["c@x", "z@x"], true).await;
    back(&bed).await;
    // Whoever was told of before leaves with the next.
    assert_eq!(bed.far.told(2), ["b@x US 20 in 1", "c@x - - out 1"]);
    let sequences: Vec<Value> = bed.far.bodies(2).iter().map(|body| body["sequence"].clone()).collect();
    assert_eq!(sequences, [bed.sequence(1), bed.sequence(2)]);
    // By the list as it is: once more for the set, and for the next.
    assert_eq!(told(&bed.world, "exportAllowed").await.len(), decided + 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_suppressed_while_a_set_is_looked_through_does_not_keep_it_back() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    suppress(&bed.world, &["z@x"], true).await;
    let (server, reader) = read_anew(&bed).await;
    suppress(&bed.world, &["c@x"], true).await;
    reader.release();
    until("all is told", async || bed.far.count() == 6).await;
    server.stop().await;
    bed.world.work().await;
    // It goes by the list that it was looked through for; whoever came to the list since leaves with the next.
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1", "b@x US 20 in 1", "c@x - - out 1", "c@x US 31 in 1"]);
    let records = told(&bed.world, "exportAllowed").await;
    let detail = records[records.len() - 2].detail.as_ref().unwrap();
    assert_eq!((&detail["sequence"], &detail["suppressionRevision"]), (&json!(bed.sequence(1)), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_not_sent_to_a_target_that_is_another_once_it_is_looked_through() {
    let bed = Bed::begun(json!({})).await;
    let flow = bed.world.body::<outflow_store::Flow>(&bed.flow).await;
    let target = flow["targetConnectionIds"][0].as_str().unwrap().to_owned();
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    suppress(&bed.world, &["z@x"], true).await;
    let (server, reader) = read_anew(&bed).await;
    bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!("t")).await;
    reader.release();
    until("all is told", async || bed.far.count() == 5).await;
    server.stop().await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1", "b@x US 20 in 1", "c@x US 31 in 1"]);
    assert!(bed.far.bodies(2).iter().all(|body| body["sequence"] == bed.sequence(2)));
    let records = told(&bed.world, "exportAllowed").await;
    assert_eq!(records.last().unwrap().detail.as_ref().unwrap()["target"]["url"], "far://t");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_stops_at_once_where_consent_is_asked_otherwise() {
    let bed = Bed::begun(json!({})).await;
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    let guests: Vec<String> = (0..40).map(|n| format!("g{n}@x")).collect();
    let people: Vec<_> = FIRST.iter().copied().chain(guests.iter().map(|id| (id.as_str(), "US", 1))).collect();
    bed.world.work().await;
    bed.far.away_after(0);
    bed.evaluate(&people).await;
    assert_eq!(bed.status().await.pending, 40);
    bed.far.hold();
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(11));
    let server = Server::start(&bed.world.runner());
    until("messages are on their way", async || bed.far.waiting.load(Ordering::SeqCst) > 0).await;
    consent(&bed.world, "ENABLED", &["DE"]).await;
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    bed.far.release();
    server.stop().await;
    bed.world.work().await;
    let came = bed.far.told(2).iter().filter(|told| told.contains(" in ")).count();
    assert!(came <= 4, "{came}");
    assert!(bed.far.known().is_empty());
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_new_is_told_of_nobody_who_is_withheld() {
    let bed = Bed::begun(json!({})).await;
    let flow = bed.world.body::<outflow_store::Flow>(&bed.flow).await;
    let target = flow["targetConnectionIds"][0].as_str().unwrap().to_owned();
    suppress(&bed.world, &["c@x"], true).await;
    bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!("t")).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 10 in 1"]);
    // Of whom it was told, it is told that they left.
    suppress(&bed.world, &["a@x"], true).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(3), ["a@x - - out 1"]);
    // A set for it that is taken back unsent leaves nobody told.
    suppress(&bed.world, &["a@x", "c@x"], false).await;
    bed.world.change::<Connection>(&bed.account, |body| body["auth"]["params"]["key"] = json!("wrong")).await;
    bed.world.change::<TargetConnection>(&target, |body| body["params"]["stream"] = json!("u")).await;
    bed.world.work().await;
    assert_eq!((bed.status().await.pending, bed.far.count()), (2, 4));
    suppress(&bed.world, &["c@x"], true).await;
    bed.world.change::<Connection>(&bed.account, |body| body["auth"]["params"]["key"] = json!(RIGHT_KEY)).await;
    bed.world.work().await;
    assert_eq!(bed.far.told(4), ["a@x US 10 in 1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_that_are_sent_anew_outlast_a_set_that_is_taken_back() {
    let bed = Bed::new(json!({})).await;
    bed.far.refused.lock().unwrap().extend(["Email:a@x", "Email:c@x"].map(str::to_owned));
    bed.world.work().await;
    bed.far.refused.lock().unwrap().clear();
    bed.world.change::<Connection>(&bed.account, |body| body["auth"]["params"]["key"] = json!("wrong")).await;
    bed.world.runner().submit_redeliver(SANDBOX, &bed.flow, None, "me").await.unwrap();
    bed.world.work().await;
    assert_eq!((bed.status().await.pending, bed.far.count()), (2, 0));
    suppress(&bed.world, &["a@x"], true).await;
    bed.world.change::<Connection>(&bed.account, |body| body["auth"]["params"]["key"] = json!(RIGHT_KEY)).await;
    bed.world.work().await;
    // What was refused counts as told, and so the exit of who is withheld is told.
    assert_eq!(bed.far.told(0), ["a@x - - out 1", "c@x US 30 in 1"]);
    assert_eq!(bed.status().await.letters, 0);
    let requests = bed.world.store.read().await.unwrap().stream_requests(&bed.flow).await.unwrap();
    assert!(requests.is_empty(), "{requests:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_concern_a_stream_costs_it_a_look_at_most() {
    let bed = Bed::begun(json!({})).await;
    let row = async || bed.world.store.read().await.unwrap().stream(&bed.flow).await.unwrap().unwrap();
    let save = async |name: &str| {
        bed.world.segment(name, "points >= 25").await;
        bed.world.work().await;
    };
    let before = row().await;
    save("one").await;
    assert_eq!(row().await, before, "nobody is asked for consent: nothing is looked at");
    suppress(&bed.world, &["z@x"], true).await;
    bed.world.work().await;
    let (sequence, of_list) = (bed.status().await.sequence, row().await);
    save("two").await;
    assert_eq!(row().await, of_list, "the list is the same");
    let when = json!({"marketingActionRef": outflow_governance::action::core("emailTargeting").to_string()});
    let policy = json!({"name": "c", "status": "ENABLED", "if": when, "then": {"path": "country", "values": ["DE"]}});
    put::<ConsentPolicy>(&bed.world, "c", policy).await;
    bed.world.work().await;
    let asked = row().await;
    save("three").await;
    let looked = row().await;
    let revision = bed.world.store.read().await.unwrap().governance(SANDBOX).await.unwrap().revision;
    assert!(asked.body["told"]["governed"].as_i64().unwrap() < revision);
    assert_eq!(looked.body["told"]["governed"], revision, "it was looked once");
    bed.world.work().await;
    assert_eq!(row().await, looked, "and not again");
    assert_eq!((bed.far.count(), sequence), (2, bed.status().await.sequence), "and nothing derived");
    bed.evaluate(FIRST).await;
    assert_eq!(bed.far.count(), 2);
}
