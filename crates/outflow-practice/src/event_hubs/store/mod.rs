//! Hubs and their events on disk: a folder a hub with `hub.json`, and a file a partition with one JSON object a line.
//!
//! The offset of an event is where its line begins. Of a file only the place of every 256th line is kept in memory.

mod cursor;
mod line;
mod partition;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::clock;
use super::codec::message::Message;
use crate::{PracticeError, seed};
pub(crate) use cursor::{Cursor, Start};
use partition::Partition;
pub(crate) use partition::Summary;

/// Partitions that a hub may have.
const PARTITIONS_MAX: usize = 32;
/// Hubs that are read from the folder.
const HUBS_MAX: usize = 100;

/// An event as it comes in.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) partition_key: Option<String>,
    pub(crate) message: Message,
}

/// What is kept of a hub beside its events. A person may write one.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    partitions: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    created_at: Option<String>,
}

/// A hub.
pub(crate) struct Hub {
    pub(crate) name: String,
    /// When it was made, in milliseconds since 1970.
    pub(crate) created_millis: i64,
    partitions: Vec<Mutex<Partition>>,
    /// The partition that the next transfer without a key goes to.
    next: AtomicUsize,
    appended: Arc<watch::Sender<u64>>,
}

impl Hub {
    fn open(folder: &Path, name: &str, appended: Arc<watch::Sender<u64>>) -> Result<Hub, PracticeError> {
        let path = folder.join("hub.json");
        let unreadable = |e: io::Error| PracticeError::file(&path, "read", e);
        let text = fs::read(&path).map_err(unreadable)?;
        let description: Description = serde_json::from_slice(&text).map_err(|e| unreadable(io::Error::other(e)))?;
        if !(1..=PARTITIONS_MAX).contains(&description.partitions) {
            let why = format!("a hub has 1 to {PARTITIONS_MAX} partitions");
            return Err(unreadable(io::Error::other(why)));
        }
        let partitions = (0..description.partitions).map(|number| {
            let path = folder.join(format!("{number}.jsonl"));
            Partition::open(path.clone()).map(Mutex::new).map_err(|e| PracticeError::file(&path, "read", e))
        });
        Ok(Hub {
            name: name.to_owned(),
            created_millis: description.created_at.as_deref().and_then(clock::parse).unwrap_or(0),
            partitions: partitions.collect::<Result<_, _>>()?,
            next: AtomicUsize::new(0),
            appended,
        })
    }

    /// How many partitions there are; their ids are the numbers below.
    pub(crate) fn partitions(&self) -> usize {
        self.partitions.len()
    }

    /// The number of the partition with this id.
    pub(crate) fn partition(&self, id: &str) -> Option<usize> {
        (0..self.partitions()).find(|number| number.to_string() == id)
    }

    /// What is known of a partition.
    pub(crate) fn summary(&self, partition: usize) -> Option<Summary> {
        Some(self.locked(partition)?.summary())
    }

    /// The partition for a key, always the same; without a key each in turn.
    pub(crate) fn choose(&self, key: Option<&str>) -> usize {
        match key {
            // The service's own hash is not public, so any that is even will do.
            Some(key) => {
                let hash = seed::derive(b"partition", key);
                usize::from(u16::from_be_bytes([hash[0], hash[1]])) % self.partitions()
            }
            None => self.next.fetch_add(1, Ordering::SeqCst) % self.partitions(),
        }
    }

    /// Appends events; all of them or none.
    pub(crate) fn append(&self, partition: usize, events: &[Event], now_millis: i64) -> io::Result<()> {
        let mut locked = self.locked(partition).ok_or(io::ErrorKind::NotFound)?;
        locked.append(events, now_millis)?;
        drop(locked);
        self.appended.send_modify(|count| *count = count.wrapping_add(1));
        Ok(())
    }

    fn locked(&self, partition: usize) -> Option<MutexGuard<'_, Partition>> {
        Some(self.partitions.get(partition)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// All hubs of the namespace.
pub(crate) struct Store {
    hubs: BTreeMap<String, Arc<Hub>>,
    appended: Arc<watch::Sender<u64>>,
}

impl Store {
    /// The hubs in `folder`, where `hub` is made with `partitions` partitions when it is not there.
    pub(crate) fn open(folder: &Path, hub: &str, partitions: usize) -> Result<Store, PracticeError> {
        let description = folder.join(hub).join("hub.json");
        if !description.exists() {
            let failed = |e: io::Error| PracticeError::file(&description, "write", e);
            let new = Description { partitions, created_at: Some(clock::text(clock::now_millis())) };
            let text = serde_json::to_vec_pretty(&new).map_err(|e| failed(io::Error::other(e)))?;
            fs::create_dir_all(folder.join(hub)).and_then(|()| fs::write(&description, text)).map_err(failed)?;
        }
        let appended = Arc::new(watch::Sender::new(0));
        let mut hubs = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(|e| PracticeError::file(folder, "read", e))?.take(HUBS_MAX) {
            let entry = entry.map_err(|e| PracticeError::file(folder, "read", e))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if entry.path().join("hub.json").exists() {
                let opened = Hub::open(&entry.path(), &name, Arc::clone(&appended))?;
                hubs.insert(name.to_ascii_lowercase(), Arc::new(opened));
            }
        }
        Ok(Store { hubs, appended })
    }

    /// The hub; names do not differ by case.
    pub(crate) fn hub(&self, name: &str) -> Option<Arc<Hub>> {
        self.hubs.get(&name.to_ascii_lowercase()).cloned()
    }

    /// Changes whenever events were appended.
    pub(crate) fn appended(&self) -> watch::Receiver<u64> {
        self.appended.subscribe()
    }
}

#[cfg(test)]
mod tests;
