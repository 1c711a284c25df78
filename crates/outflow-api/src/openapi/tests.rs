use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::*;

fn openapi() -> Value {
    serde_json::from_str(&openapi_json()).unwrap()
}

fn operations(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if ["get", "put", "post", "delete", "patch"].contains(&method.as_str()) {
                found.push((format!("{method} {path}"), operation.clone()));
            }
        }
    }
    found
}

#[test]
fn the_committed_document_is_the_codes() {
    let committed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == openapi_json(),
        "openapi.json is not what the code says: run `outflow openapi > openapi.json`"
    );
}

#[test]
fn every_operation_is_described_and_has_a_name_of_its_own() {
    let document = openapi();
    let mut names = BTreeSet::new();
    for (place, operation) in operations(&document) {
        let name = operation["operationId"].as_str().unwrap_or("").to_owned();
        assert!(!name.starts_with('_'), "{place} has no tag");
        assert!(names.insert(name.clone()), "{place}: {name} is taken");
        assert!(operation["summary"].is_string(), "{place} has no summary");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.keys().any(|status| status.starts_with('2')), "{place} has no success");
    }
}

#[test]
fn references_lead_somewhere() {
    let document = openapi();
    let mut references = Vec::new();
    collect(&document, "$ref", &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.as_str().unwrap().trim_start_matches('#');
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

#[test]
fn every_body_has_an_example_that_validates() {
    let document = openapi();
    for (place, operation) in operations(&document) {
        let mut bodies: Vec<(String, Value)> = Vec::new();
        if let Some(content) = operation.pointer("/requestBody/content") {
            bodies.push((format!("{place} request"), content.clone()));
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            if let Some(content) = answer.get("content") {
                bodies.push((format!("{place} {status}"), content.clone()));
            }
        }
        for (place, content) in bodies {
            for (media_type, content) in content.as_object().unwrap() {
                check_content(&document, &format!("{place} {media_type}"), media_type, content);
            }
        }
    }
}

fn check_content(document: &Value, place: &str, media_type: &str, content: &Value) {
    let schema = content.get("schema").unwrap_or_else(|| panic!("{place} has no schema"));
    let resolved = resolve(document, schema);
    let example = content.get("example").or_else(|| resolved.get("example"));
    if !media_type.contains("json") {
        return;
    }
    let example = example.unwrap_or_else(|| panic!("{place} has no example"));
    let mut problems = Vec::new();
    validate(document, schema, example, "", &mut problems);
    assert!(problems.is_empty(), "{place}: {problems:?}");
}

#[test]
fn examples_of_schemas_validate_against_them() {
    let document = openapi();
    for (name, schema) in document.pointer("/components/schemas").unwrap().as_object().unwrap() {
        let Some(example) = schema.get("example") else { continue };
        let mut problems = Vec::new();
        validate(&document, schema, example, "", &mut problems);
        assert!(problems.is_empty(), "{name}: {problems:?}");
    }
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let document = openapi();
    let schema = serde_json::json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"},
        "n": {"type": ["integer", "null"]}, "of": {"type": "array", "items": {"enum": ["a", "b"]}}}});
    let wrong = serde_json::json!({"n": "x", "of": ["a", "c"]});
    let mut problems = Vec::new();
    validate(&document, &schema, &wrong, "", &mut problems);
    assert_eq!(problems.len(), 3, "{problems:?}");
}

fn collect<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, name, found)),
        Value::Object(members) => {
            found.extend(members.get(name));
            members.values().for_each(|member| collect(member, name, found));
        }
        _ => {}
    }
}

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// As much of JSON Schema as the document uses.
fn validate(document: &Value, schema: &Value, value: &Value, at: &str, problems: &mut Vec<String>) {
    let schema = resolve(document, schema);
    if let Some(all) = schema.get("allOf").and_then(Value::as_array) {
        all.iter().for_each(|one| validate(document, one, value, at, problems));
    }
    for word in ["oneOf", "anyOf"] {
        let Some(choices) = schema.get(word).and_then(Value::as_array) else { continue };
        let fits = |choice: &Value| {
            let mut found = Vec::new();
            validate(document, choice, value, at, &mut found);
            found.is_empty()
        };
        if !choices.iter().any(fits) {
            problems.push(format!("{at}: none of {word}"));
        }
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        problems.push(format!("{at}: {value} is not one of {allowed:?}"));
    }
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !types.is_empty() && !types.iter().any(|name| is_of(name, value)) {
        problems.push(format!("{at}: {value} is not {types:?}"));
        return;
    }
    match value {
        Value::Array(items) => {
            if let Some(schema) = schema.get("items") {
                items
                    .iter()
                    .enumerate()
                    .for_each(|(n, item)| validate(document, schema, item, &format!("{at}/{n}"), problems));
            }
        }
        Value::Object(members) => validate_members(document, schema, members, at, problems),
        _ => {}
    }
}

fn validate_members(
    document: &Value,
    schema: &Value,
    members: &Map<String, Value>,
    at: &str,
    problems: &mut Vec<String>,
) {
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
        if !members.contains_key(name) {
            problems.push(format!("{at}: {name} is missing"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    for (name, member) in members {
        let at = format!("{at}/{name}");
        match (properties.and_then(|properties| properties.get(name)), schema.get("additionalProperties")) {
            (Some(schema), _) => validate(document, schema, member, &at, problems),
            (None, Some(Value::Bool(false))) => problems.push(format!("{at}: is unknown")),
            (None, Some(schema @ Value::Object(_))) => validate(document, schema, member, &at, problems),
            (None, _) => {}
        }
    }
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}
