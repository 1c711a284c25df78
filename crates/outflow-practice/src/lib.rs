//! Practice targets: S3, SFTP, Kinesis and Event Hubs endpoints on loopback, for the demo, for trying things out and for
//! tests.
//!
//! They answer as real targets do, down to the error codes, keep their files where a person can look at them, and have
//! [faults](FaultSettings) to switch on while they run. They listen on loopback addresses only.
//!
//! What they are not: durable (nothing is synced to disk before it is acknowledged, apart from SFTP's `fsync`), fast
//! listers of more than some 100,000 objects, or complete; what they lack answers `NotImplemented` or
//! `SSH_FX_OP_UNSUPPORTED`.
//!
//! The data folder holds `s3/BUCKET/KEY`, `sftp/PATH`, `kinesis/STREAM/SHARD.jsonl` with a record a line,
//! `event-hubs/HUB/PARTITION.jsonl` with an event a line, and in `.practice` the credentials, keys, object metadata and
//! unfinished uploads. In file names of objects a `%`, a control character, and a path element that is empty, `.` or
//! `..` are percent-encoded. A file that a person puts into a bucket's folder is an object. As with MinIO, an object
//! `a` and an object `a/b` exclude each other.

mod control;
mod describe;
mod error;
mod event_hubs;
mod faults;
mod kinesis;
mod line;
mod net;
mod practice;
mod s3;
mod seed;
mod sftp;
mod tls;

pub use describe::{EventHubsEndpoint, EventHubsPolicy, KinesisEndpoint, S3Endpoint, SftpEndpoint};
pub use error::PracticeError;
pub use event_hubs::{CbsFailure, EventHubsFaults, HubsCut, HubsRefusal, HubsTimes, ServerBusy};
pub use faults::{
    AnswerLost, Cut, FaultSettings, Faults, NoChecksums, S3DiskFull, S3Faults, SftpAnswerLost, SftpFaults, Throttle,
};
pub use kinesis::faults::{EveryNth, Failing, KinesisFaults, ShardLimits, StreamStatus, Times};
pub use practice::{BUCKET, EVENT_HUB, Practice, PracticeOptions, SFTP_FOLDER, STREAM};
pub use seed::{PracticeCredentials, PracticeSession};
pub use tls::PracticeTls;
