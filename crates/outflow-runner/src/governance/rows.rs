//! A look at what would leave: the first rows or messages of a flow, which may be one that is not saved.
//!
//! What is judged is what is shown: the records may be older than the datasets are, and the members found by another rule
//! than their segment has now.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_export::messages::{MessageShape, MessagesLook, SegmentTimes, SegmentTold, preview_messages};
use outflow_export::{Compression, DedupKey, ExportPlan, FileFormat, FilePreview, MappedField, Names, preview_files};
use outflow_governance::consent::ConsentRule;
use outflow_governance::judge::Verdict;
use outflow_governance::labels::EntityName;
use outflow_governance::usage::SegmentRule;
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

use super::decide::rules_at;
use super::facts::FlowFacts;
use super::ground::Ground;
use super::past::past_rules;
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
    /// The flow, whose id may be empty, and what it uses.
    pub facts: FlowFacts,
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
    /// Profiles that are shown at most.
    pub profiles_max: u64,
}

/// What would leave first.
#[derive(Clone, Debug)]
pub enum RowsPreview {
    /// Rows of files.
    Files(FilePreview),
    /// Messages about so many profiles, each as it would be sent if the far end knew of nobody, and whether there are more,
    /// or may be.
    Messages(Vec<String>, bool),
    /// Nothing may leave, for what it violates.
    Refused(Verdict),
}

/// Where members are looked for.
enum Source {
    /// In the segment's latest evaluation, which the store calls so.
    Evaluated(String, Box<Evaluation>),
    /// Among all profiles of the snapshot that the store calls so, by the rule.
    Ruled(String, Box<Snapshot>),
}

/// What consent policies ask of the profiles of segments.
type Consent = BTreeMap<String, Vec<ConsentRule>>;

/// See [`Runner::preview_rows`](crate::Runner::preview_rows).
pub(crate) async fn rows(inner: &Arc<Inner>, sandbox: &str, order: RowsOrder) -> Result<Option<RowsPreview>, Fault> {
    let Some(segment) = order.segments.get(order.selecting) else {
        return Err(Fault::internal("rows of no segment are asked for"));
    };
    // First what is shown: others may evaluate the segment or change its rule meanwhile.
    let Some(source) = source(inner, sandbox, &segment.id).await? else { return Ok(None) };
    let consent = match judge(inner, sandbox, &order, &source).await? {
        Ok(consent) => consent,
        Err(verdict) => return Ok(Some(RowsPreview::Refused(verdict))),
    };
    let withholding = withholding_now(inner, sandbox, consent).await?;
    let (folder, now) = (inner.sandbox_folder(sandbox)?, inner.now());
    let stop = Stop::default();
    let check = stop.check();
    let look = move || {
        let progress = |_| {};
        let work = Work { threads: 1, memory_bytes: 0, folder: &folder, check: &check, progress: &progress };
        Look { order, withholding, now }.at(&source, &work).map(Some)
    };
    blocking(look).await
}

/// Where members of a segment are looked for; `None` where there are no profiles.
async fn source(inner: &Inner, sandbox: &str, segment: &str) -> Result<Option<Source>, Fault> {
    let (evaluated, snapshot) = {
        let mut reader = inner.store.read().await?;
        let evaluated = match reader.segment_evaluation(segment).await? {
            Some(latest) => reader.artifact(Artifact::Evaluation, sandbox, &latest.evaluation_id).await?,
            None => None,
        };
        (evaluated, reader.current_snapshot(sandbox).await?)
    };
    let load = move || {
        // An evaluation that cannot be read any more is made anew by the next run.
        let read = |path: &Path| Evaluation::load(path).and_then(|of| of.check().map(|()| of)).ok();
        let evaluated = evaluated.and_then(|row| Some((read(row.path.as_ref())?, row.id)));
        Ok(match (evaluated, snapshot) {
            (Some((evaluation, id)), _) => Some(Source::Evaluated(id, Box::new(evaluation))),
            (None, Some(row)) => Some(Source::Ruled(row.id, Box::new(Snapshot::load(row.path.as_ref())?))),
            (None, None) => None,
        })
    };
    blocking(load).await
}

/// Judges what would be shown, as it is judged where it leaves. Answers what consent policies ask, or what it violates.
async fn judge(
    inner: &Inner,
    sandbox: &str,
    order: &RowsOrder,
    source: &Source,
) -> Result<Result<Consent, Verdict>, Fault> {
    let mut facts = order.facts.clone();
    let segment = &order.segments[order.selecting];
    if order.kind == FlowKind::Batch {
        // Files tell of one segment, messages of all.
        facts.segments = vec![segment.id.clone()];
    }
    let (known, mut reader) = (&inner.known, inner.store.read().await?);
    let revision = reader.governance(sandbox).await?.revision;
    let rules = rules_at(known, &mut reader, sandbox, revision).await?;
    let (ground, past) = match source {
        Source::Evaluated(id, _) => {
            let past = past_rules(&mut reader, sandbox, &facts.segments, id).await?;
            (Ground::over(known, &mut reader, sandbox, rules, &[id]).await?, past)
        }
        Source::Ruled(id, _) => {
            let rule = SegmentDefinition::parse(&segment.body).and_then(|definition| definition.expression.rule());
            let rule = rule.map_err(|problems| problems.fault("read the segment's rule"))?;
            let name = EntityName { id: segment.id.clone(), name: segment.name.clone() };
            // It may have another one since it was read.
            let is_now = rules.segment(&segment.id).is_some_and(|now| now.rule == rule);
            let past = if is_now { Vec::new() } else { vec![SegmentRule { segment: name, rule }] };
            (Ground::over_snapshot(known, &mut reader, sandbox, rules, id).await?, past)
        }
    };
    drop(reader);
    let judged = move || {
        let verdict = ground.judge_with(&facts, &past);
        if !verdict.is_allowed() {
            return Ok(Err(verdict));
        }
        let consent = |id: &String| (id.clone(), ground.consent_with(&facts, id, &past));
        Ok(Ok(facts.segments.iter().map(consent).collect()))
    };
    blocking(judged).await
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
            Source::Evaluated(_, evaluation) => {
                let exclusions = self.withholding.exclusions(&segments, evaluation);
                Ok((evaluation.first_members(&wanted(&exclusions), work)?, evaluation.open()?))
            }
            Source::Ruled(_, snapshot) => {
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
        let mut preview = preview_files(&plan, profiles, &rows, self.order.profiles_max, work.check)?;
        preview.is_truncated |= members.is_cut;
        Ok(preview)
    }

    /// The plan of files that are never written.
    fn plan(&self) -> Result<ExportPlan, Fault> {
        let RowsOrder { activation, params, facts, .. } = &self.order;
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
                flow_id: Some(facts.flow.id.clone()),
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
        let look = MessagesLook { flow_id: &self.order.facts.flow.id, run_id: RUN_ID, sequence, shape: &shape };
        let mut messages = preview_messages(&look, profiles, members, work.check)?;
        let most = usize::try_from(self.order.profiles_max).unwrap_or(usize::MAX);
        let has_more = members.is_cut || members.memberships.len() > messages.len().min(most);
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
