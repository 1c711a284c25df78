//! Multipart uploads on disk: a hidden folder per upload with what was said of it, and its parts.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use s3s::{S3ErrorCode, S3Result};
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};

use super::checksums::{Algorithm, Checksums};
use super::errors::{error, io_error};
use super::store::{Attributes, hex};
use crate::{PracticeError, seed};

/// What was said when an upload was created.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Upload {
    pub(crate) key: String,
    pub(crate) attributes: Attributes,
    /// The algorithm that every part has, when there is one.
    pub(crate) algorithm: Option<Algorithm>,
    /// Whether the object gets a checksum of its whole content instead of one of its parts' checksums.
    pub(crate) full_object: bool,
}

/// A part that was uploaded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part {
    pub(crate) number: i32,
    /// MD5 of the content, without quotes.
    pub(crate) etag: String,
    /// Length in bytes.
    pub(crate) bytes: u64,
    /// When it was uploaded, in nanoseconds since 1970.
    pub(crate) modified_nanos: u64,
    pub(crate) checksums: Checksums,
}

/// All unfinished uploads.
pub(crate) struct Uploads {
    folder: PathBuf,
    id_key: [u8; 32],
    /// How many ids were given since the start.
    given: AtomicU64,
    /// Uploads that are being completed.
    completing: Mutex<HashSet<String>>,
    writing: Mutex<()>,
}

/// Keeps an upload from being completed twice at a time.
pub(crate) struct Completing<'a> {
    uploads: &'a Uploads,
    id: String,
}

