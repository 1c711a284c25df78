//! All streams, each in a folder of its own.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, Utc};

use super::errors::{ACCOUNT, KinesisError, KinesisResult, io_error, stream_not_found, validation};
use super::stream::{Stream, StreamInfo};
use crate::PracticeError;

/// No more streams than this.
const STREAMS_MAX: usize = 200;

/// All streams.
pub(crate) struct Streams {
    folder: PathBuf,
    streams: RwLock<BTreeMap<String, Arc<Stream>>>,
}

impl Streams {
    /// Opens the streams in `folder`. A folder without a description was left by a crash; it goes when its name is used.
    pub(crate) fn open(folder: PathBuf) -> Result<Streams, PracticeError> {
        let failed = |e| PracticeError::file(&folder, "read the folder", e);
        let mut streams = BTreeMap::new();
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if !path.join("stream.json").is_file() {
                continue;
            }
            if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
                streams.insert(name.to_owned(), Arc::new(Stream::open(&path, name)?));
            }
        }
        Ok(Streams { folder, streams: RwLock::new(streams) })
    }

    /// Makes the stream `name` with two shards unless it is there.
    pub(crate) fn ensure(&self, name: &str, now: DateTime<Utc>) -> Result<(), PracticeError> {
        if self.locked().contains_key(name) {
            return Ok(());
        }
        let stream = self.make(name, &StreamInfo::new(2, false, 1024, now))?;
        self.streams.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::new(stream));
        Ok(())
    }

    /// The stream `name`.
    pub(crate) fn get(&self, name: &str) -> KinesisResult<Arc<Stream>> {
        self.locked().get(name).cloned().ok_or_else(|| stream_not_found(name))
    }

    /// All streams, by name.
    pub(crate) fn all(&self) -> Vec<Arc<Stream>> {
        self.locked().values().cloned().collect()
    }

    /// Makes the stream `name`.
    pub(crate) fn create(&self, name: &str, info: &StreamInfo) -> KinesisResult<()> {
        check_name(name)?;
        let mut streams = self.streams.write().unwrap_or_else(PoisonError::into_inner);
        if streams.contains_key(name) {
            let message = format!("Stream {name} under account {ACCOUNT} already exists.");
            return Err(KinesisError::new("ResourceInUseException", message));
        }
        if streams.len() >= STREAMS_MAX {
            let message = format!("There can be at most {STREAMS_MAX} practice streams.");
            return Err(KinesisError::new("LimitExceededException", message));
        }
        let stream = self.make(name, info).map_err(|e| io_error(&io::Error::other(e)))?;
        streams.insert(name.to_owned(), Arc::new(stream));
        Ok(())
    }

    /// Deletes the stream `name` and its records.
    pub(crate) fn delete(&self, name: &str) -> KinesisResult<()> {
        let mut streams = self.streams.write().unwrap_or_else(PoisonError::into_inner);
        if !streams.contains_key(name) {
            return Err(stream_not_found(name));
        }
        fs::remove_dir_all(self.folder.join(name)).map_err(|e| io_error(&e))?;
        streams.remove(name);
        Ok(())
    }

    fn make(&self, name: &str, info: &StreamInfo) -> Result<Stream, PracticeError> {
        let folder = self.folder.join(name);
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(PracticeError::file(&folder, "empty the folder", e));
            }
            _ => {}
        }
        Stream::create(&folder, name, info)
    }

    fn locked(&self) -> RwLockReadGuard<'_, BTreeMap<String, Arc<Stream>>> {
        self.streams.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Refuses what is no name of a stream, or none of a folder.
fn check_name(name: &str) -> KinesisResult<()> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    let rule = if name.is_empty() || name.len() > 128 {
        "Member must have length between 1 and 128"
    } else if !name.bytes().all(allowed) || name.bytes().all(|byte| byte == b'.') {
        "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
    } else {
        return Ok(());
    };
    Err(validation(name, "streamName", rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_streams_become_folders() {
        assert!(check_name("a_B-9.x").is_ok());
        for wrong in ["", ".", "..", "a/b", "ü", &"x".repeat(129)] {
            assert_eq!(check_name(wrong).unwrap_err().code, "ValidationException", "{wrong}");
        }
    }
}
