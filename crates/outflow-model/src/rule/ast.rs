//! The syntax tree of segment rules.

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
    /// `x + y`. Two integers stay integers, but for `/`, which always gives a float; overflow and division by zero are
    /// unknown.
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
    /// `42`.
    Integer(i64),
    /// `4.2`; always finite.
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
