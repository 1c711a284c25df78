//! Which hour is the fullest: how many schedules of a sandbox have a slot in the same hour.
//!
//! Looked at are the hours of a week, which is as far as hours, days and weeks repeat, and beyond it the hour of the next
//! slot of a schedule that begins later or comes once a month.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::Schedule;

const HOUR_SECS: i64 = 3_600;
/// The hours of a week.
const WEEK_HOURS: i64 = 7 * 24;

/// An hour and how many exports are due in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusyHour {
    /// When it begins.
    pub from: DateTime<Utc>,
    /// Schedules with a slot in it.
    pub count: usize,
}

/// Of the hours after `now` in which one of `mine` has a slot, the one in which most of `all` have one; of several, the
/// first. `None` where no slot of `mine` is left.
pub fn busiest_hour<'a>(
    mine: impl IntoIterator<Item = &'a Schedule>,
    all: impl IntoIterator<Item = &'a Schedule>,
    now: DateTime<Utc>,
) -> Option<BusyHour> {
    let week_end = hour_of(now) + WEEK_HOURS;
    let until = begin_of(week_end)? - TimeDelta::seconds(1);
    let mut hours: BTreeMap<i64, usize> = BTreeMap::new();
    for schedule in mine {
        // No frequency has two slots in one hour.
        let slots = schedule.slots(now, until).chain(schedule.next(now));
        hours.extend(slots.map(|slot| (hour_of(slot), 0)));
    }
    let later: Vec<i64> = hours.range(week_end..).map(|(hour, _)| *hour).collect();
    for schedule in all {
        let is_in = |hour: &i64| {
            let before = begin_of(*hour).map(|begin| begin - TimeDelta::seconds(1));
            before.and_then(|before| schedule.next(before)).is_some_and(|slot| hour_of(slot) == *hour)
        };
        let within = schedule.slots(now, until).map(hour_of);
        for hour in within.chain(later.iter().copied().filter(is_in)) {
            if let Some(count) = hours.get_mut(&hour) {
                *count += 1;
            }
        }
    }
    let fullest = hours.into_iter().rev().max_by_key(|(_, count)| *count);
    fullest.and_then(|(hour, count)| Some(BusyHour { from: begin_of(hour)?, count }))
}

/// The number of an instant's hour since 1970.
fn hour_of(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(HOUR_SECS)
}

fn begin_of(hour: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(hour.checked_mul(HOUR_SECS)?, 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::{Frequency, TriggerType};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn schedule(frequency: Frequency, start: &str, end: Option<&str>, time: &str) -> Schedule {
        Schedule {
            frequency,
            trigger_type: TriggerType::Scheduled,
            start_date: start.parse().unwrap(),
            end_date: end.map(|end| end.parse().unwrap()),
            start_time: Some(format!("{time}:00").parse().unwrap()),
        }
    }

    #[test]
    fn an_hour_counts_everything_due_in_it() {
        let now = at("2026-01-05T12:30:00Z");
        let daily = schedule(Frequency::Daily, "2026-01-01", None, "20:00");
        let same = schedule(Frequency::Weekly, "2026-01-07", None, "20:59");
        let hours = schedule(Frequency::Every3Hours, "2026-01-01", None, "02:30");
        let past = schedule(Frequency::Once, "2026-01-01", None, "20:00");
        let ended = schedule(Frequency::Daily, "2026-01-01", Some("2026-01-05"), "20:00");
        let all = [&daily, &same, &hours, &past, &ended];
        let found = busiest_hour([&daily], all, now);
        assert_eq!(found, Some(BusyHour { from: at("2026-01-07T20:00:00Z"), count: 3 }));
        assert_eq!(busiest_hour([&past, &ended], all, now), None);
    }

    #[test]
    fn a_schedule_that_begins_later_is_counted_in_its_first_hour() {
        let now = at("2026-01-05T12:30:00Z");
        let monthly = schedule(Frequency::Monthly, "2026-01-31", None, "06:15");
        let once = schedule(Frequency::Once, "2026-01-31", None, "06:45");
        let other = schedule(Frequency::Once, "2026-01-31", None, "07:00");
        let found = busiest_hour([&monthly], [&monthly, &once, &other], now);
        assert_eq!(found, Some(BusyHour { from: at("2026-01-31T06:00:00Z"), count: 2 }));
    }

    #[test]
    fn what_follows_evaluations_has_no_hour() {
        let mut after = schedule(Frequency::Daily, "2026-01-01", None, "20:00");
        after.trigger_type = TriggerType::AfterSegmentEval;
        assert_eq!(busiest_hour([&after], [&after], at("2026-01-05T12:30:00Z")), None);
    }

    fn any_schedule() -> impl Strategy<Value = Schedule> {
        let frequency = prop::sample::select(Frequency::ALL.map(|(_, frequency)| frequency).to_vec());
        (frequency, 1..28_u32, 0..24_u32, 0..60_u32, prop::option::of(1..20_u32)).prop_map(
            |(frequency, day, hour, minute, days)| {
                let start = chrono::NaiveDate::from_ymd_opt(2026, 1, day).unwrap();
                let mut made = schedule(frequency, "2026-01-01", None, &format!("{hour:02}:{minute:02}"));
                made.start_date = start;
                made.end_date = days.map(|days| start + TimeDelta::days(i64::from(days)));
                made
            },
        )
    }

    proptest! {
        /// Counted hour by hour over the same time, by looking for a slot in each.
        #[test]
        fn it_is_the_fullest_of_all_hours(
            all in prop::collection::vec(any_schedule(), 1..12), own in 1..6_usize, start in 0..40_000_i64,
        ) {
            let now = at("2026-01-01T00:00:00Z") + TimeDelta::minutes(start);
            let mine = &all[..own.min(all.len())];
            let has_slot = |schedule: &Schedule, from: DateTime<Utc>| {
                let before = (from - TimeDelta::seconds(1)).max(now);
                schedule.next(before).is_some_and(|slot| slot < from + TimeDelta::hours(1))
            };
            let first = begin_of(hour_of(now)).unwrap();
            let in_week = (0..WEEK_HOURS).map(|hour| first + TimeDelta::hours(hour));
            let next = mine.iter().filter_map(|schedule| schedule.next(now)).filter_map(|slot| begin_of(hour_of(slot)));
            let candidates: Vec<_> =
                in_week.chain(next).filter(|from| mine.iter().any(|schedule| has_slot(schedule, *from))).collect();
            let count = |from: &DateTime<Utc>| all.iter().filter(|schedule| has_slot(schedule, *from)).count();
            let most = candidates.iter().map(count).max();
            let found = busiest_hour(mine, &all, now);
            prop_assert_eq!(found.map(|hour| hour.count), most);
            if let Some(found) = found {
                prop_assert_eq!(count(&found.from), found.count);
            }
        }
    }
}
