//! `outflow export`.

mod plan;
mod seed;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, ValueEnum};
use outflow_export::{ExportOutcome, Progress, Resources, Run, VerifyLevel};
use outflow_model::{Fault, FaultClass};
use outflow_runner::Below;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::SettingsArgs;
use crate::numbers::{bytes, parse_bytes, thousands};
use crate::progress::Display;
use crate::settings::Settings;
use crate::target::Target;
use crate::{environment, output};
use plan::Planned;
use seed::KeptSeed;

pub use seed::read_key;

const EXAMPLES: &str = r#"Examples:
  outflow export --profiles 'lake/*.parquet' --where 'homeAddress.country = "US" and loyalty.points > 100' \
    --fields person.name.firstName,personalEmail.address:email --require personalEmail.address \
    --dedup personalEmail.address --newest-by lastPurchaseDate --to s3://exports/acme
  OUTFLOW_SFTP_PASSWORD=… OUTFLOW_SFTP_HOST_KEY='ssh-ed25519 AAAA…' \
    outflow export --profiles lake --fields personalEmail.address --to sftp://acme@sftp.example.com/upload
  outflow export --profiles s3://lake/profiles/*.parquet --fields profileId --name daily.csv --compression gzip \
    --to file:///srv/exports --json

Environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION, AWS_ENDPOINT_URL,
OUTFLOW_S3_ROLE_ARN, OUTFLOW_S3_EXTERNAL_ID, OUTFLOW_S3_PATH_STYLE; OUTFLOW_SFTP_PASSWORD, OUTFLOW_SFTP_KEY_FILE,
OUTFLOW_SFTP_KEY_PASSPHRASE, OUTFLOW_SFTP_HOST_KEY, OUTFLOW_SFTP_LEGACY_ALGORITHMS; OUTFLOW_LOG=debug for logs.

Names: %DESTINATION_NAME% %SEGMENT_ID% %SEGMENT_NAME% %DATETIME(YYYYMMdd_HHmmss)% %TIMESTAMP%. A name with a time must be
new at the target; any other name replaces the file of the run before. Folders may end in %SEGMENT_NAME% and %SEGMENT_ID%;
those that macros name need not be there."#;

/// Options of `outflow export`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct ExportArgs {
    /// Files with profiles: a path, folder, glob or s3:// URL; Parquet, CSV or NDJSON
    #[arg(long, value_name = "PATTERN", required = true)]
    profiles: Vec<String>,
    /// Rule that selects profiles; all are selected without one
    #[arg(long = "where", value_name = "RULE")]
    rule: Option<String>,
    /// Language of the rule
    #[arg(long, value_enum, default_value_t = RuleFormat::Pql)]
    rule_format: RuleFormat,
    /// Columns: paths, each with an optional header, as in person.name.firstName,personalEmail.address:email
    #[arg(long, value_name = "PATH[:HEADER],…", required = true)]
    fields: Vec<String>,
    /// Leave out profiles without a value here
    #[arg(long, value_name = "PATH")]
    require: Vec<String>,
    /// One row per value of this attribute, or of these two
    #[arg(long, value_name = "PATH[,PATH]", conflicts_with = "dedup_identity")]
    dedup: Option<String>,
    /// One profile per group that shares identities of this namespace
    #[arg(long, value_name = "NAMESPACE")]
    dedup_identity: Option<String>,
    /// Among duplicates keep the one with the newest time here
    #[arg(long, value_name = "PATH")]
    newest_by: Option<String>,
    /// Target: s3://BUCKET/PREFIX, sftp://USER@HOST:PORT/PATH or file:///DIR
    #[arg(long, value_name = "URL")]
    to: String,
    /// File name, with macros [default: %DESTINATION_NAME%_segment%SEGMENT_ID%_%DATETIME(YYYYMMddHHmmss)%]
    #[arg(long, value_name = "TEMPLATE")]
    name: Option<String>,
    /// Format of the files
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
    /// Compression of the files
    #[arg(long, value_enum, default_value_t = CompressionArg::None)]
    compression: CompressionArg,
    /// File with an OpenPGP public key, which the files are encrypted with
    #[arg(long, value_name = "FILE")]
    encrypt_to: Option<PathBuf>,
    /// Rows of a file, at most
    #[arg(long, value_name = "N", default_value_t = 5_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    rows_per_file: u64,
    #[command(flatten)]
    dialect: DialectArgs,
    /// The run's clock, for rules and names [default: the time]
    #[arg(long, value_name = "RFC3339")]
    now: Option<String>,
    /// For names
    #[arg(long, value_name = "NAME", default_value = "outflow")]
    destination_name: String,
    /// For names and for segmentMembership.status [default: a hash of the rule]
    #[arg(long, value_name = "ID")]
    segment_id: Option<String>,
    /// For names
    #[arg(long, value_name = "NAME", default_value = "export")]
    segment_name: String,
    /// Threads that read, encode and compress [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=256))]
    threads: Option<u64>,
    /// Memory for everything the run holds, in bytes or as in 256MiB
    #[arg(long, value_name = "BYTES", default_value = "256MiB", value_parser = parse_bytes)]
    memory: u64,
    /// How much of the far end is read back
    #[arg(long, value_enum, default_value_t = VerifyArg::Receipt)]
    verify: VerifyArg,
    /// Folder for journals and spilled rows [default: the user's cache folder]
    #[arg(long, value_name = "DIR")]
    state_dir: Option<PathBuf>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// How values become CSV.
