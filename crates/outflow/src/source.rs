//! Profiles in buckets, read with the code and credentials that deliver.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use outflow_connector_kit::{ObjectStat, Session};
use outflow_export::Progress;
use outflow_model::{Fault, FaultClass};
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
        let known = self.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(bucket).map(Arc::clone);
        if let Some(session) = known {
            return Ok(session);
        }
        // Nobody waits for a bucket that does not answer but who asked for it. Of two that open one, the first is kept.
        let url = TargetUrl::S3 { bucket: bucket.into(), prefix: String::new() };
        let session = self.waiting.on(Target::new(url, &self.settings)?.open(None, SESSION_BUFFER_BYTES))?;
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Arc::clone(sessions.entry(bucket.into()).or_insert(session)))
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
        let file = |(key, stat): (String, ObjectStat)| ListedFile {
            url: format!("s3://{bucket}/{key}"),
            bytes: stat.bytes,
            version: stat.version,
        };
        let wild = key.find(['*', '?', '[', '{']);
        // Why the object may not be looked at; told where a listing finds nothing either.
        let mut refused = None;
        // The bucket's root is no object.
        if wild.is_none() && !key.is_empty() {
            match self.waiting.on(session.stat(&key)) {
                Ok(Some(stat)) => return Ok(vec![file((key, stat))]),
                Ok(None) => (),
                // Stores answer so for a key that is none, too, such as a folder's.
                Err(fault) if fault.class == FaultClass::Refused => refused = Some(fault),
                Err(fault) => return Err(fault),
            }
        }
        let (folder, pattern) = match wild {
            Some(at) => (key[..at].rsplit_once('/').map_or("", |(folder, _)| folder), key.clone()),
            None if key.is_empty() => ("", "*".to_owned()),
            None => (key.as_str(), format!("{key}/*")),
        };
        let glob = outflow_profiles::source::key_matcher(&pattern)?;
        // The session's prefix is the bucket's root, so names are keys.
        let listed = self.waiting.on(session.list(folder));
        let found = listed.map(|all| all.into_iter().filter(|(key, _)| glob(key)).map(file).collect::<Vec<_>>());
        match (found, refused) {
            (Ok(found), Some(refused)) if found.is_empty() => Err(refused),
            (Err(fault), Some(refused)) if fault.class == FaultClass::Refused => Err(refused),
            (found, _) => found,
        }
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use outflow_profiles::scan::Profiles;
    use outflow_profiles::source::pin;
    use outflow_testkit::python::run_python;
    use outflow_testkit::servers::{moto, rclone};
    use secrecy::SecretString;
    use tokio::runtime::Runtime;

    use super::*;

    const PUT: &str = "
import sys, boto3
endpoint, key, secret, bucket, name, content = sys.argv[1:]
client = boto3.client('s3', endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                      region_name='us-east-1')
client.put_object(Bucket=bucket, Key=name, Body=content.encode())
";

    /// A bucket of a real server: endpoint, access key, its secret, name.
    struct Bucket([String; 4]);

    impl Bucket {
        fn all() -> [Bucket; 2] {
            let (m, r) = (moto(), rclone());
            [
                Bucket([m.endpoint, m.writer.access_key_id, m.writer.secret_access_key, m.buckets[0].clone()]),
                Bucket([r.endpoint, r.access_key_id, r.secret_access_key, r.bucket]),
            ]
        }

        fn put(&self, key: &str, content: &str) {
            let args: Vec<&str> = self.0.iter().map(String::as_str).chain([key, content]).collect();
            run_python(PUT, &args);
        }

        fn storages(&self, runtime: &Runtime, progress: &Arc<Progress>) -> Vec<Arc<dyn Storage>> {
            let mut settings = Settings::default();
            let [endpoint, key, secret, _] = self.0.clone();
            settings.s3.endpoint = Some(endpoint);
            settings.s3.access_key_id = Some(key);
            settings.s3.secret_access_key = Some(SecretString::from(secret));
            watched_storages(&Arc::new(settings), runtime.handle(), progress)
        }
    }

    #[test]
    fn an_object_that_is_replaced_after_it_was_listed_is_not_read() {
        let runtime = Runtime::new().unwrap();
        for bucket in Bucket::all() {
            let progress = Arc::default();
            let storages = bucket.storages(&runtime, &progress);
            let key = format!("unit-{}/replaced.csv", std::process::id());
            let url = format!("s3://{}/{key}", bucket.0[3]);
            let pinned = || pin(std::slice::from_ref(&url), &storages).unwrap();
            bucket.put(&key, "id\n1\n");
            let before = pinned();
            let profiles = Profiles::open(before.clone()).unwrap();
            // As long as before: only its tag tells.
            bucket.put(&key, "id\n2\n");
            let told = before.open(0).err().unwrap();
            assert_eq!(told.class, FaultClass::Input);
            assert!(told.message.contains(&url) && told.message.contains("has changed"), "{}", told.message);
            let told = profiles.scan(profiles.morsels()[0], &Default::default()).err().unwrap();
            assert!(told.message.contains("has changed"), "{}", told.message);
            // Replaced while it is open: the end of reading finds out.
            let opened = pinned().open(0).unwrap();
            assert_eq!(opened.read_at(0, 5).unwrap(), "id\n2\n");
            bucket.put(&key, "id\n3\n");
            assert!(opened.check_unchanged().is_err());
        }
    }

    #[test]
    fn what_may_not_be_looked_at_is_still_listed() {
        let (server, runtime) = (moto(), Runtime::new().unwrap());
        let folder = format!("unit-listed-{}", std::process::id());
        let writer = &Bucket::all()[0];
        writer.put(&format!("{folder}/a.csv"), "id\n1\n");
        let noget = Bucket([
            server.endpoint,
            server.noget.access_key_id,
            server.noget.secret_access_key,
            server.buckets[0].clone(),
        ]);
        let storages = noget.storages(&runtime, &Arc::default());
        let list = |name: &str| storages[1].list(&format!("s3://{}/{name}", server.buckets[0]));
        let found = list(&folder).unwrap();
        assert_eq!(found.len(), 1);
        assert!(Path::new(&found[0].url).ends_with(format!("{folder}/a.csv")));
        // Nothing is found: why it could not be looked at is what there is to tell.
        assert_eq!(list(&format!("{folder}/none.csv")).unwrap_err().class, FaultClass::Refused);
    }

    #[test]
    fn nothing_is_read_once_the_run_is_to_stop() {
        let (temp, runtime) = (outflow_testkit::temp_dir(), Runtime::new().unwrap());
        let file = temp.path().join("a.csv");
        std::fs::write(&file, "id\n1\n").unwrap();
        let progress: Arc<Progress> = Arc::default();
        let storages = Bucket::all()[0].storages(&runtime, &progress);
        let pinned = pin(&[file.to_str().unwrap().to_owned()], &storages).unwrap();
        let opened = pinned.open(0).unwrap();
        opened.read_at(0, 5).unwrap();
        assert_eq!(progress.source_bytes(), 5);
        progress.cancel();
        assert_eq!(opened.read_at(0, 5).unwrap_err().class, FaultClass::Interrupted);
        assert_eq!(Profiles::open(pinned).err().unwrap().class, FaultClass::Interrupted);
        for pattern in [file.to_str().unwrap(), "s3://exports/x"] {
            let stopped = pin(&[pattern.to_owned()], &storages).err().unwrap();
            assert_eq!(stopped.class, FaultClass::Interrupted);
        }
    }
}
