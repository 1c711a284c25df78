//! Columns of profiles that are asked for by their keys, from any snapshot.

use arrow::array::{Array, ArrayRef, AsArray, new_null_array};
use arrow::datatypes::DataType;
use outflow_model::{Fault, FieldPath};
use roaring::RoaringBitmap;

use super::ExclusionRule;
use super::keys::ProfileKeys;
use super::space::{Keys, RowSpace, unfit};
use crate::evaluate::Evaluator;
use crate::scan::project::project;
use crate::schema::conform;
use crate::snapshot::{IDENTITY_MAP, IdentityKeys, Snapshot, visit_identities};

/// Picks profiles of a snapshot. It holds the ids of the part that was asked last, so that who asks in order pays for each
/// part once.
pub struct Picker<'s> {
    snapshot: &'s Snapshot,
    space: RowSpace,
    columns: Vec<FieldPath>,
    /// Who is withheld.
    rules: Vec<Evaluator>,
    identities: Vec<&'s IdentityKeys>,
    held: Option<(usize, Keys)>,
}

/// Columns of some profiles.
#[derive(Debug)]
pub struct Picked {
    /// The numbers of the profiles, as they were asked for.
    pub known: Vec<u32>,
    /// One array per column.
    pub columns: Vec<ArrayRef>,
    /// Of each profile, whether it is one that is withheld.
    pub withheld: Vec<bool>,
}

impl Snapshot {
    /// Picks `columns` of profiles. Columns that the snapshot does not have are null.
    ///
    /// # Errors
    /// `Input` when files are not there.
    pub fn picker(&self, columns: &[FieldPath]) -> Result<Picker<'_>, Fault> {
        let (space, columns) = (RowSpace::of_snapshot(self)?, columns.to_vec());
        Ok(Picker { snapshot: self, space, columns, rules: Vec::new(), identities: Vec::new(), held: None })
    }
}

impl<'s> Picker<'s> {
    /// With a look at who is withheld by any of `rules`. A profile that they cannot be asked about is.
    ///
    /// # Errors
    /// `Internal` for a rule that was not checked.
    pub fn withholding(mut self, rules: &'s [ExclusionRule]) -> Result<Picker<'s>, Fault> {
        for rule in rules {
            match rule {
                ExclusionRule::Where(rule) => self.rules.push(Evaluator::new(rule)?),
                ExclusionRule::Identities(keys) => self.identities.push(keys),
            }
        }
        Ok(self)
    }

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
                picked.push(self.of_rows(part, known, &rows)?);
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
    fn of_rows(&self, part: usize, known: Vec<u32>, rows: &RoaringBitmap) -> Result<Picked, Fault> {
        let asked = self.rules.iter().flat_map(Evaluator::paths);
        let mut roots: Vec<&str> = self.columns.iter().chain(asked).map(FieldPath::root).collect();
        roots.extend((!self.identities.is_empty()).then_some(IDENTITY_MAP));
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
        let mut withheld = vec![false; known.len()];
        for rule in &self.rules {
            let selected = rule.select(&|path| column(path).ok(), known.len());
            // A field that had another type then says nothing of who agreed.
            let is_withheld = |row| selected.as_ref().ok().is_none_or(|of| of.is_valid(row) && of.value(row));
            withheld.iter_mut().enumerate().for_each(|(row, withheld)| *withheld |= is_withheld(row));
        }
        let maps = roots.binary_search(&IDENTITY_MAP).ok().and_then(|at| found[at].as_map_opt());
        if let (Some(maps), false) = (maps, self.identities.is_empty()) {
            let is_one = |namespace: &str, id: &str| self.identities.iter().any(|keys| keys.contains(namespace, id));
            visit_identities(maps, |row, namespace, id| withheld[row] |= is_one(namespace, id))
                .map_err(|e| unfit(&e))?;
        }
        let columns = self.columns.iter().map(column).collect::<Result<_, Fault>>()?;
        Ok(Picked { known, columns, withheld })
    }
}
