//! The types of text files, found in one pass over all their records.
//!
//! Every value allows a set of types; a field's type is the first, in a fixed order of preference, that all its values
//! allow. A JSON number allows no string and a JSON string no number: what a file says about types is kept.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};
use outflow_model::schema::FieldType;
use outflow_model::{Fault, FieldPath, PathElement};

use super::blocks::{Blocks, RecordRoom};
use super::csv::CsvReader;
use super::json::Json;
use super::ndjson::NdjsonReader;
use super::value::{boolean, date, float, instant, integer, json_float};
use crate::schema::{field_type, list_item};
use crate::source::{RandomAccess, SourceFile, SourceFormat};

/// More fields are refused: objects keyed by data, such as one key for each profile, would grow the schema without bound.
const FIELDS_MAX: usize = 10_000;

/// A set of types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    const BOOLEAN: Kinds = Kinds(1);
    const INTEGER: Kinds = Kinds(2);
    const UNSIGNED: Kinds = Kinds(4);
    const FLOAT: Kinds = Kinds(8);
    const DATE: Kinds = Kinds(16);
    const MICROS: Kinds = Kinds(32);
    const NANOS: Kinds = Kinds(64);
    const STRING: Kinds = Kinds(128);
    const ALL: Kinds = Kinds(255);

    /// The order of preference.
    const PREFERRED: [Kinds; 8] = [
        Kinds::BOOLEAN,
        Kinds::INTEGER,
        Kinds::UNSIGNED,
        Kinds::FLOAT,
        Kinds::DATE,
        Kinds::MICROS,
        Kinds::NANOS,
        Kinds::STRING,
    ];

    fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn has(self, one: Kinds) -> bool {
        self.0 & one.0 != 0
    }

    fn and(self, other: Kinds) -> Kinds {
        Kinds(self.0 & other.0)
    }

    fn with(self, one: Kinds, holds: bool) -> Kinds {
        if holds { Kinds(self.0 | one.0) } else { self }
    }

    /// What a CSV cell may be.
    fn of_cell(text: &str) -> Kinds {
        let kinds = Kinds::of_text(text);
        match text.as_bytes().first() {
            Some(b'0'..=b'9' | b'-') => {
                kinds.with(Kinds::INTEGER, integer::<i64>(text).is_some()).with(Kinds::FLOAT, float(text).is_some())
            }
            Some(b't' | b'f') => kinds.with(Kinds::BOOLEAN, boolean(text).is_some()),
            Some(b'N' | b'I') => kinds.with(Kinds::FLOAT, float(text).is_some()),
            _ => kinds,
        }
    }

    /// What a JSON string may be.
    fn of_text(text: &str) -> Kinds {
        let mut kinds = Kinds::STRING;
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            kinds = kinds.with(Kinds::DATE, date(text).is_some());
            if let Some(instant) = instant(text) {
                kinds = kinds.with(Kinds::MICROS, instant.micros().is_some());
                kinds = kinds.with(Kinds::NANOS, instant.nanos().is_some());
            }
        }
        kinds
    }

    /// What a JSON number may be; nothing when no type holds it exactly.
    fn of_number(literal: &str) -> Kinds {
        Kinds(0)
            .with(Kinds::INTEGER, integer::<i64>(literal).is_some())
            .with(Kinds::UNSIGNED, integer::<u64>(literal).is_some())
            .with(Kinds::FLOAT, json_float(literal).is_some())
    }

    fn name(self) -> &'static str {
        if self.has(Kinds::STRING) {
            "a string"
        } else if self == Kinds::BOOLEAN {
            "a boolean"
        } else {
            "a number"
        }
    }

    fn data_type(self) -> DataType {
        match self {
            Kinds::BOOLEAN => DataType::Boolean,
            Kinds::INTEGER => DataType::Int64,
            Kinds::UNSIGNED => DataType::UInt64,
            Kinds::FLOAT => DataType::Float64,
            Kinds::DATE => DataType::Date32,
            Kinds::MICROS => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kinds::NANOS => DataType::Timestamp(TimeUnit::Nanosecond, Some("UTC".into())),
            _ => DataType::Utf8,
        }
    }
}

/// A field that may be null, as every field of a text file.
pub(super) fn nullable(name: &str, data_type: DataType) -> FieldRef {
    Arc::new(Field::new(name, data_type, true))
}

/// What is known of a field.
#[derive(Clone, Debug, Default)]
struct Node {
    seen: Seen,
    /// The object in which the field was last seen: twice in one is a fault.
    in_object: u64,
}

#[derive(Clone, Debug, Default)]
enum Seen {
    /// No value so far, nulls aside.
    #[default]
    Nothing,
    Scalars(Kinds),
    Lists(Box<Node>),
    Objects(Members),
}

#[derive(Clone, Debug, Default)]
struct Members {
    names: AHashMap<String, usize>,
    /// In order of first appearance.
    nodes: Vec<(String, Node)>,
}

