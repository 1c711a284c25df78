//! The files of a row space, and the profile ids in them.

use std::cmp::Ordering;
use std::ops::RangeInclusive;

use ahash::AHashMap;
use arrow::array::{Array, ArrayRef, AsArray, StringViewArray};
use arrow::compute::{cast, concat};
use arrow::datatypes::{DataType, Int64Type};
use arrow::error::ArrowError;
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;

use super::Evaluation;
use super::evaluation::GhostPart;
use super::row_map::RowMap;
use crate::scan::{Morsel, Profiles, ScanRequest};
use crate::snapshot::{HASH_COLUMN, ID_COLUMN, Part, PartFile, Snapshot, open_parts, start_of};

/// The files of a snapshot or an evaluation.
pub(super) struct RowSpace {
    pub profiles: Profiles,
    /// Those that are the units, in their order.
    parts: Vec<Part>,
    pub units: Vec<Unit>,
    /// The snapshot's parts among them, by the names of their files.
    names: AHashMap<String, usize>,
}

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Unit {
    /// Its number in the row space.
    pub file: usize,
    pub name: String,
    pub rows: u32,
    pub is_ghosts: bool,
    /// The hashes that its rows can have.
    pub hashes: RangeInclusive<i64>,
}

/// The hashes of part number `part` of `parts`; all of them if there is no part.
pub(super) fn hashes_of(part: usize, parts: usize) -> RangeInclusive<i64> {
    let bits = parts.max(1).trailing_zeros();
    let first = start_of(part, bits).unwrap_or(i64::MIN);
    let last = start_of(part + 1, bits).map_or(i64::MAX, |next| next - 1);
    first..=last
}

fn overlap(one: &RangeInclusive<i64>, two: &RangeInclusive<i64>) -> Option<RangeInclusive<i64>> {
    let both = *one.start().max(two.start())..=*one.end().min(two.end());
    (!both.is_empty()).then_some(both)
}

impl RowSpace {
    /// The parts of a snapshot.
    pub fn of_snapshot(snapshot: &Snapshot) -> Result<RowSpace, Fault> {
        RowSpace::new(&snapshot.parts, &[])
    }

    /// The parts and ghosts of an evaluation.
    pub fn of_evaluation(evaluation: &Evaluation) -> Result<RowSpace, Fault> {
        RowSpace::new(&evaluation.snapshot.parts, &evaluation.ghosts)
    }

    fn new(parts: &[Part], ghosts: &[GhostPart]) -> Result<RowSpace, Fault> {
        let all: Vec<Part> = parts.iter().chain(ghosts.iter().map(|ghost| &ghost.part)).cloned().collect();
        let (of_snapshot, of_ghosts) = all.split_at(parts.len());
        let profiles = open_parts(&[of_snapshot, of_ghosts])?;
        let unit = |file: usize, part: &Part, is_ghosts, hashes| -> Result<Unit, Fault> {
            let rows = u32::try_from(part.rows).map_err(|_| Fault::internal("a part has more rows than bitmaps"))?;
            let name = part.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            Ok(Unit { file, name, rows, is_ghosts, hashes })
        };
        let of_parts = parts.iter().enumerate().map(|(n, part)| unit(n, part, false, hashes_of(n, parts.len())));
        let of_ghosts = ghosts
            .iter()
            .enumerate()
            .map(|(n, ghost)| unit(parts.len() + n, &ghost.part, true, ghost.first_hash..=ghost.last_hash));
        let units = of_parts.chain(of_ghosts).collect::<Result<Vec<Unit>, Fault>>()?;
        let names = units[..parts.len()].iter().map(|unit| (unit.name.clone(), unit.file)).collect();
        Ok(RowSpace { profiles, parts: all, units, names })
    }

    /// The part that is the file `name`.
    pub fn part_named(&self, name: &str) -> Option<&Unit> {
        self.names.get(name).map(|file| &self.units[*file])
    }

