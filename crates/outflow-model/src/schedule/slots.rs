//! The slots of a schedule: which is next, which are due.
//!
//! Slots are numbered from zero. Two functions carry everything: how many slots there are up to an instant, and when a
//! given slot is. Both are arithmetic, so that ten years of downtime cost no more than an hour.

use chrono::{DateTime, Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};

use super::{Frequency, Schedule, TriggerType};

const HOUR_SECS: i64 = 3_600;
const DAY_SECS: i64 = 24 * HOUR_SECS;

/// Slots that have come: one export stands for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The latest of them.
    pub slot: DateTime<Utc>,
    /// How many earlier ones were missed and are made good by this one.
    pub missed: u64,
}

impl Schedule {
    /// The first slot after `after`, which is not itself one; `None` when there is none any more.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let slot = self.slot(self.slots_until(after))?;
        self.limit_secs().is_none_or(|end| slot.timestamp() < end).then_some(slot)
    }

    /// The slots after `handled` up to and including `now`, in one: the latest, and how many it stands for. `handled` is
    /// the last slot that was seen to, or the instant since which the schedule counts.
    pub fn due(&self, handled: DateTime<Utc>, now: DateTime<Utc>) -> Option<Due> {
        let (before, until) = (self.slots_until(handled), self.slots_until(now));
        let missed = until.checked_sub(before)?.checked_sub(1)?;
        Some(Due { slot: self.slot(until - 1)?, missed: u64::try_from(missed).ok()? })
    }

    /// Every slot after `after` up to and including `until`, in order.
    pub fn slots(&self, after: DateTime<Utc>, until: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        (self.slots_until(after)..self.slots_until(until)).map_while(move |n| self.slot(n))
    }

    /// The first `count` slots after `after`; fewer when there are no more.
    pub fn upcoming(&self, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        let mut last = after;
        let next = std::iter::from_fn(|| {
            last = self.next(last)?;
            Some(last)
        });
        next.take(count).collect()
    }

    /// How many slots lie at or before `at`: also the number of the first slot after it.
    fn slots_until(&self, at: DateTime<Utc>) -> i64 {
        let Some(first) = self.first() else { return 0 };
        // Slots lie on whole seconds, so that the second before the end is the last instant that counts.
        let at = self.limit_secs().map_or(at.timestamp(), |end| at.timestamp().min(end - 1));
        let elapsed = at - first.timestamp();
        if elapsed < 0 {
            return 0;
        }
        match self.period_secs() {
            Some(period) => elapsed / period + 1,
            None if self.frequency == Frequency::Once => 1,
            None => self.months_until(at),
        }
    }

    /// The same for months: the number of the slot in `at`'s month, and one more when it has come.
    fn months_until(&self, at_secs: i64) -> i64 {
        let Some(at) = DateTime::from_timestamp(at_secs, 0) else { return 0 };
        let months = |day: NaiveDate| i64::from(day.year()) * 12 + i64::from(day.month0());
        let number = months(at.date_naive()) - months(self.start_date);
        let has_come = self.slot(number).is_some_and(|slot| slot <= at);
        number + i64::from(has_come)
    }

    /// When slot `number` is, whether or not it lies before the end; `None` when there is none of this number.
    fn slot(&self, number: i64) -> Option<DateTime<Utc>> {
        let first = self.first()?;
        if let Some(period) = self.period_secs() {
            return first.checked_add_signed(TimeDelta::try_seconds(period.checked_mul(number)?)?);
        }
        if self.frequency == Frequency::Once {
            return (number == 0).then_some(first);
        }
        // From the start date each time, so that a short month does not shorten those after it.
        let day = self.start_date.checked_add_months(Months::new(u32::try_from(number).ok()?))?;
        Some(day.and_time(first.time()).and_utc())
    }

    /// The first slot, where the clock is what starts exports.
    fn first(&self) -> Option<DateTime<Utc>> {
        if self.trigger_type == TriggerType::AfterSegmentEval {
            return None;
        }
        Some(NaiveDateTime::new(self.start_date, self.start_time?).and_utc())
    }

    /// The instant before which all slots lie, in seconds since 1970.
    fn limit_secs(&self) -> Option<i64> {
        let end = self.end_date.filter(|_| self.frequency != Frequency::Once)?;
        Some(end.and_time(NaiveTime::MIN).and_utc().timestamp())
    }

    /// The seconds between two slots, where they are always the same.
    fn period_secs(&self) -> Option<i64> {
        match self.frequency {
            Frequency::Once | Frequency::Monthly => None,
            Frequency::Daily => Some(DAY_SECS),
            Frequency::Weekly => Some(7 * DAY_SECS),
            Frequency::Every3Hours => Some(3 * HOUR_SECS),
            Frequency::Every6Hours => Some(6 * HOUR_SECS),
            Frequency::Every8Hours => Some(8 * HOUR_SECS),
            Frequency::Every12Hours => Some(12 * HOUR_SECS),
        }
    }
}

#[cfg(test)]
mod tests;
