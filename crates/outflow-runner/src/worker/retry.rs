//! Whether and when a failed job is tried again.
//!
//! Requests have been tried again by the session already ([`outflow_connector_kit::RetryPolicy`]); what arrives here is a
//! job that failed as a whole. What may pass by itself is tried again, everything else is somebody's move.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use outflow_model::{Fault, FaultClass};

use crate::settings::RetrySettings;

/// A job's tries so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tries {
    /// The number of the try that failed, from 1.
    pub attempt: u32,
    /// When the first try failed.
    pub failing_since: DateTime<Utc>,
    /// The time.
    pub now: DateTime<Utc>,
    /// Random in 0..1.
    pub jitter: f64,
}

/// When to try again, or `None` to give up.
pub(crate) fn next_try(settings: &RetrySettings, fault: &Fault, tries: Tries) -> Option<DateTime<Utc>> {
    if !may_pass(fault.class) || tries.attempt >= settings.attempts_max {
        return None;
    }
    let at = tries.now + TimeDelta::from_std(wait(settings, fault, tries)).ok()?;
    let window = TimeDelta::from_std(Duration::from_secs(settings.window_secs)).ok()?;
    (at <= tries.failing_since + window).then_some(at)
}

/// When a streaming flow is tried again: as long as it is enabled there is a next time. Where it is somebody's move, that
/// is looked at from time to time; a change of the flow, its target or its account makes a new job at once.
pub(crate) fn next_stream_try(settings: &RetrySettings, fault: &Fault, tries: Tries) -> DateTime<Utc> {
    let wait = match may_pass(fault.class) {
        true => {
            let own = wait(settings, fault, tries);
            fault.retry_after.map_or(own.min(STREAM_EVERY), |asked| asked.max(own.min(STREAM_EVERY)))
        }
        false => BLOCKED_EVERY,
    };
    tries.now + TimeDelta::from_std(wait).unwrap_or(TimeDelta::minutes(10))
}

/// A streaming flow whose target is away is tried again this often at least, unless the target asks for less.
const STREAM_EVERY: Duration = Duration::from_secs(5 * 60);

/// A streaming flow for which it is somebody's move is tried again this often.
const BLOCKED_EVERY: Duration = Duration::from_secs(10 * 60);

/// Whether another try may go better without anyone doing anything. A defect of ours may be one of a moment.
pub(crate) fn may_pass(class: FaultClass) -> bool {
    class.is_transient() || class == FaultClass::Internal
}

fn wait(settings: &RetrySettings, fault: &Fault, tries: Tries) -> Duration {
    let factor = 4u32.saturating_pow(tries.attempt.saturating_sub(1).min(12));
    let full = Duration::from_secs(settings.delay_initial_secs)
        .saturating_mul(factor)
        .min(Duration::from_secs(settings.delay_max_secs));
    // At least half of it, so that jobs which failed together do not come back together.
    let own = full.mul_f64(0.5 + tries.jitter.clamp(0.0, 1.0) / 2.0);
    // What the target asks for is the least it gets.
    fault.retry_after.map_or(own, |asked| asked.max(own))
}

#[cfg(test)]
mod tests {
    use outflow_testkit::clock::fixed_now;
    use proptest::prelude::*;

    use super::*;

    fn tries(attempt: u32, waited_secs: i64, jitter: f64) -> Tries {
        Tries { attempt, failing_since: fixed_now() - TimeDelta::seconds(waited_secs), now: fixed_now(), jitter }
    }

    fn secs(fault: &Fault, tries: Tries) -> Option<i64> {
        next_try(&RetrySettings::default(), fault, tries).map(|at| (at - fixed_now()).num_seconds())
    }

