use super::super::{ArithmeticOp, CompareOp, Expr, ExprKind, Literal, MAX_DEPTH, TextTest, parse_pql};
use super::pql;
use crate::path::FieldPath;

/// What is written, and how it prints: with parentheses only where they matter.
const CANONICAL: &[(&str, &str)] = &[
    ("x=1", "x = 1"),
    ("x <> 1", "x != 1"),
    ("x < 1 AND y >= -2 Or not z", "x < 1 and y >= -2 or not z"),
    ("((a)) and (b and c)", "a and b and c"),
    ("a or (b or c) or d", "a or b or c or d"),
    ("(a or b) and c", "(a or b) and c"),
    ("not (a and b)", "not (a and b)"),
    ("not a = b", "not a = b"),
    ("(not a) = b", "(not a) = b"),
    ("not not a", "not not a"),
    ("x IN [\"a\",\"b\"]", "x in [\"a\", \"b\"]"),
    ("x not in [1, -2]", "x not in [1, -2]"),
    ("x notIn [1.5]", "x not in [1.5]"),
    ("not x in [true]", "x not in [true]"),
    (
        "x in [date(2026,1,2), timestamp(\"2026-01-02T00:00:00Z\")]",
        "x in [date(2026, 1, 2), timestamp(\"2026-01-02T00:00:00Z\")]",
    ),
    ("a.b.startsWith(\"q\")", "a.b.startsWith(\"q\")"),
    ("a.b.startsWith(\"q\", false)", "a.b.startsWith(\"q\", false)"),
    ("a.endswith(\"q\", TRUE)", "a.endsWith(\"q\")"),
    ("a.contains.contains(\"q\")", "a.contains.contains(\"q\")"),
    ("a.matches(\"^\\\\d+$\")", "a.matches(\"^\\\\d+$\")"),
    ("a like \"q%\"", "a like \"q%\""),
    ("a.like(\"q%\", false)", "a.like(\"q%\", false)"),
    ("a not like \"q%\"", "a not like \"q%\""),
    ("a is null and b is not NULL", "a is null and b is not null"),
    ("(a = b) is null", "(a = b) is null"),
    ("a + b * c", "a + b * c"),
    ("(a + b) * c", "(a + b) * c"),
    ("a - (b - c)", "a - (b - c)"),
    ("a - b - c", "a - b - c"),
    ("a % b / c", "a % b / c"),
    ("a--1", "a - -1"),
    ("-(-a) = - 5", "--a = -5"),
    ("-(5) = 1", "-(5) = 1"),
    ("-(5.contains(\"a\")) = 1", "-(5.contains(\"a\")) = 1"),
    ("(-5).contains(\"5\")", "(-5).contains(\"5\")"),
    ("x = 1e3", "x = 1000.0"),
    ("x = \"a\nb\\u0007\"", "x = \"a\\nb\\u0007\""),
    ("born = date(\"2026-11-22\")", "born = date(2026, 11, 22)"),
    ("seen = timestamp(\"2026-11-22T06:00:00.250+01:00\")", "seen = timestamp(\"2026-11-22T05:00:00.250Z\")"),
    ("date = date(2026,11,22)", "date = date(2026, 11, 22)"),
    ("`now` = now", "`now` = now"),
    ("`and`.in.`or` = 1", "`and`.in.or = 1"),
    ("identityMap.Email[0].id = \"x\"", "identityMap.Email[0].id = \"x\""),
    ("segmentMembership.`81af-``2`.status = \"realized\"", "segmentMembership.`81af-``2`.status = \"realized\""),
    ("x OCCURS before now", "x occurs before now"),
    ("x occurs after date(2026,1,1)", "x occurs after date(2026, 1, 1)"),
    ("x occurs <= 30 day before now", "x occurs <= 30 days before now"),
    ("x occurs = 1 Months after today", "x occurs = 1 month after today"),
    ("before occurs after after", "before occurs after after"),
    ("true", "true"),
];

#[test]
fn every_form_prints_canonically_and_reads_back_equal() {
    for (written, printed) in CANONICAL {
        let expr = pql(written);
        assert_eq!(expr.to_string(), *printed, "{written}");
        assert_eq!(pql(printed), expr, "{written}");
    }
}

#[test]
fn operators_bind_as_documented() {
    let path = |name: &str| Expr::new(ExprKind::Path(FieldPath::parse(name).unwrap()), 0..0);
    let int = |n| Expr::literal(Literal::Integer(n), 0..0);
    let product = Expr::new(
        ExprKind::Arithmetic { op: ArithmeticOp::Multiply, left: Box::new(path("b")), right: Box::new(int(2)) },
        0..0,
    );
    let sum = Expr::new(
        ExprKind::Arithmetic { op: ArithmeticOp::Add, left: Box::new(path("a")), right: Box::new(product) },
        0..0,
    );
    let compared = Expr::compare(CompareOp::Greater, sum, int(3), 0..0);
    let test = Expr::new(
        ExprKind::Text {
            test: TextTest::StartsWith,
            value: Box::new(path("d.e")),
            pattern: "x".into(),
            case_sensitive: true,
        },
        0..0,
    );
    let expected = Expr::or(vec![Expr::and(vec![Expr::negated(compared, 0..0), path("c")], 0..0), test], 0..0);
    assert_eq!(pql("not a + b * 2 > 3 and c or d.e.startsWith(\"x\")"), expected);
}

#[test]
fn spans_are_the_places_in_the_text() {
    let text = "a = 1 and (b.c[0] + 2 > x)";
    let ExprKind::And(parts) = pql(text).kind else { panic!("not an and") };
    assert_eq!(&text[parts[0].span.clone()], "a = 1");
    assert_eq!(&text[parts[1].span.clone()], "(b.c[0] + 2 > x)");
    let ExprKind::Compare { left, .. } = &parts[1].kind else { panic!("not a comparison") };
    assert_eq!(&text[left.span.clone()], "b.c[0] + 2");
}

#[test]
fn hostile_texts_are_errors_and_long_chains_are_not() {
    let nested = |open: &str, close: &str, n: usize| format!("{}a = 1{}", open.repeat(n), close.repeat(n));
    assert!(parse_pql(&nested("(", ")", MAX_DEPTH)).is_ok());
    for text in [
        nested("(", ")", 30_000),
        nested("not ", "", 15_000),
        nested("-", "", 60_000),
        nested("not (", ")", 10_000),
        format!("a{} = 1", " + a".repeat(15_000)),
        format!("a{}", ".contains(\"\")".repeat(5_000)),
        format!("{}a{} = 1", "(".repeat(150), " + a)".repeat(150)) + &" + 1".repeat(200),
        "x".repeat(64 * 1024 + 1),
        "[".repeat(60_000),
        "`".repeat(60_001),
        "\"\\".repeat(30_000),
    ] {
        assert!(parse_pql(&text).is_err(), "{text:.40}");
    }
    let chain = vec!["a = 1"; 6_000].join(" and ");
    let ExprKind::And(parts) = pql(&chain).kind else { panic!("not an and") };
    assert_eq!(parts.len(), 6_000);
    let list = format!("a in [{}]", vec!["1"; 20_000].join(", "));
    assert!(parse_pql(&list).is_ok());
}
