//! One run: its plan carried out, from the first read to the manifest.

mod columns;
mod earlier;
mod produce;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_connector_kit::{BodyReader, NameRule, Session};
use outflow_model::balance::Balance;
use outflow_model::manifest::{Manifest, ManifestFile, manifest_name};
use outflow_model::template::PARTS_MAX;
use outflow_model::{Fault, FaultClass};
use outflow_profiles::evaluate::Evaluator;
use outflow_profiles::scan::{Profiles, RowSelection};
use tokio::runtime::Handle;

use crate::deliver::{DeliveredFile, Delivery, Envelope, FileSource, deliver_whole, mismatch, verify_files};
use crate::departures::DeparturesFile;
use crate::openpgp::Encryption;
use crate::pipeline::Compression;
use crate::plan::{DedupKey, ExportPlan, FileFormat};
use crate::progress::{Progress, Step};

pub(crate) use columns::Columns;

/// What a run may use.
#[derive(Clone, Debug)]
pub struct Resources {
    /// Threads that read, encode and compress.
    pub threads: usize,
    /// Memory in bytes for everything the run holds.
    pub memory_bytes: u64,
    /// Where rows wait that do not fit.
    pub spill_folder: PathBuf,
}

/// How much of the far end is read back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VerifyLevel {
    /// What each connector promises: checksums, entity tags, sizes.
    #[default]
    Receipt,
    /// Every byte, hashed.
    Full,
}

/// A part that is whole, and about to become visible.
#[derive(Clone, Copy, Debug)]
pub struct WholePart<'a> {
    /// Path below the target.
    pub name: &'a str,
    /// Who leaves with it, where that is kept.
    pub departures: Option<&'a DeparturesFile>,
}

/// Says whether the parts of a run may become visible.
pub type BeforePublishing<'a> = dyn Fn(&[WholePart<'_>]) -> Result<(), Fault> + Sync + 'a;

/// Everything a run needs.
pub struct Run<'a> {
    /// What to do.
    pub plan: &'a ExportPlan,
    /// The pinned profiles.
    pub profiles: &'a Profiles,
    /// The bound rule; all profiles are selected without one.
    pub rule: Option<Arc<Evaluator>>,
    /// The rows of the members that the plan names.
    pub rows: Option<Arc<RowSelection>>,
    /// The open target.
    pub session: Arc<dyn Session>,
    /// Runs the session's work.
    pub runtime: Handle,
    /// What it may use.
    pub resources: Resources,
    /// Who watches.
    pub progress: &'a Progress,
    /// Encrypts the files, where the plan names who reads them.
    pub encryption: Option<&'a Encryption>,
    /// How much is read back.
    pub verify: VerifyLevel,
    /// Where it is kept who leaves with each file, if it is; see [`departures`](crate::departures): the path without
    /// `-PART.departures`. The profiles are a snapshot's then.
    pub departures: Option<&'a Path>,
    /// Asked once when every part is whole and none is visible yet; a fault of it ends the run, and none becomes so.
    pub before_publishing: Option<&'a BeforePublishing<'a>>,
    /// Tells when the last file was whole.
    pub clock: &'a (dyn Fn() -> DateTime<Utc> + Sync),
}

/// What became of a run.
#[derive(Debug)]
pub struct ExportOutcome {
    /// Hash of the plan.
    pub run_id: String,
    /// Where every profile went, as far as the run got.
    pub balance: Balance,
    /// The files that this run made visible at the far end, or found there already; should it fail midway, those so far.
    pub files: Vec<DeliveredFile>,
    /// Parts that this run asked the far end to make visible, the first ones. Of the last it may not be known whether it is.
    pub published_at_most: usize,
    /// Where the manifest is.
    pub manifest: Option<String>,
    /// What a person should know or set up.
    pub advice: Vec<String>,
    /// Why it failed.
    pub fault: Option<Fault>,
}

/// Carries a plan out. Blocks; call it outside the runtime.
pub fn run(run: &Run<'_>) -> ExportOutcome {
    let mut outcome = ExportOutcome {
        run_id: String::new(),
        balance: Balance::default(),
        files: Vec::new(),
        published_at_most: 0,
        manifest: None,
        advice: Vec::new(),
        fault: None,
    };
    outcome.fault = attempt(run, &mut outcome).err();
    outcome
}

