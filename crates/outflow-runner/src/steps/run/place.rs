//! Where a run's files go: the target connection, its folder's macros filled in.

use std::path::{Component, Path};

use outflow_connector_kit::Connector;
use outflow_connector_kit::catalog::{CatalogEntry, refuse};
use outflow_model::template::{FolderTemplate, template_fault};
use outflow_model::{Fault, FaultClass};
use serde_json::{Map, Value};

use super::plan::Place;
use crate::context::Inner;

/// The connector of a connection spec.
///
/// # Errors
/// `Config` when this server has none.
pub(crate) fn connector<'a>(inner: &'a Inner, spec: &str) -> Result<&'a dyn Connector, Fault> {
    inner.connectors.iter().map(AsRef::as_ref).find(|c| c.catalog().is_named(spec)).ok_or_else(|| {
        Fault::new(FaultClass::Config, format!("this server knows no kind of destination {spec}"))
            .hint("use the same release on every server")
    })
}

/// The connector's target of `params`, and what else they say: the files' options.
pub(crate) fn target(entry: &CatalogEntry, params: &Value) -> Result<(Value, Map<String, Value>), Fault> {
    entry.target(params).map_err(|problems| refuse(&problems))
}

/// The account that a connection's body means, its secrets put back.
pub(crate) fn account(entry: &CatalogEntry, connection: &Value) -> Result<Value, Fault> {
    let spec = connection.pointer("/auth/specName").and_then(Value::as_str).unwrap_or_default();
    let params = connection.pointer("/auth/params").cloned().unwrap_or_default();
    entry.account(spec, &params).map_err(|problems| refuse(&problems))
}

/// The place of one segment's files.
pub(super) fn place(
    connector: &dyn Connector,
    connection: &str,
    account: &Value,
    mut target: Value,
    segment: (&str, &str),
) -> Result<Place, Fault> {
    let Some(folder) = connector.catalog().folder else {
        return Err(Fault::new(FaultClass::Config, format!("{} takes messages, not files", connector.title())));
    };
    let text = target.get(folder.name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut below = String::new();
    let mut whole = target.clone();
    if !text.is_empty() && text != "/" {
        let told = |problems: Vec<_>| template_fault(folder.name, &text, &problems);
        let rendered = FolderTemplate::parse(&text).and_then(|t| t.render(segment.0, segment.1)).map_err(told)?;
        whole[folder.name] = Value::from(rendered.clone());
        let given = if folder.must_exist { given_folders(&text) } else { None };
        let (above, made) = split(&rendered, given);
        target[folder.name] = Value::from(above);
        below = made;
    }
    let url = connector.url(account, &whole)?;
    Ok(Place { connection: connection.to_owned(), connector: connector.id().to_owned(), target, below, url })
}

/// How many folders stand before the first that macros name, where they name one.
fn given_folders(template: &str) -> Option<usize> {
    template.trim_matches('/').split('/').position(|folder| folder.replace("%%", "").contains("%SEGMENT_"))
}

/// A folder's first `given` steps, and the others.
fn split(folder: &str, given: Option<usize>) -> (String, String) {
    let Some(given) = given else { return (folder.to_owned(), String::new()) };
    let root = if folder.starts_with('/') { "/" } else { "" };
    let steps: Vec<&str> = folder.trim_matches('/').split('/').collect();
    let (above, below) = steps.split_at(given.min(steps.len()));
    (format!("{root}{}", above.join("/")), below.join("/"))
}

/// Refuses a local folder that is not below the one that the operator allows.
///
/// # Errors
/// `Config`.
pub(crate) fn check_folder_root(place: &Place, root: Option<&Path>, folder: &str) -> Result<(), Fault> {
    if place.connector != "file" {
        return Ok(());
    }
    let path = Path::new(place.target.get(folder).and_then(Value::as_str).unwrap_or_default());
    let climbs = path.components().any(|c| matches!(c, Component::ParentDir));
    match root {
        Some(root) if path.starts_with(root) && !climbs => Ok(()),
        _ => Err(Fault::new(
            FaultClass::Config,
            format!("{} is not a folder that this server may deliver to", place.url),
        )
        .hint("deliver below the folder that the server's settings allow")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn folders_are_made_from_the_first_that_a_macro_names() {
        for (template, rendered, above, below) in [
            ("/srv/acme-%SEGMENT_NAME%", "/srv/acme-n", "/srv", "acme-n"),
            ("/srv/%SEGMENT_NAME%/%SEGMENT_ID%", "/srv/n/i", "/srv", "n/i"),
            ("/%SEGMENT_ID%", "/i", "/", "i"),
            ("in/%SEGMENT_ID%", "in/i", "in", "i"),
            ("/srv/100%%/a", "/srv/100%/a", "/srv/100%/a", ""),
            ("/srv", "/srv", "/srv", ""),
        ] {
            assert_eq!(split(rendered, given_folders(template)), (above.to_owned(), below.to_owned()), "{template}");
        }
    }

    #[test]
    fn local_folders_are_only_those_below_the_root() {
        let at = |path: &str| Place {
            connection: String::new(),
            connector: "file".into(),
            target: json!({"path": path}),
            below: String::new(),
            url: format!("file://{path}"),
        };
        let root = Some(Path::new("/srv/out"));
        assert!(check_folder_root(&at("/srv/out/a"), root, "path").is_ok());
        for path in ["/srv/outside", "/srv/out/../../etc", "/", ""] {
            assert_eq!(check_folder_root(&at(path), root, "path").unwrap_err().class, FaultClass::Config, "{path}");
        }
        assert!(check_folder_root(&at("/srv/out/a"), None, "path").is_err());
    }
}