#[derive(Args)]
struct DialectArgs {
    /// Between cells [default: , or a tab for tsv]
    #[arg(long, value_name = "CHAR")]
    delimiter: Option<String>,
    /// Around cells that need it; empty for none
    #[arg(long, value_name = "CHAR", default_value = "\"")]
    quote: String,
    /// Before a quote inside quotes; empty for doubled quotes
    #[arg(long, value_name = "CHAR", default_value = "")]
    escape: String,
    /// Written for null
    #[arg(long, value_name = "TEXT", default_value = "")]
    null_value: String,
    /// Written for an empty string
    #[arg(long, value_name = "TEXT", default_value = "\"\"")]
    empty_value: String,
    /// After every line
    #[arg(long, value_enum, default_value_t = LineEndingArg::Lf)]
    line_ending: LineEndingArg,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RuleFormat {
    /// pql/text
    Pql,
    /// sql/text: a boolean SQL expression
    Sql,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Csv,
    Tsv,
    Json,
    Parquet,
}

#[derive(Clone, Copy, ValueEnum)]
enum CompressionArg {
    None,
    Gzip,
    Zstd,
}

#[derive(Clone, Copy, ValueEnum)]
enum LineEndingArg {
    Lf,
    Crlf,
}

#[derive(Clone, Copy, ValueEnum)]
enum VerifyArg {
    /// Checksums, entity tags, sizes
    Receipt,
    /// Read everything back and hash it
    Full,
}

/// Runs `outflow export`.
pub fn run(args: &ExportArgs, runtime: &Runtime) -> ExitCode {
    let started = Instant::now();
    let progress = Arc::new(Progress::default());
    let stopper = Arc::clone(&progress);
    super::on_interrupt(runtime, move || stopper.cancel());
    let outcome = match attempt(args, runtime, &progress) {
        Ok(outcome) => outcome,
        Err(fault) => failed_before_start(fault),
    };
    for advice in &outcome.advice {
        output::note(&format!("note: {advice}"));
    }
    if args.json {
        output::say_json(&report(&outcome, started));
    } else if outcome.fault.is_none() {
        print(&outcome, started);
    }
    match &outcome.fault {
        None => ExitCode::SUCCESS,
        Some(fault) => {
            output::tell(fault);
            output::exit(fault)
        }
    }
}

fn failed_before_start(fault: Fault) -> ExportOutcome {
    ExportOutcome {
        run_id: String::new(),
        balance: outflow_model::balance::Balance::default(),
        files: Vec::new(),
        published_at_most: 0,
        manifest: None,
        advice: Vec::new(),
        fault: Some(fault),
    }
}

fn attempt(args: &ExportArgs, runtime: &Runtime, progress: &Arc<Progress>) -> Result<ExportOutcome, Fault> {
    let threads = threads(args)?;
    let settings = Arc::new(args.settings.load()?);
    let display = Display::start(Arc::clone(progress));
    let outcome = planned(args, &settings, runtime, progress, threads);
    drop(display);
    outcome
}

/// Plans, connects and runs.
fn planned(
    args: &ExportArgs,
    settings: &Arc<Settings>,
    runtime: &Runtime,
    progress: &Arc<Progress>,
    threads: usize,
) -> Result<ExportOutcome, Fault> {
    let mut planned = Planned::new(args, settings, runtime, progress)?;
    let state_dir = args.state_dir.clone().unwrap_or_else(environment::state_dir);
    std::fs::create_dir_all(&state_dir).map_err(|e| {
        Fault::new(FaultClass::Refused, format!("cannot make the state folder {}", state_dir.display()))
            .hint("choose another with --state-dir")
            .because(e)
    })?;
    let run_id = planned.plan.run_id()?;
    let key = planned.key.take().map(|key| KeptSeed::encryption(&state_dir, &run_id, key)).transpose()?;
    let target = Target::new(planned.root.clone(), settings)?;
    let connecting = target.open(Some(&state_dir), args.memory / 4);
    let mut session = runtime.block_on(progress.unless_cancelled(connecting))?;
    if !planned.below.is_empty() {
        session = Arc::new(Below::new(session, &planned.below));
    }
    let mut outcome = outflow_export::run(&Run {
        plan: &planned.plan,
        profiles: &planned.profiles,
        rule: planned.rule.clone(),
        rows: None,
        session: Arc::clone(&session),
        runtime: runtime.handle().clone(),
        resources: Resources { threads, memory_bytes: args.memory, spill_folder: state_dir },
        progress,
        encryption: key.as_ref().map(|(_, encryption)| encryption),
        verify: match args.verify {
            VerifyArg::Receipt => VerifyLevel::Receipt,
            VerifyArg::Full => VerifyLevel::Full,
        },
        departures: None,
        before_publishing: None,
        clock: &environment::now,
    });
    if planned.plan.newest_by.is_some() && planned.plan.dedup.is_none() {
        outcome.advice.insert(
            0,
            "--newest-by chooses among duplicates and did nothing: there was no --dedup and no --dedup-identity".into(),
        );
    }
    if let (Some((seed, _)), None) = (&key, &outcome.fault) {
        seed.forget();
    }
    if let Err(fault) = runtime.block_on(session.close()) {
        // Everything is delivered and verified; a server that does not say goodbye changes nothing.
        tracing::debug!(class = %fault.class, "the session did not end politely");
    }
    Ok(outcome)
}

/// Memory that a run takes whatever its threads: the program, what a session buffers, what waits for its turn.
const MEMORY_BASE_BYTES: u64 = 32 * 1024 * 1024;

/// Memory that a thread takes: the open pages of a dozen columns, a batch, and what it is made into.
const MEMORY_THREAD_BYTES: u64 = 16 * 1024 * 1024;

/// As many threads as asked for and memory allows. The number changes no byte of the output.
fn threads(args: &ExportArgs) -> Result<usize, Fault> {
    let wanted = args.threads.map_or_else(environment::cores, |n| n as usize);
    let fitting = args.memory.saturating_sub(MEMORY_BASE_BYTES) / MEMORY_THREAD_BYTES;
    if fitting == 0 {
        let least = bytes(MEMORY_BASE_BYTES + MEMORY_THREAD_BYTES);
        return Err(Fault::input(format!("{} of memory are too few for a run", bytes(args.memory)))
            .tried("--memory")
            .hint(format!("give it {least} or more")));
    }
    Ok(wanted.min(fitting as usize))
}

/// The JSON object of contract and `--help`.
fn report(outcome: &ExportOutcome, started: Instant) -> Value {
    let status = match &outcome.fault {
        None => "success",
        Some(fault) if fault.class == FaultClass::Interrupted => "interrupted",
        Some(_) => "failed",
    };
    let balance = &outcome.balance;
    let mut report = json!({
        "status": status,
        "runId": outcome.run_id,
        "profilesRead": balance.profiles_read,
        "notSelected": balance.not_selected,
        "profilesSelected": balance.profiles_selected,
        "excluded": balance.excluded,
        "duplicates": balance.duplicates,
        "profilesWritten": balance.profiles_written,
        "failed": balance.failed,
        "rowsWritten": balance.rows_written,
        "bytesWritten": outcome.files.iter().map(|f| f.bytes).sum::<u64>(),
        "files": outcome.files,
        "manifest": outcome.manifest,
        "durationSecs": started.elapsed().as_secs_f64(),
        "peakMemoryBytes": environment::peak_memory_bytes(),
    });
    if let Some(fault) = &outcome.fault {
        report["error"] = output::error_json(fault);
    }
    report
}

fn print(outcome: &ExportOutcome, started: Instant) {
    let balance = &outcome.balance;
    let excluded: u64 = balance.excluded.values().sum();
    output::say(&format!(
        "{} profiles read = {} not selected + {} selected",
        thousands(balance.profiles_read),
        thousands(balance.not_selected),
        thousands(balance.profiles_selected)
    ));
    output::say(&format!(
        "{} selected = {} excluded + {} duplicates + {} written",
        thousands(balance.profiles_selected),
        thousands(excluded),
        thousands(balance.duplicates),
        thousands(balance.profiles_written)
    ));
    for file in &outcome.files {
        let adopted = if file.adopted { "  (was there already)" } else { "" };
        output::say(&format!(
            "{}  {} rows  {}  sha256 {}{adopted}",
            file.url,
            thousands(file.rows),
            bytes(file.bytes),
            file.sha256
        ));
    }
    if let Some(manifest) = &outcome.manifest {
        output::say(&format!("{manifest}  manifest"));
    }
    output::say(&format!("run {} in {:.1} s", outcome.run_id, started.elapsed().as_secs_f64()));
}
