//! How often accounts were compared with wrong secrets: a comparison tells whether a guess is right, so guesses are few.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

/// Wrong secrets that an account is compared with in an hour. Who rotates a secret needs a few; who guesses needs many.
const WRONG_MAX: u32 = 20;
/// How long wrong ones count.
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// Accounts that are remembered: about 1 MiB.
const ACCOUNTS_MAX: usize = 10_000;

/// Comparisons with wrong secrets, by account, in this process.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<String, Wrong>>);

#[derive(Debug)]
struct Wrong {
    since: DateTime<Utc>,
    times: u32,
}

impl Guesses {
    /// Notes a comparison before it is made, as if it were wrong, so that many at once cannot pass together.
    ///
    /// # Errors
    /// The seconds to wait, when there were too many.
    pub(crate) fn begin(&self, account: &str, now: DateTime<Utc>) -> Result<(), u64> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, wrong| now - wrong.since < WINDOW);
        let wait = |since: DateTime<Utc>| u64::try_from((since + WINDOW - now).num_seconds()).unwrap_or(0).max(1);
        if !all.contains_key(account) && all.len() >= ACCOUNTS_MAX {
            return Err(wait(now));
        }
        let wrong = all.entry(account.to_owned()).or_insert(Wrong { since: now, times: 0 });
        if wrong.times >= WRONG_MAX {
            return Err(wait(wrong.since));
        }
        wrong.times += 1;
        Ok(())
    }

    /// Takes back what was noted: no secret was wrong.
    pub(crate) fn was_right(&self, account: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(wrong) = all.get_mut(account) {
            wrong.times = wrong.times.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_secrets_are_counted_and_right_ones_are_not() {
        let guesses = Guesses::default();
        let now = DateTime::UNIX_EPOCH;
        for _ in 0..100 {
            guesses.begin("a", now).unwrap();
            guesses.was_right("a");
        }
        for _ in 0..WRONG_MAX {
            guesses.begin("a", now).unwrap();
        }
        assert_eq!(guesses.begin("a", now + TimeDelta::minutes(59)), Err(60));
        guesses.begin("b", now).unwrap();
        guesses.begin("a", now + TimeDelta::hours(1)).unwrap();
    }
}
