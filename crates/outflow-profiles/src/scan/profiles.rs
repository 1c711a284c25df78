//! Opened sources: one schema over all files, and the morsels they are read in.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::datatypes::{DataType, SchemaRef};
use outflow_model::rule::BoundRule;
use outflow_model::schema::Schema;
use outflow_model::{Fault, FieldPath};

use super::ColumnBatches;
use super::parquet::{ParquetFile, RowGroupScan};
use super::text::{self, Inference};
use crate::evaluate::prune;
use crate::schema::{profile_schema, union, wider};
use crate::source::{PinnedSources, SourceFormat};

/// Footers kept open: reading one again costs two small reads, holding ten thousand costs memory.
const FOOTERS_MAX: usize = 32;

/// A unit of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Morsel {
    /// Number of the file.
    pub file: usize,
    /// Row group within it; 0 for text files.
    pub group: usize,
    /// Profiles in it, where the file says so beforehand.
    pub rows: Option<u64>,
    /// Bytes before compression.
    pub bytes: u64,
}

/// The profiles of a run.
pub struct Profiles {
    sources: PinnedSources,
    schema: Schema,
    /// Every schema of a file, each once.
    arrow_schemas: Vec<SchemaRef>,
    /// The schema of all text files.
    text_schema: SchemaRef,
    morsels: Vec<Morsel>,
    footers: Mutex<VecDeque<(usize, Arc<ParquetFile>)>>,
}

impl Profiles {
    /// Reads every file's schema and plans the morsels. Text files are read whole: their types follow from all values.
    ///
    /// # Errors
    /// `Input` when a file cannot be read, has changed, is not what it claims, or contradicts another file's types.
    pub fn open(sources: PinnedSources) -> Result<Profiles, Fault> {
        let mut profiles = Profiles {
            sources,
            schema: Schema::default(),
            arrow_schemas: Vec::new(),
            text_schema: Arc::new(arrow::datatypes::Schema::empty()),
            morsels: Vec::new(),
            footers: Mutex::default(),
        };
        let mut inference = Inference::default();
        // The schema of each file, `None` for text files, which share one.
        let mut schemas: Vec<Option<SchemaRef>> = Vec::new();
        for file in 0..profiles.sources.files().len() {
            let source = profiles.sources.file(file);
            if source.format == SourceFormat::Parquet {
                let opened = profiles.parquet(file)?;
                let groups = opened.row_groups().into_iter().enumerate();
                let morsel = |(group, (rows, bytes))| Morsel { file, group, rows: Some(rows), bytes };
                profiles.morsels.extend(groups.map(morsel));
                schemas.push(Some(Arc::clone(opened.schema())));
            } else {
                let bytes = source.bytes;
                let rows = inference.add(profiles.sources.open(file)?, source)?;
                profiles.morsels.push(Morsel { file, group: 0, rows: Some(rows), bytes });
                schemas.push(None);
            }
        }
        let known: Vec<SchemaRef> = schemas.iter().flatten().cloned().collect();
        let text = inference.finish(&known);
        for schema in schemas.into_iter().map(|s| s.unwrap_or_else(|| Arc::clone(&text))) {
            if !profiles.arrow_schemas.contains(&schema) {
                profiles.arrow_schemas.push(schema);
            }
        }
        profiles.text_schema = text;
        profiles.schema = union(profiles.arrow_schemas.iter().map(|s| profile_schema(s))).map_err(|text| {
            Fault::input(text).hint("export files of one shape together, or cast the column in the source")
        })?;
        Ok(profiles)
    }

    /// The schema over all files.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The pinned files.
    pub fn sources(&self) -> &PinnedSources {
        &self.sources
    }

    /// The morsels in plan order.
    pub fn morsels(&self) -> &[Morsel] {
        &self.morsels
    }

    /// The Arrow type of `path`: where files differ in width or unit, the one that holds the values of all. Dictionaries
    /// count as their values' type. A scan yields each file's own type.
    pub fn arrow_type(&self, path: &FieldPath) -> Option<DataType> {
        let plain = |data_type| match data_type {
            DataType::Dictionary(_, value) => *value,
            other => other,
        };
        let each = self.arrow_schemas.iter().filter_map(|s| super::parquet_type_at(s, path)).map(plain);
        each.reduce(|a, b| wider(a, &b))
    }

    /// Opens a morsel for `paths`; see [`ScanRequest::page_bytes_max`](super::ScanRequest::page_bytes_max).
    pub(super) fn columns(
        &self,
        morsel: Morsel,
        paths: &[FieldPath],
        page_bytes_max: Option<u64>,
    ) -> Result<Box<dyn ColumnBatches>, Fault> {
        let types: Vec<DataType> = paths.iter().map(|p| self.arrow_type(p).unwrap_or(DataType::Null)).collect();
        let source = self.sources.file(morsel.file);
        if source.format != SourceFormat::Parquet {
            return text::open(self.sources.open(morsel.file)?, source, &self.text_schema, paths, &types);
        }
        let file = self.parquet(morsel.file)?;
        Ok(Box::new(RowGroupScan::open(&file, morsel.group, paths, &types, page_bytes_max)?))
    }

    /// Whether the file's statistics show that no row of `morsel` can be selected.
    pub(super) fn is_ruled_out(&self, morsel: Morsel, rule: &BoundRule) -> Result<bool, Fault> {
        if self.sources.file(morsel.file).format != SourceFormat::Parquet {
            return Ok(false);
        }
        let file = self.parquet(morsel.file)?;
        let ruled_out = !prune(rule, &|path| file.stats(morsel.group, path));
        if ruled_out {
            file.check_unchanged()?;
        }
        Ok(ruled_out)
    }

    fn parquet(&self, index: usize) -> Result<Arc<ParquetFile>, Fault> {
        let mut footers = self.footers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, file)) = footers.iter().find(|(i, _)| *i == index) {
            return Ok(Arc::clone(file));
        }
        let source = self.sources.file(index);
        debug_assert_eq!(source.format, SourceFormat::Parquet);
        let file = Arc::new(ParquetFile::open(self.sources.open(index)?, source)?);
        if footers.len() >= FOOTERS_MAX {
            footers.pop_front();
        }
        footers.push_back((index, Arc::clone(&file)));
        Ok(file)
    }
}
