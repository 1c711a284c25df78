//! What the server says of itself: to anybody whether it lives, whether it can work, and its API; to who has a token its
//! metrics.

mod document;
mod live;
mod metrics;
mod ready;

use crate::operation::Operation;

/// The operations of this noun.
pub(crate) fn operations() -> Vec<Operation> {
    vec![
        live::operation().public(),
        ready::operation().public(),
        metrics::operation().metrics(),
        document::operation().public(),
    ]
}
