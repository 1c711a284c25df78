//! An open connection to one target, and the parts that go through it.

use std::any::Any;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_model::Fault;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

/// Whether a name may be taken already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NameRule {
    /// The name holds the run's time: something else under it is never overwritten. Equal bytes are adopted.
    MustBeNew,
    /// The name is static: the newest delivery replaces the one before.
    Replace,
}

/// What a part is, known before its first byte.
#[derive(Clone, Debug)]
pub struct PartRequest {
    /// Path below the target's prefix or folder, `/` between folders, no leading slash, checked against escaping.
    pub name: String,
    /// Whether the name may be taken.
    pub name_rule: NameRule,
    /// No part is longer than this many bytes; parts of an upload are sized from it. `None` when nothing is known.
    pub bytes_upper_bound: Option<u64>,
    /// Media type, for targets that keep one.
    pub content_type: String,
    /// The run, for targets that keep metadata.
    pub run_id: String,
}

/// A piece of a part's content, or its proper end.
#[derive(Debug)]
pub enum Chunk {
    /// Some bytes, never empty. Producers send pieces of 64 KiB to 4 MiB.
    Data(Bytes),
    /// The content is whole. A body that closes without this is cut off and must never become visible.
    End {
        /// Length in bytes.
        bytes: u64,
        /// SHA-256 of the content.
        sha256: [u8; 32],
    },
}

/// The content of a part as it is produced. The channel is bounded: a slow target slows the producer.
pub type PartBody = mpsc::Receiver<Chunk>;

/// A part that is whole at the far end and not visible.
pub struct StagedPart {
    /// The request it answers.
    pub request: PartRequest,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: [u8; 32],
    /// The connector's own state: an upload id with its parts, a temporary name.
    pub state: Box<dyn Any + Send + Sync>,
}

/// How we know that the far end holds what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Evidence {
    /// The store answered every part with our checksum, and the object's length was read back.
    Checksum,
    /// The store answered every part with the MD5 of what we sent, and the object's length was read back.
    ETag,
    /// The size was read back after the file was closed.
    Size,
    /// The whole content was read back and hashed.
    ReadBack,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Receipt {
    /// Path below the target's prefix or folder.
    pub name: String,
    /// Where it is, in the form the target was given.
    pub url: String,
    /// Length in bytes.
    pub bytes: u64,
    /// How delivery was verified.
    pub evidence: Evidence,
    /// Equal bytes were there already and were left as they are.
    pub adopted: bool,
}

/// What a target says of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectStat {
    /// Length in bytes.
    pub bytes: u64,
    /// Entity tag or modification time, whatever changes when the content does.
    pub version: String,
}

/// Reads an object's content in order. Bounded: pieces of at most 4 MiB.
#[async_trait]
pub trait PartReader: Send {
    /// The next piece, or `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, Fault>;
}

/// A boxed [`PartReader`].
pub type BodyReader = Box<dyn PartReader>;

/// An open connection to one target. Safe to use from several tasks at once.
#[async_trait]
pub trait Session: Send + Sync {
    /// Where `name` is, in the form the target was given, for messages and manifests.
    fn url(&self, name: &str) -> String;

    /// The whole path or key of `name` at the target (`sinkPath` of the manifest).
    fn sink_path(&self, name: &str) -> String;

    /// Sends a whole part without making it visible. Journals what must be removed should this process die, before it
    /// creates it. A body that closes early, or any fault, leaves nothing behind.
    async fn stage(&self, request: PartRequest, body: PartBody) -> Result<StagedPart, Fault>;

    /// Makes a staged part visible in one step and verifies it. Equal bytes under a name that must be new are adopted;
    /// other bytes are a `Refused` fault ("name taken"). Idempotent: what an earlier attempt of the same plan published
    /// is found and adopted.
    async fn publish(&self, part: StagedPart) -> Result<Receipt, Fault>;

    /// Removes a staged part that will not be published.
    async fn discard(&self, part: StagedPart) -> Result<(), Fault>;

    /// Removes what attempts that died left behind: the journalled uploads and temporary files of this target, and for
    /// the names given, what a listing finds where the rights allow it. Answers what was removed and, where an upload
    /// may remain that nobody can see, what to set up. Never touches a visible object, nor what a living attempt has
    /// begun: where that is one of the names, it is refused ([`crate::refuse_living`]).
    async fn sweep(&self, names: &[String]) -> Result<SweepReport, Fault>;

    /// What the target says of `name`; `None` when it is not there.
    async fn stat(&self, name: &str) -> Result<Option<ObjectStat>, Fault>;

    /// Reads `name` back. A missing object is an `Input` fault.
    async fn read(&self, name: &str) -> Result<BodyReader, Fault>;

    /// Reads `length` bytes of `name` from `offset`, for sources that are read in ranges.
    async fn read_range(&self, name: &str, offset: u64, length: u64) -> Result<Bytes, Fault>;

    /// The names below `folder` ("" for the prefix itself), for sources given by a glob. At most 100,000 names.
    async fn list(&self, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault>;

    /// Ends the session politely.
    async fn close(&self) -> Result<(), Fault>;
}

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Temporary files and uploads removed.
    pub removed: u64,
    /// What a person should know or set up, for example a lifecycle rule.
    pub advice: Vec<String>,
}
