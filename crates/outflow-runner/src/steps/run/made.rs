//! Making a run's plan: which membership, which columns, which names, which place. Then it is stored.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use outflow_export::Compression;
use outflow_model::encryption::{Recipient, outer_extensions};
use outflow_model::flow::{
    ActivatedSegment, Activation, Dedup as FlowDedup, FileCompression, FileOptions, FileType, FlowNames,
};
use outflow_model::membership::activated_path;
use outflow_model::run::{RunBody, RunKind, RunMode};
use outflow_model::schedule::ExportMode;
use outflow_model::template::template_fault;
use outflow_model::{Fault, FieldPath};
use outflow_store::{
    Artifact, ArtifactRow, Connection, Dataset, Document, Equals, FencedTx, Flow, Job, ListQuery, Reader, Run, Scope,
    Segment, TargetConnection,
};
use serde_json::Value;

use super::begin::{Begun, activation};
use super::facts::connection_id;
use super::plan::{Column, Dedup, Effect, EvaluationRef, FileNames, Format, Place, StoredPlan};
use super::withheld::{How, Permitted, withhold};
use super::{decision, encryption, outdated, place};
use crate::context::Inner;
use crate::governance::Decision;
use crate::live::Watch;
use crate::scheduler::EVALUATIONS_COUNTED_MAX;
use crate::steps::{blocking, evaluate, permit};
use crate::worker::End;
use crate::{jobs, ledger};

/// How long a run waits for profiles that are being read, before it looks again.
const PROFILES_EVERY: Duration = Duration::from_secs(2);

/// Who is withheld may change while it is found out; after this many times it is decided before that.
const LOOKS_MAX: usize = 3;

/// Earlier runs whose names are looked at, so that none is given twice.
const NAMES_BEFORE: usize = 20;

/// What making a plan came to.
pub(super) enum Made {
    /// A plan, which is stored.
    Plan(Box<StoredPlan>),
    /// None: the run waits, or is not wanted.
    End(End),
    /// None that counts: it is to be made anew.
    Anew,
}

/// Everything that a plan is made of.
struct Ground {
    flow: Arc<Document>,
    segment: Arc<Document>,
    activation: Activation,
    /// The evaluation to export.
    evaluation: EvaluationRef,
    /// The one that was delivered last, where only changes since are wanted.
    since: Option<EvaluationRef>,
}

/// Makes and stores the plan of a run.
pub(super) async fn make(inner: &Arc<Inner>, job: &Job, begun: &Begun, watch: &Arc<Watch>) -> Result<Made, Fault> {
    let body = &begun.body;
    let mut reader = inner.store.read().await?;
    let not_wanted = |reason: &str| Ok(Made::End(End::NotWanted(reason.into())));
    let Some(flow) = reader.find::<Flow>(&job.sandbox, &body.flow_id).await? else {
        return not_wanted("its flow was deleted");
    };
    let Some(segment) = reader.find::<Segment>(&job.sandbox, &body.segment_id).await? else {
        return not_wanted("its segment was deleted");
    };
    if let Some(why) = ledger::why_off(&flow) {
        return not_wanted(&why);
    }
    let activation = activation(&flow)?;
    let Some(export) = activation.segment(&segment.id).map(|segment| segment.export.clone()) else {
        return not_wanted("its segment was taken out of the flow");
    };
    let mode = export.map_or(ExportMode::DailyFullExport, |export| export.mode);
    drop(reader);
    let evaluation = match latest(inner, job, &segment, watch).await? {
        Latest::Found(evaluation) => evaluation,
        Latest::Wait => {
            return Ok(Made::End(End::Wait { wait: PROFILES_EVERY, why: "profiles are being read".into() }));
        }
    };
    let effect = match (body.kind, mode) {
        (RunKind::Adhoc, _) => Effect::Leave,
        (_, ExportMode::FirstFullThenIncremental) => Effect::Advance,
        (_, ExportMode::DailyFullExport) => Effect::Forget,
    };
    let since = if effect == Effect::Advance { delivered(inner, job, body).await? } else { None };
    let ground = Ground { flow, segment, activation, evaluation, since };
    let plan = draft(inner, job, body, &ground, effect).await?;
    for how in [How::Look; LOOKS_MAX].into_iter().chain([How::Settled]) {
        let Some(permitted) = withhold(inner, job, watch, plan.clone(), how).await? else { continue };
        match store(inner, job, permitted).await? {
            Made::Anew => {}
            made => return Ok(made),
        }
    }
    let why = "who may not be exported is being changed";
    Ok(Made::End(End::Wait { wait: PROFILES_EVERY, why: why.into() }))
}

enum Latest {
    Found(EvaluationRef),
    /// There are no profiles yet, and a dataset is being read.
    Wait,
}

