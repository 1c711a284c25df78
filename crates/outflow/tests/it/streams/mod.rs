//! Messages: what arrives at a stream or hub is what the profiles say, whatever happens on the way.
//!
//! People are in a file that the tests rewrite. What a vendor's client reads back is validated against the flow's own
//! schema, folded by the consumer of the documentation, and compared with who must be in which segment, computed in
//! another language from the same file.

pub mod bed;
mod delivery;
mod faults;
mod people;
mod survival;
