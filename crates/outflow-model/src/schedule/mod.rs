//! When a segment is exported.
//!
//! All times are UTC. A schedule with trigger [`TriggerType::Scheduled`] has **slots**, the instants at which exports are
//! due; one with [`TriggerType::AfterSegmentEval`] has none, evaluations start its exports.
//!
//! | frequency | slots, each at the start time |
//! |---|---|
//! | `ONCE` | the start date |
//! | `DAILY` | every day |
//! | `WEEKLY` | every seventh day: the start date's weekday |
//! | `MONTHLY` | the start date's day of every month; in a month that lacks it, the month's last day |
//! | `EVERY_n_HOURS` | every n hours, counted from the first |
//!
//! Slots begin on the start date. The end date is exclusive: the last slot lies before its midnight. Everything here
//! follows from the schedule and the instants that are given; it takes the same time for an hour as for a century.
//!
//! A schedule that begins to count at some instant (its segment is activated, its flow is enabled) begins with the next
//! slot after it: what lies before was never due.

mod busy;
mod check;
mod slots;

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

pub use busy::{BusyHour, busiest_hour};
pub use slots::Due;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Frequency {
    /// One time.
    #[serde(rename = "ONCE")]
    Once,
    /// Every day.
    #[serde(rename = "DAILY")]
    Daily,
    /// Every seventh day.
    #[serde(rename = "WEEKLY")]
    Weekly,
    /// Every month.
    #[serde(rename = "MONTHLY")]
    Monthly,
    /// Eight times a day.
    #[serde(rename = "EVERY_3_HOURS")]
    Every3Hours,
    /// Four times a day.
    #[serde(rename = "EVERY_6_HOURS")]
    Every6Hours,
    /// Three times a day.
    #[serde(rename = "EVERY_8_HOURS")]
    Every8Hours,
    /// Twice a day.
    #[serde(rename = "EVERY_12_HOURS")]
    Every12Hours,
}

impl Frequency {
    /// All of them with their names in the API.
    pub const ALL: [(&'static str, Frequency); 8] = [
        ("ONCE", Frequency::Once),
        ("DAILY", Frequency::Daily),
        ("WEEKLY", Frequency::Weekly),
        ("MONTHLY", Frequency::Monthly),
        ("EVERY_3_HOURS", Frequency::Every3Hours),
        ("EVERY_6_HOURS", Frequency::Every6Hours),
        ("EVERY_8_HOURS", Frequency::Every8Hours),
        ("EVERY_12_HOURS", Frequency::Every12Hours),
    ];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        name_of(&self, &Frequency::ALL)
    }
}

/// What starts an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TriggerType {
    /// The clock.
    #[serde(rename = "SCHEDULED")]
    Scheduled,
    /// The end of an evaluation of the segment.
    #[serde(rename = "AFTER_SEGMENT_EVAL")]
    AfterSegmentEval,
}

impl TriggerType {
    /// Both with their names in the API.
    pub const ALL: [(&'static str, TriggerType); 2] =
        [("SCHEDULED", TriggerType::Scheduled), ("AFTER_SEGMENT_EVAL", TriggerType::AfterSegmentEval)];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        name_of(&self, &TriggerType::ALL)
    }
}

/// Who is in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ExportMode {
    /// Everybody who is in the segment. The name is the API's; it need not be daily.
    #[serde(rename = "DAILY_FULL_EXPORT")]
    DailyFullExport,
    /// First everybody, then those whose membership changed since the last export.
    #[serde(rename = "FIRST_FULL_THEN_INCREMENTAL")]
    FirstFullThenIncremental,
}

impl ExportMode {
    /// Both with their names in the API.
    pub const ALL: [(&'static str, ExportMode); 2] = [
        ("DAILY_FULL_EXPORT", ExportMode::DailyFullExport),
        ("FIRST_FULL_THEN_INCREMENTAL", ExportMode::FirstFullThenIncremental),
    ];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        name_of(&self, &ExportMode::ALL)
    }
}

/// When a segment is exported; serialised as in the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// How often.
    pub frequency: Frequency,
    /// What starts an export.
    pub trigger_type: TriggerType,
    /// The first day.
    pub start_date: NaiveDate,
    /// The day before which it ends; `None` goes on, and is what `ONCE` has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_date: Option<NaiveDate>,
    /// The time of day of its slots; `None` after an evaluation.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "hours_and_minutes")]
    pub start_time: Option<NaiveTime>,
}

impl Schedule {
    /// Whether an evaluation that `ended` then starts an export, where the segment's last export that an evaluation
    /// started was for `exported`. An on-demand evaluation counts like any other.
    pub fn follows_evaluation(&self, ended: DateTime<Utc>, exported: Option<DateTime<Utc>>) -> bool {
        self.trigger_type == TriggerType::AfterSegmentEval
            && self.has_begun(ended)
            && !self.has_ended(ended)
            && exported.is_none_or(|last| last < ended && self.frequency != Frequency::Once)
    }

    /// Whether the segment may be exported at `at` beside its schedule ("export now"): its dates cover the day. `ONCE`
    /// has no end and always may.
    pub fn covers(&self, at: DateTime<Utc>) -> bool {
        self.frequency == Frequency::Once || (self.has_begun(at) && !self.has_ended(at))
    }

