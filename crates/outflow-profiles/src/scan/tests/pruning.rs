//! A row group that statistics rule out has nothing that the rule selects.

use std::sync::Arc;

use arrow::array::{
    BooleanArray, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array, StringArray, StructArray,
    TimestampMillisecondArray, UInt32Array, UInt64Array,
};
use arrow::datatypes::{Field, Fields};
use outflow_model::rule::{bind, parse_pql};
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::evaluate::Evaluator;

fn rule(profiles: &Profiles, text: &str) -> Arc<Evaluator> {
    let rule = bind(&parse_pql(text).unwrap(), profiles.schema(), chrono::DateTime::UNIX_EPOCH);
    Arc::new(Evaluator::new(&rule.unwrap_or_else(|e| panic!("{text}: {e:?}"))).unwrap())
}

#[derive(Clone, Debug)]
struct Row {
    number: Option<i32>,
    float: Option<f64>,
    text: Option<String>,
    flag: Option<bool>,
    has_parent: bool,
}

fn row(from: i32) -> impl Strategy<Value = Row> {
    let float = select(vec![0.0, -0.0, 0.1, 1.5, -2.0, f64::NAN, f64::INFINITY, 1e300]);
    let text = "(a|ab|b|é|aaaaaaaaaa|bbbbbbbbbz|\u{10ffff}\u{10ffff}\u{10ffff}){0,2}";
    let number = from..from + 4;
    (
        prop::option::weighted(0.8, number),
        prop::option::of(float),
        prop::option::of(text),
        any::<Option<bool>>(),
        any::<bool>(),
    )
        .prop_map(|(number, float, text, flag, has_parent)| Row { number, float, text, flag, has_parent })
}

fn batch(rows: &[Row]) -> RecordBatch {
    let numbers = || rows.iter().map(|r| r.number);
    let child: ArrayRef = Arc::new(numbers().map(|n| n.map(i64::from)).collect::<Int64Array>());
    let parents: Vec<bool> = rows.iter().map(|r| r.has_parent).collect();
    let fields = Fields::from(vec![Field::new("x", DataType::Int64, true)]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i", Arc::new(numbers().collect::<Int32Array>())),
        ("u", Arc::new(numbers().map(|n| n.map(|n| (n as u32).wrapping_sub(8))).collect::<UInt32Array>())),
        ("w", Arc::new(numbers().map(|n| n.map(|n| (n as u64).wrapping_sub(8))).collect::<UInt64Array>())),
        ("f", Arc::new(rows.iter().map(|r| r.float).collect::<Float64Array>())),
        ("g", Arc::new(rows.iter().map(|r| r.float.map(|f| f as f32)).collect::<Float32Array>())),
        ("s", Arc::new(rows.iter().map(|r| r.text.clone()).collect::<StringArray>())),
        ("b", Arc::new(rows.iter().map(|r| r.flag).collect::<BooleanArray>())),
        ("d", Arc::new(numbers().collect::<Date32Array>())),
        ("t", Arc::new(numbers().map(|n| n.map(i64::from)).collect::<TimestampMillisecondArray>())),
        ("p", Arc::new(StructArray::new(fields, vec![child], Some(parents.into())))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(n, c)| (n, c, true))).unwrap()
}

