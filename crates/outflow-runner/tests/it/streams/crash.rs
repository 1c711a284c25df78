//! Power cuts: wherever one comes, the far end knows in the end what is so, and a repeat has the bytes of the first.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use outflow_export::messages::Acks;
use outflow_model::run::RunKind;
use serde_json::{Value, json};

use super::bed::Bed;
use crate::clock::TestClock;
use crate::crash::{repeats, settled};
use crate::departures::asked;
use crate::world::{SANDBOX, Server, until};

const NEXT: super::bed::People<'static> = &[("a@x", "DE", 10), ("b@x", "US", 20), ("c@x", "US", 31)];

/// A flow that has told of the first people; then others were evaluated, of which it has not been told.
async fn prepared(coalesce: bool) -> Bed {
    let bed = Bed::begun(json!({"coalesce": coalesce})).await;
    bed.set_state("disabled").await;
    bed.world.work().await;
    bed.evaluate(NEXT).await;
    bed.set_state("enabled").await;
    bed
}

/// What is to happen: the changes are told, and then everybody's state.
async fn all_of_it(bed: &Bed, server: &Server) -> Result<(), ()> {
    server.runner.reconcile().await.map_err(drop)?;
    settled(&bed.world, server).await?;
    server.runner.submit_run_now(SANDBOX, &bed.flow, "me").await.map_err(drop)?;
    server.runner.reconcile().await.map_err(drop)?;
    settled(&bed.world, server).await
}

async fn check(bed: &Bed, cut: i64) {
    assert_eq!(bed.far.known().into_values().collect::<Vec<_>>(), ["b@x US 20 in 1", "c@x US 31 in 1"], "cut {cut}");
    let status = bed.status().await;
    assert_eq!((status.state.as_str(), status.pending, status.complete), ("idle", 0, true), "cut {cut}");
    for kind in [RunKind::Window, RunKind::Now] {
        for run in bed.runs(kind).await {
            let records = &run.metrics.record_summary;
            assert!(records.balance.as_ref().unwrap().discrepancies().is_empty(), "cut {cut}: {run:?}");
            assert_eq!(records.input_record_count, records.output_record_count, "cut {cut}: {run:?}");
        }
    }
    check_departures(bed, cut).await;
}

/// Those left, and once with each message, whose messages the far end has. Of a set that was taken back it may have some
/// that it never acknowledged.
async fn check_departures(bed: &Bed, cut: i64) {
    let number = |body: &Value| (body["identityMap"]["Email"][0]["id"].clone(), body["sequence"].as_i64().unwrap());
    let stored: Vec<(Value, i64)> = bed.far.bodies(0).iter().map(number).collect();
    for email in ["a@x", "b@x", "c@x", "d@x"] {
        let left: Vec<i64> =
            asked(&bed.world, email).await.departures.iter().map(|row| row.sequence.unwrap()).collect();
        let of_email = stored.iter().filter(|(id, _)| *id == email).map(|(_, sequence)| *sequence);
        let wanted: BTreeSet<i64> = of_email.collect();
        let distinct: BTreeSet<i64> = left.iter().copied().collect();
        assert_eq!(left.len(), distinct.len(), "cut {cut}: {email}");
        assert!(distinct.is_subset(&wanted), "cut {cut}: {email} {distinct:?} {wanted:?}");
        if cut % 2 != 0 {
            assert_eq!(distinct, wanted, "cut {cut}: {email}");
        }
    }
}

async fn readings_of_all_of_it() -> i64 {
    let bed = prepared(false).await;
    let before = bed.world.clock.readings();
    let server = Server::start(&bed.world.runner());
    all_of_it(&bed, &server).await.unwrap();
    server.stop().await;
    check(&bed, -1).await;
    bed.world.clock.readings() - before
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_is_settled_is_closed_without_its_target() {
    let bed = Bed::begun(json!({})).await;
    bed.far.away_after(0);
    bed.evaluate(NEXT).await;
    let (messages, opens) = (bed.status().await.messages, bed.far.opens.load(Ordering::SeqCst));
    // As it is after a cut between the last acknowledgement and the end of the set.
    let mut acks = Acks::open(&bed.newest_folder().join("set")).unwrap();
    acks.attempt(messages).unwrap();
    (0..messages).for_each(|number| acks.accept(number, 1).unwrap());
    acks.sync().unwrap();
    drop(acks);
    bed.world.advance(TimeDelta::minutes(11));
    bed.world.work().await;
    assert_eq!((bed.status().await.state.as_str(), bed.far.opens.load(Ordering::SeqCst)), ("idle", opens));
    let counts = bed.runs(RunKind::Window).await.remove(0).counts.unwrap();
    assert_eq!((counts.messages, counts.accepted), (5, 5));
}

#[test]
fn a_power_cut_between_any_two_steps_loses_nothing() {
    let runtime = || tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let readings = runtime().block_on(readings_of_all_of_it());
    let step = (readings / repeats(30)).max(1);
    for cut in (1..readings).step_by(usize::try_from(step).unwrap()) {
        let runtime = runtime();
        runtime.block_on(cut_and_resumed(cut));
        runtime.shutdown_background();
    }
}

async fn cut_and_resumed(cut: i64) {
    let mut bed = prepared(cut % 2 == 0).await;
    let doomed = Arc::new(TestClock::at(bed.world.clock.peek()));
    bed.world.clock = Arc::clone(&doomed);
    bed.world.store = bed.world.reopened().await;
    let server = Server::start(&bed.world.runner());
    doomed.cut_after(cut);
    match crate::crash::caught(all_of_it(&bed, &server)).await {
        Ok(()) => server.stop_or_be_cut().await,
        Err(()) => {
            until("the power is cut", async || doomed.is_cut()).await;
            server.ended().await;
        }
    }
    // The next start, when the lease of the dead has run out.
    bed.world.clock = Arc::new(TestClock::at(doomed.peek() + TimeDelta::days(31)));
    bed.world.store = bed.world.reopened().await;
    let server = Server::start(&bed.world.runner());
    // A message that was on its way, and whose end nobody saw, may still be written down by the dead.
    for _ in 0..3 {
        server.runner.reconcile().await.unwrap();
        settled(&bed.world, &server).await.unwrap();
    }
    if bed.runs(RunKind::Now).await.is_empty() {
        all_of_it(&bed, &server).await.unwrap();
    }
    server.stop().await;
    check(&bed, cut).await;
}
