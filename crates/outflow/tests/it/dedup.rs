//! Who is whose duplicate, who stays, and what is written of them.

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::run::{Ran, outflow};
use crate::samples::{lines, text, write_parquet};

fn types() -> Value {
    json!({
        "id": "pa.string()",
        "personalEmail": "pa.struct([('address', pa.string())])",
        "person": "pa.struct([('name', pa.struct([('firstName', pa.string()), ('lastName', pa.string())]))])",
        "identityMap": "pa.map_(pa.string(), pa.list_(pa.struct([('id', pa.string())])))",
        "points": "pa.int32()",
        "time": "pa.timestamp('ms', 'UTC')",
    })
}

fn profile(id: &str, email: Option<&str>, name: [&str; 2], emails: &[&str], time: Option<u64>) -> Value {
    let ids: Vec<Value> = emails.iter().map(|id| json!({"id": id})).collect();
    json!({
        "id": id,
        "personalEmail": {"address": email},
        "person": {"name": {"firstName": name[0], "lastName": name[1]}},
        "identityMap": if ids.is_empty() { json!([]) } else { json!([["Email", ids]]) },
        "time": time,
    })
}

const FIELDS: &str = "personalEmail.address:e,person.name.firstName:f,person.name.lastName:l";

/// Exports rows that PyArrow wrote, and answers the summary and the lines behind the header.
fn export_rows(rows: &Value, fields: &str, options: &[&str]) -> (Value, Vec<String>) {
    let (ran, lines) = run_rows(rows, fields, options);
    (ran.expect(0), lines)
}

fn run_rows(rows: &Value, fields: &str, options: &[&str]) -> (Ran, Vec<String>) {
    let place = Place::new(Kind::Folder);
    let file = place.temp.path().join("profiles.parquet");
    write_parquet(&file, &types(), rows);
    let state = place.state();
    let common = [
        "export",
        "--profiles",
        text(&file),
        "--fields",
        fields,
        "--to",
        &place.url,
        "--name",
        "out",
        "--state-dir",
        text(&state),
        "--json",
    ];
    let ran = outflow(&[&common, options].concat(), &place.environment);
    (ran, lines(&place.temp.path().join("target/out.csv")))
}

/// Of the two profiles of the reference's example: 2021-03-10 and 2021-04-10.
fn example() -> Value {
    json!([
        profile("A", Some("j@x.com"), ["John", "Doe"], &["j@x.com", "a1@x.com"], Some(1_615_334_400_000)),
        profile("B", Some("j@x.com"), ["John", "D"], &["j@x.com", "b2@x.com"], Some(1_618_012_800_000)),
    ])
}

#[test]
fn without_a_key_everybody_is_written() {
    let (summary, lines) = export_rows(&example(), FIELDS, &[]);
    assert_eq!(lines, ["e,f,l", "j@x.com,John,Doe", "j@x.com,John,D"]);
    assert_eq!(summary["duplicates"], 0);
}

#[test]
fn a_key_that_nobody_has_is_told() {
    let (ran, rows) = run_rows(&example(), FIELDS, &["--dedup-identity", "Nobody"]);
    assert_eq!(ran.expect(0)["duplicates"], 0);
    assert_eq!(rows.len(), 3);
    assert!(ran.stderr.contains("an identity of the namespace Nobody"), "{}", ran.stderr);
    let (ran, _) = run_rows(&example(), FIELDS, &["--dedup", "points"]);
    assert!(ran.stderr.contains("a value of `points`"), "{}", ran.stderr);
    let (ran, _) = run_rows(&example(), FIELDS, &["--dedup-identity", "Email"]);
    assert!(!ran.stderr.contains("nothing was deduplicated"), "{}", ran.stderr);
}

#[test]
fn a_namespace_writes_the_newest_once_per_own_identity() {
    let (summary, lines) = export_rows(&example(), FIELDS, &["--dedup-identity", "Email", "--newest-by", "time"]);
    assert_eq!(lines, ["Email,e,f,l", "j@x.com,j@x.com,John,D", "b2@x.com,j@x.com,John,D"]);
    assert_eq!(
        (&summary["profilesWritten"], &summary["rowsWritten"], &summary["duplicates"]),
        (&json!(1), &json!(2), &json!(1))
    );
}

#[test]
fn an_attribute_keeps_the_newest() {
    let (summary, lines) =
        export_rows(&example(), FIELDS, &["--dedup", "personalEmail.address", "--newest-by", "time"]);
    assert_eq!(lines, ["e,f,l", "j@x.com,John,D"]);
    assert_eq!((&summary["profilesSelected"], &summary["duplicates"]), (&json!(2), &json!(1)));
}

#[test]
fn two_attributes_must_both_be_equal() {
    let key = "personalEmail.address,person.name.lastName";
    let (_, lines) = export_rows(&example(), FIELDS, &["--dedup", key, "--newest-by", "time"]);
    assert_eq!(lines, ["e,f,l", "j@x.com,John,Doe", "j@x.com,John,D"]);
}

