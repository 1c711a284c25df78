//! The meaning of a rule, one row at a time and as simply as can be. Slow, and written apart from the evaluator.

use std::cmp::Ordering;

use arrow::datatypes::i256;
use outflow_model::rule::{ArithmeticOp, CompareOp, Expr, ExprKind, Literal, TextTest};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Bool(bool),
    Int(i128),
    /// Digits and scale.
    Dec(i256, i64),
    Float(f64),
    /// A constant with a point.
    Written(f64),
    Text(String),
    Bytes(Vec<u8>),
    /// Nanoseconds since 1970.
    Time(i128),
    List(Vec<Option<String>>),
}

/// What `expr` gives for a row.
pub(super) fn evaluate(expr: &Expr, row: &dyn Fn(&str) -> Cell) -> Cell {
    match &expr.kind {
        ExprKind::Literal(literal) => constant(literal),
        ExprKind::Path(path) => row(&path.to_string()),
        ExprKind::Not(inner) => match evaluate(inner, row) {
            Cell::Bool(b) => Cell::Bool(!b),
            other => other,
        },
        ExprKind::And(parts) => joined(parts, row, false),
        ExprKind::Or(parts) => joined(parts, row, true),
        ExprKind::IsNull(inner) => Cell::Bool(evaluate(inner, row) == Cell::Null),
        ExprKind::Negate(inner) => match evaluate(inner, row) {
            Cell::Int(n) => n.checked_neg().map_or(Cell::Null, Cell::Int),
            Cell::Dec(n, scale) => n.checked_neg().map_or(Cell::Null, |n| Cell::Dec(n, scale)),
            Cell::Float(n) | Cell::Written(n) => Cell::Float(-n),
            other => other,
        },
        ExprKind::Arithmetic { op, left, right } => computed(*op, &evaluate(left, row), &evaluate(right, row)),
        ExprKind::Compare { op, left, right } => compared(*op, &evaluate(left, row), &evaluate(right, row)),
        ExprKind::In { value, options } => match evaluate(value, row) {
            Cell::Null => Cell::Null,
            value => {
                Cell::Bool(options.iter().any(|o| compared(CompareOp::Equal, &value, &constant(o)) == Cell::Bool(true)))
            }
        },
        ExprKind::Text { test, value, pattern, case_sensitive } => match evaluate(value, row) {
            Cell::Text(text) => Cell::Bool(tested(*test, &text, pattern, *case_sensitive)),
            Cell::List(items) => Cell::Bool(
                items
                    .iter()
                    .flatten()
                    .any(|item| if *case_sensitive { item == pattern } else { lower(item) == lower(pattern) }),
            ),
            other => other,
        },
        ExprKind::Moment(_) | ExprKind::Occurs { .. } => panic!("not bound"),
    }
}

fn constant(literal: &Literal) -> Cell {
    match literal {
        Literal::Boolean(b) => Cell::Bool(*b),
        Literal::Integer(n) => Cell::Int(*n),
        Literal::Float(n) => Cell::Written(*n),
        Literal::String(text) => Cell::Text(text.clone()),
        Literal::Date(day) => {
            Cell::Time(i128::from(day.and_hms_opt(0, 0, 0).unwrap().and_utc().timestamp()) * 1_000_000_000)
        }
        Literal::Timestamp(at) => {
            Cell::Time(i128::from(at.timestamp_micros()) * 1_000 + i128::from(at.timestamp_subsec_nanos() % 1_000))
        }
    }
}

/// `and` has `false` as the value that decides, `or` has `true`.
fn joined(parts: &[Expr], row: &dyn Fn(&str) -> Cell, decides: bool) -> Cell {
    let answers: Vec<Cell> = parts.iter().map(|p| evaluate(p, row)).collect();
    if answers.contains(&Cell::Bool(decides)) {
        Cell::Bool(decides)
    } else if answers.contains(&Cell::Null) {
        Cell::Null
    } else {
        Cell::Bool(!decides)
    }
}

