//! The queue: each job once, and nothing from a worker whose lease has ended.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use outflow_model::{Fault, FaultClass};
use outflow_store::{Job, Lease, NewJob, Store, StoreError};
use serde_json::json;

use crate::bed::{Bed, LEASE, PROD, job, on_both};

on_both!(
    a_job_is_claimed_worked_on_and_gone,
    the_same_is_queued_once_at_a_time,
    urgent_jobs_go_first_and_none_before_its_time,
    each_job_is_done_exactly_once_by_many_workers,
    a_worker_whose_lease_ran_out_changes_nothing,
    a_lease_cannot_end_while_its_transaction_goes_on,
    renewal_keeps_a_job_and_tells_of_a_cancellation,
    a_job_that_is_put_off_comes_back_and_one_handed_back_does_not_count,
    leases_of_the_dead_end_at_once_and_what_waits_still_waits,
    a_waiting_job_can_be_cancelled_or_dropped,
    an_enqueued_job_wakes_workers_once_committed,
    crashing_workers_lose_and_repeat_nothing,
);

async fn enqueue(bed: &Bed, new: &NewJob<'_>) -> outflow_store::Enqueued {
    let mut tx = bed.store.begin().await.unwrap();
    let enqueued = tx.enqueue(new).await.unwrap();
    tx.commit().await.unwrap();
    enqueued
}

async fn finish(store: &Store, lease: &Lease) -> Result<(), StoreError> {
    let mut tx = store.begin_fenced(lease).await?;
    tx.finish_job().await?;
    tx.commit().await
}

async fn a_job_is_claimed_worked_on_and_gone(bed: Bed) {
    let payload = json!({"a": [1]});
    let new = NewJob { payload: payload.clone(), priority: 5, ..job("export", "run-1", bed.now()) };
    let enqueued = enqueue(&bed, &new).await;
    assert!(enqueued.is_new);
    assert!(bed.store.claim("w1", LEASE, &["other"]).await.unwrap().is_none());
    let claimed = bed.store.claim("w1", LEASE, &["other", "export"]).await.unwrap().unwrap();
    assert_eq!(
        claimed,
        Job {
            id: enqueued.id.clone(),
            kind: "export".to_owned(),
            subject: "run-1".to_owned(),
            sandbox: PROD.to_owned(),
            payload,
            attempt: 1,
            fence: 1,
            worker: "w1".to_owned(),
            lease_until: bed.now() + TimeDelta::seconds(60),
            created_at: bed.now(),
            cancel: false,
            note: None,
        }
    );
    assert!(bed.store.claim("w2", LEASE, &["export"]).await.unwrap().is_none());
    let mut reader = bed.store.read().await.unwrap();
    let seen = reader.job("export", "run-1").await.unwrap().unwrap();
    assert_eq!((seen.worker.as_deref(), seen.attempt), (Some("w1"), 1));
    let depth = &reader.queue_depth().await.unwrap()[0];
    assert_eq!((depth.kind.as_str(), depth.due, depth.later, depth.running), ("export", 0, 0, 1));
    drop(reader);
    let mut tx = bed.store.begin_fenced(&claimed.lease()).await.unwrap();
    tx.set_payload(&json!({"step": 2})).await.unwrap();
    tx.commit().await.unwrap();
    let seen = bed.store.read().await.unwrap().job("export", "run-1").await.unwrap().unwrap();
    assert_eq!(seen.payload, json!({"step": 2}));
    finish(&bed.store, &claimed.lease()).await.unwrap();
    assert_eq!(bed.store.read().await.unwrap().job("export", "run-1").await.unwrap(), None);
    let error = finish(&bed.store, &claimed.lease()).await.unwrap_err();
    assert!(matches!(&error, StoreError::LeaseLost { job } if *job == claimed.id), "{error}");
    assert_eq!(Fault::from(error).class, FaultClass::Interrupted);
}

