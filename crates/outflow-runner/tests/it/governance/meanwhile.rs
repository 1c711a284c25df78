//! What changes while a set of messages is made, looked through, or on its way to be opened.

use std::time::Duration;

use chrono::TimeDelta;
use outflow_store::{AuditRecord, Connection};
use serde_json::{Value, json};

use super::bed::{act, told};
use super::withheld::{consent, suppress};
use crate::held::{HeldFile, HeldReader};
use crate::streams::bed::{Bed, People, stream_flow};
use crate::streams::far::RIGHT_KEY;
use crate::world::{SANDBOX, Server, until};

const CHANGED: People<'static> = &[("a@x", "US", 11), ("b@x", "US", 20), ("c@x", "US", 31)];

/// Tells what changed, with something done once what was told before is read for that.
async fn change_while_it_is_made(bed: &Bed, change: impl AsyncFnOnce()) {
    let held = HeldFile::new(&bed.newest_folder().join("told/told.json"));
    let meanwhile = async {
        let reader = held.reached().await;
        change().await;
        reader.release();
    };
    tokio::join!(bed.evaluate(CHANGED), meanwhile);
}

/// A set that waited for its target and is read anew by a server at work.
pub(super) async fn read_anew(bed: &Bed) -> (Server, HeldReader) {
    let held = HeldFile::new(&bed.newest_folder().join("set/set.json"));
    bed.far.back();
    bed.world.advance(TimeDelta::minutes(11));
    let server = Server::start(&bed.world.runner());
    (server, held.reached().await)
}

/// The list that sets of a sequence were decided by.
async fn lists(bed: &Bed, sequence: i64) -> Vec<i64> {
    let records = told(&bed.world, "exportAllowed").await;
    let detail = |record: &AuditRecord| record.detail.clone().unwrap();
    let of = records.iter().map(detail).filter(|detail| detail["sequence"] == sequence);
    of.map(|detail| detail["suppressionRevision"].as_i64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_the_list_changed_under_is_decided_once_it_is_made() {
    for (who, expected) in [
        ("z@x", ["a@x US 11 in 1", "b@x US 20 in 1", "c@x US 31 in 1"]),
        ("c@x", ["a@x US 11 in 1", "b@x US 20 in 1", "c@x - - out 1"]),
    ] {
        let bed = Bed::begun(json!({})).await;
        change_while_it_is_made(&bed, async || suppress(&bed.world, &[who], true).await).await;
        assert_eq!(bed.far.told(2), expected, "{who}");
        // By the list that it was looked through for, and by none that it was not.
        assert_eq!(lists(&bed, bed.sequence(1)).await, [1], "{who}");
        let sequences: Vec<Value> = bed.far.bodies(2).iter().map(|body| body["sequence"].clone()).collect();
        let is_sent = who == "z@x";
        assert_eq!(sequences.iter().all(|sequence| *sequence == bed.sequence(1)), is_sent, "{sequences:?}");
        assert_eq!(bed.status().await.state, "idle");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_consent_changed_under_tells_of_nobody_who_did_not_agree() {
    let bed = Bed::begun(json!({})).await;
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    bed.world.work().await;
    change_while_it_is_made(&bed, async || consent(&bed.world, "ENABLED", &["DE"]).await).await;
    assert_eq!(bed.far.told(2), ["a@x - - out 1", "c@x - - out 1"]);
    assert_eq!(bed.status().await.state, "idle");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_taken_back_where_consent_changes_while_it_is_looked_through() {
    let bed = Bed::begun(json!({})).await;
    act(&bed.world, &bed.flow, &["emailTargeting"]).await;
    bed.world.work().await;
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    suppress(&bed.world, &["z@x"], true).await;
    let (server, reader) = read_anew(&bed).await;
    consent(&bed.world, "ENABLED", &["DE"]).await;
    reader.release();
    until("all have left", async || bed.far.known().is_empty()).await;
    server.stop().await;
    bed.world.work().await;
    // Of whom it may have been told it is told that they left.
    let told = bed.far.told(2);
    assert!(told.len() > 1 && told.iter().all(|told| told.ends_with("- - out 1")), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_not_sent_by_an_account_that_leads_elsewhere_once_it_is_opened() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    let (server, reader) = read_anew(&bed).await;
    bed.world.change::<Connection>(&bed.account, |body| body["auth"]["params"]["host"] = json!("other/")).await;
    reader.release();
    until("all is told", async || bed.far.count() == 5).await;
    server.stop().await;
    bed.world.work().await;
    assert_eq!(bed.far.told(2), ["a@x US 11 in 1", "b@x US 20 in 1", "c@x US 31 in 1"]);
    assert!(bed.far.bodies(2).iter().all(|body| body["sequence"] == bed.sequence(2)));
    let records = told(&bed.world, "exportAllowed").await;
    assert_eq!(records.last().unwrap().detail.as_ref().unwrap()["target"]["url"], "far://other/s");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_is_looked_through_in_its_turn() {
    let mut bed = Bed::begun(json!({})).await;
    bed.world.settings.workers = 1;
    bed.far.away_after(0);
    bed.evaluate(CHANGED).await;
    suppress(&bed.world, &["z@x"], true).await;
    let (server, reader) = read_anew(&bed).await;
    let (other, _) = stream_flow(&bed.world, "other", &[&bed.segment], &["points"], json!({}), RIGHT_KEY).await;
    server.runner.wake();
    let is_deriving = async || {
        let status = bed.world.runner().stream_status(SANDBOX, &other).await.unwrap();
        status.is_some_and(|status| status.state == "deriving")
    };
    until("the other one derives", is_deriving).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bed.far.count(), 2, "it waits for the one that is read");
    reader.release();
    until("both are told", async || bed.far.count() == 8).await;
    server.stop().await;
}
