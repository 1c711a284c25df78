//! Making a version of a dataset.
//!
//! Two passes. The first reads the files on all threads and writes the records, sorted run by run and cut by ranges of
//! the hash, to a file without a name. The second takes one range after the other, on all threads, keeps the newest
//! record of each profile and writes the parts. What a part holds, to the byte, follows from the records alone.

use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use outflow_model::Fault;

use super::records::Records;
use super::runs::{RANGE_BITS_MAX, Runs, Sorter, gather};
use super::winners::winners;
use super::{Counts, DatasetSpec, DatasetVersion};
use crate::folder::Folder;
use crate::scan::{PageBudget, Profiles, ScanRequest};
use crate::snapshot::{Part, PartWriter, Sketch, part_bits, range_of};
use crate::source::SourceFormat;
use crate::work::Work;

/// The share of the memory that records take before they are sorted, all threads together. Sorted copies, the page of
/// each column, and what a part has encoded take the rest.
const SORT_SHARE: u64 = 4;

/// The share of the memory that a range's records take when they are read again, all threads together.
const RANGE_SHARE: u64 = 4;

/// With less for a range's records, ranges would be cut again for a few of them.
const RANGE_BYTES_MIN: u64 = 32 * 1024;

/// The share of the memory that the open pages of Parquet files may take, and what it is in any case: writers make pages
/// of 1 MiB.
const PAGE_SHARE: u64 = 8;
const PAGE_BYTES_MIN: u64 = 2 * 1024 * 1024;

/// Bytes that a Parquet file's values take in memory, as a multiple of what the footer says: values in dictionaries are
/// counted once there.
const UNPACKED: u64 = 3;

/// Bits of the hash after which a range is not cut again: no honest data has so many records between them.
const COMMON_BITS_MAX: u32 = 40;

/// Makes a version of the dataset that `profiles` are the files of: of each primary identity the newest record, whole.
/// Records without a primary identity are counted and left out.
///
/// Where nothing has changed since `previous`, it is answered again. The version's parts are in the folder when this
/// returns; its manifest is written by [`DatasetVersion::save`]. Progress counts each record when it is read, and those that
/// have an identity once more when they are read back.
///
/// # Errors
/// `input` when the specification does not fit the files, or they cannot be read or have changed; `refused` when the
/// disk does not take the parts; whatever the work's check says. No file has a name then that it had not before, except
/// parts that nothing refers to.
pub fn normalise(
    spec: &DatasetSpec,
    profiles: &Profiles,
    previous: Option<&DatasetVersion>,
    work: &Work<'_>,
) -> Result<DatasetVersion, Fault> {
    let folder = Folder::open(work.folder)?;
    let sources: Vec<_> = profiles.sources().files().cloned().collect();
    if let Some(previous) = previous
        && previous.is_of(spec, &sources)
        && touch_all(&folder, &previous.parts)?
    {
        return Ok(previous.clone());
    }
    let records = Records::new(spec, profiles)?;
    let runs = Runs::new(&folder, &records.spill_schema, 0, range_bits(profiles, work))?;
    let read = read(profiles, &records, &runs, work)?;
    let count = read.sketch.count();
    let source_bytes: u64 = profiles.morsels().iter().map(|morsel| morsel.bytes).sum();
    // Of records that lost only a share of the bytes is left.
    let bytes = source_bytes as f64 * (count as f64 / read.records.max(1) as f64).min(1.0);
    let bits = part_bits(count, bytes as u64, previous.map(DatasetVersion::part_bits));
    let parts = write(&folder, &records, &runs, (bits, read.records), work)?;
    let profiles_count: u64 = parts.iter().map(|part| part.rows).sum();
    let counts = Counts {
        records: read.records,
        profiles: profiles_count,
        without_identity: read.without_identity,
        superseded: read.records - read.without_identity - profiles_count,
    };
    DatasetVersion::new(spec, sources, parts, &records.stored_schema, counts)
}

