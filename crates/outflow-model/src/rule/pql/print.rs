//! A syntax tree back to `pql/text`: one text for one tree, which reads back to an equal tree.

use std::fmt;

use super::super::ast::{ArithmeticOp, Direction, Expr, ExprKind, Literal, Moment, TextTest, TimeUnit};
use super::lexer::is_reserved;
use crate::path::{FieldPath, PathElement, is_plain_name};

const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const SUM: u8 = 5;
const PRODUCT: u8 = 6;
const NEGATIVE: u8 = 7;
const TEST: u8 = 8;
const PRIMARY: u8 = 9;

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_at(f, self, OR)
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Literal::Boolean(value) => write!(f, "{value}"),
            Literal::Integer(value) => write!(f, "{value}"),
            // Debug keeps a point or an exponent, so that the number reads back as a float.
            Literal::Float(value) => write!(f, "{value:?}"),
            Literal::String(value) => write_string(f, value),
            Literal::Date(day) => write!(f, "date({})", day.format("%-Y, %-m, %-d")),
            Literal::Timestamp(instant) => {
                write!(f, "timestamp(\"{}\")", instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
            }
        }
    }
}

/// How tight a node binds as it is printed.
fn power(expr: &Expr) -> u8 {
    match &expr.kind {
        ExprKind::Or(_) => OR,
        ExprKind::And(_) => AND,
        ExprKind::Not(inner) if infix_negation(inner) => COMPARISON,
        ExprKind::Not(_) => NOT,
        ExprKind::Text { test: TextTest::Like, case_sensitive: true, .. }
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsNull(_)
        | ExprKind::Occurs { .. } => COMPARISON,
        ExprKind::Arithmetic { op: ArithmeticOp::Add | ArithmeticOp::Subtract, .. } => SUM,
        ExprKind::Arithmetic { .. } => PRODUCT,
        ExprKind::Negate(_) => NEGATIVE,
        ExprKind::Literal(Literal::Integer(n)) if *n < 0 => NEGATIVE,
        ExprKind::Literal(Literal::Float(n)) if n.is_sign_negative() => NEGATIVE,
        ExprKind::Text { .. } => TEST,
        ExprKind::Literal(_) | ExprKind::Path(_) | ExprKind::Moment(_) => PRIMARY,
    }
}

/// Whether the negation of `inner` is written inside it: `x not in […]`, `x is not null`.
fn infix_negation(inner: &Expr) -> bool {
    matches!(
        inner.kind,
        ExprKind::In { .. } | ExprKind::IsNull(_) | ExprKind::Text { test: TextTest::Like, case_sensitive: true, .. }
    )
}

/// Whether a number is the first thing that is written of `expr`: itself, or what it tests.
fn begins_with_number(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(literal) => literal.is_number(),
        ExprKind::Text { value, .. } => power(value) >= TEST && begins_with_number(value),
        _ => false,
    }
}

/// Writes `expr`, in parentheses unless it binds at least as tight as `least`.
fn write_at(f: &mut fmt::Formatter<'_>, expr: &Expr, least: u8) -> fmt::Result {
    if power(expr) >= least {
        return write_plain(f, expr);
    }
    f.write_str("(")?;
    write_plain(f, expr)?;
    f.write_str(")")
}

fn write_plain(f: &mut fmt::Formatter<'_>, expr: &Expr) -> fmt::Result {
    match &expr.kind {
        ExprKind::Literal(literal) => write!(f, "{literal}"),
        ExprKind::Path(path) => write_path(f, path),
        ExprKind::Moment(moment) => f.write_str(match moment {
            Moment::Now => "now",
            Moment::Today => "today",
            Moment::Yesterday => "yesterday",
            Moment::Tomorrow => "tomorrow",
        }),
        ExprKind::Not(inner) if infix_negation(inner) => write_test(f, inner, "not "),
        ExprKind::Not(inner) => {
            f.write_str("not ")?;
            write_at(f, inner, NOT)
        }
        ExprKind::Negate(inner) => {
            f.write_str("-")?;
            // A minus before digits would be read as part of the number.
            write_at(f, inner, if begins_with_number(inner) { PRIMARY + 1 } else { NEGATIVE })
        }
        ExprKind::And(parts) => write_joined(f, parts, " and ", NOT),
        ExprKind::Or(parts) => write_joined(f, parts, " or ", AND),
        ExprKind::Compare { op, left, right } => {
            write_at(f, left, SUM)?;
            write!(f, " {} ", op.symbol())?;
            write_at(f, right, SUM)
        }
        ExprKind::Arithmetic { op, left, right } => {
            let own = power(expr);
            write_at(f, left, own)?;
            write!(f, " {} ", op.symbol())?;
            write_at(f, right, own + 1)
        }
        ExprKind::In { .. } | ExprKind::Text { .. } | ExprKind::IsNull(_) => write_test(f, expr, ""),
        ExprKind::Occurs { value, distance, direction, anchor } => {
            write_at(f, value, SUM)?;
            f.write_str(" occurs ")?;
            if let Some((op, count, unit)) = distance {
                write!(f, "{} {count} {} ", op.symbol(), counted(*unit, *count))?;
            }
            f.write_str(if *direction == Direction::Before { "before " } else { "after " })?;
            write_at(f, anchor, SUM)
        }
    }
}

/// Writes a test; `not` is empty or `not ` and goes inside.
fn write_test(f: &mut fmt::Formatter<'_>, expr: &Expr, not: &str) -> fmt::Result {
    match &expr.kind {
        ExprKind::In { value, options } => {
            write_at(f, value, SUM)?;
            write!(f, " {not}in [")?;
            for (i, option) in options.iter().enumerate() {
                let separator = if i > 0 { ", " } else { "" };
                write!(f, "{separator}{option}")?;
            }
            f.write_str("]")
        }
        ExprKind::IsNull(value) => {
            write_at(f, value, SUM)?;
            write!(f, " is {not}null")
        }
        ExprKind::Text { test: TextTest::Like, value, pattern, case_sensitive: true } => {
            write_at(f, value, SUM)?;
            write!(f, " {not}like ")?;
            write_string(f, pattern)
        }
        ExprKind::Text { test, value, pattern, case_sensitive } => {
            write_at(f, value, TEST)?;
            write!(f, ".{}(", test.name())?;
            write_string(f, pattern)?;
            f.write_str(if *case_sensitive { ")" } else { ", false)" })
        }
        _ => write_plain(f, expr),
    }
}

fn write_joined(f: &mut fmt::Formatter<'_>, parts: &[Expr], word: &str, least: u8) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        if i > 0 {
            f.write_str(word)?;
        }
        write_at(f, part, least)?;
    }
    Ok(())
}

fn write_path(f: &mut fmt::Formatter<'_>, path: &FieldPath) -> fmt::Result {
    match path.elements() {
        [PathElement::Name(first), ..] if is_plain_name(first) && is_reserved(first) => {
            let text = path.to_string();
            write!(f, "`{first}`{}", &text[first.len()..])
        }
        _ => write!(f, "{path}"),
    }
}

fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_str("\"")?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            c => write!(f, "{c}")?,
        }
    }
    f.write_str("\"")
}

fn counted(unit: TimeUnit, count: i64) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{}{plural}", unit.name())
}
