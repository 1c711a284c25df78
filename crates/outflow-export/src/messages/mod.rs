//! Messages about profiles: what a streaming flow tells its target, and what it has told before.
//!
//! The way of a message:
//!
//! 1. A *derivation* compares what the far end has been told (the told state) with an evaluation. Of every profile that
//!    changed in a way that the flow looks for it makes one message with the profile's whole state (`shape`, `encode`,
//!    `body`), and writes it into the *open set* (`outbox`): final bytes, on the disk before anything is sent. Beside it
//!    stands the next told state.
//! 2. The *drain* sends the open set and keeps what the target acknowledged (`acks`), and what it refuses for good
//!    (`letters`). A message goes out until it is the one or the other; after a crash those are sent again whose
//!    acknowledgement was not kept, with the same bytes.
//! 3. When every message of the set is settled, the next told state takes the place of the one before (`close`). A set
//!    that is given up before that is folded back into the state before it (`rebase`). What of it was accepted repairs the letters
//!    that earlier sets left about the same profiles (`repaired`). Whether it must be because of somebody who is not to be told of
//!    any more, it says itself (`concerned`).
//!
//! So there is one open set for each flow, with one message of a profile at most. Requests of a drain that was ended may
//! still reach the target after it, even behind messages of the next set, and what was not acknowledged comes twice. So
//! order of arrival says nothing, and `sequence` does: whoever keeps for each profile the message with the highest one has
//! its last state.

mod acks;
mod blocks;
mod body;
mod close;
mod concerned;
mod departed;
mod derive;
mod disk;
mod drain;
mod encode;
mod frames;
mod hashes;
mod letters;
mod numbers;
mod outbox;
mod preview;
mod rebase;
mod repaired;
mod schema;
mod shape;
mod told;
mod tree;

pub use acks::Acks;
pub use body::{Membership, MessageParts, event_id, write_message};
pub use close::close;
pub use concerned::tells_of_any;
pub use departed::departed;
pub use derive::{Derivation, Derived, Resend, Triggers, derive};
pub use drain::{DrainOutcome, DrainProgress, DrainSettings, DrainWatch, Drained, drain};
pub use encode::Encoder;
pub use letters::{Letter, LetterPlace, LetterReason, read_letters, visit_letters};
pub use outbox::{OpenSet, PartOfSet, SetCounts, SetReader, SetWriter};
pub use preview::{MessagesLook, preview_messages};
pub use rebase::rebase;
pub use repaired::Repairs;
pub use schema::json_schema;
pub use shape::{MessageShape, SegmentTimes, SegmentTold};
pub use told::{ToldPart, ToldState};
