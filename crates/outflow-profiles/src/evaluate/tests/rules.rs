//! Random rules that pass the checks.

use chrono::DateTime;
use outflow_model::FieldPath;
use outflow_model::rule::{ArithmeticOp, CompareOp, Expr, ExprKind, Literal, TextTest};
use proptest::prelude::*;

use super::columns::TEXTS;

fn at(kind: ExprKind) -> Expr {
    Expr::new(kind, 0..0)
}

fn path(names: &'static [&'static str]) -> BoxedStrategy<Expr> {
    prop::sample::select(names).prop_map(|name| at(ExprKind::Path(FieldPath::parse(name).unwrap()))).boxed()
}

fn constant(literal: impl Strategy<Value = Literal> + 'static) -> BoxedStrategy<Expr> {
    literal.prop_map(|l| Expr::literal(l, 0..0)).boxed()
}

fn number() -> BoxedStrategy<Literal> {
    let ints =
        vec![0, 1, -1, 2, 3, 127, 128, 256, (1 << 53) + 1, (1 << 53) + 2, i128::from(u64::MAX), i128::from(i64::MIN)];
    let floats = vec![0.0, 0.1, 1.5, -1.5, 2.0, 4.1, 0.015, 127.5, -0.5, 1e15, 9_007_199_254_740_992.0];
    prop_oneof![
        prop::sample::select(ints).prop_map(Literal::Integer),
        prop::sample::select(floats).prop_map(Literal::Float),
    ]
    .boxed()
}

fn text() -> BoxedStrategy<Literal> {
    prop::sample::select(TEXTS.to_vec()).prop_map(|t| Literal::String(t.into())).boxed()
}

fn time() -> BoxedStrategy<Literal> {
    let seconds = vec![0i64, -86_400, 86_400, 1_795_305_600, 1_795_329_000];
    (prop::sample::select(seconds), prop::sample::select(vec![0u32, 0, 1, 500_000_000]), any::<bool>())
        .prop_map(|(seconds, nanos, day)| {
            let instant = DateTime::from_timestamp(seconds, nanos).unwrap();
            if day { Literal::Date(instant.date_naive()) } else { Literal::Timestamp(instant) }
        })
        .boxed()
}

fn op() -> BoxedStrategy<CompareOp> {
    prop::sample::select(vec![
        CompareOp::Equal,
        CompareOp::NotEqual,
        CompareOp::Less,
        CompareOp::LessOrEqual,
        CompareOp::Greater,
        CompareOp::GreaterOrEqual,
    ])
    .boxed()
}

fn equality() -> BoxedStrategy<CompareOp> {
    prop_oneof![Just(CompareOp::Equal), Just(CompareOp::NotEqual)].boxed()
}

fn numeric() -> BoxedStrategy<Expr> {
    let leaf = prop_oneof![3 => path(&["i", "j", "f", "g", "d", "e"]), 1 => constant(number())];
    let ops = vec![
        ArithmeticOp::Add,
        ArithmeticOp::Subtract,
        ArithmeticOp::Multiply,
        ArithmeticOp::Divide,
        ArithmeticOp::Remainder,
    ];
    leaf.prop_recursive(2, 6, 2, move |inner| {
        prop_oneof![
            4 => (prop::sample::select(ops.clone()), inner.clone(), inner.clone()).prop_map(|(op, left, right)| {
                at(ExprKind::Arithmetic { op, left: Box::new(left), right: Box::new(right) })
            }),
            1 => inner.prop_map(|e| at(ExprKind::Negate(Box::new(e)))),
        ]
    })
    .boxed()
}

fn compare(op: BoxedStrategy<CompareOp>, left: BoxedStrategy<Expr>, right: BoxedStrategy<Expr>) -> BoxedStrategy<Expr> {
    (op, left, right).prop_map(|(op, left, right)| Expr::compare(op, left, right, 0..0)).boxed()
}

