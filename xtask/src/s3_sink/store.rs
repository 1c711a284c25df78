//! What the sink remembers: lengths and checksums, and while it keeps, the data as files.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::{Result, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::Answer;
use crate::http::Body;

/// An object or a part.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    /// Its length.
    pub(crate) bytes: u64,
    /// Not a hash: nothing is read that would be hashed.
    pub(crate) etag: String,
    /// Header name and value of the checksum that the client sent.
    pub(crate) checksum: Option<(&'static str, String)>,
}

#[derive(Debug)]
struct Upload {
    key: String,
    parts: BTreeMap<u32, (Stored, Vec<u8>)>,
}

/// The server's memory, shared by its connections.
#[derive(Debug, Default)]
pub(crate) struct Store {
    folder: Option<PathBuf>,
    keeping: AtomicBool,
    next: AtomicU64,
    requests: AtomicU64,
    bytes: AtomicU64,
    objects: Mutex<HashMap<String, Stored>>,
    uploads: Mutex<HashMap<String, Upload>>,
}

impl Store {
    /// `folder` is where it can keep objects, by key.
    pub(crate) fn new(folder: Option<PathBuf>) -> Store {
        Store { folder, ..Store::default() }
    }

    /// Whether the next bodies are kept.
    pub(crate) fn keeps(&self) -> bool {
        self.keeping.load(Ordering::Relaxed)
    }

    /// Begins or stops to keep.
    pub(crate) fn keep(&self, keep: bool) -> Answer {
        if keep && self.folder.is_none() {
            return Answer::error("409 Conflict", "StartedWithoutFolder");
        }
        self.keeping.store(keep, Ordering::Relaxed);
        Answer::ok()
    }

    /// Forgets everything but what is kept in files.
    pub(crate) fn reset(&self) {
        lock(&self.objects).clear();
        lock(&self.uploads).clear();
        self.bytes.store(0, Ordering::Relaxed);
        self.requests.store(0, Ordering::Relaxed);
    }

    /// As JSON: objects and their bytes, bytes and requests that brought data, uploads that are open.
    pub(crate) fn stats(&self) -> String {
        let objects = lock(&self.objects);
        serde_json::json!({
            "objects": objects.len(),
            "objectBytes": objects.values().map(|object| object.bytes).sum::<u64>(),
            "receivedBytes": self.bytes.load(Ordering::Relaxed),
            "puts": self.requests.load(Ordering::Relaxed),
            "openUploads": lock(&self.uploads).len(),
        })
        .to_string()
    }

    /// An object in one piece; none where it must be new and is not.
    pub(crate) fn put(&self, key: &str, body: &Body, must_be_new: bool) -> Result<Option<Stored>> {
        let stored = self.receive(body);
        let mut objects = lock(&self.objects);
        if must_be_new && objects.contains_key(key) {
            return Ok(None);
        }
        objects.insert(key.to_owned(), stored.clone());
        drop(objects);
        self.write(key, [body.data.as_slice()])?;
        Ok(Some(stored))
    }

    /// Begins an upload and returns its id.
    pub(crate) fn begin(&self, key: &str) -> String {
        let id = format!("upload-{}", self.next.fetch_add(1, Ordering::Relaxed));
        lock(&self.uploads).insert(id.clone(), Upload { key: key.to_owned(), parts: BTreeMap::new() });
        id
    }

    /// A part; none where there is no such upload.
    pub(crate) fn put_part(&self, upload: &str, number: u32, body: Body) -> Result<Option<Stored>> {
        let stored = self.receive(&body);
        let mut uploads = lock(&self.uploads);
        Ok(uploads.get_mut(upload).map(|upload| {
            upload.parts.insert(number, (stored.clone(), body.data));
            stored
        }))
    }

    /// Makes the parts an object; none where there is no such upload.
    pub(crate) fn complete(&self, upload: &str) -> Result<Option<Stored>> {
        let Some(upload) = lock(&self.uploads).remove(upload) else { return Ok(None) };
        let bytes = upload.parts.values().map(|(part, _)| part.bytes).sum();
        let etag = format!("{}-{}", self.next_etag(), upload.parts.len());
        let stored = Stored { bytes, etag, checksum: None };
        self.write(&upload.key, upload.parts.values().map(|(_, data)| data.as_slice()))?;
        lock(&self.objects).insert(upload.key, stored.clone());
        Ok(Some(stored))
    }

    /// Whether there was such an upload.
    pub(crate) fn abort(&self, upload: &str) -> bool {
        lock(&self.uploads).remove(upload).is_some()
    }

    /// Forgets an object.
    pub(crate) fn delete(&self, key: &str) {
        lock(&self.objects).remove(key);
    }

    /// An object.
    pub(crate) fn get(&self, key: &str) -> Option<Stored> {
        lock(&self.objects).get(key).cloned()
    }

    fn receive(&self, body: &Body) -> Stored {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(body.bytes, Ordering::Relaxed);
        Stored { bytes: body.bytes, etag: self.next_etag(), checksum: body.checksum.clone() }
    }

    fn next_etag(&self) -> String {
        format!("sink-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    fn write<'a>(&self, key: &str, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<()> {
        let Some(folder) = self.folder.as_deref().filter(|_| self.keeps()) else { return Ok(()) };
        let path = folder.join(Path::new(key).components().filter(is_name).collect::<PathBuf>());
        fs::create_dir_all(path.parent().unwrap_or(folder))?;
        let mut file = fs::File::create(path)?;
        pieces.into_iter().try_for_each(|piece| file.write_all(piece))
    }
}

/// Neither `..` nor a root: nothing is written outside the folder.
fn is_name(component: &std::path::Component<'_>) -> bool {
    matches!(component, std::path::Component::Normal(_))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
