//! Datasets: the records of one attached source, as profiles.
//!
//! A version of a dataset holds the newest record of every primary identity, in parts ([`crate::snapshot::Part`]) that
//! have the global order: whatever else has it is merged with it, compared with it and looked up in it without sorting.
//! Versions are immutable. Parts that did not change are shared by all versions that have them.

mod normalise;
mod preview;
mod records;
mod runs;
mod spec;
#[cfg(test)]
pub(crate) mod tests;
mod winners;

use std::path::{Path, PathBuf};

use arrow::datatypes::SchemaRef;
use outflow_model::Fault;
use outflow_model::schema::Schema;
use serde::{Deserialize, Serialize};

pub use normalise::normalise;
pub(crate) use normalise::touch_all;
pub use preview::preview;
pub use spec::{DatasetSpec, IdentitySpec, SpecProblem};

use crate::folder::{Folder, name_of};
use crate::scan::Profiles;
use crate::snapshot::{FORMAT, Part, filled, load_json, open_parts, own_schema};
use crate::source::SourceFile;

/// One state of a dataset: its manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetVersion {
    /// A hash of the specification, the counts and the parts: equal states have equal ids, and the time at which the
    /// source's files were written does not matter.
    pub id: String,
    /// The release's way of making versions.
    format: u32,
    /// What was asked for.
    pub spec: DatasetSpec,
    /// Records read: profiles, superseded ones and those without identity.
    pub records: u64,
    /// Profiles.
    pub profiles: u64,
    /// Records that have no primary identity, and are no profile.
    pub without_identity: u64,
    /// Records that a newer one of the same profile replaced.
    pub superseded: u64,
    /// The fields of the profiles.
    pub schema: Schema,
    /// The parts, a power of two of them, in the global order.
    pub parts: Vec<Part>,
    /// The files that were read.
    pub sources: Vec<SourceFile>,
}

/// The counts of a version.
#[derive(Clone, Copy, Debug)]
struct Counts {
    records: u64,
    profiles: u64,
    without_identity: u64,
    superseded: u64,
}

impl DatasetVersion {
    fn new(
        spec: &DatasetSpec,
        sources: Vec<SourceFile>,
        parts: Vec<Part>,
        stored: &SchemaRef,
        counts: Counts,
    ) -> Result<DatasetVersion, Fault> {
        let names: Vec<&str> = parts.iter().map(Part::name).collect();
        let Counts { records, profiles, without_identity, superseded } = counts;
        let identity = serde_json::json!([spec, records, without_identity, names]);
        Ok(DatasetVersion {
            id: name_of(identity.to_string().as_bytes()),
            format: FORMAT,
            spec: spec.clone(),
            records,
            profiles,
            without_identity,
            superseded,
            schema: own_schema(stored),
            parts,
            sources,
        })
    }

    /// The dataset's name.
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// Writes the manifest to `versions/ID.json` in `folder`; answers its absolute path.
    ///
    /// # Errors
    /// `refused` when the disk does not take it.
    pub fn save(&self, folder: &Path) -> Result<PathBuf, Fault> {
        let text = serde_json::to_vec_pretty(self);
        let text = text.map_err(|e| Fault::internal("a version cannot be written as JSON").because(e))?;
        Folder::open(folder)?.write("versions", &format!("{}.json", self.id), &text)
    }

    /// What lists and pages show: id, counts, schema, and for each top-level field how many profiles have a value.
    pub fn summary(&self) -> serde_json::Value {
        serde_json::json!({
            "id": self.id,
            "records": self.records,
            "profiles": self.profiles,
            "withoutIdentity": self.without_identity,
            "superseded": self.superseded,
            "schema": self.schema,
            "filled": filled(&self.schema, &self.parts),
        })
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// `input` when the file is not there or no manifest.
    pub fn load(path: &Path) -> Result<DatasetVersion, Fault> {
        load_json(path)
    }

    /// The profiles of the version, to be scanned like those of any source.
    ///
    /// # Errors
    /// `input` when the first part cannot be read.
    pub fn open(&self) -> Result<Profiles, Fault> {
        open_parts(&[&self.parts])
    }

    /// The files that the version needs. Its manifest is beside them.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.parts.iter().map(|part| part.file.as_path())
    }

    /// Bits of the hash that number the parts.
    pub(crate) fn part_bits(&self) -> u32 {
        self.parts.len().max(1).trailing_zeros()
    }

    /// Whether this is the state of `sources` under `spec`.
    fn is_of(&self, spec: &DatasetSpec, sources: &[SourceFile]) -> bool {
        self.format == FORMAT && self.spec == *spec && self.sources == sources
    }
}
