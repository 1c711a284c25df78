//! `sql/text`: a boolean SQL expression, read into the same tree as `pql/text`.
//!
//! Allowed: comparisons, `AND`, `OR`, `NOT`, `IN` and `NOT IN` with constants, `BETWEEN`, `LIKE`, `ILIKE` (with no escape
//! character but `\`), `IS [NOT] NULL | TRUE | FALSE | UNKNOWN`, arithmetic, `DATE '…'`, `TIMESTAMP '…'`, `now()`,
//! `CURRENT_TIMESTAMP`, `CURRENT_DATE`, the functions `starts_with`, `ends_with`, `contains` and `regexp_like`, and orders
//! against an instant at a distance: `x >= now() - INTERVAL '30' DAY`. Everything else is refused with its place.
//!
//! Fields are bare names, or stand in double quotes or backticks: `person.name`, `"order-date"`. Elements of lists count from
//! 0 as in paths, not from 1 as in some databases: `orders[0].id`. A map's key follows a dot or stands in brackets:
//! `identityMap['Email'][0].id`. Strings stand in single quotes.

mod condition;
mod constant;
mod field;
mod place;

use sqlparser::ast::{BinaryOperator, Expr as Sql, UnaryOperator};
use sqlparser::dialect::GenericDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Token, TokenWithSpan, Tokenizer};

use self::place::Places;
use super::ast::{ArithmeticOp, CompareOp, Expr, ExprKind};
use super::error::{RuleError, RuleErrors};
use super::pql::{MAX_DEPTH, MAX_TEXT_BYTES};

/// How many words and signs an expression may have, constants and commas not counted. The SQL parser builds chains of
/// operators as nested nodes, and walks and frees them recursively: this many fit a 2 MiB stack several times over.
const MAX_WORDS: usize = 2_000;

/// How deep parentheses and the like may nest: each level costs the SQL parser some kilobytes of stack.
const MAX_NESTING: usize = 40;

