//! Publishing is one step, idempotent, and never overwrites a name that must be new.

use super::content::{assert_holds, bytes, put, stage};
use super::staging::NAME_TAKEN;
use super::{TestBed, finish, must, must_fail, session};
use crate::session::NameRule::{MustBeNew, Replace};

pub(super) async fn equal_bytes_are_adopted(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    // Small and large take different ways to some targets.
    for length in [0, 5_000, 12 << 20] {
        let name = format!("adopt/{length}.csv");
        let content = bytes(length, 11);
        let first = must("publishing", put(&*session, &name, MustBeNew, &content).await);
        let again = must("publishing again", put(&*session, &name, MustBeNew, &content).await);
        assert_eq!((first.adopted, again.adopted), (false, true), "{length} bytes");
        assert_eq!((again.bytes, &again.url), (first.bytes, &first.url));
        assert_holds(&*session, &name, &content).await;
    }
    finish(bed, session, &journal).await;
}

pub(super) async fn a_taken_name_is_refused(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for (length, other_length) in [(0, 1), (5_000, 5_000), (12 << 20, 12 << 20)] {
        let name = format!("taken/{length}.csv");
        let content = bytes(length, 21);
        must("publishing", put(&*session, &name, MustBeNew, &content).await);
        let fault =
            must_fail("publishing other bytes", put(&*session, &name, MustBeNew, &bytes(other_length, 22)).await);
        assert_eq!(fault.class, NAME_TAKEN, "{fault}");
        assert!(!fault.hint.is_empty(), "a taken name needs a hint");
        assert_holds(&*session, &name, &content).await;
        assert_eq!(bed.leftovers().await, Vec::<String>::new(), "after a refused name");
    }
    finish(bed, session, &journal).await;
}

pub(super) async fn of_two_writers_one_wins(bed: &dyn TestBed) {
    let (first, first_journal) = session(bed).await;
    let second_journal = std::sync::Arc::new(super::TestJournal::default());
    let second = super::open(bed, super::context(bed, 1, second_journal.clone())).await;
    for length in [9_000, 12 << 20] {
        let name = format!("race/{length}.csv");
        let contents = [bytes(length, 1), bytes(length, 2)];
        let staged_first = must("staging", stage(&*first, &name, MustBeNew, &contents[0]).await);
        let staged_second = must("staging", stage(&*second, &name, MustBeNew, &contents[1]).await);
        let answers = tokio::join!(first.publish(staged_first), second.publish(staged_second));
        let winner = match answers {
            (Ok(_), Err(fault)) if fault.class == NAME_TAKEN => 0,
            (Err(fault), Ok(_)) if fault.class == NAME_TAKEN => 1,
            other => panic!("two writers of {length} bytes got {other:?}"),
        };
        assert_holds(&*first, &name, &contents[winner]).await;
    }
    finish(bed, second, &second_journal).await;
    finish(bed, first, &first_journal).await;
}

pub(super) async fn a_static_name_is_replaced(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for (length, seed) in [(5_000, 1), (12 << 20, 2), (5_000, 3), (5_000, 3), (0, 4)] {
        let content = bytes(length, seed);
        let receipt = must("replacing", put(&*session, "static/latest.csv", Replace, &content).await);
        assert_eq!(receipt.bytes, length as u64);
        assert_holds(&*session, "static/latest.csv", &content).await;
    }
    finish(bed, session, &journal).await;
}
