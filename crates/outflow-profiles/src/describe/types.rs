//! Arrow's types under the names that the rest of the product uses.

use arrow::datatypes::DataType;
use outflow_model::schema::FieldType;

use crate::schema::field_type;

/// What a type is called. Types that rules and files do not know keep Arrow's name, so that a description shows them.
pub(super) fn type_name(data_type: &DataType) -> String {
    match data_type {
        DataType::Dictionary(_, value) => type_name(value),
        DataType::RunEndEncoded(_, value) => type_name(value.data_type()),
        DataType::Struct(_) => FieldType::Struct(Vec::new()).name(),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            format!("list<{}>", type_name(item.data_type()))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields) if fields.len() == 2 => {
                format!("map<{},{}>", type_name(fields[0].data_type()), type_name(fields[1].data_type()))
            }
            other => other.to_string(),
        },
        other => scalar(other).map_or_else(|| other.to_string(), |known| known.name()),
    }
}

/// Whether values of the type fit one cell of a file.
pub(super) fn is_scalar(data_type: &DataType) -> bool {
    match data_type {
        DataType::Dictionary(_, value) => is_scalar(value),
        DataType::RunEndEncoded(_, value) => is_scalar(value.data_type()),
        other => scalar(other).is_some(),
    }
}

fn scalar(data_type: &DataType) -> Option<FieldType> {
    let known = field_type(data_type);
    // Whatever else rules and files do not know counts as bytes there.
    let is_bytes = matches!(
        data_type,
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_)
    );
    (known.is_scalar() && (known != FieldType::Binary || is_bytes)).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::{Field, Fields, TimeUnit};
    use std::sync::Arc;

    #[test]
    fn names_are_the_products() {
        let check = |data_type: DataType, name: &str| assert_eq!(type_name(&data_type), name);
        let item = |data_type: DataType| Arc::new(Field::new("item", data_type, true));
        check(DataType::UInt8, "integer");
        check(DataType::Float32, "float");
        check(DataType::Decimal128(10, 2), "decimal(10,2)");
        check(DataType::Timestamp(TimeUnit::Nanosecond, None), "timestamp");
        check(DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8)), "string");
        check(DataType::List(item(DataType::Struct(Fields::empty()))), "list<struct>");
        let entries = Fields::from(vec![
            Field::new("key", DataType::Utf8, false),
            Field::new("value", DataType::LargeList(item(DataType::Int64)), true),
        ]);
        check(DataType::Map(item(DataType::Struct(entries)), false), "map<string,list<integer>>");
        assert!(is_scalar(&DataType::Date32));
        assert!(!is_scalar(&DataType::Time64(TimeUnit::Nanosecond)));
        assert!(!is_scalar(&DataType::List(item(DataType::Int64))));
    }
}
