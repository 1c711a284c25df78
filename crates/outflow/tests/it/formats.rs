//! How values look in files, to the byte.

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::run::{Ran, outflow};
use crate::samples::{names_in, text, write_parquet};

fn types() -> Value {
    json!({
        "s": "pa.string()", "i": "pa.int64()", "f": "pa.float64()", "b": "pa.bool_()", "d": "pa.date32()",
        "t": "pa.timestamp('us', 'UTC')", "bin": "pa.binary()", "dec": "pa.decimal128(10, 2)",
        "list": "pa.list_(pa.int64())", "st": "pa.struct([('x', pa.int64()), ('y', pa.string())])",
    })
}

fn row() -> Value {
    json!({
        "s": "plain", "i": 9_223_372_036_854_775_807_i64, "f": 0.1, "b": true, "d": 18_000, "t": 1_577_934_245_120_000_i64,
        "bin": "raw", "list": [1, null], "st": {"x": 1, "y": "z"},
    })
}

/// Exports rows of `types()` and answers what happened and the bytes of the file.
fn export(rows: &Value, fields: &str, options: &[&str]) -> (Ran, Option<String>) {
    let place = Place::new(Kind::Folder);
    let file = place.temp.path().join("p.parquet");
    write_parquet(&file, &types(), rows);
    let state = place.state();
    let common = [
        "export",
        "--profiles",
        text(&file),
        "--fields",
        fields,
        "--name",
        "out",
        "--to",
        &place.url,
        "--state-dir",
        text(&state),
        "--json",
    ];
    let ran = outflow(&[&common, options].concat(), &place.environment);
    let folder = place.temp.path().join("target");
    let name = names_in(&folder).into_iter().find(|name| !name.ends_with("manifest.json"));
    let content = name.map(|name| std::fs::read_to_string(folder.join(name)).unwrap());
    (ran, content)
}

fn written(rows: &Value, fields: &str, options: &[&str]) -> String {
    let (ran, content) = export(rows, fields, options);
    ran.expect(0);
    content.unwrap()
}

#[test]
fn every_type_has_one_text() {
    assert_eq!(
        written(&json!([row()]), "s,i,f,b,d,t,bin,list[0],list[1],list[7],st.x", &[]),
        "s,i,f,b,d,t,bin,list_0,list_1,list_7,st_x\n\
         plain,9223372036854775807,0.1,true,2019-04-14,2020-01-02T03:04:05.12Z,cmF3,1,,,1\n"
    );
}

#[test]
fn null_is_nothing_and_empty_is_two_quotes() {
    let rows = json!([{"s": null, "i": 1}, {"s": "", "i": 2}, {"s": "\"", "i": 3}, {"s": "a,b", "i": 4}]);
    let rest = "3\n\"a,b\",4\n";
    assert_eq!(written(&rows, "s,i", &[]), format!("s,i\n,1\n\"\",2\n\"\"\"\",{rest}"));
    let options = ["--empty-value", "\"\"", "--null-value", "null"];
    assert_eq!(written(&rows, "s,i", &options), format!("s,i\nnull,1\n\"\",2\n\"\"\"\",{rest}"));
    let options = ["--escape", "\\", "--line-ending", "crlf"];
    assert_eq!(written(&rows, "s,i", &options), "s,i\r\n,1\r\n\"\",2\r\n\"\\\"\",3\r\n\"a,b\",4\r\n");
}

#[test]
fn a_value_that_the_dialect_cannot_hold_fails_before_anything_is_visible() {
    let rows = json!([{"s": "fine", "i": 1}, {"s": "SECRET,VALUE", "i": 2}]);
    let (ran, content) = export(&rows, "i,s", &["--quote", ""]);
    let summary = ran.expect(2);
    assert_eq!(content, None);
    let told = summary["error"].to_string();
    for wanted in ["`s`", "out.csv", "p.parquet"] {
        assert!(told.contains(wanted), "{wanted} is not in {told}");
    }
    assert!(!ran.stdout.contains("SECRET") && !ran.stderr.contains("SECRET"), "{told}");
    let (ran, content) = export(&json!([{"s": "a b"}]), "s", &["--quote", ""]);
    ran.expect(0);
    assert_eq!(content.unwrap(), "s\na b\n");
}

#[test]
fn objects_and_lists_in_csv_are_refused_with_what_to_do() {
    for (field, inside) in [("st", "st.x"), ("list", "list[0]")] {
        let (ran, content) = export(&json!([row()]), &format!("i,{field}"), &[]);
        let summary = ran.expect(2);
        assert_eq!(content, None);
        let message = summary["error"]["message"].as_str().unwrap();
        assert!(message.contains(&format!("`{field}`")) && message.contains(inside), "{message}");
    }
}

#[test]
fn objects_and_lists_stay_nested_in_json() {
    let rows = json!([row(), {"s": "a\"\n\u{1}é"}]);
    assert_eq!(
        written(&rows, "st:object,list,s,i,b,d,t", &["--format", "json"]),
        "{\"object\":{\"x\":1,\"y\":\"z\"},\"list\":[1,null],\"s\":\"plain\",\"i\":9223372036854775807,\"b\":true,\
         \"d\":\"2019-04-14\",\"t\":\"2020-01-02T03:04:05.12Z\"}\n\
         {\"object\":null,\"list\":null,\"s\":\"a\\\"\\n\\u0001é\",\"i\":null,\"b\":null,\"d\":null,\"t\":null}\n"
    );
}

#[test]
fn equal_headers_are_refused() {
    for fields in ["s:x,i:x", "st.x:s,s", "s,s"] {
        let (ran, content) = export(&json!([row()]), fields, &[]);
        let summary = ran.expect(2);
        assert!(summary["error"]["message"].as_str().unwrap().contains("same header"), "{summary}");
        assert_eq!(content, None);
    }
}