/// Why a value does not fit what was seen before, and where inside its column.
struct Misfit {
    what: String,
    steps: Vec<PathElement>,
}

impl Misfit {
    fn new(what: impl Into<String>) -> Misfit {
        Misfit { what: what.into(), steps: Vec::new() }
    }

    fn under(mut self, step: PathElement) -> Misfit {
        self.steps.insert(0, step);
        self
    }
}

impl Seen {
    fn name(&self) -> &'static str {
        match self {
            Seen::Nothing => "null",
            Seen::Scalars(kinds) => kinds.name(),
            Seen::Lists(_) => "a list",
            Seen::Objects(_) => "an object",
        }
    }
}

impl Members {
    fn get(&mut self, name: &str, counts: &mut Counts) -> Result<&mut Node, Misfit> {
        let at = match self.names.get(name) {
            Some(&at) => at,
            None => {
                counts.fields += 1;
                if counts.fields > FIELDS_MAX {
                    return Err(Misfit::new(format!("more than {FIELDS_MAX} different fields in all text files")));
                }
                self.names.insert(name.to_string(), self.nodes.len());
                self.nodes.push((name.to_string(), Node::default()));
                self.nodes.len() - 1
            }
        };
        Ok(&mut self.nodes[at].1)
    }
}

/// What is counted over all records.
#[derive(Debug, Default)]
struct Counts {
    fields: usize,
    objects: u64,
}

impl Node {
    fn scalar(&mut self, kinds: Kinds) -> Result<(), Misfit> {
        let before = match &self.seen {
            Seen::Nothing => Kinds::ALL,
            Seen::Scalars(before) => *before,
            other => return Err(Misfit::new(format!("{} where other records have {}", kinds.name(), other.name()))),
        };
        let both = before.and(kinds);
        if kinds.is_empty() || (both.is_empty() && kinds.name() == before.name()) {
            return Err(Misfit::new(
                "a number that no type of the column holds exactly (write such numbers as strings)",
            ));
        }
        if both.is_empty() {
            return Err(Misfit::new(format!("{} where other records have {}", kinds.name(), before.name())));
        }
        self.seen = Seen::Scalars(both);
        Ok(())
    }

    fn cell(&mut self, text: &str) -> Result<(), Misfit> {
        if matches!(self.seen, Seen::Scalars(Kinds::STRING)) {
            return Ok(());
        }
        self.scalar(Kinds::of_cell(text))
    }

    fn json(&mut self, value: &Json<'_>, counts: &mut Counts) -> Result<(), Misfit> {
        match value {
            Json::Null => Ok(()),
            Json::Boolean(_) => self.scalar(Kinds::BOOLEAN),
            Json::Number(literal) => self.scalar(Kinds::of_number(literal)),
            Json::Text(_) if matches!(self.seen, Seen::Scalars(Kinds::STRING)) => Ok(()),
            Json::Text(text) => self.scalar(Kinds::of_text(text)),
            Json::List(items) => {
                if matches!(self.seen, Seen::Nothing) {
                    self.seen = Seen::Lists(Box::default());
                }
                let Seen::Lists(node) = &mut self.seen else {
                    return Err(Misfit::new(format!("a list where other records have {}", self.seen.name())));
                };
                for (i, item) in items.iter().enumerate() {
                    node.json(item, counts).map_err(|m| m.under(PathElement::Index(i as u32)))?;
                }
                Ok(())
            }
            Json::Object(members) => {
                let known =
                    self.members().map_err(|seen| Misfit::new(format!("an object where other records have {seen}")))?;
                known.object(members, counts)
            }
        }
    }

    /// The members of an object; `Err` tells what the field holds instead.
    fn members(&mut self) -> Result<&mut Members, &'static str> {
        if matches!(self.seen, Seen::Nothing) {
            self.seen = Seen::Objects(Members::default());
        }
        let name = self.seen.name();
        match &mut self.seen {
            Seen::Objects(members) => Ok(members),
            _ => Err(name),
        }
    }

    /// The type, the one that is `expected` if the values allow it.
    fn data_type(&self, expected: Option<&DataType>) -> DataType {
        match &self.seen {
            Seen::Nothing => expected.cloned().unwrap_or(DataType::Utf8),
            Seen::Scalars(kinds) => {
                let mut allowed = Kinds::PREFERRED.into_iter().filter(|k| kinds.has(*k));
                let wanted: Option<FieldType> = expected.map(field_type);
                let fits = |k: &Kinds| Some(field_type(&k.data_type())) == wanted;
                let best = allowed.clone().find(fits).or_else(|| allowed.next());
                best.map_or(DataType::Utf8, Kinds::data_type)
            }
            Seen::Lists(item) => {
                let expected = expected.and_then(list_item).map(|item| item.data_type());
                DataType::List(nullable("item", item.data_type(expected)))
            }
            Seen::Objects(members) => {
                let expected = |name: &str| match expected {
                    Some(DataType::Struct(fields)) => fields.iter().find(|f| f.name() == name).map(|f| f.data_type()),
                    _ => None,
                };
                let each = members.nodes.iter();
                DataType::Struct(each.map(|(name, node)| nullable(name, node.data_type(expected(name)))).collect())
            }
        }
    }
}

