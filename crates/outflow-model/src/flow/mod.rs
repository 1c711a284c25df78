//! The activation of a flow: which segments it exports, when, with which columns.
//!
//! A flow's body is stored as it was sent. [`Activation::parse`] reads from it what a run needs and knows every rule
//! about it; members that it does not know are left alone, wrong ones are refused with the JSON Pointer of the member,
//! all at once.
//!
//! | place in the flow | meaning |
//! |---|---|
//! | `transformations[0].params.segmentSelectors.selectors[]` | the segments, each with file name, mode and schedule |
//! | `transformations[0].params.profileSelectors.selectors[]` | the mapping, in the order of the columns |
//! | `….params.mandatoryFields`, `….profileSelectors.mandatoryFields` | attributes without which a profile is left out; both places count |
//! | `….params.primaryFields`, `….profileSelectors.primaryFields` | what deduplicates; where both places are filled they must agree |
//! | `….params.streaming` | what a streaming flow tells, see [`StreamingOptions`] |
//! | `scheduleParams` | mode and schedule of segments that bring none |
//! | `policy.enforcementRefs` | the marketing actions, see [`marketing_actions`] |
//!
//! Selecting an identity namespace (path `identityMap.Email`, or a selector with `identity.namespace`) makes it the key
//! that deduplicates and, with that, the files' first column. There is at most one.

mod attributes;
mod file_options;
mod policy;
mod schedule_params;
mod segments;
mod streaming;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use crate::guardrails::Guardrails;
use crate::json::Node;
use crate::membership;
use crate::path::FieldPath;
use crate::problem::{Findings, Problem, Problems};
use crate::schedule::{ExportMode, Schedule};
use crate::schema::Schema;
use crate::template::{NameContext, NameTemplate};

pub use file_options::{FileCompression, FileOptions, FileType};
pub use policy::{ACTION_REFS_MAX, ActionOwner, MarketingAction, marketing_actions};
pub use streaming::{MessageOptions, StreamingOptions, StreamingTriggers};

/// Whether a flow exports files on a schedule or sends messages as things change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FlowKind {
    /// Files.
    Batch,
    /// Messages.
    Streaming,
}

/// What a flow exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Activation {
    /// The segments, in the order of the selectors; no two have the same id.
    pub segments: Vec<ActivatedSegment>,
    /// The columns, in order; no two have the same header.
    pub mapping: Vec<MappingRow>,
    /// Attributes without which a profile is left out.
    pub mandatory: Vec<FieldPath>,
    /// What makes two profiles the same person.
    pub dedup: Option<Dedup>,
    /// What a streaming flow tells; `None` in a flow of files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming: Option<StreamingOptions>,
    /// What is worth knowing although nothing is wrong: soft limits, members that are not used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Problem>,
    /// Paths that are no columns: mandatory attributes and keys.
    #[serde(skip)]
    places: Vec<Place>,
}

/// A path that is no column.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// JSON Pointer of its text.
    pointer: String,
    path: FieldPath,
    /// Whether it deduplicates, for which it must be a scalar.
    is_key: bool,
}

/// A segment that a flow exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActivatedSegment {
    /// The segment's id.
    pub id: String,
    /// Its name, where the selector gives one; the segment's own name may have changed since.
    pub name: Option<String>,
    /// Its description, where the selector gives one.
    pub description: Option<String>,
    /// The name of its files.
    pub template: NameTemplate,
    /// Mode and schedule; `None` in a streaming flow.
    pub export: Option<SegmentExport>,
    /// When it was first activated, as the selector says.
    pub created_at: Option<DateTime<Utc>>,
    /// When its activation was last changed, as the selector says.
    pub updated_at: Option<DateTime<Utc>>,
    /// JSON Pointer of the selector's `value` in the flow.
    pub pointer: String,
}

/// How and when a segment is exported to files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SegmentExport {
    /// Who is in a file.
    pub mode: ExportMode,
    /// When there is one.
    pub schedule: Schedule,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappingRow {
    /// Where the value comes from. A membership of the activated segment is as it was written: see
    /// [`membership::activated_path`].
    pub path: FieldPath,
    /// What the column is called.
    pub header: String,
    /// JSON Pointer of the selector's `value` in the flow.
    pub pointer: String,
}

