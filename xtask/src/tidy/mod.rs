//! `tidy`: the project's own rules, those that neither the compiler nor clippy knows.
//!
//! Each rule is a function from a file's path and text, or from the list of files, to the problems it sees. To add one,
//! write it in the file of its subject and call it in [`check`].

mod documents;
mod layers;
mod rust;
mod versions;
mod words;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::steps::{capture, command};

/// A file longer than this holds a second one.
const FILE_LINES_MAX: usize = 500;

/// A broken rule, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    path: String,
    /// From 1; none where the rule is about the whole file.
    line: Option<usize>,
    what: String,
}

impl Problem {
    fn in_file(path: &str, what: impl Into<String>) -> Problem {
        Problem { path: path.to_owned(), line: None, what: what.into() }
    }

    fn at(path: &str, line: usize, what: impl Into<String>) -> Problem {
        Problem { path: path.to_owned(), line: Some(line), what: what.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.what),
            None => write!(f, "{}: {}", self.path, self.what),
        }
    }
}

/// Checks the checkout, prints what is wrong, and says whether nothing is.
pub(crate) fn run(root: &Path) -> Result<bool> {
    let paths = files(root)?;
    let problems = check(root, &paths)?;
    for problem in &problems {
        println!("{problem}");
    }
    println!("tidy: {} files, {} problems", paths.len(), problems.len());
    Ok(problems.is_empty())
}

/// What is committed or would be.
fn files(root: &Path) -> Result<Vec<String>> {
    let listed =
        capture(command(root, "git", &["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate"]))?;
    Ok(listed.lines().filter(|path| root.join(path).is_file()).map(str::to_owned).collect())
}

fn check(root: &Path, paths: &[String]) -> Result<Vec<Problem>> {
    let mut problems = documents::required(paths);
    for path in paths {
        let bytes = std::fs::read(root.join(path)).with_context(|| format!("cannot read {path}"))?;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        problems.extend(words::conflicts(path, &text));
        if is_source(path) {
            problems.extend(length(path, &text));
            problems.extend(words::check(path, &text));
        }
        if path.ends_with(".rs") {
            problems.extend(rust::module_docs(path, &text));
            problems.extend(rust::function_lengths(path, &text));
        }
        if path.ends_with(".md") {
            problems.extend(words::check(path, &text));
            problems.extend(documents::links(path, &text, paths));
        }
        if path == "ARCHITECTURE.md" {
            problems.extend(documents::names_every_crate(path, &text, paths));
            problems.extend(documents::names_existing_paths(path, &text, paths));
        }
        if let Some(name) = crate_of_manifest(path) {
            problems.extend(layers::check(path, name, &text));
        }
        if path == "Cargo.toml" {
            let read =
                |name: &str| std::fs::read_to_string(root.join(name)).with_context(|| format!("cannot read {name}"));
            problems.extend(versions::check(&text, &read("Cargo.lock")?, &read("deny.toml")?));
        }
    }
    Ok(problems)
}

fn length(path: &str, text: &str) -> Option<Problem> {
    let lines = text.lines().count();
    (lines > FILE_LINES_MAX).then(|| Problem::in_file(path, format!("{lines} lines; at most {FILE_LINES_MAX}")))
}

/// Written by people, in a language: not lock files, licences, data, or what the console's build generates.
fn is_source(path: &str) -> bool {
    if path.ends_with(".gen.ts") {
        return false;
    }
    let extension = path.rsplit_once('.').map_or("", |(_, extension)| extension);
    path == "Makefile"
        || path.starts_with("scripts/")
        || matches!(extension, "rs" | "py" | "sh" | "toml" | "ts" | "tsx")
}

/// The crate whose manifest this is.
fn crate_of_manifest(path: &str) -> Option<&str> {
    path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_seen_by_its_last_line() {
        assert_eq!(length("a.rs", &"x\n".repeat(500)), None);
        let problem = length("a.rs", &"x\n".repeat(501)).unwrap();
        assert_eq!(problem.to_string(), "a.rs: 501 lines; at most 500");
    }

    #[test]
    fn every_rule_is_applied_to_the_files_of_a_checkout() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("ARCHITECTURE.md", "Nothing about the crate; `crates/gone/src/lib.rs`.\n"),
            ("README.md", "[guide](docs/none.md)\n"),
            ("crates/outflow-model/Cargo.toml", "[dependencies]\noutflow-export.workspace = true\n"),
            ("crates/outflow-model/src/lib.rs", "// TO\u{44}O\nfn f() {}\n"),
        ];
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
        let seen: Vec<String> =
            check(folder.path(), &paths).unwrap().iter().map(|p| p.path.clone()).collect::<Vec<_>>();
        let count = |path: &str| seen.iter().filter(|p| *p == path).count();
        assert_eq!((count("CONTRIBUTING.md"), count("LICENSE")), (1, 1));
        assert_eq!((count("ARCHITECTURE.md"), count("README.md")), (2, 1));
        assert_eq!(count("crates/outflow-model/Cargo.toml"), 1);
        assert_eq!(count("crates/outflow-model/src/lib.rs"), 2);
    }
}
