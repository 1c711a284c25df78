//! Runs from profiles to files, at a target in memory.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer to what should not fail")]

mod departures;
#[cfg(feature = "openpgp")]
mod encryption;
mod folding;
mod members;
mod memory;
