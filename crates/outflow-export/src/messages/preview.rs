//! A look at messages: what a flow would tell of some members, if the far end knew of nobody.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use outflow_model::{Fault, FieldPath};
use outflow_profiles::membership::FirstMembers;
use outflow_profiles::scan::{Profiles, ScanRequest};
use outflow_profiles::snapshot::ID_COLUMN;

use super::body::{Membership, MessageParts, event_id, write_message};
use super::encode::Encoder;
use super::shape::MessageShape;

/// Bytes of messages that a look shows at most.
const BYTES_MAX: usize = 1 << 20;

/// What the messages are of.
pub struct MessagesLook<'a> {
    /// The flow; event ids depend on it.
    pub flow_id: &'a str,
    /// What stands for the run.
    pub run_id: &'a str,
    /// What stands for the number of the derivation.
    pub sequence: u64,
    /// What messages hold; its segments are those that the members were looked for in.
    pub shape: &'a MessageShape,
}

/// The messages about `members`, each as it would be sent; fewer than there are members where they are large.
///
/// # Errors
/// `Input` for files that are not there or damaged, and whatever `check` answers.
pub fn preview_messages(
    look: &MessagesLook<'_>,
    profiles: &Profiles,
    members: &FirstMembers,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<Vec<String>, Fault> {
    let mut columns = look.shape.columns().to_vec();
    columns.push(FieldPath::of_names(ID_COLUMN, &[]));
    let request = ScanRequest { rows: Some(Arc::new(members.rows.clone())), columns, ..ScanRequest::default() };
    let (mut encoder, mut of_members) = (Encoder::new(look.shape), members.memberships.iter());
    let (mut messages, mut bytes) = (Vec::new(), 0);
    for morsel in profiles.morsels() {
        let mut scan = profiles.scan(*morsel, &request)?;
        while let Some(batch) = scan.next_batch()? {
            check()?;
            let Some((ids, columns)) = batch.columns.split_last() else { continue };
            let ids =
                cast(ids, &DataType::Utf8).map_err(|e| Fault::internal("profiles' ids are no text").because(e))?;
            encoder.batch(columns)?;
            for (row, id) in ids.as_string::<i32>().iter().enumerate() {
                let memberships = of_members.next().map_or(&[][..], Vec::as_slice);
                let message = message(look, &mut encoder, row, id.unwrap_or_default(), memberships)?;
                bytes += message.len();
                if bytes > BYTES_MAX {
                    return Ok(messages);
                }
                messages.push(message);
            }
        }
    }
    Ok(messages)
}

fn message(
    look: &MessagesLook<'_>,
    encoder: &mut Encoder<'_>,
    row: usize,
    profile_id: &str,
    memberships: &[(usize, i64)],
) -> Result<String, Fault> {
    let (mut attributes, mut identities, mut out) = (Vec::new(), Vec::new(), Vec::new());
    encoder.attributes(row, &mut attributes)?;
    encoder.identities(row, &mut identities)?;
    let told = |&(segment, time_micros): &(usize, i64)| Membership { segment, time_micros, exited: false };
    let memberships: Vec<Membership> = memberships.iter().map(told).collect();
    let parts = MessageParts {
        attributes: &attributes,
        identities: &identities,
        memberships: &memberships,
        profile_id,
        event_id: &event_id(look.flow_id, profile_id, look.sequence),
        sequence: look.sequence,
        run_id: look.run_id,
    };
    write_message(look.shape, &parts, &mut out);
    String::from_utf8(out).map_err(|e| Fault::internal("a message is no text").because(e))
}
