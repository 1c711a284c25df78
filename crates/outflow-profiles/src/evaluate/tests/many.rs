//! Many rules at once: each selects what it selects alone, and what the reader of single rows selects.

use std::cell::RefCell;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, StringArray};
use outflow_model::FieldPath;
use outflow_model::rule::{BoundRule, Expr, bind};
use proptest::prelude::*;

use super::super::many::Limits;
use super::super::{Evaluator, ManyEvaluator};
use super::random::{Batch, batch, reference, rows, select};
use super::rules::{condition, ordered};
use super::{now, rule, schema};

/// Rules of any kind, beside so many comparisons that columns have several.
fn rules() -> impl Strategy<Value = Vec<Expr>> {
    let beside = (condition(), ordered(), any::<bool>()).prop_map(|(one, two, both)| {
        if both { Expr::and(vec![one, two], 0..0) } else { Expr::or(vec![two, one], 0..0) }
    });
    let negated = ordered().prop_map(|expr| Expr::negated(expr, 0..0));
    prop::collection::vec(prop_oneof![2 => condition(), 4 => ordered(), 1 => negated, 2 => beside], 1..16)
}

fn select_together(evaluator: &mut ManyEvaluator, batch: &Batch) -> Vec<Vec<bool>> {
    let columns = |path: &FieldPath| Some(ArrayRef::clone(&batch[&path.to_string()].array));
    evaluator.select(&columns, rows(batch)).unwrap().iter().map(|bits| bits.iter().collect()).collect()
}

