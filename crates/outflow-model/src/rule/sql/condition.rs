//! Comparisons and tests.

use std::ops::Range;

use sqlparser::ast::{BinaryOperator, Expr as Sql};

use super::super::ast::{CompareOp, Direction, Expr, ExprKind, Literal, TextTest};
use super::super::error::RuleError;
use super::Reader;

impl Reader<'_> {
    pub(super) fn condition(&self, sql: Sql, depth: usize) -> Result<Expr, RuleError> {
        let span = self.places.of(&sql);
        match sql {
            Sql::IsNull(inner) | Sql::IsUnknown(inner) => self.is_null(*inner, span, depth),
            Sql::IsNotNull(inner) | Sql::IsNotUnknown(inner) => {
                Ok(Expr::negated(self.is_null(*inner, span.clone(), depth)?, span))
            }
            Sql::IsTrue(inner) => self.is(true, *inner, span, depth),
            Sql::IsFalse(inner) => self.is(false, *inner, span, depth),
            Sql::IsNotTrue(inner) => Ok(Expr::negated(self.is(true, *inner, span.clone(), depth)?, span)),
            Sql::IsNotFalse(inner) => Ok(Expr::negated(self.is(false, *inner, span.clone(), depth)?, span)),
            Sql::InList { expr, list, negated } => {
                let value = Box::new(self.expr(*expr, depth)?);
                let options = list.iter().map(|o| self.constant(o)).collect::<Result<Vec<Literal>, RuleError>>()?;
                if options.is_empty() {
                    return Err(RuleError::new("the list is empty", span).expected(&["a constant"]));
                }
                Ok(not_if(negated, Expr::new(ExprKind::In { value, options }, span)))
            }
            Sql::Between { expr, negated, low, high } => {
                let value = self.expr(*expr, depth)?;
                asked_twice(&value)?;
                let parts = vec![
                    self.against(CompareOp::GreaterOrEqual, value.clone(), *low, depth)?,
                    self.against(CompareOp::LessOrEqual, value, *high, depth)?,
                ];
                Ok(not_if(negated, Expr::and(parts, span)))
            }
            Sql::Like { negated, any: false, expr, pattern, escape_char } => {
                Ok(not_if(negated, self.like(*expr, &pattern, escape_char.as_deref(), true, depth)?))
            }
            Sql::ILike { negated, any: false, expr, pattern, escape_char } => {
                Ok(not_if(negated, self.like(*expr, &pattern, escape_char.as_deref(), false, depth)?))
            }
            Sql::Interval(_) => {
                Err(self.refused(&sql, "this use of an interval is").hint("write `x >= now() - INTERVAL '30' DAY`"))
            }
            Sql::InSubquery { .. } | Sql::Subquery(_) | Sql::Exists { .. } => Err(self.refused(&sql, "a subquery is")),
            Sql::Case { .. } => Err(self.refused(&sql, "`CASE` is")),
            Sql::Cast { .. } | Sql::Convert { .. } => Err(self.refused(&sql, "a cast is")),
            other => Err(self.refused(&other, "this is")),
        }
    }

    fn is_null(&self, inner: Sql, span: Range<usize>, depth: usize) -> Result<Expr, RuleError> {
        Ok(Expr::new(ExprKind::IsNull(Box::new(self.expr(inner, depth)?)), span))
    }

    /// `x IS TRUE`: known, and true. Never unknown.
    fn is(&self, truth: bool, inner: Sql, span: Range<usize>, depth: usize) -> Result<Expr, RuleError> {
        let condition = self.expr(inner, depth)?;
        asked_twice(&condition)?;
        let null = Expr::new(ExprKind::IsNull(Box::new(condition.clone())), span.clone());
        let known = Expr::negated(null, span.clone());
        Ok(Expr::and(vec![known, not_if(!truth, condition)], span))
    }

    fn like(
        &self,
        expr: Sql,
        pattern: &Sql,
        escape: Option<&Sql>,
        case_sensitive: bool,
        depth: usize,
    ) -> Result<Expr, RuleError> {
        if let Some(escape) = escape
            && self.constant(escape)? != Literal::String("\\".into())
        {
            return Err(RuleError::new("this escape character is not allowed in a rule", self.places.of(escape))
                .expected(&["`'\\'`"]));
        }
        let Literal::String(pattern_text) = self.constant(pattern)? else {
            return Err(RuleError::new("a pattern is a string", self.places.of(pattern)));
        };
        let value = Box::new(self.expr(expr, depth)?);
        let span = value.span.start..self.places.of(pattern).end.max(value.span.end);
        Ok(Expr::new(ExprKind::Text { test: TextTest::Like, value, pattern: pattern_text, case_sensitive }, span))
    }

    pub(super) fn comparison(&self, op: CompareOp, left: Sql, right: Sql, depth: usize) -> Result<Expr, RuleError> {
        if shifted(&left).is_some() {
            let right = self.expr(right, depth)?;
            return self.against(op.flipped(), right, left, depth);
        }
        let left = self.expr(left, depth)?;
        self.against(op, left, right, depth)
    }

    /// `left op right`, where the right side may be an instant at a distance.
    fn against(&self, op: CompareOp, left: Expr, right: Sql, depth: usize) -> Result<Expr, RuleError> {
        let whole = self.places.of(&right);
        let span = left.span.start.min(whole.start)..left.span.end.max(whole.end);
        let Some((anchor, direction, interval)) = shifted(&right) else {
            let right = self.expr(right, depth)?;
            return Ok(Expr::compare(op, left, right, span));
        };
        let (count, unit) = self.interval(interval)?;
        let anchor = self.expr(anchor.clone(), depth)?;
        // Beyond the distance is what `occurs >` says; on the anchor's side of it is the negation, which has no other end.
        let mirrored = if direction == Direction::Before { op } else { op.flipped() };
        let (far, negated) = match mirrored {
            CompareOp::Less => (CompareOp::Greater, false),
            CompareOp::LessOrEqual => (CompareOp::GreaterOrEqual, false),
            CompareOp::Greater => (CompareOp::GreaterOrEqual, true),
            CompareOp::GreaterOrEqual => (CompareOp::Greater, true),
            CompareOp::Equal | CompareOp::NotEqual => {
                return Err(RuleError::new("equality with a moment at a distance is not allowed in a rule", span)
                    .hint("use an order: `<`, `<=`, `>` or `>=`"));
            }
        };
        let kind = ExprKind::Occurs {
            value: Box::new(left),
            distance: Some((far, count, unit)),
            direction,
            anchor: Box::new(anchor),
        };
        Ok(not_if(negated, Expr::new(kind, span)))
    }
}

