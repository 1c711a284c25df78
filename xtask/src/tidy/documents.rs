//! Documents that cannot rot unseen: those that must exist, and what they may name.

use std::collections::BTreeSet;

use super::Problem;

const REQUIRED: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE"];

/// Names with these endings are files wherever a document puts them in backticks.
const FILE_ENDINGS: [&str; 6] = [".rs", ".md", ".toml", ".py", ".sh", ".ts"];

/// The documents that every checkout has.
pub(super) fn required(paths: &[String]) -> Vec<Problem> {
    REQUIRED
        .iter()
        .filter(|wanted| !paths.iter().any(|path| path == *wanted))
        .map(|wanted| Problem::in_file(wanted, "missing"))
        .collect()
}

/// Every crate stands in the document, in backticks.
pub(super) fn names_every_crate(path: &str, text: &str, paths: &[String]) -> Vec<Problem> {
    let named: BTreeSet<&str> = in_backticks(text).map(|(_, name)| name).collect();
    let manifests = paths.iter().filter_map(|path| path.strip_suffix("/Cargo.toml"));
    manifests
        .filter_map(|folder| folder.rsplit('/').next())
        .filter(|name| !named.contains(name))
        .map(|name| Problem::in_file(path, format!("does not name the crate `{name}`")))
        .collect()
}

/// Every path in backticks exists, counted from the root of the checkout.
pub(super) fn names_existing_paths(path: &str, text: &str, paths: &[String]) -> Vec<Problem> {
    in_backticks(text)
        .filter(|(_, name)| is_path(name, paths) && !exists(name.trim_end_matches('/'), paths))
        .map(|(line, name)| Problem::at(path, line, format!("`{name}` does not exist")))
        .collect()
}

/// Every relative link leads to a file or folder of the checkout.
pub(super) fn links(path: &str, text: &str, paths: &[String]) -> Vec<Problem> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut problems = Vec::new();
    for (number, line) in text.lines().enumerate() {
        for target in line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target)) {
            let target = target.split('#').next().unwrap_or("");
            if target.is_empty() || target.contains(':') {
                continue;
            }
            if !exists(&joined(folder, target), paths) {
                problems.push(Problem::at(path, number + 1, format!("the link to {target} leads nowhere")));
            }
        }
    }
    problems
}

/// What stands between single backticks, with its line. Blocks of code are left out.
fn in_backticks(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut in_block = false;
    text.lines()
        .enumerate()
        .filter(move |(_, line)| {
            let fence = line.trim_start().starts_with("```");
            in_block ^= fence;
            !fence && !in_block
        })
        .flat_map(|(number, line)| line.split('`').skip(1).step_by(2).map(move |name| (number + 1, name)))
}

/// A name that says where something is: it begins with a folder of the checkout, or ends like a file.
fn is_path(name: &str, paths: &[String]) -> bool {
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c)) && !name.starts_with('/');
    let Some((first, _)) = name.split_once('/') else { return false };
    let known = paths.iter().any(|path| path.split('/').next() == Some(first));
    plain && (known || FILE_ENDINGS.iter().any(|ending| name.ends_with(ending)))
}

fn exists(name: &str, paths: &[String]) -> bool {
    paths.iter().any(|path| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
}

fn joined(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths() -> Vec<String> {
        ["README.md", "crates/a/Cargo.toml", "crates/a/src/lib.rs", "docs/guide.md", "xtask/Cargo.toml"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn missing_documents_are_named() {
        let missing: Vec<_> = required(&paths()).into_iter().map(|problem| problem.path).collect();
        assert_eq!(missing, ["ARCHITECTURE.md", "CONTRIBUTING.md", "LICENSE"]);
    }

    #[test]
    fn a_crate_counts_as_named_only_in_backticks() {
        let problems = names_every_crate("ARCHITECTURE.md", "`a` and xtask", &paths());
        assert_eq!(problems, [Problem::in_file("ARCHITECTURE.md", "does not name the crate `xtask`")]);
    }

    #[test]
    fn paths_must_exist_and_other_code_is_left_alone() {
        let text =
            "`crates/a/src/`, `crates/b`, `GET /flows`, `s3://b/k`, `text/csv`\n```\ncrates/none.rs\n```\n`gone/x.rs`";
        let seen: Vec<_> = names_existing_paths("A.md", text, &paths()).iter().map(ToString::to_string).collect();
        assert_eq!(seen, ["A.md:1: `crates/b` does not exist", "A.md:5: `gone/x.rs` does not exist"]);
    }

    #[test]
    fn links_are_followed_from_where_they_stand() {
        assert!(
            links("docs/guide.md", "[a](../README.md#x) [b](guide.md) [c](https://x) [d](#y)", &paths()).is_empty()
        );
        assert_eq!(links("docs/guide.md", "\n[a](README.md)", &paths()).len(), 1);
    }
}
