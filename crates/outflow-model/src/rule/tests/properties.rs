use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;

use super::super::{
    ArithmeticOp, CompareOp, Direction, Expr, ExprKind, Literal, Moment, TextTest, TimeUnit, bind, check, parse_pql,
    parse_sql,
};
use super::{now, schema};
use crate::path::{FieldPath, PathElement};

fn at(kind: ExprKind) -> Expr {
    Expr::new(kind, 0..0)
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(|n| Literal::Integer(n.into())),
        any::<u64>().prop_map(|n| Literal::Integer(n.into())),
        (-9i64..9).prop_map(|n| Literal::Integer(n.into())),
        any::<f64>().prop_filter("finite", |f| f.is_finite()).prop_map(Literal::Float),
        (-99i32..99).prop_map(|n| Literal::Float(f64::from(n) / 4.0)),
        "\\PC{0,6}".prop_map(Literal::String),
        any::<String>().prop_map(Literal::String),
        (1i32..=9999, 1u32..=366).prop_filter_map("a day", |(y, d)| NaiveDate::from_yo_opt(y, d).map(Literal::Date)),
        (-62_135_596_800i64..253_402_300_799, 0u32..1_000_000_000)
            .prop_filter_map("an instant", |(s, n)| DateTime::from_timestamp(s, n).map(Literal::Timestamp)),
    ]
}

fn path() -> impl Strategy<Value = FieldPath> {
    let name = prop_oneof!["[a-z]{1,4}", "now|and|IN|null|date|contains|before|Occurs|timestamp", "\\PC{1,3}"];
    let rest = prop_oneof![name.clone().prop_map(PathElement::Name), any::<u32>().prop_map(PathElement::Index)];
    (name, prop::collection::vec(rest, 0..3)).prop_filter_map("a path", |(first, mut rest)| {
        rest.insert(0, PathElement::Name(first));
        FieldPath::new(rest)
    })
}

fn compare_op() -> impl Strategy<Value = CompareOp> {
    prop::sample::select(vec![
        CompareOp::Equal,
        CompareOp::NotEqual,
        CompareOp::Less,
        CompareOp::LessOrEqual,
        CompareOp::Greater,
        CompareOp::GreaterOrEqual,
    ])
}

fn arithmetic_op() -> impl Strategy<Value = ArithmeticOp> {
    prop::sample::select(vec![
        ArithmeticOp::Add,
        ArithmeticOp::Subtract,
        ArithmeticOp::Multiply,
        ArithmeticOp::Divide,
        ArithmeticOp::Remainder,
    ])
}

/// Any tree that parsing can give, sensible or not.
fn tree() -> impl Strategy<Value = Expr> {
    let moments = vec![Moment::Now, Moment::Today, Moment::Yesterday, Moment::Tomorrow];
    let leaf = prop_oneof![
        literal().prop_map(|l| at(ExprKind::Literal(l))),
        path().prop_map(|p| at(ExprKind::Path(p))),
        prop::sample::select(moments).prop_map(|m| at(ExprKind::Moment(m))),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let distance = prop::option::of((compare_op(), 0..=i64::MAX, prop::sample::select(TimeUnit::ALL.to_vec())));
        let direction = prop_oneof![Just(Direction::Before), Just(Direction::After)];
        prop_oneof![
            inner.clone().prop_map(|e| Expr::negated(e, 0..0)),
            boxed.clone().prop_map(|e| at(ExprKind::Negate(e))),
            boxed.clone().prop_map(|e| at(ExprKind::IsNull(e))),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| Expr::and(parts, 0..0)),
            prop::collection::vec(inner.clone(), 2..4).prop_map(|parts| Expr::or(parts, 0..0)),
            (compare_op(), inner.clone(), inner).prop_map(|(op, l, r)| Expr::compare(op, l, r, 0..0)),
            (arithmetic_op(), boxed.clone(), boxed.clone()).prop_map(|(op, left, right)| at(ExprKind::Arithmetic {
                op,
                left,
                right
            })),
            (boxed.clone(), prop::collection::vec(literal(), 1..4))
                .prop_map(|(value, options)| at(ExprKind::In { value, options })),
            (prop::sample::select(TextTest::ALL.to_vec()), boxed.clone(), any::<String>(), any::<bool>()).prop_map(
                |(test, value, pattern, case_sensitive)| at(ExprKind::Text { test, value, pattern, case_sensitive })
            ),
            (boxed.clone(), distance, direction, boxed).prop_map(|(value, distance, direction, anchor)| at(
                ExprKind::Occurs { value, distance, direction, anchor }
            )),
        ]
    })
}

/// Rules to be mangled.
const SEEDS: &[&str] = &[
    "a.b = \"x\" and not (c in [1, 2] or d is not null)",
    "seen occurs <= 30 days before now and email.matches(\"a|b\", false)",
    "-a * (b + 1.5e3) % 2 >= date(2026, 11, 22) or `x y`[3] like \"%\\\\%\"",
    "age BETWEEN 1 AND 2 OR x NOT IN ('a', 'b') AND \"q r\" LIKE 'z%' ESCAPE '\\'",
    "seen >= now() - INTERVAL '30' DAY AND m['k'][0].id IS NOT TRUE",
];

fn mangled() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "(",
            ")",
            "[",
            "]",
            "\"",
            "'",
            "`",
            "\\",
            "-",
            ".",
            " and ",
            " not ",
            " is ",
            " in ",
            " occurs ",
            "1e",
            "\\u",
            " INTERVAL ",
            "::",
            "now",
            "9999999999999999999",
        ])
        .prop_map(String::from),
    ];
    let edit = (any::<prop::sample::Index>(), 0usize..4, piece);
    (prop::sample::select(SEEDS.to_vec()), prop::collection::vec(edit, 1..5)).prop_map(|(seed, edits)| {
        let mut chars: Vec<char> = seed.chars().collect();
        for (index, cut, piece) in edits {
            let start = index.index(chars.len() + 1);
            let end = (start + cut).min(chars.len());
            chars.splice(start..end, piece.chars());
        }
        chars.into_iter().collect()
    })
}

/// Nothing may panic on the way from a text to a bound rule, and what parses must print stably.
fn survives(text: &str) -> Result<(), TestCaseError> {
    for parsed in [parse_pql(text), parse_sql(text)] {
        match parsed {
            Ok(expr) => {
                let printed = expr.to_string();
                let again = parse_pql(&printed).map_err(|e| TestCaseError::fail(e.render(&printed)))?;
                prop_assert_eq!(again.to_string(), printed);
                prop_assert_eq!(again, expr.clone());
                if let Err(errors) = check(&expr, &schema()) {
                    errors.render(text);
                }
                if let Err(errors) = bind(&expr, &schema(), now()) {
                    errors.render(text);
                }
            }
            Err(errors) => {
                errors.render(text);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_tree_survives_printing(expr in tree()) {
        let printed = expr.to_string();
        let read = parse_pql(&printed).map_err(|e| TestCaseError::fail(e.render(&printed)))?;
        prop_assert_eq!(&read, &expr, "{}", printed);
        prop_assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn no_text_makes_the_parsers_panic(text in any::<String>()) {
        survives(&text)?;
    }

    #[test]
    fn no_mangled_rule_makes_the_parsers_panic(text in mangled()) {
        survives(&text)?;
    }
}