/// The parts of `anchor - INTERVAL …` or `anchor + INTERVAL …`.
fn shifted(sql: &Sql) -> Option<(&Sql, Direction, &sqlparser::ast::Interval)> {
    match sql {
        Sql::Nested(inner) => shifted(inner),
        Sql::BinaryOp { left, op, right } => match (op, right.as_ref()) {
            (BinaryOperator::Minus, Sql::Interval(interval)) => Some((left, Direction::Before, interval)),
            (BinaryOperator::Plus, Sql::Interval(interval)) => Some((left, Direction::After, interval)),
            _ => None,
        },
        _ => None,
    }
}

/// How many nodes an operand may have that the tree must hold twice: nested, they would double with every level.
const MAX_ASKED_TWICE: usize = 100;

fn asked_twice(operand: &Expr) -> Result<(), RuleError> {
    if size(operand) > MAX_ASKED_TWICE {
        return Err(RuleError::new("this is too long to be asked about as a whole", operand.span.clone())
            .hint("`BETWEEN`, `IS TRUE` and `IS FALSE` stand after a field or a short expression"));
    }
    Ok(())
}

/// How many nodes `expr` has.
fn size(expr: &Expr) -> usize {
    1 + match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Path(_) | ExprKind::Moment(_) => 0,
        ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::IsNull(inner) => size(inner),
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().map(size).sum(),
        ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => size(left) + size(right),
        ExprKind::In { value, options } => size(value) + options.len(),
        ExprKind::Text { value, .. } => size(value),
        ExprKind::Occurs { value, anchor, .. } => size(value) + size(anchor),
    }
}

fn not_if(negated: bool, expr: Expr) -> Expr {
    if !negated {
        return expr;
    }
    let span = expr.span.clone();
    Expr::negated(expr, span)
}