/// The segment's latest evaluation; it is evaluated now where it never was.
async fn latest(inner: &Arc<Inner>, job: &Job, segment: &Arc<Document>, watch: &Arc<Watch>) -> Result<Latest, Fault> {
    if let Some(found) = evaluated(&mut inner.store.read().await?, job, &segment.id).await? {
        return Ok(Latest::Found(found));
    }
    let mut reader = inner.store.read().await?;
    if reader.current_snapshot(&job.sandbox).await?.is_none() {
        for dataset in reader.all::<Dataset>(Scope::Sandbox(&job.sandbox), Vec::new()).await? {
            if reader.job(jobs::REFRESH, &dataset.id).await?.is_some() {
                return Ok(Latest::Wait);
            }
        }
    }
    drop(reader);
    watch.enter("evaluating");
    let evaluated_now = evaluate::evaluate(inner, job, std::slice::from_ref(segment), watch).await?;
    if let Some(problem) = evaluated_now.problems.first() {
        return Err(Fault::input(format!("the segment cannot be evaluated: {}", problem.message))
            .tried(format!("evaluate segment {}", segment.id))
            .hint("change its rule, or the datasets, so that the fields it names are there"));
    }
    let mut tx = inner.store.begin_fenced(&job.lease()).await?;
    evaluate::record(&mut tx, job, &evaluated_now).await?;
    tx.commit().await?;
    watch.enter("planning");
    match evaluated(&mut inner.store.read().await?, job, &segment.id).await? {
        Some(found) => Ok(Latest::Found(found)),
        // Its rule was changed meanwhile.
        None => Ok(Latest::Wait),
    }
}

async fn evaluated(reader: &mut Reader, job: &Job, segment: &str) -> Result<Option<EvaluationRef>, Fault> {
    let Some(latest) = reader.segment_evaluation(segment).await? else { return Ok(None) };
    let row = reader.artifact(Artifact::Evaluation, &job.sandbox, &latest.evaluation_id).await?;
    readable(row, job).await
}

/// An evaluation, where its files are there.
async fn readable(row: Option<ArtifactRow>, job: &Job) -> Result<Option<EvaluationRef>, Fault> {
    let Some(row) = row else { return Ok(None) };
    let folder = PathBuf::from(&row.path);
    let whole = blocking(move || Ok(evaluate::whole(&folder).map(drop))).await?;
    if let Err(fault) = &whole {
        let chain = outflow_model::fault::chain(fault);
        tracing::warn!(run = %job.subject, evaluation = %row.id, fault = %chain, "an evaluation cannot be read any more");
    }
    Ok(whole.is_ok().then(|| reference(row)))
}

fn reference(row: ArtifactRow) -> EvaluationRef {
    EvaluationRef { id: row.id, folder: row.path.into() }
}

/// The evaluation that the flow's last incremental delivery of the segment was of.
async fn delivered(inner: &Inner, job: &Job, body: &RunBody) -> Result<Option<EvaluationRef>, Fault> {
    let mut reader = inner.store.read().await?;
    let state = reader.flow_state(&body.flow_id, &body.segment_id).await?;
    let Some(id) = state.and_then(|state| state.delivered_evaluation) else { return Ok(None) };
    let row = reader.artifact(Artifact::Evaluation, &job.sandbox, &id).await?;
    drop(reader);
    let found = readable(row, job).await?;
    if found.is_none() {
        tracing::warn!(run = %job.subject, evaluation = %id, "what was delivered last is not known any more; the export is full");
    }
    Ok(found)
}

async fn draft(inner: &Inner, job: &Job, body: &RunBody, ground: &Ground, effect: Effect) -> Result<StoredPlan, Fault> {
    let Ground { flow, segment, activation, .. } = ground;
    let To { target_name, place, options, encryption } = to(inner, job, flow, segment).await?;
    if activation.mapping.is_empty() {
        return Err(Fault::input("the flow maps no attribute")
            .tried(format!("plan flow {}", flow.id))
            .hint("add the attributes that the files are to have"));
    }
    let of = |path: &FieldPath| activated_path(path.clone(), &segment.id);
    let Some(activated_segment) = activation.segment(&segment.id) else {
        return Err(Fault::internal("a segment of the flow vanished"));
    };
    let named = Named { flow, segment, activated: activated_segment, options: &options };
    let names = names(inner, job, body, &named, encryption.is_some()).await?;
    Ok(StoredPlan {
        run_id: job.subject.clone(),
        flow_id: flow.id.clone(),
        segment_id: segment.id.clone(),
        source_connection_id: connection_id(flow, "sourceConnectionIds").unwrap_or_default(),
        target_connection_id: connection_id(flow, "targetConnectionIds").unwrap_or_default(),
        target_name: Some(target_name),
        now: body.slot,
        evaluation: ground.evaluation.clone(),
        permitted_of: None,
        withheld: Vec::new(),
        since: ground.since.clone(),
        with_exits: ground.since.is_some() && activation.maps_status(&segment.id),
        effect,
        mapping: activation.mapping.iter().map(|r| Column { path: of(&r.path), header: r.header.clone() }).collect(),
        require: activation.mandatory.iter().map(of).collect(),
        dedup: activation.dedup.as_ref().map(|dedup| match dedup {
            FlowDedup::Namespace(namespace) => Dedup::Namespace(namespace.clone()),
            FlowDedup::Attributes(paths) => Dedup::Attributes(paths.iter().map(of).collect()),
        }),
        format: match &options.file_type {
            FileType::Csv(dialect) => Format::Csv(dialect.clone()),
            FileType::Json => Format::Json,
            FileType::Parquet => Format::Parquet,
        },
        compression: compression(&options),
        encryption,
        rows_per_file: options.rows_per_file,
        names,
        place,
        actions: Vec::new(),
        decision: None,
        made_by: None,
        revision: None,
        withholding: String::new(),
    })
}

