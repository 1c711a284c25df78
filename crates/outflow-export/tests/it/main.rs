//! Runs from profiles to files, at a target in memory.

mod members;
mod memory;
