//! What a change does to flows that go: none is saved that makes one of them violate a policy.
//!
//! A write that can matter looks [`Before`] it writes, and has [`enforce`] look again afterwards, in the same transaction,
//! which holds the sandbox's governance from the first look to its end. So of two changes that are harmless alone and not
//! together, the second is refused. Only violations that the write adds count: a flow that was wrong before stands in
//! nobody's way.

mod enforce;
mod on_violation;
mod published;
mod violation;

pub(crate) use enforce::{Before, PausedFlow, enforce, refused, tell_paused, told};
pub(crate) use on_violation::{OnViolation, OnViolationParameter};
pub(crate) use violation::ShownViolation;

#[cfg(test)]
mod tests;
