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

use anyhow::{Context, Result};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  demo          build the product and show it: a server, the whole workflow to practice targets, proof of each
                file and of all messages; the server stays up until Ctrl-C, unless ONCE=1
  test          everything a change must pass, on real servers
  soak [N]      the tests, repeating what they do N times (default 50)
  bench [...]   the product beside other engines and the vendors' clients; options: bench --help
  tidy          the project's own rules: lengths, documents, layers, words
  help          this text
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words.split_first().map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    match run(command, rest) {
        Ok(Some(true)) => ExitCode::SUCCESS,
        Ok(Some(false)) => ExitCode::FAILURE,
        Ok(None) => {
            eprint!("error: there is no command {command}\n\n{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the command's purpose was met; none where there is no such command.
fn run(command: &str, args: &[String]) -> Result<Option<bool>> {
    let met = match command {
        "demo" => demo::run(&root()?)?,
        "test" => test::run(&root()?)?,
        "soak" => test::soak(&root()?, args)?,
        "bench" => bench::run(&root()?, args)?,
        "tidy" => tidy::run(&root()?)?,
        "help" | "--help" => {
            print!("{USAGE}");
            true
        }
        _ => return Ok(None),
    };
    Ok(Some(met))
}

/// The checkout that this was called in. Not the one it was built in: checkouts may share what Cargo builds.
fn root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("cannot tell the current folder")?;
    let found = here.ancestors().find(|folder| folder.join("xtask/Cargo.toml").is_file());
    found.map(PathBuf::from).with_context(|| format!("{} is not in a checkout of this project", here.display()))
}
