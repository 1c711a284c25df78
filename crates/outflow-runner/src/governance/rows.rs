//! A look at what would leave: the first rows or messages of a flow, which may be one that is not saved.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_export::messages::{MessageShape, MessagesLook, SegmentTimes, SegmentTold, preview_messages};
use outflow_export::{Compression, DedupKey, ExportPlan, FileFormat, FilePreview, MappedField, Names, preview_files};
use outflow_governance::consent::ConsentRule;
use outflow_model::flow::{Activation, Dedup, FileOptions, FileType, FlowKind, MessageOptions};
use outflow_model::membership::activated_path;
use outflow_model::segment::SegmentDefinition;
use outflow_model::template::{PartNames, template_fault};
use outflow_model::{Fault, FieldPath};
use outflow_profiles::Work;
use outflow_profiles::membership::{Evaluation, FirstMembers, FirstWanted};
use outflow_profiles::scan::Profiles;
use outflow_profiles::snapshot::Snapshot;
use outflow_store::{Artifact, Document};
use serde_json::{Map, Value};

use super::preview::{Stop, withholding_now};
use super::withholding::Withholding;
use crate::context::Inner;
use crate::steps::blocking;

/// Profiles that are looked at, at most: some parts.
const PROFILES_MAX: u64 = 1_048_576;

/// Members that are looked at where not everybody is exported, as some lack what is mandatory.
const MEMBERS_MAX: u64 = 10_000;

/// What stands where messages name their run.
const RUN_ID: &str = "00000000-0000-0000-0000-000000000000";

/// Which rows are asked for.
#[derive(Clone, Debug)]
pub struct RowsOrder {
    /// The flow's id; may be empty.
    pub flow_id: String,
    /// Whether it exports files or sends messages.
    pub kind: FlowKind,
    /// What it activates.
    pub activation: Activation,
    /// The parameters of its target connection.
    pub params: Map<String, Value>,
    /// The flow's segments that are there, in the order of its selectors.
    pub segments: Vec<Arc<Document>>,
    /// The number of the one whose members are looked at.
    pub selecting: usize,
    /// What consent policies ask of the profiles of segments.
    pub consent: BTreeMap<String, Vec<ConsentRule>>,
    /// Profiles that are shown at most.
    pub profiles_max: u64,
}

/// What would leave first.
#[derive(Clone, Debug)]
pub enum RowsPreview {
    /// Rows of files.
    Files(FilePreview),
    /// Messages about so many profiles, each as it would be sent if the far end knew of nobody, and whether there are more.
    Messages(Vec<String>, bool),
}

/// Where members are looked for.
enum Source {
    /// In the segment's latest evaluation.
    Evaluated(Box<Evaluation>),
    /// Among all profiles, by the rule.
    Ruled(Box<Snapshot>),
}

/// See [`Runner::preview_rows`](crate::Runner::preview_rows).
pub(crate) async fn rows(inner: &Arc<Inner>, sandbox: &str, order: RowsOrder) -> Result<Option<RowsPreview>, Fault> {
    let Some(segment) = order.segments.get(order.selecting) else {
        return Err(Fault::internal("rows of no segment are asked for"));
    };
    let (evaluated, snapshot) = {
        let mut reader = inner.store.read().await?;
        let evaluated = match reader.segment_evaluation(&segment.id).await? {
            Some(latest) => reader.artifact(Artifact::Evaluation, sandbox, &latest.evaluation_id).await?,
            None => None,
        };
        (evaluated, reader.current_snapshot(sandbox).await?)
    };
    let evaluated = evaluated.map(|row| PathBuf::from(row.path));
    let snapshot = snapshot.map(|row| PathBuf::from(row.path));
    let withholding = withholding_now(inner, sandbox, order.consent.clone()).await?;
    let (folder, now) = (inner.sandbox_folder(sandbox)?, inner.now());
    let stop = Stop::default();
    let check = stop.check();
    let look = move || {
        // An evaluation that cannot be read any more is made anew by the next run.
        let evaluated = evaluated.and_then(|path| Evaluation::load(&path).and_then(|of| of.check().map(|()| of)).ok());
        let source = match (evaluated, snapshot) {
            (Some(evaluation), _) => Source::Evaluated(Box::new(evaluation)),
            (None, Some(path)) => Source::Ruled(Box::new(Snapshot::load(&path)?)),
            (None, None) => return Ok(None),
        };
        let progress = |_| {};
        let work = Work { threads: 1, memory_bytes: 0, folder: &folder, check: &check, progress: &progress };
        Look { order, withholding, now }.at(&source, &work).map(Some)
    };
    blocking(look).await
}

/// The part that blocks.
struct Look {
    order: RowsOrder,
    withholding: Withholding,
    now: DateTime<Utc>,
}

impl Look {
    fn at(&self, source: &Source, work: &Work<'_>) -> Result<RowsPreview, Fault> {
        let (members, profiles) = self.members(source, work)?;
        match self.order.kind {
            FlowKind::Batch => self.files(members, &profiles, work).map(RowsPreview::Files),
            FlowKind::Streaming => self.messages(&members, &profiles, work),
        }
    }