impl Drop for Completing<'_> {
    fn drop(&mut self) {
        self.uploads.completing.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Uploads {
    /// The uploads kept in `hidden`. Ids depend on `id_key` and on how often this folder was started, so that no id is
    /// ever given twice.
    pub(crate) fn new(hidden: &Path, id_key: &str) -> Result<Uploads, PracticeError> {
        let path = hidden.join("starts");
        let starts: u64 = fs::read_to_string(&path).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0) + 1;
        fs::write(&path, starts.to_string()).map_err(|e| PracticeError::file(&path, "write", e))?;
        Ok(Uploads {
            folder: hidden.join("uploads"),
            id_key: seed::derive(id_key.as_bytes(), &format!("upload ids of start {starts}")),
            given: AtomicU64::new(0),
            completing: Mutex::default(),
            writing: Mutex::default(),
        })
    }

    /// Begins an upload and answers its id.
    pub(crate) fn create(&self, bucket: &str, upload: &Upload) -> S3Result<String> {
        let number = self.given.fetch_add(1, Ordering::SeqCst);
        let id = hex(&seed::derive(&self.id_key, &number.to_string()));
        let folder = self.folder.join(bucket).join(&id);
        fs::create_dir_all(&folder).map_err(io_error)?;
        write_json(&folder, "upload.json", upload).map_err(io_error)?;
        Ok(id)
    }

    /// The upload `id` of `key`; `NoSuchUpload` when there is none.
    pub(crate) fn load(&self, bucket: &str, key: &str, id: &str) -> S3Result<Upload> {
        read_json::<Upload>(&self.upload_folder(bucket, id)?.join("upload.json"))
            .filter(|upload| upload.key == key)
            .ok_or_else(|| error(S3ErrorCode::NoSuchUpload))
    }

    fn upload_folder(&self, bucket: &str, id: &str) -> S3Result<PathBuf> {
        // Ids become file names, so only what could have been given is looked up.
        if id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(self.folder.join(bucket).join(id))
        } else {
            Err(error(S3ErrorCode::NoSuchUpload))
        }
    }

    /// Keeps `content` as a part, replacing an earlier one of the same number.
    pub(crate) fn put_part(&self, bucket: &str, id: &str, part: &Part, content: TempPath) -> S3Result<()> {
        let folder = self.upload_folder(bucket, id)?;
        let gone = |e: io::Error| {
            if e.kind() == io::ErrorKind::NotFound { error(S3ErrorCode::NoSuchUpload) } else { io_error(e) }
        };
        // Content and description change together.
        let _guard = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        content.persist(folder.join(content_name(part.number))).map_err(|e| gone(e.error))?;
        write_json(&folder, &format!("{:05}.json", part.number), part).map_err(gone)
    }

    /// All parts of the upload, by number.
    pub(crate) fn parts(&self, bucket: &str, id: &str) -> S3Result<Vec<Part>> {
        let mut parts = Vec::new();
        for entry in fs::read_dir(self.upload_folder(bucket, id)?).map_err(|_| error(S3ErrorCode::NoSuchUpload))? {
            let path = entry.map_err(io_error)?.path();
            if path.extension().is_some_and(|e| e == "json") && path.file_name().is_some_and(|n| n != "upload.json") {
                parts.extend(read_json::<Part>(&path));
            }
        }
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    /// The file with the content of a part.
    pub(crate) fn content(&self, bucket: &str, id: &str, number: i32) -> S3Result<PathBuf> {
        Ok(self.upload_folder(bucket, id)?.join(content_name(number)))
    }

    /// Marks the upload as being completed; `OperationAborted` when it is already.
    pub(crate) fn begin_completing(&self, id: &str) -> S3Result<Completing<'_>> {
        if self.completing.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned()) {
            Ok(Completing { uploads: self, id: id.to_owned() })
        } else {
            Err(error(S3ErrorCode::OperationAborted))
        }
    }

    /// Forgets the upload and its parts.
    pub(crate) fn remove(&self, bucket: &str, id: &str) -> S3Result<()> {
        let folder = self.upload_folder(bucket, id)?;
        let _guard = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        match fs::remove_dir_all(folder) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(error(S3ErrorCode::NoSuchUpload)),
            result => result.map_err(io_error),
        }
    }

    /// The uploads of `bucket`, by key and then by time: upload, id, begin.
    pub(crate) fn list(&self, bucket: &str) -> S3Result<Vec<(Upload, String, SystemTime)>> {
        let listing = match fs::read_dir(self.folder.join(bucket)) {
            Ok(listing) => listing,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(io_error(e)),
        };
        let mut found = Vec::new();
        for entry in listing {
            let entry = entry.map_err(io_error)?;
            let path = entry.path().join("upload.json");
            if let (Some(upload), Ok(id)) = (read_json::<Upload>(&path), entry.file_name().into_string()) {
                let begun = fs::metadata(&path).and_then(|m| m.modified()).unwrap_or(UNIX_EPOCH);
                found.push((upload, id, begun));
            }
        }
        found.sort_by(|a, b| (&a.0.key, a.2, &a.1).cmp(&(&b.0.key, b.2, &b.1)));
        Ok(found)
    }
}

fn content_name(number: i32) -> String {
    format!("{number:05}.part")
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn write_json<T: Serialize>(folder: &Path, name: &str, value: &T) -> io::Result<()> {
    let file = NamedTempFile::new_in(folder)?;
    serde_json::to_writer(file.as_file(), value)?;
    file.persist(folder.join(name)).map(drop).map_err(|e| e.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_never_given_twice_and_never_leave_the_folder() {
        let hidden = tempfile::tempdir().unwrap();
        let upload = Upload { key: "a".into(), attributes: Attributes::default(), algorithm: None, full_object: false };
        let mut seen = HashSet::new();
        for _ in 0..3 {
            let uploads = Uploads::new(hidden.path(), "key").unwrap();
            for _ in 0..3 {
                let id = uploads.create("exports", &upload).unwrap();
                assert!(uploads.load("exports", "a", &id).is_ok());
                assert!(uploads.load("exports", "b", &id).is_err());
                assert!(seen.insert(id));
            }
            assert_eq!(uploads.list("exports").unwrap().len(), seen.len());
            assert!(uploads.remove("exports", "../exports").is_err());
        }
    }
}
