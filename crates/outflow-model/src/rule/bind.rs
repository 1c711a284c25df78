//! Rules without a clock: moments and distances become instants.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Utc};

use super::ast::{CompareOp, Direction, Expr, ExprKind, Literal, Moment, TimeUnit};
use super::check::check;
use super::error::{RuleError, RuleErrors};
use super::pql::{day_of, instant_of};
use super::span_of_time::shifted;
use crate::schema::Schema;

/// A checked rule that an evaluator can run: no [`ExprKind::Moment`], no [`ExprKind::Occurs`], and string constants beside
/// dates and timestamps are dates and timestamps.
#[derive(Clone, Debug, PartialEq)]
pub struct BoundRule {
    /// The condition.
    pub expr: Expr,
}

impl BoundRule {
    /// The rule as canonical `pql/text`.
    pub fn text(&self) -> String {
        self.expr.to_string()
    }
}

/// Checks a rule and fixes its times by the run's clock.
///
/// # Errors
/// What [`check`] finds, and distances that lead out of the years 1 to 9999.
pub fn bind(expr: &Expr, schema: &Schema, now: DateTime<Utc>) -> Result<BoundRule, RuleErrors> {
    check(expr, schema)?;
    let mut binder = Binder { schema, now, errors: Vec::new() };
    let expr = binder.bound(expr);
    if !binder.errors.is_empty() {
        return Err(RuleErrors(binder.errors));
    }
    Ok(BoundRule { expr })
}

/// The day or instant that a string constant spells.
pub(super) fn time_constant(text: &str) -> Option<Literal> {
    day_of(text).map(Literal::Date).or_else(|| instant_of(text).map(Literal::Timestamp))
}

struct Binder<'s> {
    schema: &'s Schema,
    now: DateTime<Utc>,
    errors: Vec<RuleError>,
}

