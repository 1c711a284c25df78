//! Arrow schemas seen as profile schemas, and the schemas of many files as one.

mod conform;
mod stored;
mod unite;

use arrow::datatypes::{DataType, Field as ArrowField, Schema as ArrowSchema};
use outflow_model::schema::{Field, FieldType, Schema};

pub(crate) use conform::{conform, exactly};
pub(crate) use stored::{list_of, map_of, stored, stored_field};
pub(crate) use unite::{Contradiction, profiles_of, unite};

/// The profile schema of an Arrow schema. Types that no rule or file can hold become binary, which only null tests take.
pub fn profile_schema(schema: &ArrowSchema) -> Schema {
    Schema { fields: schema.fields().iter().map(|f| field(f)).collect() }
}

fn field(field: &ArrowField) -> Field {
    Field { name: field.name().clone(), field_type: field_type(field.data_type()) }
}

/// The profile type of an Arrow type. A column of nulls alone is text: null is text that is not there.
pub fn field_type(data_type: &DataType) -> FieldType {
    match data_type {
        DataType::Boolean => FieldType::Boolean,
        t if t.is_integer() => FieldType::Integer,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => FieldType::Float,
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => FieldType::Decimal { precision: *p, scale: *s },
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Null => FieldType::String,
        DataType::Date32 | DataType::Date64 => FieldType::Date,
        DataType::Timestamp(_, _) => FieldType::Timestamp,
        DataType::Struct(fields) => FieldType::Struct(fields.iter().map(|f| self::field(f)).collect()),
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => FieldType::Map(Box::new(field_type(pair[1].data_type()))),
            _ => FieldType::Binary,
        },
        DataType::Dictionary(_, value) => field_type(value),
        other => match list_item(other) {
            Some(item) => FieldType::List(Box::new(field_type(item.data_type()))),
            None => FieldType::Binary,
        },
    }
}

/// The item of a list, in whichever way Arrow holds lists.
pub(crate) fn list_item(data_type: &DataType) -> Option<&arrow::datatypes::FieldRef> {
    match data_type {
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => Some(item),
        _ => None,
    }
}

/// `a string`, `an integer`.
pub(crate) fn with_article(name: &str) -> String {
    let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {name}")
}
