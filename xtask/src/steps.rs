//! Running commands, and saying which step takes how long.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// The steps of a command that have run, in order.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<(&'static str, Duration)>,
}

impl Steps {
    /// Announces the step, runs it and remembers how long it took, also where it failed.
    pub(crate) fn run<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("== {name}");
        let started = Instant::now();
        let outcome = step();
        self.done.push((name, started.elapsed()));
        outcome.with_context(|| format!("{name} failed"))
    }

    /// One line per step.
    pub(crate) fn print_durations(&self) {
        println!("== durations");
        for (name, took) in &self.done {
            println!("{name:<12} {:>8.1} s", took.as_secs_f64());
        }
        println!("{:<12} {:>8.1} s", "total", self.done.iter().map(|(_, took)| took.as_secs_f64()).sum::<f64>());
    }
}

/// A command to be run in the checkout.
pub(crate) fn command(root: &Path, program: impl AsRef<Path>, args: &[&str]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(args).current_dir(root);
    command
}

/// Runs a command with this terminal as its own; an error where it does not end well.
pub(crate) fn run(mut command: Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", shown(&command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(&command));
    }
    Ok(())
}

/// What a command prints; an error where it does not end well. Its error output goes to this terminal.
pub(crate) fn capture(mut command: Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {}", shown(&command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(&command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed something that is not UTF-8", shown(&command)))
}

/// Whether a command can be run and ends well, seen without showing what it says.
pub(crate) fn succeeds(mut command: Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a command, passing on what it prints and handing every line to `look`. Returns whether it ended well.
///
/// Both outputs go through one pipe, so their lines keep their order.
pub(crate) fn run_watching(mut command: Command, mut look: impl FnMut(&str)) -> Result<bool> {
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    command.stdout(writer.try_clone().context("cannot make a pipe")?).stderr(writer);
    let mut child = command.spawn().with_context(|| format!("cannot start {}", shown(&command)))?;
    let name = shown(&command);
    // The command holds the pipe's writing ends until it is dropped; the reading below would never end.
    drop(command);
    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let mut out = std::io::stdout().lock();
        out.write_all(&line)?;
        out.flush()?;
        look(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
    Ok(child.wait().with_context(|| format!("cannot wait for {name}"))?.success())
}

/// Whether a person is looking.
pub(crate) fn on_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Where Cargo puts what it builds, wherever that was configured.
pub(crate) fn target_folder(root: &Path) -> Result<PathBuf> {
    #[derive(serde::Deserialize)]
    struct Metadata {
        target_directory: PathBuf,
    }
    let printed = capture(command(root, "cargo", &["metadata", "--format-version", "1", "--no-deps", "--locked"]))?;
    let metadata: Metadata = serde_json::from_str(&printed).context("cargo metadata printed something else")?;
    Ok(metadata.target_directory)
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_both_outputs_are_seen_and_the_outcome_is_the_commands() {
        let mut seen = Vec::new();
        let root = Path::new(".");
        let ended_well = run_watching(command(root, "sh", &["-c", "echo a; echo b >&2; exit 3"]), |line| {
            seen.push(line.to_owned());
        });
        assert!(!ended_well.unwrap());
        assert_eq!(seen, ["a", "b"]);
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let error = run(command(Path::new("."), "sh", &["-c", "exit 3"])).unwrap_err();
        assert!(error.to_string().starts_with("sh -c exit 3 ended with"), "{error}");
    }
}
