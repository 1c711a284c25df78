//! Which profiles have left: recorded with the end of a run and with the closing of a set, kept for a time, and asked for.
//!
//! Beside each file that a run delivers, and each set of messages, lies a file with the hashes of the profiles that it
//! told of (`data/SANDBOX/departures/FLOW`), and a row names it. Of a run, file and row are on the disk before anything
//! becomes visible: from then on those profiles may have left, and they have once the row is confirmed, at the end of the
//! run or when it fails midway. Of a set the row is written when it is closed. A file that no row names is the janitor's.
//! Rows outlive runs, segments and flows: what has left has left.

mod record;
mod whereabouts;

pub(crate) use record::{
    AboutToLeave, LeftWith, SetDepartures, add_set, announce, confirm_run, folder, of_set, record_lost_set,
    record_part_of_run, set_path,
};
pub use whereabouts::{Whereabouts, whereabouts};

/// The folder of all departures below a sandbox's data folder.
pub(crate) const DEPARTURES: &str = "departures";
