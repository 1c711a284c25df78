//! What a user would look up in a table.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Decimal128Array, DictionaryArray, Float32Array, Float64Array, Int32Array, Int64Array,
    NullArray, StringArray, UInt64Array,
};
use arrow::datatypes::Int32Type;
use outflow_model::FaultClass;

use super::super::Evaluator;
use super::{answers, rule};

const T: Option<bool> = Some(true);
const F: Option<bool> = Some(false);
const U: Option<bool> = None;

#[test]
fn logic_has_three_values() {
    let b: ArrayRef = Arc::new(BooleanArray::from(vec![T, T, T, F, F, F, U, U, U]));
    let c: ArrayRef = Arc::new(BooleanArray::from(vec![T, F, U, T, F, U, T, F, U]));
    let columns = [("b", b), ("c", c)];
    for (text, expected) in [
        ("b and c", [T, F, U, F, F, F, U, F, U]),
        ("b or c", [T, T, T, T, F, U, T, U, U]),
        ("not b", [F, F, F, T, T, T, U, U, U]),
        ("b = c", [T, F, U, F, T, U, U, U, U]),
        ("b != c", [F, T, U, T, F, U, U, U, U]),
        ("b is null", [F, F, F, F, F, F, T, T, T]),
        ("(b and c) is not null", [T, T, F, T, T, T, F, T, F]),
        ("b in [true]", [T, T, T, F, F, F, U, U, U]),
        ("c = false", [F, T, U, F, T, U, F, T, U]),
        ("true", [T; 9]),
        ("b and false", [F; 9]),
        ("c or 1 < 2", [T; 9]),
    ] {
        assert_eq!(answers(text, &columns), expected, "{text}");
    }
}

#[test]
fn numbers_compare_exactly_whatever_their_types() {
    let i: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 9_007_199_254_740_993]));
    assert_eq!(answers("i > 1.5", &[("i", Arc::clone(&i))]), [F, T, T]);
    assert_eq!(answers("i = 9007199254740993", &[("i", Arc::clone(&i))]), [F, F, T]);
    assert_eq!(answers("i = 9007199254740992", &[("i", Arc::clone(&i))]), [F, F, F]);
    assert_eq!(answers("i <= 18446744073709551615", &[("i", Arc::clone(&i))]), [T, T, T]);
    let j: ArrayRef = Arc::new(UInt64Array::from(vec![u64::MAX, 1, 9_223_372_036_854_775_808]));
    assert_eq!(answers("j > 9223372036854775807", &[("j", Arc::clone(&j))]), [T, F, T]);
    assert_eq!(answers("j >= i", &[("i", Arc::clone(&i)), ("j", Arc::clone(&j))]), [T, F, T]);
    assert_eq!(answers("j in [18446744073709551615, -1]", &[("j", j)]), [T, F, F]);
    let f: ArrayRef = Arc::new(Float64Array::from(vec![1.0, 2.5, 9_007_199_254_740_992.0]));
    assert_eq!(answers("f = 9007199254740993", &[("f", Arc::clone(&f))]), [F, F, F]);
    assert_eq!(answers("f < i", &[("f", f), ("i", i)]), [F, F, T]);
    let f: ArrayRef = Arc::new(Float32Array::from(vec![0.1, 0.5, 0.25]));
    assert_eq!(answers("f > 0.1", &[("f", f)]), [T, T, T]);
}

#[test]
fn nan_differs_from_everything() {
    let f: ArrayRef = Arc::new(Float64Array::from(vec![Some(f64::NAN), Some(-0.0), None]));
    for (text, expected) in [
        ("f = f", [F, T, U]),
        ("f != f", [T, F, U]),
        ("f = 0", [F, T, U]),
        ("f != 0", [T, F, U]),
        ("f < 1", [F, T, U]),
        ("f >= -1", [F, T, U]),
        ("not f < 1", [T, F, U]),
        ("f in [0, 1]", [F, T, U]),
    ] {
        assert_eq!(answers(text, &[("f", Arc::clone(&f))]), expected, "{text}");
    }
}

#[test]
fn impossible_arithmetic_is_unknown() {
    let i: ArrayRef = Arc::new(Int64Array::from(vec![0, 7, -7]));
    for (text, expected) in [
        ("7 / i = -1", [U, F, T]),
        ("7 % i = 0", [U, T, T]),
        ("i % 4 = -3", [F, F, T]),
        ("i / 2 = 3.5", [F, T, F]),
        ("i * 9223372036854775807 > 9223372036854775807", [F, T, F]),
        ("i * 1e308 * 10.0 > 0", [F, U, U]),
        ("(7 / i) is null", [T, F, F]),
        ("-i = 7", [F, F, T]),
    ] {
        assert_eq!(answers(text, &[("i", Arc::clone(&i))]), expected, "{text}");
    }
}

