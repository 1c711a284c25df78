//! Writing a file of departures.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use outflow_model::Fault;
use tempfile::TempPath;

use super::spool::Spool;
use super::{DeparturesFile, ENTRY_BYTES, HEADER_BYTES, Shape, checksum, header, unsigned, unwritable};

/// Hashes that are held before they are written: 1 MiB of them.
const HELD_MAX: usize = 1 << 17;

/// Bytes that are written at once.
const WRITE_BYTES: usize = 256 * 1024;

/// What the names of files end in that are being written. It is not what temporaries of a data folder end in: those are
/// swept whenever nobody holds the folder, and an export does not.
const UNFINISHED: &str = ".unfinished";

/// Gathers the profiles of one file. Holds 2 MiB, however many they are.
///
/// Many that come in the order of their hashes, as profiles do, are written as they come. Those that come behind others wait
/// on the disk, and the file is written anew at its end.
pub struct Writer {
    path: PathBuf,
    held: Vec<u64>,
    body: Option<Body>,
    behind: Option<Spool>,
}

/// A file that is written, and has its name once it is [kept](keep). It is removed otherwise.
#[derive(Debug)]
pub struct Written {
    temporary: TempPath,
    file: DeparturesFile,
}

impl Writer {
    /// Begins the file `path`. Its folder is there; nothing is on the disk until there are many profiles.
    pub fn new(path: &Path) -> Writer {
        Writer { path: path.to_path_buf(), held: Vec::new(), body: None, behind: None }
    }