fn attempt(run: &Run<'_>, outcome: &mut ExportOutcome) -> Result<(), Fault> {
    let plan = run.plan;
    outcome.run_id = plan.run_id()?;
    check_members(run)?;
    check_recipient(run)?;
    let columns = Columns::of(plan, run.profiles, run.rows.as_deref(), run.departures.is_some())?;
    let names = possible_names(run, &outcome.run_id);
    let sweep = run.runtime.block_on(run.progress.unless_cancelled(run.session.sweep(&names)))?;
    outcome.advice = sweep.advice;
    let before = earlier::listed(run, &manifest(plan, &outcome.run_id))?;
    run.progress.enter(Step::Exporting);
    run.progress.set_total(run.profiles.morsels().iter().map(|m| m.rows).sum());

    let mut delivery = delivery(run, envelope(run, &outcome.run_id));
    let made = match produce::produce(
        run,
        &outcome.run_id,
        &columns,
        &mut delivery,
        &mut outcome.balance,
        &mut outcome.advice,
    ) {
        Ok(made) => made,
        Err(fault) => {
            let at_target = delivery.abandon();
            // A part that failed at the target stops the producers, whose own fault then says only that.
            return Err(match at_target {
                Some(cause) if fault.class == FaultClass::Interrupted && !run.progress.is_cancelled() => cause,
                // Who waited for a target that gives nothing says only that it gave up.
                _ if fault.class == FaultClass::Interrupted => run.progress.check().err().unwrap_or(fault),
                _ => fault,
            });
        }
    };
    run.progress.enter(Step::Publishing);
    if let Err(fault) = delivery.wait_all().and_then(|()| run.progress.check()) {
        delivery.abandon();
        return Err(fault);
    }
    let discrepancies = outcome.balance.discrepancies();
    if !discrepancies.is_empty() {
        delivery.abandon();
        return Err(Fault::internal(format!("the run does not balance: {}", discrepancies.join("; "))));
    }
    if let Err(fault) = may_publish(run, &delivery, &made.departures) {
        delivery.abandon();
        return Err(fault);
    }
    let published = delivery.publish(&made.rows, &mut outcome.files, &|| run.progress.check());
    outcome.published_at_most = delivery.begun();
    // Also where not all files became visible: who left with the others has left.
    for (file, departures) in outcome.files.iter_mut().zip(made.departures) {
        file.departures = Some(departures);
    }
    if let Err(fault) = published {
        delivery.abandon();
        return Err(fault);
    }
    outcome.advice.extend(earlier::advice(run, &before, &outcome.files));
    if run.verify == VerifyLevel::Full {
        run.progress.enter(Step::Verifying);
        read_back(run, &outcome.files)?;
    }
    outcome.manifest = Some(write_manifest(run, outcome, &columns)?);
    Ok(())
}

/// Asks whoever is to be asked before anything becomes visible.
fn may_publish(run: &Run<'_>, delivery: &Delivery, departures: &[DeparturesFile]) -> Result<(), Fault> {
    let Some(ask) = run.before_publishing else { return Ok(()) };
    let part = |(number, name)| WholePart { name, departures: departures.get(number) };
    ask(&delivery.staged().enumerate().map(part).collect::<Vec<_>>())
}

fn delivery(run: &Run<'_>, envelope: Envelope) -> Delivery {
    Delivery::new(Arc::clone(&run.session), run.runtime.clone(), envelope, run.progress)
}

/// Every name that an earlier attempt of this plan may have begun.
fn possible_names(run: &Run<'_>, run_id: &str) -> Vec<String> {
    let rows: u64 = run.profiles.morsels().iter().map(|m| m.rows).sum();
    let parts = match run.plan.dedup {
        // A profile gives a row for each of its identities, and nobody knows how many it has.
        Some(DedupKey::Namespace(_)) => PARTS_MAX,
        _ => rows.div_ceil(run.plan.rows_per_file).clamp(1, u64::from(PARTS_MAX)) as u32,
    };
    let parts = (1..=parts).map(|part| run.plan.names.parts.file_name(part));
    parts.chain([manifest(run.plan, run_id)]).collect()
}

/// The name of the run's manifest.
fn manifest(plan: &ExportPlan, run_id: &str) -> String {
    let first = plan.names.parts.file_name(1);
    manifest_name((!plan.names.dated).then_some(first.as_str()), plan.names.flow_id.as_deref(), run_id)
}

/// The rows are those that the plan names: the run's id stands for them.
fn check_members(run: &Run<'_>) -> Result<(), Fault> {
    let given = run.rows.as_ref().map(|rows| rows.members());
    let is_ruled = run.plan.rule.is_some() || run.rule.is_some();
    if given != run.plan.members.as_ref() || (given.is_some() && is_ruled) {
        return Err(Fault::internal("the plan names other members than those that are given to the run"));
    }
    Ok(())
}