async fn the_same_is_queued_once_at_a_time(bed: Bed) {
    let first = enqueue(&bed, &job("refresh", "d1", bed.now())).await;
    let again = enqueue(&bed, &job("refresh", "d1", bed.now())).await;
    assert_eq!((again.id.as_str(), again.is_new), (first.id.as_str(), false));
    assert!(enqueue(&bed, &job("refresh", "d2", bed.now())).await.is_new);
    assert!(enqueue(&bed, &job("other", "d1", bed.now())).await.is_new);
    let mut tasks = Vec::new();
    for _ in 0..6 {
        let (store, now) = (bed.another().await, bed.now());
        tasks.push(tokio::spawn(async move {
            let mut tx = store.begin().await.unwrap();
            let enqueued = tx.enqueue(&job("race", "d", now)).await.unwrap();
            tx.commit().await.unwrap();
            enqueued
        }));
    }
    let mut made = 0;
    let mut ids = Vec::new();
    for task in tasks {
        let enqueued = task.await.unwrap();
        made += usize::from(enqueued.is_new);
        ids.push(enqueued.id);
    }
    ids.dedup();
    assert_eq!((made, ids.len()), (1, 1));
}

async fn urgent_jobs_go_first_and_none_before_its_time(bed: Bed) {
    let later = bed.now() + TimeDelta::seconds(30);
    enqueue(&bed, &job("k", "later", later)).await;
    assert_eq!(bed.store.next_due(&["k", "none"]).await.unwrap(), Some(later));
    assert_eq!(bed.store.next_due(&["none"]).await.unwrap(), None);
    assert_eq!(bed.store.next_due(&[]).await.unwrap(), None);
    enqueue(&bed, &job("k", "old", bed.now() - TimeDelta::seconds(9))).await;
    enqueue(&bed, &NewJob { priority: 1, ..job("k", "urgent", bed.now()) }).await;
    enqueue(&bed, &job("k", "new", bed.now())).await;
    let mut order = Vec::new();
    while let Some(claimed) = bed.store.claim("w", LEASE, &["k"]).await.unwrap() {
        order.push(claimed.subject);
    }
    assert_eq!(order, ["urgent", "old", "new"]);
    bed.wait(30);
    assert_eq!(bed.store.claim("w", LEASE, &["k"]).await.unwrap().unwrap().subject, "later");
}

async fn each_job_is_done_exactly_once_by_many_workers(bed: Bed) {
    const JOBS: usize = 60;
    for n in 0..JOBS {
        enqueue(&bed, &job("k", &n.to_string(), bed.now())).await;
    }
    let done = Arc::new(Mutex::new(HashMap::<String, usize>::new()));
    let mut workers = Vec::new();
    for n in 0..6 {
        let (store, done) = (bed.another().await, done.clone());
        workers.push(tokio::spawn(async move {
            while let Some(claimed) = store.claim(&format!("w{n}"), LEASE, &["k"]).await.unwrap() {
                tokio::task::yield_now().await;
                *done.lock().unwrap().entry(claimed.subject.clone()).or_default() += 1;
                finish(&store, &claimed.lease()).await.unwrap();
            }
        }));
    }
    for worker in workers {
        worker.await.unwrap();
    }
    let done = done.lock().unwrap().clone();
    assert_eq!(done.len(), JOBS);
    assert!(done.values().all(|&times| times == 1), "{done:?}");
    assert_eq!(bed.store.next_due(&["k"]).await.unwrap(), None, "nothing is left");
}

async fn a_worker_whose_lease_ran_out_changes_nothing(bed: Bed) {
    let old = bed.job("k", "s").await;
    bed.wait(60);
    let lost = |result: Result<(), StoreError>| {
        assert!(matches!(result, Err(StoreError::LeaseLost { .. })), "{result:?}");
    };
    // Nobody has taken it yet, and it is lost already: others may have begun to clean up after it.
    lost(bed.store.begin_fenced(&old.lease()).await.map(drop));
    lost(bed.store.renew(&old.lease(), LEASE).await.map(drop));
    let new = bed.another().await.claim("w2", LEASE, &["k"]).await.unwrap().unwrap();
    assert_eq!((new.id.as_str(), new.fence, new.attempt, new.worker.as_str()), (old.id.as_str(), 2, 2, "w2"));
    lost(bed.store.begin_fenced(&old.lease()).await.map(drop));
    lost(bed.store.renew(&old.lease(), LEASE).await.map(drop));
    bed.store.hand_back(&old.lease()).await.unwrap();
    assert!(bed.store.claim("w3", LEASE, &["k"]).await.unwrap().is_none(), "the old worker gave back what is not its");
    finish(&bed.store, &new.lease()).await.unwrap();
    assert_eq!(bed.store.next_due(&["k"]).await.unwrap(), None);
}

