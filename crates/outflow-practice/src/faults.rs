//! Faults that can be switched on and off while the targets run.
//!
//! Each fault does what a real target was seen to do; the fields' texts say so. A fault with `times` counts down with
//! every hit and is off at zero, so a reader of the settings sees what is left.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::PracticeError;
use crate::event_hubs::EventHubsFaults;

/// All faults of all targets. The default is none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultSettings {
    /// Faults of the S3 endpoint.
    pub s3: S3Faults,
    /// Faults of the SFTP endpoint.
    pub sftp: SftpFaults,
    /// Faults of the Event Hubs namespace.
    pub event_hubs: EventHubsFaults,
}

/// Faults of the S3 endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct S3Faults {
    /// All connections together receive and send at most this many bytes per second.
    pub slow_bytes_per_sec: Option<u64>,
    /// A connection is reset when it has received so many bytes of request bodies since the fault was set.
    pub cut_at_byte: Option<Cut>,
    /// Every request is answered 503 `ServiceUnavailable`.
    pub unavailable: bool,
    /// Requests are answered 503 `SlowDown` with `Retry-After`.
    pub throttle: Option<Throttle>,
    /// Every sign-in is refused: 403 `InvalidAccessKeyId`.
    pub wrong_credentials: bool,
    /// Whatever would need room is refused.
    pub disk_full: Option<S3DiskFull>,
    /// A change is made, and the connection is reset before its answer is sent.
    pub answer_lost: Option<AnswerLost>,
    /// `If-None-Match` and `If-Match` of requests that write are ignored, as several S3-compatible stores do.
    pub ignore_conditions: bool,
    /// What becomes of `x-amz-checksum-*`.
    pub no_checksums: Option<NoChecksums>,
    /// IAM actions that are denied to everybody, for example `s3:AbortMultipartUpload`: 403 `AccessDenied`.
    pub deny_actions: Vec<String>,
}

/// Faults of the SFTP endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct SftpFaults {
    /// All connections together receive and send at most this many bytes per second.
    pub slow_bytes_per_sec: Option<u64>,
    /// A connection is reset when it has received so many bytes of file content since the fault was set.
    pub cut_at_byte: Option<Cut>,
    /// New connections are reset before the greeting, existing ones at their next packet.
    pub unavailable: bool,
    /// Every sign-in is refused.
    pub wrong_credentials: bool,
    /// Writes fail with `SSH_FX_FAILURE`, which is all that OpenSSH says, and `statvfs@openssh.com` tells 0 free blocks.
    pub disk_full: bool,
    /// `rename` and `posix-rename@openssh.com` answer `SSH_FX_OP_UNSUPPORTED`; new connections are not offered the extension.
    pub no_rename: bool,
    /// A rename is made, and the connection is reset before its answer is sent.
    pub answer_lost: Option<SftpAnswerLost>,
}

/// A reset in the middle of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Cut {
    /// Content bytes that a connection may receive, in bytes.
    pub bytes: u64,
    /// How many connections are cut.
    #[serde(default = "once")]
    pub times: u64,
}

/// Requests to slow down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Throttle {
    /// How many requests are refused.
    #[serde(default = "once")]
    pub times: u64,
    /// The value of `Retry-After`, in seconds.
    #[serde(default = "one_second")]
    pub retry_after_secs: u64,
}

/// Answers of S3 that get lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerLost {
    /// How many answers are lost.
    #[serde(default = "once")]
    pub times: u64,
    /// Only answers to this operation, for example `CompleteMultipartUpload`. Absent: every request that changes something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
}

/// Answers of SFTP that get lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SftpAnswerLost {
    /// How many answers are lost.
    #[serde(default = "once")]
    pub times: u64,
}

/// How a full S3-compatible store answers. Amazon's own never is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum S3DiskFull {
    /// As MinIO: 507 `XMinioStorageFull`.
    StorageFull,
    /// As Ceph: 403 `QuotaExceeded`.
    QuotaExceeded,
}

/// How an S3-compatible store without additional checksums behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NoChecksums {
    /// Takes the headers, checks nothing and echoes nothing.
    Ignore,
    /// Refuses the headers: 501 `NotImplemented`.
    Reject,
}

