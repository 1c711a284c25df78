//! Segment rules: one syntax tree, two languages that are read into it, one that it prints back to.
//!
//! `pql/text` ([`parse_pql`]) and `sql/text` ([`parse_sql`]) are parsed into an [`Expr`]; its `Display` is canonical
//! `pql/text`. [`check`] finds every type error against a schema before anything runs. [`bind`] replaces every time
//! expression by an instant, so that an evaluator meets no clock.
//!
//! # Meaning
//!
//! Logic has three values. A comparison, a test or an operation on a null is unknown; `and`, `or` and `not` follow Kleene;
//! a profile is selected when its rule is true, not when it is unknown. Only `is null` always answers.
//!
//! - **Numbers** compare as the numbers they are, whatever their types: an integer with 1.5, a 64-bit unsigned with a
//!   signed one, a decimal with a float constant (which then means the decimal that its shortest text spells). `NaN` differs
//!   from everything, itself included, and is neither less nor greater.
//! - **Strings** compare by their UTF-8 bytes. A test with `false` as its second argument ignores case: both sides are
//!   lower-cased by Unicode's rules.
//! - **Days and instants** compare on one line: a day is its midnight in UTC. A string constant beside one of them must
//!   spell a day (`"2026-11-22"`) or an instant in RFC 3339, and then is that.
//! - **Booleans** are equal or not; structs, lists, maps and bytes only have null tests (two fields of bytes can be equal).
//!
//! # `occurs`
//!
//! | written | means |
//! |---|---|
//! | `x occurs before a` | `x < a` |
//! | `x occurs <= 30 days before a` | `a - 30 days <= x <= a` |
//! | `x occurs < 30 days before a` | `a - 30 days < x <= a` |
//! | `x occurs > 3 days before a` | `x < a - 3 days` |
//! | `x occurs >= 3 days before a` | `x <= a - 3 days` |
//! | `x occurs = 3 days before a` | `a - 4 days < x <= a - 3 days`: three whole days lie between |
//! | `x occurs != 3 days before a` | `x <= a`, and not the line above |
//!
//! `after` is the mirror image. Days and weeks are 24 and 168 hours; months and years go by the calendar in UTC, a day that
//! a month lacks being its last. `now` is the run's clock; `today`, `yesterday` and `tomorrow` are midnights in UTC.

mod ast;
mod bind;
mod check;
mod error;
mod pattern;
mod pql;
mod span_of_time;
mod sql;
#[cfg(test)]
mod tests;

pub use ast::{ArithmeticOp, CompareOp, Direction, Expr, ExprKind, Literal, Moment, TextTest, TimeUnit};
pub use bind::{BoundRule, bind};
pub use check::check;
pub use error::{RuleError, RuleErrors};
pub use pattern::{LikePattern, like_pattern, matches_regex};
pub use pql::{MAX_DEPTH, MAX_TEXT_BYTES, parse_pql};
pub use sql::parse_sql;
