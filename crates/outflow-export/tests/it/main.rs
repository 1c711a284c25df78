//! Runs from profiles to files, at a target in memory.

mod folding;
mod members;
mod memory;
