//! The nouns of Outflow and their rules.
//!
//! This crate is pure: no input or output, no async, no HTTP, no SQL, no clock. Everything that several rooms must mean
//! the same by lives here: field paths, schemas, segment rules, datasets, schedules, activations, runs, file names, CSV
//! dialects, manifests, balances, faults, scopes of access.

pub mod access;
pub mod balance;
pub mod dataset;
pub mod dialect;
pub mod encryption;
pub mod fault;
pub mod flow;
pub mod guardrails;
pub mod json;
pub mod manifest;
pub mod membership;
pub mod near;
pub mod path;
pub mod problem;
pub mod property;
pub mod rule;
pub mod run;
pub mod schedule;
pub mod schema;
pub mod segment;
pub mod template;

pub use fault::{Fault, FaultClass};
pub use path::{FieldPath, PathElement};
pub use problem::{Findings, Problem, Problems};
