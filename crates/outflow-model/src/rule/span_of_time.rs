//! Instants at a distance from other instants.

use chrono::{DateTime, Months, TimeDelta, Utc};

use super::ast::{Direction, TimeUnit};
use super::pql::date_in_range;

/// The instant `count` units before or after `anchor`, or `None` outside the years 1 to 9999. `count` is not negative.
pub(super) fn shifted(
    anchor: DateTime<Utc>,
    count: i64,
    unit: TimeUnit,
    direction: Direction,
) -> Option<DateTime<Utc>> {
    let shifted = match unit {
        TimeUnit::Month => by_months(anchor, count, direction),
        TimeUnit::Year => by_months(anchor, count.checked_mul(12)?, direction),
        fixed => {
            let delta = TimeDelta::try_milliseconds(count.checked_mul(milliseconds(fixed))?)?;
            match direction {
                Direction::Before => anchor.checked_sub_signed(delta),
                Direction::After => anchor.checked_add_signed(delta),
            }
        }
    };
    shifted.filter(|instant| date_in_range(&instant.date_naive()))
}

fn by_months(anchor: DateTime<Utc>, months: i64, direction: Direction) -> Option<DateTime<Utc>> {
    let months = Months::new(u32::try_from(months).ok()?);
    match direction {
        Direction::Before => anchor.checked_sub_months(months),
        Direction::After => anchor.checked_add_months(months),
    }
}

fn milliseconds(unit: TimeUnit) -> i64 {
    const DAY: i64 = 86_400_000;
    match unit {
        TimeUnit::Millisecond => 1,
        TimeUnit::Second => 1_000,
        TimeUnit::Minute => 60_000,
        TimeUnit::Hour => 3_600_000,
        TimeUnit::Week => 7 * DAY,
        TimeUnit::Day | TimeUnit::Month | TimeUnit::Year => DAY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn months_and_years_go_by_the_calendar() {
        let anchor = at("2024-03-31T10:00:00Z");
        assert_eq!(shifted(anchor, 1, TimeUnit::Month, Direction::Before), Some(at("2024-02-29T10:00:00Z")));
        assert_eq!(shifted(anchor, 13, TimeUnit::Month, Direction::Before), Some(at("2023-02-28T10:00:00Z")));
        assert_eq!(
            shifted(at("2024-02-29T00:00:00Z"), 1, TimeUnit::Year, Direction::After),
            Some(at("2025-02-28T00:00:00Z"))
        );
        assert_eq!(shifted(anchor, 2, TimeUnit::Week, Direction::After), Some(at("2024-04-14T10:00:00Z")));
    }

    #[test]
    fn distances_beyond_the_calendar_are_none() {
        let anchor = at("2024-03-31T10:00:00Z");
        for unit in TimeUnit::ALL {
            assert_eq!(shifted(anchor, i64::MAX, unit, Direction::Before), None, "{unit:?}");
            assert_eq!(shifted(anchor, i64::MAX, unit, Direction::After), None, "{unit:?}");
        }
        assert_eq!(shifted(anchor, 2024, TimeUnit::Year, Direction::Before), None);
    }
}
