//! Reading back and listing.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{BodyReader, ObjectStat, PartReader};
use outflow_model::Fault;

use super::fault::{from_io, from_read, lost};
use super::session::Place;
use crate::names::{self, DEPTH_MAX, LISTED_MAX};

const PIECE_BYTES: usize = 1 << 20;

pub(super) fn stat(path: &Path) -> Result<Option<ObjectStat>, Fault> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(found.is_file().then(|| object_stat(&found))),
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(e) => Err(from_io("look at", path, e)),
    }
}

/// A file that is replaced gets a new inode, so even a change within the clock's grain shows.
fn object_stat(found: &Metadata) -> ObjectStat {
    ObjectStat { bytes: found.len(), version: format!("{}.{:09}-{}", found.mtime(), found.mtime_nsec(), found.ino()) }
}

pub(super) fn read(path: PathBuf) -> Result<BodyReader, Fault> {
    let file = open(&path)?;
    Ok(Box::new(FileReader { path, file: Some(file) }))
}

fn open(path: &Path) -> Result<File, Fault> {
    let file = File::open(path).map_err(|e| from_read(path, e))?;
    if file.metadata().map_err(|e| from_read(path, e))?.is_dir() {
        return Err(Fault::input("it is a folder, not a file").tried(format!("read {}", path.display())));
    }
    Ok(file)
}

struct FileReader {
    path: PathBuf,
    file: Option<File>,
}

#[async_trait]
impl PartReader for FileReader {
    async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        let Some(mut file) = self.file.take() else { return Ok(None) };
        let work = move || {
            let mut piece = vec![0; PIECE_BYTES];
            file.read(&mut piece).map(|count| {
                piece.truncate(count);
                (file, Bytes::from(piece))
            })
        };
        let read = tokio::task::spawn_blocking(work).await.map_err(lost)?;
        let (file, piece) = read.map_err(|e| from_read(&self.path, e))?;
        if piece.is_empty() {
            return Ok(None);
        }
        self.file = Some(file);
        Ok(Some(piece))
    }
}

pub(super) fn read_range(path: &Path, offset: u64, length: u64) -> Result<Bytes, Fault> {
    let file = open(path)?;
    let length = usize::try_from(length).map_err(|_| Fault::input("the range is longer than memory"))?;
    let mut range = vec![0; length];
    file.read_exact_at(&mut range, offset).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => Fault::input("the file ends before the range does")
            .tried(format!("read {length} bytes from {offset} of {}", path.display())),
        _ => from_read(path, e),
    })?;
    Ok(range.into())
}

/// Every file below `folder`, temporary ones left out, with its name as the session's other verbs take it.
pub(super) fn list(place: &Place, folder: &str) -> Result<Vec<(String, ObjectStat)>, Fault> {
    let mut found = Vec::new();
    let mut folders = vec![(folder.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let path = place.root.join(&folder);
        let items = match std::fs::read_dir(&path) {
            Ok(items) => items,
            Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => continue,
            Err(e) => return Err(from_io("list", &path, e)),
        };
        for item in items {
            let item = item.map_err(|e| from_io("list", &path, e))?;
            let file = item.file_name();
            let Some(file) = file.to_str() else { continue };
            let name = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
            // Removed since the listing, or a link to nowhere: not there.
            let Ok(metadata) = std::fs::metadata(item.path()) else { continue };
            if metadata.is_dir() {
                if depth < DEPTH_MAX {
                    folders.push((name, depth + 1));
                }
            } else if metadata.is_file() && names::final_name(file).is_none() {
                found.push((name, object_stat(&metadata)));
            }
            if found.len() > LISTED_MAX {
                return Err(names::too_many(&path.display().to_string()));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}
