//! Closing a set whose messages are all settled.

use std::path::Path;

use outflow_model::Fault;
use outflow_profiles::Work;

use super::acks::Acks;
use super::outbox::OpenSet;
use super::rebase::rebase;
use super::told::ToldState;

/// In a message that says that a profile left a segment; see [`write_message`](super::write_message).
const EXITED: &[u8] = b"\"status\":\"exited\"";

/// Messages between which the work is asked whether it goes on.
const CHECKED_MESSAGES: usize = 4_096;

/// What the far end knows when `set`, which leads from the state `before` to the state `after`, is settled. That is `after`,
/// and `None` is answered, unless the target refused a message that says that a profile left a segment: then the folder
/// `into` gets, as `told`, the state in which the profile is still in that segment for the far end.
///
/// Where nothing was refused, nothing is read.
///
/// # Errors
/// `Internal` where set and state are not of one derivation, `Input` for files that are not there or damaged, `Refused`
/// where the disk does not take what is written; and whatever `work.check` answers.
pub fn close(
    before: Option<&ToldState>,
    after: &ToldState,
    set: &OpenSet,
    acks: &Acks,
    into: &Path,
    work: &Work<'_>,
) -> Result<Option<ToldState>, Fault> {
    // Without a state before there was nobody to leave.
    if before.is_none() || !is_exit_refused(set, acks, work)? {
        return Ok(None);
    }
    rebase(before, after, set, acks, into, work).map(Some)
}

fn is_exit_refused(set: &OpenSet, acks: &Acks, work: &Work<'_>) -> Result<bool, Fault> {
    let (Some(first), Some(last)) = (acks.refused().min(), acks.refused().max()) else { return Ok(false) };
    for (count, message) in set.reader(first).enumerate() {
        if count % CHECKED_MESSAGES == 0 {
            (work.check)()?;
        }
        let (number, message) = message?;
        if number > last {
            break;
        }
        // Memberships stand near the end.
        if acks.refused().contains(number) && message.body.windows(EXITED.len()).rev().any(|window| window == EXITED) {
            return Ok(true);
        }
    }
    Ok(false)
}