fn once() -> u64 {
    1
}

fn one_second() -> u64 {
    1
}

/// The faults as the targets and whoever sets them share them. Clones are handles to the same settings.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    settings: Mutex<FaultSettings>,
    /// Counts changes, so that connections count content from the change on.
    generation: AtomicU64,
}

impl Faults {
    /// The settings as they are now, with the counts that are left.
    pub fn settings(&self) -> FaultSettings {
        self.locked().clone()
    }

    /// Replaces all settings.
    pub fn set(&self, settings: FaultSettings) {
        *self.locked() = settings;
        self.state.generation.fetch_add(1, Ordering::SeqCst);
    }

    /// Switches everything off.
    pub fn clear(&self) {
        self.set(FaultSettings::default());
    }

    /// Sets one fault from text: `s3.unavailable`, `s3.slowBytesPerSec=1000000`, `s3.cutAtByte.bytes=1048576`,
    /// `s3.throttle={"times":3,"retryAfterSecs":2}`, `sftp.noRename=true`. Fails on unknown names and values, naming them.
    pub fn apply(&self, assignment: &str) -> Result<(), PracticeError> {
        let (path, value) = match assignment.split_once('=') {
            Some((path, text)) => (path, serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))),
            None => (assignment, Value::Bool(true)),
        };
        let refuse = |why: String| {
            PracticeError::new(
                format!("the fault `{assignment}` is not known: {why}"),
                "set a fault",
                "write TARGET.FAULT or TARGET.FAULT=VALUE, for example s3.unavailable or sftp.cutAtByte.bytes=1000000",
            )
        };
        let mut json = serde_json::to_value(self.settings()).map_err(|e| refuse(e.to_string()))?;
        let mut place = &mut json;
        for name in path.trim().split('.') {
            if !place.is_object() {
                *place = Value::Object(serde_json::Map::new());
            }
            place = &mut place[name];
        }
        *place = value;
        let settings = serde_json::from_value(json).map_err(|e| refuse(e.to_string()))?;
        self.set(settings);
        Ok(())
    }

    pub(crate) fn generation(&self) -> u64 {
        self.state.generation.load(Ordering::SeqCst)
    }

    /// Looks at the settings.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&FaultSettings) -> T) -> T {
        look(&self.locked())
    }

    /// Takes one hit of a counted fault: `true` when there was one left.
    pub(crate) fn hit(&self, times: impl FnOnce(&mut FaultSettings) -> Option<&mut u64>) -> bool {
        match times(&mut self.locked()) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn locked(&self) -> MutexGuard<'_, FaultSettings> {
        self.state.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_sets_what_json_would() {
        let faults = Faults::default();
        faults.apply("s3.unavailable").unwrap();
        faults.apply("s3.cutAtByte.bytes=1000").unwrap();
        faults.apply("s3.noChecksums=reject").unwrap();
        faults.apply("sftp.answerLost={\"times\":3}").unwrap();
        let set = faults.settings();
        assert!(set.s3.unavailable);
        assert_eq!(set.s3.cut_at_byte, Some(Cut { bytes: 1000, times: 1 }));
        assert_eq!(set.s3.no_checksums, Some(NoChecksums::Reject));
        assert_eq!(set.sftp.answer_lost, Some(SftpAnswerLost { times: 3 }));
    }

    #[test]
    fn a_mistyped_fault_is_refused_and_changes_nothing() {
        let faults = Faults::default();
        for wrong in ["s3.unavailble", "ftp.unavailable", "s3.diskFull=maybe", "s3.slowBytesPerSec=fast", ""] {
            assert!(faults.apply(wrong).is_err(), "{wrong}");
        }
        assert_eq!(faults.settings(), FaultSettings::default());
    }

    #[test]
    fn hits_run_out() {
        let faults = Faults::default();
        faults.apply("sftp.answerLost.times=2").unwrap();
        let hit = || faults.hit(|f| f.sftp.answer_lost.as_mut().map(|a| &mut a.times));
        assert_eq!([hit(), hit(), hit()], [true, true, false]);
    }
}
