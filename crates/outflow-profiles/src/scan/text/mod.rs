//! CSV and NDJSON files: one morsel each, read in blocks, types inferred over all of them.
//!
//! Types are those that lose nothing: a column becomes a number, a date or an instant only if every value is written just
//! as this product writes that type, so that no text changes on its way through (`value`). Where Parquet files of the
//! run give a field a type, text that fits it takes it. Objects are structs, whatever they are used for; a CSV header
//! that is a path of names is a field inside structs, which are null where all their fields are.

mod assemble;
mod blocks;
mod build;
mod csv;
mod infer;
mod json;
mod ndjson;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

use arrow::array::{ArrayRef, new_null_array};
use arrow::datatypes::{DataType, Fields, SchemaRef};
use outflow_model::{Fault, FieldPath};

use self::blocks::Blocks;
use super::ColumnBatches;
use crate::scan::project::project;
use crate::source::{RandomAccess, SourceFile, SourceFormat};

pub(in crate::scan) use blocks::RECORD_BYTES_MAX;
pub(crate) use blocks::RecordRoom;
pub(crate) use infer::Inference;

/// Opens a text file for `paths`. `schema` is what [`Inference`] found; `missing_types` are the types of paths not in it.
pub(crate) fn open(
    file: Arc<dyn RandomAccess>,
    source: &SourceFile,
    schema: &SchemaRef,
    paths: &[FieldPath],
    missing_types: &[DataType],
    room: RecordRoom,
) -> Result<Box<dyn ColumnBatches>, Fault> {
    let wanted = Wanted::new(schema, paths, missing_types);
    let blocks = Blocks::open(file, source, room)?;
    Ok(match source.format {
        SourceFormat::Csv => Box::new(csv::CsvBatches::open(blocks, wanted)?),
        _ => Box::new(ndjson::NdjsonBatches::open(blocks, wanted)),
    })
}

/// What a scan wants of text files.
struct Wanted {
    /// The schema cut down to what the paths touch.
    roots: Fields,
    paths: Vec<FieldPath>,
    missing_types: Vec<DataType>,
}

impl Wanted {
    fn new(schema: &SchemaRef, paths: &[FieldPath], missing_types: &[DataType]) -> Wanted {
        let cut = |field: &Arc<arrow::datatypes::Field>| {
            let rests: Vec<_> = paths.iter().filter(|p| p.root() == field.name()).map(|p| &p.elements()[1..]).collect();
            (!rests.is_empty()).then(|| infer::nullable(field.name(), assemble::cut(field.data_type(), &rests)))
        };
        Wanted {
            roots: schema.fields().iter().filter_map(cut).collect(),
            paths: paths.to_vec(),
            missing_types: missing_types.to_vec(),
        }
    }

    /// The array of each path, from the arrays of the roots.
    fn columns(&self, roots: &[ArrayRef], rows: usize) -> Vec<ArrayRef> {
        let at = |path: &FieldPath| {
            let number = self.roots.iter().position(|f| f.name() == path.root())?;
            project(&roots[number], &path.elements()[1..]).ok()
        };
        let each = self.paths.iter().zip(&self.missing_types);
        each.map(|(path, missing)| at(path).unwrap_or_else(|| new_null_array(missing, rows))).collect()
    }
}
