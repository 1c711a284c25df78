//! Columns read from the pages agree with values found row by row in memory.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{DataType, Field, Fields, Schema, SchemaRef, TimeUnit};
use outflow_model::FieldPath;
use parquet::file::properties::{WriterProperties, WriterVersion};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const PATHS: [&str; 16] = [
    "flat",
    "st",
    "st.a",
    "st.name",
    "m.k0.status",
    "m.k0.n",
    "m.k1.t",
    "m.k1.f",
    "m.k9.status",
    "sm.k0",
    "ml.k0[0].id",
    "ml.k1[1].id",
    "l[0].id",
    "l[2].id",
    "mm.k0.k1",
    "late",
];

fn schema() -> SchemaRef {
    let field = |name: &str, data_type| Field::new(name, data_type, true);
    let structure = |fields: Vec<Field>| DataType::Struct(Fields::from(fields));
    let list = |item| DataType::List(Arc::new(field("item", item)));
    let map = |value| {
        let entry = vec![Field::new("key", DataType::Utf8, false), field("value", value)];
        DataType::Map(Arc::new(Field::new("entries", structure(entry), false)), false)
    };
    let identity = || structure(vec![field("id", DataType::Utf8)]);
    let membership = structure(vec![
        field("status", DataType::Utf8),
        field("n", DataType::Int32),
        field("t", DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))),
        field("f", DataType::Float64),
    ]);
    Arc::new(Schema::new(vec![
        field("flat", DataType::Utf8),
        field("st", structure(vec![field("a", DataType::Int32), field("name", DataType::Utf8)])),
        field("m", map(membership)),
        field("sm", map(DataType::Utf8)),
        field("ml", map(list(identity()))),
        field("l", list(identity())),
        field("mm", map(map(DataType::Int64))),
        field("late", DataType::Int64),
    ]))
}

fn nullable(value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    prop_oneof![1 => Just("null".to_string()), 3 => value].boxed()
}

fn text() -> BoxedStrategy<String> {
    nullable("\"[a-dé]{0,3}\"".boxed())
}

fn number() -> BoxedStrategy<String> {
    nullable((-3i32..300).prop_map(|n| n.to_string()).boxed())
}

fn object(members: Vec<(&'static str, BoxedStrategy<String>)>) -> BoxedStrategy<String> {
    let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
    let whole = values.prop_map(move |values| {
        let members: Vec<String> = names.iter().zip(values).map(|(n, v)| format!("\"{n}\":{v}")).collect();
        format!("{{{}}}", members.join(","))
    });
    nullable(whole.boxed())
}

/// Maps with few keys, so that some are there twice.
fn map(value: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let entry = (select(vec!["k0", "k1", "k2", "k00"]), value).prop_map(|(k, v)| format!("\"{k}\":{v}"));
    nullable(prop::collection::vec(entry, 0..6).prop_map(|e| format!("{{{}}}", e.join(","))).boxed())
}

fn list(item: BoxedStrategy<String>) -> BoxedStrategy<String> {
    nullable(prop::collection::vec(item, 0..4).prop_map(|i| format!("[{}]", i.join(","))).boxed())
}

fn record() -> BoxedStrategy<String> {
    let identity = || object(vec![("id", text())]);
    let whole = [
        text(),
        object(vec![("a", number()), ("name", text())]),
        map(object(vec![("status", text()), ("n", number()), ("t", number()), ("f", number())])),
        map(text()),
        map(list(identity())),
        list(identity()),
        map(map(number())),
        number(),
    ];
    let names: Vec<String> = schema().fields().iter().map(|f| f.name().clone()).collect();
    let members = whole.to_vec().prop_map(move |values| {
        names.iter().zip(values).map(|(n, v)| format!("\"{n}\":{v}")).collect::<Vec<_>>().join(",")
    });
    members.prop_map(|m| format!("{{{m}}}\n")).boxed()
}

fn batch(records: &[String], columns: usize) -> RecordBatch {
    let schema = Arc::new(Schema::new(schema().fields()[..columns].to_vec()));
    let mut decoder = arrow::json::ReaderBuilder::new(Arc::clone(&schema)).build_decoder().unwrap();
    decoder.decode(records.concat().as_bytes()).unwrap();
    decoder.flush().unwrap().unwrap_or_else(|| RecordBatch::new_empty(schema))
}

fn properties() -> impl Strategy<Value = WriterProperties> {
    let version = select(vec![WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0]);
    (version, any::<bool>(), 1usize..20, 1usize..40, select(vec![8, 64, 1 << 20]), 1usize..8).prop_map(
        |(version, dictionary, page_rows, group_rows, dictionary_bytes, write_rows)| {
            WriterProperties::builder()
                .set_writer_version(version)
                .set_dictionary_enabled(dictionary)
                .set_dictionary_page_size_limit(dictionary_bytes)
                .set_data_page_row_count_limit(page_rows)
                .set_data_page_size_limit(64)
                .set_write_batch_size(write_rows)
                .set_max_row_group_row_count(Some(group_rows))
                .build()
        },
    )
}

fn expected(batches: &[&RecordBatch], path: &str) -> Vec<Option<String>> {
    let path = FieldPath::parse(path).unwrap();
    let mut values = Vec::new();
    for batch in batches {
        match batch.column_by_name(path.root()) {
            Some(root) => values.extend((0..batch.num_rows()).map(|row| walk(root, row, &path.elements()[1..]))),
            None => values.extend(vec![None; batch.num_rows()]),
        }
    }
    values
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn every_path_has_the_values_that_were_written(
        first in prop::collection::vec(record(), 1..60),
        second in prop::collection::vec(record(), 0..20),
        one in properties(),
        two in properties(),
        columns in 1usize..8,
    ) {
        let dir = tempfile::tempdir().unwrap();
        // The second file lacks some of the fields.
        let (first, second) = (batch(&first, 8), batch(&second, columns));
        write(&dir.path().join("a.parquet"), &first, one);
        write(&dir.path().join("b.parquet"), &second, two);
        let profiles = open(dir.path()).unwrap();
        let together = scan(&profiles, &request(&PATHS)).unwrap();
        for (path, together) in PATHS.iter().zip(together) {
            let alone = scan(&profiles, &request(&[path])).unwrap().remove(0);
            prop_assert_eq!(&alone, &expected(&[&first, &second], path), "{}", path);
            prop_assert_eq!(&together, &alone, "{}", path);
        }
    }
}
