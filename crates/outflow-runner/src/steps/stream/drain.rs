//! Sending an open set.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use outflow_export::messages::{Acks, DrainProgress, DrainSettings, DrainWatch, Drained, OpenSet, drain as send};
use outflow_model::{Fault, FaultClass};
use outflow_store::Job;

use super::ground::Ground;
use super::{Turn, look, place};
use crate::context::Inner;
use crate::live::Watch;
use crate::steps::blocking;
use crate::streams::StreamState;

/// The first wait of a message that goes out again.
const DELAY_INITIAL: Duration = Duration::from_millis(200);

/// No such wait is longer, unless the target asks for it.
const DELAY_MAX: Duration = Duration::from_secs(20);

/// Who looks on while a set is sent.
pub(super) struct Sight {
    watch: Arc<Watch>,
    inner: Arc<Inner>,
    /// Something else is to come first: the flow was changed, or what is sent is overtaken, or
    /// it is the turn of others.
    is_wanted_elsewhere: AtomicBool,
    progress: Mutex<Option<DrainProgress>>,
    begun: Instant,
}

impl Sight {
    /// Ends the sending as soon as it goes.
    pub fn call_back(&self) {
        self.is_wanted_elsewhere.store(true, Ordering::Relaxed);
    }

    /// How far it is.
    pub fn so_far(&self) -> Option<DrainProgress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long it has been sent.
    pub fn took(&self) -> Duration {
        self.begun.elapsed()
    }
}

#[async_trait]
impl DrainWatch for Sight {
    fn stop(&self) -> Option<Fault> {
        // The time is looked at, too: a process that was frozen goes on in the middle of what it did.
        let stopped = self.watch.check().and_then(|()| self.watch.check_lease(self.inner.now()));
        let called = || Fault::new(FaultClass::Interrupted, "something else comes first");
        stopped.err().or_else(|| self.is_wanted_elsewhere.load(Ordering::Relaxed).then(called))
    }

    fn progress(&self, progress: DrainProgress) {
        let mut known = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.as_ref().map(|known| known.accepted + known.refused);
        if before.is_some_and(|before| progress.accepted + progress.refused > before) {
            self.watch.moved();
        }
        *known = Some(progress);
    }

    async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait).await;
    }

    fn now(&self) -> DateTime<Utc> {
        self.inner.now()
    }

    fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }
}

/// Sends a set, which is decided by this revision of what governs exports. Answers whether all of it is settled; otherwise
/// something else comes first.
///
/// # Errors
/// What the target or the disk say, and `Interrupted`.
pub(super) async fn drain(
    inner: &Arc<Inner>,
    job: &Job,
    watch: &Arc<Watch>,
    ground: &Arc<Ground>,
    state: &StreamState,
    (turn, revision): (Turn, i64),
) -> Result<bool, Fault> {
    let Some(open) = &state.open else { return Ok(false) };
    watch.enter("sending");
    let folder = ground.folders.set(open.folder);
    let loaded = blocking(move || {
        let (set, acks) = (OpenSet::load(&folder)?, Acks::read(&folder)?);
        let settled = acks.accepted().len() + acks.refused().len();
        Ok((settled < set.messages).then_some(set))
    });
    // What is settled needs no target to be closed.
    let Some(set) = loaded.await? else { return Ok(true) };
    let opened = watch.progress.unless_cancelled(place::open(inner, job, &ground.place)).await?;
    let Some(session) = opened else { return Ok(false) };
    let sight = Arc::new(Sight {
        watch: Arc::clone(watch),
        inner: Arc::clone(inner),
        is_wanted_elsewhere: AtomicBool::new(false),
        progress: Mutex::new(None),
        begun: Instant::now(),
    });
    let basis = look::Basis { tried: state.tried.clone(), turn, revision };
    let looking = look::start(inner, job, ground, &sight, basis);
    let settings = DrainSettings {
        memory_bytes_max: inner.settings.stream_memory_bytes(),
        delay_initial: DELAY_INITIAL,
        delay_max: DELAY_MAX,
        patience: Duration::from_secs(inner.settings.stream_patience_secs),
        seed: (inner.random)(),
    };
    let outcome = send(session.as_ref(), &set, &settings, sight.as_ref()).await;
    drop(looking);
    if let Err(fault) = session.close().await {
        tracing::debug!(class = %fault.class, "the session did not end politely");
    }
    let outcome = outcome?;
    tracing::info!(flow = %job.subject, sequence = set.sequence, accepted = outcome.accepted, refused = outcome.refused, messages = set.messages, end = ?outcome.end, "a set was sent as far as it went");
    let settled = outcome.accepted + outcome.refused;
    if !matches!(outcome.end, Drained::Empty) && watch.check_lease(inner.now()).is_ok() {
        let note = |state: &mut StreamState| {
            if let Some(there) = state.open.as_mut().filter(|there| there.folder == open.folder) {
                there.settled = settled;
            }
        };
        StreamState::change(&inner.store, job, note).await?;
    }
    match outcome.end {
        Drained::Empty => {
            watch.moved();
            Ok(true)
        }
        Drained::Stopped => {
            watch.check()?;
            Ok(false)
        }
        Drained::Blocked(fault) => Err(fault),
    }
}
