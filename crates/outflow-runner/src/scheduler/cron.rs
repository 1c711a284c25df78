//! When segments are evaluated by themselves: a cron expression of seven fields, as the Segmentation Service has them.
//!
//! `second minute hour day-of-month month day-of-week [year]`, in UTC: `0 0 1 * * ?` is every day at 01:00. Each field is
//! `*`, or a list of values, ranges `a-b` and steps `a/n`, `a-b/n`, `*/n`; days may be `?`, months and weekdays may be
//! their English abbreviations, weekdays count from 1, Sunday. Years other than `*` are not taken, nor are `L`, `W`, `#`.

use std::fmt;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

/// Days that are looked through for a slot: the 29th of February comes at least once in eight years.
const DAYS_MAX: u64 = 8 * 366 + 1;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A cron expression that was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    seconds: u64,
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
}

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong, in one sentence without a final period.
    pub fn parse(text: &str) -> Result<Cron, String> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let (6 | 7) = fields.len() else {
            return Err(format!("a schedule has six fields, as in `0 0 1 * * ?`, not {}", fields.len()));
        };
        if fields.get(6).is_some_and(|year| *year != "*") {
            return Err("the field of the year can only be *".into());
        }
        let cron = Cron {
            seconds: set("seconds", fields[0], 0..=59, &[])?,
            minutes: set("minutes", fields[1], 0..=59, &[])?,
            hours: set("hours", fields[2], 0..=23, &[])?,
            days: set("days of the month", if fields[3] == "?" { "*" } else { fields[3] }, 1..=31, &[])?,
            months: set("months", fields[4], 1..=12, &MONTHS)?,
            weekdays: set("days of the week", if fields[5] == "?" { "*" } else { fields[5] }, 1..=7, &WEEKDAYS)?,
            text: fields.join(" "),
        };
        let year = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default();
        if (0..DAYS_MAX).filter_map(|n| year.checked_add_days(Days::new(n))).any(|day| cron.has_day(day)) {
            Ok(cron)
        } else {
            Err("there is no such day".into())
        }
    }

    /// The first slot after `after`.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let from = after.naive_utc().with_nanosecond(0)? + TimeDelta::seconds(1);
        (0..DAYS_MAX).find_map(|n| {
            let day = from.date().checked_add_days(Days::new(n))?;
            let least = if n == 0 { seconds_of(from.time()) } else { 0 };
            self.has_day(day).then(|| self.times().find(|time| *time >= least)).flatten().and_then(|t| at(day, t))
        })
    }

    /// The last slot at `until` or before.
    pub fn latest(&self, until: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = until.naive_utc();
        (0..DAYS_MAX).find_map(|n| {
            let day = until.date().checked_sub_days(Days::new(n))?;
            let most = if n == 0 { seconds_of(until.time()) } else { 86_399 };
            self.has_day(day)
                .then(|| self.times().take_while(|time| *time <= most).last())
                .flatten()
                .and_then(|t| at(day, t))
        })
    }

    fn has_day(&self, day: NaiveDate) -> bool {
        has(self.months, day.month())
            && has(self.days, day.day())
            && has(self.weekdays, day.weekday().number_from_sunday())
    }

    /// The seconds of the day at which slots are, ascending.
    fn times(&self) -> impl Iterator<Item = u32> + '_ {
        let hours = (0..24).filter(|h| has(self.hours, *h));
        let minutes = move |h: u32| (0..60).filter(|m| has(self.minutes, *m)).map(move |m| (h, m));
        let seconds =
            move |(h, m): (u32, u32)| (0..60).filter(|s| has(self.seconds, *s)).map(move |s| (h * 60 + m) * 60 + s);
        hours.flat_map(minutes).flat_map(seconds)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn has(set: u64, value: u32) -> bool {
    set >> value & 1 == 1
}

fn seconds_of(time: NaiveTime) -> u32 {
    time.num_seconds_from_midnight()
}

