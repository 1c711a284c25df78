//! Rooms being built.

pub mod evaluate;
