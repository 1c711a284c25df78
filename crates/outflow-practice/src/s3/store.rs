//! Objects on disk: content at `BUCKET/KEY`, metadata beside it in the hidden folder.
//!
//! A change is a rename under a lock, so that a reader sees the old object or the new one. Metadata is written after the
//! content; metadata that does not fit its content (a crash between the two, a file put there by hand) is made anew.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{ETag, ETagCondition};
use s3s::{S3Error, S3ErrorCode, S3Result};
use serde::{Deserialize, Serialize};
use tempfile::{NamedTempFile, TempPath};

use super::checksums::Checksums;
use super::errors::{error, foreign, io_error};
use super::key_path;
use crate::PracticeError;

/// What clients say of an object and want back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) user: Option<HashMap<String, String>>,
}

/// [`Attributes`] from the input of an operation that makes an object.
macro_rules! attributes_of {
    ($input:expr) => {
        $crate::s3::store::Attributes {
            content_type: $input.content_type.clone(),
            content_encoding: $input.content_encoding.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_language: $input.content_language.clone(),
            cache_control: $input.cache_control.clone(),
            user: $input.metadata.clone(),
        }
    };
}
pub(crate) use attributes_of;

/// What is known of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ObjectMeta {
    /// Without quotes.
    pub(crate) etag: String,
    /// Length in bytes.
    pub(crate) bytes: u64,
    /// Modification time of the content this belongs to, in nanoseconds since 1970.
    pub(crate) modified_nanos: u64,
    #[serde(default)]
    pub(crate) attributes: Attributes,
    #[serde(default)]
    pub(crate) checksums: Checksums,
    /// Whether `checksums` is a checksum of the parts' checksums.
    #[serde(default)]
    pub(crate) composite: bool,
}

/// An object opened for reading.
pub(crate) struct Opened {
    pub(crate) file: File,
    pub(crate) meta: ObjectMeta,
    pub(crate) modified: SystemTime,
}

/// Under which condition an object is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Condition {
    pub(crate) if_none_match: Option<ETagCondition>,
    pub(crate) if_match: Option<ETagCondition>,
}

/// All buckets.
pub(crate) struct Store {
    buckets: PathBuf,
    metadata: PathBuf,
    temporary: PathBuf,
    publishing: Mutex<()>,
}

