//! Sample profiles, as many as wanted, the same for everybody.
//!
//! The profiles are shaped like those of a customer-data platform: identities by namespace, a person with name,
//! addresses, consents, and the membership in twenty segments of 0.1 % to 60 % ([`sample_segments`]). Two in a hundred
//! names and cities are strings that break careless programs. Nobody is meant: addresses use domains reserved for
//! examples, phone numbers a country code that is not assigned.
//!
//! A profile depends on the seed, its number and the count, and on nothing else; files of one release are the same to
//! the byte for equal `count`, `seed`, `files` and `row_group_rows`, whatever the threads. Memory holds one row group a
//! thread (about 40 MB at the default size), whatever the count.
//!
//! All files are first written under temporary names (`NAME.part`) and renamed when the last is whole, so a stopped run
//! leaves no half set of files under their names. Nothing is synchronized to the disk: sample data can be made again.

mod folder;
mod random;
mod rows;
mod schema;
mod segments;
mod words;

pub(crate) use random::Stream;
pub use segments::{SEGMENT_COUNT, SampleSegment, sample_segments};

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use outflow_model::{Fault, FaultClass};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::errors::ParquetError;

use rows::Maker;

/// The most profiles of one set, about 115 GB: the numbers in `profileId` and CRM identities have room for them.
pub const PROFILES_MAX: u64 = 1_000_000_000;

/// The most files of one set: their names have five digits and a listing stays handy.
pub const FILES_MAX: u32 = 10_000;

/// Profiles a file gets when the number of files is left open: about 75 MB.
pub const PROFILES_PER_FILE: u64 = 625_000;

/// Rows of a row group unless told otherwise. Readers hold one or a few row groups; smaller ones compress worse.
pub const ROW_GROUP_ROWS: usize = 131_072;

/// The largest row group. A writer holds one in memory: 1 Mi rows are about 300 MB.
const ROW_GROUP_ROWS_MAX: usize = 1 << 20;

/// More threads than this wait for the disk.
const THREADS_MAX: usize = 64;

/// Rows made at a time: the columns of a batch (about 4 MB) stay near the processor's cache.
const BATCH_ROWS: u64 = 8_192;

/// What to generate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerateOptions {
    /// Profiles, at most [`PROFILES_MAX`].
    pub count: u64,
    /// Other seeds give other profiles.
    pub seed: u64,
    /// Where the files go; made if it is not there. May hold files of the same names, which are replaced, and no others.
    pub out_dir: PathBuf,
    /// Files, at most [`FILES_MAX`]; 0 makes one for each [`PROFILES_PER_FILE`].
    pub files: u32,
    /// Rows of a row group.
    pub row_group_rows: usize,
    /// Files written at a time, 1 to 64.
    pub threads: usize,
}

impl GenerateOptions {
    /// `count` profiles into `out_dir` with seed 1, one thread and the usual file sizes.
    pub fn new(count: u64, out_dir: impl Into<PathBuf>) -> GenerateOptions {
        GenerateOptions {
            count,
            seed: 1,
            out_dir: out_dir.into(),
            files: 0,
            row_group_rows: ROW_GROUP_ROWS,
            threads: 1,
        }
    }
}

/// One written file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its rows.
    pub profiles: u64,
}

/// What was generated.
#[derive(Clone, Debug, PartialEq)]
pub struct GenerateReport {
    /// The files, in order of their profiles.
    pub files: Vec<GeneratedFile>,
    /// Bytes of all files.
    pub bytes: u64,
    /// Profiles of all files.
    pub profiles: u64,
    /// The segments the profiles belong to.
    pub segments: Vec<SampleSegment>,
}

/// Writes sample profiles as Parquet files `part-00000.parquet`, `part-00001.parquet` and so on.
///
/// `progress` is called from the writing threads with the profiles made so far (not always in rising order) and stops
/// the run with [`ControlFlow::Break`].
///
/// # Errors
/// `input` for options out of range and a folder that holds other files, `refused` where the file system does not let
/// us write, `interrupted` when `progress` stopped it. Temporary files are removed; files of the same names that were
/// there are still there.
pub fn generate(
    options: &GenerateOptions,
    progress: &(dyn Fn(u64) -> ControlFlow<()> + Sync),
) -> Result<GenerateReport, Fault> {
    check(options)?;
    let wanted = match options.files {
        0 => options.count.div_ceil(PROFILES_PER_FILE).max(1) as u32,
        n => n,
    };
    let names: Vec<String> = (0..wanted).map(|n| format!("part-{n:05}.parquet")).collect();
    let guard = folder::claim(&options.out_dir, names)?;
    let run = Run {
        options,
        progress,
        guard: &guard,
        maker: Maker::new(schema::schema(), options.seed, options.count),
        done: AtomicU64::new(0),
        next: AtomicUsize::new(0),
        stopped: AtomicBool::new(false),
        results: Mutex::new(Vec::new()),
    };
    std::thread::scope(|scope| {
        for _ in 1..options.threads.min(guard.names().len()) {
            scope.spawn(|| run.work());
        }
        run.work();
    });
    let mut results = run.results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    results.sort_by_key(|(n, _)| *n);
    let (whole, faults): (Vec<_>, Vec<_>) = results.into_iter().map(|(_, result)| result).partition(Result::is_ok);
    // The first file's fault is reported, whichever thread came first; the others were only told to stop.
    let mut faults: Vec<Fault> = faults.into_iter().filter_map(Result::err).collect();
    faults.sort_by_key(|fault| fault.class == FaultClass::Interrupted);
    if let Some(fault) = faults.into_iter().next() {
        return Err(fault);
    }
    let files: Vec<GeneratedFile> = whole.into_iter().filter_map(Result::ok).collect();
    guard.publish()?;
    Ok(GenerateReport {
        bytes: files.iter().map(|f| f.bytes).sum(),
        profiles: files.iter().map(|f| f.profiles).sum(),
        files,
        segments: sample_segments(),
    })
}

