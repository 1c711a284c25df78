//! Arrow schemas seen as profile schemas.

use arrow::datatypes::{DataType, Field as ArrowField, Schema as ArrowSchema};
use outflow_model::schema::{Field, FieldType, Schema};

/// The profile schema of an Arrow schema. Types that no rule or file can hold become binary, which only null tests take.
pub fn profile_schema(schema: &ArrowSchema) -> Schema {
    Schema { fields: schema.fields().iter().map(|f| field(f)).collect() }
}

fn field(field: &ArrowField) -> Field {
    Field { name: field.name().clone(), field_type: field_type(field.data_type()) }
}

/// The profile type of an Arrow type.
pub fn field_type(data_type: &DataType) -> FieldType {
    match data_type {
        DataType::Boolean => FieldType::Boolean,
        t if t.is_integer() => FieldType::Integer,
        DataType::Float16 | DataType::Float32 | DataType::Float64 => FieldType::Float,
        DataType::Decimal32(p, s)
        | DataType::Decimal64(p, s)
        | DataType::Decimal128(p, s)
        | DataType::Decimal256(p, s) => FieldType::Decimal { precision: *p, scale: *s },
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => FieldType::String,
        DataType::Date32 | DataType::Date64 => FieldType::Date,
        DataType::Timestamp(_, _) => FieldType::Timestamp,
        DataType::Struct(fields) => FieldType::Struct(fields.iter().map(|f| self::field(f)).collect()),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            FieldType::List(Box::new(field_type(item.data_type())))
        }
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(pair) if pair.len() == 2 => FieldType::Map(Box::new(field_type(pair[1].data_type()))),
            _ => FieldType::Binary,
        },
        DataType::Dictionary(_, value) => field_type(value),
        _ => FieldType::Binary,
    }
}

/// Of two types that are one profile type, the one that holds the values of both. Signed numbers beside unsigned ones of
/// 64 bits are decimals without fraction. Nested types are taken as the first has them.
pub fn wider(a: DataType, b: &DataType) -> DataType {
    match (&a, b) {
        (a, b) if a.is_integer() && b.is_integer() => {
            let (narrow, wide) = if integer_bits(a) <= integer_bits(b) { (a, b) } else { (b, a) };
            let same_sign = narrow.is_signed_integer() == wide.is_signed_integer();
            let fits = same_sign || (wide.is_signed_integer() && integer_bits(narrow) < integer_bits(wide));
            match (fits, integer_bits(wide)) {
                (true, _) => wide.clone(),
                (false, 64) => DataType::Decimal128(20, 0),
                (false, _) => DataType::Int64,
            }
        }
        // Two files with signed and unsigned numbers, then a third.
        (DataType::Decimal128(20, 0), b) if b.is_integer() => a,
        (a, DataType::Float64) if a.is_floating() => DataType::Float64,
        (DataType::Float16, DataType::Float32) => DataType::Float32,
        (DataType::Timestamp(one, zone), DataType::Timestamp(two, other)) => {
            DataType::Timestamp((*one).max(*two), zone.clone().or_else(|| other.clone()))
        }
        (DataType::Date32, DataType::Date64) => DataType::Date64,
        (DataType::Null, b) => b.clone(),
        _ => a,
    }
}

fn integer_bits(data_type: &DataType) -> usize {
    data_type.primitive_width().unwrap_or(0) * 8
}

/// One schema that covers all files: fields by name, in order of first appearance. `Err` names a path whose type differs.
pub fn union(schemas: impl IntoIterator<Item = Schema>) -> Result<Schema, String> {
    let mut union = Schema::default();
    for schema in schemas {
        merge(&mut union.fields, schema.fields, "")?;
    }
    Ok(union)
}

fn merge(into: &mut Vec<Field>, from: Vec<Field>, prefix: &str) -> Result<(), String> {
    for field in from {
        match into.iter_mut().find(|f| f.name == field.name) {
            None => into.push(field),
            Some(have) => merge_type(&mut have.field_type, field.field_type, &format!("{prefix}{}", field.name))?,
        }
    }
    Ok(())
}

fn merge_type(into: &mut FieldType, from: FieldType, path: &str) -> Result<(), String> {
    match (into, from) {
        (FieldType::Struct(a), FieldType::Struct(b)) => merge(a, b, &format!("{path}.")),
        (FieldType::List(a), FieldType::List(b)) | (FieldType::Map(a), FieldType::Map(b)) => merge_type(a, *b, path),
        (a, b) if *a == b => Ok(()),
        (a, b) => Err(format!("`{path}` is a {} in one file and a {} in another", a.name(), b.name())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(name: &str, field_type: FieldType) -> Schema {
        Schema { fields: vec![Field { name: name.into(), field_type }] }
    }

    #[test]
    fn the_wider_type_holds_both() {
        use arrow::datatypes::TimeUnit::{Microsecond, Nanosecond};
        let cases = [
            (DataType::Int32, DataType::Int64, DataType::Int64),
            (DataType::UInt32, DataType::Int32, DataType::Int64),
            (DataType::UInt32, DataType::Int64, DataType::Int64),
            (DataType::Int8, DataType::UInt64, DataType::Decimal128(20, 0)),
            (DataType::Decimal128(20, 0), DataType::Int8, DataType::Decimal128(20, 0)),
            (DataType::Float32, DataType::Float64, DataType::Float64),
            (DataType::Float64, DataType::Float32, DataType::Float64),
            (
                DataType::Timestamp(Microsecond, None),
                DataType::Timestamp(Nanosecond, None),
                DataType::Timestamp(Nanosecond, None),
            ),
            (DataType::Utf8, DataType::LargeUtf8, DataType::Utf8),
        ];
        for (a, b, wide) in cases {
            assert_eq!(wider(a, &b), wide);
        }
    }

    #[test]
    fn files_may_add_fields_but_not_change_types() {
        let a = one("person", FieldType::Struct(vec![Field { name: "x".into(), field_type: FieldType::String }]));
        let b = one("person", FieldType::Struct(vec![Field { name: "y".into(), field_type: FieldType::Date }]));
        let FieldType::Struct(fields) = union([a.clone(), b]).unwrap().fields[0].field_type.clone() else { panic!() };
        assert_eq!(fields.len(), 2);
        let c = one("person", FieldType::Struct(vec![Field { name: "x".into(), field_type: FieldType::Integer }]));
        assert_eq!(union([a, c]).unwrap_err(), "`person.x` is a string in one file and a integer in another");
    }
}
