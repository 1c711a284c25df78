//! Which profiles have left: recorded with the end of a run and with the closing of a set, kept for a time, and asked for.
//!
//! Beside each file that a run delivers, and each set of messages, lies a file with the hashes of the profiles that it
//! told of (`data/SANDBOX/departures/FLOW`), and a row names it. It is on the disk before anything becomes visible, and the
//! row is written in the transaction that ends the run or closes the set; a file that no row names is the janitor's.
//! Rows outlive runs, segments and flows: what has left has left.

mod record;
mod whereabouts;

pub(crate) use record::{
    LeftWith, SetDepartures, add_run, add_set, folder, of_set, record_lost_set, record_part_of_run, set_path,
};
pub use whereabouts::{Whereabouts, whereabouts};

/// The folder of all departures below a sandbox's data folder.
pub(crate) const DEPARTURES: &str = "departures";
