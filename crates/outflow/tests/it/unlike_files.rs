//! Files of one lake that do not have the same types, and fields that stand for the activated segment's.

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::run::{Ran, outflow};
use crate::samples::{lines, text, write_parquet};

/// Exports files, each with its types and rows, as `out.json` or `out.csv`; answers what happened.
fn export(place: &Place, files: &[(Value, Value)], options: &[&str]) -> Ran {
    let lake = place.temp.path().join("lake");
    std::fs::create_dir_all(&lake).unwrap();
    for (number, (types, rows)) in files.iter().enumerate() {
        write_parquet(&lake.join(format!("{number}.parquet")), types, rows);
    }
    let state = place.state();
    let common = [
        "export",
        "--profiles",
        text(&lake),
        "--name",
        "out",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    outflow(&[&common, options].concat(), &place.environment)
}

fn exported(files: &[(Value, Value)], format: &str, options: &[&str]) -> Vec<String> {
    let place = Place::new(Kind::Folder);
    export(&place, files, &[&["--format", format], options].concat()).expect(0);
    lines(&place.temp.path().join(format!("target/out.{format}")))
}

/// Reads a Parquet file with PyArrow, one JSON object a line.
fn read_parquet(file: &std::path::Path) -> Vec<Value> {
    let code = "import json, sys, pyarrow.parquet as pq\n\
                for row in pq.read_table(sys.argv[1]).to_pylist():\n    print(json.dumps(row))";
    let told = outflow_testkit::python::run_python(code, &[text(file)]);
    told.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn people() -> Vec<(Value, Value)> {
    let of = |members: &str, person: Value| {
        let types = json!({"p": format!("pa.struct([{members}])"), "l": format!("pa.list_(pa.struct([{members}]))")});
        (types, json!([{"p": person, "l": [person]}]))
    };
    vec![
        of(
            "('firstName', pa.string()), ('lastName', pa.string())",
            json!({"firstName": "Ada", "lastName": "Lovelace"}),
        ),
        of("('lastName', pa.string()), ('title', pa.string())", json!({"lastName": "Curie", "title": "Dr"})),
        of("('firstName', pa.string())", json!({"firstName": "Eve"})),
    ]
}

#[test]
fn members_of_structs_keep_their_names_in_every_format() {
    let person = |first: Value, last: Value, title: Value| {
        let person = json!({"firstName": first, "lastName": last, "title": title});
        json!({"p": person, "l": [person]})
    };
    let expected = [
        person("Ada".into(), "Lovelace".into(), Value::Null),
        person(Value::Null, "Curie".into(), "Dr".into()),
        person("Eve".into(), Value::Null, Value::Null),
    ];
    let found = exported(&people(), "json", &["--fields", "p,l"]);
    let found: Vec<Value> = found.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found, expected);
    let place = Place::new(Kind::Folder);
    for options in [&[][..], &["--dedup", "p.lastName"]] {
        export(&place, &people(), &[&["--format", "parquet", "--fields", "p,l"], options].concat()).expect(0);
        assert_eq!(read_parquet(&place.temp.path().join("target/out.parquet")), expected);
    }
}

#[test]
fn instants_are_not_shifted_where_zones_differ() {
    let of =
        |zone: &str| (json!({"t": format!("pa.timestamp('us'{zone})")}), json!([{"t": 1_577_934_245_000_000_i64}]));
    let files = [of(""), of(", '+02:00'"), of(", 'Europe/Berlin'")];
    let at = "2020-01-02T03:04:05Z";
    assert_eq!(exported(&files, "csv", &["--fields", "t"]), ["t", at, at, at]);
    let place = Place::new(Kind::Folder);
    export(&place, &files, &["--format", "parquet", "--fields", "t"]).expect(0);
    let code = "import sys, pyarrow.parquet as pq\n\
                print({v.timestamp() for v in pq.read_table(sys.argv[1]).column('t').to_pylist()})";
    let told = outflow_testkit::python::run_python(code, &[text(&place.temp.path().join("target/out.parquet"))]);
    assert_eq!(told.trim(), "{1577934245.0}");
}

#[test]
fn a_column_of_nulls_is_no_contradiction_and_may_be_a_key() {
    let nulls = (json!({"a": "pa.null()", "b": "pa.string()"}), json!([{"a": null, "b": "x"}, {"a": null, "b": "y"}]));
    let text = (json!({"a": "pa.string()", "b": "pa.string()"}), json!([{"a": "1", "b": "z"}]));
    assert_eq!(exported(&[nulls.clone(), text], "csv", &["--fields", "a,b"]), ["a,b", ",x", ",y", "1,z"]);
    // A null key is nobody's duplicate.
    let found = exported(std::slice::from_ref(&nulls), "csv", &["--fields", "a,b", "--dedup", "a"]);
    assert_eq!(found, ["a,b", ",x", ",y"]);
}

#[test]
fn files_that_contradict_each_other_are_both_named() {
    let place = Place::new(Kind::Folder);
    let files = [(json!({"a": "pa.string()"}), json!([{"a": "x"}])), (json!({"a": "pa.int64()"}), json!([{"a": 1}]))];
    let summary = export(&place, &files, &["--fields", "a"]).expect(2);
    let message = summary["error"]["message"].as_str().unwrap();
    assert!(message.contains("0.parquet") && message.contains("1.parquet"), "{message}");
}

#[test]
fn identities_may_be_in_any_kind_of_list() {
    for list in ["pa.large_list(pa.struct([('id', pa.string())]))", "pa.list_(pa.struct([('id', pa.string())]), 1)"] {
        let types = json!({"n": "pa.int64()", "identityMap": format!("pa.map_(pa.string(), {list})")});
        let rows = json!([
            {"n": 1, "identityMap": [["Email", [{"id": "a"}]]]},
            {"n": 2, "identityMap": [["Email", [{"id": "a"}]]]},
            {"n": 3, "identityMap": [["Email", [{"id": "b"}]]]},
        ]);
        let found = exported(&[(types, rows)], "csv", &["--fields", "n", "--dedup-identity", "Email"]);
        assert_eq!(found, ["Email,n", "a,1", "b,3"]);
    }
}

#[test]
fn the_activated_segments_membership_is_meant_in_rules_and_options() {
    let types = json!({
        "n": "pa.int64()",
        "segmentMembership": "pa.map_(pa.string(), pa.struct([('status', pa.string()), ('lastQualificationTime', pa.string())]))",
    });
    let row = |n: u32, status: Value| json!({"n": n, "segmentMembership": [["other", {"status": "realized"}], ["81-a", {"status": status, "lastQualificationTime": format!("2026-01-0{n}")}]]});
    let rows =
        json!([row(1, "realized".into()), row(2, "exited".into()), row(3, "realized".into()), row(4, Value::Null)]);
    let files = [(types, rows)];
    let fields = ["--fields", "n,segmentMembership.status", "--segment-id", "81-a"];
    let with = |options: &[&str]| exported(&files, "csv", &[&fields, options].concat());
    let header = "n,segmentMembership_status";
    for rule in
        ["segmentMembership.status = \"realized\"", "segmentMembership.seg_namespace.seg_id.status = \"realized\""]
    {
        assert_eq!(with(&["--where", rule]), [header, "1,realized", "3,realized"], "{rule}");
    }
    let sql = ["--rule-format", "sql", "--where", "segmentMembership.status = 'exited'"];
    assert_eq!(with(&sql), [header, "2,exited"]);
    assert_eq!(with(&["--require", "segmentMembership.status"]).len(), 4);
    assert_eq!(with(&["--dedup", "segmentMembership.status"]), [header, "1,realized", "2,exited", "4,"]);
}

#[test]
fn text_files_have_the_activated_segment_in_structs() {
    let place = Place::new(Kind::Folder);
    let lake = place.temp.path().join("lake");
    std::fs::create_dir_all(&lake).unwrap();
    let row =
        |n: u32, status: &str| json!({"n": n, "segmentMembership": {"ups": {"81-a": {"status": status}}}}).to_string();
    std::fs::write(lake.join("a.ndjson"), format!("{}\n{}\n", row(1, "realized"), row(2, "exited"))).unwrap();
    let options = [
        "--fields",
        "n,segmentMembership.status",
        "--segment-id",
        "81-a",
        "--where",
        "segmentMembership.status = \"exited\"",
    ];
    export(&place, &[], &options).expect(0);
    assert_eq!(lines(&place.temp.path().join("target/out.csv")), ["n,segmentMembership_status", "2,exited"]);
}

#[test]
fn a_folder_whose_name_has_a_macro_behind_other_text_is_made() {
    let place = Place::new(Kind::Folder);
    let lake = place.temp.path().join("lake");
    std::fs::create_dir_all(&lake).unwrap();
    std::fs::write(lake.join("a.ndjson"), "{\"n\":1}\n").unwrap();
    let url = format!("{}/100%%/", place.url);
    std::fs::create_dir(place.temp.path().join("target/100%")).unwrap();
    let state = place.state();
    for (to, made) in [
        (format!("{}/acme-%SEGMENT_NAME%", place.url), "acme-vip"),
        (format!("{url}a-%SEGMENT_NAME%/%SEGMENT_ID%"), "100%/a-vip/7"),
    ] {
        let options = [
            "export",
            "--profiles",
            text(&lake),
            "--fields",
            "n",
            "--name",
            "out",
            "--to",
            &to,
            "--state-dir",
            text(&state),
        ];
        let names = ["--segment-name", "vip", "--segment-id", "7", "--json"];
        outflow(&[&options[..], &names].concat(), &place.environment).expect(0);
        assert_eq!(lines(&place.temp.path().join("target").join(made).join("out.csv")), ["n", "1"]);
    }
}
