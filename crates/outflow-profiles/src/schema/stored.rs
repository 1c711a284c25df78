//! The types in which datasets and snapshots keep profiles.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields};

use super::list_item;
use super::unite::entry;

/// The one form in which values of `data_type` are kept: plain instead of coded or in views, lists and maps as Parquet
/// names their parts, everything but keys nullable. `None` for a type that holds no value: a struct without members,
/// which Parquet cannot store, and whatever has such structs as elements.
pub(crate) fn stored(data_type: &DataType) -> Option<DataType> {
    Some(match data_type {
        DataType::Null | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => DataType::Binary,
        DataType::Dictionary(_, value) => stored(value)?,
        DataType::RunEndEncoded(_, values) => stored(values.data_type())?,
        DataType::Struct(fields) => {
            let kept: Fields = fields.iter().filter_map(|field| stored_field(field)).collect();
            if kept.is_empty() {
                return None;
            }
            DataType::Struct(kept)
        }
        DataType::Map(entries, _) => {
            let (key, value) = entry(entries)?;
            map_of(stored(key.data_type())?, stored(value.data_type())?)
        }
        other => match list_item(other) {
            Some(item) => list_of(stored(item.data_type())?),
            None => other.clone(),
        },
    })
}

/// A field with its [`stored`] type.
pub(crate) fn stored_field(field: &Field) -> Option<FieldRef> {
    Some(Arc::new(Field::new(field.name(), stored(field.data_type())?, true)))
}

/// A list as it is stored.
pub(crate) fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", item, true)))
}

/// A map as it is stored.
pub(crate) fn map_of(key: DataType, value: DataType) -> DataType {
    let pair = Fields::from(vec![Field::new("key", key, false), Field::new("value", value, true)]);
    DataType::Map(Arc::new(Field::new("key_value", DataType::Struct(pair), false)), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn structure(members: Vec<(&str, DataType)>) -> DataType {
        DataType::Struct(members.into_iter().map(|(name, t)| Field::new(name, t, false)).collect())
    }

    #[test]
    fn one_form_for_each_meaning() {
        let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::LargeUtf8));
        let items = DataType::LargeList(Arc::new(Field::new("item", coded, false)));
        assert_eq!(stored(&items), Some(list_of(DataType::Utf8)));
        let pair = structure(vec![("keys", DataType::Utf8View), ("values", items)]);
        let map = DataType::Map(Arc::new(Field::new("entries", pair, false)), true);
        assert_eq!(stored(&map), Some(map_of(DataType::Utf8, list_of(DataType::Utf8))));
        assert_eq!(stored(&DataType::Int8), Some(DataType::Int8));
    }

    #[test]
    fn what_holds_no_value_is_left_out() {
        let empty = structure(vec![]);
        let both = structure(vec![("a", DataType::Null), ("b", list_of(empty.clone()))]);
        let Some(DataType::Struct(kept)) = stored(&both) else { panic!() };
        assert_eq!(kept.len(), 1);
        assert!(kept[0].is_nullable());
        assert_eq!(stored(&structure(vec![("b", empty)])), None);
    }
}
