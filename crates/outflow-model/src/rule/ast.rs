//! The syntax tree of segment rules.

use std::cmp::Ordering;
use std::ops::Range;

use chrono::{DateTime, NaiveDate, Utc};

use crate::path::FieldPath;

/// A node with its place in the source text. Two nodes are equal when they mean the same, wherever they were written.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands, in bytes of the source text.
    pub span: Range<usize>,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.kind == other.kind
    }
}

impl Expr {
    /// A node at `span`.
    pub fn new(kind: ExprKind, span: Range<usize>) -> Expr {
        Expr { kind, span }
    }

    /// A constant at `span`.
    pub fn literal(literal: Literal, span: Range<usize>) -> Expr {
        Expr::new(ExprKind::Literal(literal), span)
    }

    /// `parts` joined by `and`: nested `and`s are taken apart, a single part stays itself. `parts` is not empty.
    pub fn and(parts: Vec<Expr>, span: Range<usize>) -> Expr {
        let nested = |kind| if let ExprKind::And(inner) = kind { Ok(inner) } else { Err(kind) };
        Expr::joined(parts, span, nested, ExprKind::And)
    }

    /// `parts` joined by `or`: nested `or`s are taken apart, a single part stays itself. `parts` is not empty.
    pub fn or(parts: Vec<Expr>, span: Range<usize>) -> Expr {
        let nested = |kind| if let ExprKind::Or(inner) = kind { Ok(inner) } else { Err(kind) };
        Expr::joined(parts, span, nested, ExprKind::Or)
    }

    fn joined(
        parts: Vec<Expr>,
        span: Range<usize>,
        nested: fn(ExprKind) -> Result<Vec<Expr>, ExprKind>,
        join: fn(Vec<Expr>) -> ExprKind,
    ) -> Expr {
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match nested(part.kind) {
                Ok(inner) => flat.extend(inner),
                Err(kind) => flat.push(Expr::new(kind, part.span)),
            }
        }
        match flat.len() {
            1 => flat.remove(0),
            _ => Expr::new(join(flat), span),
        }
    }

    /// The same condition with every field replaced by what `replaced` gives for it.
    #[must_use]
    pub fn with_paths(&self, replaced: &dyn Fn(FieldPath) -> FieldPath) -> Expr {
        let one = |expr: &Expr| Box::new(expr.with_paths(replaced));
        let all = |parts: &[Expr]| parts.iter().map(|part| part.with_paths(replaced)).collect();
        let kind = match &self.kind {
            ExprKind::Path(path) => ExprKind::Path(replaced(path.clone())),
            ExprKind::Literal(_) | ExprKind::Moment(_) => self.kind.clone(),
            ExprKind::Not(inner) => ExprKind::Not(one(inner)),
            ExprKind::Negate(inner) => ExprKind::Negate(one(inner)),
            ExprKind::IsNull(inner) => ExprKind::IsNull(one(inner)),
            ExprKind::And(parts) => ExprKind::And(all(parts)),
            ExprKind::Or(parts) => ExprKind::Or(all(parts)),
            ExprKind::Compare { op, left, right } => ExprKind::Compare { op: *op, left: one(left), right: one(right) },
            ExprKind::Arithmetic { op, left, right } => {
                ExprKind::Arithmetic { op: *op, left: one(left), right: one(right) }
            }
            ExprKind::In { value, options } => ExprKind::In { value: one(value), options: options.clone() },
            ExprKind::Text { test, value, pattern, case_sensitive } => ExprKind::Text {
                test: *test,
                value: one(value),
                pattern: pattern.clone(),
                case_sensitive: *case_sensitive,
            },
            ExprKind::Occurs { value, distance, direction, anchor } => {
                ExprKind::Occurs { value: one(value), distance: *distance, direction: *direction, anchor: one(anchor) }
            }
        };
        Expr::new(kind, self.span.clone())
    }

    /// `not inner`.
    pub fn negated(inner: Expr, span: Range<usize>) -> Expr {
        Expr::new(ExprKind::Not(Box::new(inner)), span)
    }

    /// `left op right`.
    pub fn compare(op: CompareOp, left: Expr, right: Expr, span: Range<usize>) -> Expr {
        Expr::new(ExprKind::Compare { op, left: Box::new(left), right: Box::new(right) }, span)
    }
}

impl Literal {
    /// Whether the constant is an integer or a float.
    pub fn is_number(&self) -> bool {
        matches!(self, Literal::Integer(_) | Literal::Float(_))
    }
}

impl CompareOp {
    /// The comparison that says the same with its sides swapped.
    #[must_use]
    pub fn flipped(self) -> CompareOp {
        match self {
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
            CompareOp::Equal | CompareOp::NotEqual => self,
        }
    }

    /// The comparison as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Equal => "=",
            CompareOp::NotEqual => "!=",
            CompareOp::Less => "<",
            CompareOp::LessOrEqual => "<=",
            CompareOp::Greater => ">",
            CompareOp::GreaterOrEqual => ">=",
        }
    }

    /// Whether two values that are ordered so satisfy the comparison. `None` is an order that does not exist, as with
    /// NaN: such values differ, and nothing else holds of them.
    pub fn holds(self, order: Option<Ordering>) -> bool {
        match (self, order) {
            (CompareOp::NotEqual, None) => true,
            (_, None) => false,
            (CompareOp::Equal, Some(o)) => o.is_eq(),
            (CompareOp::NotEqual, Some(o)) => o.is_ne(),
            (CompareOp::Less, Some(o)) => o.is_lt(),
            (CompareOp::LessOrEqual, Some(o)) => o.is_le(),
            (CompareOp::Greater, Some(o)) => o.is_gt(),
            (CompareOp::GreaterOrEqual, Some(o)) => o.is_ge(),
        }
    }
}

