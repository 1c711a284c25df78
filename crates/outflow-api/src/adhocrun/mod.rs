//! Extra full exports: `/data/core/activation/disflowprovider/adhocrun`.

mod create;

use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![create::operation()]
}
