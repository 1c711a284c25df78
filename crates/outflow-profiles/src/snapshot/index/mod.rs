//! The identities of all profiles, by hash: who has one of them, without reading identity maps.
//!
//! Beside each part of a snapshot lies an index of it. It is made when a snapshot was merged, for the parts that have none;
//! whoever needs one that is not there makes it.

mod file;
mod keys;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow::array::{Array, AsArray};
use outflow_model::Fault;
use roaring::RoaringBitmap;

pub use keys::{IdentityKeys, identity_key};

use self::file::{IndexFile, path_of, write};
use self::keys::hash_of_key;
use super::identities::visit_identities;
use super::part::{ID_COLUMN, IDENTITY_MAP, Part, hash_of};
use super::read::{PartFile, damaged};
use super::{NotIds, Snapshot};
use crate::Work;
use crate::folder::Folder;

/// A profile that has an identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundIdentity {
    /// The profile's id, `namespace:value` of its primary identity.
    pub profile_id: String,
    /// Its hash.
    pub hash: i64,
    /// Number of the part.
    pub part: usize,
    /// Number of the row in the part.
    pub row: u32,
}

/// Makes the indexes of all parts of `snapshot` that have none. Those that are there look as if they were made now.
///
/// # Errors
/// `Input` when a part cannot be read, `refused` when the disk does not take an index, and whatever `work.check` answers.
pub fn index_identities(snapshot: &Snapshot, work: &Work<'_>) -> Result<(), Fault> {
    let folder = Folder::open(work.folder)?;
    let read = AtomicU64::new(0);
    work.spread(
        snapshot.parts.len(),
        || Ok(()),
        |(), number| {
            (work.check)()?;
            let part = &snapshot.parts[number];
            // What is there but not whole is made anew.
            if IndexFile::open(part)?.is_none() || !folder.touch(&path_of(part))? {
                make(&folder, part, work.check)?;
            }
            (work.progress)(read.fetch_add(part.rows, Ordering::Relaxed) + part.rows);
            Ok(())
        },
        Ok,
    )?;
    Ok(())
}

/// The rows of a part that have any of `keys`. An index that is not there is made.
pub(crate) fn rows_of(
    folder: &Folder,
    part: &Part,
    keys: &IdentityKeys,
    check: &(dyn Fn() -> Result<(), Fault> + Sync),
) -> Result<RoaringBitmap, Fault> {
    if keys.is_empty() || part.rows == 0 {
        return Ok(RoaringBitmap::new());
    }
    match IndexFile::open(part)? {
        Some(index) => index.rows_of(keys, check),
        None => {
            let entries = make(folder, part, check)?;
            let is_one = |(hash, row): &(u64, u32)| keys.hashes().binary_search(hash).is_ok().then_some(*row);
            Ok(entries.iter().filter_map(is_one).collect())
        }
    }
}

/// Makes the index of a part. Answers what is in it.
fn make(folder: &Folder, part: &Part, check: &dyn Fn() -> Result<(), Fault>) -> Result<Vec<(u64, u32)>, Fault> {
    let mut entries: Vec<(u64, u32)> = Vec::new();
    visit(part, check, &mut |row, namespace, value| {
        entries.push((hash_of_key(&identity_key(namespace, value)), row));
    })?;
    entries.sort_unstable();
    entries.dedup();
    write(folder, part, &entries)?;
    Ok(entries)
}

/// Calls `found` with row, namespace and value of every identity in a part.
fn visit(
    part: &Part,
    check: &dyn Fn() -> Result<(), Fault>,
    found: &mut dyn FnMut(u32, &str, &str),
) -> Result<(), Fault> {
    let mut first = 0;
    for batch in PartFile::open(part)?.column(IDENTITY_MAP)? {
        check()?;
        let batch = batch.map_err(|e| damaged(&part.file, e))?;
        let map = batch.column(0).as_map_opt();
        let map = map.ok_or_else(|| damaged(&part.file, NotIds(batch.column(0).data_type().clone())))?;
        visit_identities(map, |row, namespace, value| found(first + row as u32, namespace, value))
            .map_err(|e| damaged(&part.file, e))?;
        first += batch.num_rows() as u32;
    }
    Ok(())
}

impl Snapshot {
    /// The profiles that have the identity `value` in `namespace`, at most `profiles_max` of them. Their indexes are asked;
    /// of a part that has none, all identities are read.
    ///
    /// # Errors
    /// `Input` when a part or an index cannot be read, and whatever `check` answers.
    pub fn find_by_identity(
        &self,
        namespace: &str,
        value: &str,
        profiles_max: usize,
        check: &dyn Fn() -> Result<(), Fault>,
    ) -> Result<Vec<FoundIdentity>, Fault> {
        let hash = hash_of_key(&identity_key(namespace, value));
        let mut found = Vec::new();
        for (number, part) in self.parts.iter().enumerate().filter(|(_, part)| part.rows > 0) {
            check()?;
            let rows: RoaringBitmap = match IndexFile::open(part)? {
                Some(index) => index.rows_with(hash)?.into_iter().collect(),
                None => rows_with(part, namespace, value, check)?,
            };
            // Equal hashes are confirmed on the identities.
            for profile in profiles(number, part, &rows, (namespace, value))? {
                if found.len() == profiles_max {
                    return Ok(found);
                }
                found.push(profile);
            }
        }
        Ok(found)
    }

    /// Where the indexes of its parts are, whether they are there or not.
    pub fn index_files(&self) -> impl Iterator<Item = PathBuf> {
        self.parts.iter().map(path_of)
    }
}

fn rows_with(
    part: &Part,
    namespace: &str,
    value: &str,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<RoaringBitmap, Fault> {
    let mut rows = RoaringBitmap::new();
    visit(part, check, &mut |row, of, found| {
        if (of, found) == (namespace, value) {
            rows.insert(row);
        }
    })?;
    Ok(rows)
}

/// Those of `rows` that have the identity.
fn profiles(
    number: usize,
    part: &Part,
    rows: &RoaringBitmap,
    (namespace, value): (&str, &str),
) -> Result<Vec<FoundIdentity>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let columns = PartFile::open(part)?.picked(rows, &[ID_COLUMN, IDENTITY_MAP])?;
    let misfit = |at: usize| damaged(&part.file, NotIds(columns[at].data_type().clone()));
    let ids = columns[0].as_string_opt::<i32>().ok_or_else(|| misfit(0))?;
    let maps = columns[1].as_map_opt().ok_or_else(|| misfit(1))?;
    let mut has_it = vec![false; ids.len()];
    visit_identities(maps, |row, of, found| has_it[row] |= (of, found) == (namespace, value))
        .map_err(|e| damaged(&part.file, e))?;
    let found = rows.iter().zip(has_it).enumerate().filter(|(_, (_, has_it))| *has_it);
    let profile = |(at, (row, _)): (usize, (u32, bool))| FoundIdentity {
        profile_id: ids.value(at).to_string(),
        hash: hash_of(ids.value(at)),
        part: number,
        row,
    };
    Ok(found.map(profile).collect())
}
