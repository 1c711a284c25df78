//! What a local folder needs to be told.

use std::path::{Component, Path};

use outflow_connector_kit::FieldProblem;
use schemars::JsonSchema;
use serde::Deserialize;

/// A folder needs no account: the files are written as the user that runs Outflow.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FolderAccount {}

/// The folder that files are written to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FolderTarget {
    /// Absolute path of the folder, for example `/srv/exports`. It is made when it is missing; the folder above it must
    /// be there.
    pub path: String,
}

pub(super) fn check(target: &FolderTarget) -> Vec<FieldProblem> {
    let path = Path::new(&target.path);
    let message = if target.path.contains('\0') {
        "contains a NUL character"
    } else if !path.is_absolute() {
        "must be an absolute path, for example /srv/exports"
    } else if path.components().any(|c| c == Component::ParentDir) {
        "must not contain `..`"
    } else {
        return Vec::new();
    };
    vec![FieldProblem { field: "path".into(), message: message.into() }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_absolute_paths_without_steps_are_accepted() {
        let problems = |path: &str| check(&FolderTarget { path: path.into() }).len();
        assert_eq!(problems("/srv/exports"), 0);
        for bad in ["", "exports", "./exports", "/srv/../etc"] {
            assert_eq!(problems(bad), 1, "{bad}");
        }
    }
}