fn member(value: BoxedStrategy<Expr>, option: BoxedStrategy<Literal>) -> BoxedStrategy<Expr> {
    (value, prop::collection::vec(option, 1..12))
        .prop_map(|(value, options)| at(ExprKind::In { value: Box::new(value), options }))
        .boxed()
}

fn text_test() -> BoxedStrategy<Expr> {
    let tests = prop_oneof![
        (
            prop::sample::select(vec![TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains]),
            prop::sample::select(vec!["", "a", "B", "c", "äö", "ab"])
        ),
        (
            Just(TextTest::Like),
            prop::sample::select(vec!["a%", "%C", "%b%", "a_c", "a\\_c", "_", "%", "100\\%", "ä%", "%a%b%"])
        ),
        (Just(TextTest::Matches), prop::sample::select(vec!["^a", "b$", "[aÄ].", ""])),
    ];
    let on_text = (tests, path(&["s", "r"]), any::<bool>());
    let patterns = prop::sample::select(vec!["a", "b", "äö", ""]);
    let on_list = (patterns.prop_map(|p| (TextTest::Contains, p)), path(&["l"]), any::<bool>());
    prop_oneof![4 => on_text, 1 => on_list]
        .prop_map(|((test, pattern), value, case_sensitive)| {
            at(ExprKind::Text { test, value: Box::new(value), pattern: pattern.into(), case_sensitive })
        })
        .boxed()
}

/// Comparisons of few fields with constants, so that many rules have several of each.
pub(super) fn ordered() -> BoxedStrategy<Expr> {
    prop_oneof![
        2 => compare(op(), path(&["i", "f", "d"]), constant(number())),
        1 => compare(op(), constant(number()), path(&["i", "f", "d"])),
        1 => compare(op(), path(&["t", "u"]), constant(time())),
        1 => compare(op(), path(&["s"]), constant(text())),
        1 => member(path(&["s"]), text()),
    ]
    .boxed()
}

/// Any condition over the tests' schema.
pub(super) fn condition() -> BoxedStrategy<Expr> {
    let numbers = || prop_oneof![2 => path(&["i", "j", "f", "g", "d", "e"]), 1 => numeric()].boxed();
    let any_field = path(&["b", "i", "f", "d", "s", "t", "u", "l", "y"]);
    let leaf = prop_oneof![
        2 => path(&["b", "c"]),
        1 => any::<bool>().prop_map(|b| Expr::literal(Literal::Boolean(b), 0..0)),
        4 => compare(op(), numbers(), constant(number())),
        1 => compare(op(), constant(number()), numbers()),
        2 => compare(op(), numbers(), numbers()),
        2 => compare(op(), path(&["s", "r"]), constant(text())),
        1 => compare(op(), path(&["s", "r"]), path(&["s", "r"])),
        2 => compare(op(), path(&["t", "u"]), constant(time())),
        1 => compare(op(), path(&["t", "u"]), path(&["t", "u"])),
        1 => compare(equality(), path(&["b", "c"]), constant(any::<bool>().prop_map(Literal::Boolean))),
        1 => compare(equality(), path(&["b", "c"]), path(&["b", "c"])),
        1 => compare(equality(), path(&["y", "z"]), path(&["y", "z"])),
        1 => member(numbers(), number()),
        1 => member(path(&["s", "r"]), text()),
        1 => member(path(&["t", "u"]), time()),
        1 => member(path(&["b"]), any::<bool>().prop_map(Literal::Boolean).boxed()),
        4 => text_test(),
        1 => any_field.prop_map(|e| at(ExprKind::IsNull(Box::new(e)))),
    ];
    leaf.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| Expr::and(parts, 0..0)),
            2 => prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| Expr::or(parts, 0..0)),
            2 => inner.clone().prop_map(|e| Expr::negated(e, 0..0)),
            1 => inner.clone().prop_map(|e| at(ExprKind::IsNull(Box::new(e)))),
            1 => compare(equality(), inner.clone().boxed(), inner.boxed()),
        ]
    })
    .boxed()
}
