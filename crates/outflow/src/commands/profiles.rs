//! `outflow profiles`.

mod find;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use outflow_export::Progress;
use outflow_model::{Fault, FieldPath, PathElement};
use outflow_profiles::describe::{Describer, Description};
use outflow_profiles::generate::{GenerateOptions, GenerateReport, generate};
use outflow_profiles::scan::{Profiles, ScanRequest};
use outflow_profiles::source::pin;
use serde_json::json;
use tokio::runtime::Runtime;

use super::SettingsArgs;
use crate::numbers::{bytes, counted, thousands};
use crate::source::watched_storages;
use crate::{environment, output};

const EXAMPLES: &str = "Examples:
  outflow profiles generate --count 100000 --out lake
  outflow profiles show 'lake/*.parquet'
  outflow profiles find CRMID 4711";

const GENERATE_EXAMPLES: &str = "Examples:
  outflow profiles generate --count 100000 --out lake
  outflow profiles generate --count 10000000 --seed 7 --files 16 --out /data/lake";

const SHOW_EXAMPLES: &str = "Examples:
  outflow profiles show 'lake/*.parquet'
  outflow profiles show s3://lake/profiles --json";

/// What to do with profiles.
#[derive(Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum ProfilesCommand {
    /// Write realistic sample profiles: the same count and seed give the same bytes
    #[command(after_help = GENERATE_EXAMPLES)]
    Generate(GenerateArgs),
    /// Print the fields of profiles, and how many profiles fill each
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
    /// Find a server's profile of a person, with its segments, and whether it is suppressed
    Find(find::FindArgs),
}

impl ProfilesCommand {
    /// Whether it prints one JSON object.
    pub fn wants_json(&self) -> bool {
        match self {
            ProfilesCommand::Generate(args) => args.json,
            ProfilesCommand::Show(args) => args.json,
            ProfilesCommand::Find(args) => args.server.json,
        }
    }
}

/// Options of `outflow profiles generate`.
#[derive(Args)]
pub struct GenerateArgs {
    /// Profiles in all
    #[arg(long, value_name = "N")]
    count: u64,
    /// Another seed gives other profiles
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Folder for the files; made when it is missing
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Files [default: one per 625,000 profiles]
    #[arg(long, value_name = "N", default_value_t = 0)]
    files: u32,
    /// Print one JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Options of `outflow profiles show`.
#[derive(Args)]
pub struct ShowArgs {
    /// Files: a path, folder, glob or s3:// URL
    #[arg(required = true)]
    profiles: Vec<String>,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    json: bool,
}

/// Runs `outflow profiles`.
pub fn run(command: &ProfilesCommand, runtime: &Runtime) -> ExitCode {
    let progress = Arc::new(Progress::default());
    let until_interrupted = || {
        let stopper = Arc::clone(&progress);
        super::on_interrupt(runtime, move || stopper.cancel());
    };
    let (result, json) = match command {
        ProfilesCommand::Generate(args) => {
            until_interrupted();
            (run_generate(args, &progress), args.json)
        }
        ProfilesCommand::Show(args) => {
            until_interrupted();
            (run_show(args, runtime, &progress), args.json)
        }
        ProfilesCommand::Find(args) => return find::run(args, runtime),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => output::fail(&fault, json),
    }
}

fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template(
        "{prefix:13} [{bar:30}] {percent:>3}%  {human_pos} of {human_len} profiles, {eta} left",
    );
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
    bar.set_prefix(what.to_string());
    bar
}

