//! Processes that run beside the demo.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Lines of a log that are shown when its process failed.
const LOG_LINES_SHOWN: usize = 20;

/// Starts a process whose first line on stdout is of interest; what it logs goes to `log`.
pub(super) fn start(mut command: Command, log: &Path) -> Result<Child> {
    let name = command.get_program().to_string_lossy().into_owned();
    let log = File::create(log).with_context(|| format!("cannot make {}", log.display()))?;
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
    piped.spawn().with_context(|| format!("cannot start {name}"))
}

/// The end of what a process logged.
pub(super) fn end_of(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LOG_LINES_SHOWN)..].join("\n")
}

/// The first line that a process prints, within the time it is given.
pub(super) fn first_line(child: &mut Child, secs_max: u64) -> Result<String> {
    let out = child.stdout.take().context("its output cannot be read")?;
    let (sender, receiver) = mpsc::sync_channel(1);
    // The thread lives as long as the command and drops its later lines, which must find a reader.
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(std::result::Result::ok) {
            drop(sender.try_send(line));
        }
    });
    match receiver.recv_timeout(Duration::from_secs(secs_max)) {
        Ok(line) => Ok(line),
        Err(mpsc::RecvTimeoutError::Timeout) => bail!("it said nothing within {secs_max} s"),
        Err(mpsc::RecvTimeoutError::Disconnected) => bail!("it ended without a word"),
    }
}

/// Ends a process at once.
pub(super) fn end(child: &mut Child) {
    // It may have ended by itself; either way nothing of it is left.
    drop(child.kill());
    drop(child.wait());
}
