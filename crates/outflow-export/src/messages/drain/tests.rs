//! Drains against a far end in memory, in a time of the test's own.

mod far;
mod random;
mod time;

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use outflow_connector_kit::{Outcome, StreamLimits};
use outflow_model::{Fault, FaultClass};

use super::*;
use crate::messages::acks::Acks;
use crate::messages::letters::{Letter, LetterReason, visit_letters};
use crate::messages::outbox::{SetCounts, SetWriter};
use far::{Far, Says, Watch};
use time::{Clock, run};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// A set of messages with bodies of these lengths. The key of message 7 is `k7`.
fn set(folder: &Path, lengths: &[usize]) -> OpenSet {
    let mut writer = SetWriter::create(folder, 0);
    for (number, length) in lengths.iter().enumerate() {
        let body: Vec<u8> = (0..*length).map(|place| b'a' + ((place * place + number) % 26) as u8).collect();
        let event_id = crate::messages::event_id("f", &format!("k{number}"), 1);
        writer.add(number as i64, &format!("k{number}"), &event_id, &body).unwrap();
    }
    let set = OpenSet {
        folder: folder.to_path_buf(),
        sequence: 1,
        run_id: "r".into(),
        messages: lengths.len() as u64,
        parts: writer.finish().unwrap().into_iter().collect(),
        counts: SetCounts::default(),
    };
    set.save().unwrap();
    set
}

/// The letters of a set, by their numbers.
fn letters_of(folder: &Path) -> Vec<Letter> {
    let mut letters = Vec::new();
    visit_letters(folder, |letter| {
        letters.push(letter);
        Ok(())
    })
    .unwrap();
    letters.sort_by_key(|letter| letter.number);
    letters
}

fn limits() -> StreamLimits {
    StreamLimits { message_bytes_max: 100_000, request_bytes_max: 400_000, request_messages_max: 50, requests_max: 4 }
}

fn settings() -> DrainSettings {
    DrainSettings {
        memory_bytes_max: 4 << 20,
        delay_initial: 100 * MILLI,
        delay_max: 5 * SECOND,
        patience: 60 * SECOND,
        seed: 1,
    }
}

fn fault(class: FaultClass) -> Arc<Fault> {
    Arc::new(Fault::new(class, "the target says no").because("a source"))
}

/// A drain until it ends, at a far end that says `says`.
fn drained(set: &OpenSet, says: impl FnMut(&Far, u64, u32) -> Says + Send + 'static) -> (Far, Watch, DrainOutcome) {
    let clock = Clock::default();
    let far = Far::new(&clock, limits(), says);
    let watch = Watch::new(&clock);
    let outcome = run(&clock, None, drain(&far, set, &settings(), &watch)).unwrap().unwrap();
    (far, watch, outcome)
}

#[test]
fn all_that_is_taken_is_sent_once_in_full_requests() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[1_000; 3_000]);
    let (far, watch, outcome) = drained(&set, |_, _, _| Says::of(Outcome::Accepted));
    assert!(matches!(outcome.end, Drained::Empty));
    assert_eq!((outcome.accepted, outcome.refused), (3_000, 0));
    assert_eq!(Acks::read(dir.path()).unwrap().bytes(), 3_000_000);
    let log = far.log();
    assert_eq!(log.requests.len(), 60);
    assert_eq!(log.at_once_max, 4);
    assert!(log.requests.iter().flat_map(|(_, numbers)| numbers).copied().eq(0..3_000));
    assert_eq!(watch.last().accepted, 3_000);
    assert!(watch.held_max() <= settings().memory_bytes_max);
    assert_eq!(watch.last().held_bytes, 0);
    // Nothing is left for another drain.
    let (far, _, outcome) = drained(&set, |_, _, _| Says::of(Outcome::Accepted));
    assert!(matches!(outcome.end, Drained::Empty));
    assert_eq!((outcome.accepted, far.log().requests.len()), (3_000, 0));
}

