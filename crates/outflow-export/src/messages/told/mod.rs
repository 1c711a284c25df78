//! The told state: of each profile what the far end has been told of it.
//!
//! It is a folder of files of rows (`rows`), one for each piece of the global order that has any, and `told.json`, which is
//! written last. What the profile's attributes and identities were is kept as hashes; what is needed to tell of a profile
//! that vanished is read from the snapshot that the state was derived over, and kept here only where that has lost it too.

mod lasts;
mod rows;
#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use outflow_model::Fault;
use outflow_profiles::membership::Standings;
use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_128;

use super::blocks::{BlockFile, BlockSummary, BlockWriter, records};
use super::disk::{damaged, make_folder, read_json, write_json};

pub(crate) use lasts::Lasts;
pub(crate) use rows::{EXIT_REFUSED, RecordAt, ToldRow, ToldRows};

/// The file that says what the state is.
const MANIFEST: &str = "told.json";

const KIND: [u8; 4] = *b"OFTR";

/// Rows of a piece, as far as pieces can be cut at all: as many as two parts of profiles have.
const PIECE_ROWS_MAX: u64 = 262_144;

/// What the far end of a flow has been told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToldState {
    /// Where its files are.
    #[serde(skip)]
    pub folder: PathBuf,
    /// The number of the derivation that made it; messages up to it may have been sent.
    pub sequence: u64,
    /// The ids of the segments that rows name by their places here.
    pub segments: Vec<String>,
    /// The evaluation that it was derived from.
    pub evaluation_id: String,
    /// The mapped paths by which the attributes were made that are kept of those who vanished. An earlier release does not
    /// say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Vec<String>>,
    /// Profiles in it.
    pub profiles: u64,
    /// The pieces, a power of two of them, in the global order.
    pub parts: Vec<ToldPart>,
}

/// The rows of one piece of the global order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ToldPart {
    /// Profiles in it. There is a file if there are any.
    pub profiles: u64,
    /// Length of its file.
    pub bytes: u64,
}

impl ToldState {
    /// Reads the state in `folder`.
    ///
    /// # Errors
    /// `Input` naming a file that is not there or damaged.
    pub fn load(folder: &Path) -> Result<ToldState, Fault> {
        let path = folder.join(MANIFEST);
        let state: ToldState = read_json(&path)?;
        let profiles: u64 = state.parts.iter().map(|part| part.profiles).sum();
        if !state.parts.len().is_power_of_two() || profiles != state.profiles {
            return Err(damaged(&path, "its parts do not make a whole"));
        }
        Ok(ToldState { folder: folder.to_path_buf(), ..state })
    }

    /// Writes what the state is beside its files, which are there. From then on [`load`](Self::load) finds it.
    ///
    /// # Errors
    /// `Refused` where the disk does not take it.
    pub fn save(&self) -> Result<(), Fault> {
        make_folder(&self.folder)?;
        write_json(&self.folder, MANIFEST, self)
    }

    /// Into how many pieces the global order is to be cut, `parts` at least, so that few rows of this state are in each.
    pub(crate) fn pieces(&self, parts: usize) -> usize {
        let mut pieces = parts.max(1);
        while pieces < self.parts.len() {
            let of_piece = self.parts.chunks(self.parts.len() / pieces);
            let most = of_piece.map(|files| files.iter().map(|part| part.profiles).sum::<u64>()).max();
            if most.unwrap_or(0) <= PIECE_ROWS_MAX {
                break;
            }
            pieces *= 2;
        }
        pieces
    }

    /// Reads the rows with these hashes into `rows`, which are cleared. Segments are named by their places in `segments`;
    /// what rows tell of others is left out.
    pub(crate) fn read(
        &self,
        hashes: &RangeInclusive<i64>,
        segments: &[&str],
        rows: &mut ToldRows,
    ) -> Result<(), Fault> {
        rows.clear();
        let place = |id: &String| segments.iter().position(|other| other == id).map(|place| place as u32);
        let places: Vec<Option<u32>> = self.segments.iter().map(place).collect();
        for (number, part) in self.parts.iter().enumerate() {
            let own = Standings::hashes(number, self.parts.len());
            if part.profiles > 0 && own.start() <= hashes.end() && hashes.start() <= own.end() {
                self.read_part(number, *part, hashes, &places, rows)?;
            }
        }
        Ok(())
    }

    fn read_part(
        &self,
        number: usize,
        part: ToldPart,
        hashes: &RangeInclusive<i64>,
        places: &[Option<u32>],
        rows: &mut ToldRows,
    ) -> Result<(), Fault> {
        let path = file_of(&self.folder, number);
        let file = BlockFile::open(&path, &KIND)?;
        if file.header() != self.sequence.to_le_bytes() || file.records() != part.profiles {
            return Err(damaged(&path, "it is of another state"));
        }
        for (block, entry) in file.blocks().iter().enumerate() {
            if entry.last_order < *hashes.start() || entry.first_order > *hashes.end() {
                continue;
            }
            for (record, bytes) in records(file.read(block)?).enumerate() {
                let bytes: Bytes = bytes?;
                let at = RecordAt { part: number as u32, block: block as u32, record: record as u32 };
                rows.push_record(&bytes, at, hashes, places).ok_or_else(|| damaged(&path, "a row is none"))?;
            }
        }
        Ok(())
    }
}

fn file_of(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("{number:04}.told"))
}

/// The rows of a piece being written. There is no file before there is a row.
pub(crate) struct ToldWriter {
    path: PathBuf,
    sequence: u64,
    file: Option<BlockWriter>,
    record: Vec<u8>,
}

impl ToldWriter {
    /// A writer of piece number `number` of the state that derivation `sequence` makes in `folder`, which is there.
    pub fn new(folder: &Path, number: usize, sequence: u64) -> ToldWriter {
        ToldWriter { path: file_of(folder, number), sequence, file: None, record: Vec::new() }
    }

    /// Adds a row behind all others in the global order.
    pub fn add(&mut self, row: &ToldRow<'_>) -> Result<(), Fault> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BlockWriter::create(&self.path, KIND, &self.sequence.to_le_bytes())?),
        };
        self.record.clear();
        row.write(&mut self.record);
        file.record(row.hash, &self.record)
    }

    /// Makes the rows durable.
    pub fn finish(self) -> Result<ToldPart, Fault> {
        let Some(file) = self.file else { return Ok(ToldPart::default()) };
        let BlockSummary { records, bytes } = file.finish()?;
        Ok(ToldPart { profiles: records, bytes })
    }
}

/// What stands for a profile's attributes, or its identities.
pub(crate) fn fingerprint(fragment: &[u8]) -> u128 {
    XxHash3_128::oneshot(fragment)
}
