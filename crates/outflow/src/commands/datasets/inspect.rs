//! `outflow datasets inspect`: what files hold, before they are attached.

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};

use super::super::served::Answer;
use super::{DatasetFormat, absolute, tree};
use crate::client::nouns::DATASETS;
use crate::client::{Client, at};
use crate::numbers::{bytes, counted, thousands};
use crate::table::{Table, text};

/// Options of `inspect`.
#[derive(Args)]
pub struct InspectArgs {
    /// Files: a path, folder, glob, file:// or s3:// URL, as the server sees them
    #[arg(value_name = "URL", required = true)]
    urls: Vec<String>,
    /// Format of the files [default: told by their names]
    #[arg(long, value_enum)]
    format: Option<DatasetFormat>,
    /// Records to show
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    limit: u32,
    /// Show values that look like they identify somebody, too
    #[arg(long)]
    unmasked: bool,
}

/// Runs `outflow datasets inspect`.
pub async fn inspect(client: &Client, args: &InspectArgs) -> Result<Answer, Fault> {
    let urls = args.urls.iter().map(|url| absolute(url)).collect::<Result<Vec<_>, _>>()?;
    let mut body = json!({"source": {"urls": urls}, "limit": args.limit, "unmasked": args.unmasked});
    if let Some(format) = args.format {
        body["source"]["format"] = format.name().into();
    }
    let found = client.post(at(DATASETS.path).then("inspect"), Some(&body)).await?;
    let lines = shown(&found);
    Ok(Answer::new(found, lines))
}

fn shown(found: &Value) -> Vec<String> {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let (all, looked) = (number(&found["bytes"]), &found["lookedInto"]);
    let mut lines = vec![format!("{}, {}", counted(number(&found["files"]), "file"), bytes(all))];
    if number(&looked["bytes"]) < all {
        let part = (counted(number(&looked["files"]), "file"), bytes(number(&looked["bytes"])));
        lines.push(format!("looked into: {}, {}", part.0, part.1));
    }
    section(&mut lines, "Fields");
    tree(&found["fields"], 1, &mut lines);
    section(&mut lines, "Look like identities");
    let mut table = Table::new(&["PATH", "NAMESPACE", "LOOKS LIKE", "BY"]);
    for identity in items(&found["identities"]) {
        let reasons: Vec<String> = items(&identity["reasons"]).map(text).collect();
        table.row([
            text(&identity["path"]),
            text(&identity["namespace"]),
            text(&identity["likeness"]),
            reasons.join(", "),
        ]);
    }
    lines.extend(table.lines_or("none; give any field of text or whole numbers as --identity"));
    let times: Vec<String> = items(&found["timestamps"]).map(text).collect();
    if !times.is_empty() {
        section(&mut lines, "May say when a record was written");
        lines.push(times.join(", "));
    }
    section(&mut lines, &format!("First records of {} looked at", thousands(number(&looked["records"]))));
    // A record is a tree; a line of JSON shows it whole.
    lines.extend(items(&found["records"]).map(Value::to_string));
    lines
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn section(lines: &mut Vec<String>, title: &str) {
    lines.push(String::new());
    lines.push(format!("{title}:"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_looked_at_in_part_is_told() {
        let found = json!({
            "files": 2, "bytes": 30_000_000, "lookedInto": {"files": 1, "bytes": 16_000_000, "records": 100},
            "fields": [{"name": "id", "type": "integer"}], "records": [{"id": "********"}],
            "identities": [{"path": "id", "namespace": "CRMID", "likeness": "identifier", "reasons": ["name"]}],
            "timestamps": ["updatedAt"],
        });
        let text = shown(&found).join("\n");
        for part in ["2 files", "looked into: 1 file", "  id  integer", "CRMID", "updatedAt", r#"{"id":"********"}"#] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        let whole = json!({"files": 1, "bytes": 5, "lookedInto": {"files": 1, "bytes": 5, "records": 1}});
        assert!(!shown(&whole).join("\n").contains("looked into"));
    }
}
