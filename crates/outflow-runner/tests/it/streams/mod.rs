//! Streaming flows: who is told what, and what happens when something gives way.

pub mod bed;
mod changes;
mod crash;
mod damage;
pub mod far;
mod letters;
mod targets;
mod windows;
