//! Rows whose time is over.

use std::collections::HashSet;

use chrono::{DateTime, Days, TimeDelta, Utc};
use outflow_model::Fault;
use outflow_model::run::RunState;
use outflow_store::{Alert, Artifact, Document, Equals, Expected, ListQuery, Noun, Order, Run, Scope, SegmentJob};

use crate::context::Inner;
use crate::{jobs, ledger};

/// Rows of one step: each step is a transaction of its own and keeps nobody waiting.
const BATCH: usize = 100;

/// What was recorded so lately may be about to be referred to.
const FRESH: TimeDelta = TimeDelta::hours(1);

/// How long it is remembered what a dead attempt left at a target, in days. Whoever delivers there next removes it; what is
/// older belongs to a target that nobody delivers to.
const JOURNAL_DAYS: u64 = 30;

/// Tokens and login links that have expired.
pub(super) async fn tokens(inner: &Inner) -> Result<(), Fault> {
    while inner.store.purge_tokens(BATCH).await? >= BATCH as u64 {}
    Ok(())
}

/// What dead attempts left at targets that nobody delivers to any more.
pub(super) async fn journal(inner: &Inner) -> Result<(), Fault> {
    let before = days_before(inner.now(), JOURNAL_DAYS);
    while inner.store.purge_journal(before, BATCH).await? >= BATCH as u64 {}
    Ok(())
}

/// Counts of segments that are older than anybody looks at.
pub(super) async fn segment_history(inner: &Inner) -> Result<(), Fault> {
    let before = days_before(inner.now(), inner.settings.segment_history_days.into());
    loop {
        let mut tx = inner.store.begin().await?;
        let trimmed = tx.trim_segment_history(before, BATCH).await?;
        tx.commit().await?;
        if trimmed < BATCH as u64 {
            return Ok(());
        }
    }
}

/// What the encryption of runs was begun with that are not tried again.
pub(super) async fn seeds(inner: &Inner) -> Result<(), Fault> {
    let before = days_before(inner.now(), inner.settings.retry_days.into());
    while inner.store.purge_run_secrets(before, BATCH).await? >= BATCH as u64 {}
    Ok(())
}

/// Runs that ended long ago.
pub(super) async fn runs(inner: &Inner) -> Result<(), Fault> {
    let before = days_before(inner.now(), inner.settings.run_history_days.into());
    loop {
        let mut tx = inner.store.begin().await?;
        let ended = tx.runs_ended_before(before, BATCH).await?;
        for run in &ended {
            tx.delete::<Run>(&run.sandbox, &run.id, Expected::Any).await?;
        }
        tx.commit().await?;
        if ended.len() < BATCH {
            return Ok(());
        }
    }
}

/// Alerts and segment jobs as old as the runs that are removed.
pub(super) async fn old_documents(inner: &Inner) -> Result<(), Fault> {
    let before = days_before(inner.now(), inner.settings.run_history_days.into());
    remove_older::<Alert>(inner, before).await?;
    remove_older::<SegmentJob>(inner, before).await
}

async fn remove_older<N: Noun>(inner: &Inner, before: DateTime<Utc>) -> Result<(), Fault> {
    loop {
        let mut tx = inner.store.begin().await?;
        let query = ListQuery { order: Order::CreatedAsc, ..ListQuery::first(BATCH) };
        let oldest = tx.list::<N>(Scope::All, &query).await?.items;
        let mut removed = 0;
        for document in oldest.iter().filter(|document| document.created_at < before) {
            // A job of that age that is still queued is of a server that was away.
            if tx.job(jobs::EVALUATION, &document.id).await?.is_none() {
                tx.delete::<N>(&document.sandbox, &document.id, Expected::Any).await?;
                removed += 1;
            }
        }
        tx.commit().await?;
        if removed < BATCH {
            return Ok(());
        }
    }
}

/// Artifacts that nothing refers to. Evaluations first: they refer to snapshots.
pub(super) async fn artifacts(inner: &Inner) -> Result<(), Fault> {
    let kept = needed_for_retry(inner).await?;
    for kind in [Artifact::Evaluation, Artifact::Snapshot, Artifact::DatasetVersion] {
        let mut after: Option<String> = None;
        loop {
            let mut tx = inner.store.begin().await?;
            let (page, next) = tx.artifacts(kind, Scope::All, None, after.as_deref(), BATCH).await?;
            let before = inner.now() - FRESH;
            for row in &page {
                let needed = kind == Artifact::Evaluation && kept.contains(&row.id);
                if !row.referenced && !needed && row.created_at < before {
                    tx.delete_artifact(kind, &row.sandbox, &row.subject, &row.id).await?;
                }
            }
            tx.commit().await?;
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
    }
    Ok(())
}

/// The evaluations that the plans of runs read which failed or were cancelled lately, and may be tried again.
async fn needed_for_retry(inner: &Inner) -> Result<HashSet<String>, Fault> {
    let since = days_before(inner.now(), inner.settings.retry_days.into());
    let states = [RunState::Failed, RunState::Cancelled].map(|state| state.as_str().to_owned()).to_vec();
    let mut query = ListQuery {
        equals: vec![Equals { column: "state", any_of: states }],
        order: Order::UpdatedDesc,
        ..ListQuery::first(BATCH)
    };
    let mut needed = HashSet::new();
    loop {
        let page = inner.store.read().await?.list::<Run>(Scope::All, &query).await?;
        let is_old = |run: &Document| run.updated_at < since;
        for run in page.items.iter().filter(|run| !is_old(run)) {
            let body = ledger::read(run)?;
            needed.extend(ledger::permitted(&body));
            needed.extend([body.evaluation_id, body.since_evaluation_id].into_iter().flatten());
        }
        let ends = page.items.last().is_none_or(|run| is_old(run));
        match page.next {
            Some(next) if !ends => query.after = Some(next),
            _ => return Ok(needed),
        }
    }
}

fn days_before(now: DateTime<Utc>, days: u64) -> DateTime<Utc> {
    now.checked_sub_days(Days::new(days)).unwrap_or(DateTime::UNIX_EPOCH)
}
