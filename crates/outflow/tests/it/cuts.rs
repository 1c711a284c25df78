//! Connections that break at any byte: the run recovers or fails as unavailable, and nothing half-done is visible.

use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::random::Random;
use outflow_testkit::servers::{moto, sshd};

use crate::large::{assert_only_whole_files, assert_rerun_completes, reference, rounds, run};
use crate::place::{Kind, Place};

/// What goes through one connection at least: the connections of a pool share the run's bytes.
fn cut_at_random_bytes(kind: Kind, server: &str, bytes_max: f64) {
    let mut random = Random::new("cut");
    reference();
    let proxy = FaultProxy::open(server);
    let (mut failed, rounds) = (0, rounds(5));
    let mut cuts = [0, 0];
    for round in 0..rounds {
        proxy.heal();
        let place = Place::through(kind, Some(proxy.port()));
        let bytes = Some((random.share() * bytes_max) as u64);
        // Once in four towards us; every second time all connections, otherwise a few.
        let times = (round % 2 == 1).then_some(1 + (random.share() * 8.0) as u32);
        let faults = match round % 4 {
            2 => Faults { reset_after_down: bytes.map(|b| b / 20_000), times, ..Faults::default() },
            _ => Faults { reset_after_up: bytes, times, ..Faults::default() },
        };
        let when = format!("{kind:?}, round {round}, {faults:?}");
        let resets_before = proxy.set(&faults).resets;
        let ran = run(&place);
        let resets = proxy.state().resets - resets_before;
        cuts[usize::from(faults.reset_after_down.is_some())] += resets;
        println!("{when}: exit {:?}, {resets} resets", ran.status);
        if ran.status != Some(0) {
            failed += 1;
            let summary = ran.expect(6);
            assert_eq!(summary["error"]["class"], "unavailable", "{when}");
            assert!(!summary["error"]["tried"].as_str().unwrap().is_empty(), "{when}: {summary}");
        }
        proxy.heal();
        assert_only_whole_files(&place, &when);
        assert_rerun_completes(&place, &when);
    }
    println!("{failed} of {rounds} runs failed; {cuts:?} connections cut on the way there and back");
    assert!(rounds < 5 || cuts.iter().all(|&n| n > 0), "nothing was cut: {cuts:?}");
}

#[test]
fn s3_connections_may_break_anywhere() {
    cut_at_random_bytes(Kind::Moto, &moto().endpoint, 9_000_000.0);
}

#[test]
fn sftp_connections_may_break_anywhere() {
    cut_at_random_bytes(Kind::Sshd, &format!("127.0.0.1:{}", sshd().port), 30_000_000.0);
}
