//! Reading a schedule from a selector: every rule about what goes with what.

use chrono::{NaiveDate, NaiveTime};
use serde_json::Value;

use super::{ExportMode, Frequency, Schedule, TriggerType};
use crate::json::Node;
use crate::problem::Findings;

impl Schedule {
    /// Reads the schedule of an export in `mode` from `value`, which stands at `pointer`. Members that the chosen kind of
    /// schedule has no use for (the end date of `ONCE`, the start time after an evaluation) are left out with a warning.
    /// `None` when there is a problem.
    pub fn parse(value: &Value, pointer: &str, mode: ExportMode, findings: &mut Findings) -> Option<Schedule> {
        let node = Node::at(value, pointer);
        node.object(findings)?;
        let frequency =
            node.required("frequency", findings).and_then(|member| member.one_of(&Frequency::ALL, findings));
        let trigger = trigger(&node, mode, findings);
        if let Some(frequency) = frequency {
            check_frequency(&node, frequency, mode, trigger, findings);
        }
        let start_date = node.required("startDate", findings).and_then(|member| member.day(findings));
        let end_date = end_date(&node, frequency, start_date, findings);
        let start_time = start_time(&node, trigger, findings);
        if findings.problems.iter().any(|problem| is_below(&problem.field, pointer)) {
            return None;
        }
        Some(Schedule { frequency: frequency?, trigger_type: trigger?, start_date: start_date?, end_date, start_time })
    }
}

