//! `test` and `soak`: everything a change must pass, the tests last and on real servers.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::steps::{Steps, command, on_terminal, run as run_command, run_watching, target_folder};
use crate::tidy;
use crate::tools::{Runner, cargo_deny};

/// How often a soak repeats what its tests do, where nobody says.
const SOAK_DEFAULT: &str = "50";

/// Runs every step, stopping at the first that fails. The last line printed is the test runner's own closing line.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let mut steps = Steps::default();
    let mut closing = Closing::default();
    let outcome = all_steps(root, &mut steps, &mut closing);
    finish(&steps, &closing, outcome)
}

/// Runs the tests alone, each repeating what it does.
pub(crate) fn soak(root: &Path, args: &[String]) -> Result<bool> {
    let times = args.first().map_or(SOAK_DEFAULT, String::as_str);
    if times.parse::<u32>().is_err() {
        bail!("soak takes a number of repetitions, not {times}");
    }
    let mut steps = Steps::default();
    let mut closing = Closing::default();
    let outcome = steps.run("soak", || tests(root, Runner::find(root), Some(times), &mut closing));
    finish(&steps, &closing, outcome)
}

fn finish(steps: &Steps, closing: &Closing, outcome: Result<bool>) -> Result<bool> {
    steps.print_durations();
    if let Err(error) = &outcome {
        println!("error: {error:#}");
    }
    println!("{}", closing.line(outcome.as_ref().is_ok_and(|passed| *passed)));
    // What went wrong stands above; nothing may follow the closing line.
    Ok(outcome.unwrap_or(false))
}

fn all_steps(root: &Path, steps: &mut Steps, closing: &mut Closing) -> Result<bool> {
    let cargo = |args: &[&str]| run_command(command(root, "cargo", args));
    steps.run("format", || cargo(&["fmt", "--all", "--check"]))?;
    steps.run("tidy", || if tidy::run(root)? { Ok(()) } else { bail!("the rules above are broken") })?;
    steps.run("clippy", || {
        cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"])
    })?;
    steps.run("licences", || {
        let deny = cargo_deny(root)?;
        run_command(command(root, deny, &["--log-level", "error", "check", "bans", "licenses", "sources"]))
    })?;
    steps.run("fuzz targets", || run_command(fuzz_check(root)))?;
    // Before the program is built, which takes the console into itself.
    steps.run("console", || run_command(command(root, "scripts/console", &["check"])))?;
    let runner = Runner::find(root);
    steps.run("build", || cargo(runner.build_args()))?;
    if runner == Runner::Nextest {
        // nextest leaves the examples in documentation out.
        steps.run("doctests", || cargo(&["test", "--workspace", "--locked", "--doc", "--quiet"]))?;
    }
    // With the program that was just built, and before the tests: the last line is theirs.
    steps.run("browser", || {
        let mut in_browser = command(root, "scripts/console", &["test"]);
        in_browser.env("OUTFLOW_PROGRAM", target_folder(root)?.join("debug/outflow"));
        run_command(in_browser)
    })?;
    steps.run("tests", || tests(root, runner, None, closing))
}

/// Checks that the fuzz targets, which are a workspace of their own, still compile. Fuzzing takes a nightly compiler and
/// this does not; nor is anything linked, so the library named here need not exist and the real one is not built.
fn fuzz_check(root: &Path) -> Command {
    let mut check = command(root, "cargo", &["check", "--manifest-path", "fuzz/Cargo.toml", "--locked", "--quiet"]);
    check.env("CUSTOM_LIBFUZZER_PATH", root.join("fuzz/target/none.a"));
    check
}

fn tests(root: &Path, runner: Runner, soak: Option<&str>, closing: &mut Closing) -> Result<bool> {
    let mut with_servers = command(root, "scripts/servers/with", &["cargo"]);
    with_servers.args(runner.run_args(soak.is_some()));
    if on_terminal() {
        with_servers.env("CARGO_TERM_COLOR", "always");
    }
    if let Some(times) = soak {
        with_servers.env("OUTFLOW_SOAK", times);
    }
    run_watching(with_servers, |line| closing.look(line)).context("the tests could not be run")
}

/// What the test runner said at its end.
///
/// nextest says it once. `cargo test` says it for every test binary, so theirs are added up, in the same form.
#[derive(Default)]
struct Closing {
    nextest: Option<String>,
    binaries: u64,
    passed: u64,
    failed: u64,
    ignored: u64,
    filtered: u64,
    secs: f64,
}

impl Closing {
    fn look(&mut self, line: &str) {
        if line.contains("Summary") && line.contains("run:") {
            self.nextest = Some(line.trim().to_owned());
        } else if let Some((_, counts)) = line.split_once("test result:") {
            self.binaries += 1;
            self.passed += number_before(counts, " passed");
            self.failed += number_before(counts, " failed");
            self.ignored += number_before(counts, " ignored");
            self.filtered += number_before(counts, " filtered out");
            let secs = counts.rsplit_once("finished in ").and_then(|(_, end)| end.trim_end_matches('s').parse().ok());
            self.secs += secs.unwrap_or(0.0);
        }
    }

    fn line(&self, passed: bool) -> String {
        match &self.nextest {
            Some(line) => line.clone(),
            None if self.binaries == 0 => "FAILED: no test was run".to_owned(),
            None => format!(
                "test result: {}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in {:.2}s",
                if passed { "ok" } else { "FAILED" },
                self.passed,
                self.failed,
                self.ignored,
                self.filtered,
                self.secs
            ),
        }
    }
}

fn number_before(text: &str, word: &str) -> u64 {
    let before = text.split_once(word).map_or("", |(before, _)| before);
    before.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closing(lines: &[&str], passed: bool) -> String {
        let mut closing = Closing::default();
        lines.iter().for_each(|line| closing.look(line));
        closing.line(passed)
    }

    #[test]
    fn nextest_closes_with_its_summary() {
        let summary = "     Summary [   8.110s] 120 tests run: 119 passed, 1 failed, 0 skipped";
        assert_eq!(closing(&["PASS a", summary, "FAIL b"], false), summary.trim());
    }

    #[test]
    fn results_of_test_binaries_are_added_up() {
        let lines = [
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.25s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 5 filtered out; finished in 1.00s",
        ];
        assert_eq!(
            closing(&lines, false),
            "test result: FAILED. 7 passed; 2 failed; 1 ignored; 0 measured; 5 filtered out; finished in 1.25s"
        );
    }

    #[test]
    fn no_tests_is_no_success() {
        assert_eq!(closing(&["error: could not compile"], false), "FAILED: no test was run");
    }
}
