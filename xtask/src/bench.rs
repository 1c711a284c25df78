//! `bench`: builds what is measured, installs the engines it is measured against, and runs `bench/run.py`.

use std::path::Path;

use anyhow::Result;

use crate::steps::{command, run as run_command, target_folder};

/// Builds and measures; `args` go to `bench/run.py`.
pub(crate) fn run(root: &Path, args: &[String]) -> Result<bool> {
    let target = target_folder(root)?.join("release");
    run_command(command(
        root,
        "cargo",
        &["build", "--release", "--locked", "--package", "outflow", "--bin", "outflow"],
    ))?;
    run_command(command(root, "cargo", &["build", "--release", "--locked", "--package", "xtask", "--bin", "s3-sink"]))?;
    let mut bench = command(root, "bench/run", &["--outflow"]);
    bench.arg(target.join("outflow")).arg("--sink").arg(target.join("s3-sink")).args(args);
    run_command(bench)?;
    Ok(true)
}
