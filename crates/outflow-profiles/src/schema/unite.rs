//! Types of one field in several files: which type holds the values of all.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field as ArrowField, FieldRef, Fields, Schema as ArrowSchema};
use outflow_model::schema::{Field, FieldType, Schema};

use super::{list_item, profile_schema};

/// One schema that holds the values of all: fields by name, in order of first appearance, at every depth. Where one
/// schema has nothing but nulls, the others say the type, and where none does, it is text. Lists are `List`. Types that
/// contradict each other (see [`contradiction`]) are as the first has them.
pub(crate) fn unite<'a>(schemas: impl IntoIterator<Item = &'a ArrowSchema>) -> ArrowSchema {
    let mut united = Fields::empty();
    for schema in schemas {
        united = if united.is_empty() { schema.fields().clone() } else { members(&united, schema.fields()) };
    }
    ArrowSchema::new(united.iter().map(settled_field).collect::<Fields>())
}

/// Of two types of one field, the one that holds the values of both. Signed numbers beside unsigned ones of 64 bits are
/// decimals without fraction. Timestamps of different zones, or with and without one, are in UTC. Members of structs are
/// united by name.
fn wider(a: &DataType, b: &DataType) -> DataType {
    if a == b {
        return a.clone();
    }
    match (a, b) {
        (DataType::Null, other) | (other, DataType::Null) => other.clone(),
        (DataType::Dictionary(_, value), other) | (other, DataType::Dictionary(_, value)) => {
            // The first says the type where either holds the values of both.
            if matches!(a, DataType::Dictionary(_, _)) { wider(value, other) } else { wider(other, value) }
        }
        (a, b) if a.is_integer() && b.is_integer() => wider_integer(a, b),
        // Two files with signed and unsigned numbers, then a third.
        (DataType::Decimal128(20, 0), b) if b.is_integer() => a.clone(),
        (a, DataType::Float64) if a.is_floating() => DataType::Float64,
        (DataType::Float16, DataType::Float32) => DataType::Float32,
        (DataType::Timestamp(one, zone), DataType::Timestamp(two, other)) => {
            let zone = if zone == other { zone.clone() } else { Some("UTC".into()) };
            DataType::Timestamp((*one).max(*two), zone)
        }
        (DataType::Date32, DataType::Date64) => DataType::Date64,
        (a, b) if is_bytes(a) && is_bytes(b) => {
            let large = matches!(a, DataType::LargeBinary) || matches!(b, DataType::LargeBinary);
            if large { DataType::LargeBinary } else { DataType::Binary }
        }
        (DataType::Struct(one), DataType::Struct(two)) => DataType::Struct(members(one, two)),
        (DataType::Map(one, sorted), DataType::Map(two, other)) => match (entry(one), entry(two)) {
            (Some((key, value)), Some((key_b, value_b))) => {
                let key = ArrowField::new(key.name(), wider(key.data_type(), key_b.data_type()), false);
                let value = nullable(value, wider(value.data_type(), value_b.data_type()));
                DataType::Map(with_entries(one, Arc::new(key), value), *sorted && *other)
            }
            _ => a.clone(),
        },
        (a, b) => match (list_item(a), list_item(b)) {
            (Some(one), Some(two)) => DataType::List(nullable(one, wider(one.data_type(), two.data_type()))),
            _ => a.clone(),
        },
    }
}

fn wider_integer(a: &DataType, b: &DataType) -> DataType {
    let (narrow, wide) = if integer_bits(a) <= integer_bits(b) { (a, b) } else { (b, a) };
    let same_sign = narrow.is_signed_integer() == wide.is_signed_integer();
    let fits = same_sign || (wide.is_signed_integer() && integer_bits(narrow) < integer_bits(wide));
    match (fits, integer_bits(wide)) {
        (true, _) => wide.clone(),
        (false, 64) => DataType::Decimal128(20, 0),
        (false, _) => DataType::Int64,
    }
}

fn integer_bits(data_type: &DataType) -> usize {
    data_type.primitive_width().unwrap_or(0) * 8
}

fn is_bytes(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_))
}

/// The members of both, the first one's first. Each may be null: the other may lack it.
fn members(one: &Fields, two: &Fields) -> Fields {
    if one == two {
        return one.clone();
    }
    let of_two = |name: &str| two.iter().find(|f| f.name() == name);
    let both = one.iter().map(|field| match of_two(field.name()) {
        Some(other) => nullable(field, wider(field.data_type(), other.data_type())),
        None => nullable(field, field.data_type().clone()),
    });
    let added = two.iter().filter(|f| one.iter().all(|known| known.name() != f.name()));
    both.chain(added.map(|field| nullable(field, field.data_type().clone()))).collect()
}

