//! Staged parts are whole, invisible, and leave no trace when they are given up.

use outflow_model::FaultClass;

use super::content::{Ending, assert_holds, body, bytes, put, request, stage};
use super::{TestBed, finish, must, must_fail, session};
use crate::session::NameRule;

pub(super) async fn every_size_comes_back_as_it_was_sent(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    let pieces = [(0, 1), (1, 1), (65_537, 65_536), (1_000_003, 100_003), (20 << 20, 4 << 20)];
    for (length, piece_bytes) in pieces {
        let name = format!("sizes/{length}.csv");
        let content = bytes(length, length as u64);
        let sent = body(&content, piece_bytes, Ending::Whole);
        let part = must(
            &format!("staging {length} bytes"),
            session.stage(request(&name, NameRule::MustBeNew, length), sent).await,
        );
        assert_eq!(part.bytes, length as u64);
        assert_eq!(must("stat", session.stat(&name).await), None, "{name} is visible before it is published");
        let listed = must("listing", session.list("sizes").await);
        assert!(!listed.iter().any(|(n, _)| n.starts_with(&name)), "{name} is listed before it is published");

        let receipt = must(&format!("publishing {length} bytes"), session.publish(part).await);
        assert_eq!((receipt.name.as_str(), receipt.bytes, receipt.adopted), (name.as_str(), length as u64, false));
        assert_eq!(receipt.url, session.url(&name));
        let stat = must("stat", session.stat(&name).await);
        assert_eq!(stat.map(|s| s.bytes), Some(length as u64), "length of {name} at the target");
        assert_holds(&*session, &name, &content).await;
    }
    finish(bed, session, &journal).await;
}

pub(super) async fn a_cut_body_leaves_nothing(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for (ending, what) in [(Ending::Cut, "cut"), (Ending::TooShort, "short")] {
        for length in [0, 100_000, 12 << 20] {
            let name = format!("cut/{what}-{length}.csv");
            let sent = body(&bytes(length, 7), 1 << 20, ending);
            let staged = session.stage(request(&name, NameRule::MustBeNew, length), sent).await;
            must_fail(&format!("staging a {what} body of {length} bytes"), staged);
            assert_eq!(must("stat", session.stat(&name).await), None, "{name} is visible");
            assert_eq!(bed.leftovers().await, Vec::<String>::new(), "after a {what} body of {length} bytes");
        }
    }
    finish(bed, session, &journal).await;
}

pub(super) async fn discarding_leaves_nothing(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for length in [10, 12 << 20] {
        let part = must("staging", stage(&*session, "given-up.csv", NameRule::MustBeNew, &bytes(length, 3)).await);
        must("discarding", session.discard(part).await);
        assert_eq!(must("stat", session.stat("given-up.csv").await), None);
        assert_eq!(bed.leftovers().await, Vec::<String>::new(), "after discarding {length} bytes");
    }
    // A static name keeps what it held.
    let old = bytes(100, 1);
    must("publishing", put(&*session, "kept.csv", NameRule::Replace, &old).await);
    let part = must("staging", stage(&*session, "kept.csv", NameRule::Replace, &bytes(200, 2)).await);
    must("discarding", session.discard(part).await);
    assert_holds(&*session, "kept.csv", &old).await;
    finish(bed, session, &journal).await;
}

pub(super) async fn parts_can_be_staged_at_once(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    let contents: Vec<_> = (0..8_u64).map(|n| bytes(700_000 + n as usize, n)).collect();
    let one = async |n: usize| {
        let name = format!("at-once/{n}.csv");
        let receipt = must("publishing", put(&*session, &name, NameRule::MustBeNew, &contents[n]).await);
        assert_eq!(receipt.bytes, contents[n].len() as u64);
    };
    tokio::join!(one(0), one(1), one(2), one(3), one(4), one(5), one(6), one(7));
    for (n, content) in contents.iter().enumerate() {
        assert_holds(&*session, &format!("at-once/{n}.csv"), content).await;
    }
    finish(bed, session, &journal).await;
}

/// The class of a fault that says another object has the name.
pub(super) const NAME_TAKEN: FaultClass = FaultClass::Refused;
