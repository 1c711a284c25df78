//! One version of each direct dependency: two of them are two types of the same name, and twice the build.

use super::Problem;

/// Problems of the workspace's `manifest` with what `lock` has, but for the versions that `deny` names in its `skip`.
pub(super) fn check(manifest: &str, lock: &str, deny: &str) -> Vec<Problem> {
    let excepted: Vec<(&str, &str)> = skipped(deny).collect();
    let is_excepted = |name: &str, version: &str| {
        let covers = |of: &str| version == of || version.strip_prefix(of).is_some_and(|rest| rest.starts_with('.'));
        excepted.iter().any(|(crate_name, of)| *crate_name == name && covers(of))
    };
    let mut problems = Vec::new();
    for name in direct(manifest) {
        let versions: Vec<&str> = locked(lock, name).filter(|version| !is_excepted(name, version)).collect();
        if versions.len() > 1 {
            let what = format!(
                "{name} is a direct dependency in versions {}; keep one, or give the reason in deny.toml",
                versions.join(" and ")
            );
            problems.push(Problem::in_file("Cargo.lock", what));
        }
    }
    problems
}

/// What `[workspace.dependencies]` names, our own crates left out.
fn direct(manifest: &str) -> impl Iterator<Item = &str> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[workspace.dependencies]").skip(1);
    let lines = section.take_while(|line| !line.starts_with('['));
    lines
        .filter(|line| !line.contains("path = ") && !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
}

/// The versions of a crate in a lock file.
fn locked<'l>(lock: &'l str, name: &str) -> impl Iterator<Item = &'l str> {
    let is_it = format!("name = \"{name}\"");
    let lines: Vec<&str> = lock.lines().collect();
    let at: Vec<usize> = (0..lines.len()).filter(|&at| lines[at] == is_it).collect();
    at.into_iter().filter_map(move |at| lines.get(at + 1)?.strip_prefix("version = \"")?.strip_suffix('"'))
}

/// Crates and versions of cargo-deny's `skip`.
fn skipped(deny: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = deny.lines().skip_while(|line| !line.starts_with("skip = [")).take_while(|line| *line != "]");
    lines.filter_map(|line| line.split_once("crate = \"")?.1.split_once('"')?.0.split_once('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.dependencies]\nown = { path = \"crates/own\" }\n# why\na = \"1\"\n\
                            b = { version = \"0.2\" }\n\n[profile.dev]\nc = 1\n";

    fn lock(crates: &[(&str, &str)]) -> String {
        let each = crates.iter().map(|(name, version)| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry\"\n\n")
        });
        each.collect()
    }

    #[test]
    fn a_second_version_of_a_direct_dependency_is_a_problem() {
        let lock = lock(&[("a", "1.0.0"), ("a", "2.0.1"), ("b", "0.2.3"), ("c", "1.0.0"), ("c", "2.0.0")]);
        let problems = check(MANIFEST, &lock, "");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].to_string().contains("a is a direct dependency in versions 1.0.0 and 2.0.1"));
        let with = |of: &str| format!("[bans]\nskip = [\n    {{ crate = \"a@{of}\", reason = \"x\" }},\n]\n");
        assert!(check(MANIFEST, &lock, &with("2")).is_empty() && check(MANIFEST, &lock, &with("2.0.1")).is_empty());
        assert_eq!(check(MANIFEST, &lock, &with("2.1")).len() + check(MANIFEST, &lock, &with("20")).len(), 2);
    }

    #[test]
    fn one_version_of_each_is_none() {
        assert!(check(MANIFEST, &lock(&[("a", "1.0.0"), ("b", "0.2.3"), ("ab", "1.0.0")]), "").is_empty());
    }
}
