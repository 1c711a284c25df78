//! What is wrong with rule, options or profiles is told before anything is written: what, where, and what to do.

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::run::{Ran, outflow};
use crate::samples::{lake, names_in, text, write_parquet};

/// Exports with options of its own; nothing may be there afterwards.
pub fn refused(profiles: &str, options: &[&str]) -> (Ran, Value) {
    let place = Place::new(Kind::Folder);
    let state = place.state();
    let common =
        ["export", "--profiles", profiles, "--to", &place.url, "--name", "x", "--state-dir", text(&state), "--json"];
    let ran = outflow(&[&common, options].concat(), &place.environment);
    let summary = ran.expect(2);
    assert_eq!(summary["status"], "failed");
    let error = &summary["error"];
    assert_eq!(error["class"], "input");
    for member in ["message", "tried", "hint"] {
        assert!(error[member].is_string(), "{member} is not in {error}");
    }
    assert_eq!(names_in(&place.temp.path().join("target")), [""; 0], "something is there");
    (ran, summary)
}

#[test]
fn a_rule_that_is_none_is_shown_with_the_place() {
    let profiles = lake(20_000, 3, 2);
    for rule in ["loyalty.points >", "loyalty.points = = 1", "(loyalty.points = 1", "loyalty.points = \"open", ""] {
        let (ran, _) = refused(text(&profiles), &["--where", rule, "--fields", "profileId"]);
        assert!(ran.stderr.contains('^'), "{rule}: {}", ran.stderr);
    }
}

#[test]
fn an_unknown_field_is_told_with_one_that_is_near() {
    let profiles = lake(20_000, 3, 2);
    let options = [
        ["--where", "loyalty.pionts > 1", "--fields", "profileId"],
        ["--where", "loyalty.points > 1", "--fields", "loyalty.pionts"],
        ["--require", "loyalty.pionts", "--fields", "profileId"],
        ["--newest-by", "loyalty.pionts", "--fields", "profileId"],
        ["--dedup", "loyalty.pionts", "--fields", "profileId"],
    ];
    for options in options {
        let (ran, summary) = refused(text(&profiles), &options);
        let error = summary["error"].to_string();
        assert!(error.contains("loyalty.points"), "{options:?}: {error}");
        assert!(ran.stderr.contains("loyalty.points"), "{options:?}: {}", ran.stderr);
    }
}

#[test]
fn types_that_do_not_fit_are_told() {
    let profiles = lake(20_000, 3, 2);
    for rule in ["loyalty.points = \"many\"", "person.name > 1", "loyalty.points.startsWith(\"1\")"] {
        let (ran, _) = refused(text(&profiles), &["--where", rule, "--fields", "profileId"]);
        assert!(ran.stderr.contains('^'), "{rule}: {}", ran.stderr);
    }
}

#[test]
fn options_that_make_no_sense_are_told() {
    let profiles = lake(20_000, 3, 2);
    for options in [
        &["--fields", "profileId", "--now", "yesterday"][..],
        &["--fields", ""],
        &["--fields", "a..b"],
        &["--fields", "profileId", "--dedup", "profileId,loyalty.tier,loyalty.points"],
        &["--fields", "profileId", "--delimiter", "ab"],
        &["--fields", "profileId", "--delimiter", "\""],
        &["--fields", "profileId", "--delimiter", ""],
        &["--fields", "profileId", "--format", "tsv", "--delimiter", ""],
        &["--fields", "profileId", "--newest-by", "person.name", "--dedup", "profileId"],
    ] {
        let (_, summary) = refused(text(&profiles), options);
        assert!(!summary["error"]["message"].as_str().unwrap().is_empty(), "{options:?}");
    }
}

#[test]
fn an_option_that_does_nothing_is_told() {
    let place = Place::new(Kind::Folder);
    let (profiles, state) = (lake(20_000, 3, 2), place.state());
    let args = ["export", "--profiles", text(&profiles), "--fields", "profileId", "--to", &place.url];
    let more = ["--state-dir", text(&state), "--newest-by", "lastPurchaseDate", "--json"];
    let told = |options: &[&str]| {
        let ran = outflow(&[&args[..], &more, options].concat(), &place.environment);
        ran.expect(0);
        ran.stderr.contains("note: --newest-by")
    };
    assert!(told(&["--name", "as-they-are"]) && !told(&["--name", "one-each", "--dedup", "personalEmail.address"]));
}

#[test]
fn profiles_that_are_not_there_are_told() {
    for profiles in ["/nonexistent/lake", "/nonexistent/*.parquet", "/nonexistent/a.parquet"] {
        let (_, summary) = refused(profiles, &["--fields", "profileId"]);
        assert!(summary["error"].to_string().contains("/nonexistent"), "{summary}");
    }
}