    /// The files that can have rows with these hashes.
    pub fn within<'s>(&'s self, hashes: &RangeInclusive<i64>) -> impl Iterator<Item = &'s Unit> {
        let hashes = hashes.clone();
        self.units.iter().filter(move |unit| unit.rows > 0 && overlap(&unit.hashes, &hashes).is_some())
    }

    /// What is read at once of a file; `None` if it has no rows.
    pub fn morsel(&self, file: usize) -> Option<Morsel> {
        let morsels = self.profiles.morsels();
        morsels.binary_search_by_key(&file, |morsel| morsel.file).ok().map(|at| morsels[at])
    }

    /// The profile ids of a file, those with these hashes.
    pub fn keys(
        &self,
        unit: &Unit,
        hashes: &RangeInclusive<i64>,
        check: &dyn Fn() -> Result<(), Fault>,
    ) -> Result<Keys, Fault> {
        let mut keys = Keys::default();
        let mut ids: Vec<ArrayRef> = Vec::new();
        let Some(morsel) = self.morsel(unit.file).filter(|_| overlap(&unit.hashes, hashes).is_some()) else {
            return Ok(keys);
        };
        let mut scan = self.profiles.scan(morsel, &columns(&[HASH_COLUMN, ID_COLUMN])?)?;
        while let Some(batch) = scan.next_batch()? {
            check()?;
            let of_batch = batch.columns[0].as_primitive::<Int64Type>().values();
            let from = of_batch.partition_point(|hash| hash < hashes.start());
            let to = of_batch.partition_point(|hash| hash <= hashes.end());
            if keys.hashes.is_empty() {
                // Of files that begin before the range, all rows up to here do.
                keys.first_row += from as u32;
            }
            if from < to {
                keys.hashes.extend_from_slice(&of_batch[from..to]);
                let texts = cast(&batch.columns[1], &DataType::Utf8View).map_err(|e| unfit(&e))?;
                ids.push(texts.slice(from, to - from));
            }
            if to < of_batch.len() {
                break;
            }
        }
        let ids: Vec<&dyn Array> = ids.iter().map(AsRef::as_ref).collect();
        if !ids.is_empty() {
            keys.ids = concat(&ids).map_err(|e| unfit(&e))?.as_string_view().clone();
        }
        Ok(keys)
    }

    /// Columns of the given rows of a file, in their order.
    pub fn rows(&self, unit: &Unit, wanted: &RoaringBitmap, names: &[&str]) -> Result<Vec<ArrayRef>, Fault> {
        PartFile::open(&self.parts[unit.file])?.picked(wanted, names)
    }
}

pub(super) fn path(name: &str) -> Result<FieldPath, Fault> {
    FieldPath::parse(name).map_err(|e| Fault::internal(format!("`{name}` is no field")).because(e))
}

/// A scan of fields by their names.
fn columns(names: &[&str]) -> Result<ScanRequest, Fault> {
    let columns = names.iter().map(|name| path(name)).collect::<Result<Vec<FieldPath>, Fault>>()?;
    Ok(ScanRequest { columns, ..ScanRequest::default() })
}

/// A fault of Arrow's on rows of our own files. Its text may quote a value, so only its kind is told.
pub(super) fn unfit(error: &ArrowError) -> Fault {
    let kind = match error {
        ArrowError::CastError(_) => "cast",
        ArrowError::InvalidArgumentError(_) => "invalid argument",
        ArrowError::SchemaError(_) => "schema",
        _ => "other",
    };
    Fault::internal(format!("rows of a part cannot be taken together ({kind} error)"))
}

/// Profile ids of neighbouring rows.
pub(super) struct Keys {
    /// The row of the first in its file.
    pub first_row: u32,
    pub hashes: Vec<i64>,
    pub ids: StringViewArray,
}

impl Default for Keys {
    fn default() -> Keys {
        Keys { first_row: 0, hashes: Vec::new(), ids: StringViewArray::new_null(0) }
    }
}

impl Keys {
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// What the rows are ordered by.
    pub fn at(&self, row: usize) -> (i64, &[u8]) {
        (self.hashes[row], self.ids.value(row).as_bytes())
    }

    /// Where the rows that `other` has too are there.
    pub fn found_in(&self, other: &Keys) -> RowMap {
        let mut map = RowMap::default();
        let (mut here, mut there) = (0, 0);
        while here < self.len() && there < other.len() {
            let order = match self.hashes[here].cmp(&other.hashes[there]) {
                // Equal hashes are confirmed on the ids.
                Ordering::Equal => self.at(here).cmp(&other.at(there)),
                order => order,
            };
            match order {
                Ordering::Less => here += 1,
                Ordering::Greater => there += 1,
                Ordering::Equal => {
                    map.push(self.first_row + here as u32, other.first_row + there as u32);
                    here += 1;
                    there += 1;
                }
            }
        }
        map
    }
}