#[test]
fn what_is_refused_for_good_gets_a_letter_and_is_not_sent_again() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[10, 100_000, 10, 10, 99_999, 20]);
    let (far, _, outcome) = drained(&set, |_, number, _| match number {
        2 => Says::of(Outcome::NotAccepted(fault(FaultClass::Refused))),
        3 => Says::of(Outcome::NotAccepted(fault(FaultClass::Input))),
        _ => Says::of(Outcome::Accepted),
    });
    assert_eq!((outcome.accepted, outcome.refused), (2, 4));
    assert_eq!(far.log().sent.len(), 4);
    let letters = letters_of(dir.path());
    assert_eq!(letters.iter().map(|letter| letter.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!((letters[0].reason, letters[0].bytes), (LetterReason::Oversize, 100_000));
    assert_eq!(letters[0].message, "the message takes 100034 bytes of the 100000 that the target takes");
    assert_eq!((letters[1].reason, letters[1].class), (LetterReason::Refused, FaultClass::Refused));
    assert_eq!((letters[1].profile_id.as_str(), letters[1].message.as_str()), ("k2", "the target says no"));
    let acks = Acks::read(dir.path()).unwrap();
    assert!(acks.refused().iter().eq(1..5));
}

#[test]
fn a_fault_that_somebody_must_mend_ends_it_at_once_and_what_was_taken_is_kept() {
    for class in [FaultClass::Config, FaultClass::Credentials, FaultClass::Internal, FaultClass::Refused] {
        let dir = tempfile::tempdir().unwrap();
        let set = set(dir.path(), &[1_000; 1_000]);
        let (far, _, outcome) = drained(&set, move |_, number, _| match number {
            120 => Says::of(Outcome::of_target(fault(class))),
            _ => Says::of(Outcome::Accepted),
        });
        let Drained::Blocked(why) = outcome.end else { panic!("{:?}", outcome.end) };
        assert_eq!((why.class, why.message.as_str()), (class, "the target says no"));
        assert_eq!(std::error::Error::source(&why).unwrap().to_string(), "a source");
        let log = far.log();
        assert!(log.requests.len() <= 8, "{}", log.requests.len());
        // Requests that were on their way had the time to end.
        assert_eq!(outcome.accepted, log.told.len() as u64);
        assert_eq!(Acks::read(dir.path()).unwrap().accepted().len(), outcome.accepted);
    }
}

#[test]
fn a_session_that_tells_other_outcomes_than_messages_is_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[10; 10]);
    let (_, _, outcome) = drained(&set, |_, number, _| match number {
        9 => Says { omit: true, ..Says::of(Outcome::Accepted) },
        _ => Says::of(Outcome::Accepted),
    });
    assert!(matches!(outcome.end, Drained::Blocked(fault) if fault.class == FaultClass::Internal));
    assert_eq!(outcome.accepted, 0);
}

#[test]
fn an_outage_is_borne_for_its_time_with_few_requests_and_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[10_000; 2_000]);
    for outcome in [Outcome::NotAccepted, Outcome::Unknown] {
        let (far, watch, outcome) = drained(&set, move |_, _, _| Says::of(outcome(fault(FaultClass::Unavailable))));
        assert!(matches!(outcome.end, Drained::Blocked(fault) if fault.class == FaultClass::Unavailable));
        assert_eq!(outcome.accepted, 0);
        let elapsed = watch.elapsed();
        assert!((60 * SECOND..63 * SECOND).contains(&elapsed), "{elapsed:?}");
        assert!(far.log().requests.len() < 60, "{}", far.log().requests.len());
        assert!(watch.held_max() <= settings().memory_bytes_max, "{}", watch.held_max());
        assert_eq!(watch.last().last_fault.unwrap().class, FaultClass::Unavailable);
    }
}

#[test]
fn after_an_outage_all_are_sent() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[1_000; 2_000]);
    let (far, watch, outcome) = drained(&set, |far, _, _| match far.elapsed() < 30 * SECOND {
        true => Says::of(Outcome::NotAccepted(fault(FaultClass::Unavailable))),
        false => Says::of(Outcome::Accepted),
    });
    assert!(matches!(outcome.end, Drained::Empty));
    assert_eq!(far.log().told.len(), 2_000);
    assert!(watch.elapsed() < 45 * SECOND, "{:?}", watch.elapsed());
    assert!(watch.last().last_fault.is_none());
}

