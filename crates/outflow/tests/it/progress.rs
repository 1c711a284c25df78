//! What is shown on stderr while a run goes on.

use std::io::{BufRead as _, BufReader};

use outflow_testkit::faults::{FaultProxy, Faults};
use outflow_testkit::servers::sshd;

use crate::large::begin_with;
use crate::place::{Kind, Place};
use crate::samples::lake;

#[test]
fn a_deduplicated_run_tells_how_many_of_the_survivors_are_written_and_the_time_left() {
    let proxy = FaultProxy::open(&format!("127.0.0.1:{}", sshd().port));
    // Thirty megabytes in twenty seconds, of which lines tell every five.
    proxy.set(&Faults { up_bps: Some(1_500_000), ..Faults::default() });
    let place = Place::through(Kind::Sshd, Some(proxy.port()));
    let mut child = begin_with(&place, &lake(150_000, 5, 3), &["--dedup", "profileId"]);
    let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.into_iter().find(|line| line.starts_with("Writing: ")).unwrap();
    // Nobody is a duplicate here: all 150,000 stay.
    let (done, rest) = line.strip_prefix("Writing: ").unwrap().split_once(" of 150,000 profiles, ").unwrap();
    let done: u64 = done.replace(',', "").parse().unwrap();
    assert!((1..150_000).contains(&done), "{line}");
    assert!(rest.contains(" rows, ") && rest.ends_with(" s left"), "{line}");
    child.kill().unwrap();
    child.wait().unwrap();
}