    /// Adds profiles by their hashes, in any order; one that is there already counts once.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it; `Input` for more profiles than a file may have.
    pub fn add(&mut self, hashes: &[i64]) -> Result<(), Fault> {
        let mut left = hashes;
        while !left.is_empty() {
            let (now, later) = left.split_at(left.len().min(HELD_MAX - self.held.len()));
            self.held.extend(now.iter().map(|hash| unsigned(*hash)));
            left = later;
            if self.held.len() == HELD_MAX {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Writes the file. It is not durable yet, and has no name of its own.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn finish(mut self) -> Result<Written, Fault> {
        if self.body.is_none() {
            self.body = Some(Body::new(&self.path, Shape::for_count(self.held.len()))?);
        }
        self.flush()?;
        match (self.body, self.behind) {
            (Some(body), Some(behind)) => merged(body, behind, &self.path)?.finish(self.path),
            (Some(body), None) => body.finish(self.path),
            (None, _) => Err(Fault::internal("a file of departures is not open")),
        }
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.held.sort_unstable();
        let body = match &mut self.body {
            Some(body) => body,
            None => self.body.insert(Body::new(&self.path, Shape::LARGE)?),
        };
        if body.last.zip(self.held.first()).is_some_and(|(last, first)| *first < last) {
            let behind = match &mut self.behind {
                Some(behind) => behind,
                None => self.behind.insert(Spool::new(folder_of(&self.path))?),
            };
            behind.add(&self.held)?;
        } else {
            body.add(&self.held)?;
        }
        self.held.clear();
        Ok(())
    }
}

/// The hashes of both.
fn merged(mut body: Body, mut behind: Spool, path: &Path) -> Result<Body, Fault> {
    body.visit(|hashes| behind.add(hashes))?;
    drop(body);
    let mut merged = Body::new(path, Shape::LARGE)?;
    behind.visit(|hash| merged.add(&[hash]))?;
    Ok(merged)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives files their names, in the place of what has them, and makes them durable: when this answers, they survive a
/// power cut.
///
/// # Errors
/// `Refused` where the disk does not take it.
pub fn keep(written: Vec<Written>) -> Result<Vec<DeparturesFile>, Fault> {
    let mut folders = BTreeSet::new();
    let mut kept = Vec::with_capacity(written.len());
    for Written { temporary, file } in written {
        let path = &file.path;
        File::open(&temporary).and_then(|opened| opened.sync_all()).map_err(|e| unwritable(path, e))?;
        temporary.persist(path).map_err(|e| unwritable(path, e.error))?;
        folders.insert(folder_of(path).to_path_buf());
        kept.push(file);
    }
    for folder in folders {
        File::open(&folder).and_then(|opened| opened.sync_all()).map_err(|e| unwritable(&folder, e))?;
    }
    Ok(kept)
}

/// The buckets, being written.
struct Body {
    path: PathBuf,
    temporary: TempPath,
    out: BufWriter<File>,
    shape: Shape,
    /// Of each bucket that has ended, the number of its first hash and its checksum.
    table: Vec<(u32, u32)>,
    /// What the open bucket holds.
    content: Vec<u8>,
    /// Hashes in the buckets before it, and in all.
    start: u32,
    count: u32,
    last: Option<u64>,
}

impl Body {
    fn new(path: &Path, shape: Shape) -> Result<Body, Fault> {
        let name = path.file_name().unwrap_or_default();
        let temporary = tempfile::Builder::new().prefix(name).suffix(UNFINISHED).tempfile_in(folder_of(path));
        let (file, temporary) = temporary.map_err(|e| unwritable(path, e))?.into_parts();
        let mut out = BufWriter::with_capacity(WRITE_BYTES, file);
        out.seek(SeekFrom::Start(shape.body_at())).map_err(|e| unwritable(path, e))?;
        let table = Vec::with_capacity(shape.buckets() as usize);
        let (path, content) = (path.to_path_buf(), Vec::new());
        Ok(Body { path, temporary, out, shape, table, content, start: 0, count: 0, last: None })
    }

    /// Adds the next hashes, which ascend.
    fn add(&mut self, hashes: &[u64]) -> Result<(), Fault> {
        for hash in hashes {
            if self.last == Some(*hash) {
                continue;
            }
            self.last = Some(*hash);
            let bucket = self.shape.bucket_of(*hash);
            while (self.table.len() as u64) < bucket {
                self.end_bucket()?;
            }
            let bytes = hash.to_be_bytes();
            // Each with a length that the compiler knows.
            match self.shape.bits {
                16 => self.content.extend_from_slice(&bytes[2..]),
                8 => self.content.extend_from_slice(&bytes[1..]),
                _ => self.content.extend_from_slice(&bytes),
            }
            self.count = self.count.checked_add(1).ok_or_else(too_many)?;
        }
        Ok(())
    }

    fn end_bucket(&mut self) -> Result<(), Fault> {
        self.out.write_all(&self.content).map_err(|e| unwritable(&self.path, e))?;
        let crc = checksum(self.table.len() as u64, self.start, self.count, &self.content);
        self.table.push((self.start, crc));
        self.content.clear();
        self.start = self.count;
        Ok(())
    }

    fn end_buckets(&mut self) -> Result<(), Fault> {
        while (self.table.len() as u64) < self.shape.buckets() {
            self.end_bucket()?;
        }
        self.out.flush().map_err(|e| unwritable(&self.path, e))
    }

    /// Calls `each` with all hashes, some at a time, ascending. Nothing can be added any more.
    fn visit(&mut self, mut each: impl FnMut(&[u64]) -> Result<(), Fault>) -> Result<(), Fault> {
        self.end_buckets()?;
        let (width, mut at) = (self.shape.width(), self.shape.body_at());
        let (mut content, mut hashes) = (Vec::new(), Vec::new());
        for (bucket, (start, _)) in self.table.iter().enumerate() {
            let end = self.table.get(bucket + 1).map_or(self.count, |(next, _)| *next);
            content.resize((end - start) as usize * width, 0);
            self.out.get_ref().read_exact_at(&mut content, at).map_err(|e| unwritable(&self.path, e))?;
            at += content.len() as u64;
            hashes.clear();
            hashes.extend(content.chunks_exact(width).map(|rest| self.shape.hash_of(bucket as u64, rest)));
            each(&hashes)?;
        }
        Ok(())
    }

    /// Ends the file, which is to be called `path`.
    fn finish(mut self, path: PathBuf) -> Result<Written, Fault> {
        self.end_buckets()?;
        let mut table = Vec::with_capacity((self.table.len() + 1) * ENTRY_BYTES as usize);
        for (start, crc) in self.table.iter().chain([&(self.count, 0)]) {
            table.extend_from_slice(&start.to_le_bytes());
            table.extend_from_slice(&crc.to_le_bytes());
        }
        let header = header(self.shape, self.count.into());
        let file = self.out.get_ref();
        let written = file.write_all_at(&table, HEADER_BYTES).and_then(|()| file.write_all_at(&header, 0));
        written.map_err(|e| unwritable(&path, e))?;
        let bytes = self.shape.body_at() + u64::from(self.count) * self.shape.width() as u64;
        let file = DeparturesFile { path, profiles: self.count.into(), bytes };
        Ok(Written { temporary: self.temporary, file })
    }
}

fn too_many() -> Fault {
    Fault::input(format!("more than {} profiles leave in one file, more than can be kept count of", u32::MAX))
        .hint("allow fewer rows per file")
}
