//! `outflow openapi` and `outflow settings`: what the program has to say about itself.

use std::process::ExitCode;

use crate::output;

/// Prints the description of the HTTP API.
pub fn run() -> ExitCode {
    output::say(outflow_api::openapi_json().trim_end());
    ExitCode::SUCCESS
}

/// Prints the server's settings.
pub fn settings() -> ExitCode {
    output::say(crate::server::settings::DEFAULT.trim_end());
    ExitCode::SUCCESS
}