fn compared(op: CompareOp, left: &Cell, right: &Cell) -> Cell {
    let order = match (left, right) {
        (Cell::Null, _) | (_, Cell::Null) => return Cell::Null,
        (Cell::Bool(a), Cell::Bool(b)) => Some(a.cmp(b)),
        (Cell::Text(a), Cell::Text(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
        (Cell::Bytes(a), Cell::Bytes(b)) => Some(a.cmp(b)),
        (Cell::Time(a), Cell::Time(b)) => Some(a.cmp(b)),
        (Cell::Float(a) | Cell::Written(a), Cell::Float(b) | Cell::Written(b)) => a.partial_cmp(b),
        (Cell::Float(a), Cell::Int(b)) => float_and_int(*a, *b),
        (Cell::Int(a), Cell::Float(b)) => float_and_int(*b, *a).map(Ordering::reverse),
        (Cell::Float(a), Cell::Dec(..)) => a.partial_cmp(&float(right)),
        (Cell::Dec(..), Cell::Float(b)) => float(left).partial_cmp(b),
        (a, b) => Some(exact(a, b)),
    };
    Cell::Bool(match (op, order) {
        (CompareOp::NotEqual, order) => order != Some(Ordering::Equal),
        (_, None) => false,
        (CompareOp::Equal, Some(order)) => order == Ordering::Equal,
        (CompareOp::Less, Some(order)) => order == Ordering::Less,
        (CompareOp::LessOrEqual, Some(order)) => order != Ordering::Greater,
        (CompareOp::Greater, Some(order)) => order == Ordering::Greater,
        (CompareOp::GreaterOrEqual, Some(order)) => order != Ordering::Less,
    })
}

fn float_and_int(float: f64, int: i128) -> Option<Ordering> {
    const BEYOND_INTEGERS: f64 = 170_141_183_460_469_231_731_687_303_715_884_105_728.0;
    if float.is_nan() {
        return None;
    }
    if float.abs() >= BEYOND_INTEGERS {
        // Only the least integer is as far from zero.
        let least = float == -BEYOND_INTEGERS && int == i128::MIN;
        return Some(if least { Ordering::Equal } else { float.total_cmp(&0.0) });
    }
    // What is left has at most 39 digits before the point, and prints in full.
    let text = format!("{float:.60}");
    let (whole, fraction) = text.split_once('.').unwrap();
    let whole_number: i128 = whole.parse().unwrap();
    let fraction_order = if fraction.bytes().all(|b| b == b'0') {
        Ordering::Equal
    } else if text.starts_with('-') {
        Ordering::Less
    } else {
        Ordering::Greater
    };
    Some(whole_number.cmp(&int).then(fraction_order))
}

/// Decimals, integers and written constants as digits at one scale.
fn exact(a: &Cell, b: &Cell) -> Ordering {
    let ((a, a_scale), (b, b_scale)) = (digits(a), digits(b));
    let scale = a_scale.max(b_scale);
    let raise = |n: i256, by: i64| (0..by).try_fold(n, |n, _| n.checked_mul(i256::from_i128(10)));
    match (raise(a, scale - a_scale), raise(b, scale - b_scale)) {
        (Some(a), Some(b)) => a.cmp(&b),
        // Only one of them is raised; beyond 256 bits it is farther from zero than the other.
        (None, _) => a.cmp(&i256::ZERO),
        (_, None) => i256::ZERO.cmp(&b),
    }
}

fn digits(cell: &Cell) -> (i256, i64) {
    match cell {
        Cell::Int(n) => (i256::from_i128(*n), 0),
        Cell::Dec(n, scale) => (*n, *scale),
        Cell::Written(n) => {
            let text = n.to_string();
            let fraction = text.split_once('.').map_or(0, |(_, f)| f.len());
            (i256::from_string(&text.replace('.', "")).unwrap(), i64::try_from(fraction).unwrap())
        }
        other => panic!("{other:?} is no exact number"),
    }
}

fn float(cell: &Cell) -> f64 {
    match cell {
        Cell::Int(n) => *n as f64,
        Cell::Float(n) | Cell::Written(n) => *n,
        Cell::Dec(n, scale) => format!("{n}e{}", -scale).parse().unwrap(),
        other => panic!("{other:?} is no number"),
    }
}

fn computed(op: ArithmeticOp, left: &Cell, right: &Cell) -> Cell {
    if *left == Cell::Null || *right == Cell::Null {
        return Cell::Null;
    }
    let is_exact = |cell: &Cell| matches!(cell, Cell::Int(_) | Cell::Dec(..));
    let is_decimal = |cell: &Cell| matches!(cell, Cell::Dec(..));
    let exactly = (is_exact(left) && is_exact(right))
        || (is_decimal(left) && matches!(right, Cell::Written(_)))
        || (is_decimal(right) && matches!(left, Cell::Written(_)));
    if op == ArithmeticOp::Divide || !exactly {
        let (a, b) = (float(left), float(right));
        let result = match op {
            ArithmeticOp::Add => a + b,
            ArithmeticOp::Subtract => a - b,
            ArithmeticOp::Multiply => a * b,
            ArithmeticOp::Divide | ArithmeticOp::Remainder if b == 0.0 => return Cell::Null,
            ArithmeticOp::Divide => a / b,
            ArithmeticOp::Remainder => a % b,
        };
        let overflow = result.is_infinite() && a.is_finite() && b.is_finite();
        return if overflow { Cell::Null } else { Cell::Float(result) };
    }
    if let (Cell::Int(a), Cell::Int(b)) = (left, right) {
        let result = match op {
            ArithmeticOp::Add => a.checked_add(*b),
            ArithmeticOp::Subtract => a.checked_sub(*b),
            ArithmeticOp::Multiply => a.checked_mul(*b),
            _ if *b == 0 => None,
            _ => Some(a.wrapping_rem(*b)),
        };
        return result.map_or(Cell::Null, Cell::Int);
    }
    let ((a, a_scale), (b, b_scale)) = (digits(left), digits(right));
    if op == ArithmeticOp::Multiply {
        return a.checked_mul(b).map_or(Cell::Null, |n| Cell::Dec(n, a_scale + b_scale));
    }
    let scale = a_scale.max(b_scale);
    let raise = |n: i256, by: i64| (0..by).try_fold(n, |n, _| n.checked_mul(i256::from_i128(10)));
    let (Some(a), Some(b)) = (raise(a, scale - a_scale), raise(b, scale - b_scale)) else { return Cell::Null };
    let result = match op {
        ArithmeticOp::Add => a.checked_add(b),
        ArithmeticOp::Subtract => a.checked_sub(b),
        _ => a.checked_rem(b),
    };
    result.map_or(Cell::Null, |n| Cell::Dec(n, scale))
}

fn lower(text: &str) -> String {
    let mut lowered = String::new();
    for c in text.chars() {
        lowered.extend(c.to_lowercase());
    }
    lowered
}

fn tested(test: TextTest, text: &str, pattern: &str, case_sensitive: bool) -> bool {
    if test == TextTest::Matches {
        let flags = if case_sensitive { "" } else { "(?i)" };
        return regex::Regex::new(&format!("{flags}{pattern}")).unwrap().is_match(text);
    }
    let (text, pattern) =
        if case_sensitive { (text.to_string(), pattern.to_string()) } else { (lower(text), lower(pattern)) };
    match test {
        TextTest::StartsWith => text.starts_with(&pattern),
        TextTest::EndsWith => text.ends_with(&pattern),
        TextTest::Like => like(&text.chars().collect::<Vec<char>>(), &pattern.chars().collect::<Vec<char>>()),
        TextTest::Contains | TextTest::Matches => text.contains(&pattern),
    }
}

fn like(text: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skip| like(&text[skip..], rest)),
        ['_', rest @ ..] => !text.is_empty() && like(&text[1..], rest),
        ['\\', literal, rest @ ..] | [literal, rest @ ..] => text.first() == Some(literal) && like(&text[1..], rest),
    }
}