/// Marks parts as used again; `false` when one is not there.
pub(crate) fn touch_all(folder: &Folder, parts: &[Part]) -> Result<bool, Fault> {
    for part in parts {
        let is_whole = std::fs::metadata(&part.file).is_ok_and(|there| there.len() == part.bytes);
        if !is_whole || !folder.touch(&part.file)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What the first pass found.
#[derive(Default)]
struct Read {
    records: u64,
    without_identity: u64,
    sketch: Sketch,
}

/// Into how many ranges records are cut: so many that one takes a thread's share of memory, and that all threads have
/// parts to write.
fn range_bits(profiles: &Profiles, work: &Work<'_>) -> u32 {
    let bytes: u64 = profiles
        .morsels()
        .iter()
        .map(|morsel| {
            let is_parquet = profiles.sources().file(morsel.file).format == SourceFormat::Parquet;
            morsel.bytes.saturating_mul(if is_parquet { UNPACKED } else { 1 })
        })
        .fold(0, u64::saturating_add);
    let rows: u64 = profiles.morsels().iter().map(|morsel| morsel.rows).sum();
    let for_memory = bytes.div_ceil(range_bytes(work));
    let for_threads = 1 << part_bits(rows, 0, None);
    for_memory.max(for_threads).clamp(1, 1 << RANGE_BITS_MAX).next_power_of_two().trailing_zeros()
}

fn range_bytes(work: &Work<'_>) -> u64 {
    (work.memory_bytes / RANGE_SHARE / work.threads.max(1) as u64).max(RANGE_BYTES_MIN)
}

/// The first pass.
fn read(profiles: &Profiles, records: &Records<'_>, runs: &Runs, work: &Work<'_>) -> Result<Read, Fault> {
    let request = ScanRequest {
        columns: records.roots().to_vec(),
        pages: Some(PageBudget::new((work.memory_bytes / PAGE_SHARE).max(PAGE_BYTES_MIN), work.threads)),
        ..ScanRequest::default()
    };
    let mut first = 0;
    let firsts: Vec<u64> = profiles
        .morsels()
        .iter()
        .map(|morsel| {
            first += morsel.rows;
            first - morsel.rows
        })
        .collect();
    let progress = AtomicU64::new(0);
    let threads = work.threads.max(1) as u64;
    let sort_bytes = work.memory_bytes / SORT_SHARE / threads;
    let each = work.spread(
        profiles.morsels().len(),
        || Ok((Sorter::new(runs, sort_bytes)?, Read::default())),
        |(sorter, read), number| {
            let mut scan = profiles.scan(profiles.morsels()[number], &request)?;
            let mut place = firsts[number];
            while let Some(batch) = scan.next_batch()? {
                (work.check)()?;
                let keyed = records.keyed(&batch.columns, batch.read as usize, place)?;
                place += batch.read;
                read.records += batch.read;
                read.without_identity += keyed.without_identity;
                read.sketch.add_all(&keyed.batch);
                (work.progress)(progress.fetch_add(batch.read, Ordering::Relaxed) + batch.read);
                sorter.push(keyed.batch)?;
            }
            Ok(())
        },
        |(mut sorter, read)| sorter.flush().map(|()| read),
    )?;
    let mut all = Read::default();
    for read in each {
        all.records += read.records;
        all.without_identity += read.without_identity;
        all.sketch.merge(&read.sketch);
    }
    Ok(all)
}

/// The second pass: `2^bits` parts. `read` records were read before, which count as progress.
fn write(
    folder: &Folder,
    records: &Records<'_>,
    runs: &Runs,
    (bits, read): (u32, u64),
    work: &Work<'_>,
) -> Result<Vec<Part>, Fault> {
    let (schema, progress) = (&records.stored_schema, AtomicU64::new(read));
    // A piece of work is a part of one or more ranges, or a range of one or more parts.
    let piece_bits = bits.min(runs.common_bits());
    let each = work.spread(
        1 << piece_bits,
        || Ok(Vec::new()),
        |done: &mut Vec<(usize, Part)>, piece| {
            let ranges = 1usize << (runs.common_bits() - piece_bits);
            let parts = 1usize << (bits - piece_bits);
            let mut writing = Writing { folder, schema, bits, next: piece * parts, open: None, done: Vec::new() };
            let loader = Loader { folder, work, memory_bytes: range_bytes(work) };
            loader.ranges(runs, piece * ranges..(piece + 1) * ranges, &mut |batches| {
                writing.add(batches)?;
                let rows = batches.iter().map(|batch| batch.num_rows() as u64).sum();
                (work.progress)(progress.fetch_add(rows, Ordering::Relaxed) + rows);
                Ok(())
            })?;
            done.extend(writing.finish((piece + 1) * parts)?);
            Ok(())
        },
        Ok,
    )?;
    let mut parts: Vec<(usize, Part)> = each.into_iter().flatten().collect();
    parts.sort_by_key(|(number, _)| *number);
    Ok(parts.into_iter().map(|(_, part)| part).collect())
}

/// Reads ranges back, as many at once as memory has room for.
struct Loader<'a> {
    folder: &'a Folder,
    work: &'a Work<'a>,
    memory_bytes: u64,
}

impl Loader<'_> {
    /// Calls `visit` with all records of some ranges, then with those of the next, in order.
    fn ranges(
        &self,
        runs: &Runs,
        ranges: std::ops::Range<usize>,
        visit: &mut dyn FnMut(&[RecordBatch]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut held: Vec<RecordBatch> = Vec::new();
        let mut held_bytes = 0;
        for range in ranges {
            (self.work.check)()?;
            let bytes = runs.bytes(range);
            if held_bytes + bytes > self.memory_bytes && !held.is_empty() {
                visit(&held)?;
                held.clear();
                held_bytes = 0;
            }
            if bytes > self.memory_bytes && runs.common_bits() < COMMON_BITS_MAX {
                self.cut(runs, range, visit)?;
                continue;
            }
            runs.each(range, &mut |batch| {
                held.push(batch);
                Ok(())
            })?;
            held_bytes += bytes;
        }
        if held.is_empty() { Ok(()) } else { visit(&held) }
    }

    /// A range that is too large, cut into ranges of its own.
    fn cut(
        &self,
        runs: &Runs,
        range: usize,
        visit: &mut dyn FnMut(&[RecordBatch]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let finer = Runs::new(self.folder, runs.schema(), runs.common_bits(), RANGE_BITS_MAX)?;
        let mut sorter = Sorter::new(&finer, self.memory_bytes)?;
        runs.each(range, &mut |batch| {
            (self.work.check)()?;
            sorter.push(batch)
        })?;
        sorter.flush()?;
        self.ranges(&finer, 0..1 << RANGE_BITS_MAX, visit)
    }
}

/// Parts being written, one after the other.
struct Writing<'a> {
    folder: &'a Folder,
    schema: &'a SchemaRef,
    bits: u32,
    /// The part that is open, or comes next.
    next: usize,
    open: Option<PartWriter<'a>>,
    done: Vec<(usize, Part)>,
}

impl Writing<'_> {
    /// Adds the newest record of each profile of a range, which is behind those before.
    fn add(&mut self, batches: &[RecordBatch]) -> Result<(), Fault> {
        let winners = winners(batches);
        let mut from = 0;
        while from < winners.len() {
            let part = range_of(winners[from].hash, self.bits);
            let end = from + winners[from..].partition_point(|winner| range_of(winner.hash, self.bits) <= part);
            self.finish_before(part)?;
            while from < end {
                let writer = self.writer();
                let to = end.min(from + writer.room());
                let columns = writer.schema().fields().len();
                let piece = gather(batches, columns, writer.schema(), &winners[from..to])?;
                writer.push(piece)?;
                from = to;
            }
        }
        Ok(())
    }

    /// The parts, all those before number `end`.
    fn finish(mut self, end: usize) -> Result<Vec<(usize, Part)>, Fault> {
        self.finish_before(end)?;
        Ok(self.done)
    }

    /// Ends all parts before number `part`, those too that hold nothing.
    fn finish_before(&mut self, part: usize) -> Result<(), Fault> {
        while self.next < part {
            let writer = self.open.take().unwrap_or_else(|| PartWriter::new(self.folder, self.schema));
            self.done.push((self.next, writer.finish(None)?));
            self.next += 1;
        }
        Ok(())
    }
}

impl<'a> Writing<'a> {
    fn writer(&mut self) -> &mut PartWriter<'a> {
        let (folder, schema) = (self.folder, self.schema);
        self.open.get_or_insert_with(|| PartWriter::new(folder, schema))
    }
}
