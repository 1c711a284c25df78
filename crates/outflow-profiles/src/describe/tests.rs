//! Counts against counts made the slow way, and the bounds.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, AsArray, DictionaryArray, Int64Array, ListArray, MapArray, MapBuilder, StringArray, StringBuilder,
    StructArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{DataType, Field, Int32Type};
use outflow_model::FaultClass;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::*;
use crate::generate::{GenerateOptions, generate, sample_segments};

fn count(description: &Description, path: &str) -> Option<u64> {
    description.fields.iter().find(|f| f.path.to_string() == path).map(|f| f.filled)
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, a)| (n, a, true))).unwrap()
}

fn describe(batches: &[RecordBatch]) -> Description {
    try_describe(batches).unwrap()
}

fn try_describe(batches: &[RecordBatch]) -> Result<Description, Fault> {
    let mut describer = Describer::new();
    batches.iter().try_for_each(|batch| describer.add(batch))?;
    Ok(describer.finish())
}

fn describe_files(paths: &[PathBuf]) -> Description {
    let mut describer = Describer::new();
    for path in paths {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
        describer.expect(reader.schema()).unwrap();
        reader.build().unwrap().for_each(|batch| describer.add(&batch.unwrap()).unwrap());
    }
    describer.finish()
}

/// A map's entries, or a null map.
type MapRow<'a> = Option<Vec<(&'a str, Option<&'a str>)>>;

fn map_of(rows: &[MapRow<'_>]) -> MapArray {
    let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for row in rows {
        for (key, value) in row.iter().flatten() {
            builder.keys().append_value(key);
            builder.values().append_option(*value);
        }
        builder.append(row.is_some()).unwrap();
    }
    builder.finish()
}

#[test]
fn null_is_not_filled_and_empty_text_is() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("x"), Some(""), None]));
    let codes: DictionaryArray<Int32Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
    let found = describe(&[batch(vec![("text", texts), ("code", Arc::new(codes))])]);
    assert_eq!(found.profiles, 3);
    assert_eq!(count(&found, "text"), Some(2));
    assert_eq!(count(&found, "code"), Some(2));
    assert!(found.fields.iter().all(|f| f.is_scalar && f.type_name == "string"));
    assert!(!found.is_cut);
}

#[test]
fn what_is_inside_a_null_is_not_filled() {
    // The child's own buffer has values under the null structs.
    let inner: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(2), None, Some(4)]));
    let fields = vec![Field::new("points", DataType::Int64, true)].into();
    let nulls = NullBuffer::from(vec![true, false, true, true]);
    let outer: ArrayRef = Arc::new(StructArray::new(fields, vec![inner], Some(nulls)));
    let found = describe(&[batch(vec![("loyalty", outer.clone())])]);
    assert_eq!(count(&found, "loyalty"), Some(3));
    assert_eq!(count(&found, "loyalty.points"), Some(2));
    // The same in a slice, whose arrays begin in the middle of their buffers.
    let found = describe(&[batch(vec![("loyalty", outer.slice(1, 3))])]);
    assert_eq!(count(&found, "loyalty.points"), Some(1));
}

#[test]
fn lists_count_when_not_empty_and_show_their_first_element() {
    let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, None, Some(2)]));
    let item = Arc::new(Field::new("item", DataType::Int64, true));
    // [1, null], [], null (with two hidden values)
    let offsets = OffsetBuffer::new(vec![0, 2, 2, 4].into());
    let nulls = NullBuffer::from(vec![true, true, false]);
    let list: ArrayRef = Arc::new(ListArray::new(item, offsets, values, Some(nulls)));
    let found = describe(&[batch(vec![("tags", list.clone())]), batch(vec![("tags", list.slice(0, 1))])]);
    assert_eq!(count(&found, "tags"), Some(2));
    assert_eq!(count(&found, "tags[0]"), Some(2));
    assert_eq!(found.fields[0].type_name, "list<integer>");
    assert!(!found.fields[0].is_scalar);
}

#[test]
fn maps_are_told_key_by_key_the_most_frequent_first() {
    let map = map_of(&[
        Some(vec![("b", Some("1")), ("a", Some("2"))]),
        None,
        Some(vec![]),
        // A key given twice counts once, a key with a null value is not filled.
        Some(vec![("a", Some("3")), ("a", Some("4")), ("b", None), ("x y", Some("5"))]),
    ]);
    let found = describe(&[batch(vec![("m", Arc::new(map))])]);
    let told: Vec<(String, u64)> = found.fields.iter().map(|f| (f.path.to_string(), f.filled)).collect();
    let expected = [("m", 2), ("m.a", 2), ("m.b", 1), ("m.`x y`", 1)];
    assert_eq!(told, expected.map(|(path, n)| (path.to_string(), n)));
}

#[test]
fn rare_keys_are_left_out_and_counted() {
    let names: Vec<String> = (0..60).map(|n| format!("k{n:02}")).collect();
    // Key k00 in every row, the others in one row each.
    let rows: Vec<_> = names.iter().map(|name| Some(vec![("k00", Some("v")), (name.as_str(), Some("v"))])).collect();
    let found = describe(&[batch(vec![("m", Arc::new(map_of(&rows)))])]);
    assert_eq!(found.fields.len(), 1 + KEYS_SHOWN_MAX);
    assert_eq!(found.fields[0].keys_left_out, 10);
    assert_eq!(count(&found, "m.k00"), Some(60));
    assert_eq!(count(&found, "m.k49"), Some(1));
    assert_eq!(count(&found, "m.k50"), None);
    assert!(!found.is_cut);
}

