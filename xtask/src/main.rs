//! The project's own commands: `cargo xtask COMMAND`, or `make COMMAND`.
//!
//! They join what is there already - Cargo, the scripts in `scripts/`, the measurements in `bench/` - and hold no logic of
//! the product. What they install goes below `.outflow-dev` and is announced; system packages are the one exception.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "these commands talk to the person who runs them")]

mod bench;
mod demo;
mod steps;
mod test;
mod tidy;
mod tools;

use std::path::PathBuf;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo          build the product and show it: profiles, two deliveries to practice targets, proof of both
  test          everything a change must pass, on real servers
  soak [N]      the tests, repeating what they do N times (default 50)
  bench [...]   the batch job beside DuckDB, Polars and chDB; options: bench --help
  tidy          the project's own rules: lengths, documents, layers, words
  help          this text
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    let root = root();
    let outcome = match command {
        "demo" => demo::run(&root),
        "test" => test::run(&root),
        "soak" => test::soak(&root, rest),
        "bench" => bench::run(&root, rest),
        "tidy" => tidy::run(&root),
        "help" | "--help" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprint!("error: there is no command {other}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The checkout.
fn root() -> PathBuf {
    let xtask = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().map(PathBuf::from).unwrap_or(xtask)
}