fn nullable(field: &ArrowField, data_type: DataType) -> FieldRef {
    Arc::new(ArrowField::new(field.name(), data_type, true))
}

/// Key and value of a map's entries.
pub(super) fn entry(entries: &ArrowField) -> Option<(&FieldRef, &FieldRef)> {
    match entries.data_type() {
        DataType::Struct(pair) if pair.len() == 2 => Some((&pair[0], &pair[1])),
        _ => None,
    }
}

fn with_entries(entries: &ArrowField, key: FieldRef, value: FieldRef) -> FieldRef {
    Arc::new(ArrowField::new(entries.name(), DataType::Struct(vec![key, value].into()), false))
}

/// A field whose type nobody else has a say in any more.
fn settled_field(field: &FieldRef) -> FieldRef {
    let data_type = settled(field.data_type());
    if data_type == *field.data_type() {
        return Arc::clone(field);
    }
    Arc::new(field.as_ref().clone().with_data_type(data_type))
}

fn settled(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Null => DataType::Utf8,
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(settled_field).collect()),
        DataType::Map(entries, sorted) => DataType::Map(settled_field(entries), *sorted),
        other => match list_item(other) {
            Some(item) => DataType::List(settled_field(item)),
            None => other.clone(),
        },
    }
}

/// Two types of one field of which neither holds the other's values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contradiction {
    /// The field.
    pub path: String,
    /// What it is in the first schema, and in the second.
    pub types: (String, String),
}

/// The profile schema over `schemas`: fields by name, in order of first appearance.
///
/// # Errors
/// The numbers of two schemas that contradict each other, the first such pair, and in what.
pub(crate) fn profiles_of(
    schemas: &[&ArrowSchema],
    united: &ArrowSchema,
) -> Result<Schema, (usize, usize, Contradiction)> {
    let mut all = Schema::default();
    for (second, schema) in schemas.iter().enumerate() {
        if let Err(contradiction) = merge(&mut all.fields, profile_schema(&typed(schema, united)).fields, "") {
            // One of those before brought the type that this one contradicts.
            let with = |first: usize| Some((first, of_two(schemas[first], schema)?));
            let pair = (0..second).find_map(with);
            let (first, contradiction) = pair.unwrap_or((0, contradiction));
            return Err((first, second, contradiction));
        }
    }
    Ok(all)
}

fn of_two(one: &ArrowSchema, two: &ArrowSchema) -> Option<Contradiction> {
    let mut fields = profile_schema(&typed(one, two)).fields;
    merge(&mut fields, profile_schema(&typed(two, one)).fields, "").err()
}

/// `schema` with the types of `other` where it has only nulls.
fn typed(schema: &ArrowSchema, other: &ArrowSchema) -> ArrowSchema {
    let filled = schema.fields().iter().map(|field| match other.field_with_name(field.name()) {
        Ok(known) => nullable(field, filled(field.data_type(), known.data_type())),
        Err(_) => Arc::clone(field),
    });
    ArrowSchema::new(filled.collect::<Fields>())
}

fn filled(data_type: &DataType, other: &DataType) -> DataType {
    match (data_type, other) {
        (DataType::Null, other) => other.clone(),
        (DataType::Struct(one), DataType::Struct(two)) => {
            let each = one.iter().map(|field| match two.iter().find(|f| f.name() == field.name()) {
                Some(known) => nullable(field, filled(field.data_type(), known.data_type())),
                None => Arc::clone(field),
            });
            DataType::Struct(each.collect())
        }
        (DataType::Map(one, sorted), DataType::Map(two, _)) => match (entry(one), entry(two)) {
            (Some((key, value)), Some((_, known))) => {
                let value = nullable(value, filled(value.data_type(), known.data_type()));
                DataType::Map(with_entries(one, Arc::clone(key), value), *sorted)
            }
            _ => data_type.clone(),
        },
        (a, b) => match (list_item(a), list_item(b)) {
            (Some(one), Some(two)) => DataType::List(nullable(one, filled(one.data_type(), two.data_type()))),
            _ => data_type.clone(),
        },
    }
}

fn merge(into: &mut Vec<Field>, from: Vec<Field>, above: &str) -> Result<(), Contradiction> {
    for field in from {
        match into.iter_mut().find(|f| f.name == field.name) {
            None => into.push(field),
            Some(have) => merge_type(&mut have.field_type, field.field_type, &format!("{above}{}", field.name))?,
        }
    }
    Ok(())
}

