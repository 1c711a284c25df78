//! What profiles hold: their fields, and how many profiles fill each. Never a value.
//!
//! A [`Describer`] counts over record batches of any source. A field is filled when it and everything around it is not
//! null; an empty string is a value and fills its field, an empty list or map does not. Maps are told key by key and
//! lists by their first element, with the paths that rules and columns use: `identityMap.Email[0].id`.
//!
//! Memory is bounded: at most [`FIELDS_MAX`] fields and keys are counted, of them at most [`KEYS_COUNTED_MAX`] of one
//! map (those seen first), and the [`KEYS_SHOWN_MAX`] most frequent keys of a map are told. What was left out is said.

mod node;
mod types;

use arrow::array::{Array, RecordBatch};
use arrow::datatypes::Schema;
use outflow_model::{Fault, FieldPath, PathElement};

use node::{Budget, Node, Rows};

/// The most fields and keys that are counted, of all files together: about 10 MB, and more than anybody reads.
pub const FIELDS_MAX: usize = 10_000;

/// The most keys of one map that are counted, so that a map with a key for every profile does not use up
/// [`FIELDS_MAX`] before the other maps are seen.
pub const KEYS_COUNTED_MAX: usize = 1_000;

/// The most keys of one map that a description tells.
pub const KEYS_SHOWN_MAX: usize = 50;

/// One field, key or first element and how many profiles fill it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldCount {
    /// Where it is.
    pub path: FieldPath,
    /// Its type, as [`outflow_model::schema::FieldType::name`] gives it.
    pub type_name: String,
    /// Whether it can be written to one cell of a file; structs, lists and maps cannot.
    pub is_scalar: bool,
    /// Profiles that fill it.
    pub filled: u64,
    /// For a map: keys that were counted and are not told, because they are less frequent. Else 0.
    pub keys_left_out: u64,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// Profiles in all.
    pub profiles: u64,
    /// The tree of fields, each before what is in it; columns in file order, keys by falling frequency.
    pub fields: Vec<FieldCount>,
    /// Whether there were more fields and keys than are counted; those are not in `fields`.
    pub is_cut: bool,
}

/// Counts filled fields over record batches.
pub struct Describer {
    profiles: u64,
    columns: Vec<(String, Node)>,
    budget: Budget,
}

impl Default for Describer {
    fn default() -> Describer {
        Describer { profiles: 0, columns: Vec::new(), budget: Budget::new(FIELDS_MAX, KEYS_COUNTED_MAX) }
    }
}

impl Describer {
    /// Nothing counted so far.
    pub fn new() -> Describer {
        Describer::default()
    }

    /// Makes the columns of `schema` known, so that a source without profiles has its fields told too.
    ///
    /// # Errors
    /// `input` when a column had another type before.
    pub fn expect(&mut self, schema: &Schema) -> Result<(), Fault> {
        for field in schema.fields() {
            if let Some(at) = self.column(field.name(), field.data_type()) {
                self.columns[at].1.check_type(field.name(), field.data_type())?;
            }
        }
        Ok(())
    }

    /// Counts the profiles of `batch`. Batches may differ in columns and their order, not in the types of a column.
    ///
    /// # Errors
    /// `input` when a column had another type before.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), Fault> {
        self.profiles += batch.num_rows() as u64;
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if let Some(at) = self.column(field.name(), array.data_type()) {
                self.columns[at].1.visit(field.name(), array, &Rows::All(array.len()), &mut self.budget)?;
            }
        }
        Ok(())
    }

    /// What was counted.
    pub fn finish(self) -> Description {
        let mut fields = Vec::new();
        for (name, node) in &self.columns {
            node.tell(&mut vec![PathElement::Name(name.clone())], KEYS_SHOWN_MAX, &mut fields);
        }
        Description { profiles: self.profiles, fields, is_cut: self.budget.is_exceeded() }
    }

    /// The place of a column, made if it is new; `None` when nothing more is counted.
    fn column(&mut self, name: &str, data_type: &arrow::datatypes::DataType) -> Option<usize> {
        if let Some(at) = self.columns.iter().position(|(known, _)| known == name) {
            return Some(at);
        }
        let node = Node::new(data_type, &mut self.budget)?;
        self.columns.push((name.to_string(), node));
        Some(self.columns.len() - 1)
    }
}

#[cfg(test)]
mod tests;