/// What makes two profiles the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Dedup {
    /// A shared identity of this namespace.
    Namespace(String),
    /// Equal values of one attribute, or of both of two.
    Attributes(Vec<FieldPath>),
}

/// What the macros of file names stand for in one flow; see [`NameContext`].
#[derive(Clone, Copy, Debug)]
pub struct FlowNames<'a> {
    /// The destination's name.
    pub destination_name: &'a str,
    /// The flow's id.
    pub flow_id: &'a str,
    /// The flow's name.
    pub flow_name: &'a str,
    /// The organisation's name, where there is one.
    pub organization_name: Option<&'a str>,
    /// The sandbox.
    pub sandbox_name: &'a str,
}

impl<'a> FlowNames<'a> {
    /// The context of one export of a segment at `now`.
    pub fn context(&self, segment_id: &'a str, segment_name: &'a str, now: DateTime<Utc>) -> NameContext<'a> {
        NameContext {
            destination_name: self.destination_name,
            segment_id,
            segment_name,
            destination_id: Some(self.flow_id),
            destination_instance_name: Some(self.flow_name),
            organization_name: self.organization_name,
            sandbox_name: Some(self.sandbox_name),
            now,
        }
    }
}

impl Activation {
    /// Reads the activation of `flow`, the whole body of a flow. Pointers of problems lead into this body. A flow without
    /// transformations activates nothing, which is how every flow begins.
    ///
    /// # Errors
    /// Every problem at once.
    pub fn parse(flow: &Value, kind: FlowKind, guardrails: &Guardrails) -> Result<Activation, Problems> {
        let mut findings = Findings::default();
        let root = Node::at(flow, "");
        let params = transformation_params(&root, &mut findings);
        let preset = schedule_params::preset(&root, kind, &mut findings);
        let (mut selected, mut attributes) = (Vec::new(), attributes::Attributes::default());
        let mut streaming = (kind == FlowKind::Streaming).then(StreamingOptions::default);
        if let Some(params) = &params {
            selected = segments::parse(params, kind, preset.as_ref(), &mut findings);
            attributes = attributes::parse(params, kind, &mut findings);
            streaming = streaming.map(|_| streaming::parse(params, &mut findings));
        }
        let attributes::Attributes { mapping, mandatory, dedup, places } = attributes;
        let activation =
            Activation { segments: selected, mapping, mandatory, dedup, streaming, warnings: Vec::new(), places };
        if let Some(params) = params {
            activation.warn(&params, kind, guardrails, &mut findings);
        }
        let (mut activation, warnings) = findings.into_result(Some(activation))?;
        activation.warnings = warnings;
        Ok(activation)
    }

    /// The activated segment with this id.
    pub fn segment(&self, id: &str) -> Option<&ActivatedSegment> {
        self.segments.iter().find(|segment| segment.id == id)
    }

    /// Whether the status of the membership in `segment_id` is a column. Only then are exits written.
    pub fn maps_status(&self, segment_id: &str) -> bool {
        self.mapping.iter().any(|row| membership::is_status_of(&row.path, segment_id))
    }

    /// What is wrong with the segments' file names in a flow of these `names` (too long, macros without a value), for
    /// files with these extensions, which are given without a dot. `segment_name` knows the names of segments; what it
    /// does not know is taken from the selector.
    pub fn check_names(
        &self,
        names: &FlowNames<'_>,
        segment_name: &dyn Fn(&str) -> Option<String>,
        format_extension: &str,
        outer_extensions: Option<&str>,
    ) -> Vec<Problem> {
        let check = |segment: &ActivatedSegment| {
            let name = segment_name(&segment.id).or_else(|| segment.name.clone()).unwrap_or_default();
            // Any clock will do: every one gives a name of the same length.
            let context = names.context(&segment.id, &name, DateTime::UNIX_EPOCH);
            let problems = segment.template.part_names(&context, format_extension, outer_extensions).err();
            let field = format!("{}/filenameTemplate", segment.pointer);
            problems.unwrap_or_default().into_iter().map(move |problem| Problem::new(field.clone(), problem.advice()))
        };
        self.segments.iter().flat_map(check).collect()
    }