/// `HH:MM` with exactly these digits.
pub(super) fn time_of_day(text: &str) -> Option<NaiveTime> {
    let bytes = text.as_bytes();
    let shape =
        bytes.len() == 5 && bytes.iter().enumerate().all(|(i, b)| if i == 2 { *b == b':' } else { b.is_ascii_digit() });
    if !shape {
        return None;
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

fn is_below(field: &str, pointer: &str) -> bool {
    field.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn trigger(node: &Node<'_>, mode: ExportMode, findings: &mut Findings) -> Option<TriggerType> {
    let Some(member) = node.member("triggerType") else {
        if mode == ExportMode::FirstFullThenIncremental {
            return Some(TriggerType::Scheduled);
        }
        findings
            .add(node.pointer_to("triggerType"), "is missing: DAILY_FULL_EXPORT needs SCHEDULED or AFTER_SEGMENT_EVAL");
        return None;
    };
    let trigger = member.one_of(&TriggerType::ALL, findings)?;
    if trigger == TriggerType::AfterSegmentEval && mode == ExportMode::FirstFullThenIncremental {
        findings.add(&member.pointer, "AFTER_SEGMENT_EVAL is for full exports; incremental ones are SCHEDULED");
    }
    Some(trigger)
}

fn check_frequency(
    node: &Node<'_>,
    frequency: Frequency,
    mode: ExportMode,
    trigger: Option<TriggerType>,
    findings: &mut Findings,
) {
    use Frequency::{Daily, Monthly, Once, Weekly};
    let fits = match mode {
        ExportMode::DailyFullExport => matches!(frequency, Once | Daily | Weekly | Monthly),
        ExportMode::FirstFullThenIncremental => !matches!(frequency, Once | Weekly | Monthly),
    };
    if !fits {
        let choice = match mode {
            ExportMode::DailyFullExport => "full exports run ONCE, DAILY, WEEKLY or MONTHLY",
            ExportMode::FirstFullThenIncremental => "incremental exports run DAILY or every 3, 6, 8 or 12 hours",
        };
        findings.add(node.pointer_to("frequency"), format!("{frequency} does not go with {mode}: {choice}"));
    }
    if trigger == Some(TriggerType::AfterSegmentEval) && matches!(frequency, Weekly | Monthly) {
        findings.add(
            node.pointer_to("triggerType"),
            format!("AFTER_SEGMENT_EVAL goes with ONCE and DAILY; {frequency} exports are SCHEDULED"),
        );
    }
}

fn end_date(
    node: &Node<'_>,
    frequency: Option<Frequency>,
    start_date: Option<NaiveDate>,
    findings: &mut Findings,
) -> Option<NaiveDate> {
    let member = node.member("endDate")?;
    let end = member.day(findings)?;
    if frequency == Some(Frequency::Once) {
        findings.warn(&member.pointer, "is not used: ONCE has no end date");
        return None;
    }
    if start_date.is_some_and(|start| end <= start) {
        findings.add(
            &member.pointer,
            "must be after the start date: nothing is exported on the end date itself, nor after it",
        );
    }
    Some(end)
}

fn start_time(node: &Node<'_>, trigger: Option<TriggerType>, findings: &mut Findings) -> Option<NaiveTime> {
    let Some(member) = node.member("startTime") else {
        if trigger != Some(TriggerType::AfterSegmentEval) {
            findings.add(node.pointer_to("startTime"), "is missing: give the time of day in UTC, HH:MM");
        }
        return None;
    };
    let time = time_of_day(member.text(findings)?);
    if time.is_none() {
        findings.add(&member.pointer, "must be a time of day in UTC from 00:00 to 23:59, HH:MM");
    }
    if trigger == Some(TriggerType::AfterSegmentEval) {
        findings.warn(&member.pointer, "is not used: the export starts when the evaluation has ended");
        return None;
    }
    time
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const FULL: ExportMode = ExportMode::DailyFullExport;
    const INCREMENTAL: ExportMode = ExportMode::FirstFullThenIncremental;

    /// Problems' and warnings' fields, without the leading `/s/`.
    fn found(value: &Value, mode: ExportMode) -> (Vec<String>, Vec<String>) {
        let mut findings = Findings::default();
        let schedule = Schedule::parse(value, "/s", mode, &mut findings);
        assert_eq!(schedule.is_some(), findings.problems.is_empty(), "{value}");
        let fields = |problems: &[crate::Problem]| problems.iter().map(|p| p.field.replacen("/s/", "", 1)).collect();
        (fields(&findings.problems), fields(&findings.warnings))
    }

    fn with(changes: &Value) -> Value {
        let mut schedule = json!({
            "frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-04", "endDate": "2026-01-11",
            "startTime": "10:00",
        });
        for (name, value) in changes.as_object().unwrap() {
            schedule[name] = value.clone();
        }
        schedule
    }

    #[test]
    fn what_goes_with_what() {
        let after = json!({"triggerType": "AFTER_SEGMENT_EVAL", "startTime": null});
        for (frequency, full, incremental, full_after) in [
            ("ONCE", true, false, true),
            ("DAILY", true, true, true),
            ("WEEKLY", true, false, false),
            ("MONTHLY", true, false, false),
            ("EVERY_3_HOURS", false, true, false),
            ("EVERY_6_HOURS", false, true, false),
            ("EVERY_8_HOURS", false, true, false),
            ("EVERY_12_HOURS", false, true, false),
        ] {
            let mut schedule = with(&json!({"frequency": frequency}));
            assert_eq!(found(&schedule, FULL).0.is_empty(), full, "{frequency}");
            assert_eq!(found(&schedule, INCREMENTAL).0.is_empty(), incremental, "{frequency}");
            schedule["triggerType"] = after["triggerType"].clone();
            schedule["startTime"] = Value::Null;
            assert_eq!(found(&schedule, FULL).0.is_empty(), full_after, "{frequency}");
            assert!(!found(&schedule, INCREMENTAL).0.is_empty(), "{frequency}");
        }
    }

    #[test]
    fn the_trigger_is_mandatory_for_full_exports_only() {
        let schedule = with(&json!({"triggerType": null}));
        assert_eq!(found(&schedule, FULL).0, ["triggerType"]);
        assert!(found(&schedule, INCREMENTAL).0.is_empty());
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let schedule =
            json!({"frequency": "EVERY_9_HOURS", "triggerType": "x", "startDate": "25.11.2026", "startTime": "24:00"});
        assert_eq!(found(&schedule, FULL).0, ["frequency", "triggerType", "startDate", "startTime"]);
        assert_eq!(found(&json!({}), FULL).0, ["frequency", "triggerType", "startDate", "startTime"]);
        assert_eq!(found(&json!("DAILY"), FULL).0, ["/s"]);
    }

    #[test]
    fn dates_and_times_have_one_form() {
        for (changes, wrong) in [
            (json!({"endDate": "2026-01-04"}), "endDate"),
            (json!({"endDate": "2026-01-03"}), "endDate"),
            (json!({"endDate": "2026-02-30"}), "endDate"),
            (json!({"startDate": "2026-1-4"}), "startDate"),
            (json!({"startDate": 20_260_104}), "startDate"),
            (json!({"startTime": "9:00"}), "startTime"),
            (json!({"startTime": "10:60"}), "startTime"),
            (json!({"startTime": "10:00:00"}), "startTime"),
            (json!({"startTime": 10}), "startTime"),
        ] {
            assert_eq!(found(&with(&changes), FULL).0, [wrong], "{changes}");
        }
        assert!(found(&with(&json!({"startTime": "23:59", "endDate": null})), FULL).0.is_empty());
    }

    #[test]
    fn members_without_a_use_are_left_out_and_said() {
        let once = with(&json!({"frequency": "ONCE"}));
        assert_eq!(found(&once, FULL), (Vec::new(), vec!["endDate".to_string()]));
        let after = with(&json!({"triggerType": "AFTER_SEGMENT_EVAL"}));
        assert_eq!(found(&after, FULL), (Vec::new(), vec!["startTime".to_string()]));
        let parsed = Schedule::parse(&once, "/s", FULL, &mut Findings::default()).unwrap();
        assert_eq!(parsed.end_date, None);
    }
}