#[test]
fn of_equal_times_the_first_by_the_other_columns_stays() {
    let rows = json!([
        profile("1", Some("test1"), ["John", "Morris"], &[], Some(5)),
        profile("2", Some("test1"), ["John", "Doe"], &[], Some(5)),
    ]);
    for options in [&["--newest-by", "time"][..], &[]] {
        let (_, lines) = export_rows(&rows, FIELDS, &[&["--dedup", "personalEmail.address"], options].concat());
        assert_eq!(lines, ["e,f,l", "test1,John,Doe"], "{options:?}");
    }
}

#[test]
fn ties_go_by_number_and_byte_and_null_comes_first() {
    let row = |id: &str, points: Value, last: &str| {
        let mut row = profile(id, Some("k"), ["x", last], &[], None);
        row["points"] = points;
        row
    };
    let key = ["--dedup", "personalEmail.address"];
    let fields = "id,personalEmail.address:e,points,person.name.lastName:l";
    let order = "points,person.name.lastName:l,personalEmail.address:e,id";
    let kept = |rows: Value, fields: &str| export_rows(&rows, fields, &key).1[1].clone();
    // 9 is before 10 as a number, behind it as text.
    assert_eq!(kept(json!([row("a", json!(10), "x"), row("b", json!(9), "x")]), order), "9,x,k,b");
    assert_eq!(kept(json!([row("a", json!(-1), "x"), row("b", json!(null), "x")]), order), ",x,k,b");
    // Bytes, not letters: Z before a, and both before É.
    assert_eq!(
        kept(json!([row("a", json!(1), "É"), row("b", json!(1), "a"), row("c", json!(1), "Z")]), order),
        "1,Z,k,c"
    );
    // The first column decides before the second is looked at.
    assert_eq!(kept(json!([row("b", json!(1), "A"), row("a", json!(2), "B")]), fields), "a,k,2,B");
}

#[test]
fn profiles_without_a_key_are_nobodys_duplicates() {
    let rows = json!([
        profile("1", None, ["a", "b"], &[], Some(1)),
        profile("2", None, ["a", "b"], &[], Some(2)),
        profile("3", Some(""), ["a", "b"], &[], Some(1)),
        profile("4", Some(""), ["a", "b"], &[], Some(2)),
    ]);
    let options = ["--dedup", "personalEmail.address", "--newest-by", "time"];
    assert_eq!(export_rows(&rows, "id", &options).1, ["id", "1", "2", "4"]);
    let options = ["--dedup", "personalEmail.address,person.name.lastName", "--newest-by", "time"];
    assert_eq!(export_rows(&rows, "id", &options).1, ["id", "1", "2", "4"]);
    let (_, lines) = export_rows(&rows, "id", &["--dedup-identity", "Email", "--newest-by", "time"]);
    assert_eq!(lines, ["Email,id", ",1", ",2", ",3", ",4"]);
}

#[test]
fn keys_differ_by_case_and_blanks() {
    let rows = json!([
        profile("1", Some("a"), ["", ""], &["x"], None),
        profile("2", Some("A"), ["", ""], &["X"], None),
        profile("3", Some("a "), ["", ""], &["x "], None),
    ]);
    assert_eq!(export_rows(&rows, "id", &["--dedup", "personalEmail.address"]).1.len(), 4);
    assert_eq!(export_rows(&rows, "id", &["--dedup-identity", "Email"]).1.len(), 4);
}

#[test]
fn no_time_is_the_oldest_time() {
    let rows = json!([
        profile("1", Some("a"), ["", ""], &["x"], None),
        profile("2", Some("a"), ["", ""], &["x"], Some(0)),
        profile("3", Some("b"), ["", ""], &["y"], None),
    ]);
    let options = ["--dedup", "personalEmail.address", "--newest-by", "time"];
    assert_eq!(export_rows(&rows, "id", &options).1, ["id", "2", "3"]);
    let (_, lines) = export_rows(&rows, "id", &["--dedup-identity", "Email", "--newest-by", "time"]);
    assert_eq!(lines, ["Email,id", "x,2", "y,3"]);
}

#[test]
fn shared_identities_join_groups_across_profiles() {
    // 1 and 2 share nothing, but both share with 3; 4 stands alone.
    let rows = json!([
        profile("1", None, ["", ""], &["a"], Some(3)),
        profile("2", None, ["", ""], &["b"], Some(1)),
        profile("3", None, ["", ""], &["b", "a"], Some(2)),
        profile("4", None, ["", ""], &["c", "c"], Some(1)),
    ]);
    let (summary, lines) = export_rows(&rows, "id", &["--dedup-identity", "Email", "--newest-by", "time"]);
    assert_eq!(lines, ["Email,id", "a,1", "c,4"]);
    assert_eq!((&summary["duplicates"], &summary["profilesWritten"]), (&json!(2), &json!(2)));
}
