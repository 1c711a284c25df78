//! What a dead attempt leaves is removed by the next, and nothing else is.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::content::{assert_holds, bytes, put, request, stage};
use super::{TestBed, TestJournal, context, finish, must, open};
use crate::session::NameRule::{MustBeNew, Replace};
use crate::session::{Chunk, Session};

/// Content long enough that no target may keep it in memory until it is published.
const LONG_BYTES: usize = 20 << 20;

/// Plays an attempt that dies with one part staged and one half sent. Answers its journal, and the sender of the half
/// part: while it lives, a thread of the "dead" attempt that waits for the rest does not wake up and tidy.
async fn die_at_work(
    bed: &dyn TestBed,
    attempt: u32,
    staged: &str,
    half_sent: &str,
) -> (Arc<TestJournal>, mpsc::Sender<Chunk>) {
    let journal = Arc::new(TestJournal::default());
    let session = open(bed, context(bed, attempt, journal.clone())).await;
    let part = must("staging", stage(&*session, staged, MustBeNew, &bytes(LONG_BYTES, 1)).await);
    // A process that is killed runs no destructor of the part either; dropping it must not clean up by itself.
    std::mem::forget(part);
    let (sender, chunks) = mpsc::channel(2);
    let request = request(half_sent, Replace, 2 * LONG_BYTES);
    let feed = async {
        for n in 0..LONG_BYTES as u64 >> 20 {
            if sender.send(Chunk::Data(bytes(1 << 20, n))).await.is_err() {
                panic!("the target stopped reading in the middle of {half_sent}");
            }
        }
    };
    let mut half = session.stage(request, chunks);
    tokio::select! {
        biased;
        _ = &mut half => panic!("{half_sent} was staged without its end"),
        () = feed => {}
    }
    std::mem::forget(half);
    drop(session);
    assert_eq!(journal.open_entries(), 2, "journal entries of two begun parts");
    (journal, sender)
}

async fn neighbours(session: &dyn Session) -> Vec<(&'static str, bytes::Bytes)> {
    // Names next to the swept ones, each looking a little like a temporary name.
    let names = ["swept/a.csv.part", "swept/a.csv.0000000.part", "swept/b.csv", "swept/a.csvx.12345678.parts"];
    let mut contents = Vec::new();
    for (n, name) in names.into_iter().enumerate() {
        let content = bytes(50 + n, n as u64);
        must("publishing a neighbour", put(session, name, Replace, &content).await);
        contents.push((name, content));
    }
    contents
}

pub(super) async fn a_sweep_removes_what_the_journal_names_and_nothing_else(bed: &dyn TestBed) {
    let (journal, _asleep) = die_at_work(bed, 10, "swept/a.csv", "swept/b.csv").await;
    let journal = journal.after_death();
    assert!(!bed.leftovers().await.is_empty(), "a dead attempt left nothing, so sweeping cannot be shown");
    let session = open(bed, context(bed, 11, journal.clone())).await;
    let around = neighbours(&*session).await;
    let own = must("staging", stage(&*session, "swept/own.csv", MustBeNew, &bytes(12 << 20, 4)).await);

    let report = must("sweeping", session.sweep(&[]).await);
    assert_eq!(report.removed, 2, "{report:?}");
    let receipt = must("publishing after a sweep", session.publish(own).await);
    assert_eq!(receipt.bytes, 12 << 20);
    for (name, content) in &around {
        assert_holds(&*session, name, content).await;
    }
    assert_eq!(must("sweeping again", session.sweep(&[]).await).removed, 0);
    // The rerun completes.
    must("the rerun", put(&*session, "swept/a.csv", MustBeNew, &bytes(LONG_BYTES, 1)).await);
    finish(bed, session, &journal).await;
}

pub(super) async fn a_sweep_finds_leftovers_by_name(bed: &dyn TestBed) {
    if !bed.finds_leftovers_by_name() {
        return;
    }
    let (_lost, _asleep) = die_at_work(bed, 20, "lost/a.csv", "lost/b.csv").await;
    let journal = Arc::new(TestJournal::default());
    let session = open(bed, context(bed, 21, journal.clone())).await;
    let visible = bytes(77, 7);
    must("publishing", put(&*session, "lost/c.csv", MustBeNew, &visible).await);

    // Names that are not asked for are left alone: they may be another flow's.
    must("sweeping other names", session.sweep(&["lost/x.csv".to_owned()]).await);
    assert!(!bed.leftovers().await.is_empty(), "a sweep removed what it was not asked to");
    let names = ["lost/a.csv", "lost/b.csv", "lost/c.csv", "nowhere/d.csv"].map(str::to_owned);
    let report = must("sweeping by name", session.sweep(&names).await);
    assert_eq!(report.removed, 2, "{report:?}");
    assert_holds(&*session, "lost/c.csv", &visible).await;
    finish(bed, session, &journal).await;
}
