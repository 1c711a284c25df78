//! The table at the end: what was delivered, and whether it was verified.

/// What a destination has of a segment: a file, or messages.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) destination: String,
    pub(super) segment: String,
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) verified: bool,
}

/// Prints it.
pub(super) fn print(rows: &[Row]) {
    let header = ["destination", "segment", "file", "rows", "bytes", "SHA-256", "verified"].map(str::to_owned);
    let mut lines = vec![header];
    for row in rows {
        let verified = if row.verified { "yes" } else { "NO" };
        let (count, bytes) = (row.rows.to_string(), row.bytes.to_string());
        let [destination, segment, name] = [&row.destination, &row.segment, &row.name].map(String::clone);
        lines.push([destination, segment, name, count, bytes, row.sha256.clone(), verified.to_owned()]);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].len()).max().unwrap_or(0);
    println!();
    for line in &lines {
        let cells = line.iter().enumerate().map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
