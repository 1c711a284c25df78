//! Opened sources: one schema over all files, and the morsels they are read in.

use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Fields, SchemaRef};
use outflow_model::rule::BoundRule;
use outflow_model::schema::Schema;
use outflow_model::{Fault, FieldPath};

use super::parquet::{ParquetFile, RowGroupScan};
use super::text::{self, Inference, RECORD_BYTES_MAX, RecordRoom};
use super::{ColumnBatches, PageBudget};
use crate::evaluate::prune;
use crate::schema::{Contradiction, conform, profiles_of, unite, with_article};
use crate::source::{PinnedSources, SourceFormat};

/// Bytes of the footers that are kept: reading one again costs two small reads. Threads read in plan order, and so from
/// few files at a time; a footer of a hundred kilobytes is usual, and one of many columns and row groups has megabytes.
const FOOTER_BYTES_MAX: usize = 1 << 20;

/// Footers kept whatever their size: that of the file that is nearly read, and that of the next.
const FOOTERS_MIN: usize = 2;

/// A unit of reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Morsel {
    /// Number of the file.
    pub file: usize,
    /// Row group within it; 0 for text files.
    pub group: usize,
    /// Profiles in it.
    pub rows: u64,
    /// Bytes before compression.
    pub bytes: u64,
}

/// The profiles of a run.
pub struct Profiles {
    sources: PinnedSources,
    schema: Schema,
    /// The types that hold the values of all files.
    united: arrow::datatypes::Schema,
    /// The schema of all text files.
    text_schema: SchemaRef,
    morsels: Vec<Morsel>,
    /// The longest record of a text file.
    record_bytes_max: usize,
    footers: Mutex<VecDeque<(usize, Arc<ParquetFile>)>>,
}

impl Profiles {
    /// Reads every file's schema and plans the morsels. Text files are read whole: their types follow from all values.
    ///
    /// # Errors
    /// `Input` when a file cannot be read, has changed, is not what it claims, or contradicts another file's types.
    pub fn open(sources: PinnedSources) -> Result<Profiles, Fault> {
        Profiles::open_within(sources, u64::MAX)
    }

    /// As [`Profiles::open`], with so much memory for the run: records of text files may have a quarter of it, 64 MiB at
    /// most.
    ///
    /// # Errors
    /// As [`Profiles::open`].
    pub fn open_within(sources: PinnedSources, memory_bytes: u64) -> Result<Profiles, Fault> {
        let mut profiles = Profiles::unread(sources);
        profiles.record_bytes_max = RECORD_BYTES_MAX.min(usize::try_from(memory_bytes / 4).unwrap_or(usize::MAX));
        let mut inference = Inference::default();
        // Every schema once, with the first file that has it: of ten thousand files, most have the same.
        let mut distinct: Vec<(SchemaRef, usize)> = Vec::new();
        // Text files share one, that goes where the first of them was.
        let mut first_text: Option<(usize, usize)> = None;
        let mut seen: HashSet<Fields> = HashSet::new();
        for file in 0..profiles.sources.files().len() {
            let source = profiles.sources.file(file);
            if source.format == SourceFormat::Parquet {
                let opened = profiles.parquet(file)?;
                let groups = opened.row_groups().into_iter().enumerate();
                let morsel = |(group, (rows, bytes))| Morsel { file, group, rows, bytes };
                profiles.morsels.extend(groups.map(morsel));
                if seen.insert(opened.schema().fields().clone()) {
                    distinct.push((Arc::clone(opened.schema()), file));
                }
            } else {
                let bytes = source.bytes;
                let rows = inference.add(profiles.sources.open(file)?, source, profiles.record_bytes_max)?;
                profiles.morsels.push(Morsel { file, group: 0, rows, bytes });
                first_text.get_or_insert((distinct.len(), file));
            }
        }
        profiles.text_schema = inference.finish(&unite(distinct.iter().map(|(schema, _)| schema.as_ref())));
        if let Some((at, file)) = first_text.filter(|_| !seen.contains(profiles.text_schema.fields())) {
            distinct.insert(at, (Arc::clone(&profiles.text_schema), file));
        }
        let each: Vec<&arrow::datatypes::Schema> = distinct.iter().map(|(schema, _)| schema.as_ref()).collect();
        let united = unite(each.iter().copied());
        let schema = profiles_of(&each, &united).map_err(|(one, two, contradiction)| {
            contradicting(&profiles.sources, distinct[one].1, distinct[two].1, &contradiction)
        })?;
        profiles.schema = schema;
        profiles.united = united;
        Ok(profiles)
    }

    fn unread(sources: PinnedSources) -> Profiles {
        Profiles {
            sources,
            schema: Schema::default(),
            united: arrow::datatypes::Schema::empty(),
            text_schema: Arc::new(arrow::datatypes::Schema::empty()),
            morsels: Vec::new(),
            record_bytes_max: RECORD_BYTES_MAX,
            footers: Mutex::default(),
        }
    }

