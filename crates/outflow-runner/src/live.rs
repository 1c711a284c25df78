//! The jobs that this process carries out, and how each is told to stop.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use chrono::{DateTime, Utc};
use outflow_export::Progress;
use outflow_model::{Fault, FaultClass};

use crate::refreshing::Refreshing;

/// Why a job is to stop before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stop {
    /// The server is shut down: the job is handed back.
    Shutdown = 1,
    /// Somebody cancelled it.
    Cancelled = 2,
    /// The lease is lost: the job is another worker's, and nothing of it may be written any more.
    LeaseLost = 3,
}

/// One job that is carried out here.
pub(crate) struct Watch {
    /// Counters, and the wish to stop.
    pub progress: Arc<Progress>,
    /// How far a refresh is, where it is one.
    pub refreshing: Refreshing,
    stop: AtomicU8,
    phase: Mutex<(&'static str, Instant)>,
    lease: Mutex<Option<LeaseEnd>>,
    produced_at: Mutex<Option<DateTime<Utc>>>,
    has_moved: AtomicBool,
}

/// When a lease ends, by two clocks. One goes on while the process is frozen, and is nobody's to set; the other one goes
/// on while the whole machine is asleep, too.
#[derive(Clone, Copy)]
struct LeaseEnd {
    safe_until: Instant,
    until: DateTime<Utc>,
}

impl Watch {
    pub fn new() -> Arc<Watch> {
        Arc::new(Watch {
            progress: Arc::new(Progress::default()),
            refreshing: Refreshing::default(),
            stop: AtomicU8::new(0),
            phase: Mutex::new(("planning", Instant::now())),
            lease: Mutex::new(None),
            produced_at: Mutex::new(None),
            has_moved: AtomicBool::new(false),
        })
    }

    /// Asks the job to stop. The weightiest reason counts, whatever came first.
    pub fn stop(&self, why: Stop) {
        self.stop.fetch_max(why as u8, Ordering::Relaxed);
        self.progress.cancel();
    }

    /// Why the job is to stop, if it is.
    pub fn stopped(&self) -> Option<Stop> {
        match self.stop.load(Ordering::Relaxed) {
            0 => None,
            1 => Some(Stop::Shutdown),
            2 => Some(Stop::Cancelled),
            _ => Some(Stop::LeaseLost),
        }
    }

    /// Fails when the job is to stop.
    ///
    /// # Errors
    /// `Interrupted`.
    pub fn check(&self) -> Result<(), Fault> {
        match self.stopped() {
            None => Ok(()),
            Some(_) => Err(Fault::new(FaultClass::Interrupted, "the job was asked to stop")),
        }
    }

    /// The lease was taken or renewed: it ends at `until`, and nobody else may have it before `safe_until`.
    pub fn leased(&self, safe_until: Instant, until: DateTime<Utc>) {
        *self.lease() = Some(LeaseEnd { safe_until, until });
    }

    /// Fails when the lease has ended, whether or not somebody has noticed: a process that was frozen goes on at once.
    ///
    /// # Errors
    /// `Interrupted`.
    pub fn check_lease(&self, now: DateTime<Utc>) -> Result<(), Fault> {
        let lives = self.lease().is_none_or(|end| Instant::now() < end.safe_until && now < end.until);
        if lives && self.stopped() != Some(Stop::LeaseLost) {
            return Ok(());
        }
        self.stop(Stop::LeaseLost);
        Err(Fault::new(FaultClass::Interrupted, "the lease has ended; the job is another worker's"))
    }

    fn lease(&self) -> MutexGuard<'_, Option<LeaseEnd>> {
        self.lease.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last profile has gone into a file; only the first time that this is said counts.
    pub fn produced(&self, now: DateTime<Utc>) {
        self.production().get_or_insert(now);
    }

    /// When the last profile had gone into a file, where that was seen.
    pub fn produced_at(&self) -> Option<DateTime<Utc>> {
        *self.production()
    }

