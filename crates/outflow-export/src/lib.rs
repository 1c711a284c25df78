//! Rooms being built.