impl Members {
    fn object(&mut self, members: &[(std::borrow::Cow<'_, str>, Json<'_>)], counts: &mut Counts) -> Result<(), Misfit> {
        counts.objects += 1;
        let this = counts.objects;
        for (name, value) in members {
            let step = || PathElement::Name(name.to_string());
            if name.is_empty() {
                return Err(Misfit::new("a member without a name"));
            }
            let node = self.get(name, counts).map_err(|m| m.under(step()))?;
            if node.in_object == this {
                return Err(Misfit::new("the name is there twice in one object").under(step()));
            }
            node.in_object = this;
            node.json(value, counts).map_err(|m| m.under(step()))?;
        }
        Ok(())
    }
}

/// What is known of the fields of all text files so far.
#[derive(Debug, Default)]
pub(crate) struct Inference {
    root: Members,
    counts: Counts,
}

impl Inference {
    /// Reads a whole file, with records of up to `record_bytes_max`; answers how many records it has.
    ///
    /// # Errors
    /// `Input` naming file, line and column of whatever is malformed or does not fit the records before.
    pub fn add(
        &mut self,
        file: Arc<dyn RandomAccess>,
        source: &SourceFile,
        record_bytes_max: usize,
    ) -> Result<u64, Fault> {
        let blocks = Blocks::open(file, source, RecordRoom { bytes_max: record_bytes_max, shared: None })?;
        match source.format {
            SourceFormat::Csv => self.add_csv(blocks),
            _ => self.add_ndjson(blocks),
        }
    }

    fn add_csv(&mut self, blocks: Blocks) -> Result<u64, Fault> {
        let mut reader = CsvReader::open(blocks)?;
        let mut nodes = Vec::new();
        for number in 0..reader.paths().len() {
            // Columns are inferred apart and put in their places at the end: a place is looked up once, not for each cell.
            let path = &reader.paths()[number];
            let place = self.place(path).map_err(|m| reader.malformed(1, number, &m.what))?;
            nodes.push(std::mem::take(place));
        }
        let mut records = 0;
        while reader.next_record()? {
            records += 1;
            for (number, node) in nodes.iter_mut().enumerate() {
                if let Some(text) = reader.cell(number) {
                    node.cell(text).map_err(|m| reader.malformed(reader.record_line(), number, &m.what))?;
                }
            }
        }
        reader.check_unchanged()?;
        for (number, node) in nodes.into_iter().enumerate() {
            let place = self.place(&reader.paths()[number]);
            *place.map_err(|m| reader.malformed(1, number, &m.what))? = node;
        }
        Ok(records)
    }

    /// The place of a CSV column in the tree.
    fn place(&mut self, path: &FieldPath) -> Result<&mut Node, Misfit> {
        let mut members = &mut self.root;
        let (last, above) = path.elements().split_last().ok_or_else(|| Misfit::new("a column without a name"))?;
        for step in above {
            let PathElement::Name(name) = step else { return Err(Misfit::new("a list element")) };
            let node = members.get(name, &mut self.counts)?;
            members = node.members().map_err(|seen| Misfit::new(format!("the field `{name}` is {seen} elsewhere")))?;
        }
        let PathElement::Name(name) = last else { return Err(Misfit::new("a list element")) };
        let node = members.get(name, &mut self.counts)?;
        match &node.seen {
            Seen::Nothing | Seen::Scalars(_) => Ok(node),
            other => Err(Misfit::new(format!("the field is {} elsewhere", other.name()))),
        }
    }

    fn add_ndjson(&mut self, blocks: Blocks) -> Result<u64, Fault> {
        let mut reader = NdjsonReader::new(blocks);
        let mut records = 0;
        let (root, counts) = (&mut self.root, &mut self.counts);
        while let Some(()) = reader.next_record(|members| {
            root.object(members, counts).map_err(|m| {
                let column = FieldPath::new(m.steps).map(|p| p.to_string());
                (column.unwrap_or_default(), m.what)
            })
        })? {
            records += 1;
        }
        reader.check_unchanged()?;
        Ok(records)
    }

    /// The schema of all text files. Where `expected` knows a field, its type is preferred.
    pub fn finish(&self, expected: &Schema) -> SchemaRef {
        let known = |name: &str| expected.field_with_name(name).ok().map(Field::data_type);
        let each = self.root.nodes.iter().map(|(name, node)| nullable(name, node.data_type(known(name))));
        Arc::new(Schema::new(each.collect::<Vec<_>>()))
    }
}