async fn a_lease_cannot_end_while_its_transaction_goes_on(bed: Bed) {
    let held = bed.job("k", "s").await;
    let mut tx = bed.store.begin_fenced(&held.lease()).await.unwrap();
    bed.wait(61);
    let other = bed.another().await;
    let taken = tokio::spawn(async move { other.claim("w2", LEASE, &["k"]).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    tx.finish_job().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(taken.await.unwrap().unwrap(), None, "the job was finished, not claimed");
}

async fn renewal_keeps_a_job_and_tells_of_a_cancellation(bed: Bed) {
    let held = bed.job("k", "s").await;
    bed.wait(50);
    let renewed = bed.store.renew(&held.lease(), LEASE).await.unwrap();
    assert_eq!((renewed.lease_until, renewed.cancel), (bed.now() + TimeDelta::seconds(60), false));
    bed.wait(50);
    assert!(bed.store.claim("w2", LEASE, &["k"]).await.unwrap().is_none());
    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.request_cancel("k", "s").await.unwrap());
    assert!(!tx.request_cancel("k", "nothing").await.unwrap());
    assert!(!tx.drop_job("k", "s").await.unwrap(), "somebody works on it");
    tx.commit().await.unwrap();
    assert!(bed.store.renew(&held.lease(), LEASE).await.unwrap().cancel);
    assert!(bed.store.claim("w2", LEASE, &["k"]).await.unwrap().is_none(), "a cancellation takes no lease away");
}

async fn a_job_that_is_put_off_comes_back_and_one_handed_back_does_not_count(bed: Bed) {
    let first = bed.job("k", "s").await;
    let at = bed.now() + TimeDelta::seconds(10);
    let mut tx = bed.store.begin_fenced(&first.lease()).await.unwrap();
    tx.retry_job(at, "unavailable").await.unwrap();
    tx.commit().await.unwrap();
    assert!(matches!(bed.store.begin_fenced(&first.lease()).await, Err(StoreError::LeaseLost { .. })));
    assert!(bed.store.claim("w", LEASE, &["k"]).await.unwrap().is_none());
    let seen = bed.store.read().await.unwrap().job("k", "s").await.unwrap().unwrap();
    assert_eq!((seen.worker, seen.due_at, seen.note.as_deref()), (None, at, Some("unavailable")));
    bed.wait(10);
    let second = bed.store.claim("w", LEASE, &["k"]).await.unwrap().unwrap();
    assert_eq!((second.attempt, second.fence, second.note.as_deref()), (2, 2, Some("unavailable")));
    bed.store.hand_back(&second.lease()).await.unwrap();
    assert!(matches!(bed.store.begin_fenced(&second.lease()).await, Err(StoreError::LeaseLost { .. })));
    let third = bed.store.claim("w", LEASE, &["k"]).await.unwrap().unwrap();
    assert_eq!((third.attempt, third.fence), (2, 3));
}

async fn leases_of_the_dead_end_at_once_and_what_waits_still_waits(bed: Bed) {
    enqueue(&bed, &job("k", "held", bed.now())).await;
    let later = bed.now() + TimeDelta::seconds(30);
    enqueue(&bed, &job("k", "later", later)).await;
    let dead = bed.store.claim("dead", LEASE, &["k"]).await.unwrap().unwrap();
    assert!(bed.store.claim("next", LEASE, &["k"]).await.unwrap().is_none());
    assert_eq!(bed.store.release_leases().await.unwrap(), 1);
    assert!(matches!(bed.store.renew(&dead.lease(), LEASE).await, Err(StoreError::LeaseLost { .. })));
    assert!(matches!(finish(&bed.store, &dead.lease()).await, Err(StoreError::LeaseLost { .. })));
    let taken = bed.store.claim("next", LEASE, &["k"]).await.unwrap().unwrap();
    assert_eq!((&*taken.subject, taken.attempt, taken.fence), ("held", 2, 2));
    assert!(bed.store.claim("next", LEASE, &["k"]).await.unwrap().is_none());
    assert_eq!(bed.store.next_due(&["k"]).await.unwrap(), Some(later));
    finish(&bed.store, &taken.lease()).await.unwrap();
    assert_eq!(bed.store.release_leases().await.unwrap(), 0);
}

async fn a_waiting_job_can_be_cancelled_or_dropped(bed: Bed) {
    let later = bed.now() + TimeDelta::hours(1);
    for subject in ["cancelled", "dropped"] {
        enqueue(&bed, &job("k", subject, later)).await;
    }
    let mut tx = bed.store.begin().await.unwrap();
    assert!(tx.request_cancel("k", "cancelled").await.unwrap());
    assert!(tx.drop_job("k", "dropped").await.unwrap());
    assert!(!tx.drop_job("k", "dropped").await.unwrap());
    tx.commit().await.unwrap();
    let claimed = bed.store.claim("w", LEASE, &["k"]).await.unwrap().unwrap();
    assert_eq!((claimed.subject.as_str(), claimed.cancel), ("cancelled", true));
    assert!(bed.store.claim("w", LEASE, &["k"]).await.unwrap().is_none());
}

async fn an_enqueued_job_wakes_workers_once_committed(bed: Bed) {
    let wakeup = bed.store.wakeup();
    let soon = Duration::from_millis(50);
    let mut tx = bed.store.begin().await.unwrap();
    tx.enqueue(&job("k", "s", bed.now())).await.unwrap();
    assert!(tokio::time::timeout(soon, wakeup.notified()).await.is_err(), "it is not committed yet");
    let waiting = wakeup.notified();
    tx.commit().await.unwrap();
    tokio::time::timeout(Duration::from_secs(30), waiting).await.unwrap();
    let mut tx = bed.store.begin().await.unwrap();
    tx.enqueue(&job("k", "t", bed.now())).await.unwrap();
    tx.commit().await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(30), wakeup.notified()).await;
    assert!(heard.is_ok(), "one who waits afterwards hears it too");
}