    fn members(&self, source: &Source, work: &Work<'_>) -> Result<(FirstMembers, Profiles), Fault> {
        let order = &self.order;
        let segments: Vec<String> = order.segments.iter().map(|segment| segment.id.clone()).collect();
        // Messages tell of everybody. One more tells that there are more.
        let is_everybody = order.kind == FlowKind::Streaming || order.activation.mandatory.is_empty();
        let members_max = if is_everybody { order.profiles_max + 1 } else { MEMBERS_MAX };
        let wanted = |exclusions| FirstWanted {
            segments: &segments,
            selecting: order.selecting,
            exclusions,
            members_max,
            profiles_max: PROFILES_MAX,
        };
        match source {
            Source::Evaluated(evaluation) => {
                let exclusions = self.withholding.exclusions(&segments, evaluation);
                Ok((evaluation.first_members(&wanted(&exclusions), work)?, evaluation.open()?))
            }
            Source::Ruled(snapshot) => {
                let rule = SegmentDefinition::parse(&order.segments[order.selecting].body)
                    .and_then(|definition| definition.expression.bind(&snapshot.schema, self.now))
                    .map_err(|problems| problems.fault("read the segment's rule"))?;
                let exclusions = self.withholding.exclusions_over(&segments, &snapshot.schema, self.now);
                Ok((snapshot.first_selected(&rule, self.now, &wanted(&exclusions), work)?, snapshot.open()?))
            }
        }
    }

    fn files(&self, members: FirstMembers, profiles: &Profiles, work: &Work<'_>) -> Result<FilePreview, Fault> {
        let rows = Arc::new(members.rows);
        let mut plan = self.plan()?;
        plan.members = Some(rows.members().clone());
        preview_files(&plan, profiles, &rows, self.order.profiles_max, work.check)
    }

    /// The plan of files that are never written.
    fn plan(&self) -> Result<ExportPlan, Fault> {
        let RowsOrder { activation, params, flow_id, .. } = &self.order;
        let segment = &self.order.segments[self.order.selecting].id;
        let options = FileOptions::parse(params, "/params").map_err(|p| p.fault("read the target connection"))?;
        let of = |path: &FieldPath| activated_path(path.clone(), segment);
        let mapped = activation.mapping.iter().map(|row| (of(&row.path), row.header.clone()));
        let parts = PartNames::new("preview", options.extension(), None, false)
            .map_err(|problem| template_fault("filenameTemplate", "preview", &[problem]))?;
        Ok(ExportPlan {
            sources: Vec::new(),
            rule: None,
            members: None,
            now: self.now,
            mapping: mapped.map(|(path, header)| MappedField { path, header }).collect(),
            require: activation.mandatory.iter().map(of).collect(),
            dedup: activation.dedup.as_ref().map(|dedup| match dedup {
                Dedup::Namespace(namespace) => DedupKey::Namespace(namespace.clone()),
                Dedup::Attributes(paths) => DedupKey::Attributes(paths.iter().map(of).collect()),
            }),
            newest_by: None,
            format: match options.file_type {
                FileType::Csv(dialect) => FileFormat::Csv(dialect),
                FileType::Json => FileFormat::Json,
                FileType::Parquet => FileFormat::Parquet,
            },
            compression: Compression::None,
            encryption: None,
            rows_per_file: options.rows_per_file,
            names: Names {
                parts,
                dated: false,
                flow_id: Some(flow_id.clone()),
                segment_id: segment.clone(),
                run_id: Some(RUN_ID.to_owned()),
            },
            target: String::new(),
        })
    }

    fn messages(&self, members: &FirstMembers, profiles: &Profiles, work: &Work<'_>) -> Result<RowsPreview, Fault> {
        let mapping: Vec<FieldPath> = self.order.activation.mapping.iter().map(|row| row.path.clone()).collect();
        let shape = MessageShape::new(&mapping, profiles, self.told()?)?;
        let sequence = u64::try_from(self.now.timestamp()).unwrap_or_default();
        let look = MessagesLook { flow_id: &self.order.flow_id, run_id: RUN_ID, sequence, shape: &shape };
        let mut messages = preview_messages(&look, profiles, members, work.check)?;
        let most = usize::try_from(self.order.profiles_max).unwrap_or(usize::MAX);
        let has_more = members.memberships.len() > messages.len().min(most);
        messages.truncate(most);
        Ok(RowsPreview::Messages(messages, has_more))
    }

    /// What messages tell of segments. What was not saved was made and changed now.
    fn told(&self) -> Result<Vec<SegmentTold>, Fault> {
        let RowsOrder { activation, params, segments, .. } = &self.order;
        let options = MessageOptions::parse(params, "/params").map_err(|p| p.fault("read the target connection"))?;
        let told = |segment: &Arc<Document>| {
            let activated = activation.segment(&segment.id);
            let millis = |time: Option<DateTime<Utc>>| time.unwrap_or(self.now).timestamp_millis();
            let times = || SegmentTimes {
                created_at_millis: segment.created_at.timestamp_millis(),
                updated_at_millis: segment.updated_at.timestamp_millis(),
                mapping_created_at_millis: millis(activated.and_then(|of| of.created_at)),
                mapping_updated_at_millis: millis(activated.and_then(|of| of.updated_at)),
            };
            SegmentTold {
                id: segment.id.clone(),
                name: options.include_segment_names.then(|| segment.name.clone()),
                timestamps: options.include_segment_timestamps.then(times),
            }
        };
        Ok(segments.iter().map(told).collect())
    }
}
