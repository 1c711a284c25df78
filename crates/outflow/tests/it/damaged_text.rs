//! CSV and NDJSON that are not what they claim are told by file and column, without a value.

use crate::refusals::refused;
use crate::samples::text;

#[test]
fn a_string_that_is_not_utf8_is_told_by_file_and_column_and_not_shown() {
    let temp = outflow_testkit::temp_dir();
    let file = temp.path().join("latin.ndjson");
    std::fs::write(&file, b"{\"id\": 1, \"name\": \"fine\"}\n{\"id\": 2, \"name\": \"SECRET\xe9VALUE\"}\n").unwrap();
    let (ran, summary) = refused(text(&file), &["--fields", "id,name"]);
    let message = summary["error"]["message"].as_str().unwrap();
    assert!(message.contains("latin.ndjson") && message.contains("`name`"), "{message}");
    assert!(!ran.stdout.contains("SECRET") && !ran.stderr.contains("SECRET"), "{summary}");
}

#[test]
fn damaged_text_is_told_without_its_values() {
    let temp = outflow_testkit::temp_dir();
    for (name, column, content) in [
        ("a.ndjson", "name", "{\"id\": 1, \"name\": \"SECRETVALUE\"}\n{\"id\": 2, \"name\": \"SECRETVALUE\n"),
        ("b.ndjson", "id", "{\"id\": 1, \"name\": \"x\"}\n{\"id\": \"SECRETVALUE\", \"name\": 3}\n[\"SECRETVALUE\"]\n"),
        ("c.csv", "name", "id,name\n1,SECRETVALUE\n2,SECRETVALUE,SECRETVALUE\n"),
        ("d.csv", "name", "id,name\n1,\"SECRETVALUE\n"),
        ("e.csv", "name", "id,name\n1,\"SECRETVALUE\"SECRETVALUE\n"),
    ] {
        let file = temp.path().join(name);
        std::fs::write(&file, content).unwrap();
        let (ran, summary) = refused(text(&file), &["--fields", "id,name"]);
        let message = summary["error"]["message"].as_str().unwrap();
        assert!(message.contains(name) && message.contains(&format!("`{column}`")), "{name}: {message}");
        assert!(!ran.stdout.contains("SECRETVALUE") && !ran.stderr.contains("SECRETVALUE"), "{name}: {}", ran.stderr);
    }
}
