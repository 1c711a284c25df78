//! Which row groups can hold a selected row at all, from their statistics.

use outflow_model::FieldPath;
use outflow_model::rule::{BoundRule, CompareOp, Expr, ExprKind, LikePattern, Literal, TextTest, like_pattern};

use super::exact::constants;

/// What is known of a column's values in a row group.
///
/// The bounds are of the column's own kind: integers for integers, floats for floats, strings, booleans, dates or
/// timestamps; for decimals integers, rounded outwards. They need not be values that occur, as with shortened strings,
/// but every value lies within them (NaN aside). What is not known for certain is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnStats {
    /// No value is less.
    pub min: Option<Literal>,
    /// No value is greater.
    pub max: Option<Literal>,
    /// How many rows have no value.
    pub null_count: Option<u64>,
    /// How many rows there are.
    pub rows: u64,
}

/// Whether any row of a row group can be selected. When in doubt, it can.
///
/// `stats` gives what is known of a field; `None` where nothing is.
pub fn prune(rule: &BoundRule, stats: &dyn Fn(&FieldPath) -> Option<ColumnStats>) -> bool {
    Pruner { stats }.answers(&rule.expr).yes
}

/// Which answers a condition may have in a row group. More than it has is allowed, less is not.
#[derive(Clone, Copy, Debug)]
struct Answers {
    yes: bool,
    no: bool,
    unknown: bool,
}

const ANY: Answers = Answers { yes: true, no: true, unknown: true };

struct Pruner<'s> {
    stats: &'s dyn Fn(&FieldPath) -> Option<ColumnStats>,
}

impl Pruner<'_> {
    fn answers(&self, expr: &Expr) -> Answers {
        match &expr.kind {
            ExprKind::Literal(Literal::Boolean(value)) => Answers { yes: *value, no: !*value, unknown: false },
            ExprKind::Path(path) => self.compared(CompareOp::Equal, path, &Literal::Boolean(true)),
            ExprKind::Not(inner) => {
                let inner = self.answers(inner);
                Answers { yes: inner.no, no: inner.yes, unknown: inner.unknown }
            }
            ExprKind::And(parts) => {
                parts.iter().map(|p| self.answers(p)).fold(Answers { yes: true, no: false, unknown: false }, |a, b| {
                    Answers {
                        yes: a.yes && b.yes,
                        no: a.no || b.no,
                        unknown: (a.unknown && (b.unknown || b.yes)) || (b.unknown && a.yes),
                    }
                })
            }
            ExprKind::Or(parts) => {
                parts.iter().map(|p| self.answers(p)).fold(Answers { yes: false, no: true, unknown: false }, |a, b| {
                    Answers {
                        yes: a.yes || b.yes,
                        no: a.no && b.no,
                        unknown: (a.unknown && (b.unknown || b.no)) || (b.unknown && a.no),
                    }
                })
            }
            ExprKind::Compare { op, left, right } => match (&left.kind, &right.kind) {
                (ExprKind::Path(path), ExprKind::Literal(constant)) => self.compared(*op, path, constant),
                (ExprKind::Literal(constant), ExprKind::Path(path)) => self.compared(op.flipped(), path, constant),
                _ => ANY,
            },
            ExprKind::In { value, options } => match &value.kind {
                ExprKind::Path(path) => self.member(path, options),
                _ => ANY,
            },
            ExprKind::Text { test, value, pattern, case_sensitive: true } => match &value.kind {
                ExprKind::Path(path) => self.text(*test, path, pattern),
                _ => ANY,
            },
            ExprKind::IsNull(inner) => match &inner.kind {
                ExprKind::Path(path) => self.null(path),
                _ => Answers { unknown: false, ..ANY },
            },
            _ => ANY,
        }
    }

    fn null(&self, path: &FieldPath) -> Answers {
        let known = (self.stats)(path).and_then(|s| s.null_count.map(|nulls| (nulls, s.rows)));
        match known {
            Some((nulls, rows)) => Answers { yes: nulls > 0, no: nulls < rows, unknown: false },
            None => Answers { unknown: false, ..ANY },
        }
    }

    fn compared(&self, op: CompareOp, path: &FieldPath, constant: &Literal) -> Answers {
        let Some(stats) = (self.stats)(path) else { return ANY };
        let within = Bounds::of(&stats);
        within.answers(|bounds| bounds.may(op, constant), |bounds| bounds.may_not(op, constant))
    }

    fn member(&self, path: &FieldPath, options: &[Literal]) -> Answers {
        let Some(stats) = (self.stats)(path) else { return ANY };
        Bounds::of(&stats).answers(
            |bounds| options.iter().any(|option| bounds.may(CompareOp::Equal, option)),
            // Not in the list is to differ from every constant of it.
            |bounds| options.iter().all(|option| bounds.may_not(CompareOp::Equal, option)),
        )
    }

    fn text(&self, test: TextTest, path: &FieldPath, pattern: &str) -> Answers {
        let start = match test {
            TextTest::StartsWith => Some(pattern.to_string()),
            TextTest::Like => match like_pattern(pattern) {
                Ok(LikePattern::Equals(text)) => return self.compared(CompareOp::Equal, path, &Literal::String(text)),
                Ok(LikePattern::StartsWith(start) | LikePattern::Other(_, start)) => Some(start),
                _ => None,
            },
            TextTest::EndsWith | TextTest::Contains | TextTest::Matches => None,
        };
        let Some(stats) = (self.stats)(path) else { return ANY };
        Bounds::of(&stats).answers(|bounds| start.as_deref().is_none_or(|start| bounds.may_start_with(start)), |_| true)
    }
}

