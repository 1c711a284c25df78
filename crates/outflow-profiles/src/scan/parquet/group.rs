//! Reading a row group: several paths side by side, in batches of rows.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch, new_null_array};
use arrow::datatypes::{DataType, Field, Fields, Schema as ArrowSchema};
use outflow_model::{Fault, FieldPath, PathElement};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Encoding;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::serialized_reader::SerializedPageReader;

use super::blame::blame;
use super::entry::{EntryValues, KeyScan};
use super::file::{Access, ParquetFile};
use super::page_sizes::{GuardedChunk, PageGuard};
use super::pages::{LeafPages, LeafShape};
use super::reader::{SourceReader, Undecodable, guarded};
use crate::scan::page_budget::PageRoom;
use crate::scan::project::project;
use crate::scan::{BATCH_BYTES, BATCH_ROWS, ColumnBatches};

/// An open row group.
pub(crate) struct RowGroupScan {
    file: Arc<ParquetFile>,
    /// Reads pages that memory has room for.
    reader: SourceReader,
    group: usize,
    paths: Vec<FieldPath>,
    rows_left: usize,
    /// Rows of a batch; the last one may have fewer.
    batch_rows: usize,
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
    /// Pages that there is no `room` for are refused; without one, none are.
    pub fn open(
        file: &Arc<ParquetFile>,
        group: usize,
        paths: &[FieldPath],
        missing_types: &[DataType],
        room: Option<PageRoom>,
    ) -> Result<RowGroupScan, Fault> {
        file.reader.check_unchanged()?;
        let row_group = file.metadata.metadata().row_group(group);
        let accesses: Vec<Access> = paths.iter().map(|path| accessible(file, group, path)).collect();
        let reader = match room {
            Some(room) => file.reader.guarded(guard(file, group, &accesses, room)),
            None => file.reader.clone(),
        };
        let mut scan = RowGroupScan {
            file: Arc::clone(file),
            reader,
            group,
            paths: paths.to_vec(),
            rows_left: row_group.num_rows().max(0) as usize,
            batch_rows: BATCH_ROWS,
            arrow: None,
            leaves: Vec::new(),
            maps: Vec::new(),
            missing: vec![None; paths.len()],
        };
        let mut types = HashMap::new();
        let mut by_key: HashMap<(usize, String), usize> = HashMap::new();
        for (number, access) in accesses.into_iter().enumerate() {
            match access {
                Access::Missing => scan.missing[number] = Some(missing_types[number].clone()),
                Access::General { leaves } => scan.leaves.extend(leaves),
                Access::Flat { leaf, data_type } => {
                    scan.leaves.push(leaf);
                    if let Some(lean) = lean_text(&data_type, row_group.column(leaf)) {
                        types.insert(paths[number].clone(), lean);
                    }
                }
                Access::Entry { key_leaf, key, leaf, data_type } => {
                    let pages = |leaf, want| leaf_pages(file, &scan.reader, group, leaf, want);
                    let values = EntryValues::new(pages(leaf, false)?, data_type);
                    let at = match by_key.get(&(key_leaf, key.clone())) {
                        Some(&at) => at,
                        None => {
                            let keys = KeyScan::new(pages(key_leaf, true)?, key.clone());
                            scan.maps.push(MapScan { keys, values: Vec::new() });
                            by_key.insert((key_leaf, key), scan.maps.len() - 1);
                            scan.maps.len() - 1
                        }
                    };
                    scan.maps[at].values.push((number, values));
                }
            }
        }
        scan.leaves.sort_unstable();
        scan.leaves.dedup();
        if !scan.leaves.is_empty() {
            scan.batch_rows = batch_rows(row_group, &scan.leaves);
            scan.arrow = Some(scan.arrow_reader(&types)?);
        }
        Ok(scan)
    }

    fn arrow_reader(&self, types: &HashMap<FieldPath, DataType>) -> Result<ParquetRecordBatchReader, Fault> {
        let metadata = &self.file.metadata;
        let schema = Arc::new(with_types(self.file.schema(), types));
        self.reader.decode(None, || {
            let options = ArrowReaderOptions::new().with_schema(schema);
            let arrow = ArrowReaderMetadata::try_new(Arc::clone(metadata.metadata()), options)?;
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.reader.clone(), arrow)
                .with_projection(ProjectionMask::leaves(metadata.parquet_schema(), self.leaves.iter().copied()))
                .with_row_groups(vec![self.group])
                .with_batch_size(self.batch_rows)
                .build()
        })
    }

    fn batch(&mut self) -> Result<Vec<ArrayRef>, Fault> {
        let rows = self.rows_left.min(self.batch_rows);
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
            let batch =
                decoded.map_err(|e| blame(&self.file, &self.reader, self.group, &self.leaves, Undecodable(e)))?;
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
        let rows = self.rows_left.min(self.batch_rows);
        Ok(Some((rows, self.batch()?)))
    }
}

/// What a scan of these columns has room for.
fn guard(file: &ParquetFile, group: usize, accesses: &[Access], room: PageRoom) -> PageGuard {
    let mut library: BTreeSet<usize> = BTreeSet::new();
    let mut keys: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut readers: BTreeMap<usize, u64> = BTreeMap::new();
    for access in accesses {
        match access {
            Access::Missing => {}
            Access::Flat { leaf, .. } => library.extend([*leaf]),
            Access::General { leaves } => library.extend(leaves),
            Access::Entry { key_leaf, key, leaf, .. } => {
                if keys.insert((*key_leaf, key)) {
                    *readers.entry(*key_leaf).or_default() += 1;
                }
                *readers.entry(*leaf).or_default() += 1;
            }
        }
    }
    for leaf in library {
        *readers.entry(leaf).or_default() += 1;
    }
    let chunks = readers.into_iter().map(|(leaf, readers)| {
        let chunk = file.metadata.metadata().row_group(group).column(leaf);
        // Footers may lie, and the library's own sum would give up on one that does.
        let start = chunk.dictionary_page_offset().unwrap_or(chunk.data_page_offset()).max(0) as u64;
        let end = start.saturating_add(chunk.compressed_size().max(0) as u64);
        GuardedChunk { place: start..end, column: chunk.column_path().string(), readers }
    });
    PageGuard { room, chunks: chunks.collect() }
}

/// Rows of which the values of `leaves` take a few MiB. The row group's own sizes decide, so that the same file is always
/// cut into the same batches.
fn batch_rows(row_group: &RowGroupMetaData, leaves: &[usize]) -> usize {
    let bytes = |leaf: &usize| {
        let chunk = row_group.column(*leaf);
        // Of text in a dictionary the chunk has each value once.
        chunk.uncompressed_size().max(chunk.unencoded_byte_array_data_bytes().unwrap_or(0)).max(0) as u64
    };
    let rows = row_group.num_rows().max(1) as u64;
    let bytes_per_row = leaves.iter().map(bytes).fold(0, u64::saturating_add).div_ceil(rows).max(1);
    (BATCH_BYTES as u64 / bytes_per_row).clamp(1, BATCH_ROWS as u64) as usize
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

fn leaf_pages(
    file: &ParquetFile,
    reader: &SourceReader,
    group: usize,
    leaf: usize,
    want_rep_levels: bool,
) -> Result<LeafPages, Fault> {
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
    let source = Arc::new(reader.clone());
    let pages =
        reader.decode(Some(&shape.name), || SerializedPageReader::new(source, row_group.column(leaf), rows, None))?;
    Ok(LeafPages::new(Box::new(pages), shape, reader.clone(), want_rep_levels))
}