    /// Whether nothing will be due after `at`. A `ONCE` that waits for an evaluation is over when it has been exported,
    /// which only the ledger of runs knows; here it is not.
    pub fn is_over(&self, at: DateTime<Utc>) -> bool {
        match self.trigger_type {
            TriggerType::Scheduled => self.next(at).is_none(),
            TriggerType::AfterSegmentEval => self.has_ended(at),
        }
    }

    fn has_begun(&self, at: DateTime<Utc>) -> bool {
        self.start_date <= at.date_naive()
    }

    fn has_ended(&self, at: DateTime<Utc>) -> bool {
        self.frequency != Frequency::Once && self.end_date.is_some_and(|end| end <= at.date_naive())
    }
}

impl fmt::Display for Frequency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for TriggerType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for ExportMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

fn name_of<T: PartialEq>(value: &T, all: &[(&'static str, T)]) -> &'static str {
    all.iter().find(|(_, one)| one == value).map_or("", |(name, _)| name)
}

/// A time of day as `HH:MM`.
mod hours_and_minutes {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::check::time_of_day;

    pub(super) fn serialize<S: Serializer>(time: &Option<NaiveTime>, serializer: S) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => serializer.collect_str(&time.format("%H:%M")),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NaiveTime>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        time_of_day(&text).map(Some).ok_or_else(|| serde::de::Error::custom("the time must be HH:MM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Schedule {
        serde_json::from_str(text).unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_schedule_reads_and_writes_as_in_the_api() {
        let text = r#"{"frequency":"EVERY_6_HOURS","triggerType":"SCHEDULED","startDate":"2022-01-05","endDate":"2022-01-30","startTime":"20:00"}"#;
        assert_eq!(serde_json::to_string(&schedule(text)).unwrap(), text);
        let text = r#"{"frequency":"ONCE","triggerType":"AFTER_SEGMENT_EVAL","startDate":"2022-07-21"}"#;
        assert_eq!(serde_json::to_string(&schedule(text)).unwrap(), text);
    }

    #[test]
    fn every_name_reads_back() {
        for (name, frequency) in Frequency::ALL {
            assert_eq!((frequency.name(), serde_json::to_value(frequency).unwrap()), (name, name.into()));
        }
        for (name, trigger) in TriggerType::ALL {
            assert_eq!((trigger.name(), serde_json::to_value(trigger).unwrap()), (name, name.into()));
        }
        for (name, mode) in ExportMode::ALL {
            assert_eq!((mode.name(), serde_json::to_value(mode).unwrap()), (name, name.into()));
        }
    }

    #[test]
    fn every_evaluation_within_the_dates_exports() {
        let daily = schedule(
            r#"{"frequency":"DAILY","triggerType":"AFTER_SEGMENT_EVAL","startDate":"2026-01-04","endDate":"2026-01-11"}"#,
        );
        for (ended, exported, follows) in [
            ("2026-01-03T23:59:59Z", None, false),
            ("2026-01-04T00:00:00Z", None, true),
            ("2026-01-04T09:00:00Z", Some("2026-01-04T00:00:00Z"), true),
            ("2026-01-04T09:00:00Z", Some("2026-01-04T09:00:00Z"), false),
            ("2026-01-10T23:59:59Z", None, true),
            ("2026-01-11T00:00:00Z", None, false),
        ] {
            assert_eq!(daily.follows_evaluation(at(ended), exported.map(at)), follows, "{ended}");
        }
        assert_eq!(daily.next(at("2026-01-01T00:00:00Z")), None);
        assert!(!daily.is_over(at("2026-01-10T23:00:00Z")) && daily.is_over(at("2026-01-11T00:00:00Z")));
    }

    #[test]
    fn once_after_an_evaluation_exports_one_time() {
        let once = schedule(r#"{"frequency":"ONCE","triggerType":"AFTER_SEGMENT_EVAL","startDate":"2026-01-04"}"#);
        assert!(!once.follows_evaluation(at("2026-01-03T10:00:00Z"), None));
        assert!(once.follows_evaluation(at("2026-03-03T10:00:00Z"), None));
        assert!(!once.follows_evaluation(at("2026-03-04T10:00:00Z"), Some(at("2026-03-03T10:00:00Z"))));
    }

    #[test]
    fn export_now_needs_the_dates_to_cover_the_day_except_for_once() {
        let dates = r#""triggerType":"SCHEDULED","startDate":"2026-01-04","endDate":"2026-01-11","startTime":"10:00"}"#;
        let daily = schedule(&format!(r#"{{"frequency":"DAILY",{dates}"#));
        for (day, covered) in [
            ("2026-01-03T23:59:59Z", false),
            ("2026-01-04T00:00:00Z", true),
            ("2026-01-10T23:59:59Z", true),
            ("2026-01-11T00:00:00Z", false),
        ] {
            assert_eq!(daily.covers(at(day)), covered, "{day}");
        }
        let once = schedule(&format!(r#"{{"frequency":"ONCE",{dates}"#));
        assert!(once.covers(at("2030-01-01T00:00:00Z")));
        assert!(daily.is_over(at("2026-01-10T10:00:00Z")) && !daily.is_over(at("2026-01-10T09:59:59Z")));
    }
}