/// A row group's values between their bounds.
struct Bounds<'s> {
    stats: &'s ColumnStats,
}

impl<'s> Bounds<'s> {
    fn of(stats: &'s ColumnStats) -> Bounds<'s> {
        Bounds { stats }
    }

    /// The answers of a condition that is unknown for nulls, from what it may be for values.
    fn answers(&self, may: impl Fn(&Bounds<'_>) -> bool, may_not: impl Fn(&Bounds<'_>) -> bool) -> Answers {
        let values = self.stats.null_count.is_none_or(|nulls| nulls < self.stats.rows);
        let nulls = self.stats.null_count.is_none_or(|nulls| nulls > 0);
        Answers { yes: values && may(self), no: values && may_not(self), unknown: nulls }
    }

    /// Whether NaN may be among the values: bounds leave it out.
    fn may_have_nan(&self) -> bool {
        let float = |bound: &Option<Literal>| matches!(bound, Some(Literal::Float(_)));
        float(&self.stats.min) || float(&self.stats.max)
    }

    /// Whether `value op constant` may be true for a value.
    fn may(&self, op: CompareOp, constant: &Literal) -> bool {
        if op == CompareOp::NotEqual && self.may_have_nan() {
            return true;
        }
        let (min, max) = (&self.stats.min, &self.stats.max);
        match op {
            CompareOp::Equal => {
                bound_may(CompareOp::LessOrEqual, min, constant) && bound_may(CompareOp::GreaterOrEqual, max, constant)
            }
            // Only if both bounds are the constant does every value equal it.
            CompareOp::NotEqual => {
                bound_may(CompareOp::NotEqual, min, constant) || bound_may(CompareOp::NotEqual, max, constant)
            }
            CompareOp::Less | CompareOp::LessOrEqual => bound_may(op, min, constant),
            CompareOp::Greater | CompareOp::GreaterOrEqual => bound_may(op, max, constant),
        }
    }

    /// Whether `value op constant` may be false for a value.
    fn may_not(&self, op: CompareOp, constant: &Literal) -> bool {
        if self.may_have_nan() && op != CompareOp::NotEqual {
            return true;
        }
        self.may(opposite(op), constant)
    }

    /// Whether a text between the bounds may start with `start`.
    fn may_start_with(&self, start: &str) -> bool {
        // Every text that starts so is at least `start`, and its first bytes are no more than those of the upper bound.
        let below = match &self.stats.min {
            Some(Literal::String(min)) => {
                let head = &min.as_bytes()[..min.len().min(start.len())];
                head <= start.as_bytes()
            }
            _ => true,
        };
        let above = match &self.stats.max {
            Some(Literal::String(max)) => max.as_bytes() >= start.as_bytes(),
            _ => true,
        };
        below && above
    }
}

fn opposite(op: CompareOp) -> CompareOp {
    match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::Less => CompareOp::GreaterOrEqual,
        CompareOp::LessOrEqual => CompareOp::Greater,
        CompareOp::Greater => CompareOp::LessOrEqual,
        CompareOp::GreaterOrEqual => CompareOp::Less,
    }
}

