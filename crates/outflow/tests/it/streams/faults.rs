//! Targets that fail: nothing is lost, repeats have the same bytes, and order is kept.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::bed::{Bed, Far};
use crate::large::rounds;
use crate::run::variables;

/// Changes people under each of the faults; what arrives in the end is right.
fn whatever_fails_everything_arrives(far: Far, account: &[&str], faults: &[Value]) {
    let mut bed = Bed::of(far, 500, &[], &Vec::new(), account);
    bed.arrived("the first evaluation");
    for round in 0..rounds(3) {
        for fault in faults {
            let when = format!("{far:?}, round {round}, {fault}");
            println!("{when}");
            bed.practice.set(fault);
            bed.people.change_all();
            bed.evaluate();
            // The fault strikes for a while, or as often as it says, and ends.
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(1_500) && !bed.practice.have_struck() {
                std::thread::sleep(Duration::from_millis(20));
            }
            bed.practice.set(&json!({}));
            bed.arrived(&when);
        }
    }
}

#[test]
fn whatever_fails_at_kinesis_everything_arrives() {
    let every = |n: u32| json!({"every": n, "times": 100});
    whatever_fails_everything_arrives(
        Far::Kinesis,
        &[],
        &[
            json!({"kinesis": {"throttle": every(3)}}),
            json!({"kinesis": {"partialFailure": every(2)}}),
            json!({"kinesis": {"unavailable": true}}),
            json!({"kinesis": {"answerLost": {"times": 2}}}),
            json!({"kinesis": {"cutAtByte": {"bytes": 20_000, "times": 2}}}),
        ],
    );
}

#[test]
fn whatever_fails_at_event_hubs_everything_arrives() {
    whatever_fails_everything_arrives(
        Far::EventHubs,
        &[],
        &[
            json!({"eventHubs": {"serverBusy": {"times": 3}}}),
            json!({"eventHubs": {"release": {"times": 3}}}),
            json!({"eventHubs": {"detach": {"times": 2}}}),
            json!({"eventHubs": {"connectionDrop": {"times": 2}}}),
        ],
    );
}

/// An answer that never comes is waited for as long as the account says.
#[test]
fn what_event_hubs_store_and_never_settle_comes_again() {
    whatever_fails_everything_arrives(
        Far::EventHubs,
        &["answerSecs=2"],
        &[json!({"eventHubs": {"storedNotSettled": {"times": 1}}})],
    );
}

#[test]
fn whoever_watches_a_run_is_told_once_why_it_waits() {
    let bed = Bed::with(Far::Kinesis, 100, &[], &variables(&[("OUTFLOW_STREAMS_PATIENCE_SECS", "1")]));
    bed.arrived("the first evaluation");
    bed.practice.set(&json!({"kinesis": {"unavailable": true}}));
    let watched = std::thread::scope(|scope| {
        let watching = scope.spawn(|| bed.server.run(&["flows", "run", &bed.flow, "--watch"]));
        bed.until("blocked");
        // It is looked at every two seconds.
        std::thread::sleep(std::time::Duration::from_secs(3));
        bed.practice.set(&json!({}));
        watching.join().unwrap()
    });
    watched.expect_status(0);
    let why = watched.stderr.lines().filter(|line| line.starts_with("the flow is blocked: ")).count();
    // That it goes on is told where there is a look between that and the run's end.
    assert!((1..=3).contains(&why) && watched.stderr.contains("tried again at"), "{}", watched.stderr);
    bed.arrived("everybody once more");
}

#[test]
fn a_mistyped_attribute_is_refused_with_what_is_near() {
    let bed = Bed::new(Far::Kinesis, 50, &[]);
    bed.arrived("the first evaluation");
    let refused = bed.server.run(&["flows", "activate", &bed.flow, "--map", "loyalty.pionts"]);
    refused.expect_status(2);
    assert!(refused.stderr.contains("pionts") && refused.stderr.contains("loyalty.points"), "{}", refused.stderr);
    bed.until("idle");
}

#[test]
fn a_stream_that_is_not_let_in_says_so_and_goes_on_once_it_is() {
    let mut bed = Bed::new(Far::Kinesis, 300, &[]);
    bed.arrived("the first evaluation");
    bed.practice.set(&json!({"kinesis": {"denyActions": ["kinesis:PutRecords"]}}));
    bed.people.change_all();
    bed.evaluate();
    let status = bed.until("blocked");
    assert_eq!(status["fault"]["class"], "refused", "{status}");
    assert!(status["fault"]["message"].as_str().unwrap().contains("kinesis:PutRecords"), "{status}");
    bed.practice.set(&json!({}));
    // Whoever mended it says so by enabling the flow anew.
    bed.server.ask(&["flows", "disable", &bed.flow]);
    bed.server.ask(&["flows", "enable", &bed.flow]);
    bed.arrived("let in again");
}

#[test]
fn a_stream_that_is_throttled_from_its_first_request_says_so() {
    let mut bed = Bed::new(Far::Kinesis, 300, &[]);
    bed.arrived("the first evaluation");
    bed.practice.set(&json!({"kinesis": {"throttleRequests": {"times": 1_000_000}}}));
    bed.people.change_all();
    bed.evaluate();
    let status = bed.until("throttled");
    assert_eq!(status["fault"]["class"], "throttled", "{status}");
    assert!(status["nextTryAt"].is_string(), "{status}");
    bed.practice.set(&json!({}));
    bed.server.ask(&["flows", "disable", &bed.flow]);
    bed.server.ask(&["flows", "enable", &bed.flow]);
    bed.arrived("not throttled any more");
}
