//! Messages of columns: bytes that stay as they are, and random columns against a slow builder of values.

mod columns;
mod slow;

use std::sync::Arc;

use arrow::array::{
    ArrayRef, Float64Array, Int64Array, ListBuilder, MapBuilder, StringArray, StringBuilder, StructArray, StructBuilder,
};
use arrow::buffer::NullBuffer;
use arrow::datatypes::{DataType, Field, Fields};
use outflow_model::FieldPath;
use outflow_model::schema::{Field as ProfileField, FieldType, Schema};
use outflow_profiles::schema::field_type;
use outflow_testkit::python::run_python;
use outflow_testkit::random::Random;
use serde_json::Value;

use super::*;
use crate::messages::body::{Membership, MessageParts, event_id, write_message};
use crate::messages::schema::json_schema;
use crate::messages::shape::{SegmentTimes, SegmentTold};
use crate::messages::tree::Tree;

fn paths(texts: &[&str]) -> Vec<FieldPath> {
    texts.iter().map(|text| FieldPath::parse(text).unwrap()).collect()
}

fn shape(mapping: &[FieldPath]) -> MessageShape {
    MessageShape::of_tree(Tree::of(mapping).unwrap(), Vec::new()).unwrap()
}

/// An id, and a member that may be null.
type TestIdentity<'t> = (&'t str, Option<&'t str>);

