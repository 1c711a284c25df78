//! How far a run is, for whoever watches, and the wish to stop it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use outflow_model::{Fault, FaultClass};

/// Counters of a run; any thread may read them at any time.
#[derive(Debug, Default)]
pub struct Progress {
    profiles_total: AtomicU64,
    profiles_read: AtomicU64,
    rows_written: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_verified: AtomicU64,
    step: AtomicU64,
    cancelled: AtomicBool,
}

/// What a run is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reading and selecting, and writing as far as no row has to wait.
    Exporting,
    /// Deciding which rows stay.
    Deduplicating,
    /// Writing the rows that stay.
    Writing,
    /// Waiting for the far end, making the files visible.
    Publishing,
    /// Reading everything back.
    Verifying,
}

impl Progress {
    /// Profiles in all; 0 when that is not known.
    pub fn profiles_total(&self) -> u64 {
        self.profiles_total.load(Ordering::Relaxed)
    }

    /// Profiles read.
    pub fn profiles_read(&self) -> u64 {
        self.profiles_read.load(Ordering::Relaxed)
    }

    /// Rows encoded.
    pub fn rows_written(&self) -> u64 {
        self.rows_written.load(Ordering::Relaxed)
    }

    /// Content bytes encoded, before compression.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_sent.load(Ordering::Relaxed)
    }

    /// Bytes read back.
    pub fn bytes_verified(&self) -> u64 {
        self.bytes_verified.load(Ordering::Relaxed)
    }

    /// The step.
    pub fn step(&self) -> Step {
        match self.step.load(Ordering::Relaxed) {
            0 => Step::Exporting,
            1 => Step::Deduplicating,
            2 => Step::Writing,
            3 => Step::Publishing,
            _ => Step::Verifying,
        }
    }

    /// Asks the run to stop; nothing half-done stays visible.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether somebody asked the run to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }

    pub(crate) fn set_total(&self, profiles: u64) {
        self.profiles_total.store(profiles, Ordering::Relaxed);
    }

    pub(crate) fn add_read(&self, profiles: u64) {
        self.profiles_read.fetch_add(profiles, Ordering::Relaxed);
    }

    pub(crate) fn add_written(&self, rows: u64, bytes: u64) {
        self.rows_written.fetch_add(rows, Ordering::Relaxed);
        self.bytes_sent.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add_verified(&self, bytes: u64) {
        self.bytes_verified.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn enter(&self, step: Step) {
        self.step.store(step as u64, Ordering::Relaxed);
    }

    pub(crate) fn check(&self) -> Result<(), Fault> {
        if self.is_cancelled() {
            return Err(Fault::new(FaultClass::Interrupted, "interrupted; nothing half-done is visible at the target"));
        }
        Ok(())
    }
}
