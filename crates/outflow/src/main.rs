//! `outflow`: activates audiences to cloud storage.
//!
//! The binary is the one place where rooms are joined, and the one that reads settings, the environment and the clock.

mod commands;
mod environment;
mod members;
mod numbers;
mod output;
mod panics;
mod progress;
mod settings;
mod source;
mod target;

use std::process::ExitCode;

use clap::Parser;

// Batches are made by one thread and dropped by another all the time, which this allocator is built for.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    panics::install();
    // Two TLS providers are in the tree; the process must name one before the first connection.
    if rustls_provider().is_err() {
        return output::fail(&outflow_model::Fault::internal("the TLS library cannot be set up"), false);
    }
    environment::start_logging();
    match commands::Cli::try_parse() {
        Ok(cli) => output::finish(panics::guarded(cli.wants_json(), || commands::run(cli))),
        Err(told) => output::finish(usage(&told)),
    }
}

/// Prints help or the version, or tells what is wrong with the arguments: in the parser's words on stderr, and where one
/// JSON object is asked for, as one.
fn usage(told: &clap::Error) -> ExitCode {
    // Who closed stderr does not want to know.
    let _ = told.print();
    if !told.use_stderr() {
        return ExitCode::SUCCESS;
    }
    let fault = commands::usage_fault(told);
    if environment::has_argument("--json") {
        output::say_json(&serde_json::json!({"status": "failed", "error": output::error_json(&fault)}));
    }
    output::exit(&fault)
}

fn rustls_provider() -> Result<(), ()> {
    rustls::crypto::aws_lc_rs::default_provider().install_default().map_err(|_| ())
}
