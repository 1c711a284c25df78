//! Profiles in buckets, read with the code and credentials that deliver.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use outflow_connector_kit::Session;
use outflow_export::Progress;
use outflow_model::Fault;
use outflow_profiles::source::{ListedFile, LocalStorage, RandomAccess, SourceFile, Storage, changed};
use tokio::runtime::Handle;

use crate::settings::Settings;
use crate::target::{SESSION_BUFFER_BYTES, Target, TargetUrl, without_secret};

/// One fetch from a bucket: large enough that latency does not dominate, small enough to hold one per column.
const READ_AHEAD_BYTES: usize = 2 * 1024 * 1024;

/// Every place that profiles are read from.
pub fn storages(settings: &Arc<Settings>, runtime: &Handle) -> Vec<Arc<dyn Storage>> {
    watched_storages(settings, runtime, &Arc::default())
}

/// The same; `progress` hears what is read, and may end it: between two reads of a disk, within a request to a bucket.
pub fn watched_storages(settings: &Arc<Settings>, runtime: &Handle, progress: &Arc<Progress>) -> Vec<Arc<dyn Storage>> {
    let waiting = Waiting { runtime: runtime.clone(), progress: Arc::clone(progress) };
    let buckets = Buckets { settings: Arc::clone(settings), waiting, sessions: Mutex::default() };
    let watched = |storage: Arc<dyn Storage>| -> Arc<dyn Storage> {
        Arc::new(Watched { storage, progress: Arc::clone(progress) })
    };
    vec![watched(Arc::new(LocalStorage)), watched(Arc::new(buckets))]
}

/// A storage of which every read is told, and none begun once the run is to stop.
struct Watched<S: ?Sized> {
    progress: Arc<Progress>,
    storage: Arc<S>,
}

impl Storage for Watched<dyn Storage> {
    fn handles(&self, pattern: &str) -> bool {
        self.storage.handles(pattern)
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        self.progress.check()?;
        self.storage.list(pattern)
    }

    fn identity(&self, url: &str) -> String {
        self.storage.identity(url)
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        self.progress.check()?;
        Ok(Arc::new(Watched { progress: Arc::clone(&self.progress), storage: self.storage.open(file)? }))
    }
}

impl RandomAccess for Watched<dyn RandomAccess> {
    fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, Fault> {
        self.progress.check()?;
        self.progress.add_source_bytes(length as u64);
        self.storage.read_at(offset, length)
    }

    fn read_ahead_bytes(&self) -> usize {
        self.storage.read_ahead_bytes()
    }

    fn check_unchanged(&self) -> Result<(), Fault> {
        self.storage.check_unchanged()
    }
}

/// Waits for a store's answers, unless the run is to stop.
#[derive(Clone)]
struct Waiting {
    runtime: Handle,
    progress: Arc<Progress>,
}

impl Waiting {
    fn on<T>(&self, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
        self.runtime.block_on(self.progress.unless_cancelled(work))
    }
}

/// Storage over the S3 connector.
struct Buckets {
    settings: Arc<Settings>,
    waiting: Waiting,
    sessions: Mutex<HashMap<String, Arc<dyn Session>>>,
}

impl Buckets {
    fn session(&self, bucket: &str) -> Result<Arc<dyn Session>, Fault> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get(bucket) {
            return Ok(Arc::clone(session));
        }
        let url = TargetUrl::S3 { bucket: bucket.into(), prefix: String::new() };
        let session = self.waiting.on(Target::new(url, &self.settings)?.open(None, SESSION_BUFFER_BYTES))?;
        sessions.insert(bucket.into(), Arc::clone(&session));
        Ok(session)
    }
}

fn bucket_and_key(url: &str) -> Result<(String, String), Fault> {
    if !url.starts_with("s3://") {
        return Err(Fault::input(format!("profiles are not read from {:?}", without_secret(url)))
            .tried("--profiles")
            .hint("give paths, globs, file:// or s3:// URLs"));
    }
    match TargetUrl::parse(url)? {
        TargetUrl::S3 { bucket, prefix } => Ok((bucket, prefix)),
        other => Err(Fault::internal(format!("{other} is taken for a bucket"))),
    }
}

impl Storage for Buckets {
    fn handles(&self, pattern: &str) -> bool {
        // Other URLs too, so that they are refused here, where it is known that a password must not be repeated.
        pattern.contains("://") && !pattern.starts_with("file://")
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        let (bucket, key) = bucket_and_key(pattern)?;
        let session = self.session(&bucket)?;
        let url = |key: &str| format!("s3://{bucket}/{key}");
        let wild = key.find(['*', '?', '[', '{']);
        if wild.is_none()
            && let Some(stat) = self.waiting.on(session.stat(&key))?
        {
            return Ok(vec![ListedFile { url: url(&key), bytes: stat.bytes, version: stat.version }]);
        }
        let (folder, pattern) = match wild {
            Some(at) => (key[..at].rsplit_once('/').map_or("", |(folder, _)| folder), key.clone()),
            None => (key.as_str(), format!("{key}/*")),
        };
        let glob = outflow_profiles::source::key_matcher(&pattern)?;
        let listed = self.waiting.on(session.list(folder))?;
        // The session's prefix is the bucket's root, so names are keys.
        let found = listed.into_iter().filter(|(key, _)| glob(key));
        Ok(found.map(|(key, stat)| ListedFile { url: url(&key), bytes: stat.bytes, version: stat.version }).collect())
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        let (bucket, key) = bucket_and_key(&file.url)?;
        let object =
            Object { session: self.session(&bucket)?, waiting: self.waiting.clone(), key, pinned: file.clone() };
        object.check_unchanged()?;
        Ok(Arc::new(object))
    }
}

struct Object {
    session: Arc<dyn Session>,
    waiting: Waiting,
    key: String,
    pinned: SourceFile,
}

impl RandomAccess for Object {
    fn read_at(&self, offset: u64, length: usize) -> Result<Bytes, Fault> {
        self.waiting.on(self.session.read_range(&self.key, offset, length as u64))
    }

    fn read_ahead_bytes(&self) -> usize {
        READ_AHEAD_BYTES
    }

    fn check_unchanged(&self) -> Result<(), Fault> {
        let stat = self.waiting.on(self.session.stat(&self.key))?;
        let same = stat.is_some_and(|s| s.bytes == self.pinned.bytes && s.version == self.pinned.version);
        if same { Ok(()) } else { Err(changed(&self.pinned.url)) }
    }
}
