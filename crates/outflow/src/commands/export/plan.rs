//! From options to a plan: everything that can be wrong is found here, before anything is written.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use outflow_export::openpgp::PublicKey;
use outflow_export::{Compression, DedupKey, ExportPlan, FileFormat, MappedField, Names, Progress, hex};
use outflow_model::dialect::{CsvDialect, LineEnding};
use outflow_model::encryption::outer_extensions;
use outflow_model::membership;
use outflow_model::rule::{BoundRule, Expr, bind, parse_pql, parse_sql};
use outflow_model::template::{NameContext, NameTemplate, PartNames, default_template, template_fault};
use outflow_model::{Fault, FieldPath};
use outflow_profiles::evaluate::Evaluator;
use outflow_profiles::scan::Profiles;
use outflow_profiles::source::{PinnedSources, SourceFormat, pin};
use tokio::runtime::Runtime;

use super::seed::read_key;
use super::{CompressionArg, DialectArgs, ExportArgs, Format, LineEndingArg, RuleFormat};
use crate::commands::fields::{parse_fields, parse_path, parse_paths};
use crate::environment;
use crate::settings::Settings;
use crate::source::watched_storages;
use crate::target::{Folders, Target, TargetUrl};

/// A plan with what carries it out.
pub struct Planned {
    /// The plan.
    pub plan: ExportPlan,
    /// The pinned profiles.
    pub profiles: Profiles,
    /// The bound rule.
    pub rule: Option<Arc<Evaluator>>,
    /// Who alone can read the files, where they are encrypted.
    pub key: Option<PublicKey>,
    /// Where to connect: the target, or the folder above those that macros name.
    pub root: TargetUrl,
    /// The folders below `root` that are made when they are missing; may be empty.
    pub below: String,
}

impl Planned {
    /// Plans what `args` ask for.
    ///
    /// # Errors
    /// `Input` for options, rule and sources; what reading the sources' schemas meets.
    /// `Interrupted` when `progress` says so.
    pub fn new(
        args: &ExportArgs,
        settings: &Arc<Settings>,
        runtime: &Runtime,
        progress: &Arc<Progress>,
    ) -> Result<Planned, Fault> {
        // What needs no sources comes first: they may take long to look at.
        let url = TargetUrl::of_files(&args.to, "--to")?;
        let now = clock(args.now.as_deref())?;
        let mapping = parse_fields(&args.fields)?;
        let format = format(args)?;
        let rule = args.rule.as_deref().map(|text| parse(text, args.rule_format)).transpose()?;
        let require = parse_paths("--require", &args.require)?;
        let dedup = dedup(args)?;
        let newest_by = args.newest_by.as_deref().map(|p| parse_path("--newest-by", p)).transpose()?;
        let key = args.encrypt_to.as_deref().map(read_key).transpose()?;
        let segment_id = args.segment_id.clone().unwrap_or_else(|| segment_hash(args.rule.as_deref().unwrap_or("")));
        let (parts, dated) = names(args, &segment_id, now)?;
        let folders = Folders::of_segment(&url, "--to", &segment_id, &args.segment_name)?;
        let sources = pin(&args.profiles, &watched_storages(settings, runtime.handle(), progress))?;
        if text_bytes(&sources) > TEXT_BYTES_AT_ONCE {
            try_target(folders.root.clone(), settings, runtime, progress)?;
        }
        let profiles = Profiles::open_within(sources, args.memory)?;
        let schema = profiles.schema().clone();
        let membership = |path: FieldPath| membership::resolve(path, &segment_id, &schema);
        let rule = match (rule, &args.rule) {
            (Some(expr), Some(text)) => {
                Some(bind(&expr.with_paths(&membership), &schema, now).map_err(|errors| errors.fault(text))?)
            }
            _ => None,
        };
        let mapping = mapping
            .into_iter()
            .map(|field| MappedField { path: membership(field.path), header: field.header })
            .collect();
        let plan = ExportPlan {
            sources: profiles.sources().files().cloned().collect(),
            rule: rule.as_ref().map(BoundRule::text),
            members: None,
            now,
            mapping,
            require: require.into_iter().map(membership).collect(),
            dedup: dedup.map(|key| match key {
                DedupKey::Attributes(paths) => DedupKey::Attributes(paths.into_iter().map(membership).collect()),
                namespace @ DedupKey::Namespace(_) => namespace,
            }),
            newest_by: newest_by.map(membership),
            format,
            compression: compression(args.compression),
            encryption: key.as_ref().map(|key| key.summary().recipient.clone()),
            rows_per_file: args.rows_per_file,
            names: Names { parts, dated, flow_id: None, segment_id, run_id: None },
            target: folders.target.to_string(),
        };
        let rule = rule.as_ref().map(Evaluator::new).transpose()?.map(Arc::new);
        Ok(Planned { plan, profiles, rule, key, root: folders.root, below: folders.below })
    }
}

fn clock(now: Option<&str>) -> Result<DateTime<Utc>, Fault> {
    match now {
        None => Ok(environment::now()),
        Some(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(time) => Ok(time.with_timezone(&Utc)),
            Err(e) => Err(Fault::input(format!("{text:?} is no time: {e}"))
                .tried("--now")
                .hint("times are written as in 2026-11-22T06:00:00Z")),
        },
    }
}