/// Stack in bytes for the longest chain that is allowed, four times over: it took between 8 and 16 MiB where nothing was
/// optimised. What is not used takes no memory.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// Reads a boolean SQL expression.
///
/// # Errors
/// The first thing that is not SQL or not allowed in a rule, with its place; a text over [`MAX_TEXT_BYTES`]; an
/// expression that is too long or nested too deep.
pub fn parse_sql(text: &str) -> Result<Expr, RuleErrors> {
    if text.len() > MAX_TEXT_BYTES {
        return Err(RuleError::new(format!("a rule has at most {MAX_TEXT_BYTES} bytes"), 0..0).into());
    }
    // A chain of conditions is a tree as high as the chain is long, and whoever calls may have little stack left.
    let joined = std::thread::scope(|scope| {
        let reader = std::thread::Builder::new().stack_size(STACK_BYTES).spawn_scoped(scope, || read(text));
        reader.map(|reader| reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    joined.map_err(|e| RuleError::new(format!("there is no memory to read the rule: {e}"), 0..0))?
}

fn read(text: &str) -> Result<Expr, RuleErrors> {
    let places = Places::new(text);
    let dialect = GenericDialect {};
    let tokens = match Tokenizer::new(&dialect, text).tokenize_with_location() {
        Ok(tokens) => tokens,
        Err(error) => return Err(RuleError::new(plain(&error.message), places.at(error.location)).into()),
    };
    let mut meaningful = tokens.iter().filter(|t| !matches!(t.token, Token::Whitespace(_) | Token::EOF)).peekable();
    if meaningful.peek().is_none() {
        return Err(RuleError::new("the rule is empty", 0..0).expected(&["a condition"]).into());
    }
    if meaningful.filter(|t| counts(&t.token)).count() > MAX_WORDS {
        return Err(RuleError::new(format!("the rule has more than {MAX_WORDS} words and signs"), 0..0)
            .hint("use `IN (…)` for long lists of constants")
            .into());
    }
    let reader = Reader { places };
    let parsed = reader.parsed(&dialect, tokens)?;
    let expr = reader.expr(parsed, 0)?;
    if height(&expr) > MAX_DEPTH {
        return Err(too_deep(expr.span).into());
    }
    Ok(expr)
}

/// Whether a token can add a node around others.
fn counts(token: &Token) -> bool {
    !matches!(token, Token::Comma | Token::Number(..) | Token::SingleQuotedString(_))
}

/// What a tokenizer's message says, without the place that it repeats.
fn plain(message: &str) -> String {
    let text = message.split(" at Line:").next().unwrap_or(message);
    match text.strip_prefix("Expected: ").and_then(|rest| rest.split_once(", found: ")) {
        Some((expected, "EOF")) => format!("the rule ends too early: expected {expected}"),
        Some((expected, found)) => format!("`{found}` cannot stand here: expected {expected}"),
        None => format!("this is not SQL: {text}"),
    }
}

pub(super) fn too_deep(span: std::ops::Range<usize>) -> RuleError {
    RuleError::new("the rule is nested too deep", span).hint("long chains of `AND` and `OR` count once")
}

/// How many nodes `expr` is high. Recursive: only for trees whose height [`MAX_WORDS`] bounds.
fn height(expr: &Expr) -> usize {
    let below = match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Path(_) | ExprKind::Moment(_) => 0,
        ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::IsNull(inner) => height(inner),
        ExprKind::And(parts) | ExprKind::Or(parts) => parts.iter().map(height).max().unwrap_or(0),
        ExprKind::Compare { left, right, .. } | ExprKind::Arithmetic { left, right, .. } => {
            height(left).max(height(right))
        }
        ExprKind::In { value, .. } | ExprKind::Text { value, .. } => height(value),
        ExprKind::Occurs { value, anchor, .. } => height(value).max(height(anchor)),
    };
    below + 1
}

/// Reads SQL's tree into ours.
struct Reader<'t> {
    places: Places<'t>,
}

impl Reader<'_> {
    fn parsed(&self, dialect: &GenericDialect, tokens: Vec<TokenWithSpan>) -> Result<Sql, RuleError> {
        let mut parser = Parser::new(dialect).with_recursion_limit(MAX_NESTING).with_tokens_with_locations(tokens);
        let parsed = parser.parse_expr().map_err(|error| match error {
            ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
                RuleError::new(plain(&message), self.places.named_in(&message))
            }
            ParserError::RecursionLimitExceeded => too_deep(0..self.places.text.len()),
        })?;
        let rest = parser.next_token();
        match rest.token {
            Token::EOF => Ok(parsed),
            other => {
                Err(RuleError::new(format!("`{other}` is not allowed in a rule here"), self.places.span(rest.span))
                    .expected(&["`AND`", "`OR`", "a comparison", "the end of the rule"]))
            }
        }
    }

    /// The refusal of something that SQL has and rules have not.
    fn refused(&self, sql: &Sql, what: &str) -> RuleError {
        RuleError::new(format!("{what} not allowed in a rule"), self.places.of(sql))
    }

    fn expr(&self, sql: Sql, depth: usize) -> Result<Expr, RuleError> {
        let span = self.places.of(&sql);
        if depth > MAX_DEPTH {
            return Err(too_deep(span));
        }
        let depth = depth + 1;
        match sql {
            Sql::Nested(inner) => self.expr(*inner, depth),
            Sql::Identifier(_) | Sql::CompoundIdentifier(_) | Sql::CompoundFieldAccess { .. } => self.field(&sql),
            Sql::Value(_) | Sql::TypedString(_) | Sql::Function(_) => self.leaf(sql, depth),
            Sql::BinaryOp { op: BinaryOperator::And, .. } => self.joined(sql, &BinaryOperator::And, depth),
            Sql::BinaryOp { op: BinaryOperator::Or, .. } => self.joined(sql, &BinaryOperator::Or, depth),
            Sql::BinaryOp { left, op, right } => match (compare_op(&op), arithmetic_op(&op)) {
                (Some(op), _) => self.comparison(op, *left, *right, depth),
                (None, Some(_)) => self.arithmetic(Sql::BinaryOp { left, op, right }, depth),
                (None, None) => {
                    Err(self.refused(&Sql::BinaryOp { left, op: op.clone(), right }, &format!("`{op}` is")))
                }
            },
            Sql::UnaryOp { op: UnaryOperator::Not, expr } => Ok(Expr::negated(self.expr(*expr, depth)?, span)),
            Sql::UnaryOp { op: UnaryOperator::Minus, expr } => self.negative(*expr, span, depth),
            other => self.condition(other, depth),
        }
    }

    /// A chain of `AND` or `OR`, taken apart without recursing along it.
    fn joined(&self, sql: Sql, joint: &BinaryOperator, depth: usize) -> Result<Expr, RuleError> {
        let span = self.places.of(&sql);
        let mut parts = Vec::new();
        let mut rest = sql;
        loop {
            match rest {
                Sql::BinaryOp { left, op, right } if op == *joint => {
                    parts.push(*right);
                    rest = *left;
                }
                first => {
                    parts.push(first);
                    break;
                }
            }
        }
        let parts = parts.into_iter().rev().map(|p| self.expr(p, depth)).collect::<Result<Vec<Expr>, RuleError>>()?;
        Ok(if *joint == BinaryOperator::And { Expr::and(parts, span) } else { Expr::or(parts, span) })
    }

    /// A chain of arithmetic, taken apart without recursing along it.
    fn arithmetic(&self, sql: Sql, depth: usize) -> Result<Expr, RuleError> {
        let mut steps = Vec::new();
        let mut rest = sql;
        let first = loop {
            match rest {
                Sql::BinaryOp { left, op, right } => match arithmetic_op(&op) {
                    Some(arithmetic) => {
                        steps.push((arithmetic, *right));
                        rest = *left;
                    }
                    None => break Sql::BinaryOp { left, op, right },
                },
                first => break first,
            }
        };
        let mut built = self.expr(first, depth)?;
        for (op, right) in steps.into_iter().rev() {
            let right = self.expr(right, depth)?;
            let span = built.span.start..right.span.end;
            let kind = ExprKind::Arithmetic { op, left: Box::new(built), right: Box::new(right) };
            built = Expr::new(kind, span);
        }
        Ok(built)
    }

    fn negative(&self, inner: Sql, span: std::ops::Range<usize>, depth: usize) -> Result<Expr, RuleError> {
        if let Some(number) = self.negative_number(&inner)? {
            return Ok(Expr::literal(number, span));
        }
        Ok(Expr::new(ExprKind::Negate(Box::new(self.expr(inner, depth)?)), span))
    }
}

fn compare_op(op: &BinaryOperator) -> Option<CompareOp> {
    Some(match op {
        BinaryOperator::Eq => CompareOp::Equal,
        BinaryOperator::NotEq => CompareOp::NotEqual,
        BinaryOperator::Lt => CompareOp::Less,
        BinaryOperator::LtEq => CompareOp::LessOrEqual,
        BinaryOperator::Gt => CompareOp::Greater,
        BinaryOperator::GtEq => CompareOp::GreaterOrEqual,
        _ => return None,
    })
}

fn arithmetic_op(op: &BinaryOperator) -> Option<ArithmeticOp> {
    Some(match op {
        BinaryOperator::Plus => ArithmeticOp::Add,
        BinaryOperator::Minus => ArithmeticOp::Subtract,
        BinaryOperator::Multiply => ArithmeticOp::Multiply,
        BinaryOperator::Divide => ArithmeticOp::Divide,
        BinaryOperator::Modulo => ArithmeticOp::Remainder,
        _ => return None,
    })
}
