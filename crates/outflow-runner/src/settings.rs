//! What an operator may set.

use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;

/// Settings of the runner. Everything has a default that suits one machine.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RunnerSettings {
    /// Jobs that this process carries out side by side. 0: it only answers requests and leaves the work to others.
    pub workers: usize,
    /// Streaming flows that this process carries on side by side, beside those jobs; none where `workers` is 0.
    pub stream_workers: usize,
    /// Messages of a streaming flow that are made before they are sent, in bytes on disk. What does not fit is made when they
    /// are sent.
    pub stream_set_bytes_max: u64,
    /// How long a target of messages may take none before its flow waits without a worker, in seconds.
    pub stream_patience_secs: u64,
    /// How long a streaming flow is carried on while others wait for a worker, in seconds.
    pub stream_turn_secs: u64,
    /// Threads of one job.
    pub threads: usize,
    /// Memory in bytes for everything one job holds.
    pub memory_bytes: u64,
    /// How long a job stays this process's without a sign of life, in seconds. Shorter: a dead worker's job is taken over
    /// sooner; longer: a slow database is not taken for a death. It is renewed three times as often.
    pub lease_secs: u64,
    /// How often wanted and actual are compared without a signal, in seconds: how late a slot may begin.
    pub scheduler_period_secs: u64,
    /// How a failed job is tried again.
    pub retry: RetrySettings,
    /// A run that is not done this long after its slot, or after somebody asked for it, is told as delayed, in seconds.
    pub delay_alert_secs: u64,
    /// The part of a run's selected profiles that may be left out before that is told.
    pub skipped_rate_max: f64,
    /// How long a profile that left a segment is remembered as exited, in days.
    pub ghosts_days: u32,
    /// How long the data of a failed run is kept, so that it can be tried again with the same plan, in days.
    pub retry_days: u32,
    /// How long runs that have ended are listed, in days.
    pub run_history_days: u32,
    /// How long the counts of a segment's evaluations are kept, in days; the newest is kept in any case.
    pub segment_history_days: u32,
    /// How long it is kept which profiles have left, in days.
    pub departures_keep_days: u32,
    /// Disk that this may take, in bytes; the oldest is forgotten first.
    pub departures_bytes_max: u64,
    /// How often what nothing refers to is removed, in seconds.
    pub janitor_period_secs: u64,
    /// Whether every delivered byte is read back and hashed before a run is a success.
    pub verify_full: bool,
    /// The folder below which local folders may be destinations; without one they may not.
    pub folder_root: Option<PathBuf>,
    /// The organization's name, for file names.
    pub organization: Option<String>,
    /// How alerts leave.
    pub alerts: AlertSettings,
}

impl Default for RunnerSettings {
    fn default() -> RunnerSettings {
        RunnerSettings {
            workers: 2,
            stream_workers: 8,
            stream_set_bytes_max: 1024 * 1024 * 1024,
            stream_patience_secs: 60,
            stream_turn_secs: 180,
            threads: 2,
            memory_bytes: 256 * 1024 * 1024,
            lease_secs: 30,
            scheduler_period_secs: 10,
            retry: RetrySettings::default(),
            delay_alert_secs: 150 * 60,
            skipped_rate_max: 0.01,
            ghosts_days: 30,
            retry_days: 7,
            run_history_days: 90,
            segment_history_days: 400,
            departures_keep_days: 400,
            departures_bytes_max: 20 * 1024 * 1024 * 1024,
            janitor_period_secs: 3600,
            verify_full: false,
            folder_root: None,
            organization: None,
            alerts: AlertSettings::default(),
        }
    }
}

impl RunnerSettings {
    /// See [`RunnerSettings::lease_secs`]; at least three seconds, so that there is time to renew.
    pub(crate) fn lease(&self) -> Duration {
        Duration::from_secs(self.lease_secs.max(3))
    }

    /// Bytes that a session may buffer: a quarter of the job's memory, within what is of use.
    pub(crate) fn session_buffer_bytes(&self) -> u64 {
        (self.memory_bytes / 4).clamp(SESSION_BUFFER_BYTES_MIN, SESSION_BUFFER_BYTES)
    }

