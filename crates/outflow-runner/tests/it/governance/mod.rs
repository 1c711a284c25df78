//! What may leave, and what becomes of what may not.

pub mod bed;
mod cost;
mod facts;
mod meanwhile;
mod race;
mod replay;
mod reshaped;
mod runs;
mod streams;
mod taken_back;
pub mod withheld;