    #[test]
    fn only_what_may_pass_is_tried_again_and_ten_times_in_all() {
        use FaultClass::{
            Config, Credentials, Input, Internal, Interrupted, Refused, Throttled, Unavailable, Verification,
        };
        for class in [Unavailable, Throttled, Internal] {
            assert!(secs(&Fault::new(class, "x"), tries(9, 0, 0.0)).is_some(), "{class}");
            assert_eq!(secs(&Fault::new(class, "x"), tries(10, 0, 0.0)), None, "{class}");
        }
        for class in [Input, Config, Credentials, Refused, Verification, Interrupted] {
            assert_eq!(secs(&Fault::new(class, "x"), tries(1, 0, 0.0)), None, "{class}");
        }
    }

    #[test]
    fn waits_grow_and_the_targets_hint_is_the_least() {
        let away = Fault::new(FaultClass::Unavailable, "away");
        assert_eq!(secs(&away, tries(1, 0, 1.0)), Some(10));
        assert_eq!(secs(&away, tries(1, 0, 0.0)), Some(5));
        assert_eq!(secs(&away, tries(3, 0, 1.0)), Some(160));
        assert_eq!(secs(&away, tries(4, 0, 1.0)), Some(640));
        assert_eq!(secs(&away, tries(5, 0, 1.0)), Some(1800));
        let busy = Fault::new(FaultClass::Throttled, "busy").retry_after(Some(Duration::from_secs(300)));
        assert_eq!(secs(&busy, tries(1, 0, 1.0)), Some(300));
        assert_eq!(secs(&busy, tries(4, 0, 1.0)), Some(640));
    }

    #[test]
    fn a_stream_is_tried_again_without_end() {
        let next = |fault: &Fault, attempt| {
            let at = next_stream_try(&RetrySettings::default(), fault, tries(attempt, 1_000_000, 1.0));
            (at - fixed_now()).num_seconds()
        };
        let away = Fault::new(FaultClass::Unavailable, "away");
        assert_eq!([1, 2, 3, 4, 1000].map(|attempt| next(&away, attempt)), [10, 40, 160, 300, 300]);
        let busy = Fault::new(FaultClass::Throttled, "busy").retry_after(Some(Duration::from_secs(900)));
        assert_eq!(next(&busy, 1), 900);
        assert_eq!(next(&Fault::new(FaultClass::Credentials, "no"), 1), 600);
    }

    #[test]
    fn nothing_begins_after_the_window() {
        let busy = Fault::new(FaultClass::Throttled, "busy").retry_after(Some(Duration::from_secs(3600)));
        assert_eq!(secs(&busy, tries(1, 90 * 60, 0.5)), Some(3600));
        assert_eq!(secs(&busy, tries(1, 90 * 60 + 1, 0.5)), None);
    }

    /// When a job whose far end is away is tried for the last time, in seconds after the first failure, and which try it is.
    fn last_try(jitter: f64) -> (i64, u32) {
        let away = Fault::new(FaultClass::Unavailable, "away");
        let (mut waited, mut attempt) = (0, 1);
        while let Some(wait) = secs(&away, tries(attempt, waited, jitter)) {
            (waited, attempt) = (waited + wait, attempt + 1);
        }
        (waited, attempt)
    }

    #[test]
    fn the_defaults_outlast_an_outage_of_eighty_minutes_and_each_of_them_counts() {
        // With short waits it is the number of tries that ends them, with long ones the window.
        assert_eq!(last_try(0.0), (4_925, 10));
        assert_eq!(last_try(1.0), (8_050, 9));
    }

    proptest! {
        #[test]
        fn a_next_try_is_in_the_future_and_within_the_window(
            attempt in 1u32..12, waited in 0i64..20_000, jitter in 0.0..1.0f64, hint in proptest::option::of(0u64..20_000),
        ) {
            let fault = Fault::new(FaultClass::Unavailable, "x").retry_after(hint.map(Duration::from_secs));
            let tries = tries(attempt, waited, jitter);
            if let Some(at) = next_try(&RetrySettings::default(), &fault, tries) {
                prop_assert!(at > tries.now && at <= tries.failing_since + TimeDelta::minutes(150));
                prop_assert!(hint.is_none_or(|h| at - tries.now >= TimeDelta::seconds(h as i64)));
            }
        }
    }
}
