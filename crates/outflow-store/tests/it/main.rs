//! The store as its users see it, on SQLite and on PostgreSQL: one suite, run on both.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod artifacts;
mod audit;
mod audit_pages;
mod bed;
mod clients;
mod departures;
mod documents;
mod flows;
mod governance;
mod guesses;
mod inspect;
mod jobs;
mod journal;
mod lists;
mod opening;
mod previews;
mod runs;
mod secrets;
mod sessions;
mod streams;
mod suppressions;
