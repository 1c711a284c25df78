//! Where one profile went: `/data/core/ups/whereabouts`.

mod find;

use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![find::operation()]
}