fn check(options: &GenerateOptions) -> Result<(), Fault> {
    let limits = [
        ("profiles", options.count, 0, PROFILES_MAX),
        ("files", u64::from(options.files), 0, u64::from(FILES_MAX)),
        ("rows of a row group", options.row_group_rows as u64, 1, ROW_GROUP_ROWS_MAX as u64),
        ("threads", options.threads as u64, 1, THREADS_MAX as u64),
    ];
    for (what, value, least, most) in limits {
        if !(least..=most).contains(&value) {
            return Err(Fault::input(format!("{value} {what} cannot be generated"))
                .hint(format!("choose a number of {what} from {least} to {most}")));
        }
    }
    Ok(())
}

struct Run<'a> {
    options: &'a GenerateOptions,
    progress: &'a (dyn Fn(u64) -> ControlFlow<()> + Sync),
    guard: &'a folder::Claim,
    maker: Maker,
    done: AtomicU64,
    next: AtomicUsize,
    stopped: AtomicBool,
    results: Mutex<Vec<(usize, Result<GeneratedFile, Fault>)>>,
}

impl Run<'_> {
    /// Writes files until none is left or one failed.
    fn work(&self) {
        while !self.stopped.load(Ordering::Relaxed) {
            let n = self.next.fetch_add(1, Ordering::Relaxed);
            if n >= self.guard.names().len() {
                return;
            }
            let result = self.write_file(n);
            if result.is_err() {
                self.stopped.store(true, Ordering::Relaxed);
            }
            self.results.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push((n, result));
        }
    }

    fn write_file(&self, n: usize) -> Result<GeneratedFile, Fault> {
        let files = self.guard.names().len() as u128;
        let bound = |n: usize| (u128::from(self.options.count) * n as u128 / files) as u64;
        let (mut from, end) = (bound(n), bound(n + 1));
        let profiles = end - from;
        let path = self.guard.temporary(n);
        let file = File::create(&path).map_err(|error| folder::io_fault("cannot write", &path, error))?;
        // Readers take the types from Parquet's own schema, as they do with files of other writers.
        let properties = ArrowWriterOptions::new()
            .with_properties(schema::writer_properties(self.options.row_group_rows)?)
            .with_skip_arrow_metadata(true);
        let mut writer = ArrowWriter::try_new_with_options(file, self.maker.schema.clone(), properties)
            .map_err(|error| write_fault(&path, error))?;
        while from < end {
            let to = end.min(from + BATCH_ROWS);
            let batch = self.maker.batch(from, to).map_err(|error| write_fault(&path, error.into()))?;
            writer.write(&batch).map_err(|error| write_fault(&path, error))?;
            let done = self.done.fetch_add(to - from, Ordering::Relaxed) + (to - from);
            if (self.progress)(done).is_break() || self.stopped.load(Ordering::Relaxed) {
                return Err(Fault::new(FaultClass::Interrupted, "generating sample profiles was stopped"));
            }
            from = to;
        }
        writer.finish().map_err(|error| write_fault(&path, error))?;
        let bytes = writer.bytes_written() as u64;
        Ok(GeneratedFile { path: self.guard.target(n), bytes, profiles })
    }
}

/// A disk's refusal keeps its class; anything else from the encoder is a defect.
fn write_fault(path: &Path, error: ParquetError) -> Fault {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(io) => folder::io_fault("cannot write", path, *io),
            Err(other) => encode_fault(path, ParquetError::External(other)),
        },
        other => encode_fault(path, other),
    }
}

fn encode_fault(path: &Path, error: ParquetError) -> Fault {
    Fault::internal("sample profiles could not be encoded").tried(format!("write {}", path.display())).because(error)
}

#[cfg(test)]
mod tests;