impl ArithmeticOp {
    /// The operation as it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            ArithmeticOp::Add => "+",
            ArithmeticOp::Subtract => "-",
            ArithmeticOp::Multiply => "*",
            ArithmeticOp::Divide => "/",
            ArithmeticOp::Remainder => "%",
        }
    }
}

impl TextTest {
    /// The name as it is written after a dot.
    pub fn name(self) -> &'static str {
        match self {
            TextTest::StartsWith => "startsWith",
            TextTest::EndsWith => "endsWith",
            TextTest::Contains => "contains",
            TextTest::Matches => "matches",
            TextTest::Like => "like",
        }
    }

    /// All of them.
    pub const ALL: [TextTest; 5] =
        [TextTest::StartsWith, TextTest::EndsWith, TextTest::Contains, TextTest::Matches, TextTest::Like];
}

impl TimeUnit {
    /// The name as it is written, in the singular.
    pub fn name(self) -> &'static str {
        match self {
            TimeUnit::Millisecond => "millisecond",
            TimeUnit::Second => "second",
            TimeUnit::Minute => "minute",
            TimeUnit::Hour => "hour",
            TimeUnit::Day => "day",
            TimeUnit::Week => "week",
            TimeUnit::Month => "month",
            TimeUnit::Year => "year",
        }
    }

    /// The unit of this name, singular or plural, in any case.
    pub fn named(word: &str) -> Option<TimeUnit> {
        let word = word.to_ascii_lowercase();
        let singular = word.strip_suffix('s').unwrap_or(&word);
        TimeUnit::ALL.into_iter().find(|unit| unit.name() == singular)
    }

    /// All of them, shortest first.
    pub const ALL: [TimeUnit; 8] = [
        TimeUnit::Millisecond,
        TimeUnit::Second,
        TimeUnit::Minute,
        TimeUnit::Hour,
        TimeUnit::Day,
        TimeUnit::Week,
        TimeUnit::Month,
        TimeUnit::Year,
    ];
}

/// What a node is. Every operation follows three-valued logic: a null operand makes it unknown, and unknown is not
/// selected.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A constant.
    Literal(Literal),
    /// A field's value.
    Path(FieldPath),
    /// A named instant of the run. Gone after binding.
    Moment(Moment),
    /// `not x`.
    Not(Box<Expr>),
    /// `-x`.
    Negate(Box<Expr>),
    /// `x and y and …`; two or more, never itself an `And`.
    And(Vec<Expr>),
    /// `x or y or …`; two or more, never itself an `Or`.
    Or(Vec<Expr>),
    /// `x < y`.
    Compare {
        /// The comparison.
        op: CompareOp,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `x + y`. Integers stay integers (of 128 bits) and decimals decimals, but for `/`, which always gives a float;
    /// overflow and division by zero are unknown.
    Arithmetic {
        /// The operation.
        op: ArithmeticOp,
        /// Left side.
        left: Box<Expr>,
        /// Right side.
        right: Box<Expr>,
    },
    /// `x in ["a", "b"]`. `not in` is a `Not` around it.
    In {
        /// What is looked for.
        value: Box<Expr>,
        /// Where: constants of one type, at least one.
        options: Vec<Literal>,
    },
    /// `x.startsWith("a")`, `x like "a%"` and their kin. On a list of strings, `contains` asks for an element.
    Text {
        /// The test.
        test: TextTest,
        /// What is tested.
        value: Box<Expr>,
        /// The constant it is tested against.
        pattern: String,
        /// Whether upper and lower case differ (`true` unless the second argument says `false`).
        case_sensitive: bool,
    },
    /// `x is null`; never unknown. `is not null` is a `Not` around it.
    IsNull(Box<Expr>),
    /// `x occurs <= 30 days before now`. Gone after binding.
    Occurs {
        /// A date or timestamp.
        value: Box<Expr>,
        /// How the distance compares; `None` for plain `occurs before now`.
        distance: Option<(CompareOp, i64, TimeUnit)>,
        /// On which side of the anchor.
        direction: Direction,
        /// A date or timestamp.
        anchor: Box<Expr>,
    },
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// `true`.
    Boolean(bool),
    /// `42`; from the least signed to the greatest unsigned 64-bit number, the range of integer fields.
    Integer(i128),
    /// `4.2`; always finite. Beside a decimal it means the decimal number that its shortest text spells.
    Float(f64),
    /// `"text"`.
    String(String),
    /// `date(2026, 11, 22)`.
    Date(NaiveDate),
    /// `timestamp("2026-11-22T06:00:00Z")`.
    Timestamp(DateTime<Utc>),
}

/// An instant that the run's clock gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The run's clock.
    Now,
    /// Midnight UTC at the start of the run's day.
    Today,
    /// The midnight before.
    Yesterday,
    /// The midnight after.
    Tomorrow,
}

/// `=`, `!=` and the orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Arithmetic on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum ArithmeticOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

/// Tests on text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextTest {
    /// Prefix.
    StartsWith,
    /// Suffix.
    EndsWith,
    /// Substring, or element of a list.
    Contains,
    /// Regular expression found anywhere; anchors anchor.
    Matches,
    /// `%` any run, `_` any character, `\` escapes.
    Like,
}

/// Units of a distance in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum TimeUnit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// Side of an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Direction {
    Before,
    After,
}