#[test]
fn endless_keys_do_not_use_up_the_memory_nor_the_other_maps_room() {
    let mut describer = Describer::new();
    for chunk in 0..20 {
        let names: Vec<String> = (0..1000).map(|n| format!("customer-{chunk}-{n}")).collect();
        let rows: Vec<_> = names.iter().map(|name| Some(vec![(name.as_str(), Some("v"))])).collect();
        let few: Vec<_> = names.iter().map(|_| Some(vec![("Email", Some("v"))])).collect();
        describer.add(&batch(vec![("many", Arc::new(map_of(&rows))), ("few", Arc::new(map_of(&few)))])).unwrap();
    }
    let found = describer.finish();
    assert!(found.is_cut);
    assert_eq!(count(&found, "many"), Some(20_000));
    assert_eq!(count(&found, "few.Email"), Some(20_000));
    assert_eq!(found.fields[0].keys_left_out, (KEYS_COUNTED_MAX - KEYS_SHOWN_MAX) as u64);
}

#[test]
fn very_long_keys_and_too_many_columns_are_said_to_be_cut() {
    let long = "k".repeat(300);
    let found = describe(&[batch(vec![("m", Arc::new(map_of(&[Some(vec![(&long, Some("v"))])])))])]);
    assert_eq!((found.fields.len(), found.is_cut), (1, true));

    let names: Vec<String> = (0..FIELDS_MAX + 1).map(|n| format!("c{n}")).collect();
    let one: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let found = describe(&[batch(names.iter().map(|name| (name.as_str(), one.clone())).collect())]);
    assert_eq!((found.fields.len(), found.is_cut), (FIELDS_MAX, true));
}

#[test]
fn columns_may_come_and_go_but_not_change_their_type() {
    let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let number: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let found = describe(&[
        batch(vec![("a", text.clone()), ("b", number.clone())]),
        batch(vec![("c", number.clone()), ("a", text.clone())]),
    ]);
    assert_eq!(["a", "b", "c"].map(|path| count(&found, path)), [Some(2), Some(1), Some(1)]);

    let fault = try_describe(&[batch(vec![("a", text)]), batch(vec![("a", number)])]).unwrap_err();
    assert_eq!(fault.message, "`a` has the type integer here and string before");
    assert_eq!(fault.class, FaultClass::Input);
}

#[test]
fn sample_profiles_are_described_as_a_naive_count_finds_them() {
    let dir = tempfile::tempdir().unwrap();
    let options = GenerateOptions { files: 2, row_group_rows: 3_000, ..GenerateOptions::new(20_000, dir.path()) };
    let files = generate(&options, &|_| ControlFlow::Continue(())).unwrap().files;
    let paths: Vec<PathBuf> = files.into_iter().map(|f| f.path).collect();
    let found = describe_files(&paths);
    assert_eq!((found.profiles, found.is_cut), (20_000, false));

    let mut naive: BTreeMap<String, u64> = BTreeMap::new();
    for path in &paths {
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap().build().unwrap();
        for batch in reader {
            count_naively(&batch.unwrap(), &mut naive);
        }
    }
    assert_eq!(naive.len(), 6 + sample_segments().len());
    for (path, filled) in naive {
        assert_eq!(count(&found, &path), Some(filled), "{path}");
    }
    let told: Vec<&str> = found.fields.iter().map(|f| f.type_name.as_str()).collect();
    assert_eq!(&told[..4], ["string", "map<string,list<struct>>", "list<struct>", "struct"]);
    assert!(!format!("{found:?}").contains('@'), "no values");
}

/// Row by row, entry by entry.
fn count_naively(batch: &RecordBatch, naive: &mut BTreeMap<String, u64>) {
    let column = |name: &str| batch.column_by_name(name).unwrap();
    let mut add = |path: String| *naive.entry(path).or_default() += 1;
    let loyalty = column("loyalty").as_struct();
    let city = column("homeAddress").as_struct().column(0);
    for row in 0..batch.num_rows() {
        if city.is_valid(row) {
            add("homeAddress.city".into());
        }
        if loyalty.is_valid(row) && loyalty.column(0).is_valid(row) {
            add("loyalty.tier".into());
        }
        if column("lifetimeValue").is_valid(row) {
            add("lifetimeValue".into());
        }
        let identities = column("identityMap").as_map().value(row);
        for entry in 0..identities.len() {
            add(format!("identityMap.{}[0].id", identities.column(0).as_string::<i32>().value(entry)));
        }
        let memberships = column("segmentMembership").as_map().value(row);
        for entry in 0..memberships.len() {
            add(format!("segmentMembership.`{}`.status", memberships.column(0).as_string::<i32>().value(entry)));
        }
    }
}

#[test]
fn a_file_without_profiles_still_has_fields() {
    let dir = tempfile::tempdir().unwrap();
    let files = generate(&GenerateOptions::new(0, dir.path()), &|_| ControlFlow::Continue(())).unwrap().files;
    let found = describe_files(&[files[0].path.clone()]);
    assert_eq!(count(&found, "person.name.firstName"), Some(0));
    assert_eq!(count(&found, "identityMap"), Some(0));
}
