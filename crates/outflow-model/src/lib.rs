//! The nouns of Outflow and their rules.
//!
//! This crate is pure: no input or output, no async, no HTTP, no SQL, no clock. Everything that several rooms must mean
//! the same by lives here: field paths, schemas, segment rules, file names, CSV dialects, manifests, balances, faults.

pub mod balance;
pub mod dialect;
pub mod fault;
pub mod manifest;
pub mod path;
pub mod rule;
pub mod schema;
pub mod template;

pub use fault::{Fault, FaultClass};
pub use path::{FieldPath, PathElement};