fn condition() -> BoxedStrategy<String> {
    let op = || select(vec!["=", "!=", "<", "<=", ">", ">="]);
    let number = || select(vec!["-1", "0", "3", "7", "8", "12", "7.5", "4294967295", "18446744073709551615"]);
    let text = || select(vec!["", "a", "ab", "aaaaaaaaaaa", "b", "bbbbbbbbbz", "bc", "é", "\u{10ffff}"]);
    let leaf = prop_oneof![
        (select(vec!["i", "u", "w", "p.x"]), op(), number()).prop_map(|(f, o, n)| format!("{f} {o} {n}")),
        (select(vec!["f", "g"]), op(), select(vec!["0", "0.1", "1.5", "-2", "1e300", "2"]))
            .prop_map(|(f, o, n)| format!("{f} {o} {n}")),
        (number(), op()).prop_map(|(n, o)| format!("{n} {o} i")),
        (op(), text()).prop_map(|(o, t)| format!("s {o} \"{t}\"")),
        (select(vec!["startsWith", "endsWith", "contains"]), text()).prop_map(|(f, t)| format!("s.{f}(\"{t}\")")),
        text().prop_map(|t| format!("s like \"{t}%\"")),
        (op(), 0..14).prop_map(|(o, n)| format!("d {o} date(1970, 1, {})", n + 1)),
        (op(), 0..14).prop_map(|(o, n)| format!("t {o} timestamp(\"1970-01-01T00:00:00.{n:03}Z\")")),
        select(vec!["b", "b = false", "b != true"]).prop_map(String::from),
        select(vec!["i is null", "p.x is null", "f is not null", "s is null", "p is null"]).prop_map(String::from),
        (number(), number()).prop_map(|(a, b)| format!("i in [{a}, {b}]")),
        (text(), text()).prop_map(|(a, b)| format!("s not in [\"{a}\", \"{b}\"]")),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("not ({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
    .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn nothing_selected_is_ever_ruled_out(
        groups in prop::collection::vec((0i32..10).prop_flat_map(|from| prop::collection::vec(row(from), 3)), 1..8),
        conditions in prop::collection::vec(condition(), 12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let rows: Vec<Row> = groups.into_iter().flatten().collect();
        let properties = WriterProperties::builder()
            .set_max_row_group_row_count(Some(3))
            .set_statistics_truncate_length(Some(4))
            .build();
        write(&dir.path().join("a.parquet"), &batch(&rows), properties);
        let profiles = open(dir.path()).unwrap();
        for text in conditions {
            let rule = rule(&profiles, &text);
            for &morsel in profiles.morsels() {
                // The whole row group, and the rule asked afterwards.
                let all = ScanRequest { rule: None, require: Vec::new(), columns: rule.paths().to_vec(), pages: None };
                let whole = profiles.scan(morsel, &all).unwrap().next_batch().unwrap().unwrap();
                let column = |path: &FieldPath| {
                    rule.paths().iter().position(|p| p == path).map(|at| Arc::clone(&whole.columns[at]))
                };
                let rows = whole.read as usize;
                let answers = rule.select(&column, rows).unwrap();
                let selected = |r: &usize| answers.is_valid(*r) && answers.value(*r);
                let expected: Vec<usize> = (0..rows).filter(selected).collect();

                let selecting = ScanRequest { rule: Some(Arc::clone(&rule)), ..all };
                let mut scan = profiles.scan(morsel, &selecting).unwrap();
                let found = scan.next_batch().unwrap().unwrap();
                prop_assert_eq!((found.read, found.selected), (whole.read, expected.len() as u64), "{}", text);
                for (found, whole) in found.columns.iter().zip(&whole.columns) {
                    let values: Vec<_> = (0..found.len()).map(|r| super::text(found, r)).collect();
                    let wanted: Vec<_> = expected.iter().map(|&r| super::text(whole, r)).collect();
                    prop_assert_eq!(values, wanted, "{}", text);
                }
                prop_assert!(scan.next_batch().unwrap().is_none());
            }
        }
    }
}

#[test]
fn what_is_ruled_out_is_not_decoded() {
    let rows: Vec<Row> = (0..30)
        .map(|n| Row { number: Some(n), float: None, text: Some(format!("text {n:02}")), flag: None, has_parent: true })
        .collect();
    let dir = tempfile::tempdir().unwrap();
    write(
        &dir.path().join("a.parquet"),
        &batch(&rows),
        WriterProperties::builder().set_max_row_group_row_count(Some(10)).build(),
    );
    let profiles = open(dir.path()).unwrap();
    for (text, kept) in [
        ("i = 15", [false, true, false]),
        ("s like \"text 0%\"", [true, false, false]),
        ("p.x > 9", [false, true, true]),
        ("f is not null", [false, false, false]),
        ("t < timestamp(\"1970-01-01T00:00:00.010Z\")", [true, false, false]),
        ("d >= date(1970, 1, 21)", [false, false, true]),
    ] {
        let rule = rule(&profiles, text);
        let found: Vec<bool> =
            profiles.morsels().iter().map(|m| !profiles.is_ruled_out(*m, rule.rule()).unwrap()).collect();
        assert_eq!(found, kept, "{text}");
    }
}