fn at(day: NaiveDate, seconds: u32) -> Option<DateTime<Utc>> {
    let time = NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)?;
    Some(NaiveDateTime::new(day, time).and_utc())
}

/// The values of a field, as bits.
fn set(what: &str, field: &str, range: std::ops::RangeInclusive<u32>, names: &[&str]) -> Result<u64, String> {
    let wrong = |item: &str| format!("{item:?} is not understood among the {what}");
    let number = |text: &str| -> Option<u32> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|i| i as u32 + range.start());
        let value = named.or_else(|| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())))?;
        range.contains(&value).then_some(value)
    };
    let mut values = 0;
    for item in field.split(',') {
        let (span, step) = match item.split_once('/') {
            Some((span, step)) => (span, Some(step.parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(|| wrong(item))?)),
            None => (item, None),
        };
        let (first, last) = match span.split_once('-') {
            Some((first, last)) => (number(first), number(last)),
            None if span == "*" => (Some(*range.start()), Some(*range.end())),
            // `5/15` goes on to the end of the range.
            None => (number(span), if step.is_some() { Some(*range.end()) } else { number(span) }),
        };
        let (Some(first), Some(last)) = (first, last) else { return Err(wrong(item)) };
        if first > last {
            return Err(wrong(item));
        }
        (first..=last).step_by(step.unwrap_or(1) as usize).for_each(|value| values |= 1 << value);
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use outflow_testkit::clock::at;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slots_before_and_after() {
        for (text, before, time, after) in [
            ("0 0 1 * * ?", "2026-03-01T01:00:00Z", "2026-03-01T12:00:00Z", "2026-03-02T01:00:00Z"),
            ("0 0 1 * * ? *", "2026-03-01T01:00:00Z", "2026-03-01T01:00:00Z", "2026-03-02T01:00:00Z"),
            ("0 0/15 8-9 * * MON-FRI", "2026-03-06T09:45:00Z", "2026-03-07T08:00:00Z", "2026-03-09T08:00:00Z"),
            ("30 5 4 29 2 ?", "2024-02-29T04:05:30Z", "2026-03-01T00:00:00Z", "2028-02-29T04:05:30Z"),
            ("0 0 12 1,15 * ?", "2026-02-15T12:00:00Z", "2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z"),
            ("0 0 0 ? * 1", "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-08T00:00:00Z"),
        ] {
            let cron = Cron::parse(text).unwrap();
            assert_eq!(cron.latest(at(time)), Some(at(before)), "{text}");
            assert_eq!(cron.next(at(time)), Some(at(after)), "{text}");
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_the_place() {
        for (text, says) in [
            ("", "six fields"),
            ("0 0 1 * *", "six fields"),
            ("0 0 24 * * ?", "hours"),
            ("0 60 1 * * ?", "minutes"),
            ("0 0 1 L * ?", "days of the month"),
            ("0 0 1 * FOO ?", "months"),
            ("0 0 1 * * MON#2", "days of the week"),
            ("0 0 1 * * ? 2027", "year"),
            ("0 0/0 1 * * ?", "minutes"),
            ("0 9-3 1 * * ?", "minutes"),
            ("0 +5 1 * * ?", "minutes"),
            ("0 0 1 30 2 ?", "no such day"),
        ] {
            let told = Cron::parse(text).unwrap_err();
            assert!(told.contains(says), "{text}: {told}");
        }
    }

    proptest! {
        #[test]
        fn the_slot_after_a_slot_before_it_is_the_next(hour in 0u32..24, minute in 0u32..60, secs in 0i64..400_000_000) {
            let cron = Cron::parse(&format!("0 {minute} {hour},3 * * ?")).unwrap();
            let time = at("2020-01-01T00:00:00Z") + TimeDelta::seconds(secs);
            let (latest, next) = (cron.latest(time).unwrap(), cron.next(time).unwrap());
            prop_assert!(latest <= time && time < next);
            prop_assert_eq!(cron.next(latest), Some(next));
            prop_assert_eq!(cron.latest(next - TimeDelta::seconds(1)), Some(latest));
        }
    }
}
