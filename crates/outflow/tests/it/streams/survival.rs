//! A server that is killed at any moment loses no message.

use std::time::Duration;

use outflow_testkit::random::Random;
use serde_json::json;

use super::bed::{Bed, Far};
use crate::large::rounds;
use crate::run::variables;

/// Nobody waits for the leases of the dead.
const LEASE: (&str, &str) = ("OUTFLOW_WORK_LEASE_SECS", "3600");

fn killed_while_it_sends(far: Far, slow: &serde_json::Value) {
    let mut bed = Bed::with(far, 1_500, &[], &variables(&[LEASE]));
    let mut random = Random::new("server killed while it sends");
    bed.arrived("the first evaluation");
    for round in 0..rounds(3) {
        let when = format!("{far:?}, round {round}");
        bed.people.change_all();
        bed.practice.set(slow);
        bed.evaluate();
        let moment = Duration::from_millis(random.below(2_500));
        println!("{when}: killed after {} ms", moment.as_millis());
        std::thread::sleep(moment);
        bed.server.kill();
        bed.server.up();
        // Whoever takes over may be killed, too.
        if round % 2 == 0 {
            std::thread::sleep(Duration::from_millis(random.below(1_500)));
            bed.server.kill();
            bed.server.up();
        }
        bed.practice.set(&json!({}));
        let judged = bed.arrived(&when);
        println!("{when}: {} messages, {} repeats", judged.messages, judged.repeats);
    }
}

#[test]
fn a_killed_server_goes_on_sending_to_kinesis() {
    killed_while_it_sends(Far::Kinesis, &json!({"kinesis": {"slowBytesPerSec": 100_000}}));
}

#[test]
fn a_killed_server_goes_on_sending_to_event_hubs() {
    killed_while_it_sends(Far::EventHubs, &json!({"eventHubs": {"slowBytesPerSec": 100_000}}));
}