/// Workers that stop at random places, and take long at others. Each job's result is written under its fence, with it.
async fn crashing_workers_lose_and_repeat_nothing(bed: Bed) {
    const JOBS: i64 = 12;
    let bed = Arc::new(bed);
    for n in 0..JOBS {
        enqueue(&bed, &job("k", &n.to_string(), bed.now())).await;
    }
    let mut workers = Vec::new();
    for n in 0..4_u32 {
        let (store, bed) = (bed.another().await, bed.clone());
        workers.push(tokio::spawn(async move {
            let mut lost = 0;
            for turn in 0..200_u32 {
                let Some(claimed) = store.claim("w", LEASE, &["k"]).await.unwrap() else {
                    if store.next_due(&["k"]).await.unwrap().is_none() {
                        break;
                    }
                    bed.wait(20);
                    continue;
                };
                match (turn * 7 + n * 3 + claimed.attempt as u32) % 5 {
                    0 => continue,
                    1 => bed.wait(61),
                    2 => drop(store.begin_fenced(&claimed.lease()).await),
                    _ => {}
                }
                let Ok(mut tx) = store.begin_fenced(&claimed.lease()).await else {
                    lost += 1;
                    continue;
                };
                let slot = outflow_testkit::clock::fixed_now();
                let is_first = tx.mark_slot(PROD, "flow", &claimed.subject, slot).await.unwrap();
                assert!(is_first, "job {} was done twice", claimed.subject);
                tx.finish_job().await.unwrap();
                tx.commit().await.unwrap();
            }
            lost
        }));
    }
    let mut lost = 0;
    for worker in workers {
        lost += worker.await.unwrap();
    }
    assert!(lost > 0, "no lease ran out, so nothing was tried");
    let states = bed.store.read().await.unwrap().flow_states("flow").await.unwrap();
    assert_eq!(states.len() as i64, JOBS, "each was done");
}
