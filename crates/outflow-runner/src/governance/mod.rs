//! Whether what a flow exports may leave.
//!
//! `outflow-governance` judges; here it is told what is so, and what follows from a verdict. A [`Ground`] is what is so in a
//! sandbox: labels, policies, the rules of segments, and the datasets whose records are looked at. [`FlowFacts`] is what a
//! flow uses.
//!
//! Two questions are asked of it:
//!
//! - *Before a change*: which enabled flows would violate what they do not violate now ([`Runner::judge_all`](crate::Runner)
//!   before and after the write, in its transaction, and [`new_breaches`])? Whoever saves it all the same pauses those
//!   flows ([`pause`]).
//! - *Before something leaves* (`decide`): a run's plan when it is made and at each later try, what a stream derives, and
//!   each time it is sent on. The sandbox's governance is locked, what is about to leave is judged by what is so then, and
//!   the answer is a record of the audit log in the same transaction. Of every file and message there is a record that
//!   allows it, behind all changes that it obeyed.
//!
//! What leaves is judged, not what the flow would export now: a plan has its own columns, membership was found by the rule
//! of its evaluation, and a snapshot may hold records of datasets that were changed or detached since.

mod data;
mod decide;
mod facts;
mod ground;
mod judged;
mod known;
mod past;
mod pause;
mod preview;
mod rows;
mod rules;
mod screen;
mod suppressed;
mod target;
mod unasked;
mod withholding;

pub use facts::FlowFacts;
pub use ground::Ground;
pub use judged::{Judged, new_breaches};
pub use pause::{pause, reason};
pub use rows::{RowsOrder, RowsPreview};

pub(crate) use data::{Merged, Records};
pub(crate) use decide::{
    Allowed, Decision, Leaving, Record, Refusal, decide, is_same_consent, is_same_withholding, may_go_on, read_ahead,
    suppression_revision,
};
pub(crate) use judged::judge_all;
pub(crate) use known::Known;
pub(crate) use preview::preview;
pub(crate) use rows::rows;
pub(crate) use suppressed::suppressed;
pub(crate) use unasked::withholding_unasked;
pub(crate) use withholding::Withholding;
