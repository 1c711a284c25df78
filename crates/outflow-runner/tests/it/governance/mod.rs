//! What may leave, and what becomes of what may not.

mod bed;
mod cost;
mod facts;
mod race;
mod reshaped;
mod runs;
mod streams;
pub mod withheld;
