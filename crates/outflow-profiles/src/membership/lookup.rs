//! Where one profile stands, in all segments of an evaluation at once.

use chrono::{DateTime, Utc};
use outflow_model::Fault;
use outflow_model::membership::MembershipStatus;

use super::Evaluation;
use super::bitmap;
use super::file::MembershipFile;

/// What an evaluation says of one profile and a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileStanding {
    /// The segment.
    pub segment: String,
    /// Whether the profile is in it.
    pub status: MembershipStatus,
    /// When it entered, or left.
    pub since: DateTime<Utc>,
}

impl Evaluation {
    /// Where the profile in row `row` of part `part` of the snapshot stands: in each segment that it is in, or has left as
    /// far as the evaluation tells. Of a profile that is not there, nothing. One row group is read.
    ///
    /// # Errors
    /// `Input` when the file of memberships is not there or damaged.
    pub fn standing_of(&self, part: usize, row: usize) -> Result<Vec<ProfileStanding>, Fault> {
        let Ok(row) = u32::try_from(row) else { return Ok(Vec::new()) };
        let evaluated_at = self.time.timestamp_micros();
        let mut found = Vec::new();
        MembershipFile::open(self)?.visit(part, None, &mut |segment, time, exited, bytes| {
            if bitmap::from_bytes(bytes)?.contains(row) {
                let status = match exited {
                    true => MembershipStatus::Exited,
                    false if time == evaluated_at => MembershipStatus::Realized,
                    false => MembershipStatus::Existing,
                };
                let since = DateTime::from_timestamp_micros(time)?;
                found.push(ProfileStanding { segment: segment.to_owned(), status, since });
            }
            Some(())
        })?;
        Ok(found)
    }
}
