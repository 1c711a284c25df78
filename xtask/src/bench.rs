//! `bench`: builds what is measured, installs the engines it is measured against, and runs `bench/run.py`.

use std::path::Path;

use anyhow::{Context, Result};

use crate::steps::{command, run as run_command, target_folder};

/// Builds and measures; `args` go to `bench/run.py`.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<bool> {
    let target = target_folder(root)?;
    let (release, clients) = (target.join("release"), target.join("stream-clients"));
    for (package, binary) in [("outflow", "outflow"), ("xtask", "s3-sink"), ("xtask", "stream-sink")] {
        let build = ["build", "--release", "--locked", "--package", package, "--bin", binary];
        run_command(command(root, "cargo", &build))?;
    }
    let mut bench = command(root, "bench/run", &["--outflow"]);
    bench.arg(release.join("outflow")).arg("--sink").arg(release.join("s3-sink"));
    if has_streams(args) {
        let folder = clients.to_str().context("the target folder's name is not UTF-8")?;
        let manifest = "bench/stream-clients/Cargo.toml";
        let build = ["build", "--release", "--locked", "--manifest-path", manifest, "--target-dir", folder];
        run_command(command(root, "cargo", &build))?;
        bench.arg("--stream-sink").arg(release.join("stream-sink"));
        bench.arg("--stream-clients").arg(clients.join("release"));
    }
    bench.args(args);
    run_command(bench)?;
    Ok(true)
}

/// Whether the jobs that are asked for are all, or have one that the vendors' clients are built for, which takes minutes.
fn has_streams(args: &[String]) -> bool {
    let is_jobs = |arg: &String| arg == "--jobs" || arg.starts_with("--jobs=");
    match args.iter().position(is_jobs) {
        Some(at) => args[at..].iter().take(2).any(|arg| arg.contains("streams-")),
        None => true,
    }
}
