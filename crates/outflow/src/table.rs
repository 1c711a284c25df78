//! Tables for people.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

/// Rows under a header.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub fn new(header: &[&str]) -> Table {
        Table { rows: vec![header.iter().map(|&title| title.to_owned()).collect()] }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| one_line(&cell)).collect());
    }

    /// The lines, columns aligned. The last column takes what it needs.
    pub fn lines(&self) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| {
                let missing = width.saturating_sub(cell.chars().count());
                format!("{cell}{}", " ".repeat(missing))
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }

    /// The lines, or a sentence where there is only the header.
    pub fn lines_or(&self, nothing: &str) -> Vec<String> {
        if self.rows.len() < 2 { vec![nothing.to_owned()] } else { self.lines() }
    }
}

/// Names and values below each other.
pub fn properties(pairs: &[(&str, String)]) -> Vec<String> {
    let shown = pairs.iter().filter(|(_, value)| !value.is_empty());
    let width = shown.clone().map(|(name, _)| name.len()).max().unwrap_or(0);
    shown.map(|(name, value)| format!("{name:<width$}  {}", one_line(value))).collect()
}

/// A member as text; nothing for null.
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A time for people: UTC to the second. The API gives RFC 3339 texts or milliseconds since 1970.
pub fn time(value: &Value) -> String {
    let time = match value {
        Value::String(text) => DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc()),
        Value::Number(number) => number.as_i64().and_then(DateTime::<Utc>::from_timestamp_millis),
        _ => None,
    };
    match time {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::Secs, true),
        None => text(value),
    }
}

/// A text without control characters, which would move the cursor, or worse.
pub fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_aligned_and_cells_keep_to_their_line() {
        let mut table = Table::new(&["NAME", "ROWS"]);
        table.row(["Zürich".into(), "1".into()]);
        table.row(["x\u{1b}[2J".into(), "12".into()]);
        assert_eq!(table.lines(), ["NAME    ROWS", "Zürich  1", "x [2J   12"]);
        assert_eq!(Table::new(&["NAME"]).lines_or("none"), ["none"]);
    }

    #[test]
    fn times_are_told_in_utc_to_the_second() {
        assert_eq!(time(&json!("2026-01-02T03:04:05.678+01:00")), "2026-01-02T02:04:05Z");
        assert_eq!(time(&json!(1_767_323_045_000_i64)), "2026-01-02T03:04:05Z");
        assert_eq!((time(&json!("later")), time(&Value::Null)), ("later".into(), String::new()));
    }

    #[test]
    fn properties_without_value_are_left_out() {
        let lines = properties(&[("id", "1".into()), ("description", String::new()), ("name", "x".into())]);
        assert_eq!(lines, ["id    1", "name  x"]);
    }
}