fn is_true(answers: Vec<Option<bool>>) -> Vec<bool> {
    answers.into_iter().map(|answer| answer == Some(true)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn rules_select_together_what_they_select_alone(
        exprs in rules(),
        batch in batch(),
        other in batch(),
        cuts_min in prop::sample::select(vec![1usize, 2, 8]),
        plain_text_min in prop::sample::select(vec![1usize, 4]),
    ) {
        let bound = |expr: &Expr| bind(expr, &schema(), now()).map_err(|e| TestCaseError::fail(e.to_string()));
        let rules: Vec<BoundRule> = exprs.iter().map(bound).collect::<Result<_, _>>()?;
        let mut together = ManyEvaluator::with_limits(&rules, Limits { cuts_min, plain_text_min }).unwrap();
        // What is kept of types and dictionaries must not leak into other batches, and must serve the same one again.
        for batch in [&batch, &other, &other] {
            let found = select_together(&mut together, batch);
            for (rule, found) in rules.iter().zip(found) {
                prop_assert_eq!(&found, &is_true(select(&Evaluator::new(rule).unwrap(), batch)), "{}", rule.text());
                prop_assert_eq!(&found, &is_true(reference(rule, batch)), "{}", rule.text());
            }
        }
    }
}

fn selected(rules: &[&str], columns: &[(&str, ArrayRef)]) -> Vec<Vec<usize>> {
    let bound: Vec<BoundRule> = rules.iter().map(|text| rule(text)).collect();
    let find =
        |path: &FieldPath| columns.iter().find(|(name, _)| *name == path.to_string()).map(|(_, a)| ArrayRef::clone(a));
    let mut evaluator = ManyEvaluator::new(&bound).unwrap();
    let selected = evaluator.select(&find, columns[0].1.len()).unwrap();
    selected.iter().map(|bits| bits.set_indices().collect()).collect()
}

#[test]
fn nan_and_null_are_above_no_constant_and_below_none() {
    let values = vec![Some(f64::NAN), None, Some(-0.0), Some(0.0), Some(1.5), Some(f64::INFINITY), Some(-2.0)];
    let f: ArrayRef = Arc::new(Float64Array::from(values));
    let rules = [
        "f > 0",
        "f >= 0",
        "f < 0",
        "f <= 0",
        "f = 0",
        "f != 0",
        "not f > 0",
        "not f <= 0",
        "not f = 0",
        "f = 1.5",
        "f < 1.5",
        "f >= 1e308",
    ];
    let expected: [&[usize]; 12] = [
        &[4, 5],
        &[2, 3, 4, 5],
        &[6],
        &[2, 3, 6],
        &[2, 3],
        &[0, 4, 5, 6],
        &[0, 2, 3, 6],
        &[0, 4, 5],
        &[0, 4, 5, 6],
        &[4],
        &[2, 3, 6],
        &[5],
    ];
    assert_eq!(selected(&rules, &[("f", f)]), expected);
}

#[test]
fn the_ends_of_a_type_are_constants_like_others() {
    let i: ArrayRef = Arc::new(Int64Array::from(vec![i64::MIN, -1, i64::MAX]));
    let rules = [
        "i >= -9223372036854775808",
        "i > -9223372036854775808",
        "i < -9223372036854775808",
        "i <= -9223372036854775808",
        "i = -9223372036854775808",
        "i != -9223372036854775808",
        "i > 9223372036854775807",
        "i <= 9223372036854775807",
        "i < 18446744073709551615",
        "i = -1",
    ];
    let expected: [&[usize]; 10] = [&[0, 1, 2], &[1, 2], &[], &[0], &[0], &[1, 2], &[], &[0, 1, 2], &[0, 1, 2], &[1]];
    assert_eq!(selected(&rules, &[("i", i)]), expected);
}

#[test]
fn thousands_of_rows_and_constants_agree_with_rules_alone() {
    let rows = 5_000;
    let number = |row: usize| (row * 7_919 % 4_001) as i64;
    let i: ArrayRef = Arc::new((0..rows).map(|r| (r % 11 != 0).then(|| number(r))).collect::<Int64Array>());
    let s: ArrayRef =
        Arc::new((0..rows).map(|r| (r % 13 != 0).then(|| format!("v{}", r % 90))).collect::<StringArray>());
    let texts: Vec<String> = (0..700)
        .map(|n| match n % 4 {
            0 => format!("i > {}", n * 5),
            1 => format!("i <= {} and s != \"v{}\"", n * 6, n % 97),
            2 => format!("not (i = {} or s in [\"v{}\", \"v{}\"])", n, n % 90, n % 7),
            _ => format!("s like \"v{}%\" or i >= {}", n % 10, n * 7),
        })
        .collect();
    let columns = [("i", i), ("s", s)];
    let names: Vec<&str> = texts.iter().map(String::as_str).collect();
    for (text, found) in texts.iter().zip(selected(&names, &columns)) {
        let alone = super::answers(text, &columns);
        let alone: Vec<usize> = (0..rows).filter(|row| alone[*row] == Some(true)).collect();
        assert_eq!(found, alone, "{text}");
    }
}

#[test]
fn columns_that_no_answer_depends_on_are_not_asked_for() {
    let bound: Vec<BoundRule> = ["i > 9 and s = \"a\"", "i > 8 and s = \"a\""].map(rule).into();
    let asked = RefCell::new(Vec::new());
    let columns = |path: &FieldPath| -> Option<ArrayRef> {
        asked.borrow_mut().push(path.to_string());
        Some(Arc::new(Int64Array::from(vec![0, 1])))
    };
    let selected = ManyEvaluator::new(&bound).unwrap().select(&columns, 2).unwrap();
    assert!(selected.iter().all(|bits| bits.count_set_bits() == 0));
    assert_eq!(*asked.borrow(), ["i"]);
}

#[test]
fn a_scan_that_breaks_its_promise_is_told_so_by_all_rules_as_by_one() {
    let bound: Vec<BoundRule> = (0..10).map(|n| rule(&format!("i > {n}"))).collect();
    let texts = |_: &FieldPath| -> Option<ArrayRef> { Some(Arc::new(StringArray::from(vec!["a", "b"]))) };
    let fault = ManyEvaluator::new(&bound).unwrap().select(&texts, 2).unwrap_err();
    assert_eq!(fault.message, "the rule needs something comparable with `0`, but the scan gave a column of type Utf8");
}
