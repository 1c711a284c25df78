//! Random far ends, crashes and stops: whatever happens, every message is accepted or has a letter.

use outflow_testkit::random::Random;

use super::*;

/// Whether the far end refuses this message, whenever it comes.
fn is_refused(number: u64) -> bool {
    number % 23 == 5
}

fn faults(random: &mut Random) -> Arc<Fault> {
    let classes = [FaultClass::Throttled, FaultClass::Unavailable, FaultClass::Verification, FaultClass::Interrupted];
    let fault = Fault::new(classes[random.below(4) as usize], "not now");
    let asked = (random.below(4) == 0).then(|| random.below(3_000) as u32 * MILLI);
    Arc::new(fault.retry_after(asked))
}

/// Says this and that, by requests and by messages.
fn says(random: &mut Random) -> impl FnMut(&Far, u64, u32) -> Says + Send + 'static {
    let mut random = Random::from_seed(random.bits());
    let (mut at, mut whole, mut takes) = (Duration::MAX, 0, Duration::ZERO);
    move |far, number, _| {
        if far.elapsed() != at {
            (at, whole) = (far.elapsed(), random.below(8));
            takes = (1 + random.below(600) as u32) * MILLI;
        }
        let mut says = match (whole, random.below(10)) {
            (0, _) => Says::of(Outcome::NotAccepted(faults(&mut random))),
            // Cut: nobody knows, and it may have come.
            (1, _) | (2, 0) => Says { stores: random.below(2) == 0, ..Says::of(Outcome::Unknown(faults(&mut random))) },
            _ if is_refused(number) => Says::of(Outcome::NotAccepted(fault(FaultClass::Refused))),
            (3..=5, 0..=4) => Says::of(Outcome::NotAccepted(faults(&mut random))),
            _ => Says::of(Outcome::Accepted),
        };
        says.takes = Some(takes);
        says
    }
}

fn check_kept(folder: &Path, far: &Far, clock: &Clock) {
    let acks = Acks::read(folder).unwrap();
    let log = far.log();
    let sent_max = log.sent.keys().max().map_or(0, |number| number + 1);
    assert!(acks.attempted() >= sent_max, "{} were sent, {} are kept", sent_max, acks.attempted());
    for number in acks.accepted() {
        assert!(log.stored.contains(&number), "message {number} is kept as accepted and was not");
    }
    let old = log.told.iter().filter(|(_, at)| *at + SECOND < clock.elapsed());
    for (number, at) in old {
        assert!(acks.accepted().contains(*number), "message {number} was accepted at {at:?} and is not kept");
    }
}

#[test]
fn whatever_happens_every_message_is_accepted_or_has_a_letter() {
    let mut random = Random::new("drains of random far ends");
    for _ in 0..30 {
        let dir = tempfile::tempdir().unwrap();
        let lengths: Vec<usize> = (0..200 + random.below(1_500))
            .map(|_| match random.below(40) {
                0 => 60_000 + random.below(60_000) as usize,
                _ => random.below(3_000) as usize,
            })
            .collect();
        let set = set(dir.path(), &lengths);
        let clock = Clock::default();
        let far = Far::new(&clock, limits(), says(&mut random));
        let settings = DrainSettings {
            memory_bytes_max: random.below(3 << 20),
            patience: 3_600 * SECOND,
            seed: random.bits(),
            ..settings()
        };
        let mut outcome = None;
        while outcome.is_none() {
            let watch = match random.below(4) {
                0 => Watch::stopping(&clock, random.below(20_000) as u32 * MILLI),
                _ => Watch::new(&clock),
            };
            let polls_max = (random.below(3) > 0).then(|| random.below(200));
            let ended = run(&clock, polls_max, drain(&far, &set, &settings, &watch));
            check_kept(dir.path(), &far, &clock);
            far.forget();
            outcome = match ended.map(Result::unwrap) {
                Some(outcome) if matches!(outcome.end, Drained::Empty) => Some(outcome),
                Some(outcome) => {
                    assert!(matches!(outcome.end, Drained::Stopped));
                    None
                }
                None => None,
            };
        }
        check_end(dir.path(), &far, &lengths, &outcome.unwrap());
    }
}

fn check_end(folder: &Path, far: &Far, lengths: &[usize], outcome: &DrainOutcome) {
    let log = far.log();
    let is_oversize = |number: u64| lengths[number as usize] + 32 + format!("k{number}").len() > 100_000;
    let all = 0..lengths.len() as u64;
    let refused: Vec<u64> = all.clone().filter(|number| is_refused(*number) || is_oversize(*number)).collect();
    for number in all {
        let is_stored = log.stored.contains(&number);
        assert!(is_stored || refused.contains(&number), "message {number} is lost");
        assert!(!is_oversize(number) || !log.sent.contains_key(&number));
    }
    let letters = letters_of(folder);
    assert_eq!(letters.iter().map(|letter| letter.number).collect::<Vec<_>>(), refused);
    assert!(letters.iter().all(|letter| (letter.reason == LetterReason::Oversize) == is_oversize(letter.number)));
    let acks = Acks::read(folder).unwrap();
    assert!(acks.refused().iter().eq(refused.iter().copied()));
    assert_eq!(outcome.accepted + outcome.refused, lengths.len() as u64);
    assert_eq!(outcome.refused, refused.len() as u64);
    let bytes = lengths.iter().enumerate().filter(|(number, _)| !refused.contains(&(*number as u64)));
    assert_eq!(acks.bytes(), bytes.map(|(_, length)| *length as u64).sum::<u64>());
}
