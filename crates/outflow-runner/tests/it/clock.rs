//! A clock that stands still until it is moved, and that can end its process.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

/// What a clock says that has ended its process. Everything that asks for the time panics, again and again, so that
/// nothing goes on: as near to a power cut as a test in one process comes.
const POWER_CUT: &str = "the machine lost power";

/// A clock.
pub struct TestClock {
    micros: AtomicI64,
    /// Readings that are left; negative: without end.
    left: AtomicI64,
    readings: AtomicI64,
    /// What each reading takes; 0: the clock stands still.
    tick_micros: AtomicI64,
}

impl TestClock {
    pub fn at(time: DateTime<Utc>) -> TestClock {
        TestClock {
            micros: AtomicI64::new(time.timestamp_micros()),
            left: AtomicI64::new(-1),
            readings: AtomicI64::new(0),
            tick_micros: AtomicI64::new(0),
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.readings.fetch_add(1, Ordering::SeqCst);
        self.micros.fetch_add(self.tick_micros.load(Ordering::SeqCst), Ordering::SeqCst);
        let left = self.left.load(Ordering::SeqCst);
        if left == 0 {
            // A panic that nobody is told of: this one is meant, and comes hundreds of times.
            std::panic::resume_unwind(Box::new(POWER_CUT));
        }
        if left > 0 {
            self.left.fetch_sub(1, Ordering::SeqCst);
        }
        self.peek()
    }

    /// The time, which costs no reading.
    pub fn peek(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.micros.load(Ordering::SeqCst)).unwrap()
    }

    pub fn advance(&self, by: TimeDelta) {
        self.micros.fetch_add(by.num_microseconds().unwrap(), Ordering::SeqCst);
    }

    pub fn set(&self, time: DateTime<Utc>) {
        self.micros.store(time.timestamp_micros(), Ordering::SeqCst);
    }

    /// From now on each reading takes so long.
    pub fn tick(&self, by: TimeDelta) {
        self.tick_micros.store(by.num_microseconds().unwrap(), Ordering::SeqCst);
    }

    /// Ends the process after so many readings.
    pub fn cut_after(&self, readings: i64) {
        self.left.store(readings, Ordering::SeqCst);
    }

    /// Whether the process was ended.
    pub fn is_cut(&self) -> bool {
        self.left.load(Ordering::SeqCst) == 0
    }

    pub fn readings(&self) -> i64 {
        self.readings.load(Ordering::SeqCst)
    }
}
