//! The product as a command, knowing nothing of this terminal's accounts and servers.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::steps::{capture, command};

/// The built program and what it is told through its environment. Secrets go this way, never by the command line.
pub(super) struct Product {
    root: PathBuf,
    program: PathBuf,
    variables: Vec<(&'static str, String)>,
}

impl Product {
    pub(super) fn new(root: &Path, program: PathBuf) -> Product {
        Product { root: root.to_path_buf(), program, variables: Vec::new() }
    }

    /// From now on it knows this variable.
    pub(super) fn set(&mut self, name: &'static str, value: &str) {
        self.variables.retain(|(other, _)| *other != name);
        self.variables.push((name, value.to_owned()));
    }

    /// A command of it.
    pub(super) fn command(&self, args: &[&str]) -> Command {
        let mut command = command(&self.root, &self.program, args);
        for (name, _) in std::env::vars_os().filter(|(name, _)| is_ours(name)) {
            command.env_remove(name);
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What a command prints as JSON.
    pub(super) fn json(&self, args: &[&str]) -> Result<Value> {
        let printed = capture(self.command(args))?;
        let shown = args.iter().take(2).copied().collect::<Vec<_>>().join(" ");
        serde_json::from_str(&printed).with_context(|| format!("outflow {shown} --json printed something else"))
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }
}

/// Variables of this terminal that name or open another target or server than the demo's: one of them beside the demo's
/// own would send its files there, or have them refused.
fn is_ours(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    variable.starts_with("AWS_") || (variable.starts_with("OUTFLOW_") && variable != "OUTFLOW_LOG")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_terminals_own_accounts_and_servers_are_left_out() {
        for name in
            ["AWS_ENDPOINT_URL_S3", "AWS_SESSION_TOKEN", "OUTFLOW_S3_ROLE_ARN", "OUTFLOW_DATABASE_URL", "OUTFLOW_TOKEN"]
        {
            assert!(is_ours(OsStr::new(name)), "{name}");
        }
        for name in ["PATH", "HOME", "OUTFLOW_LOG", "MY_AWS_KEY"] {
            assert!(!is_ours(OsStr::new(name)), "{name}");
        }
    }
}
