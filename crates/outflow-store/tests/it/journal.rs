//! The journal of attempts: what the dead left is found, what the living began is known, and nobody begins after its
//! end.

use std::sync::Arc;

use outflow_connector_kit::{Journal, JournalEntry};
use outflow_model::FaultClass;

use crate::bed::{Bed, LEASE, on_both};

on_both!(
    an_attempt_lives_as_long_as_its_lease,
    an_entry_is_struck_out_by_its_owner_and_by_who_sweeps,
    an_attempt_without_a_lease_begins_nothing,
    async_tasks_and_threads_use_it_at_once,
    old_entries_of_dead_attempts_are_forgotten,
);

fn entry(path: &str, handle: &str) -> JournalEntry {
    JournalEntry { target: "s3://exports".to_owned(), sink_path: path.to_owned(), handle: handle.to_owned() }
}

async fn an_attempt_lives_as_long_as_its_lease(bed: Bed) {
    let (one, two) = (bed.job("export", "r1").await, bed.job("export", "r2").await);
    let first = bed.store.journal(&one.lease(), "aaaa0001");
    let second = bed.another().await.journal(&two.lease(), "aaaa0002");
    first.begin(&entry("a.csv", "")).unwrap();
    first.begin(&entry("a.csv", "upload-1")).unwrap();
    first.begin(&JournalEntry { target: "s3://other".to_owned(), ..entry("a.csv", "x") }).unwrap();
    let living = second.living("s3://exports").unwrap();
    assert_eq!(living.iter().map(|l| &l.entry).collect::<Vec<_>>(), [&entry("a.csv", ""), &entry("a.csv", "upload-1")]);
    assert_eq!(living[0].attempt, "aaaa0001");
    assert!(!living[0].state_folder.contains("outflow:"), "{} shows no password", living[0].state_folder);
    assert_eq!(first.living("s3://exports").unwrap(), [], "its own are left out");
    assert_eq!(second.orphans("s3://exports").unwrap(), []);
    bed.wait(30);
    bed.store.renew(&two.lease(), LEASE).await.unwrap();
    bed.wait(30);
    assert_eq!(second.living("s3://exports").unwrap(), []);
    assert_eq!(second.orphans("s3://exports").unwrap(), [entry("a.csv", ""), entry("a.csv", "upload-1")]);
    let again = bed.store.claim("w2", LEASE, &["export"]).await.unwrap().unwrap();
    assert_eq!(again.id, one.id);
    let successor = bed.store.journal(&again.lease(), "aaaa0003");
    assert_eq!(successor.orphans("s3://exports").unwrap().len(), 2, "the same job under a new fence");
    successor.begin(&entry("a.csv", "upload-2")).unwrap();
    assert_eq!(second.living("s3://exports").unwrap().len(), 1);
    bed.store.hand_back(&again.lease()).await.unwrap();
    assert_eq!(second.orphans("s3://exports").unwrap().len(), 3, "an attempt that gave its job back is over");
}

async fn an_entry_is_struck_out_by_its_owner_and_by_who_sweeps(bed: Bed) {
    let (one, two) = (bed.job("export", "r1").await, bed.job("export", "r2").await);
    let first = bed.store.journal(&one.lease(), "a1");
    let second = bed.store.journal(&two.lease(), "a2");
    for journal in [&first, &second] {
        journal.begin(&entry("a.csv", "same")).unwrap();
    }
    first.end(&entry("a.csv", "same")).unwrap();
    assert_eq!(first.living("s3://exports").unwrap().len(), 1, "the other's, equal to it, stays");
    first.end(&entry("a.csv", "same")).unwrap();
    assert_eq!(first.living("s3://exports").unwrap().len(), 1, "a living attempt's entry is its own to strike out");
    bed.wait(50);
    bed.store.renew(&one.lease(), LEASE).await.unwrap();
    bed.wait(20);
    assert_eq!(first.orphans("s3://exports").unwrap().len(), 1);
    first.end(&entry("a.csv", "same")).unwrap();
    assert_eq!(first.orphans("s3://exports").unwrap(), []);
}

async fn an_attempt_without_a_lease_begins_nothing(bed: Bed) {
    let one = bed.job("export", "r1").await;
    let journal = bed.store.journal(&one.lease(), "a1");
    bed.wait(60);
    let fault = journal.begin(&entry("a.csv", "")).unwrap_err();
    assert_eq!(fault.class, FaultClass::Interrupted);
    assert_eq!(journal.orphans("s3://exports").unwrap(), []);
}

async fn async_tasks_and_threads_use_it_at_once(bed: Bed) {
    let one = bed.job("export", "r1").await;
    let journal: Arc<dyn Journal> = bed.store.journal(&one.lease(), "a1");
    let mut tasks = Vec::new();
    for n in 0..20 {
        let (journal, store) = (journal.clone(), bed.store.clone());
        let work = move || {
            let entry = entry(&format!("{n}.csv"), "");
            journal.begin(&entry).unwrap();
            if n % 2 == 0 {
                journal.end(&entry).unwrap();
            }
        };
        tasks.push(match n % 4 {
            0 => tokio::task::spawn_blocking(work),
            _ => tokio::spawn(async move {
                store.ping().await.unwrap();
                work();
            }),
        });
    }
    for task in tasks {
        task.await.unwrap();
    }
    bed.wait(60);
    assert_eq!(journal.orphans("s3://exports").unwrap().len(), 10);
}

async fn old_entries_of_dead_attempts_are_forgotten(bed: Bed) {
    let (dead, alive) = (bed.job("export", "r1").await, bed.job("export", "r2").await);
    let (first, second) = (bed.store.journal(&dead.lease(), "a1"), bed.store.journal(&alive.lease(), "a2"));
    for n in 0..3 {
        first.begin(&entry(&format!("{n}.csv"), "")).unwrap();
    }
    second.begin(&entry("living.csv", "")).unwrap();
    bed.wait(50);
    bed.store.renew(&alive.lease(), LEASE).await.unwrap();
    first.begin(&entry("young.csv", "")).unwrap();
    let before = bed.now();
    assert_eq!(bed.store.purge_journal(before, 10).await.unwrap(), 0, "both attempts live");
    bed.wait(20);
    assert_eq!(bed.store.purge_journal(before, 2).await.unwrap(), 2);
    assert_eq!(bed.store.purge_journal(before, 2).await.unwrap(), 1);
    assert_eq!(second.orphans("s3://exports").unwrap(), [entry("young.csv", "")]);
    assert_eq!(first.living("s3://exports").unwrap().len(), 1);
}

/// The smallest runtime that there is: the one task that runs is the one that waits.
#[test]
fn a_runtime_of_one_thread_is_enough() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let bed = Bed::sqlite().await;
        let one = bed.job("export", "r1").await;
        let journal = bed.store.journal(&one.lease(), "a1");
        journal.begin(&entry("a.csv", "")).unwrap();
        bed.wait(60);
        assert_eq!(journal.orphans("s3://exports").unwrap().len(), 1);
    });
}
