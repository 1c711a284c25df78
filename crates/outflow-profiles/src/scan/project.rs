//! Following a field path through Arrow arrays, whatever file format they came from.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, StringArray, StructArray, UInt32Array, make_array, new_null_array};
use arrow::buffer::NullBuffer;
use arrow::compute::{cast, take};
use arrow::datatypes::DataType;
use outflow_model::PathElement;

use crate::schema::list_item;

/// Why a path leads nowhere in an array's type.
#[derive(Debug)]
pub(crate) struct NotThere;

/// The array at `steps` inside `array`, one value per row; rows where a step is absent are null.
///
/// # Errors
/// [`NotThere`] when the type has no such step, or the step does not fit it.
pub(crate) fn project(array: &ArrayRef, steps: &[PathElement]) -> Result<ArrayRef, NotThere> {
    let Some((step, rest)) = steps.split_first() else { return Ok(Arc::clone(array)) };
    let next = match (array.data_type(), step) {
        (DataType::Struct(_), PathElement::Name(name)) => struct_field(array.as_struct(), name)?,
        (DataType::Map(_, _), PathElement::Name(key)) => map_value(array, key)?,
        (DataType::List(_), PathElement::Index(n)) => list_item_at(array, *n),
        (other, PathElement::Index(n)) if let Some(item) = list_item(other) => {
            let list = cast(array, &DataType::List(Arc::clone(item))).map_err(|_| NotThere)?;
            list_item_at(&list, *n)
        }
        (DataType::Null, _) => new_null_array(&DataType::Null, array.len()),
        _ => return Err(NotThere),
    };
    project(&next, rest)
}

fn struct_field(array: &StructArray, name: &str) -> Result<ArrayRef, NotThere> {
    let child = array.column_by_name(name).ok_or(NotThere)?;
    Ok(with_parent_nulls(child, array.nulls()))
}

/// A child of a null struct is null, whatever its own mask says.
pub(crate) fn with_parent_nulls(child: &ArrayRef, parent: Option<&NullBuffer>) -> ArrayRef {
    match parent {
        Some(parent) if parent.null_count() > 0 && *child.data_type() != DataType::Null => {
            let merged = NullBuffer::union(child.nulls(), Some(parent));
            let data = child.to_data().into_builder().nulls(merged);
            // Only the mask changed, and it has the array's length.
            data.build().map_or_else(|_| Arc::clone(child), make_array)
        }
        _ => Arc::clone(child),
    }
}

/// The value under `key`: the first entry, should a map hold the key twice.
fn map_value(array: &ArrayRef, key: &str) -> Result<ArrayRef, NotThere> {
    let map = array.as_map();
    let keys = cast(map.keys(), &DataType::Utf8).map_err(|_| NotThere)?;
    let keys: &StringArray = keys.as_string();
    let wanted: Vec<bool> = keys.iter().map(|k| k == Some(key)).collect();
    let offsets = map.value_offsets();
    let found = (0..map.len()).map(|row| {
        let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
        if map.is_null(row) { None } else { (from..to).find(|&i| wanted[i]).map(|i| i as u32) }
    });
    let indices: UInt32Array = found.collect();
    take(map.values(), &indices, None).map_err(|_| NotThere)
}

fn list_item_at(array: &ArrayRef, n: u32) -> ArrayRef {
    let list = array.as_list::<i32>();
    let offsets = list.value_offsets();
    let picked = (0..list.len()).map(|row| {
        let at = i64::from(offsets[row]) + i64::from(n);
        (!list.is_null(row) && at < i64::from(offsets[row + 1])).then_some(at as u32)
    });
    let indices: UInt32Array = picked.collect();
    take(list.values(), &indices, None).unwrap_or_else(|_| new_null_array(&list.value_type(), list.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
    use outflow_model::FieldPath;

    fn steps(path: &str) -> Vec<PathElement> {
        FieldPath::parse(&format!("x.{path}")).unwrap().elements()[1..].to_vec()
    }

    #[test]
    fn map_keys_and_list_elements_are_found_or_null() {
        let mut maps = MapBuilder::new(None, StringBuilder::new(), ListBuilder::new(Int32Builder::new()));
        maps.keys().append_value("a");
        maps.values().append_value([Some(1), Some(2)]);
        maps.keys().append_value("b");
        maps.values().append_value([Some(3)]);
        maps.append(true).unwrap();
        maps.append(true).unwrap();
        maps.append(false).unwrap();
        let array: ArrayRef = Arc::new(maps.finish());
        let values = |path: &str| {
            let found = project(&array, &steps(path)).unwrap();
            found.as_primitive::<arrow::datatypes::Int32Type>().iter().collect::<Vec<_>>()
        };
        assert_eq!(values("a[1]"), [Some(2), None, None]);
        assert_eq!(values("b[0]"), [Some(3), None, None]);
        assert_eq!(values("b[1]"), [None, None, None]);
        assert_eq!(values("zz[0]"), [None, None, None]);
        assert!(project(&array, &steps("a.b")).is_err());
    }

    #[test]
    fn a_child_of_a_null_struct_is_null() {
        let child: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), Some("b")]));
        let field = Arc::new(arrow::datatypes::Field::new("s", DataType::Utf8, true));
        let array: ArrayRef =
            Arc::new(StructArray::new(vec![field].into(), vec![child], Some(NullBuffer::from(vec![true, false]))));
        let found = project(&array, &steps("s")).unwrap();
        assert_eq!(found.as_string::<i32>().iter().collect::<Vec<_>>(), [Some("a"), None]);
    }
}