/// Whether `bound op constant` may hold: it is not known, it cannot be compared, or it does.
fn bound_may(op: CompareOp, bound: &Option<Literal>, constant: &Literal) -> bool {
    match bound {
        None => true,
        Some(bound) => ordered(op, bound, constant).unwrap_or(true),
    }
}

fn ordered(op: CompareOp, bound: &Literal, constant: &Literal) -> Option<bool> {
    match (bound, constant) {
        // A float column is compared with the float itself, not with the decimal that a constant spells.
        (Literal::Float(bound), Literal::Integer(constant)) => {
            Some(op.holds(super::exact::order_of_int_and_float(*constant, *bound).map(std::cmp::Ordering::reverse)))
        }
        (Literal::Float(bound), Literal::Float(constant)) if bound.is_nan() || constant.is_nan() => None,
        _ => constants(op, bound, constant),
    }
}

#[cfg(test)]
mod tests {
    use outflow_model::rule::{bind, parse_pql};
    use outflow_model::schema::{Field, FieldType, Schema};

    use super::*;

    fn may(text: &str, stats: &ColumnStats) -> bool {
        let field = |name: &str, field_type| Field { name: name.into(), field_type };
        let schema = Schema {
            fields: vec![
                field("n", FieldType::Integer),
                field("f", FieldType::Float),
                field("s", FieldType::String),
                field("b", FieldType::Boolean),
            ],
        };
        let rule = bind(&parse_pql(text).unwrap(), &schema, chrono::DateTime::UNIX_EPOCH).unwrap();
        prune(&rule, &|_| Some(stats.clone()))
    }

    fn stats(min: Literal, max: Literal, null_count: u64) -> ColumnStats {
        ColumnStats { min: Some(min), max: Some(max), null_count: Some(null_count), rows: 10 }
    }

    #[test]
    fn bounds_rule_out_what_lies_outside() {
        let ten_to_twenty = stats(Literal::Integer(10), Literal::Integer(20), 0);
        for text in
            ["n = 10", "n < 10.5", "n >= 20", "n in [1, 15]", "n != 10", "not n > 15", "n + 1 > 50", "n is not null"]
        {
            assert!(may(text, &ten_to_twenty), "{text}");
        }
        for text in [
            "n = 9",
            "n < 10",
            "n >= 20.5",
            "n in [1, 25]",
            "not n >= 10",
            "n > 20 or n < 10",
            "n is null",
            "n > 1 and n = 3",
        ] {
            assert!(!may(text, &ten_to_twenty), "{text}");
        }
        assert!(!may("n != 7", &stats(Literal::Integer(7), Literal::Integer(7), 3)));
        assert!(!may("n not in [7, 8]", &stats(Literal::Integer(7), Literal::Integer(7), 3)));
        assert!(!may("n = 7", &ColumnStats { null_count: Some(10), rows: 10, ..ColumnStats::default() }));
        assert!(!may("b", &stats(Literal::Boolean(false), Literal::Boolean(false), 0)));
        assert!(may("b", &stats(Literal::Boolean(false), Literal::Boolean(true), 0)));
    }

    #[test]
    fn prefixes_are_ranges_of_text() {
        let words = stats(Literal::String("banana".into()), Literal::String("cherry".into()), 0);
        for text in [
            "s like \"b%\"",
            "s.startsWith(\"banana split\")",
            "s like \"c_e%\"",
            "s.startsWith(\"\")",
            "s like \"%z\"",
        ] {
            assert!(may(text, &words), "{text}");
        }
        for text in ["s like \"a%\"", "s.startsWith(\"d\")", "s like \"date\"", "s.startsWith(\"ban\") and s = \"ax\""]
        {
            assert!(!may(text, &words), "{text}");
        }
        assert!(may("s.startsWith(\"D\", false)", &words));
    }

    #[test]
    fn nan_hides_outside_the_bounds() {
        let ones = stats(Literal::Float(1.0), Literal::Float(1.0), 0);
        assert!(may("f != 1", &ones));
        assert!(may("not f = 1", &ones));
        assert!(!may("f > 1", &ones));
    }
}
