//! A process that dies at any moment shows nothing half-done, and the next one completes its work.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use outflow_testkit::random::Random;

use crate::large::{assert_only_whole_files, assert_rerun_completes, begin, is_temporary, reference, rounds, run};
use crate::place::{Kind, Place};
use crate::samples::{names_in, text};

/// Kills the run at random moments, each time at a place of its own, and has it done again.
fn kill_at_random_moments(kind: Kind) {
    let mut random = Random::new("killed");
    reference();
    let started = Instant::now();
    run(&Place::new(kind)).expect(0);
    let mut whole_run = started.elapsed();
    let mut died = 0;
    let rounds = rounds(5);
    // A machine that is busy now and idle then lets runs end before their moment: those rounds are had again.
    for round in 0..4 * rounds {
        if round >= rounds && died * 2 > rounds {
            break;
        }
        let place = Place::new(kind);
        // Two deaths in a row now and then: a sweep, too, may be killed.
        for death in 0..=round % 2 {
            let moment = whole_run.mul_f64(random.share() * 1.05);
            let when = format!("{kind:?}, round {round}, death {death}, after {} ms", moment.as_millis());
            let mut child = begin(&place);
            // Files become visible in a moment that chance rarely finds.
            if round % 3 == 2 && place.is_local() {
                wait_for_the_first_visible_file(&place, &mut child);
            } else {
                std::thread::sleep(moment);
            }
            child.kill().unwrap();
            let output = child.wait_with_output().unwrap();
            match output.status.code() {
                None => died += 1,
                Some(_) => whole_run = whole_run.min(moment),
            }
            let visible = assert_only_whole_files(&place, &when);
            println!("{when}: {}, {visible} parts visible", output.status);
        }
        assert_rerun_completes(&place, &format!("{kind:?}, round {round}"));
    }
    assert!(died * 2 > rounds, "only {died} of {rounds} runs were killed before their end");
}

fn wait_for_the_first_visible_file(place: &Place, child: &mut Child) {
    while child.try_wait().unwrap().is_none() && !place.names().iter().any(|name| !is_temporary(name)) {
        std::thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn a_killed_delivery_to_a_folder_is_taken_over() {
    kill_at_random_moments(Kind::Folder);
}

#[test]
fn a_killed_delivery_to_s3_is_taken_over() {
    kill_at_random_moments(Kind::Moto);
}

#[test]
fn a_killed_delivery_to_sftp_is_taken_over() {
    kill_at_random_moments(Kind::Sshd);
}

/// Whether an attempt has written into its journal that it has begun a file.
fn has_begun(place: &Place) -> bool {
    let journals = place.state().join("journal");
    let begun = |name: &String| std::fs::read_to_string(journals.join(name)).is_ok_and(|text| text.contains("begin"));
    journals.is_dir() && names_in(&journals).iter().any(begun)
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "kill {name}");
}

/// The second run of a plan while the first one is at work: it is refused and disturbs nothing.
fn two_runs_at_once(kind: Kind) {
    reference();
    let place = Place::new(kind);
    let mut first = begin(&place);
    while !has_begun(&place) {
        assert!(first.try_wait().unwrap().is_none(), "{kind:?}: the first run ended without a journal");
        std::thread::sleep(Duration::from_millis(1));
    }
    // However slow this machine is, the first run is in the middle of its work while the second one looks.
    signal(&first, "-STOP");
    let second = run(&place);
    signal(&first, "-CONT");
    let first = first.wait_with_output().unwrap();
    assert!(first.status.success(), "{kind:?}: {}", String::from_utf8_lossy(&first.stderr));
    let error = &second.expect(5)["error"];
    assert_eq!(error["class"], "refused", "{kind:?}: {error}");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("another run is delivering large_") && message.contains(&place.url),
        "{kind:?}: {message}"
    );
    assert!(message.contains("attempt") && message.contains(text(&place.state())), "{kind:?}: {message}");
    assert_eq!(assert_only_whole_files(&place, "two runs at once"), reference().len());
    assert_rerun_completes(&place, "two runs at once");
}

#[test]
fn a_run_under_way_is_left_alone_by_another() {
    for kind in [Kind::Folder, Kind::Moto, Kind::Sshd] {
        two_runs_at_once(kind);
    }
}