#[test]
fn a_damaged_file_is_told_by_name() {
    let temp = outflow_testkit::temp_dir();
    let source = &lake(20_000, 3, 2);
    let name = names_in(source).remove(0);
    let file = temp.path().join("damaged.parquet");
    let whole = std::fs::read(source.join(name)).unwrap();
    let mut flipped = whole.clone();
    let early = whole.len() / 3;
    flipped[early..early + 4096].fill(0x55);
    for (what, content) in [
        ("cut", &whole[..whole.len() / 2]),
        ("no footer", &whole[..whole.len() - 8]),
        ("empty", b""),
        ("flipped", &flipped),
    ] {
        std::fs::write(&file, content).unwrap();
        let fields = "profileId,identityMap.ECID[0].id,person.name.firstName,personalEmail.address,mobilePhone.number,\
                      homeAddress.city,loyalty.tier,lastPurchaseDate,lifetimeValue,person.birthDate";
        let (_, summary) = refused(text(&file), &["--fields", fields]);
        assert!(summary["error"].to_string().contains("damaged.parquet"), "{what}: {summary}");
    }
}

#[test]
fn files_whose_columns_contradict_each_other_are_told() {
    let temp = outflow_testkit::temp_dir();
    write_parquet(&temp.path().join("a.parquet"), &json!({"x": "pa.string()"}), &json!([{"x": "a"}]));
    write_parquet(&temp.path().join("b.parquet"), &json!({"x": "pa.list_(pa.int64())"}), &json!([{"x": [1]}]));
    let (_, summary) = refused(text(temp.path()), &["--fields", "x"]);
    assert!(summary["error"]["message"].as_str().unwrap().contains("`x`"), "{summary}");
}

#[test]
fn structs_without_fields_do_not_fit_parquet() {
    let temp = outflow_testkit::temp_dir();
    let file = temp.path().join("a.ndjson");
    std::fs::write(&file, "{\"id\": 1, \"a\": {\"b\": {}, \"c\": 1}, \"l\": [{\"e\": {}}]}\n").unwrap();
    for (field, path) in [("a.b", "`a.b`"), ("a", "`a.b`"), ("l", "`l[…].e`")] {
        let (_, summary) = refused(text(&file), &["--fields", &format!("id,{field}"), "--format", "parquet"]);
        let message = summary["error"]["message"].as_str().unwrap();
        assert!(message.contains(path) && message.contains("without fields"), "{field}: {message}");
    }
    let place = Place::new(Kind::Folder);
    let state = place.state();
    for (format, fields) in [("json", "id,a"), ("parquet", "id,a.c")] {
        let args = ["export", "--profiles", text(&file), "--fields", fields, "--format", format, "--name", "x"];
        let to = ["--to", &place.url, "--state-dir", text(&state), "--json"];
        outflow(&[&args[..], &to].concat(), &place.environment).expect(0);
    }
}

#[test]
fn wrong_usage_exits_as_wrong_input_does() {
    for args in [&["export"][..], &["export", "--nonsense"], &["nonsense"], &["verify"], &["profiles", "generate"]] {
        outflow(args, &Vec::new()).expect_status(2);
    }
}

#[test]
fn wrong_usage_is_one_json_object_where_one_is_asked_for() {
    for (args, word) in [
        (&["export", "--json"][..], "--profiles"),
        (&["export", "--json", "--nonsense"], "--nonsense"),
        (&["probe", "--json"], "URL"),
        (&["profiles", "generate", "--json", "--count", "many"], "many"),
        (&["nonsense", "--json"], "nonsense"),
    ] {
        let ran = outflow(args, &Vec::new());
        let told = ran.expect(2);
        assert_eq!((&told["status"], &told["error"]["class"]), (&"failed".into(), &"input".into()), "{args:?}");
        assert!(told["error"]["message"].as_str().unwrap().contains(word), "{args:?}: {told}");
        for member in ["tried", "hint"] {
            assert!(!told["error"][member].as_str().unwrap().is_empty(), "{args:?}: {told}");
        }
        assert!(ran.stderr.contains(word), "{args:?}: {}", ran.stderr);
    }
    // Help and version are themselves, whoever asks.
    for args in [&["export", "--json", "--help"][..], &["--version"]] {
        let ran = outflow(args, &Vec::new());
        ran.expect_status(0);
        assert!(ran.stdout.contains("outflow") && ran.stderr.is_empty(), "{ran:?}");
    }
    assert_eq!(outflow(&["export"], &Vec::new()).stdout, "");
}
