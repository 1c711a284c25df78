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

/// Hashes that are held before they are spooled: 1 MiB of them.
const HELD_MAX: usize = 1 << 17;

/// Bytes that are written at once.
const WRITE_BYTES: usize = 256 * 1024;

/// Gathers the profiles of one file. Holds 2 MiB, however many they are; the others wait on the disk.
pub struct Writer {
    path: PathBuf,
    held: Vec<u64>,
    spool: Option<Spool>,
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
        Writer { path: path.to_path_buf(), held: Vec::new(), spool: None }
    }

    /// Adds profiles by their hashes, in any order; one that is there already counts once.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
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
    /// `Refused` where the disk does not take it; `Input` for more profiles than a file may have.
    pub fn finish(mut self) -> Result<Written, Fault> {
        if self.spool.is_some() {
            self.flush()?;
        }
        let count = self.spool.as_ref().map_or(self.held.len() as u64, Spool::count);
        if u32::try_from(count).is_err() {
            return Err(Fault::input(format!("{count} profiles leave in one file, more than can be kept count of"))
                .hint("allow fewer rows per file"));
        }
        let folder = folder_of(&self.path);
        let name = self.path.file_name().unwrap_or_default();
        let temporary = tempfile::Builder::new().prefix(name).suffix(".part").tempfile_in(folder);
        let (file, temporary) = temporary.map_err(|e| unwritable(&self.path, e))?.into_parts();
        let mut body = Body::new(&file, &self.path, Shape::for_count(count))?;
        match self.spool {
            Some(spool) => spool.visit(|hash| body.add(hash))?,
            None => {
                self.held.sort_unstable();
                self.held.iter().try_for_each(|hash| body.add(*hash))?;
            }
        }
        let (profiles, bytes) = body.finish()?;
        Ok(Written { temporary, file: DeparturesFile { path: self.path, profiles, bytes } })
    }

    fn flush(&mut self) -> Result<(), Fault> {
        self.held.sort_unstable();
        let spool = match &mut self.spool {
            Some(spool) => spool,
            None => self.spool.insert(Spool::new(folder_of(&self.path))?),
        };
        spool.add(&self.held)?;
        self.held.clear();
        Ok(())
    }
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
struct Body<'a> {
    file: &'a File,
    path: &'a Path,
    out: BufWriter<&'a File>,
    shape: Shape,
    table: Vec<u8>,
    /// The open bucket, and what it holds.
    bucket: u64,
    content: Vec<u8>,
    /// Hashes in the buckets before it, and in all.
    start: u32,
    count: u32,
    last: Option<u64>,
}

impl<'a> Body<'a> {
    fn new(file: &'a File, path: &'a Path, shape: Shape) -> Result<Body<'a>, Fault> {
        let mut out = BufWriter::with_capacity(WRITE_BYTES, file);
        out.seek(SeekFrom::Start(shape.body_at())).map_err(|e| unwritable(path, e))?;
        let table = Vec::with_capacity(((shape.buckets() + 1) * ENTRY_BYTES) as usize);
        let (bucket, content, start, count, last) = (0, Vec::new(), 0, 0, None);
        Ok(Body { file, path, out, shape, table, bucket, content, start, count, last })
    }

    /// Adds the next hash.
    fn add(&mut self, hash: u64) -> Result<(), Fault> {
        if self.last == Some(hash) {
            return Ok(());
        }
        self.last = Some(hash);
        let bucket = self.shape.bucket_of(hash);
        while self.bucket < bucket {
            self.end_bucket()?;
        }
        self.content.extend_from_slice(self.shape.rest(&hash.to_be_bytes()));
        self.count += 1;
        Ok(())
    }

    fn end_bucket(&mut self) -> Result<(), Fault> {
        self.out.write_all(&self.content).map_err(|e| unwritable(self.path, e))?;
        let crc = checksum(self.bucket, self.start, self.count, &self.content);
        self.table.extend_from_slice(&self.start.to_le_bytes());
        self.table.extend_from_slice(&crc.to_le_bytes());
        self.content.clear();
        (self.bucket, self.start) = (self.bucket + 1, self.count);
        Ok(())
    }

    /// Ends the file: how many hashes it has, and how long it is.
    fn finish(mut self) -> Result<(u64, u64), Fault> {
        while self.bucket < self.shape.buckets() {
            self.end_bucket()?;
        }
        self.table.extend_from_slice(&self.count.to_le_bytes());
        self.table.extend_from_slice(&[0; 4]);
        let written = self.out.flush().and_then(|()| self.file.write_all_at(&self.table, HEADER_BYTES));
        let header = header(self.shape, self.count.into());
        written.and_then(|()| self.file.write_all_at(&header, 0)).map_err(|e| unwritable(self.path, e))?;
        let bytes = self.shape.body_at() + u64::from(self.count) * self.shape.width() as u64;
        Ok((self.count.into(), bytes))
    }
}
