//! The command as its users run it: the built binary, real servers, and clients that share no code with it. Run through
//! `make test`, which starts the servers.

mod command_line;
mod crash;
mod cuts;
mod damaged_text;
mod dedup;
mod dedup_random;
mod determinism;
mod formats;
mod interrupt;
mod large;
mod manifest;
mod names;
mod place;
mod practice;
mod refusals;
mod refused_targets;
mod round_trip;
mod run;
mod samples;
mod summary;