    /// What is wrong with the paths for profiles of `schema`: those that lead nowhere, and with `scalars_only` (CSV files)
    /// columns that do not fit one cell; keys never hold more than one value. Memberships in segments are always there.
    pub fn check_paths(&self, schema: &Schema, scalars_only: bool) -> Vec<Problem> {
        let columns = self.mapping.iter().map(|row| (format!("{}/path", row.pointer), &row.path, scalars_only));
        let others = self.places.iter().map(|place| (place.pointer.clone(), &place.path, place.is_key));
        let check = |(field, path, is_scalar): (String, &FieldPath, bool)| match path.resolve(schema) {
            _ if membership::is_evaluated(path) => None,
            Ok(found) if is_scalar && !found.is_scalar() => {
                let message = format!("`{path}` is a {}: pick an element of it", found.name());
                Some(Problem::new(field, message))
            }
            Ok(_) => None,
            Err(error) => Some(Problem { near: error.near.clone(), ..Problem::new(field, error.message) }),
        };
        columns.chain(others).filter_map(check).collect()
    }

    /// Segments whose schedule has nothing left after `now`.
    pub fn check_schedules(&self, now: DateTime<Utc>) -> Vec<Problem> {
        let over = |segment: &&ActivatedSegment| segment.export.as_ref().is_some_and(|e| e.schedule.is_over(now));
        let problem = |segment: &ActivatedSegment| {
            let field = format!("{}/schedule", segment.pointer);
            Problem::new(field, "all its dates are past: it will not export anything by itself")
        };
        self.segments.iter().filter(over).map(problem).collect()
    }

    fn warn(&self, params: &Node<'_>, kind: FlowKind, guardrails: &Guardrails, findings: &mut Findings) {
        let selectors = |name: &str| format!("{}/{name}/selectors", params.pointer);
        findings.warnings.extend(guardrails.check_segments(&selectors("segmentSelectors"), self.segments.len()));
        findings.warnings.extend(guardrails.check_attributes(&selectors("profileSelectors"), self.mapping.len()));
        if params.member("profileMapping").is_some_and(|mapping| mapping.value.get("mappingId").is_some()) {
            findings.warn(
                params.pointer_to("profileMapping"),
                "is kept and not used: the columns are those of profileSelectors",
            );
        }
        if kind == FlowKind::Streaming {
            return;
        }
        if !self.segments.is_empty() && self.mapping.is_empty() {
            findings.warn(selectors("profileSelectors"), "no attribute is mapped: files will have no columns");
        }
        for segment in &self.segments {
            let is_incremental =
                segment.export.as_ref().is_some_and(|e| e.mode == ExportMode::FirstFullThenIncremental);
            if is_incremental && self.dedup.is_some() && self.maps_status(&segment.id) {
                findings.warn(
                    format!("{}/exportMode", segment.pointer),
                    "where two profiles share a key of the deduplication and one of them leaves, the key is written as \
                     exited although the other one stays",
                );
            }
            if is_incremental && !self.maps_status(&segment.id) {
                let name = segment.name.as_deref().unwrap_or(&segment.id);
                let message = format!(
                    "who leaves segment {name} is not written: exits are written where \
                     segmentMembership.seg_namespace.seg_id.status is mapped"
                );
                findings.warn(&segment.pointer, message);
            }
            if is_incremental && !segment.template.is_dated() {
                findings.warn(
                    format!("{}/filenameTemplate", segment.pointer),
                    "without %DATETIME% or %TIMESTAMP% each incremental file replaces the one before",
                );
            }
        }
    }
}

/// The parameters of the one transformation that there is.
fn transformation_params<'v>(root: &Node<'v>, findings: &mut Findings) -> Option<Node<'v>> {
    const NAMES: [(&str, ()); 2] = [("GeneralTransform", ()), ("General Transform", ())];
    let items = root.member("transformations")?.items(findings)?;
    for item in &items {
        if item.object(findings).is_some()
            && let Some(name) = item.required("name", findings)
        {
            name.one_of(&NAMES, findings);
        }
    }
    for item in items.iter().skip(1) {
        findings.add(&item.pointer, "a flow has one transformation");
    }
    let params = items.first()?.member("params")?;
    params.object(findings)?;
    Some(params)
}

#[cfg(test)]
mod tests;
