//! The manifest: written last, it names every file of a run with what a receiver needs to check it.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::balance::Balance;

/// One column of the files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestColumn {
    /// Its header.
    pub name: String,
    /// Its type, as [`crate::schema::FieldType::name`] gives it.
    #[serde(rename = "type")]
    pub column_type: String,
}

/// One delivered file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestFile {
    /// Path below the target's prefix or folder.
    pub name: String,
    /// The whole key or path at the target.
    pub sink_path: String,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Length in bytes as delivered.
    pub bytes: u64,
    /// SHA-256 of the bytes as delivered, in hexadecimal.
    pub sha256: String,
}

/// What a run delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// Hash of the plan.
    pub run_id: String,
    /// The flow, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_id: Option<String>,
    /// The segment.
    pub segment_id: String,
    /// The run's clock.
    pub scheduled_time: DateTime<Utc>,
    /// When the last file was whole at the far end.
    pub completed_time: DateTime<Utc>,
    /// Columns in file order.
    pub schema: Vec<ManifestColumn>,
    /// Files in part order.
    pub files: Vec<ManifestFile>,
    /// Rows of all files.
    pub rows_total: u64,
    /// Bytes of all files.
    pub bytes_total: u64,
    /// Where every profile that was read went.
    pub balance: Balance,
}

/// What the manifest of a run is called.
pub fn manifest_name(static_file_name: Option<&str>, flow_id: Option<&str>, run_id: &str) -> String {
    match (static_file_name, flow_id) {
        (Some(name), _) => format!("{name}.manifest.json"),
        (None, Some(flow)) => format!("manifest-{flow}-{run_id}.json"),
        (None, None) => format!("manifest-{run_id}.json"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_contract() {
        assert_eq!(manifest_name(None, None, "r1"), "manifest-r1.json");
        assert_eq!(manifest_name(None, Some("f1"), "r1"), "manifest-f1-r1.json");
        assert_eq!(manifest_name(Some("daily.csv"), Some("f1"), "r1"), "daily.csv.manifest.json");
    }
}
