//! Reading a row group: several paths side by side, in batches of rows.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, Fields, Schema as ArrowSchema};
use outflow_model::{Fault, FieldPath, PathElement};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::serialized_reader::SerializedPageReader;

use super::blame::blame;
use super::entry::{EntryValues, KeyScan};
use super::file::{Access, ParquetFile};
use super::page_sizes::check_pages;
use super::pages::{LeafPages, LeafShape};
use super::reader::{Undecodable, guarded};
use crate::scan::project::project;
use crate::scan::{BATCH_ROWS, ColumnBatches};

/// An open row group.
pub(crate) struct RowGroupScan {
    file: Arc<ParquetFile>,
    group: usize,
    paths: Vec<FieldPath>,
    rows_left: usize,
    arrow: Option<ParquetRecordBatchReader>,
    /// The columns that the library reads.
    leaves: Vec<usize>,
    maps: Vec<MapScan>,
    /// For each path, the type of nulls where the file lacks the field.
    missing: Vec<Option<DataType>>,
}

/// The values wanted below one key of one map.
struct MapScan {
    keys: KeyScan,
    /// Number of the path, and its values.
    values: Vec<(usize, EntryValues)>,
}

impl RowGroupScan {
    /// Opens row group `group` of `file` for `paths`. `missing_types` gives each path's type in case the file lacks it.
    /// Pages of more than `page_bytes_max` bytes before compression are refused.
    pub fn open(
        file: &Arc<ParquetFile>,
        group: usize,
        paths: &[FieldPath],
        missing_types: &[DataType],
        page_bytes_max: Option<u64>,
    ) -> Result<RowGroupScan, Fault> {
        file.reader.check_unchanged()?;
        let row_group = file.metadata.metadata().row_group(group);
        let mut scan = RowGroupScan {
            file: Arc::clone(file),
            group,
            paths: paths.to_vec(),
            rows_left: row_group.num_rows().max(0) as usize,
            arrow: None,
            leaves: Vec::new(),
            maps: Vec::new(),
            missing: vec![None; paths.len()],
        };
        let mut leaves = Vec::new();
        let mut entry_leaves = Vec::new();
        let mut types = HashMap::new();
        let mut by_key: HashMap<(usize, String), usize> = HashMap::new();
        for (number, path) in paths.iter().enumerate() {
            match accessible(file, group, path) {
                Access::Missing => scan.missing[number] = Some(missing_types[number].clone()),
                Access::General { leaves: all } => leaves.extend(all),
                Access::Flat { leaf, data_type } => {
                    leaves.push(leaf);
                    if let Some(lean) = lean_text(&data_type, row_group.column(leaf)) {
                        types.insert(path.clone(), lean);
                    }
                }
                Access::Entry { key_leaf, key, leaf, data_type } => {
                    entry_leaves.extend([key_leaf, leaf]);
                    let at = match by_key.get(&(key_leaf, key.clone())) {
                        Some(&at) => at,
                        None => {
                            let pages = leaf_pages(file, group, key_leaf, true)?;
                            scan.maps.push(MapScan { keys: KeyScan::new(pages, key.clone()), values: Vec::new() });
                            by_key.insert((key_leaf, key), scan.maps.len() - 1);
                            scan.maps.len() - 1
                        }
                    };
                    let values = EntryValues::new(leaf_pages(file, group, leaf, false)?, data_type);
                    scan.maps[at].values.push((number, values));
                }
            }
        }
        leaves.sort_unstable();
        leaves.dedup();
        if let Some(limit) = page_bytes_max {
            for &leaf in leaves.iter().chain(&entry_leaves) {
                check_pages(&file.reader, row_group.column(leaf), limit)?;
            }
        }
        if !leaves.is_empty() {
            scan.arrow = Some(arrow_reader(file, group, &leaves, &types)?);
        }
        scan.leaves = leaves;
        Ok(scan)
    }

    fn batch(&mut self) -> Result<Vec<ArrayRef>, Fault> {
        let rows = self.rows_left.min(BATCH_ROWS);
        let mut columns: Vec<Option<ArrayRef>> = vec![None; self.paths.len()];
        for map in &mut self.maps {
            let positions = map.keys.read(rows)?;
            for (number, values) in &mut map.values {
                columns[*number] = Some(values.read(&positions)?);
            }
        }
        if let Some(arrow) = &mut self.arrow {
            let decoded = guarded(|| match arrow.next() {
                Some(Ok(batch)) if batch.num_rows() == rows => Ok(batch),
                Some(Err(e)) => Err(e.into()),
                _ => Err(ShortGroup.into()),
            });
            let batch = decoded.map_err(|e| blame(&self.file, self.group, &self.leaves, Undecodable(e)))?;
            for (number, path) in self.paths.iter().enumerate() {
                if columns[number].is_none() && self.missing[number].is_none() {
                    columns[number] = Some(from_batch(&batch, path)?);
                }
            }
        }
        self.rows_left -= rows;
        let missing = &self.missing;
        let whole = columns.into_iter().enumerate().map(|(number, column)| match (column, &missing[number]) {
            (Some(column), _) => Ok(column),
            (None, Some(data_type)) => Ok(new_null_array(data_type, rows)),
            (None, None) => Err(Fault::internal("a column was planned and not read")),
        });
        whole.collect()
    }
}

