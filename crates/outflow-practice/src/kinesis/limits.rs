//! What a shard takes per second.

use std::time::Instant;

use super::faults::ShardLimits;

/// What a shard may still take. It fills up within a second.
#[derive(Debug)]
pub(crate) struct Allowance {
    records: f64,
    bytes: f64,
    filled_at: Instant,
    limits: ShardLimits,
}

impl Allowance {
    /// A full allowance.
    pub(crate) fn new(limits: ShardLimits, now: Instant) -> Allowance {
        Allowance { records: limits.records_per_sec as f64, bytes: limits.bytes_per_sec as f64, filled_at: now, limits }
    }

    /// Takes one record of `bytes`, when it is allowed. Limits that were changed meanwhile begin anew.
    pub(crate) fn take(&mut self, limits: ShardLimits, bytes: usize, now: Instant) -> bool {
        if limits != self.limits {
            *self = Allowance::new(limits, now);
        }
        let seconds = now.saturating_duration_since(self.filled_at).as_secs_f64();
        let (records_max, bytes_max) = (limits.records_per_sec as f64, limits.bytes_per_sec as f64);
        self.records = (self.records + seconds * records_max).min(records_max);
        self.bytes = (self.bytes + seconds * bytes_max).min(bytes_max);
        self.filled_at = now;
        // A record that is larger than a second's bytes goes when nothing else did, and those after it wait for longer.
        let fits = self.bytes >= bytes as f64 || self.bytes >= bytes_max;
        if self.records < 1.0 || !fits {
            return false;
        }
        self.records -= 1.0;
        self.bytes -= bytes as f64;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_second_fills_it_up() {
        let limits = ShardLimits { records_per_sec: 3, bytes_per_sec: 100 };
        let start = Instant::now();
        let mut allowance = Allowance::new(limits, start);
        let mut take = |bytes, millis| allowance.take(limits, bytes, start + Duration::from_millis(millis));
        assert_eq!([take(10, 0), take(10, 0), take(10, 0), take(10, 0)], [true, true, true, false]);
        assert!(take(60, 400) && !take(95, 800), "bytes count too");
        assert!(take(150, 5000) && !take(1, 5100) && take(1, 5600), "a large one is paid off");
    }
}
