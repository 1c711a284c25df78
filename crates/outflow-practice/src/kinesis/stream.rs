//! One stream: its shards, and the file that says which there are.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use chrono::{DateTime, SubsecRound as _, Utc};
use serde::{Deserialize, Serialize};

use super::errors::{KinesisError, KinesisResult, invalid_argument, io_error, shard_not_found};
use super::sequence;
use super::shard::{Shard, ShardInfo};
use crate::PracticeError;

/// The file in a stream's folder that describes it.
const FILE: &str = "stream.json";
/// Shards that a stream may have had, so that a loop of splits ends.
const SHARDS_MAX: usize = 2000;

/// What is kept of a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StreamInfo {
    /// When it was made, in whole seconds.
    pub(crate) created_at: DateTime<Utc>,
    /// Whether it has as many shards as are needed; here it keeps those it has.
    pub(crate) on_demand: bool,
    /// What a record may hold, data and key, in KiB.
    pub(crate) record_kib_max: u32,
    shards: Vec<ShardInfo>,
}

/// One stream.
pub(crate) struct Stream {
    pub(crate) name: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) on_demand: bool,
    pub(crate) record_kib_max: u32,
    folder: PathBuf,
    shards: RwLock<Vec<Arc<Shard>>>,
}

impl StreamInfo {
    /// A new stream whose `shards` share the hash keys evenly.
    pub(crate) fn new(shards: u32, on_demand: bool, record_kib_max: u32, now: DateTime<Utc>) -> StreamInfo {
        let share = u128::MAX / u128::from(shards.max(1));
        let shards = (0..shards)
            .map(|number| ShardInfo {
                number,
                first_hash: if number == 0 { 0 } else { share * u128::from(number) + 1 },
                last_hash: if number + 1 == shards { u128::MAX } else { share * u128::from(number + 1) },
                parent: None,
                adjacent_parent: None,
                closed: false,
            })
            .collect();
        StreamInfo { created_at: now.trunc_subsecs(0), on_demand, record_kib_max, shards }
    }
}

impl Stream {
    /// Makes the stream `info` in `folder`, which must not be there.
    pub(crate) fn create(folder: &Path, name: &str, info: &StreamInfo) -> Result<Stream, PracticeError> {
        let failed = |e| PracticeError::file(folder, "make the stream", e);
        fs::create_dir(folder).map_err(failed)?;
        write(folder, info).map_err(failed)?;
        Stream::open(folder, name)
    }

    /// Opens the stream in `folder`.
    pub(crate) fn open(folder: &Path, name: &str) -> Result<Stream, PracticeError> {
        let path = folder.join(FILE);
        let text = fs::read(&path).map_err(|e| PracticeError::file(&path, "read", e))?;
        let info: StreamInfo = serde_json::from_slice(&text).map_err(|e| {
            PracticeError::new(
                format!("{} does not describe a stream", path.display()),
                format!("read {}", path.display()),
                "delete the stream's folder",
            )
            .because(e)
        })?;
        let created_secs = info.created_at.timestamp();
        let shards: Result<_, _> =
            info.shards.iter().map(|shard| Shard::open(folder, created_secs, shard).map(Arc::new)).collect();
        Ok(Stream {
            name: name.to_owned(),
            created_at: info.created_at,
            on_demand: info.on_demand,
            record_kib_max: info.record_kib_max,
            folder: folder.to_owned(),
            shards: RwLock::new(shards?),
        })
    }

    /// All shards, by number. While it is held, no shard is closed.
    pub(crate) fn shards(&self) -> RwLockReadGuard<'_, Vec<Arc<Shard>>> {
        self.shards.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The shard called `id`.
    pub(crate) fn shard(&self, id: &str) -> KinesisResult<Arc<Shard>> {
        let number = sequence::shard_number(id);
        let found = self.shards().iter().find(|s| Some(s.number) == number).cloned();
        found.ok_or_else(|| shard_not_found(id, &self.name))
    }

    /// Closes the open shards `parents`, one or two, and opens one for each of `ranges`.
    pub(crate) fn reshard(&self, parents: &[Arc<Shard>], ranges: &[(u128, u128)]) -> KinesisResult<()> {
        let mut shards = self.shards.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(closed) = parents.iter().find(|p| p.is_closed()) {
            return Err(invalid_argument(format!(
                "Shard {} in stream {} is not open for resharding, because it was split or merged before.",
                closed.id(),
                self.name
            )));
        }
        if shards.len() + ranges.len() > SHARDS_MAX {
            let message = format!("A practice stream can have had at most {SHARDS_MAX} shards.");
            return Err(KinesisError::new("LimitExceededException", message));
        }
        let mut infos: Vec<ShardInfo> = shards
            .iter()
            .map(|s| ShardInfo { closed: s.is_closed() || parents.iter().any(|p| p.number == s.number), ..s.info() })
            .collect();
        let mut children = Vec::new();
        for (first_hash, last_hash) in ranges {
            let info = ShardInfo {
                number: infos.len() as u32,
                first_hash: *first_hash,
                last_hash: *last_hash,
                parent: parents.first().map(|p| p.number),
                adjacent_parent: parents.get(1).map(|p| p.number),
                closed: false,
            };
            let child = Shard::open(&self.folder, self.created_at.timestamp(), &info)
                .map_err(|e| io_error(&io::Error::other(e)))?;
            children.push(Arc::new(child));
            infos.push(info);
        }
        let info = StreamInfo {
            created_at: self.created_at,
            on_demand: self.on_demand,
            record_kib_max: self.record_kib_max,
            shards: infos,
        };
        write(&self.folder, &info).map_err(|e| io_error(&e))?;
        for parent in parents {
            parent.close();
        }
        shards.extend(children);
        Ok(())
    }
}

/// The shard of `shards` that takes records with `hash_key`.
pub(crate) fn shard_of(shards: &[Arc<Shard>], hash_key: u128) -> Option<usize> {
    shards.iter().position(|s| (s.first_hash..=s.last_hash).contains(&hash_key) && !s.is_closed())
}

/// Writes the description in one step.
fn write(folder: &Path, info: &StreamInfo) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".stream").tempfile_in(folder)?;
    file.write_all(&serde_json::to_vec_pretty(info)?)?;
    file.persist(folder.join(FILE)).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_all_hash_keys() {
        for count in [1, 2, 3, 7, 100] {
            let shards = StreamInfo::new(count, false, 1024, DateTime::UNIX_EPOCH).shards;
            assert_eq!(shards.first().unwrap().first_hash, 0);
            assert_eq!(shards.last().unwrap().last_hash, u128::MAX);
            assert!(shards.windows(2).all(|pair| pair[0].last_hash + 1 == pair[1].first_hash), "{count}");
        }
    }
}
