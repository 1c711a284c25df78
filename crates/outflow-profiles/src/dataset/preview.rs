//! The first records of a source, to look at.

use arrow::array::ArrayRef;
use outflow_model::{Fault, FieldPath, PathElement};
use serde_json::Value;

use crate::json::object;
use crate::scan::{Profiles, ScanRequest};

/// The first records, at most `rows_max`, as JSON objects without members that are null. Of a Parquet file no more is
/// read than that.
///
/// # Errors
/// `input` when a file cannot be read or has changed.
pub fn preview(profiles: &Profiles, rows_max: usize) -> Result<Vec<Value>, Fault> {
    let names: Vec<&str> = profiles.schema().fields.iter().map(|field| field.name.as_str()).collect();
    let path = |name: &&str| FieldPath::new(vec![PathElement::Name((*name).to_string())]);
    let request = ScanRequest { columns: names.iter().filter_map(path).collect(), ..ScanRequest::default() };
    let mut found = Vec::new();
    for morsel in profiles.morsels() {
        if found.len() >= rows_max {
            break;
        }
        let mut scan = profiles.scan(*morsel, &request)?;
        while found.len() < rows_max
            && let Some(batch) = scan.next_batch()?
        {
            let rows = (batch.read as usize).min(rows_max - found.len());
            let columns = || names.iter().copied().zip(&batch.columns as &Vec<ArrayRef>);
            found.extend((0..rows).map(|row| object(columns(), row)));
        }
    }
    Ok(found)
}
