//! From selected profiles to the bytes of files: encoded in parallel, put in plan order, split into parts, compressed in
//! parallel, encrypted, hashed, and handed to the connector in bounded buffers.

mod compress;
mod outlet;
mod parts;
mod turns;

pub use compress::Compression;
pub(crate) use compress::Compressors;
pub(crate) use outlet::Outlet;
pub(crate) use parts::{DonePart, PartFormat, Parts, Piece, Rows};
pub(crate) use turns::{Lane, Turns, stopped};
