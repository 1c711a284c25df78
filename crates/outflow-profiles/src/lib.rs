//! Profiles: where they come from, which of them a rule selects, and sample ones.

pub mod describe;
pub mod generate;