impl ColumnBatches for RowGroupScan {
    fn next_batch(&mut self) -> Result<Option<(usize, Vec<ArrayRef>)>, Fault> {
        if self.rows_left == 0 {
            // What was read is what the list said only if the file is still the same now.
            self.file.check_unchanged()?;
            return Ok(None);
        }
        let rows = self.rows_left.min(BATCH_ROWS);
        Ok(Some((rows, self.batch()?)))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a row group has fewer rows than its footer says")]
struct ShortGroup;

fn from_batch(batch: &RecordBatch, path: &FieldPath) -> Result<ArrayRef, Fault> {
    let internal = || Fault::internal(format!("`{path}` was planned and is not in the batch"));
    let root = batch.column_by_name(path.root()).ok_or_else(internal)?;
    project(root, &path.elements()[1..]).map_err(|_| internal())
}

/// The access of a path, made general where a column's encodings are ones that only the library decodes.
fn accessible(file: &ParquetFile, group: usize, path: &FieldPath) -> Access {
    let access = file.access(path);
    let Access::Entry { key_leaf, leaf, .. } = access else { return access };
    let plain = |leaf: usize| {
        #[expect(deprecated, reason = "version-1 files still name the encoding so")]
        let known = [
            Encoding::PLAIN,
            Encoding::RLE,
            Encoding::BIT_PACKED,
            Encoding::RLE_DICTIONARY,
            Encoding::PLAIN_DICTIONARY,
        ];
        file.metadata.metadata().row_group(group).column(leaf).encodings().all(|e| known.contains(&e))
    };
    if plain(key_leaf) && plain(leaf) { access } else { Access::General { leaves: vec![key_leaf, leaf] } }
}

/// Text is read as dictionary codes where the whole chunk has them, else as views into the pages: neither copies text.
fn lean_text(data_type: &DataType, chunk: &ColumnChunkMetaData) -> Option<DataType> {
    if !matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
        return None;
    }
    let coded = chunk
        .page_encoding_stats_mask()
        .is_some_and(|mask| mask.is_only(Encoding::RLE_DICTIONARY) || mask.is_only(Encoding::PLAIN_DICTIONARY));
    Some(if coded {
        DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
    } else {
        DataType::Utf8View
    })
}

fn arrow_reader(
    file: &ParquetFile,
    group: usize,
    leaves: &[usize],
    types: &HashMap<FieldPath, DataType>,
) -> Result<ParquetRecordBatchReader, Fault> {
    let schema = Arc::new(with_types(file.schema(), types));
    file.reader.decode(None, || {
        let options = ArrowReaderOptions::new().with_schema(schema);
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(file.metadata.metadata()), options)?;
        ParquetRecordBatchReaderBuilder::new_with_metadata(file.reader.clone(), metadata)
            .with_projection(ProjectionMask::leaves(file.metadata.parquet_schema(), leaves.iter().copied()))
            .with_row_groups(vec![group])
            .with_batch_size(BATCH_ROWS)
            .build()
    })
}

/// `schema` with the types at some paths replaced.
fn with_types(schema: &ArrowSchema, types: &HashMap<FieldPath, DataType>) -> ArrowSchema {
    fn rebuild(fields: &Fields, above: &[PathElement], types: &HashMap<FieldPath, DataType>) -> Fields {
        let rebuilt = fields.iter().map(|field| {
            let mut elements = above.to_vec();
            elements.push(PathElement::Name(field.name().clone()));
            let data_type = match field.data_type() {
                DataType::Struct(children) => DataType::Struct(rebuild(children, &elements, types)),
                other => FieldPath::new(elements).and_then(|p| types.get(&p).cloned()).unwrap_or_else(|| other.clone()),
            };
            Field::new(field.name(), data_type, field.is_nullable()).with_metadata(field.metadata().clone())
        });
        rebuilt.collect()
    }
    ArrowSchema::new(rebuild(schema.fields(), &[], types))
}

fn leaf_pages(file: &ParquetFile, group: usize, leaf: usize, want_rep_levels: bool) -> Result<LeafPages, Fault> {
    let row_group = file.metadata.metadata().row_group(group);
    let column = file.metadata.parquet_schema().column(leaf);
    let shape = LeafShape {
        name: column.path().string(),
        def_level_max: column.max_def_level(),
        rep_level_max: column.max_rep_level(),
        physical_type: column.physical_type(),
        entries_max: usize::try_from(row_group.column(leaf).num_values()).unwrap_or(0),
    };
    let rows = row_group.num_rows().max(0) as usize;
    let source = Arc::new(file.reader.clone());
    let reader = file
        .reader
        .decode(Some(&shape.name), || SerializedPageReader::new(source, row_group.column(leaf), rows, None))?;
    Ok(LeafPages::new(Box::new(reader), shape, file.reader.clone(), want_rep_levels))
}