    /// Bytes of messages that one streaming flow holds: read ahead, on their way, waiting to be sent again.
    pub(crate) fn stream_memory_bytes(&self) -> u64 {
        (self.memory_bytes / 8).clamp(STREAM_BYTES_MIN, STREAM_BYTES)
    }

    /// As many threads as asked for and memory allows. The number changes no byte of the output.
    pub(crate) fn threads_fitting(&self) -> usize {
        let fitting = self.memory_bytes.saturating_sub(MEMORY_BASE_BYTES) / MEMORY_THREAD_BYTES;
        self.threads.min(usize::try_from(fitting).unwrap_or(usize::MAX)).max(1)
    }
}

/// Bytes that a session buffers at most: three upload parts of 8 MiB on their way, one that fills, 8 MiB of small files.
const SESSION_BUFFER_BYTES: u64 = 40 * 1024 * 1024;

/// Bytes that a session buffers at least: an upload part for each of the two files sent at once, 4 MiB of small files.
const SESSION_BUFFER_BYTES_MIN: u64 = 20 * 1024 * 1024;

/// Bytes of messages that a streaming flow holds at most: more would make nothing faster.
const STREAM_BYTES: u64 = 64 * 1024 * 1024;

/// Bytes of messages that a streaming flow holds at least: a few requests of the largest kind.
const STREAM_BYTES_MIN: u64 = 16 * 1024 * 1024;

/// Memory that a job takes whatever its threads: what a session buffers, what waits for its turn.
const MEMORY_BASE_BYTES: u64 = 32 * 1024 * 1024;

/// Memory that a thread takes: the open pages of a dozen columns, a batch, and what it is made into.
const MEMORY_THREAD_BYTES: u64 = 16 * 1024 * 1024;

/// How a failed job is tried again.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct RetrySettings {
    /// Tries in all, the first included. With the other defaults the tenth begins 82 to 150 minutes after the first failed,
    /// so that none of the limits makes another one idle.
    pub attempts_max: u32,
    /// No try begins later than this after the first failed one, in seconds.
    pub window_secs: u64,
    /// The first wait in seconds; each further one is four times as long.
    pub delay_initial_secs: u64,
    /// No wait is longer, in seconds, unless the target asks for it.
    pub delay_max_secs: u64,
}

impl Default for RetrySettings {
    fn default() -> RetrySettings {
        RetrySettings { attempts_max: 10, window_secs: 150 * 60, delay_initial_secs: 10, delay_max_secs: 30 * 60 }
    }
}

/// How alerts leave.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AlertSettings {
    /// Whether a webhook may point at loopback, private and link-local addresses. Whoever may subscribe to alerts could
    /// otherwise make this server send requests into its own network, so it is off unless asked for.
    pub allow_private_addresses: bool,
    /// The mail server, as in `smtps://USER:PASSWORD@HOST:465`, `smtp://HOST:25` or `smtp://…?tls=required`. No mail leaves
    /// without one.
    pub smtp_url: Option<SecretString>,
    /// Who mail comes from.
    pub from: String,
    /// How long one delivery may take, in seconds.
    pub timeout_secs: u64,
}

impl Default for AlertSettings {
    fn default() -> AlertSettings {
        AlertSettings {
            allow_private_addresses: false,
            smtp_url: None,
            from: "Outflow <outflow@localhost>".into(),
            timeout_secs: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_with_little_memory_has_fewer_threads_and_never_none() {
        let of = |threads, mib: u64| {
            let settings = RunnerSettings { threads, memory_bytes: mib << 20, ..RunnerSettings::default() };
            settings.threads_fitting()
        };
        assert_eq!((of(8, 256), of(8, 64), of(8, 1), of(2, 4096)), (8, 2, 1, 2));
    }

    #[test]
    fn an_unknown_setting_is_refused() {
        assert!(serde_json::from_str::<RunnerSettings>(r#"{"workers": 3, "leaseSecs": 5}"#).is_ok());
        assert!(serde_json::from_str::<RunnerSettings>(r#"{"worker": 3}"#).is_err());
    }
}
