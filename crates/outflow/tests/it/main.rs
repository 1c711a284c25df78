//! The command as its users run it: the built binary, real servers, and clients that share no code with it. Run through
//! `make test`, which starts the servers.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the right answer to what should not fail")]
#![expect(clippy::print_stdout, reason = "what a seeded test did is printed, so that it can be repeated")]

mod alerts;
mod applying;
mod changes;
mod command_line;
mod conformance;
mod console;
mod crash;
mod cuts;
mod damaged_text;
mod dedup;
mod dedup_random;
mod determinism;
mod dialects;
#[cfg(feature = "openpgp")]
mod encryption;
mod everyone;
mod formats;
mod full_disk;
mod governance;
mod hostile;
mod http;
mod interrupt;
mod large;
mod little_memory;
mod managing;
mod manifest;
mod memory;
mod names;
mod pages;
mod place;
mod practice;
mod progress;
mod refusals;
mod refused_targets;
mod round_trip;
mod run;
mod samples;
mod secrets;
mod server;
mod serving;
mod settings;
mod sources;
mod spill;
mod streams;
mod summary;
mod survival;
mod tls;
mod two_servers;
mod unlike_files;
mod workflow;