fn parse(rule: &str, format: RuleFormat) -> Result<Expr, Fault> {
    let parsed = match format {
        RuleFormat::Pql => parse_pql(rule),
        RuleFormat::Sql => parse_sql(rule),
    };
    parsed.map_err(|errors| errors.fault(rule))
}

/// Text is read whole to learn its types. As much as this, in bytes, is read within a second or so.
const TEXT_BYTES_AT_ONCE: u64 = 64 * 1024 * 1024;

fn text_bytes(sources: &PinnedSources) -> u64 {
    sources.files().filter(|file| file.format != SourceFormat::Parquet).map(|file| file.bytes).sum()
}

/// Connects to the target and takes leave, so that a wrong password is told before sources are read for minutes. No
/// connection is left idle meanwhile.
fn try_target(root: TargetUrl, settings: &Settings, runtime: &Runtime, progress: &Progress) -> Result<(), Fault> {
    let target = Target::new(root, settings)?;
    runtime.block_on(progress.unless_cancelled(async {
        let session = target.open(None, 0).await?;
        if let Err(fault) = session.close().await {
            tracing::debug!(class = %fault.class, "the session did not end politely");
        }
        Ok(())
    }))
}

/// A stable id for a segment that has no other: the same rule text has the same one.
fn segment_hash(rule: &str) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, rule.trim().as_bytes());
    hex(&hash.as_ref()[..8])
}

fn names(args: &ExportArgs, segment_id: &str, now: DateTime<Utc>) -> Result<(PartNames, bool), Fault> {
    let template = match &args.name {
        None => default_template(),
        Some(text) => NameTemplate::parse(text).map_err(|problems| template_fault("--name", text, &problems))?,
    };
    let context = NameContext {
        destination_name: &args.destination_name,
        segment_id,
        segment_name: &args.segment_name,
        destination_id: None,
        destination_instance_name: None,
        organization_name: None,
        sandbox_name: None,
        now,
    };
    let extension = match args.format {
        Format::Csv => "csv",
        Format::Tsv => "tsv",
        Format::Json => "json",
        Format::Parquet => "parquet",
    };
    let suffix = compression(args.compression).suffix().strip_prefix('.');
    let outer = outer_extensions(suffix, args.encrypt_to.is_some());
    let parts = template
        .part_names(&context, extension, outer.as_deref())
        .map_err(|problems| template_fault("--name", &template.to_string(), &problems))?;
    Ok((parts, template.is_dated()))
}

fn dedup(args: &ExportArgs) -> Result<Option<DedupKey>, Fault> {
    if let Some(namespace) = &args.dedup_identity {
        return Ok(Some(DedupKey::Namespace(namespace.clone())));
    }
    let Some(list) = &args.dedup else { return Ok(None) };
    let paths = parse_paths("--dedup", std::slice::from_ref(list))?;
    if paths.len() > 2 {
        return Err(Fault::input(format!("{} attributes are too many to deduplicate by", paths.len()))
            .tried("--dedup")
            .hint("give one attribute or two, or a namespace with --dedup-identity"));
    }
    Ok(Some(DedupKey::Attributes(paths)))
}

fn compression(arg: CompressionArg) -> Compression {
    match arg {
        CompressionArg::None => Compression::None,
        CompressionArg::Gzip => Compression::Gzip,
        CompressionArg::Zstd => Compression::Zstd,
    }
}

fn format(args: &ExportArgs) -> Result<FileFormat, Fault> {
    match args.format {
        Format::Json => Ok(FileFormat::Json),
        Format::Parquet => Ok(FileFormat::Parquet),
        Format::Csv => Ok(FileFormat::Csv(dialect(&args.dialect, b',')?)),
        Format::Tsv => Ok(FileFormat::Csv(dialect(&args.dialect, b'\t')?)),
    }
}

fn dialect(args: &DialectArgs, delimiter: u8) -> Result<CsvDialect, Fault> {
    let mut problems = Vec::new();
    if args.delimiter.as_deref() == Some("") {
        problems.push("--delimiter is empty: columns need something between them".to_owned());
    }
    let mut one = |option: &str, text: &str| match text.as_bytes() {
        [] => None,
        [byte] => Some(*byte),
        b"\\t" => Some(b'\t'),
        _ => {
            problems.push(format!("{option} takes one ASCII character, not {text:?}"));
            None
        }
    };
    let dialect = CsvDialect {
        delimiter: args.delimiter.as_deref().and_then(|text| one("--delimiter", text)).unwrap_or(delimiter),
        quote: one("--quote", &args.quote),
        escape: one("--escape", &args.escape),
        null_value: args.null_value.clone(),
        empty_value: args.empty_value.clone(),
        line_ending: match args.line_ending {
            LineEndingArg::Lf => LineEnding::Lf,
            LineEndingArg::Crlf => LineEnding::Crlf,
        },
    };
    if problems.is_empty() {
        problems = dialect.problems();
    }
    if problems.is_empty() { Ok(dialect) } else { Err(Fault::input(problems.join("; ")).tried("the CSV options")) }
}
