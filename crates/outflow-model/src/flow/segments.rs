//! The segments of a flow, from `segmentSelectors`.

use super::{ActivatedSegment, FlowKind, SegmentExport};
use crate::json::Node;
use crate::problem::Findings;
use crate::schedule::{ExportMode, Schedule};
use crate::template::{NameTemplate, default_template};

/// Reads every selector. `preset` is the export of segments that bring neither mode nor schedule.
pub(super) fn parse(
    params: &Node<'_>,
    kind: FlowKind,
    preset: Option<&SegmentExport>,
    findings: &mut Findings,
) -> Vec<ActivatedSegment> {
    let mut segments: Vec<ActivatedSegment> = Vec::new();
    let Some(selectors) = params.member("segmentSelectors") else { return segments };
    if selectors.object(findings).is_none() {
        return segments;
    }
    let items = selectors.member("selectors").and_then(|member| member.items(findings)).unwrap_or_default();
    for item in &items {
        let Some(segment) = selector(item, kind, preset, findings) else { continue };
        match segments.iter().find(|other| other.id == segment.id) {
            Some(other) => {
                let message = format!("the segment is activated already, by {}", other.pointer);
                findings.add(format!("{}/id", segment.pointer), message);
            }
            None => segments.push(segment),
        }
    }
    segments
}

fn selector(
    item: &Node<'_>,
    kind: FlowKind,
    preset: Option<&SegmentExport>,
    findings: &mut Findings,
) -> Option<ActivatedSegment> {
    item.object(findings)?;
    let selector_type = item.required("type", findings);
    if let Some(selector_type) = selector_type {
        selector_type.one_of(&[("PLATFORM_SEGMENT", ())], findings);
    }
    let value = item.required("value", findings)?;
    value.object(findings)?;
    let id = value.required("id", findings).and_then(|id| id.filled_text(findings)).map(str::to_string);
    let text = |name: &str, findings: &mut Findings| {
        value.member(name).and_then(|member| member.text(findings)).filter(|text| !text.is_empty()).map(str::to_string)
    };
    let (name, description) = (text("name", findings), text("description", findings));
    let time =
        |name: &str, findings: &mut Findings| value.member(name).and_then(|member| member.epoch_seconds(findings));
    let (created_at, updated_at) = (time("createTime", findings), time("updateTime", findings));
    let template = template(&value, findings);
    let export = match kind {
        FlowKind::Streaming => None,
        FlowKind::Batch => Some(export(&value, preset, findings)?),
    };
    if kind == FlowKind::Streaming && (value.member("schedule").is_some() || value.member("exportMode").is_some()) {
        findings.warn(&value.pointer, "schedule and export mode are not used: a stream sends changes as they come");
    }
    let pointer = value.pointer.clone();
    Some(ActivatedSegment { id: id?, name, description, template: template?, export, created_at, updated_at, pointer })
}

/// The file name; both spellings of the member are known.
fn template(value: &Node<'_>, findings: &mut Findings) -> Option<NameTemplate> {
    let (one, other) = (value.member("filenameTemplate"), value.member("fileNameTemplate"));
    if let (Some(one), Some(other)) = (&one, &other)
        && one.value != other.value
    {
        findings.add(&other.pointer, "says something else than filenameTemplate: give one of the two");
    }
    let Some(member) = one.or(other) else { return Some(default_template()) };
    let text = member.text(findings)?;
    match NameTemplate::parse(text) {
        Err(problems) => {
            for problem in problems {
                findings.add(&member.pointer, problem.advice());
            }
            None
        }
        Ok(template) => {
            if !template.names_destination() {
                findings.add(&member.pointer, "must hold the destination's name: add %DESTINATION_NAME%");
            }
            if !template.names_segment() {
                findings.add(&member.pointer, "must hold the segment's id: add %SEGMENT_ID%");
            }
            Some(template)
        }
    }
}

fn export(value: &Node<'_>, preset: Option<&SegmentExport>, findings: &mut Findings) -> Option<SegmentExport> {
    let (mode, schedule) = (value.member("exportMode"), value.member("schedule"));
    if let (None, None, Some(preset)) = (&mode, &schedule, preset) {
        return Some(preset.clone());
    }
    if mode.is_none() {
        findings.add(
            value.pointer_to("exportMode"),
            "is missing: DAILY_FULL_EXPORT exports everybody each time, FIRST_FULL_THEN_INCREMENTAL the changes",
        );
    }
    if schedule.is_none() {
        findings.add(value.pointer_to("schedule"), "is missing: give frequency, triggerType, startDate and startTime");
    }
    let mode = mode.and_then(|mode| mode.one_of(&ExportMode::ALL, findings));
    let schedule = schedule?;
    // Without a mode, what is wrong whatever the mode is still said.
    let read_as = mode.unwrap_or_else(|| mode_of(&schedule));
    let schedule = Schedule::parse(schedule.value, &schedule.pointer, read_as, findings);
    Some(SegmentExport { mode: mode?, schedule: schedule? })
}

/// The mode in which a schedule makes sense, where the mode itself cannot be read.
fn mode_of(schedule: &Node<'_>) -> ExportMode {
    let frequency = schedule.member("frequency").and_then(|f| f.value.as_str().map(str::to_string));
    if frequency.is_some_and(|f| f.starts_with("EVERY_")) {
        ExportMode::FirstFullThenIncremental
    } else {
        ExportMode::DailyFullExport
    }
}
