//! What the process learns from outside: environment, clock, randomness, memory.

#![expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use rand::TryRng;
use rand::rngs::SysRng;
use secrecy::SecretString;

/// The value of an environment variable, unless it is unset, empty or not UTF-8.
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The value of a variable that holds a secret, unless it is unset or empty.
///
/// # Errors
/// `Input` when it is not UTF-8: a server that took another secret in its place would only find out later.
pub fn secret(name: &str) -> Result<Option<SecretString>, outflow_model::Fault> {
    match std::env::var(name) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some(value.into())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => {
            Err(outflow_model::Fault::input(format!("{name} is not UTF-8")).tried(format!("read {name}")))
        }
    }
}

/// The variables whose names begin with `prefix`; those that are empty count as not set.
pub fn variables(prefix: &str) -> impl Iterator<Item = (String, String)> {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).filter(move |(name, value)| name.starts_with(prefix) && !value.is_empty())
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
    fill_random(&mut bytes)?;
    Ok(bytes)
}

/// Fills `bytes` at random from the operating system.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), outflow_model::Fault> {
    SysRng
        .try_fill_bytes(bytes)
        .map_err(|e| outflow_model::Fault::internal("the operating system gives no random bytes").because(e))
}

/// A random number, for jitter and for names that nobody has to guess. Where the operating system gives none, the time
/// and an address stand in.
pub fn random_number() -> u64 {
    random().map_or_else(|_| (now().timestamp_micros() as u64).rotate_left(17), u64::from_le_bytes)
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