/// The key is that of the plan. A run whose plan names a reader never delivers in clear.
fn check_recipient(run: &Run<'_>) -> Result<(), Fault> {
    if run.encryption.map(Encryption::recipient) != run.plan.encryption.as_ref() {
        return Err(Fault::internal(
            "the plan names another reader of the files than the key that is given to the run",
        ));
    }
    Ok(())
}

fn envelope(run: &Run<'_>, run_id: &str) -> Envelope {
    let content_type = match (run.plan.compression, &run.plan.format) {
        _ if run.plan.encryption.is_some() => "application/pgp-encrypted",
        (Compression::Gzip, _) => "application/gzip",
        (Compression::Zstd, _) => "application/zstd",
        (Compression::None, FileFormat::Csv(_)) => "text/csv; charset=utf-8",
        (Compression::None, FileFormat::Json) => "application/x-ndjson",
        (Compression::None, FileFormat::Parquet) => "application/vnd.apache.parquet",
    };
    // Text of a value is rarely more than eight times its encoded size; what an upload does with a larger file is its
    // connector's to say.
    let read: u64 = run.profiles.morsels().iter().map(|m| m.bytes).sum();
    Envelope {
        name_rule: if run.plan.names.dated { NameRule::MustBeNew } else { NameRule::Replace },
        content_type: content_type.into(),
        run_id: run_id.into(),
        bytes_upper_bound: Some(read.saturating_mul(8).max(1)),
    }
}

/// Reads every delivered file again and compares.
fn read_back(run: &Run<'_>, files: &[DeliveredFile]) -> Result<(), Fault> {
    let wanted: Vec<ManifestFile> = files.iter().map(|f| manifest_file(f, run)).collect();
    let source = AtTarget(Arc::clone(&run.session));
    let watched = |bytes| {
        run.progress.add_verified(bytes);
        run.progress.check()
    };
    let reading = run.progress.unless_cancelled(verify_files(&source, &wanted, &watched));
    match run.runtime.block_on(reading) {
        Ok(checked) => mismatch(&checked).map_or(Ok(()), Err),
        Err(fault) if fault.class == FaultClass::Interrupted => {
            Err(without_manifest("interrupted while the files were read back"))
        }
        Err(fault) => Err(fault),
    }
}

/// What is told of an interrupt behind the last file.
fn without_manifest(what: &str) -> Fault {
    Fault::new(FaultClass::Interrupted, what)
        .hint("the files are at the target, without a manifest: run again to have it written")
}

/// The target as a source of files.
pub struct AtTarget(pub Arc<dyn Session>);

#[async_trait::async_trait]
impl FileSource for AtTarget {
    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        self.0.read(name).await
    }
}

fn manifest_file(file: &DeliveredFile, run: &Run<'_>) -> ManifestFile {
    ManifestFile {
        name: file.name.clone(),
        sink_path: run.session.sink_path(&file.name),
        rows: file.rows,
        bytes: file.bytes,
        sha256: file.sha256.clone(),
    }
}

fn write_manifest(run: &Run<'_>, outcome: &ExportOutcome, columns: &Columns) -> Result<String, Fault> {
    let content = Manifest {
        run_id: outcome.run_id.clone(),
        flow_id: run.plan.names.flow_id.clone(),
        segment_id: run.plan.names.segment_id.clone(),
        scheduled_time: run.plan.now,
        completed_time: (run.clock)(),
        schema: columns.manifest_schema(),
        files: outcome.files.iter().map(|f| manifest_file(f, run)).collect(),
        rows_total: outcome.files.iter().map(|f| f.rows).sum(),
        bytes_total: outcome.files.iter().map(|f| f.bytes).sum(),
        balance: outcome.balance.clone(),
    };
    let mut text =
        serde_json::to_vec_pretty(&content).map_err(|e| Fault::internal("a manifest cannot be written").because(e))?;
    text.push(b'\n');
    let envelope = Envelope {
        // A manifest says when it was completed, so a rerun's differs: it replaces the one before.
        name_rule: NameRule::Replace,
        content_type: "application/json".into(),
        run_id: outcome.run_id.clone(),
        bytes_upper_bound: Some(text.len() as u64),
    };
    let name = manifest(run.plan, &outcome.run_id);
    match deliver_whole(delivery(run, envelope), name, text) {
        Ok(file) => Ok(file.url),
        Err(fault) if fault.class == FaultClass::Interrupted => {
            Err(without_manifest("interrupted while the manifest was written"))
        }
        Err(fault) => Err(fault),
    }
}