fn run_generate(args: &GenerateArgs, progress: &Progress) -> Result<(), Fault> {
    let options = GenerateOptions {
        seed: args.seed,
        files: args.files,
        threads: environment::cores(),
        ..GenerateOptions::new(args.count, args.out.clone())
    };
    let bar = bar(args.count, "Generating");
    let report = generate(&options, &|profiles| {
        bar.set_position(profiles);
        if progress.is_cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    tell_generated(&report?, args);
    Ok(())
}

fn tell_generated(report: &GenerateReport, args: &GenerateArgs) {
    if args.json {
        output::say_json(&json!({
            "status": "success",
            "profiles": report.profiles,
            "bytes": report.bytes,
            "files": report.files.iter().map(|f| json!({"path": f.path, "bytes": f.bytes, "profiles": f.profiles})).collect::<Vec<_>>(),
            "segments": report.segments.iter().map(|s| json!({"id": s.id, "share": s.share})).collect::<Vec<_>>(),
        }));
        return;
    }
    output::say(&format!(
        "{} in {}, {}, in {}",
        counted(report.profiles, "profile"),
        counted(report.files.len() as u64, "file"),
        bytes(report.bytes),
        args.out.display()
    ));
}

fn run_show(args: &ShowArgs, runtime: &Runtime, progress: &Arc<Progress>) -> Result<(), Fault> {
    let settings = Arc::new(args.settings.load()?);
    let storages = watched_storages(&settings, runtime.handle(), progress);
    let profiles = Profiles::open(pin(&args.profiles, &storages)?)?;
    let description = describe(&profiles, progress)?;
    let files = profiles.sources().files().len();
    let total: u64 = profiles.sources().files().map(|f| f.bytes).sum();
    if args.json {
        let fields: Vec<_> = description
            .fields
            .iter()
            .map(|f| json!({"path": f.path, "type": f.type_name, "filled": f.filled}))
            .collect();
        output::say_json(&json!({
            "status": "success",
            "files": files,
            "bytes": total,
            "profiles": description.profiles,
            "fields": fields,
            "complete": !description.is_cut,
        }));
        return Ok(());
    }
    print(&description, files, total);
    Ok(())
}

/// Reads every top-level field whole.
fn describe(profiles: &Profiles, progress: &Progress) -> Result<Description, Fault> {
    let names: Vec<&String> = profiles.schema().fields.iter().map(|f| &f.name).collect();
    let columns: Vec<FieldPath> =
        names.iter().filter_map(|name| FieldPath::new(vec![PathElement::Name((*name).clone())])).collect();
    let request = ScanRequest { columns: columns.clone(), ..ScanRequest::default() };
    let total: u64 = profiles.morsels().iter().map(|m| m.rows).sum();
    let bar = bar(total, "Reading");
    let read = AtomicU64::new(0);
    let mut describer = Describer::new();
    let known =
        columns.iter().zip(&names).filter_map(|(path, name)| Some(Field::new(*name, profiles.arrow_type(path)?, true)));
    describer.expect(&Schema::new(known.collect::<Vec<_>>()))?;
    for &morsel in profiles.morsels() {
        let mut scan = profiles.scan(morsel, &request)?;
        while let Some(selected) = scan.next_batch()? {
            progress.check()?;
            let fields =
                names.iter().zip(&selected.columns).map(|(name, c)| Field::new(*name, c.data_type().clone(), true));
            let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
            let batch = RecordBatch::try_new(schema, selected.columns.clone())
                .map_err(|e| Fault::internal("a batch is uneven").because(e))?;
            describer.add(&batch)?;
            bar.set_position(read.fetch_add(selected.read, Ordering::Relaxed) + selected.read);
        }
    }
    bar.finish_and_clear();
    Ok(describer.finish())
}

fn print(description: &Description, files: usize, total: u64) {
    let (profiles, files) = (counted(description.profiles, "profile"), counted(files as u64, "file"));
    output::say(&format!("{profiles} in {files}, {}", bytes(total)));
    let width = description.fields.iter().map(|f| f.path.to_string().len()).max().unwrap_or(0).min(72);
    output::say(&format!("{:width$}  {:24}  {:>12}       %", "field", "type", "filled"));
    for field in &description.fields {
        let share = 100.0 * field.filled as f64 / description.profiles.max(1) as f64;
        output::say(&format!(
            "{:width$}  {:24}  {:>12}  {share:>6.2}",
            field.path.to_string(),
            field.type_name,
            thousands(field.filled)
        ));
        if field.keys_left_out > 0 {
            output::say(&format!("{:width$}  … and {} more keys", "", thousands(field.keys_left_out)));
        }
    }
    if description.is_cut {
        output::say("there are more fields and keys than are counted");
    }
}
