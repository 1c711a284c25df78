//! Files whose types differ, read as one.

use std::sync::Arc;

use arrow::array::{
    FixedSizeListArray, Int32Array, Int64Array, LargeListArray, ListArray, MapArray, NullArray, StringArray,
    StructArray, TimestampMicrosecondArray, TimestampMillisecondArray,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{Field, Fields};

use super::*;
use crate::schema::conform;

/// A folder with one file for each column, which is called `c`.
fn lake(columns: Vec<ArrayRef>) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (number, column) in columns.into_iter().enumerate() {
        let batch = RecordBatch::try_from_iter_with_nullable([("c", column, true)]).unwrap();
        write(&dir.path().join(format!("{number}.parquet")), &batch, WriterProperties::default());
    }
    dir
}

/// The column of all files, every batch checked for the type that all share.
fn column(dir: &Path, path: &str) -> Vec<ArrayRef> {
    let profiles = open(dir).unwrap();
    let united = profiles.arrow_type(&FieldPath::parse(path).unwrap()).unwrap();
    let mut arrays = Vec::new();
    for &morsel in profiles.morsels() {
        let mut scan = profiles.scan(morsel, &request(&[path])).unwrap();
        while let Some(batch) = scan.next_batch().unwrap() {
            if united.is_nested() {
                assert_eq!(*batch.columns[0].data_type(), united);
            }
            arrays.push(Arc::clone(&batch.columns[0]));
        }
    }
    arrays
}

fn people(members: &[(&str, &[&str])]) -> StructArray {
    let member = |(name, values): &(&str, &[&str])| {
        let values: ArrayRef = Arc::new(StringArray::from(values.to_vec()));
        (Arc::new(Field::new(*name, DataType::Utf8, true)), values)
    };
    StructArray::from(members.iter().map(member).collect::<Vec<_>>())
}

fn texts(arrays: &[ArrayRef]) -> Vec<String> {
    let each = arrays.iter().flat_map(|a| (0..a.len()).map(|row| text(a, row).unwrap_or_else(|| "~".into())));
    each.collect()
}

#[test]
fn members_of_structs_go_by_name_wherever_the_structs_are() {
    let one = || people(&[("firstName", &["Ada", "Bob"]), ("lastName", &["Lovelace", "Baker"])]);
    let two = || people(&[("lastName", &["Curie", "Darwin"]), ("title", &["Dr", "Mr"])]);
    let three = || people(&[("firstName", &["Eve", "Fay"])]);
    let expected = [
        "{firstName: Ada, lastName: Lovelace, title: }",
        "{firstName: Bob, lastName: Baker, title: }",
        "{firstName: , lastName: Curie, title: Dr}",
        "{firstName: , lastName: Darwin, title: Mr}",
        "{firstName: Eve, lastName: , title: }",
        "{firstName: Fay, lastName: , title: }",
    ];
    let dir = lake(vec![Arc::new(one()), Arc::new(two()), Arc::new(three())]);
    assert_eq!(texts(&column(dir.path(), "c")), expected);
    assert_eq!(texts(&column(dir.path(), "c.lastName")), ["Lovelace", "Baker", "Curie", "Darwin", "~", "~"]);

    let lists = |people: StructArray| -> ArrayRef {
        let item = Arc::new(Field::new("item", people.data_type().clone(), true));
        Arc::new(ListArray::new(item, OffsetBuffer::from_lengths([1, 1]), Arc::new(people), None))
    };
    let dir = lake(vec![lists(one()), lists(two()), lists(three())]);
    assert_eq!(texts(&column(dir.path(), "c")), expected.map(|person| format!("[{person}]")));

    let maps = |people: StructArray| -> ArrayRef {
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["k", "k"]));
        let pair = Fields::from(vec![
            Field::new("key", DataType::Utf8, false),
            Field::new("value", people.data_type().clone(), true),
        ]);
        let entries = Arc::new(Field::new("entries", DataType::Struct(pair.clone()), false));
        let pairs = StructArray::new(pair, vec![keys, Arc::new(people)], None);
        Arc::new(MapArray::new(entries, OffsetBuffer::from_lengths([1, 1]), pairs, None, false))
    };
    let dir = lake(vec![maps(one()), maps(two()), maps(three())]);
    assert_eq!(texts(&column(dir.path(), "c")), expected.map(|person| format!("{{k: {person}}}")));
    assert_eq!(texts(&column(dir.path(), "c.k")), expected);
}

#[test]
fn text_files_beside_parquet_files_have_the_united_members_too() {
    let dir = lake(vec![Arc::new(people(&[("firstName", &["Ada"])])), Arc::new(people(&[("lastName", &["Baker"])]))]);
    std::fs::write(dir.path().join("z.ndjson"), "{\"c\":{\"title\":\"Dr\",\"lastName\":null}}\n").unwrap();
    assert_eq!(
        texts(&column(dir.path(), "c")),
        [
            "{firstName: Ada, lastName: , title: }",
            "{firstName: , lastName: Baker, title: }",
            "{firstName: , lastName: , title: Dr}"
        ]
    );
}