    fn production(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.produced_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was produced does not count: it is produced once more.
    pub fn produce_anew(&self) {
        *self.production() = None;
        self.progress.restart();
    }

    /// Something of the job is done for good, whatever becomes of this try.
    pub fn moved(&self) {
        self.has_moved.store(true, Ordering::Relaxed);
    }

    /// Whether this try has done something for good.
    pub fn has_moved(&self) -> bool {
        self.has_moved.load(Ordering::Relaxed)
    }

    /// Says what the job is doing from now on.
    pub fn enter(&self, phase: &'static str) {
        *self.phase() = (phase, Instant::now());
    }

    /// What the job is doing, and since when.
    pub fn doing(&self) -> (&'static str, Instant) {
        *self.phase()
    }

    fn phase(&self) -> MutexGuard<'_, (&'static str, Instant)> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All of them, by kind and subject.
#[derive(Default)]
pub(crate) struct Live {
    jobs: Mutex<HashMap<(String, String), Arc<Watch>>>,
}

impl Live {
    /// Lists `watch` as long as what is answered lives.
    pub fn enter(&self, kind: &str, subject: &str, watch: &Arc<Watch>) -> Entry<'_> {
        let key = (kind.to_owned(), subject.to_owned());
        self.locked().insert(key.clone(), Arc::clone(watch));
        Entry { live: self, key }
    }

    /// The job of this kind and subject, where it is carried out here.
    pub fn find(&self, kind: &str, subject: &str) -> Option<Arc<Watch>> {
        self.locked().get(&(kind.to_owned(), subject.to_owned())).cloned()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.locked().len()
    }

    fn locked(&self) -> MutexGuard<'_, HashMap<(String, String), Arc<Watch>>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A job's place in [`Live`].
pub(crate) struct Entry<'a> {
    live: &'a Live,
    key: (String, String),
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.live.locked().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_lease_outweighs_every_other_reason() {
        let watch = Watch::new();
        assert!(watch.check().is_ok());
        watch.stop(Stop::Cancelled);
        watch.stop(Stop::Shutdown);
        assert_eq!(watch.stopped(), Some(Stop::Cancelled));
        watch.stop(Stop::LeaseLost);
        watch.stop(Stop::Cancelled);
        assert_eq!(watch.stopped(), Some(Stop::LeaseLost));
        assert!(watch.progress.is_cancelled());
        assert_eq!(watch.check().unwrap_err().class, FaultClass::Interrupted);
    }

    #[test]
    fn a_lease_has_ended_when_either_clock_says_so() {
        let (now, instant) = (outflow_testkit::clock::fixed_now(), Instant::now());
        let minute = std::time::Duration::from_secs(60);
        let watch = Watch::new();
        assert!(watch.check_lease(now).is_ok());
        watch.leased(instant + minute, now + minute);
        assert!(watch.check_lease(now).is_ok() && watch.stopped().is_none());
        assert_eq!(watch.check_lease(now + minute).unwrap_err().class, FaultClass::Interrupted);
        assert_eq!(watch.stopped(), Some(Stop::LeaseLost));
        // What is lost stays lost.
        assert!(watch.check_lease(now).is_err());
        let frozen = Watch::new();
        frozen.leased(instant, now + minute);
        assert!(frozen.check_lease(now).is_err());
    }

    #[test]
    fn what_is_produced_anew_is_produced_later() {
        let (watch, now) = (Watch::new(), outflow_testkit::clock::fixed_now());
        watch.produced(now);
        watch.produced(now + chrono::TimeDelta::seconds(1));
        assert_eq!(watch.produced_at(), Some(now));
        watch.produce_anew();
        assert_eq!(watch.produced_at(), None);
    }

    #[test]
    fn a_job_is_listed_as_long_as_it_is_carried_out() {
        let live = Live::default();
        let entry = live.enter("run", "r", &Watch::new());
        assert!(live.find("run", "r").is_some() && live.find("verify", "r").is_none());
        drop(entry);
        assert!(live.find("run", "r").is_none() && live.len() == 0);
    }
}