fn compression(options: &FileOptions) -> Compression {
    match options.compression {
        FileCompression::None => Compression::None,
        FileCompression::Gzip => Compression::Gzip,
        FileCompression::Zstd => Compression::Zstd,
    }
}

/// Where the flow delivers to, what its files are, and who reads them.
struct To {
    target_name: String,
    place: Place,
    options: FileOptions,
    encryption: Option<Recipient>,
}

async fn to(inner: &Inner, job: &Job, flow: &Document, segment: &Document) -> Result<To, Fault> {
    let mut reader = inner.store.read().await?;
    let id = connection_id(flow, "targetConnectionIds")
        .ok_or_else(|| Fault::input("the flow has no target").tried(format!("plan flow {}", flow.id)))?;
    let target = reader.get::<TargetConnection>(&job.sandbox, &id).await?;
    let base = target.body.get("baseConnectionId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let connection = reader.opened::<Connection>(&job.sandbox, &base).await?;
    let spec = target.body.pointer("/connectionSpec/id").or_else(|| connection.pointer("/connectionSpec/id"));
    let connector = place::connector(inner, spec.and_then(Value::as_str).unwrap_or_default())?;
    let params = target.body.get("params").cloned().unwrap_or_default();
    let (at, files) = place::target(connector.catalog(), &params)?;
    let options = FileOptions::parse(&files, "/params")
        .map_err(|problems| problems.fault(format!("read target connection {id}")))?;
    let account = place::account(connector.catalog(), &connection)?;
    let place = place::place(connector, &base, &account, at, (&segment.id, &segment.name))?;
    place::check_folder_root(
        &place,
        inner.settings.folder_root.as_deref(),
        connector.catalog().folder.map_or("", |folder| folder.name),
    )?;
    let encryption = encryption::key(&connection, inner.now())?.map(|key| key.summary().recipient.clone());
    Ok(To { target_name: target.name.clone(), place, options, encryption })
}

/// What a file's name is made of.
struct Named<'a> {
    flow: &'a Document,
    segment: &'a Document,
    activated: &'a ActivatedSegment,
    options: &'a FileOptions,
}

async fn names(
    inner: &Inner,
    job: &Job,
    body: &RunBody,
    named: &Named<'_>,
    is_encrypted: bool,
) -> Result<FileNames, Fault> {
    let Named { flow, segment, activated, options } = named;
    let dated = activated.template.is_dated();
    let now = if dated { unused_time(inner, job, body).await? } else { body.slot };
    let flow_names = FlowNames {
        destination_name: &flow.name,
        flow_id: &flow.id,
        flow_name: &flow.name,
        organization_name: inner.settings.organization.as_deref(),
        sandbox_name: &job.sandbox,
    };
    let context = flow_names.context(&segment.id, &segment.name, now);
    let template = &activated.template;
    let told = |problems: Vec<_>| template_fault("filenameTemplate", &template.to_string(), &problems);
    let name = template.render(&context).map_err(told)?;
    Ok(FileNames {
        name,
        extension: options.extension().to_owned(),
        outer: outer_extensions(options.compression_extension(), is_encrypted),
        dated,
        time: dated.then_some(now),
    })
}

