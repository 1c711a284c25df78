//! Snapshots: the profiles of all datasets, merged and immutable.
//!
//! A snapshot has one row for each primary identity that any dataset has, in parts that have the global order. Rules are
//! evaluated over it and runs export it. The snapshot of a single dataset is made of that dataset's own parts.

mod codes;
mod fill;
mod find;
mod identities;
mod index;
mod merge;
mod part;
mod read;
mod rows;
mod size;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use arrow::datatypes::Schema as ArrowSchema;
use outflow_model::Fault;
use outflow_model::schema::Schema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use find::FoundProfile;
use find::NotIds;
pub(crate) use identities::{declared_map, identity_map_type, item_fields, own_maps, union, visit_identities};
pub(crate) use index::rows_of;
pub use index::{FoundIdentity, IdentityKeys, identity_key, index_identities};
pub use merge::merge;
pub use part::{HASH_COLUMN, ID_COLUMN, IDENTITY_MAP, Part, TIME_COLUMN, hash_of, open_parts};
pub(crate) use part::{INTERNAL_COLUMNS, filled, internal_fields, range_of, start_of, to_unsigned};
pub(crate) use read::PartFile;
pub(crate) use size::{Sketch, part_bits};
pub(crate) use write::PartWriter;

use crate::folder::{Folder, name_of};
use crate::scan::Profiles;
use crate::schema::profile_schema;

/// Changes when a release makes other parts of the same input, or says more of them: what an earlier one made is then not
/// taken over.
pub(crate) const FORMAT: u32 = 3;

/// One state of all profiles: its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    /// A hash of the parts: equal profiles have equal ids.
    pub id: String,
    /// Profiles.
    pub profiles: u64,
    /// The fields of the profiles.
    pub schema: Schema,
    /// The parts, a power of two of them, in the global order. None when there are no datasets.
    pub parts: Vec<Part>,
}

impl Snapshot {
    fn new(schema: Schema, parts: Vec<Part>) -> Snapshot {
        let names: Vec<&str> = parts.iter().map(Part::name).collect();
        Snapshot {
            id: name_of(names.join("\n").as_bytes()),
            profiles: parts.iter().map(|part| part.rows).sum(),
            schema,
            parts,
        }
    }

    /// Writes the manifest to `snapshots/ID.json` in `folder`; answers its absolute path.
    ///
    /// # Errors
    /// `refused` when the disk does not take it.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, Fault> {
        let text = serde_json::to_vec_pretty(self);
        let text = text.map_err(|e| Fault::internal("a snapshot cannot be written as JSON").because(e))?;
        Folder::open(folder)?.write("snapshots", &format!("{}.json", self.id), &text)
    }

    /// What lists and pages show: id, counts, schema, and for each top-level field how many profiles have a value.
    pub fn summary(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "profiles": self.profiles,
            "schema": self.schema,
            "filled": filled(&self.schema, &self.parts),
        })
    }

    /// For each field of the schema how many profiles have a value, in the order of the schema's tree: each before what is in
    /// it, which are the members of a struct, and of a list of structs those of its first element. Of a schema with thousands
    /// of fields, the first. `None` where a release made the snapshot that did not count.
    pub fn field_counts(&self) -> Option<Vec<u64>> {
        fill::total(&self.parts)
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// `input` when the file is not there or no manifest.
    pub fn load(path: &Path) -> Result<Snapshot, Fault> {
        load_json(path)
    }

    /// The profiles, to be scanned like those of any source: one morsel for each part that has rows.
    ///
    /// # Errors
    /// `input` when the first part cannot be read.
    pub fn open(&self) -> Result<Profiles, Fault> {
        open_parts(&[&self.parts])
    }

    /// The profile with the id `profile_id` (`namespace:value`), read from its part alone.
    ///
    /// # Errors
    /// `input` when the part cannot be read.
    pub fn find(&self, profile_id: &str) -> Result<Option<FoundProfile>, Fault> {
        find::find(&self.parts, profile_id)
    }

    /// Which part holds the profiles with this hash, as [`hash_of`] gives it.
    pub fn part_of(&self, hash: i64) -> usize {
        range_of(hash, self.part_bits())
    }

    /// The files that the snapshot needs. Its manifest is beside them, and so are the indexes of its identities.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.file.as_path())
    }

    /// Bits of the hash that number the parts.
    pub(crate) fn part_bits(&self) -> u32 {
        self.parts.len().max(1).trailing_zeros()
    }
}

/// The fields of profiles that are stored with `stored`: all but the internal columns.
pub(crate) fn own_schema(stored: &ArrowSchema) -> Schema {
    let mut schema = profile_schema(stored);
    schema.fields.retain(|field| !INTERNAL_COLUMNS.contains(&field.name.as_str()));
    schema
}

/// Reads a manifest.
pub(crate) fn load_json<T: DeserializeOwned>(path: &Path) -> Result<T, Fault> {
    let unreadable = |e: Box<dyn std::error::Error + Send + Sync>| {
        Fault::input(format!("the manifest {} cannot be read", path.display()))
            .tried(format!("read {}", path.display()))
            .hint("restore the file from a backup, or refresh the datasets")
            .because(e)
    };
    let text = std::fs::read(path).map_err(|e| unreadable(e.into()))?;
    serde_json::from_slice(&text).map_err(|e| unreadable(e.into()))
}