impl Binder<'_> {
    fn bound(&mut self, expr: &Expr) -> Expr {
        let span = expr.span.clone();
        let kind = match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Path(_) => expr.kind.clone(),
            ExprKind::Moment(moment) => ExprKind::Literal(Literal::Timestamp(self.instant(*moment))),
            ExprKind::Not(inner) => ExprKind::Not(Box::new(self.bound(inner))),
            ExprKind::Negate(inner) => ExprKind::Negate(Box::new(self.bound(inner))),
            ExprKind::IsNull(inner) => ExprKind::IsNull(Box::new(self.bound(inner))),
            ExprKind::And(parts) => return Expr::and(parts.iter().map(|p| self.bound(p)).collect(), span),
            ExprKind::Or(parts) => return Expr::or(parts.iter().map(|p| self.bound(p)).collect(), span),
            ExprKind::Compare { op, left, right } => {
                let (left, right) = (self.beside(left, right), self.beside(right, left));
                ExprKind::Compare { op: *op, left: Box::new(left), right: Box::new(right) }
            }
            ExprKind::Arithmetic { op, left, right } => {
                let (left, right) = (Box::new(self.bound(left)), Box::new(self.bound(right)));
                ExprKind::Arithmetic { op: *op, left, right }
            }
            ExprKind::In { value, options } => {
                let timely = self.is_time(value);
                let options = options.iter().map(|o| if timely { as_time(o) } else { o.clone() }).collect();
                ExprKind::In { value: Box::new(self.bound(value)), options }
            }
            ExprKind::Text { test, value, pattern, case_sensitive } => ExprKind::Text {
                test: *test,
                value: Box::new(self.bound(value)),
                pattern: pattern.clone(),
                case_sensitive: *case_sensitive,
            },
            ExprKind::Occurs { value, distance, direction, anchor } => {
                let value = self.bound(value);
                let mut anchor = self.bound(anchor);
                if let ExprKind::Literal(literal) = &anchor.kind {
                    anchor.kind = ExprKind::Literal(as_time(literal));
                }
                return match distance {
                    None => Expr::compare(beyond(*direction), value, anchor, span),
                    Some(distance) => self.within(&value, *distance, *direction, &anchor, span),
                };
            }
        };
        Expr::new(kind, span)
    }

    /// One side of a comparison: a string beside a time is a time.
    fn beside(&mut self, expr: &Expr, other: &Expr) -> Expr {
        match &expr.kind {
            ExprKind::Literal(literal) if self.is_time(other) => Expr::literal(as_time(literal), expr.span.clone()),
            _ => self.bound(expr),
        }
    }

    fn is_time(&self, expr: &Expr) -> bool {
        use crate::schema::FieldType::{Date, Timestamp};
        match &expr.kind {
            ExprKind::Moment(_) | ExprKind::Literal(Literal::Date(_) | Literal::Timestamp(_)) => true,
            ExprKind::Path(path) => matches!(path.resolve(self.schema), Ok(Date | Timestamp)),
            _ => false,
        }
    }

    fn instant(&self, moment: Moment) -> DateTime<Utc> {
        let today = midnight(self.now.date_naive());
        match moment {
            Moment::Now => self.now,
            Moment::Today => today,
            Moment::Yesterday => today - TimeDelta::days(1),
            Moment::Tomorrow => today + TimeDelta::days(1),
        }
    }

    /// `value occurs <distance> <direction> anchor`; the table in the module's documentation.
    fn within(
        &mut self,
        value: &Expr,
        (op, count, unit): (CompareOp, i64, TimeUnit),
        direction: Direction,
        anchor: &Expr,
        span: std::ops::Range<usize>,
    ) -> Expr {
        let at = match &anchor.kind {
            ExprKind::Literal(Literal::Timestamp(at)) => *at,
            ExprKind::Literal(Literal::Date(day)) => midnight(*day),
            _ => {
                self.errors.push(RuleError::new("a distance counts from a moment or a constant", anchor.span.clone()));
                return value.clone();
            }
        };
        let whole_units = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        let near = shifted(at, count, unit, direction);
        let far = if whole_units { count.checked_add(1).and_then(|n| shifted(at, n, unit, direction)) } else { near };
        let (Some(near), Some(far)) = (near, far) else {
            self.errors.push(RuleError::new("this distance leads out of the years 1 to 9999", span));
            return value.clone();
        };
        let compared = |op: CompareOp, at: DateTime<Utc>| {
            Expr::compare(op, value.clone(), Expr::literal(Literal::Timestamp(at), span.clone()), span.clone())
        };
        // Written for `before`; `after` mirrors every order.
        let facing = |op: CompareOp| if direction == Direction::Before { op } else { op.flipped() };
        let not_past_anchor = compared(facing(CompareOp::LessOrEqual), at);
        let at_least = |bound| compared(facing(CompareOp::LessOrEqual), bound);
        let less_than = |bound| compared(facing(CompareOp::Greater), bound);
        match op {
            CompareOp::Greater => compared(facing(CompareOp::Less), near),
            CompareOp::GreaterOrEqual => at_least(near),
            CompareOp::Less => Expr::and(vec![less_than(near), not_past_anchor], span.clone()),
            CompareOp::LessOrEqual => {
                Expr::and(vec![compared(facing(CompareOp::GreaterOrEqual), near), not_past_anchor], span.clone())
            }
            CompareOp::Equal => Expr::and(vec![less_than(far), at_least(near)], span.clone()),
            CompareOp::NotEqual => {
                let either = Expr::or(vec![less_than(near), at_least(far)], span.clone());
                Expr::and(vec![either, not_past_anchor], span.clone())
            }
        }
    }
}

/// What plain `occurs before` and `occurs after` compare with.
fn beyond(direction: Direction) -> CompareOp {
    match direction {
        Direction::Before => CompareOp::Less,
        Direction::After => CompareOp::Greater,
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

fn as_time(literal: &Literal) -> Literal {
    match literal {
        Literal::String(text) => time_constant(text).unwrap_or_else(|| literal.clone()),
        other => other.clone(),
    }
}