/// The time for a dated name: the slot's, or the first second after those that earlier runs of the flow and segment have.
/// Two runs that were asked for within one second would otherwise have one name.
async fn unused_time(inner: &Inner, job: &Job, body: &RunBody) -> Result<DateTime<Utc>, Fault> {
    let query = ListQuery {
        equals: vec![
            Equals { column: "flow_id", any_of: vec![body.flow_id.clone()] },
            Equals { column: "segment_id", any_of: vec![body.segment_id.clone()] },
        ],
        ..ListQuery::first(NAMES_BEFORE)
    };
    let mut reader = inner.store.read().await?;
    let earlier = reader.list::<Run>(Scope::Sandbox(&job.sandbox), &query).await?;
    let mut used = Vec::new();
    for run in earlier.items.iter().filter(|run| run.id != job.subject) {
        used.extend(ledger::name_time(&ledger::read(run)?));
    }
    let second = TimeDelta::seconds(1);
    let mut time = body.slot.trunc_subsecs(0);
    // The name that an earlier plan of this run had, of which something may have become visible, is taken.
    if let Some(named) = ledger::name_time(body)
        && reader.has_departures(&job.sandbox, &job.subject).await?
    {
        time = time.max(named + second);
    }
    while used.contains(&time) {
        time += second;
    }
    Ok(time)
}

/// Decides whether what was planned may leave, and stores the plan; from here on the run follows it.
async fn store(inner: &Inner, job: &Job, permitted: Permitted) -> Result<Made, Fault> {
    let Permitted { mut plan, evaluation, decided } = permitted;
    decision::read_ahead(inner, job, &plan).await?;
    let mut tx = inner.store.begin_fenced_governed(&job.lease(), &job.sandbox).await?;
    let now = match &decided {
        Some(_) => decision::look(inner, &mut tx, job, &plan).await?,
        None => decision::decide(inner, &mut tx, job, &plan).await?,
    };
    match now {
        Decision::Allowed(now) => {
            let allowed = match decided {
                Some(decided) if now.asks_consent_as(&plan.withholding) => decided,
                None if plan.withholding == now.withholding() => now,
                _ => return Ok(Made::Anew),
            };
            plan.decision = Some(allowed.seq);
            plan.made_by = Some(allowed.seq);
            plan.revision = Some(allowed.revision);
            plan.actions = allowed.actions;
        }
        Decision::Refused(refusal) => return decision::refuse(inner, tx, job, &refusal).await.map(Made::End),
        Decision::Off(why) => return Ok(Made::End(End::NotWanted(why))),
    }
    let text = plan.text()?;
    let document = tx.lock::<Run>(&job.sandbox, &job.subject).await?;
    let mut body = ledger::read(&document)?;
    body.evaluation_id = Some(plan.found_by().to_owned());
    ledger::set_permitted(&mut body, plan.permitted_of.as_ref().map(|_| plan.evaluation.id.as_str()));
    body.since_evaluation_id = plan.since.as_ref().map(|since| since.id.clone());
    body.advice = Vec::from_iter(outdated::advice(&mut tx, job, &[]).await?);
    body.mode = Some(if plan.since.is_some() { RunMode::Incremental } else { RunMode::Full });
    if let Some(time) = plan.names.time {
        ledger::set_name_time(&mut body, time);
    }
    if body.kind == RunKind::AfterEvaluation {
        stand_for_later(&mut tx, job, &plan, &mut body).await?;
    }
    ledger::write(&mut tx, &document, &body).await?;
    if let Some(evaluation) = &evaluation {
        permit::record(&mut tx, &job.sandbox, evaluation).await?;
    }
    for evaluation in [Some(&plan.evaluation), plan.since.as_ref()].into_iter().flatten() {
        tx.pin(Artifact::Evaluation, &job.sandbox, &evaluation.id).await?;
    }
    if plan.encryption.is_some() {
        encryption::make_seed(&mut tx, job).await?;
    }
    tx.set_plan(&job.subject, &text).await?;
    tx.commit().await?;
    tracing::info!(run = %job.subject, evaluation = %plan.evaluation.id, since = ?plan.since.as_ref().map(|s| &s.id), "a run is planned");
    Ok(Made::Plan(Box::new(plan)))
}

/// A run that waited exports the latest evaluation, and stands for those that ended since the one that started it: none
/// of them starts another run.
async fn stand_for_later(tx: &mut FencedTx, job: &Job, plan: &StoredPlan, body: &mut RunBody) -> Result<(), Fault> {
    let Some(latest) = tx.segment_evaluation(&body.segment_id).await? else { return Ok(()) };
    let ended = latest.counts.ended;
    if latest.evaluation_id != plan.found_by() || ended <= body.slot {
        return Ok(());
    }
    if tx.mark_slot(&job.sandbox, &body.flow_id, &body.segment_id, ended).await? {
        let history = tx.segment_history(&body.segment_id, EVALUATIONS_COUNTED_MAX).await?;
        let later = history.iter().filter(|of| of.counts.ended > body.slot && of.counts.ended <= ended);
        body.coalesced += later.count() as u64;
    }
    Ok(())
}