/// Identity maps; each identity is a namespace, an id and a member that may be null.
fn identities(rows: &[&[(&str, &[TestIdentity<'_>])]]) -> ArrayRef {
    let members = ["id", "state"].map(|name| Field::new(name, DataType::Utf8, true)).to_vec();
    let items = ListBuilder::new(StructBuilder::from_fields(members, 0));
    let mut maps = MapBuilder::new(None, StringBuilder::new(), items);
    for row in rows {
        for (namespace, items) in *row {
            maps.keys().append_value(namespace);
            for (id, state) in *items {
                let item = maps.values().values();
                item.field_builder::<StringBuilder>(0).unwrap().append_value(id);
                item.field_builder::<StringBuilder>(1).unwrap().append_option(*state);
                item.append(true);
            }
            maps.values().append(true);
        }
        maps.append(true).unwrap();
    }
    Arc::new(maps.finish())
}

fn encoded(mapping: &[&str], columns: &[ArrayRef]) -> Vec<(String, String)> {
    let shape = shape(&paths(mapping));
    let mut encoder = Encoder::new(&shape);
    encoder.batch(columns).unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let row = |row| {
        let (mut attributes, mut identities) = (Vec::new(), Vec::new());
        encoder.attributes(row, &mut attributes).unwrap();
        encoder.identities(row, &mut identities).unwrap();
        (text(attributes), text(identities))
    };
    (0..columns[0].len()).map(row).collect()
}

#[test]
fn what_is_null_is_left_out_and_places_of_lists_stay() {
    let mut lists = ListBuilder::new(StringBuilder::new());
    lists.append_value([Some("a"), None, Some("\"\u{0}\n")]);
    lists.append_null();
    lists.append_value::<[Option<&str>; 0], _>([]);
    let texts = |values: [Option<&str>; 3]| -> ArrayRef { Arc::new(StringArray::from(values.to_vec())) };
    let members: Fields = vec![Field::new("q", DataType::Int64, true), Field::new("r", DataType::Utf8, true)].into();
    let structs = StructArray::new(
        members,
        vec![Arc::new(Int64Array::from(vec![Some(1), Some(2), None])), texts([None, Some("hidden"), None])],
        Some(NullBuffer::from(vec![true, false, true])),
    );
    let columns: Vec<ArrayRef> = vec![
        texts([Some("Ada"), None, Some("")]),
        Arc::new(lists.finish()),
        texts([None, Some("two"), None]),
        Arc::new(Float64Array::from(vec![1.0, f64::NAN, 0.5])),
        texts([Some("zero"), None, None]),
        Arc::new(structs),
        identities(&[&[("b\"", &[("1", None), ("2", Some("x"))]), ("a", &[("é", None)])], &[("none", &[])], &[]]),
    ];
    let mapping = ["p.name.`first name`", "tags", "e[2].v", "p.score", "e[0].v", "s"];
    let found = encoded(&mapping, &columns);
    let expected = [
        (
            r#""p":{"name":{"first name":"Ada"},"score":1},"tags":["a",null,"\"\u0000\n"],"e":[{"v":"zero"}],"s":{"q":1}"#,
            r#"{"a":[{"id":"é"}],"b\"":[{"id":"1"},{"id":"2","state":"x"}]}"#,
        ),
        (r#""p":{"score":"NaN"},"e":[null,null,{"v":"two"}]"#, "{}"),
        (r#""p":{"name":{"first name":""},"score":0.5},"tags":[]"#, "{}"),
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0.as_str(), found.1.as_str()), expected);
    }
}

#[test]
fn a_profile_without_values_has_no_attributes() {
    let columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(vec![None::<&str>])), identities(&[&[]])];
    assert_eq!(encoded(&["a.b.c"], &columns), [(String::new(), "{}".to_string())]);
    let columns = vec![identities(&[&[]])];
    assert_eq!(encoded(&[], &columns), [(String::new(), "{}".to_string())]);
}

#[test]
fn rows_can_be_taken_in_any_order_and_need_little_memory() {
    let large = "x".repeat(700_000);
    let rows: Vec<String> = (0..20).map(|row| format!("{row}{large}")).collect();
    let columns: Vec<ArrayRef> = vec![Arc::new(StringArray::from(rows.clone())), identities(&vec![&[][..]; 20])];
    let shape = shape(&paths(&["a"]));
    let mut encoder = Encoder::new(&shape);
    encoder.batch(&columns).unwrap();
    for row in [0, 19, 3, 4, 18, 1] {
        let mut out = Vec::new();
        encoder.attributes(row, &mut out).unwrap();
        assert_eq!(out, format!("\"a\":\"{}\"", rows[row]).into_bytes());
        assert!(encoder.window.bytes.len() < ENCODED_BYTES + 1_000_000);
    }
    assert!(encoder.attributes(20, &mut Vec::new()).is_err());
    assert!(encoder.batch(&columns[..1]).is_err());
}

/// Random messages of random columns, and the schema that they are told to have.
fn random_messages(random: &mut Random, check: bool) -> (Value, Vec<Value>) {
    let case = columns::Case::new(random);
    let segments = vec![
        SegmentTold { id: "s1".into(), name: Some("S \"1\"".into()), timestamps: None },
        SegmentTold {
            id: "s2".into(),
            name: None,
            timestamps: Some(SegmentTimes {
                created_at_millis: 1,
                updated_at_millis: 2,
                mapping_created_at_millis: 3,
                mapping_updated_at_millis: 4,
            }),
        },
    ];
    let shape = MessageShape::of_tree(Tree::of(&case.mapping).unwrap(), segments.clone()).unwrap();
    let mut encoder = Encoder::new(&shape);
    encoder.batch(&case.columns).unwrap();
    let mut messages = Vec::new();
    for row in 0..case.rows {
        let (mut attributes, mut identities) = (Vec::new(), Vec::new());
        encoder.attributes(row, &mut attributes).unwrap();
        encoder.identities(row, &mut identities).unwrap();
        let memberships = [
            Membership { segment: 1, time_micros: random.bits() as i64 >> 12, exited: row % 2 == 0 },
            Membership { segment: 0, time_micros: 1_000_000 * row as i64, exited: false },
        ];
        let parts = MessageParts {
            attributes: &attributes,
            identities: &identities,
            memberships: &memberships,
            profile_id: "profile",
            event_id: &event_id("flow", "profile", row as u64 + 1),
            sequence: row as u64 + 1,
            run_id: "run",
        };
        let mut body = Vec::new();
        write_message(&shape, &parts, &mut body);
        let found: Value = serde_json::from_slice(&body).expect("a message is JSON");
        if check {
            let expected = slow::message(&case, row, &segments, &memberships);
            assert!(slow::is_same(&found, &expected), "found\n{found}\nexpected\n{expected}");
        }
        messages.push(found);
    }
    let schema = json_schema(&case.mapping, &case.schema(), &segments).unwrap();
    (schema, messages)
}

#[test]
fn messages_of_random_columns_are_what_a_slow_builder_makes() {
    let mut random = Random::new("messages of random columns");
    for _ in 0..300 {
        random_messages(&mut random, true);
    }
}

#[test]
fn random_messages_are_as_their_schema_says() {
    let program = "import json, sys\n\
        from jsonschema import Draft202012Validator\n\
        for schema, messages in json.load(open(sys.argv[1])):\n\
        \x20   Draft202012Validator.check_schema(schema)\n\
        \x20   validator = Draft202012Validator(schema)\n\
        \x20   for message in messages:\n\
        \x20       for error in validator.iter_errors(message):\n\
        \x20           print(error.json_path, error.message, json.dumps(message))\n";
    let mut random = Random::new("messages and their schema");
    let cases: Vec<(Value, Vec<Value>)> = (0..40).map(|_| random_messages(&mut random, false)).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    serde_json::to_writer(&file, &cases).unwrap();
    let complaints = run_python(program, &[file.path().to_str().unwrap()]);
    assert_eq!(complaints.trim(), "");
}

#[test]
fn a_schema_tells_types_merged_as_messages_are() {
    let field = |name: &str, field_type| ProfileField { name: name.into(), field_type };
    let name = FieldType::Struct(vec![field("first", FieldType::String), field("age", FieldType::Integer)]);
    let phones = FieldType::List(Box::new(FieldType::Struct(vec![field("number", FieldType::String)])));
    let schema = Schema { fields: vec![field("name", name), field("phones", phones)] };
    let told = json_schema(&paths(&["name.age", "phones[1].number", "name.first"]), &schema, &[]).unwrap();
    assert_eq!(
        told["properties"]["name"],
        serde_json::json!({"type": "object", "properties": {"age": {"type": "integer"}, "first": {"type": "string"}}})
    );
    assert_eq!(told["properties"]["phones"]["maxItems"], 2);
    assert_eq!(told["required"][0], "identityMap");
    assert!(json_schema(&paths(&["nome"]), &schema, &[]).unwrap_err().message.contains("nome"));
}
