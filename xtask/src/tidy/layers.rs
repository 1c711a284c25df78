//! Which crate may import which: the depth of the list is the way of the data.

use super::Problem;

/// What each crate may depend on, of the workspace's own. A crate that is not listed here has no place yet.
const ALLOWED: [(&str, &[&str]); 13] = [
    ("outflow-model", &[]),
    ("outflow-profiles", &["outflow-model"]),
    ("outflow-governance", &["outflow-model"]),
    ("outflow-connector-kit", &["outflow-model"]),
    ("outflow-connectors", &["outflow-model", "outflow-connector-kit"]),
    ("outflow-export", &["outflow-model", "outflow-profiles", "outflow-connector-kit"]),
    ("outflow-store", &["outflow-model", "outflow-connector-kit"]),
    (
        "outflow-runner",
        &[
            "outflow-model",
            "outflow-profiles",
            "outflow-governance",
            "outflow-connector-kit",
            "outflow-export",
            "outflow-store",
        ],
    ),
    (
        "outflow-api",
        &[
            "outflow-model",
            "outflow-governance",
            "outflow-profiles",
            "outflow-connector-kit",
            "outflow-export",
            "outflow-store",
            "outflow-runner",
        ],
    ),
    ("outflow-console", &[]),
    ("outflow-practice", &[]),
    ("outflow-testkit", &["outflow-model", "outflow-profiles", "outflow-connector-kit"]),
    (
        "outflow",
        &[
            "outflow-model",
            "outflow-profiles",
            "outflow-governance",
            "outflow-export",
            "outflow-connector-kit",
            "outflow-connectors",
            "outflow-store",
            "outflow-runner",
            "outflow-api",
            "outflow-console",
            "outflow-practice",
        ],
    ),
];

/// Problems of the crate `name`, whose manifest at `path` is `manifest`. Dependencies of tests are not looked at.
pub(super) fn check(path: &str, name: &str, manifest: &str) -> Vec<Problem> {
    let Some((_, allowed)) = ALLOWED.iter().find(|(listed, _)| *listed == name) else {
        return vec![Problem::in_file(path, "a crate without a place in the layers; see xtask/src/tidy/layers.rs")];
    };
    let mut problems = Vec::new();
    let mut section = "";
    for (number, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            section = line.trim();
        }
        let dependency = line.split(['.', ' ', '=']).next().unwrap_or("");
        let own = dependency == "outflow" || dependency.starts_with("outflow-");
        if matches!(section, "[dependencies]" | "[build-dependencies]") && own && !allowed.contains(&dependency) {
            problems.push(Problem::at(path, number + 1, format!("{name} may not import {dependency}")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_against_the_way_of_the_data_is_a_problem() {
        let manifest =
            "[package]\nname = \"outflow-model\"\n[dependencies]\nserde = \"1\"\noutflow-export.workspace = true\n";
        let problems = check("Cargo.toml", "outflow-model", manifest);
        assert_eq!(problems, [Problem::at("Cargo.toml", 5, "outflow-model may not import outflow-export")]);
    }

    #[test]
    fn tests_may_import_what_they_like_and_new_crates_need_a_place() {
        let manifest =
            "[dependencies]\noutflow-model = { path = \"x\" }\n[dev-dependencies]\noutflow-testkit.workspace = true\n";
        assert!(check("Cargo.toml", "outflow-profiles", manifest).is_empty());
        assert_eq!(check("Cargo.toml", "outflow-newcomer", manifest).len(), 1);
    }
}
