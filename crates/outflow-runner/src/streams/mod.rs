//! What there is of a streaming flow beside its document: how far the far end has been told, and what lies on disk.
//!
//! The **told state** says what the far end knows of each profile. A **derivation** compares it with an evaluation and
//! makes the messages that are due, an **open set**, with the told state that counts once they are settled. Both lie in a
//! numbered folder, `data/SANDBOX/streams/FLOW/NNNNNNNN/{told,set}`. A number is taken by a transaction before its folder
//! is made, and another transaction names what was made there: so two workers never write to one folder, and a folder
//! that was not named by then never counts.

mod folders;
mod letters;
mod numbers;
mod state;
mod status;
mod told;

pub(crate) use folders::{Folders, STREAMS, number_of, tidy};
pub use letters::{FlowLetter, LetterPage};
pub(crate) use letters::{Redelivered, keys_of, page, repaired, unknown_events};
pub(crate) use numbers::Numbers;
pub(crate) use state::{BLOCKED, DISABLED, LetterFolder, Open, Sent, StreamState, WAITING_MAX, Waiting};
pub use status::StreamStatus;
pub(crate) use told::Told;
