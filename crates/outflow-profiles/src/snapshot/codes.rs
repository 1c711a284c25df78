//! Which columns of a part are worth a dictionary.
//!
//! The encoder begins a dictionary for every column and gives up when it has become too large, after a third of a part
//! or so: for ids that is work for nothing. The first rows of a part tell which columns would end so. They are rows like
//! all others, because hashes order them.

use ahash::AHashSet;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Fields};
use parquet::schema::types::ColumnPath;

/// With fewer values nothing is known.
const VALUES_MIN: usize = 128;

/// The Parquet columns of `piece` of whose values more than seven of eight are different.
pub(super) fn mostly_different(piece: &RecordBatch) -> Vec<ColumnPath> {
    let mut found = Vec::new();
    members(piece.schema_ref().fields(), piece.columns(), &mut Vec::new(), &mut found);
    found
}

fn members(fields: &Fields, arrays: &[ArrayRef], above: &mut Vec<String>, found: &mut Vec<ColumnPath>) {
    for (field, array) in fields.iter().zip(arrays) {
        above.push(field.name().clone());
        column(array, above, found);
        above.pop();
    }
}

/// Looks at `array`, which is at `path`, or at what is in it.
fn column(array: &ArrayRef, path: &mut Vec<String>, found: &mut Vec<ColumnPath>) {
    match array.data_type() {
        DataType::Struct(fields) => members(fields, array.as_struct().columns(), path, found),
        DataType::List(element) => {
            let list = array.as_list::<i32>();
            let items = within(list.value_offsets(), list.values());
            path.extend(["list".to_string(), element.name().clone()]);
            column(&items, path, found);
            path.truncate(path.len() - 2);
        }
        DataType::Map(entries, _) => {
            let map = array.as_map();
            let fields = map.entries().fields();
            let columns = [map.keys(), map.values()].map(|values| within(map.value_offsets(), values));
            path.push(entries.name().clone());
            members(fields, &columns, path, found);
            path.pop();
        }
        _ => {
            let (values, different) = count(array);
            if values >= VALUES_MIN && different * 8 > values * 7 {
                found.push(ColumnPath::new(path.clone()));
            }
        }
    }
}

/// The part of `values` that belongs to rows: a piece may be cut from longer arrays.
fn within(offsets: &[i32], values: &ArrayRef) -> ArrayRef {
    let first = offsets.first().copied().unwrap_or(0) as usize;
    let last = offsets.last().copied().unwrap_or(0) as usize;
    values.slice(first, last - first)
}

/// How many values there are, and how many different ones. Of types that are not counted there are none.
fn count(array: &ArrayRef) -> (usize, usize) {
    let present = || (0..array.len()).filter(|row| array.is_valid(*row));
    let values = array.len() - array.null_count();
    let different = match (array.data_type(), array.data_type().primitive_width()) {
        (DataType::Utf8, _) => {
            let texts = array.as_string::<i32>();
            present().map(|row| texts.value(row).as_bytes()).collect::<AHashSet<&[u8]>>().len()
        }
        (DataType::Binary, _) => {
            let binary = array.as_binary::<i32>();
            present().map(|row| binary.value(row)).collect::<AHashSet<&[u8]>>().len()
        }
        (_, Some(width)) => {
            let data = array.to_data();
            let Some(buffer) = data.buffers().first() else { return (0, 0) };
            let value = |row: usize| &buffer[(data.offset() + row) * width..(data.offset() + row + 1) * width];
            present().map(value).collect::<AHashSet<&[u8]>>().len()
        }
        _ => return (0, 0),
    };
    (values, different)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, Int64Builder, ListBuilder, MapBuilder, StringArray, StringBuilder, StructArray};
    use std::sync::Arc;

    #[test]
    fn columns_of_ids_are_found_at_every_depth() {
        let ids = || -> ArrayRef { Arc::new(StringArray::from_iter_values((0..2_000).map(|n| format!("id {n}")))) };
        let few = || -> ArrayRef { Arc::new(Int64Array::from_iter_values((0..2_000).map(|n| n % 100))) };
        let mut lists = ListBuilder::new(Int64Builder::new());
        let mut maps = MapBuilder::new(None, StringBuilder::new(), Int64Builder::new());
        for n in 0..2_000 {
            lists.append_value([Some(n), None]);
            maps.keys().append_value("key");
            maps.values().append_value(-n);
            maps.append(true).unwrap();
        }
        let structs = StructArray::from(vec![
            (Arc::new(arrow::datatypes::Field::new("id", DataType::Utf8, true)), ids()),
            (Arc::new(arrow::datatypes::Field::new("few", DataType::Int64, true)), few()),
        ]);
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("ids", ids()),
            ("few", few()),
            ("list", Arc::new(lists.finish())),
            ("map", Arc::new(maps.finish())),
            ("struct", Arc::new(structs)),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let expected = ["ids", "list.list.item", "map.entries.values", "struct.id"];
        let names = |batch: &RecordBatch| mostly_different(batch).iter().map(ColumnPath::string).collect::<Vec<_>>();
        assert_eq!(names(&batch), expected);
        // What is not in the rows does not count.
        assert_eq!(names(&batch.slice(1_000, 500)), expected);
        assert!(names(&batch.slice(1_000, 50)).is_empty());
        // They are called so in Parquet.
        let parquet = parquet::arrow::ArrowSchemaConverter::new().convert(batch.schema_ref()).unwrap();
        let known: Vec<String> = parquet.columns().iter().map(|column| column.path().string()).collect();
        assert!(expected.iter().all(|name| known.iter().any(|k| k == name)), "{known:?}");
    }
}
