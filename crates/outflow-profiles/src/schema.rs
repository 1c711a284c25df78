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
    fn files_may_add_fields_but_not_change_types() {
        let a = one("person", FieldType::Struct(vec![Field { name: "x".into(), field_type: FieldType::String }]));
        let b = one("person", FieldType::Struct(vec![Field { name: "y".into(), field_type: FieldType::Date }]));
        let FieldType::Struct(fields) = union([a.clone(), b]).unwrap().fields[0].field_type.clone() else { panic!() };
        assert_eq!(fields.len(), 2);
        let c = one("person", FieldType::Struct(vec![Field { name: "x".into(), field_type: FieldType::Integer }]));
        assert_eq!(union([a, c]).unwrap_err(), "`person.x` is a string in one file and a integer in another");
    }
}
