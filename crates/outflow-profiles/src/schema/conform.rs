//! Arrays of one file in the types that all files share.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, FixedSizeListArray, ListArray, MapArray, StructArray, make_array,
    new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Field, FieldRef, Fields, TimeUnit, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow::error::ArrowError;

use super::unite::entry;

/// A column in `united`, the type that it has over all files: members of structs by name, absent ones null. Scalars on
/// their own stay as the file has them (coded, narrower, in views), but nulls get the type, and timestamps the zone:
/// their instants stay what they are, and those without a zone are in UTC.
///
/// # Errors
/// A value inside a struct, list or map that the type does not hold.
pub(crate) fn conform(array: &ArrayRef, united: &DataType) -> Result<ArrayRef, ArrowError> {
    match (array.data_type(), united) {
        (own, united) if own == united => Ok(Arc::clone(array)),
        (DataType::Null, united) => Ok(new_null_array(united, array.len())),
        (DataType::Timestamp(_, own), DataType::Timestamp(_, zone)) if own != zone => Ok(in_zone(array, zone.as_ref())),
        (own, _) if own.is_nested() => exactly(array, united),
        _ => Ok(Arc::clone(array)),
    }
}

/// `array` as just `united`: members of structs by name, scalars too in the type's own form.
///
/// # Errors
/// A value that the type does not hold.
pub(crate) fn exactly(array: &ArrayRef, united: &DataType) -> Result<ArrayRef, ArrowError> {
    match (array.data_type(), united) {
        (own, united) if own == united => Ok(Arc::clone(array)),
        (DataType::Null, united) => Ok(new_null_array(united, array.len())),
        (DataType::Struct(_), DataType::Struct(fields)) => structure(array.as_struct(), fields),
        (DataType::Map(_, _), DataType::Map(entries, sorted)) => map(array.as_map(), entries, *sorted),
        (DataType::List(_), DataType::List(item)) => {
            let list = array.as_list::<i32>();
            let values = exactly(list.values(), item.data_type())?;
            let united = ListArray::try_new(Arc::clone(item), list.offsets().clone(), values, list.nulls().cloned())?;
            Ok(Arc::new(united))
        }
        (DataType::FixedSizeList(_, _), DataType::List(_)) => exactly(&unfixed(array.as_fixed_size_list())?, united),
        (DataType::LargeList(own) | DataType::ListView(own) | DataType::LargeListView(own), DataType::List(_)) => {
            exactly(&cast_exactly(array, &DataType::List(Arc::clone(own)))?, united)
        }
        (DataType::Timestamp(_, own), DataType::Timestamp(_, zone)) if own != zone => {
            exactly(&in_zone(array, zone.as_ref()), united)
        }
        (DataType::Dictionary(_, value), _) if value.as_ref() != united => {
            exactly(&cast_exactly(array, value)?, united)
        }
        _ => cast_exactly(array, united),
    }
}

fn cast_exactly(array: &ArrayRef, data_type: &DataType) -> Result<ArrayRef, ArrowError> {
    cast_with_options(array, data_type, &CastOptions { safe: false, ..CastOptions::default() })
}

fn structure(array: &StructArray, fields: &Fields) -> Result<ArrayRef, ArrowError> {
    let member = |field: &FieldRef| match array.column_by_name(field.name()) {
        Some(member) => exactly(member, field.data_type()),
        None => Ok(new_null_array(field.data_type(), array.len())),
    };
    let members = fields.iter().map(member).collect::<Result<Vec<ArrayRef>, ArrowError>>()?;
    let united = StructArray::try_new_with_length(fields.clone(), members, array.nulls().cloned(), array.len())?;
    Ok(Arc::new(united))
}

fn map(array: &MapArray, entries: &FieldRef, sorted: bool) -> Result<ArrayRef, ArrowError> {
    let shape = || ArrowError::SchemaError("a map's entries are a key and a value".into());
    let (key, value) = entry(entries).ok_or_else(shape)?;
    let columns = vec![exactly(array.keys(), key.data_type())?, exactly(array.values(), value.data_type())?];
    let pair = Fields::from(vec![Arc::clone(key), Arc::clone(value)]);
    let pairs = StructArray::try_new(pair, columns, array.entries().nulls().cloned())?;
    let united =
        MapArray::try_new(Arc::clone(entries), array.offsets().clone(), pairs, array.nulls().cloned(), sorted)?;
    Ok(Arc::new(united))
}

/// A list of a fixed size as a list: a null keeps its items, which nobody looks at.
fn unfixed(array: &FixedSizeListArray) -> Result<ArrayRef, ArrowError> {
    let size = array.value_length();
    let end = i32::try_from(array.len()).ok().and_then(|rows| rows.checked_mul(size));
    let end = end.ok_or_else(|| ArrowError::CastError("too many items in one batch".into()))?;
    let offsets = (0..=array.len() as i32).map(|row| row * size).collect::<Vec<i32>>();
    debug_assert_eq!(offsets.last(), Some(&end));
    let item = match array.data_type() {
        DataType::FixedSizeList(item, _) => Arc::clone(item),
        other => Arc::new(Field::new("item", other.clone(), true)),
    };
    let values = array.values().slice(0, end as usize);
    Ok(Arc::new(ListArray::try_new(item, OffsetBuffer::new(offsets.into()), values, array.nulls().cloned())?))
}

/// The same instants under another zone's name. A timestamp without a zone is in UTC.
fn in_zone(array: &ArrayRef, zone: Option<&Arc<str>>) -> ArrayRef {
    fn named<T: ArrowPrimitiveType>(array: &ArrayRef, data_type: DataType) -> ArrayRef {
        let renamed = array.as_primitive::<T>().clone().into_data().into_builder().data_type(data_type).build();
        renamed.map_or_else(|_| Arc::clone(array), make_array)
    }
    let DataType::Timestamp(unit, _) = array.data_type() else { return Arc::clone(array) };
    let data_type = DataType::Timestamp(*unit, zone.cloned());
    match unit {
        TimeUnit::Second => named::<TimestampSecondType>(array, data_type),
        TimeUnit::Millisecond => named::<TimestampMillisecondType>(array, data_type),
        TimeUnit::Microsecond => named::<TimestampMicrosecondType>(array, data_type),
        TimeUnit::Nanosecond => named::<TimestampNanosecondType>(array, data_type),
    }
}
