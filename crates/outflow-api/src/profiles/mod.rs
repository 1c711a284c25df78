//! One profile, by what identifies it: `/data/core/ups/profiles`.

mod find;
mod look;
mod stands;

use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![find::operation()]
}
