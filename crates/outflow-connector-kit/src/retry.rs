//! How often and how soon a request is tried again.

use std::time::Duration;

use outflow_model::Fault;

/// Retry of single requests inside a session. Whether a whole run is tried again is the runner's to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries in all, the first included. More would hide an outage from the person who waits.
    pub attempts_max: u32,
    /// The first wait; each further one is twice as long.
    pub delay_initial: Duration,
    /// No wait is longer, unless the target asks for it.
    pub delay_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> RetryPolicy {
        RetryPolicy { attempts_max: 5, delay_initial: Duration::from_millis(200), delay_max: Duration::from_secs(10) }
    }
}

impl RetryPolicy {
    /// No second try: for probes, where the person wants the first answer.
    pub fn none() -> RetryPolicy {
        RetryPolicy { attempts_max: 1, ..RetryPolicy::default() }
    }

    /// How long to wait before try number `attempt + 1`, or `None` to give up. `jitter` is random in 0..1.
    pub fn wait(&self, fault: &Fault, attempt: u32, jitter: f64) -> Option<Duration> {
        if !fault.class.is_transient() || attempt >= self.attempts_max {
            return None;
        }
        if let Some(asked) = fault.retry_after {
            return Some(asked.min(Duration::from_secs(60)));
        }
        let full = self.delay_initial.saturating_mul(1 << (attempt - 1).min(16)).min(self.delay_max);
        Some(full.mul_f64(0.5 + jitter.clamp(0.0, 1.0) / 2.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use outflow_model::FaultClass;

    #[test]
    fn waits_double_and_the_targets_hint_wins() {
        let policy = RetryPolicy::default();
        let busy = Fault::new(FaultClass::Throttled, "busy");
        assert_eq!(policy.wait(&busy, 1, 1.0), Some(Duration::from_millis(200)));
        assert_eq!(policy.wait(&busy, 3, 1.0), Some(Duration::from_millis(800)));
        assert_eq!(policy.wait(&busy, 5, 1.0), None);
        let asked = Fault::new(FaultClass::Throttled, "busy").retry_after(Some(Duration::from_secs(4)));
        assert_eq!(policy.wait(&asked, 1, 0.0), Some(Duration::from_secs(4)));
    }

    #[test]
    fn a_wrong_password_is_not_tried_twice() {
        assert_eq!(RetryPolicy::default().wait(&Fault::new(FaultClass::Credentials, "no"), 1, 0.5), None);
    }
}
