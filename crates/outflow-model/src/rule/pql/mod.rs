//! `pql/text`: reading it and printing it.

mod lexer;
mod literal;
mod parser;
mod postfix;
mod print;

pub(super) use lexer::{exact_float, integer_in_range};
pub(super) use literal::{date_in_range, day_of, instant_of};
pub use parser::{MAX_DEPTH, MAX_TEXT_BYTES, parse_pql};