fn merge_type(into: &mut FieldType, from: FieldType, path: &str) -> Result<(), Contradiction> {
    match (into, from) {
        (FieldType::Struct(a), FieldType::Struct(b)) => merge(a, b, &format!("{path}.")),
        (FieldType::List(a), FieldType::List(b)) | (FieldType::Map(a), FieldType::Map(b)) => merge_type(a, *b, path),
        (a, b) if *a == b => Ok(()),
        (a, b) => Err(Contradiction { path: path.into(), types: (a.name(), b.name()) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::TimeUnit::{Microsecond, Nanosecond};

    fn one(name: &str, data_type: DataType) -> ArrowSchema {
        ArrowSchema::new(vec![ArrowField::new(name, data_type, true)])
    }

    fn structure(members: &[(&str, DataType)]) -> DataType {
        DataType::Struct(members.iter().map(|(n, t)| ArrowField::new(*n, t.clone(), true)).collect())
    }

    #[test]
    fn the_wider_type_holds_both() {
        let zoned = |unit, zone: &str| DataType::Timestamp(unit, Some(zone.into()));
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
            (DataType::Timestamp(Microsecond, None), zoned(Microsecond, "+02:00"), zoned(Microsecond, "UTC")),
            (zoned(Microsecond, "Europe/Berlin"), zoned(Nanosecond, "+02:00"), zoned(Nanosecond, "UTC")),
            (zoned(Microsecond, "+02:00"), zoned(Microsecond, "+02:00"), zoned(Microsecond, "+02:00")),
            (DataType::Utf8, DataType::LargeUtf8, DataType::Utf8),
            (DataType::FixedSizeBinary(2), DataType::FixedSizeBinary(3), DataType::Binary),
        ];
        for (a, b, wide) in cases {
            assert_eq!(wider(&a, &b), wide, "{a} {b}");
        }
    }

    #[test]
    fn nested_types_are_united_by_name_at_every_depth() {
        let a = structure(&[("first", DataType::Utf8), ("last", DataType::Utf8)]);
        let b = structure(&[("last", DataType::Utf8), ("middle", DataType::Utf8)]);
        let both = structure(&[("first", DataType::Utf8), ("last", DataType::Utf8), ("middle", DataType::Utf8)]);
        assert_eq!(wider(&a, &b), both);
        let list = |t: &DataType| DataType::new_list(t.clone(), true);
        assert_eq!(wider(&list(&a), &list(&b)), list(&both));
        let large = DataType::LargeList(Arc::new(ArrowField::new("item", b, true)));
        assert_eq!(*unite([&one("x", large), &one("x", list(&a))]).field(0).data_type(), {
            list(&structure(&[("last", DataType::Utf8), ("middle", DataType::Utf8), ("first", DataType::Utf8)]))
        });
    }

    #[test]
    fn nulls_take_the_type_that_others_have_and_else_are_text() {
        let (text, nulls, number) = (one("a", DataType::Utf8), one("a", DataType::Null), one("a", DataType::Int64));
        let profile = |schemas: &[&ArrowSchema]| {
            let united = unite(schemas.iter().copied());
            profiles_of(schemas, &united).map(|s| s.fields[0].field_type.name())
        };
        assert_eq!(profile(&[&nulls, &number]), Ok("integer".into()));
        assert_eq!(profile(&[&number, &nulls, &number]), Ok("integer".into()));
        assert_eq!(profile(&[&nulls]), Ok("string".into()));
        assert_eq!(*unite([&nulls]).field(0).data_type(), DataType::Utf8);
        let types = ("string".into(), "integer".into());
        assert_eq!(profile(&[&nulls, &text, &number]), Err((1, 2, Contradiction { path: "a".into(), types })));
    }

    #[test]
    fn files_may_add_fields_but_not_change_types() {
        let a = one("person", structure(&[("x", DataType::Utf8)]));
        let b = one("person", structure(&[("y", DataType::Date32)]));
        let both = unite([&a, &b]);
        let FieldType::Struct(fields) = profiles_of(&[&a, &b], &both).unwrap().fields[0].field_type.clone() else {
            panic!()
        };
        assert_eq!(fields.len(), 2);
        let c = one("person", structure(&[("x", DataType::Int8)]));
        let (first, second, found) = profiles_of(&[&b, &a, &c], &both).unwrap_err();
        assert_eq!((first, second, found.path.as_str()), (1, 2, "person.x"));
    }
}