    /// Profiles over Parquet files whose row groups are known: `morsels`. `examples` are the numbers of files that have,
    /// among them, every schema; only their footers are read. Top-level fields called as one of `hidden` are not in the
    /// schema of profiles, but can be scanned.
    ///
    /// # Errors
    /// `Input` when an example cannot be read, or the schemas contradict each other.
    pub(crate) fn known(
        sources: PinnedSources,
        morsels: Vec<Morsel>,
        examples: &[usize],
        hidden: &[&str],
    ) -> Result<Profiles, Fault> {
        let mut profiles = Profiles::unread(sources);
        let footers = examples.iter().map(|file| profiles.parquet(*file)).collect::<Result<Vec<_>, Fault>>()?;
        let schemas: Vec<&arrow::datatypes::Schema> = footers.iter().map(|footer| footer.schema().as_ref()).collect();
        let united = unite(schemas.iter().copied());
        let mut schema = profiles_of(&schemas, &united).map_err(|(one, two, contradiction)| {
            contradicting(&profiles.sources, examples[one], examples[two], &contradiction)
        })?;
        schema.fields.retain(|field| !hidden.contains(&field.name.as_str()));
        profiles.schema = schema;
        profiles.united = united;
        profiles.morsels = morsels;
        Ok(profiles)
    }

    /// The Arrow schema over all files, hidden fields included; see [`Profiles::arrow_type`].
    pub(crate) fn arrow_schema(&self) -> &arrow::datatypes::Schema {
        &self.united
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

    /// The Arrow type of `path`: where files differ, the one that holds the values of all. Dictionaries count as their
    /// values' type. A scan yields structs, lists and maps in this type, other values as each file has them.
    pub fn arrow_type(&self, path: &FieldPath) -> Option<DataType> {
        match super::parquet_type_at(&self.united, path)? {
            DataType::Dictionary(_, value) => Some(*value),
            other => Some(other),
        }
    }

    /// Opens a morsel for `paths`; see [`ScanRequest::pages`](super::ScanRequest::pages).
    pub(super) fn columns(
        &self,
        morsel: Morsel,
        paths: &[FieldPath],
        pages: Option<&PageBudget>,
    ) -> Result<Box<dyn ColumnBatches>, Fault> {
        let types: Vec<DataType> = paths.iter().map(|p| self.arrow_type(p).unwrap_or(DataType::Null)).collect();
        let source = self.sources.file(morsel.file);
        let room = pages.map(|budget| budget.admit(morsel.file, morsel.group));
        let batches: Box<dyn ColumnBatches> = if source.format == SourceFormat::Parquet {
            let file = self.parquet(morsel.file)?;
            Box::new(RowGroupScan::open(&file, morsel.group, paths, &types, room)?)
        } else {
            let room = RecordRoom { bytes_max: self.record_bytes_max, shared: room };
            text::open(self.sources.open(morsel.file)?, source, &self.text_schema, paths, &types, room)?
        };
        Ok(Box::new(United { batches, url: source.url.clone(), paths: paths.to_vec(), types }))
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
        footers.push_back((index, Arc::clone(&file)));
        let mut bytes: usize = footers.iter().map(|(_, file)| file.footer_bytes()).sum();
        while bytes > FOOTER_BYTES_MAX && footers.len() > FOOTERS_MIN {
            bytes -= footers.pop_front().map_or(0, |(_, file)| file.footer_bytes());
        }
        Ok(file)
    }
}

/// Columns of one file in the types of all.
struct United {
    batches: Box<dyn ColumnBatches>,
    url: String,
    paths: Vec<FieldPath>,
    types: Vec<DataType>,
}

impl ColumnBatches for United {
    fn next_batch(&mut self) -> Result<Option<(usize, Vec<ArrayRef>)>, Fault> {
        let Some((rows, mut columns)) = self.batches.next_batch()? else { return Ok(None) };
        for ((column, path), united) in columns.iter_mut().zip(&self.paths).zip(&self.types) {
            *column = conform(column, united).map_err(|e| {
                Fault::input(format!("{} has a value in `{path}` that the type of all files does not hold", self.url))
                    .tried(format!("read `{path}` as {united}"))
                    .hint("write the file with the type that the other files have, or leave the field out")
                    .because(e)
            })?;
        }
        Ok(Some((rows, columns)))
    }
}

/// The fault for two files of which neither has the other's types. Text files share one schema.
fn contradicting(sources: &PinnedSources, one: usize, two: usize, contradiction: &Contradiction) -> Fault {
    let name = |file: usize| {
        let source = sources.file(file);
        let texts = sources.files().filter(|f| f.format != SourceFormat::Parquet).count();
        if source.format == SourceFormat::Parquet || texts == 1 {
            source.url.clone()
        } else {
            format!("{} or another text file", source.url)
        }
    };
    let Contradiction { path, types } = contradiction;
    let (one, two) = (name(one), name(two));
    Fault::input(format!("`{path}` is {} in {one} and {} in {two}", with_article(&types.0), with_article(&types.1)))
        .hint("export files of one shape together, or cast the column in the source")
}
