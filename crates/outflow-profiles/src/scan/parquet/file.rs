//! One Parquet file: its schema, and which leaf columns a path needs.

use arrow::datatypes::{DataType, Schema as ArrowSchema, SchemaRef};
use outflow_model::{Fault, FieldPath, PathElement};
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as PhysicalType};
use parquet::schema::types::Type;

use super::entry::EntryValues;
use super::reader::SourceReader;
use crate::schema::list_item;
use crate::source::{RandomAccess, SourceFile};

/// An opened file.
pub(crate) struct ParquetFile {
    pub(super) reader: SourceReader,
    pub(super) metadata: ArrowReaderMetadata,
}

/// How a path is read from a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// The file has no such field: all null.
    Missing,
    /// One column that repeats nothing.
    Flat {
        /// Its number.
        leaf: usize,
        /// Its Arrow type.
        data_type: DataType,
    },
    /// One value below one key of one map.
    Entry {
        /// Number of the key column.
        key_leaf: usize,
        /// The key.
        key: String,
        /// Number of the value column.
        leaf: usize,
        /// The value's Arrow type.
        data_type: DataType,
    },
    /// Anything else: these columns as Arrow arrays, then followed step by step.
    General {
        /// Their numbers.
        leaves: Vec<usize>,
    },
}

impl ParquetFile {
    /// Reads the footer.
    pub fn open(file: std::sync::Arc<dyn RandomAccess>, source: &SourceFile) -> Result<ParquetFile, Fault> {
        let reader = SourceReader::new(file, source.url.clone(), source.bytes);
        let metadata = reader.decode(None, || ArrowReaderMetadata::load(&reader, ArrowReaderOptions::new()))?;
        Ok(ParquetFile { reader, metadata })
    }

    /// The Arrow schema.
    pub fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    /// Bytes of memory that the footer takes.
    pub fn footer_bytes(&self) -> usize {
        self.metadata.metadata().memory_size()
    }

    /// Fails when the file is no longer the one on the list.
    pub fn check_unchanged(&self) -> Result<(), Fault> {
        self.reader.check_unchanged()
    }

    /// Rows of each row group, and the bytes it has before compression.
    pub fn row_groups(&self) -> Vec<(u64, u64)> {
        let groups = self.metadata.metadata().row_groups();
        groups.iter().map(|g| (g.num_rows().max(0) as u64, g.total_byte_size().max(0) as u64)).collect()
    }

    /// How `path` is read.
    pub(super) fn access(&self, path: &FieldPath) -> Access {
        let Some(data_type) = type_at(self.schema(), path) else { return Access::Missing };
        let parquet = self.metadata.parquet_schema();
        let mut walk = Walk { node: parquet.root_schema(), first_leaf: 0, key: None, keys: Vec::new(), general: false };
        for step in path.elements() {
            if walk.step(step).is_none() {
                break;
            }
        }
        let leaves: Vec<usize> =
            walk.keys.iter().copied().chain(walk.first_leaf..walk.first_leaf + leaf_count(walk.node)).collect();
        let leaf = walk.first_leaf;
        if walk.general || !walk.node.is_primitive() {
            return Access::General { leaves };
        }
        let column = parquet.column(leaf);
        match walk.key {
            None if column.max_rep_level() == 0 => Access::Flat { leaf, data_type },
            Some((key_leaf, key))
                if column.max_rep_level() == 1
                    && parquet.column(key_leaf).physical_type() == PhysicalType::BYTE_ARRAY
                    && EntryValues::supports(&data_type, column.physical_type()) =>
            {
                Access::Entry { key_leaf, key, leaf, data_type }
            }
            _ => Access::General { leaves },
        }
    }
}

/// A walk down the file's own schema, counting leaves.
struct Walk<'a> {
    node: &'a Type,
    first_leaf: usize,
    /// The one map passed: its key column and the key.
    key: Option<(usize, String)>,
    /// Key columns of every map passed.
    keys: Vec<usize>,
    /// More than one repetition, or a list.
    general: bool,
}

impl Walk<'_> {
    /// Goes one step down; `None` when the rest must be followed in Arrow arrays.
    fn step(&mut self, step: &PathElement) -> Option<()> {
        let PathElement::Name(name) = step else {
            self.general = true;
            return self.list_item();
        };
        if is_map(self.node) {
            let entries = self.child(0)?;
            self.node = entries;
            self.keys.push(self.first_leaf);
            self.general |= self.key.replace((self.first_leaf, name.clone())).is_some();
            self.node = self.child(1)?;
        } else {
            let at = self.node.get_fields().iter().position(|f| f.name() == name)?;
            self.node = self.child(at)?;
        }
        Some(())
    }

    /// Into the element of a three-level list; other list forms stay where they are, all leaves read.
    fn list_item(&mut self) -> Option<()> {
        let repeated = match self.node.get_fields() {
            [only] if only.get_basic_info().repetition() == Repetition::REPEATED => only,
            _ => return None,
        };
        match repeated.is_group().then(|| repeated.get_fields()) {
            Some([_]) => {
                self.node = self.child(0)?;
                self.node = self.child(0)?;
                Some(())
            }
            _ => None,
        }
    }
}

impl<'a> Walk<'a> {
    /// The child number `at`, moving past the leaves before it.
    fn child(&mut self, at: usize) -> Option<&'a Type> {
        if self.node.is_primitive() {
            return None;
        }
        let fields = self.node.get_fields();
        self.first_leaf += fields[..at].iter().map(|f| leaf_count(f)).sum::<usize>();
        fields.get(at).map(std::convert::AsRef::as_ref)
    }
}

fn is_map(node: &Type) -> bool {
    let info = node.get_basic_info();
    let said = matches!(info.logical_type_ref(), Some(LogicalType::Map))
        || matches!(info.converted_type(), ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE);
    said && node.is_group()
        && matches!(node.get_fields(), [entries] if entries.is_group() && entries.get_fields().len() == 2)
}

fn leaf_count(node: &Type) -> usize {
    if node.is_primitive() { 1 } else { node.get_fields().iter().map(|f| leaf_count(f)).sum() }
}

/// The Arrow type at `path`, or `None` when the schema has no such field.
pub(crate) fn type_at(schema: &ArrowSchema, path: &FieldPath) -> Option<DataType> {
    let mut current = schema.field_with_name(path.root()).ok()?.data_type().clone();
    for step in &path.elements()[1..] {
        current = match (&current, step) {
            (DataType::Struct(fields), PathElement::Name(name)) => {
                fields.iter().find(|f| f.name() == name)?.data_type().clone()
            }
            (DataType::Map(entries, _), PathElement::Name(_)) => match entries.data_type() {
                DataType::Struct(pair) => pair.get(1)?.data_type().clone(),
                _ => return None,
            },
            (list, PathElement::Index(_)) => list_item(list)?.data_type().clone(),
            _ => return None,
        };
    }
    Some(current)
}
