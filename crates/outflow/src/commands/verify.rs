//! `outflow verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use clap::Args;
use outflow_connector_kit::{BodyReader, PartReader};
use outflow_export::{AtTarget, Checked, FileSource, Progress, read_manifest, verify_files};
use outflow_model::manifest::Manifest;
use outflow_model::{Fault, FaultClass};
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::runtime::Runtime;

use super::SettingsArgs;
use crate::numbers::{bytes, thousands};
use crate::output;
use crate::target::{SESSION_BUFFER_BYTES, Target, TargetUrl, check_name, without_secret};

const EXAMPLES: &str = "Examples:
  outflow verify s3://exports/acme/manifest-0f3a….json
  outflow verify ./manifest-0f3a….json        (local copies of manifest and files: no credentials needed)";

/// Options of `outflow verify`.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct VerifyArgs {
    /// The manifest: a URL as `outflow export` prints it, or a local path; its files are looked for beside it
    manifest: String,
    #[command(flatten)]
    settings: SettingsArgs,
    /// Print one JSON object on stdout
    #[arg(long)]
    pub json: bool,
}

/// Runs `outflow verify`.
pub fn run(args: &VerifyArgs, runtime: &Runtime) -> ExitCode {
    let progress = Arc::new(Progress::default());
    let stopper = Arc::clone(&progress);
    super::on_interrupt(runtime, move || stopper.cancel());
    let (manifest, checked) = match runtime.block_on(progress.unless_cancelled(attempt(args))) {
        Ok(found) => found,
        Err(fault) => return output::fail(&fault, args.json),
    };
    let bad = checked.iter().filter(|c| !c.matches).count();
    let fault = Fault::new(FaultClass::Verification, format!("{bad} of {} files differ", checked.len()))
        .tried(format!("verify {}", without_secret(&args.manifest)))
        .hint("export again, and find out what changes files at the target");
    if args.json {
        let status = if bad == 0 { "success" } else { "failed" };
        let mut told = json!({"status": status, "runId": manifest.run_id, "files": checked});
        if bad > 0 {
            told["error"] = output::error_json(&fault);
        }
        output::say_json(&told);
    } else {
        for (file, checked) in manifest.files.iter().zip(&checked) {
            let mark = if checked.matches { "ok     " } else { "DIFFERS" };
            let size = format!("{} rows  {}", thousands(file.rows), bytes(file.bytes));
            output::say(&format!("  {mark}  {}  {size}  sha256 {}", file.name, file.sha256));
            if !checked.matches {
                output::say(&format!("           {}", checked.problem));
            }
        }
    }
    if bad == 0 {
        return ExitCode::SUCCESS;
    }
    output::tell(&fault);
    output::exit(&fault)
}

async fn attempt(args: &VerifyArgs) -> Result<(Manifest, Vec<Checked>), Fault> {
    let (source, name) = place(args).await?;
    let manifest = read_manifest(source.as_ref(), &name).await?;
    manifest.files.iter().try_for_each(|file| check_name(&file.name))?;
    let checked = verify_files(source.as_ref(), &manifest.files, &|_| Ok(())).await?;
    Ok((manifest, checked))
}

/// Where the manifest lies, and its name there.
async fn place(args: &VerifyArgs) -> Result<(Box<dyn FileSource>, String), Fault> {
    let local = match args.manifest.strip_prefix("file://") {
        Some(path) => Some(path),
        None => (!args.manifest.contains("://")).then_some(args.manifest.as_str()),
    };
    if let Some(path) = local {
        let path = Path::new(path);
        let name = path.file_name().and_then(|n| n.to_str());
        let name = name.ok_or_else(|| Fault::input(format!("{} is no file", path.display())))?;
        let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        return Ok((Box::new(LocalCopies(folder.to_path_buf())), name.to_string()));
    }
    let (folder, name) = TargetUrl::of_files(&args.manifest, "MANIFEST")?.split_name()?;
    let session = Target::new(folder, &args.settings.load()?)?.open(None, SESSION_BUFFER_BYTES).await?;
    Ok((Box::new(AtTarget(session)), name))
}

/// Files copied into a folder.
struct LocalCopies(PathBuf);

#[async_trait]
impl FileSource for LocalCopies {
    async fn read(&self, name: &str) -> Result<BodyReader, Fault> {
        let path = self.0.join(name);
        let file = tokio::fs::File::open(&path).await.map_err(|e| unreadable(&path, e))?;
        Ok(Box::new(LocalReader { file, path }))
    }
}

struct LocalReader {
    file: tokio::fs::File,
    path: PathBuf,
}

#[async_trait]
impl PartReader for LocalReader {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let mut piece = vec![0; 1024 * 1024];
        let length = self.file.read(&mut piece).await.map_err(|e| unreadable(&self.path, e))?;
        piece.truncate(length);
        Ok((length > 0).then(|| Bytes::from(piece)))
    }
}

fn unreadable(path: &Path, e: std::io::Error) -> Fault {
    Fault::input(format!("cannot read {}", path.display())).tried(format!("open {}", path.display())).because(e)
}
