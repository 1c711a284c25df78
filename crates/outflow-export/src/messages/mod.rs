//! Messages about profiles: what a streaming flow tells its target, and what it has told before.

mod blocks;
mod disk;