#[test]
fn throttled_messages_wait_as_asked_while_others_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[1_000; 5_000]);
    let (far, watch, outcome) = drained(&set, |far, number, _| {
        let is_hot = number % 50 == 7 && far.elapsed() < 20 * SECOND;
        let slower = Fault::new(FaultClass::Throttled, "slower").retry_after(Some(7 * SECOND));
        Says::of(if is_hot { Outcome::NotAccepted(Arc::new(slower)) } else { Outcome::Accepted })
    });
    assert!(matches!(outcome.end, Drained::Empty));
    let log = far.log();
    let mut tries: Vec<Duration> = Vec::new();
    let mut others_end = Duration::ZERO;
    for (at, numbers) in &log.requests {
        if numbers.contains(&7) {
            tries.push(*at);
        }
        if numbers.iter().any(|number| number % 50 != 7) {
            others_end = *at;
        }
    }
    // When nothing else is left to send, the target as a whole gets the wait that it asked for.
    assert!((3..=4).contains(&tries.len()), "{tries:?}");
    assert!(tries.windows(2).all(|pair| (7 * SECOND..16 * SECOND).contains(&(pair[1] - pair[0]))), "{tries:?}");
    assert!(others_end < 10 * SECOND, "{others_end:?}");
    assert!(watch.was_throttled() && watch.last().throttled_since.is_none());
}

#[test]
fn memory_is_bounded_when_one_of_each_block_waits() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[60_000; 600]);
    let (far, watch, outcome) = drained(&set, |far, number, _| {
        let waits = number % 3 == 0 && far.elapsed() < 40 * SECOND;
        Says::of(if waits { Outcome::NotAccepted(fault(FaultClass::Throttled)) } else { Outcome::Accepted })
    });
    assert!(matches!(outcome.end, Drained::Empty));
    assert_eq!(far.log().told.len(), 600);
    assert!(watch.held_max() <= settings().memory_bytes_max + (1 << 20), "{}", watch.held_max());
}

#[test]
fn a_stop_gives_requests_five_seconds() {
    for (takes, accepted) in [(4 * SECOND, 200), (9 * SECOND, 0)] {
        let dir = tempfile::tempdir().unwrap();
        let set = set(dir.path(), &[1_000; 1_000]);
        let clock = Clock::default();
        let far = Far::new(&clock, limits(), move |_, _, _| Says { takes: Some(takes), ..Says::of(Outcome::Accepted) });
        let watch = Watch::stopping(&clock, SECOND);
        let outcome = run(&clock, None, drain(&far, &set, &settings(), &watch)).unwrap().unwrap();
        assert!(matches!(outcome.end, Drained::Stopped));
        assert_eq!(outcome.accepted, accepted);
        assert!(clock.elapsed() <= 7 * SECOND, "{:?}", clock.elapsed());
        assert_eq!(Acks::read(dir.path()).unwrap().accepted().len(), accepted);
        assert_eq!(far.log().requests.len(), 4);
    }
}

#[test]
fn a_damaged_set_is_told_and_what_was_taken_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[50_000; 100]);
    let path = dir.path().join("0000.set");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    let clock = Clock::default();
    let far = Far::new(&clock, limits(), |_, _, _| Says::of(Outcome::Accepted));
    let watch = Watch::new(&clock);
    let damage = run(&clock, None, drain(&far, &set, &settings(), &watch)).unwrap().unwrap_err();
    assert_eq!(damage.class, FaultClass::Input);
    assert!(damage.message.contains("0000.set"));
    let acks = Acks::read(dir.path()).unwrap();
    let told: HashSet<u64> = far.log().told.iter().map(|(number, _)| *number).collect();
    assert_eq!(acks.accepted().iter().collect::<HashSet<_>>(), told);
}

#[test]
fn one_sends_a_set_at_a_time_and_a_drain_can_be_sent_between_threads() {
    let dir = tempfile::tempdir().unwrap();
    let set = set(dir.path(), &[10]);
    let clock = Clock::default();
    let far = Far::new(&clock, limits(), |_, _, _| Says::of(Outcome::Accepted));
    let watch = Watch::new(&clock);
    let _open = Acks::open(dir.path()).unwrap();
    let settings = settings();
    fn sendable<T: Send>(work: T) -> T {
        work
    }
    let busy = run(&clock, None, sendable(drain(&far, &set, &settings, &watch))).unwrap().unwrap_err();
    assert_eq!(busy.class, FaultClass::Unavailable);
}
