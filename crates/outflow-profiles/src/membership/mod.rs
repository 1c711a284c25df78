//! Who is in which segment: evaluations, their files, and what changed between two of them.
//!
//! An **evaluation** is the membership of a set of segments over one snapshot at one time. Its **row space** are the rows
//! of the snapshot's parts, in their order, and behind them those of its **ghosts**: profiles that are not in the snapshot
//! any more, but were members before, so that somebody may have to be told that they left. A ghost has its profile id and
//! its identities, and nothing else. Membership is kept as bitmaps over this row space (`file`).
//!
//! # Statuses
//!
//! Each segment is compared with its own previous evaluation, by profile id, whatever became of its rule:
//!
//! | was a member | is one | now |
//! |---|---|---|
//! | no | yes | a member since the evaluation's time: `realized` |
//! | yes | yes | a member since the time that it had: `existing` |
//! | yes | no | `exited` at the evaluation's time; a ghost, if the profile is gone |
//! | no | no | `exited` at the time that it had, until nobody needs to know any more |
//!
//! A segment that was not evaluated before has only `realized` members. An evaluation is later than those it follows, also
//! where a clock was set back, so that times order what happened.
//!
//! What of an evaluation may be exported is an evaluation of its own (`permit`).
//!
//! # Cost
//!
//! Rules are answered in one pass over the snapshot, a part at a time on each thread. Parts that are the same file as
//! before are not compared: their rows are where they were. Of others the profile ids are read and merged. What a thread
//! holds is one part's bitmaps; they are written when the part's turn comes, so that the bytes do not depend on threads.

mod bitmap;
mod changes;
mod entries;
mod estimate;
mod evaluate;
mod evaluation;
mod exclusion;
mod file;
mod first;
mod ghosts;
mod keys;
mod lookup;
mod outcome;
mod pass;
mod permit;
mod picker;
mod preview;
mod reach;
mod row_map;
mod space;
mod standings;
#[cfg(test)]
mod tests;

pub use estimate::{Estimate, estimate};
pub use evaluate::{Previous, SegmentRule, evaluate};
pub use evaluation::{Evaluation, SegmentCounts};
pub use exclusion::{Exclusion, ExclusionRule, WithheldCounts};
pub use first::{FirstMembers, FirstWanted};
pub use keys::ProfileKeys;
pub use lookup::ProfileStanding;
pub use permit::permit;
pub use picker::{Picked, Picker};
pub use preview::{WithheldPreview, WithheldShare};
pub use standings::{PieceRows, StandingBatch, Standings};
