//! Columns of profiles that are asked for by their keys, from any snapshot.

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::DataType;
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;

use super::keys::ProfileKeys;
use super::space::{Keys, RowSpace, unfit};
use crate::scan::project::project;
use crate::schema::conform;
use crate::snapshot::Snapshot;

/// Picks profiles of a snapshot. It holds the ids of the part that was asked last, so that who asks in order pays for each
/// part once.
pub struct Picker<'s> {
    snapshot: &'s Snapshot,
    space: RowSpace,
    columns: Vec<FieldPath>,
    held: Option<(usize, Keys)>,
}

/// Columns of some profiles.
#[derive(Debug)]
pub struct Picked {
    /// The numbers of the profiles, as they were asked for.
    pub known: Vec<u32>,
    /// One array per column.
    pub columns: Vec<ArrayRef>,
}

impl Snapshot {
    /// Picks `columns` of profiles. Columns that the snapshot does not have are null.
    ///
    /// # Errors
    /// `Input` when files are not there.
    pub fn picker(&self, columns: &[FieldPath]) -> Result<Picker<'_>, Fault> {
        Ok(Picker { snapshot: self, space: RowSpace::of_snapshot(self)?, columns: columns.to_vec(), held: None })
    }
}

impl Picker<'_> {
    /// The columns of the profiles `wanted`, numbers of `keys` in ascending order; those that are not in the snapshot are
    /// left out. All of them are held at once.
    ///
    /// # Errors
    /// `Input` when files are not there or damaged, and whatever `check` answers.
    pub fn pick(
        &mut self,
        keys: &ProfileKeys,
        wanted: &[u32],
        check: &dyn Fn() -> Result<(), Fault>,
    ) -> Result<Vec<Picked>, Fault> {
        let part_of = |number: &u32| self.snapshot.part_of(keys.hash(*number as usize));
        let groups: Vec<(usize, &[u32])> =
            wanted.chunk_by(|one, two| part_of(one) == part_of(two)).map(|group| (part_of(&group[0]), group)).collect();
        let mut picked = Vec::new();
        for (part, group) in groups {
            let (mut known, mut rows) = (Vec::new(), RoaringBitmap::new());
            for number in group {
                if let Some(row) = self.row(part, keys.at(*number as usize), check)? {
                    known.push(*number);
                    rows.insert(row);
                }
            }
            if !known.is_empty() {
                picked.push(Picked { known, columns: self.of_rows(part, &rows)? });
            }
        }
        Ok(picked)
    }

    /// The row of a profile in its part.
    fn row(
        &mut self,
        part: usize,
        (hash, id): (i64, &str),
        check: &dyn Fn() -> Result<(), Fault>,
    ) -> Result<Option<u32>, Fault> {
        if self.held.as_ref().is_none_or(|(held, _)| *held != part) {
            let keys = match self.space.units.get(part) {
                Some(unit) => self.space.keys(unit, &(i64::MIN..=i64::MAX), check)?,
                None => Keys::default(),
            };
            self.held = Some((part, keys));
        }
        let Some((_, keys)) = &self.held else { return Ok(None) };
        let first = keys.hashes.partition_point(|other| *other < hash);
        let equal = (first..keys.len()).take_while(|row| keys.hashes[*row] == hash);
        Ok(equal.into_iter().find(|row| keys.at(*row).1 == id.as_bytes()).map(|row| row as u32))
    }

    /// The columns of rows of a part.
    fn of_rows(&self, part: usize, rows: &RoaringBitmap) -> Result<Vec<ArrayRef>, Fault> {
        let mut roots: Vec<&str> = self.columns.iter().map(FieldPath::root).collect();
        roots.sort_unstable();
        roots.dedup();
        let found = self.space.rows(&self.space.units[part], rows, &roots)?;
        let column = |path: &FieldPath| {
            let root = roots.binary_search(&path.root()).ok();
            let data_type = self.space.profiles.arrow_type(path).unwrap_or(DataType::Null);
            let projected = root.and_then(|at| project(&found[at], &path.elements()[1..]).ok());
            match projected {
                Some(array) => conform(&array, &data_type).map_err(|e| unfit(&e)),
                None => Ok(new_null_array(&data_type, rows.len() as usize)),
            }
        };
        self.columns.iter().map(column).collect()
    }
}
