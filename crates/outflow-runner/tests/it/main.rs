//! The runner on a real store and a real folder: what is delivered, and what happens when something gives way.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
#![expect(clippy::print_stdout, reason = "what a seeded test did is printed, so that it can be repeated")]

mod alerts;
mod clock;
mod crash;
mod departures;
#[cfg(feature = "openpgp")]
mod encryption;
mod fold;
mod gate;
mod governance;
mod held;
mod janitor;
mod lease;
mod lifecycle;
mod lost;
mod outdated;
mod overtaken;
mod refreshing;
mod runs;
mod servers;
mod streams;
mod tries;
mod world;
mod year;
