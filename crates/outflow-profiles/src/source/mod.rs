//! Where profiles come from: a pinned list of files.
//!
//! The list is taken once, with each file's size and version (modification time or entity tag). Every later look at a
//! file checks that it is still the one on the list, before and after it is read, so that two states never mix.

mod head;
mod local;
mod pin;

use std::sync::Arc;

use bytes::Bytes;
use outflow_model::Fault;
use serde::{Deserialize, Serialize};

pub use local::{LocalStorage, key_matcher};
pub use pin::{PinnedSources, pin, pin_as};

/// How a file's records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceFormat {
    /// Apache Parquet.
    Parquet,
    /// Comma-separated values with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// A file as it was when the list was taken.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceFile {
    /// Path or URL.
    pub url: String,
    /// Length in bytes.
    pub bytes: u64,
    /// What changes when the content does: modification time in nanoseconds, or the entity tag.
    pub version: String,
    /// How its records are written.
    pub format: SourceFormat,
}

/// A file that can be read at any offset, by several threads.
pub trait RandomAccess: Send + Sync {
    /// The bytes `offset .. offset + length`. Fewer are an error: the list said how long the file is.
    fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, Fault>;

    /// How many bytes to fetch at once when reading on: 0 where small reads cost little.
    fn read_ahead_bytes(&self) -> usize;

    /// Fails, naming the file, when it is no longer the one on the list.
    fn check_unchanged(&self) -> Result<(), Fault>;
}

/// A place that holds files: the local disk, a bucket.
pub trait Storage: Send + Sync {
    /// Whether this storage understands the pattern.
    fn handles(&self, pattern: &str) -> bool;

    /// The files that match a path, URL or glob, in any order, with size and version.
    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault>;

    /// What a listed file is the same file by, under whatever path or URL it was listed.
    fn identity(&self, url: &str) -> String {
        url.to_string()
    }

    /// Opens a listed file; fails when it has changed.
    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault>;
}

/// A file that matched a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedFile {
    /// Path or URL.
    pub url: String,
    /// Length in bytes.
    pub bytes: u64,
    /// See [`SourceFile::version`].
    pub version: String,
}

/// The fault for a file that is not the one on the list any more.
pub fn changed(url: &str) -> Fault {
    Fault::input(format!("{url} has changed since the run took its list of files"))
        .tried(format!("read {url}"))
        .hint("let whatever writes the file finish, then run again; a run never mixes two states")
}
