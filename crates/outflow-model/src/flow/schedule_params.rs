//! `scheduleParams`: mode and schedule of a flow's segments that bring none of their own.
//!
//! `{interval, timeUnit, startTime, endTime?, exportMode?}`: every 3, 6, 8, 12 or 24 hours or every day, from a time in
//! seconds since 1970. Interval 0 means once. Numbers may be written as texts. The mode is incremental unless said
//! otherwise.

use chrono::{DateTime, NaiveDate, NaiveTime, Timelike, Utc};
use serde_json::json;

use super::{FlowKind, SegmentExport};
use crate::json::Node;
use crate::problem::Findings;
use crate::schedule::{ExportMode, Frequency, Schedule};

/// Reads the flow's own schedule, where it has one.
pub(super) fn preset(root: &Node<'_>, kind: FlowKind, findings: &mut Findings) -> Option<SegmentExport> {
    let params = root.member("scheduleParams")?;
    if params.object(findings)?.is_empty() {
        return None;
    }
    if kind == FlowKind::Streaming {
        findings.warn(&params.pointer, "is not used: a stream sends changes as they come");
        return None;
    }
    let before = findings.problems.len();
    let interval = params.required("interval", findings).and_then(|member| member.integer(findings));
    let unit = params.member("timeUnit").or_else(|| params.member("frequency"));
    if unit.is_none() {
        findings.add(params.pointer_to("timeUnit"), "is missing: hour or day");
    }
    let is_hours = unit.and_then(|unit| unit.one_of(&[("hour", true), ("day", false)], findings));
    let start = params.required("startTime", findings).and_then(|member| member.epoch_seconds(findings));
    let end = params.member("endTime").and_then(|member| member.epoch_seconds(findings));
    let mode = params.member("exportMode").map(|member| member.one_of(&ExportMode::ALL, findings));
    let frequency = frequency(&params, interval, is_hours, findings);
    if let (Some(start), Some(end)) = (start, end)
        && end <= start
    {
        findings.add(params.pointer_to("endTime"), "must be after the start time");
    }
    if findings.problems.len() > before {
        return None;
    }
    let (frequency, start) = (frequency?, start?);
    let mode = mode.flatten().unwrap_or(if frequency == Frequency::Once {
        ExportMode::DailyFullExport
    } else {
        ExportMode::FirstFullThenIncremental
    });
    let schedule = json!({
        "frequency": frequency,
        "triggerType": "SCHEDULED",
        "startDate": start.date_naive(),
        "startTime": start.format("%H:%M").to_string(),
        "endDate": end.and_then(end_date),
    });
    let schedule = Schedule::parse(&schedule, &params.pointer, mode, findings)?;
    Some(SegmentExport { mode, schedule })
}

fn frequency(
    params: &Node<'_>,
    interval: Option<i64>,
    is_hours: Option<bool>,
    findings: &mut Findings,
) -> Option<Frequency> {
    let found = match (interval?, is_hours?) {
        (0, _) => Frequency::Once,
        (3, true) => Frequency::Every3Hours,
        (6, true) => Frequency::Every6Hours,
        (8, true) => Frequency::Every8Hours,
        (12, true) => Frequency::Every12Hours,
        (24, true) | (1, false) => Frequency::Daily,
        _ => {
            findings.add(params.pointer_to("interval"), "must be 3, 6, 8, 12 or 24 hours, 1 day, or 0 for once");
            return None;
        }
    };
    Some(found)
}

/// The exclusive end date: the day of the end, or the next where the end is not its midnight.
fn end_date(end: DateTime<Utc>) -> Option<NaiveDate> {
    let is_midnight = end.time().num_seconds_from_midnight() == NaiveTime::MIN.num_seconds_from_midnight();
    if is_midnight { Some(end.date_naive()) } else { end.date_naive().succ_opt() }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn read(params: &Value, kind: FlowKind) -> (Option<SegmentExport>, Findings) {
        let mut findings = Findings::default();
        let flow = json!({ "scheduleParams": params });
        let preset = preset(&Node::at(&flow, ""), kind, &mut findings);
        (preset, findings)
    }

    #[test]
    fn numbers_may_be_texts() {
        let (preset, findings) =
            read(&json!({"interval": "3", "timeUnit": "hour", "startTime": "1675901210"}), FlowKind::Batch);
        assert_eq!(findings, Findings::default());
        let preset = preset.unwrap();
        assert_eq!(preset.mode, ExportMode::FirstFullThenIncremental);
        assert_eq!(
            serde_json::to_value(&preset.schedule).unwrap(),
            json!({"frequency": "EVERY_3_HOURS", "triggerType": "SCHEDULED", "startDate": "2023-02-09", "startTime": "00:06"})
        );
    }

    #[test]
    fn every_interval_has_a_frequency_and_others_are_refused() {
        for (interval, unit, frequency) in [
            (0, "day", Some("ONCE")),
            (3, "hour", Some("EVERY_3_HOURS")),
            (6, "hour", Some("EVERY_6_HOURS")),
            (8, "hour", Some("EVERY_8_HOURS")),
            (9, "hour", None),
            (12, "hour", Some("EVERY_12_HOURS")),
            (24, "hour", Some("DAILY")),
            (1, "day", Some("DAILY")),
            (1, "hour", None),
            (3, "day", None),
        ] {
            let (preset, findings) =
                read(&json!({"interval": interval, "timeUnit": unit, "startTime": 0}), FlowKind::Batch);
            assert_eq!(preset.map(|p| p.schedule.frequency.name()), frequency, "{interval} {unit}");
            assert_eq!(findings.problems.is_empty(), frequency.is_some());
        }
    }

    #[test]
    fn the_end_covers_its_day_unless_it_is_midnight() {
        let day = 86_400;
        for (end, date) in [(2 * day, "1970-01-03"), (2 * day + 1, "1970-01-04")] {
            let params = json!({"interval": 1, "timeUnit": "day", "startTime": 0, "endTime": end});
            let schedule = read(&params, FlowKind::Batch).0.unwrap().schedule;
            assert_eq!(schedule.end_date.unwrap().to_string(), date);
        }
        let params = json!({"interval": 1, "timeUnit": "day", "startTime": day, "endTime": day});
        assert_eq!(read(&params, FlowKind::Batch).1.problems[0].field, "/scheduleParams/endTime");
    }

    #[test]
    fn problems_are_told_at_once_and_streams_have_no_schedule() {
        let (_, findings) = read(&json!({"interval": "x", "exportMode": "y"}), FlowKind::Batch);
        let fields: Vec<_> = findings.problems.iter().map(|p| p.field.as_str()).collect();
        let expected =
            ["interval", "timeUnit", "startTime", "exportMode"].map(|name| format!("/scheduleParams/{name}"));
        assert_eq!(fields, expected);
        assert_eq!(read(&json!({}), FlowKind::Batch), (None, Findings::default()));
        let (preset, findings) = read(&json!({"interval": 3}), FlowKind::Streaming);
        assert!(preset.is_none() && findings.problems.is_empty() && findings.warnings.len() == 1);
    }
}
