//! The plan: everything that decides what a run's files are, fixed before anything is read or written.

use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use outflow_model::dialect::CsvDialect;
use outflow_model::encryption::Recipient;
use outflow_model::template::PartNames;
use outflow_model::{Fault, FieldPath};
use outflow_profiles::scan::SelectedMembers;
use outflow_profiles::source::SourceFile;
use serde::Serialize;

use crate::pipeline::Compression;

/// A column of the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MappedField {
    /// Where the value comes from.
    pub path: FieldPath,
    /// What the column is called.
    pub header: String,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum FileFormat {
    /// Delimited text, also TSV.
    Csv(CsvDialect),
    /// One JSON object a line.
    Json,
    /// Apache Parquet.
    Parquet,
}

/// What makes two profiles the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum DedupKey {
    /// Equal values of one attribute, or of both of two.
    Attributes(Vec<FieldPath>),
    /// A shared identity of a namespace, transitively.
    Namespace(String),
}

/// The names that the run goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Names {
    /// The names of the parts.
    #[serde(serialize_with = "first_name")]
    pub parts: PartNames,
    /// Whether the name holds the run's time, so that it must be new; otherwise it replaces.
    pub dated: bool,
    /// The flow, where there is one.
    pub flow_id: Option<String>,
    /// The segment.
    pub segment_id: String,
    /// The run, where somebody else knows it by an id already; otherwise it is known by a hash of its plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
}

/// A plan. Two runs with equal plans give equal bytes under equal names.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportPlan {
    /// The pinned files with size and version.
    pub sources: Vec<SourceFile>,
    /// The rule's canonical text; every profile is selected when there is none.
    pub rule: Option<String>,
    /// The members of a segment that are exported, where an evaluation says who they are. There is no rule then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<SelectedMembers>,
    /// The run's clock.
    pub now: DateTime<Utc>,
    /// Columns in file order.
    pub mapping: Vec<MappedField>,
    /// Attributes without which a profile is excluded.
    pub require: Vec<FieldPath>,
    /// Deduplication.
    pub dedup: Option<DedupKey>,
    /// Reference time: among equal profiles the newest is kept.
    pub newest_by: Option<FieldPath>,
    /// Format of the files.
    pub format: FileFormat,
    /// Compression of the files.
    pub compression: Compression,
    /// Who alone can read the files, where they are encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption: Option<Recipient>,
    /// Rows of a file, at most.
    pub rows_per_file: u64,
    /// Names.
    pub names: Names,
    /// The target in the form it was given, without credentials.
    pub target: String,
}

impl ExportPlan {
    /// The run's id: the one it was given, or a hash of the plan.
    ///
    /// # Errors
    /// `Internal` when the plan cannot be serialised.
    pub fn run_id(&self) -> Result<String, Fault> {
        if let Some(run_id) = &self.names.run_id {
            return Ok(run_id.clone());
        }
        let text = serde_json::to_vec(self).map_err(|e| Fault::internal("a plan cannot be written").because(e))?;
        let hash = digest::digest(&digest::SHA256, &text);
        Ok(hex(&hash.as_ref()[..16]))
    }

    /// The headers in file order.
    pub fn headers(&self) -> Vec<String> {
        self.mapping.iter().map(|m| m.header.clone()).collect()
    }
}

fn first_name<S: serde::Serializer>(parts: &PartNames, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&parts.file_name(1))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [digits[usize::from(b >> 4)], digits[usize::from(b & 15)]]).map(char::from).collect()
}