#[test]
fn dictionaries_with_null_entries_and_null_keys_answer_like_plain_columns() {
    let keys = Int32Array::from(vec![Some(0), Some(1), None, Some(2), Some(0)]);
    let values: ArrayRef = Arc::new(StringArray::from(vec![Some("DE"), None, Some("FR"), Some("never used")]));
    let s: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).unwrap());
    for (text, expected) in [
        ("s = \"DE\"", [T, U, U, F, T]),
        ("s != \"DE\"", [F, U, U, T, F]),
        ("s in [\"FR\", \"IT\"]", [F, U, U, T, F]),
        ("s is null", [F, T, T, F, F]),
        ("s is null or s = \"DE\"", [T, T, T, F, T]),
        ("not (s is not null and s = \"DE\")", [F, T, T, T, F]),
        ("s.startsWith(\"d\", false)", [T, U, U, F, T]),
    ] {
        assert_eq!(answers(text, &[("s", Arc::clone(&s))]), expected, "{text}");
    }
}

#[test]
fn an_entry_may_be_unknown_where_a_null_is_not() {
    // Under the null key stands 0, whose entry is unknown.
    let keys = Int32Array::from(vec![Some(0), None, Some(1)]);
    let values: ArrayRef = Arc::new(Int64Array::from(vec![0, 7]));
    let i: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).unwrap());
    assert_eq!(answers("i is null or 7 / i = 1", &[("i", Arc::clone(&i))]), [U, T, T]);
    assert_eq!(answers("i is not null and 7 / i = 1", &[("i", i)]), [U, F, T]);
}

#[test]
fn constants_beside_decimals_are_decimals() {
    let cents = Decimal128Array::from(vec![20, 410, 33]).with_precision_and_scale(9, 2).unwrap();
    let d: ArrayRef = Arc::new(cents);
    for (text, expected) in [
        ("d = 4.1", [F, T, F]),
        ("0.1 + d = 0.3", [T, F, F]),
        ("d + 0.1 = 0.3", [T, F, F]),
        ("d * 1.1 = 4.51", [F, T, F]),
        ("d % 0.2 = 0.1", [F, T, F]),
        ("d > 0.329 and d < 0.331", [F, F, T]),
    ] {
        assert_eq!(answers(text, &[("d", Arc::clone(&d))]), expected, "{text}");
    }
}

#[test]
fn a_dictionary_far_larger_than_its_batch_answers_the_same() {
    let values: ArrayRef = Arc::new(StringArray::from_iter_values((0..1_000).map(|n| format!("v{n}"))));
    let keys = Int32Array::from(vec![Some(999), None, Some(5)]);
    let s: ArrayRef = Arc::new(DictionaryArray::<Int32Type>::try_new(keys, values).unwrap());
    assert_eq!(answers("s = \"v5\"", &[("s", s)]), [F, U, T]);
}

#[test]
fn a_column_is_fetched_once_and_only_when_it_matters() {
    let evaluator = Evaluator::new(&rule("i > 1 and i < 5 and s = \"x\" and i != 3")).unwrap();
    let asked = RefCell::new(Vec::new());
    let columns = |path: &outflow_model::FieldPath| -> Option<ArrayRef> {
        asked.borrow_mut().push(path.to_string());
        Some(match path.to_string().as_str() {
            "i" => Arc::new(Int64Array::from(vec![2, 4])),
            _ => Arc::new(StringArray::from(vec!["x", "y"])),
        })
    };
    let selected = evaluator.select(&columns, 2).unwrap();
    assert_eq!(selected.iter().collect::<Vec<_>>(), [T, F]);
    assert_eq!(*asked.borrow(), ["i", "s"]);

    let asked = RefCell::new(Vec::new());
    let nobody = |path: &outflow_model::FieldPath| -> Option<ArrayRef> {
        asked.borrow_mut().push(path.to_string());
        Some(Arc::new(Int64Array::from(vec![0, 9])))
    };
    let selected = evaluator.select(&nobody, 2).unwrap();
    assert_eq!(selected.true_count(), 0);
    assert_eq!(*asked.borrow(), ["i"]);
}

#[test]
fn columns_of_nulls_are_unknown_everywhere() {
    let null = || -> ArrayRef { Arc::new(NullArray::new(2)) };
    for text in [
        "b",
        "i > 1",
        "i + 1 = j",
        "s = \"a\"",
        "s like \"a%\"",
        "l.contains(\"a\")",
        "t < now",
        "u = t",
        "i in [1]",
        "-i = 1",
    ] {
        let columns = ["b", "i", "j", "s", "l", "t", "u"].map(|name| (name, null()));
        assert_eq!(answers(text, &columns), [U, U], "{text}");
    }
    assert_eq!(answers("i is null", &[("i", null())]), [T, T]);
}

#[test]
fn a_scan_that_breaks_its_promise_is_told_so() {
    let evaluator = Evaluator::new(&rule("i > 1")).unwrap();
    let missing = evaluator.select(&|_| None, 2).unwrap_err();
    assert_eq!(missing.message, "the scan gave no column for `i`, which the rule reads");
    let short = evaluator.select(&|_| Some(Arc::new(Int64Array::from(vec![1]))), 2).unwrap_err();
    assert_eq!(short.message, "the scan gave 1 values for `i` in a batch of 2 rows");
    let other = evaluator.select(&|_| Some(Arc::new(StringArray::from(vec!["a", "b"]))), 2).unwrap_err();
    assert_eq!(other.message, "the rule needs something comparable with `1`, but the scan gave a column of type Utf8");
    assert_eq!(other.class, FaultClass::Internal);
}
