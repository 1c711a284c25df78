//! Segment rules: one syntax tree, two languages that are read into it, one that it prints back to.
//!
//! `pql/text` and `sql/text` are parsed into an [`Expr`]; [`check`](crate::rule) finds type errors against a schema before
//! anything runs; binding replaces every time expression by an instant, so that an evaluator meets no clock.

mod ast;

pub use ast::{ArithmeticOp, CompareOp, Direction, Expr, ExprKind, Literal, Moment, TextTest, TimeUnit};
