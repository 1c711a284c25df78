//! Filling columns of the inferred types.

use std::sync::Arc;

use ahash::AHashMap;
use arrow::array::{
    Array, ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, ListArray, NullBufferBuilder,
    StringBuilder, StructArray, TimestampMicrosecondBuilder, TimestampNanosecondBuilder, UInt64Builder, new_null_array,
};
use arrow::buffer::{OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{DataType, FieldRef, Fields, TimeUnit};

use super::json::Json;
use super::ndjson::JsonMembers;
use super::value::{boolean, date, float, instant, integer, json_float};

/// A column that is being filled. What adds a value answers whether the value fits; one that does not leaves the column
/// unusable.
pub(super) enum Column {
    Boolean(BooleanBuilder),
    Integer(Int64Builder),
    Unsigned(UInt64Builder),
    Float(Float64Builder),
    Date(Date32Builder),
    Micros(TimestampMicrosecondBuilder),
    Nanos(TimestampNanosecondBuilder),
    Text(StringBuilder),
    Struct(StructColumn),
    List(ListColumn),
    /// A type of which text files have no value.
    Nulls(DataType, usize),
}

pub(super) struct StructColumn {
    fields: Fields,
    names: AHashMap<String, usize>,
    children: Vec<Column>,
    /// For each child the row, counted from 1, that it was last given a value for.
    given: Vec<usize>,
    rows: usize,
    valid: NullBufferBuilder,
}

pub(super) struct ListColumn {
    field: FieldRef,
    item: Box<Column>,
    items: usize,
    offsets: Vec<i32>,
    valid: NullBufferBuilder,
}

/// Appends `$value`, an option, and answers whether there was one.
macro_rules! give {
    ($builder:expr, $value:expr) => {
        match $value {
            Some(value) => {
                $builder.append_value(value);
                true
            }
            None => false,
        }
    };
}

impl Column {
    /// An empty column of `data_type`.
    pub fn new(data_type: &DataType) -> Column {
        match data_type {
            DataType::Boolean => Column::Boolean(BooleanBuilder::new()),
            DataType::Int64 => Column::Integer(Int64Builder::new()),
            DataType::UInt64 => Column::Unsigned(UInt64Builder::new()),
            DataType::Float64 => Column::Float(Float64Builder::new()),
            DataType::Date32 => Column::Date(Date32Builder::new()),
            DataType::Timestamp(TimeUnit::Microsecond, zone) => {
                Column::Micros(TimestampMicrosecondBuilder::new().with_timezone_opt(zone.clone()))
            }
            DataType::Timestamp(TimeUnit::Nanosecond, zone) => {
                Column::Nanos(TimestampNanosecondBuilder::new().with_timezone_opt(zone.clone()))
            }
            DataType::Utf8 => Column::Text(StringBuilder::new()),
            DataType::Struct(fields) => Column::Struct(StructColumn {
                names: fields.iter().enumerate().map(|(i, f)| (f.name().clone(), i)).collect(),
                children: fields.iter().map(|f| Column::new(f.data_type())).collect(),
                given: vec![0; fields.len()],
                fields: fields.clone(),
                rows: 0,
                valid: NullBufferBuilder::new(0),
            }),
            DataType::List(field) => Column::List(ListColumn {
                item: Box::new(Column::new(field.data_type())),
                field: Arc::clone(field),
                items: 0,
                offsets: vec![0],
                valid: NullBufferBuilder::new(0),
            }),
            other => Column::Nulls(other.clone(), 0),
        }
    }

    /// Adds a null.
    pub fn null(&mut self) {
        match self {
            Column::Boolean(b) => b.append_null(),
            Column::Integer(b) => b.append_null(),
            Column::Unsigned(b) => b.append_null(),
            Column::Float(b) => b.append_null(),
            Column::Date(b) => b.append_null(),
            Column::Micros(b) => b.append_null(),
            Column::Nanos(b) => b.append_null(),
            Column::Text(b) => b.append_null(),
            Column::Struct(s) => {
                s.rows += 1;
                s.valid.append_null();
                s.children.iter_mut().for_each(Column::null);
            }
            Column::List(l) => {
                l.valid.append_null();
                l.offsets.push(l.items as i32);
            }
            Column::Nulls(_, rows) => *rows += 1,
        }
    }

    /// Adds the text of a CSV cell.
    pub fn cell(&mut self, text: &str) -> bool {
        match self {
            Column::Boolean(b) => give!(b, boolean(text)),
            Column::Integer(b) => give!(b, integer::<i64>(text)),
            Column::Unsigned(b) => give!(b, integer::<u64>(text)),
            Column::Float(b) => give!(b, float(text)),
            _ => self.text(text),
        }
    }

    fn text(&mut self, text: &str) -> bool {
        match self {
            Column::Date(b) => give!(b, date(text)),
            Column::Micros(b) => give!(b, instant(text).and_then(super::value::Instant::micros)),
            Column::Nanos(b) => give!(b, instant(text).and_then(super::value::Instant::nanos)),
            Column::Text(b) => {
                b.append_value(text);
                true
            }
            _ => false,
        }
    }

    /// Adds a JSON value.
    pub fn json(&mut self, value: &Json<'_>) -> bool {
        match (self, value) {
            (column, Json::Null) => {
                column.null();
                true
            }
            (Column::Boolean(b), Json::Boolean(value)) => give!(b, Some(*value)),
            (Column::Integer(b), Json::Number(literal)) => give!(b, integer::<i64>(literal)),
            (Column::Unsigned(b), Json::Number(literal)) => give!(b, integer::<u64>(literal)),
            (Column::Float(b), Json::Number(literal)) => give!(b, json_float(literal)),
            (Column::Struct(s), Json::Object(members)) => s.add(members),
            (Column::List(l), Json::List(items)) => {
                l.items += items.len();
                l.offsets.push(l.items as i32);
                l.valid.append_non_null();
                items.iter().all(|item| l.item.json(item))
            }
            (column, Json::Text(text)) => column.text(text),
            _ => false,
        }
    }

    /// Adds an object to a struct column.
    pub fn members(&mut self, members: JsonMembers<'_, '_>) -> bool {
        match self {
            Column::Struct(s) => s.add(members),
            _ => false,
        }
    }

    /// What was added since the last call.
    pub fn finish(&mut self) -> ArrayRef {
        match self {
            Column::Boolean(b) => Arc::new(b.finish()),
            Column::Integer(b) => Arc::new(b.finish()),
            Column::Unsigned(b) => Arc::new(b.finish()),
            Column::Float(b) => Arc::new(b.finish()),
            Column::Date(b) => Arc::new(b.finish()),
            Column::Micros(b) => Arc::new(b.finish()),
            Column::Nanos(b) => Arc::new(b.finish()),
            Column::Text(b) => Arc::new(b.finish()),
            Column::Struct(s) => s.finish(),
            Column::List(l) => {
                let items = l.item.finish();
                let offsets = std::mem::replace(&mut l.offsets, vec![0]);
                l.items = 0;
                let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
                Arc::new(ListArray::new(Arc::clone(&l.field), offsets, items, l.valid.finish()))
            }
            Column::Nulls(data_type, rows) => new_null_array(data_type, std::mem::take(rows)),
        }
    }

    /// The fields of a struct column, added since the last call.
    pub fn finish_members(&mut self) -> Vec<ArrayRef> {
        match self {
            Column::Struct(s) => s.finish_children(),
            other => vec![other.finish()],
        }
    }
}

impl StructColumn {
    fn add(&mut self, members: JsonMembers<'_, '_>) -> bool {
        self.rows += 1;
        self.valid.append_non_null();
        let mut fits = true;
        for (name, value) in members {
            if let Some(&at) = self.names.get(name.as_ref()) {
                // The first of two members with one name; reading the types has refused such files.
                if self.given[at] != self.rows {
                    self.given[at] = self.rows;
                    fits &= self.children[at].json(value);
                }
            }
        }
        for (child, given) in self.children.iter_mut().zip(&self.given) {
            if *given != self.rows {
                child.null();
            }
        }
        fits
    }

    fn finish_children(&mut self) -> Vec<ArrayRef> {
        self.rows = 0;
        self.given.fill(0);
        self.valid = NullBufferBuilder::new(0);
        self.children.iter_mut().map(Column::finish).collect()
    }

    fn finish(&mut self) -> ArrayRef {
        let rows = self.rows;
        let nulls = self.valid.finish();
        let children = self.finish_children();
        debug_assert!(children.iter().all(|c| c.len() == rows), "children have a value for each row");
        if children.is_empty() {
            return Arc::new(StructArray::new_empty_fields(rows, nulls));
        }
        Arc::new(StructArray::new(self.fields.clone(), children, nulls))
    }
}
