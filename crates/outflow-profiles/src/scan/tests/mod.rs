//! What a scan yields, compared with the plainest way to the same answer.

mod agreement;
mod batches;
mod broken;
mod changed;
mod hostile;
mod pages;
mod pruning;
mod united;

use std::path::Path;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use outflow_model::{Fault, FieldPath, PathElement};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::{PageBudget, Profiles, ScanRequest};
use crate::source::{LocalStorage, pin};

fn open(dir: &Path) -> Result<Profiles, Fault> {
    Profiles::open(pin(&[format!("{}/*", dir.display())], &[Arc::new(LocalStorage)])?)
}

fn write(path: &Path, batch: &RecordBatch, properties: WriterProperties) {
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

fn request(paths: &[&str]) -> ScanRequest {
    let columns = paths.iter().map(|p| FieldPath::parse(p).unwrap()).collect();
    ScanRequest { rule: None, require: Vec::new(), columns, pages: None }
}

/// Every value of every path as text, by path; nulls are `None`.
fn scan(profiles: &Profiles, request: &ScanRequest) -> Result<Vec<Vec<Option<String>>>, Fault> {
    let mut found = vec![Vec::new(); request.columns.len()];
    for &morsel in profiles.morsels() {
        let mut scan = profiles.scan(morsel, request)?;
        while let Some(batch) = scan.next_batch()? {
            for (found, column) in found.iter_mut().zip(&batch.columns) {
                assert_eq!(column.len() as u64, batch.selected - batch.missing_mandatory);
                found.extend((0..column.len()).map(|row| text(column, row)));
            }
        }
    }
    Ok(found)
}

/// One value as text.
fn text(array: &ArrayRef, row: usize) -> Option<String> {
    match array.data_type() {
        DataType::Dictionary(_, _) => {
            let dictionary = array.as_any_dictionary();
            dictionary.keys().is_valid(row).then(|| text(dictionary.values(), dictionary.normalized_keys()[row]))?
        }
        DataType::Timestamp(unit, Some(_)) => text(&cast(array, &DataType::Timestamp(*unit, None)).unwrap(), row),
        _ => array.is_valid(row).then(|| array_value_to_string(array, row).unwrap()),
    }
}

/// The value at `steps` below one row, found by walking that row alone.
fn walk(array: &ArrayRef, row: usize, steps: &[PathElement]) -> Option<String> {
    let Some((step, rest)) = steps.split_first() else { return text(array, row) };
    if array.is_null(row) {
        return None;
    }
    match (array.data_type(), step) {
        (DataType::Struct(_), PathElement::Name(name)) => {
            walk(array.as_struct().column_by_name(name).unwrap(), row, rest)
        }
        (DataType::List(_), PathElement::Index(n)) => {
            let items = array.as_list::<i32>().value(row);
            ((*n as usize) < items.len()).then(|| walk(&items, *n as usize, rest))?
        }
        (DataType::Map(_, _), PathElement::Name(key)) => {
            let entries = array.as_map().value(row);
            let (keys, values) = (entries.column(0).as_string::<i32>(), entries.column(1));
            let at = (0..keys.len()).find(|&i| keys.value(i) == key)?;
            walk(values, at, rest)
        }
        (other, step) => panic!("{step} in {other}"),
    }
}
