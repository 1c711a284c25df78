//! In which files and messages a profile has left.

use std::panic::resume_unwind;
use std::thread;

use chrono::{DateTime, Utc};
use outflow_export::departures::Departures;
use outflow_model::Fault;
use outflow_store::{Departure, Store};

use crate::steps::blocking;

/// Rows that are read at once.
const ROWS_AT_ONCE: usize = 500;

/// Rows that one page looks at: a few small reads of a file each. Beyond that it ends early.
const LOOKED_AT_MAX: usize = 10_000;

/// Threads that read the files of a page: a disk that has not read them lately answers side by side.
const READERS: usize = 8;

/// In which files and messages a profile has left, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Whereabouts {
    /// They.
    pub departures: Vec<Departure>,
    /// Of these it cannot be told whether the profile is among them: their files are not on this server's disk, or damaged.
    pub unreadable: Vec<Departure>,
    /// Since when every departure is known; `None` where none is.
    pub complete_since: Option<DateTime<Utc>>,
    /// Where to go on; `None` at the end. A page may have few departures, or none, and others follow.
    pub next: Option<String>,
}

/// In which files and messages of a sandbox a profile with one of these hashes
/// ([`hash_of`](outflow_profiles::snapshot::hash_of) its id) has left, newest first: about `limit` of them, less than twice
/// as many at most. `start` is the `next` of an earlier page. Messages count once their set is closed, files from the moment
/// at which they may be published: until it is known that they were, the departure is not `confirmed`.
///
/// # Errors
/// `Input` for a start that no page gave; those of the store.
pub async fn whereabouts(
    store: &Store,
    sandbox: &str,
    hashes: &[i64],
    start: Option<&str>,
    limit: usize,
) -> Result<Whereabouts, Fault> {
    let complete_since = store.read().await?.departures_complete_since(sandbox).await?;
    let mut found = Whereabouts { departures: Vec::new(), unreadable: Vec::new(), complete_since, next: None };
    let mut after = start.map(str::to_owned);
    let mut looked_at = 0;
    loop {
        // A page ends behind rows that were read, so no more are read than it may still have.
        let room = limit.saturating_sub(found.departures.len() + found.unreadable.len()).clamp(1, ROWS_AT_ONCE);
        let page = store.read().await?.departures(sandbox, after.as_deref(), room).await?;
        looked_at += page.departures.len();
        let rows = page.departures;
        let hashes = hashes.to_vec();
        for (is_in, row) in blocking(move || Ok(asked(rows, &hashes))).await? {
            match is_in {
                Ok(true) => found.departures.push(row),
                Ok(false) => {}
                Err(_) => found.unreadable.push(row),
            }
        }
        after = page.next;
        let is_enough = found.departures.len() + found.unreadable.len() >= limit || looked_at >= LOOKED_AT_MAX;
        if after.is_none() || is_enough {
            found.next = after;
            return Ok(found);
        }
    }
}

/// The rows in their order, each with what its file answers.
fn asked(rows: Vec<Departure>, hashes: &[i64]) -> Vec<(Result<bool, Fault>, Departure)> {
    let share = rows.len().div_ceil(READERS).max(1);
    let answers: Vec<_> = thread::scope(|scope| {
        let ask = |rows: &[Departure]| rows.iter().map(|row| is_in(row, hashes)).collect::<Vec<_>>();
        let readers: Vec<_> = rows.chunks(share).map(|rows| scope.spawn(move || ask(rows))).collect();
        readers.into_iter().flat_map(|reader| reader.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    });
    answers.into_iter().zip(rows).collect()
}

fn is_in(row: &Departure, hashes: &[i64]) -> Result<bool, Fault> {
    if row.path.is_empty() {
        return Err(Fault::input("it was not kept who left"));
    }
    let departures = Departures::open(row.path.as_ref())?;
    for hash in hashes {
        if departures.contains(*hash)? {
            return Ok(true);
        }
    }
    Ok(false)
}
