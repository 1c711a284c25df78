//! How far a run is, for whoever watches it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use outflow_export::{Progress, Step};
use outflow_model::run::RunState;
use outflow_store::Run;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::context::Inner;
use crate::live::Watch;
use crate::submit::SubmitError;
use crate::{jobs, ledger};

/// How often a run of this process is looked at.
const HERE: Duration = Duration::from_millis(250);

/// How often a run of another process is looked at: each look is a query.
const ELSEWHERE: Duration = Duration::from_secs(1);

/// How far a run is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunProgress {
    /// The run's state.
    pub state: String,
    /// What it is doing: `waiting`, `planning`, `exporting`, `deduplicating`, `writing`, `publishing`, `verifying` or
    /// `finished`; of a streaming flow, `sending` or `throttled`.
    pub step: String,
    /// Profiles in all; 0 when that is not known yet. Of a streaming flow, messages that are on their way.
    pub profiles_total: u64,
    /// Profiles read. Of a streaming flow, messages that are settled.
    pub profiles_read: u64,
    /// Rows encoded. Of a streaming flow, messages that the target took.
    pub rows_written: u64,
    /// Bytes encoded, before compression.
    pub bytes_written: u64,
    /// Rows per second, since the export began.
    pub rows_per_sec: f64,
    /// Bytes per second, since the export began.
    pub bytes_per_sec: f64,
    /// Seconds left at this pace, where there is one.
    pub secs_left: Option<f64>,
    /// When this was so.
    pub updated_at: DateTime<Utc>,
}

/// What `watch` knows now.
pub(crate) fn sample(watch: &Watch, now: DateTime<Utc>) -> RunProgress {
    let (phase, since) = watch.doing();
    let progress = &watch.progress;
    let elapsed = since.elapsed().as_secs_f64();
    let pace = |amount: u64| if elapsed > 0.0 { amount as f64 / elapsed } else { 0.0 };
    RunProgress {
        state: RunState::Processing.as_str().into(),
        step: if phase == EXPORTING { step(progress.step()).into() } else { phase.into() },
        profiles_total: progress.profiles_total(),
        profiles_read: progress.profiles_read(),
        rows_written: progress.rows_written(),
        bytes_written: progress.bytes_written(),
        rows_per_sec: pace(progress.rows_written()),
        bytes_per_sec: pace(progress.bytes_written()),
        secs_left: secs_left(progress, elapsed),
        updated_at: now,
    }
}

/// The phase in which the export's own steps say more.
pub(crate) const EXPORTING: &str = "exporting";

fn step(step: Step) -> &'static str {
    match step {
        Step::Reading => "reading",
        Step::Exporting => EXPORTING,
        Step::Deduplicating => "deduplicating",
        Step::Writing => "writing",
        Step::Publishing => "publishing",
        Step::Verifying => "verifying",
    }
}

/// Reading is what takes the time, so the profiles that are left say how long it lasts.
fn secs_left(progress: &Progress, elapsed: f64) -> Option<f64> {
    let (total, read) = (progress.profiles_total(), progress.profiles_read());
    if progress.step() != Step::Exporting || read == 0 || total < read {
        return None;
    }
    Some(elapsed * (total - read) as f64 / read as f64)
}

/// A channel that follows a run until it has ended.
pub(crate) async fn subscribe(
    inner: &Arc<Inner>,
    sandbox: &str,
    run: &str,
) -> Result<watch::Receiver<RunProgress>, SubmitError> {
    let first = look(inner, sandbox, run).await?;
    let is_final = has_ended(&first);
    let (sender, receiver) = watch::channel(first);
    if !is_final {
        let (inner, sandbox, run) = (Arc::clone(inner), sandbox.to_owned(), run.to_owned());
        tokio::spawn(async move { follow(&inner, &sandbox, &run, &sender).await });
    }
    Ok(receiver)
}

async fn follow(inner: &Arc<Inner>, sandbox: &str, run: &str, sender: &watch::Sender<RunProgress>) {
    let mut looked = Instant::now();
    loop {
        let pause = tokio::time::sleep(HERE);
        tokio::select! {
            () = sender.closed() => return,
            () = pause => {}
        }
        if let Some(watch) = inner.live.find(jobs::RUN, run) {
            sender.send_replace(sample(&watch, inner.now()));
            continue;
        }
        if looked.elapsed() < ELSEWHERE {
            continue;
        }
        looked = Instant::now();
        match look(inner, sandbox, run).await {
            Ok(progress) => {
                let is_final = has_ended(&progress);
                sender.send_replace(progress);
                if is_final {
                    return;
                }
            }
            Err(SubmitError::NotFound { .. }) => return,
            // The database is away for a moment; whoever watches sees the time stand still.
            Err(_) => {}
        }
    }
}

/// What the store says of a run.
async fn look(inner: &Inner, sandbox: &str, run: &str) -> Result<RunProgress, SubmitError> {
    let document = inner.store.read().await?.get::<Run>(sandbox, run).await?;
    let body = ledger::read(&document)?;
    let kept: Option<RunProgress> = document.details.get("progress").and_then(|p| RunProgress::deserialize(p).ok());
    let mut progress =
        kept.unwrap_or_else(|| RunProgress { updated_at: document.updated_at, ..RunProgress::default() });
    progress.state = body.state.as_str().into();
    if body.state.is_final() {
        progress.step = "finished".into();
        progress.secs_left = None;
    } else if body.state == RunState::Queued {
        progress.step = "waiting".into();
    }
    Ok(progress)
}

fn has_ended(progress: &RunProgress) -> bool {
    progress.step == "finished"
}

#[cfg(test)]
mod tests {
    use outflow_testkit::clock::fixed_now;

    use super::*;

    #[test]
    fn nothing_is_promised_before_something_was_read() {
        let watch = Watch::new();
        let progress = sample(&watch, fixed_now());
        assert_eq!((progress.step.as_str(), progress.secs_left), ("planning", None));
        watch.enter(EXPORTING);
        // The export's own steps say more, and reading is its first.
        assert_eq!(sample(&watch, fixed_now()).step, "reading");
        watch.enter("verifying");
        assert_eq!(sample(&watch, fixed_now()).step, "verifying");
    }
}