#[test]
fn every_kind_of_list_is_read_as_one_kind() {
    let numbers = || Arc::new(Int64Array::from(vec![1, 2, 3, 4]));
    let item = || Arc::new(Field::new("item", DataType::Int64, true));
    let large = LargeListArray::new(item(), OffsetBuffer::from_lengths([2, 2]), numbers(), None);
    let fixed = FixedSizeListArray::new(item(), 2, numbers(), Some(vec![true, false].into()));
    let narrow = ListArray::new(
        Arc::new(Field::new("item", DataType::Int32, true)),
        OffsetBuffer::from_lengths([1, 0]),
        Arc::new(Int32Array::from(vec![9])),
        None,
    );
    let dir = lake(vec![Arc::new(large), Arc::new(fixed), Arc::new(narrow)]);
    assert_eq!(texts(&column(dir.path(), "c")), ["[1, 2]", "[3, 4]", "[1, 2]", "~", "[9]", "[]"]);
    assert_eq!(texts(&column(dir.path(), "c[1]")), ["2", "4", "2", "~", "~", "~"]);
}

#[test]
fn instants_stay_what_they_are_whatever_zones_are_mixed() {
    let at = |zone: Option<&str>| -> ArrayRef {
        Arc::new(TimestampMicrosecondArray::from(vec![1_700_000_000_000_000]).with_timezone_opt(zone))
    };
    let coarse: ArrayRef = Arc::new(TimestampMillisecondArray::from(vec![1_700_000_000_000]));
    let dir = lake(vec![at(None), at(Some("+02:00")), at(Some("Europe/Berlin")), coarse]);
    let utc = DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, Some("UTC".into()));
    assert_eq!(open(dir.path()).unwrap().arrow_type(&FieldPath::parse("c").unwrap()), Some(utc.clone()));
    for array in column(dir.path(), "c") {
        let same = cast(&array, &utc).unwrap();
        assert_eq!(same.as_primitive::<arrow::datatypes::TimestampMicrosecondType>().value(0), 1_700_000_000_000_000);
    }
    let inside = |array: ArrayRef| -> ArrayRef {
        let field = Arc::new(Field::new("t", array.data_type().clone(), true));
        Arc::new(StructArray::from(vec![(field, array)]))
    };
    let dir = lake(vec![inside(at(None)), inside(at(Some("Europe/Berlin"))), inside(at(Some("+02:00")))]);
    for array in column(dir.path(), "c") {
        let member = array.as_struct().column(0).as_primitive::<arrow::datatypes::TimestampMicrosecondType>().clone();
        assert_eq!((member.value(0), member.timezone()), (1_700_000_000_000_000, Some("UTC")));
    }
}

#[test]
fn a_column_of_nulls_takes_the_type_of_the_other_files_or_is_text() {
    let nulls = || Arc::new(NullArray::new(2)) as ArrayRef;
    let dir = lake(vec![nulls(), Arc::new(StringArray::from(vec!["a", "b"]))]);
    assert_eq!(open(dir.path()).unwrap().schema().fields[0].field_type.name(), "string");
    let found = column(dir.path(), "c");
    assert!(found.iter().all(|a| *a.data_type() != DataType::Null));
    assert_eq!(texts(&found), ["~", "~", "a", "b"]);

    let dir = lake(vec![nulls()]);
    assert_eq!(open(dir.path()).unwrap().schema().fields[0].field_type.name(), "string");
    assert_eq!(*column(dir.path(), "c")[0].data_type(), DataType::Utf8);

    let inside = |array: ArrayRef| -> ArrayRef {
        Arc::new(StructArray::from(vec![(Arc::new(Field::new("n", array.data_type().clone(), true)), array)]))
    };
    let dir = lake(vec![inside(nulls()), inside(Arc::new(Int64Array::from(vec![1, 2])))]);
    assert_eq!(texts(&column(dir.path(), "c")), ["{n: }", "{n: }", "{n: 1}", "{n: 2}"]);
}

#[test]
fn files_that_contradict_each_other_are_both_named() {
    let number: ArrayRef = Arc::new(Int64Array::from(vec![1]));
    let word: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
    let dir = lake(vec![Arc::new(NullArray::new(1)), Arc::clone(&word), Arc::clone(&word), number]);
    let fault = open(dir.path()).err().unwrap();
    let root = dir.path().display();
    assert_eq!(fault.message, format!("`c` is a string in {root}/1.parquet and an integer in {root}/3.parquet"));
}

#[test]
fn equal_types_are_not_touched() {
    let array: ArrayRef = Arc::new(people(&[("firstName", &["Ada"])]));
    let same = conform(&array, array.data_type()).unwrap();
    assert!(Arc::ptr_eq(&array, &same));
}
