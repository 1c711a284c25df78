//! What the process learns from outside: environment, clock, randomness, memory.

#![expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rand::TryRng;
use rand::rngs::SysRng;

/// The value of an environment variable, unless it is unset, empty or not UTF-8.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether `option` is among the arguments, before a `--` that ends the options.
pub fn has_argument(option: &str) -> bool {
    std::env::args_os().skip(1).take_while(|argument| argument != "--").any(|argument| argument == option)
}

/// The time.
pub fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

/// Random bytes from the operating system.
pub fn random<const N: usize>() -> Result<[u8; N], outflow_model::Fault> {
    let mut bytes = [0; N];
    SysRng
        .try_fill_bytes(&mut bytes)
        .map_err(|e| outflow_model::Fault::internal("the operating system gives no random bytes").because(e))?;
    Ok(bytes)
}

/// Where journals and spilled rows go unless told otherwise: the user's cache folder.
pub fn state_dir() -> PathBuf {
    let cache = variable("XDG_CACHE_HOME").map(PathBuf::from);
    let home = || variable("HOME").map(|home| PathBuf::from(home).join(".cache"));
    cache.or_else(home).unwrap_or_else(std::env::temp_dir).join("outflow")
}

/// The most memory the process has held, in bytes; 0 where the system does not say.
pub fn peak_memory_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|rest| rest.split_whitespace().next()).and_then(|n| n.parse::<u64>().ok());
    kibibytes.unwrap_or(0) * 1024
}

/// Threads the machine runs at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Logs go to stderr and say nothing unless `OUTFLOW_LOG` asks (`OUTFLOW_LOG=debug`).
pub fn start_logging() {
    let filter = variable("OUTFLOW_LOG").unwrap_or_else(|| "warn".into());
    let filter = tracing_subscriber::EnvFilter::try_new(filter).unwrap_or_else(|_| "warn".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
}