impl Store {
    /// A store of the buckets in `buckets` that keeps what is not for eyes in `hidden`. What an earlier process left
    /// unfinished in its temporary folder is removed.
    pub(crate) fn new(buckets: &Path, hidden: &Path) -> Result<Store, PracticeError> {
        let temporary = hidden.join("tmp");
        match fs::remove_dir_all(&temporary) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(PracticeError::file(&temporary, "empty the folder", e));
            }
            _ => {}
        }
        fs::create_dir_all(&temporary).map_err(|e| PracticeError::file(&temporary, "make the folder", e))?;
        Ok(Store {
            buckets: buckets.to_owned(),
            metadata: hidden.join("objects"),
            temporary,
            publishing: Mutex::new(()),
        })
    }

    /// A new temporary file on the file system of the objects, removed unless it is published.
    pub(crate) fn temporary(&self) -> io::Result<NamedTempFile> {
        let readable = std::os::unix::fs::PermissionsExt::from_mode(0o644);
        tempfile::Builder::new().permissions(readable).tempfile_in(&self.temporary)
    }

    /// The names of all buckets, sorted, each with the time it was made.
    pub(crate) fn buckets(&self) -> S3Result<Vec<(String, SystemTime)>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.buckets).map_err(io_error)? {
            let entry = entry.map_err(io_error)?;
            if let (true, Ok(name)) = (entry.file_type().map_err(io_error)?.is_dir(), entry.file_name().into_string()) {
                let made = entry.metadata().and_then(|m| m.created()).unwrap_or(UNIX_EPOCH);
                found.push((name, made));
            }
        }
        found.sort();
        Ok(found)
    }

    /// The folder of `bucket`; `NoSuchBucket` when there is none.
    pub(crate) fn bucket(&self, bucket: &str) -> S3Result<PathBuf> {
        let folder = self.buckets.join(bucket);
        if folder.is_dir() { Ok(folder) } else { Err(error(S3ErrorCode::NoSuchBucket)) }
    }

    /// Makes `bucket`.
    pub(crate) fn create_bucket(&self, bucket: &str) -> S3Result<()> {
        match fs::create_dir(self.buckets.join(bucket)) {
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Err(error(S3ErrorCode::BucketAlreadyOwnedByYou)),
            result => result.map_err(io_error),
        }
    }

    /// Opens the object `key`; `NoSuchKey` when there is none.
    pub(crate) fn open(&self, bucket: &str, key: &str) -> S3Result<Opened> {
        let path = self.bucket(bucket)?.join(key_path::encode(key));
        let (mut file, found, stored) = {
            let _guard = self.lock();
            if !fs::symlink_metadata(&path).is_ok_and(|m| m.is_file()) {
                return Err(error(S3ErrorCode::NoSuchKey));
            }
            let file = File::open(&path).map_err(io_error)?;
            let found = file.metadata().map_err(io_error)?;
            (file, found, self.read_meta(bucket, key))
        };
        let modified = found.modified().map_err(io_error)?;
        let modified_nanos = nanos(modified);
        let meta = match stored {
            Some(meta) if meta.bytes == found.len() && meta.modified_nanos == modified_nanos => meta,
            _ => {
                let etag = md5_hex(&mut file).map_err(io_error)?;
                io::Seek::rewind(&mut file).map_err(io_error)?;
                let meta = ObjectMeta { etag, bytes: found.len(), modified_nanos, ..ObjectMeta::default() };
                let _guard = self.lock();
                let unchanged = fs::metadata(&path).and_then(|m| m.modified()).is_ok_and(|m| m == modified);
                if unchanged {
                    self.write_meta(bucket, key, &meta).map_err(io_error)?;
                }
                meta
            }
        };
        Ok(Opened { file, meta, modified })
    }

    /// Makes the file `content` the object `key`, if `condition` holds, in one step.
    pub(crate) fn publish(
        &self,
        bucket: &str,
        key: &str,
        content: TempPath,
        mut meta: ObjectMeta,
        condition: &Condition,
    ) -> S3Result<()> {
        let path = self.bucket(bucket)?.join(key_path::encode(key));
        let _guard = self.lock();
        self.check_locked(bucket, key, &path, condition)?;
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(taken_by_another_kind)?;
        }
        let found = fs::metadata(&content).map_err(io_error)?;
        meta.bytes = found.len();
        meta.modified_nanos = nanos(found.modified().map_err(io_error)?);
        content.persist(&path).map_err(|e| taken_by_another_kind(e.error))?;
        self.write_meta(bucket, key, &meta).map_err(io_error)
    }

    /// Whether `condition` holds now; [`Store::publish`] checks again.
    pub(crate) fn check(&self, bucket: &str, key: &str, condition: &Condition) -> S3Result<()> {
        let path = self.bucket(bucket)?.join(key_path::encode(key));
        let _guard = self.lock();
        self.check_locked(bucket, key, &path, condition)
    }

    fn check_locked(&self, bucket: &str, key: &str, path: &Path, condition: &Condition) -> S3Result<()> {
        let exists = path.is_file();
        if exists && condition.if_none_match.is_some() {
            // S3 takes only `*` here.
            return Err(error(S3ErrorCode::PreconditionFailed));
        }
        match &condition.if_match {
            Some(_) if !exists => Err(error(S3ErrorCode::NoSuchKey)),
            Some(ETagCondition::ETag(wanted)) => {
                let current = self.read_meta(bucket, key).map(|m| m.etag).unwrap_or_default();
                if ETag::Strong(current).strong_cmp(wanted) {
                    Ok(())
                } else {
                    Err(error(S3ErrorCode::PreconditionFailed))
                }
            }
            _ => Ok(()),
        }
    }

    /// Removes the object `key`, and the folders that are empty without it. An object that is not there is no error.
    pub(crate) fn delete(&self, bucket: &str, key: &str) -> S3Result<()> {
        let folder = self.bucket(bucket)?;
        let path = folder.join(key_path::encode(key));
        let _guard = self.lock();
        if !path.is_file() {
            return Ok(());
        }
        fs::remove_file(&path).map_err(io_error)?;
        remove_empty(&path, &folder);
        match fs::remove_file(self.meta_path(bucket, key)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(io_error(e)),
            _ => Ok(()),
        }
    }

    /// Named by a hash of the key, because a suffix would make the longest names too long.
    fn meta_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name = hex(digest::digest(&digest::SHA256, key.as_bytes()).as_ref());
        self.metadata.join(bucket).join(format!("{name}.json"))
    }

    fn read_meta(&self, bucket: &str, key: &str) -> Option<ObjectMeta> {
        serde_json::from_slice(&fs::read(self.meta_path(bucket, key)).ok()?).ok()
    }

    fn write_meta(&self, bucket: &str, key: &str, meta: &ObjectMeta) -> io::Result<()> {
        let path = self.meta_path(bucket, key);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        let file = self.temporary()?;
        serde_json::to_writer(file.as_file(), meta)?;
        file.persist(path).map(drop).map_err(|e| e.error)
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        self.publishing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the folders between `path` and `top` that are empty.
fn remove_empty(path: &Path, top: &Path) {
    for folder in path.ancestors().skip(1).take_while(|f| *f != top && f.starts_with(top)) {
        // A folder that is not empty refuses, and ends it.
        if fs::remove_dir(folder).is_err() {
            break;
        }
    }
}

/// A key `a` stands in the way of a key `a/b`, and the other way round; the codes are MinIO's.
fn taken_by_another_kind(source: io::Error) -> S3Error {
    match source.kind() {
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => foreign(
            "XMinioParentIsObject",
            http::StatusCode::BAD_REQUEST,
            "Object-prefix is already an object, please choose a different object-prefix name.",
        ),
        io::ErrorKind::IsADirectory | io::ErrorKind::DirectoryNotEmpty => foreign(
            "XMinioObjectExistsAsDirectory",
            http::StatusCode::CONFLICT,
            "Object name already exists as a directory.",
        ),
        _ => io_error(source),
    }
}

pub(crate) fn nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn md5_hex(file: &mut File) -> io::Result<String> {
    let mut hash = Md5::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            count => hash.update(&buffer[..count]),
        }
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("s3/exports")).unwrap();
        let store = Store::new(&root.path().join("s3"), &root.path().join(".practice")).unwrap();
        (root, store)
    }

    fn put(store: &Store, key: &str, text: &str) -> S3Result<()> {
        let mut file = store.temporary().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let meta = ObjectMeta { etag: format!("etag of {text}"), ..ObjectMeta::default() };
        store.publish("exports", key, file.into_temp_path(), meta, &Condition::default())
    }

    #[test]
    fn a_file_put_there_by_hand_is_an_object() {
        let (root, store) = store();
        put(&store, "in/a.csv", "one").unwrap();
        assert_eq!(store.open("exports", "in/a.csv").unwrap().meta.etag, "etag of one");
        fs::write(root.path().join("s3/exports/in/a.csv"), "other").unwrap();
        // md5sum of "other".
        assert_eq!(store.open("exports", "in/a.csv").unwrap().meta.etag, "795f3202b17cb6bc3d4b771d8c6c9eaf");
    }

    #[test]
    fn deleting_leaves_no_folders() {
        let (root, store) = store();
        put(&store, "a/b/c", "x").unwrap();
        put(&store, "a/d", "x").unwrap();
        store.delete("exports", "a/b/c").unwrap();
        assert!(!root.path().join("s3/exports/a/b").exists());
        assert!(root.path().join("s3/exports/a/d").exists());
        store.delete("exports", "a/d").unwrap();
        store.delete("exports", "a/d").unwrap();
        assert!(root.path().join("s3/exports").exists());
        assert!(!root.path().join("s3/exports/a").exists());
    }

    #[test]
    fn an_object_and_a_folder_exclude_each_other() {
        let (_root, store) = store();
        put(&store, "a", "x").unwrap();
        assert_eq!(put(&store, "a/b", "x").unwrap_err().code().as_str(), "XMinioParentIsObject");
        put(&store, "c/d", "x").unwrap();
        assert_eq!(put(&store, "c", "x").unwrap_err().code().as_str(), "XMinioObjectExistsAsDirectory");
        assert_eq!(store.open("exports", "c").err().unwrap().code(), &S3ErrorCode::NoSuchKey);
    }

    #[test]
    fn the_longest_name_is_kept_and_a_longer_one_refused() {
        let (_root, store) = store();
        let longest = "n".repeat(255);
        put(&store, &longest, "x").unwrap();
        assert_eq!(store.open("exports", &longest).unwrap().meta.etag, "etag of x");
        assert_eq!(put(&store, &"n".repeat(256), "x").unwrap_err().code(), &S3ErrorCode::KeyTooLongError);
    }

    #[test]
    fn leftovers_of_a_crash_are_removed() {
        let (root, store) = store();
        let (_, kept) = store.temporary().unwrap().keep().unwrap();
        drop(Store::new(&root.path().join("s3"), &root.path().join(".practice")).unwrap());
        assert!(!kept.exists());
    }
}
