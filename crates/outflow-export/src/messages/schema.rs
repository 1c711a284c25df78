//! JSON Schema of a flow's messages, for those who read them.
//!
//! It tells the types that the mapped fields have. Objects are left open where a later profile may have more members: only
//! what Outflow itself makes is closed.

use outflow_model::membership::MEMBERSHIP_FIELD;
use outflow_model::schema::{FieldType, Schema};
use outflow_model::{Fault, FieldPath};
use outflow_profiles::snapshot::IDENTITY_MAP;
use serde_json::{Map, Value, json};

use super::shape::{OWN_MEMBERS, SegmentTold};
use super::tree::{Branch, Tree};

/// The JSON Schema, draft 2020-12, of messages with the fields of `mapping` of profiles that are as `schema` says.
///
/// # Errors
/// `Input` for a path that leads nowhere.
pub fn json_schema(mapping: &[FieldPath], schema: &Schema, segments: &[SegmentTold]) -> Result<Value, Fault> {
    let tree = Tree::of(mapping)?;
    let types = tree.paths.iter().map(|path| {
        path.resolve(schema).map_err(|e| Fault::input(e.message).tried(format!("find the type of `{path}`")))
    });
    let types: Vec<&FieldType> = types.collect::<Result<_, Fault>>()?;
    let mut properties: Map<String, Value> =
        tree.members.iter().map(|(name, branch)| (name.clone(), of_branch(branch, &types))).collect();
    properties.insert(IDENTITY_MAP.into(), identity_map(schema));
    properties.insert(MEMBERSHIP_FIELD.into(), membership(segments));
    properties.insert(
        "profileId".into(),
        json!({"type": "string", "minLength": 1, "description": "Whose message it is: the key under which messages are folded"}),
    );
    properties.insert(
        "eventId".into(),
        json!({"type": "string", "pattern": "^[0-9a-f]{32}$", "description": "The same in every repeat of a message"}),
    );
    properties.insert(
        "sequence".into(),
        json!({"type": "integer", "minimum": 1,
            "description": "Grows with each message about a profile: the highest has its last state"}),
    );
    properties.insert("runId".into(), json!({"type": "string"}));
    Ok(json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": OWN_MEMBERS,
    }))
}

fn of_branch(branch: &Branch, types: &[&FieldType]) -> Value {
    match branch {
        Branch::Leaf(path) => of_type(types[*path]),
        Branch::Object(members) => {
            let properties: Map<String, Value> =
                members.iter().map(|(name, branch)| (name.clone(), of_branch(branch, types))).collect();
            json!({"type": "object", "properties": properties})
        }
        Branch::Array(elements) => {
            let places = elements.last().map_or(0, |(index, _)| index + 1);
            let mut items = vec![json!({"type": "null"}); places as usize];
            for (index, element) in elements {
                items[*index as usize] = or_null(&of_branch(element, types));
            }
            json!({"type": "array", "prefixItems": items, "maxItems": places})
        }
    }
}

fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn of_type(field_type: &FieldType) -> Value {
    match field_type {
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Float => json!({"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}),
        FieldType::Decimal { .. } => json!({"type": "number"}),
        FieldType::String => json!({"type": "string"}),
        FieldType::Binary => json!({"type": "string", "contentEncoding": "base64"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Timestamp => json!({"type": "string", "format": "date-time"}),
        FieldType::Struct(fields) => {
            let properties: Map<String, Value> =
                fields.iter().map(|field| (field.name.clone(), of_type(&field.field_type))).collect();
            json!({"type": "object", "properties": properties})
        }
        FieldType::List(item) => json!({"type": "array", "items": or_null(&of_type(item))}),
        FieldType::Map(value) => json!({"type": "object", "additionalProperties": of_type(value)}),
    }
}

fn identity_map(schema: &Schema) -> Value {
    let found = schema.fields.iter().find(|field| field.name == IDENTITY_MAP).map(|field| &field.field_type);
    let mut identity = match found {
        Some(FieldType::Map(list)) => match list.as_ref() {
            FieldType::List(item) => of_type(item),
            _ => json!({"type": "object"}),
        },
        _ => json!({"type": "object"}),
    };
    identity["properties"]["id"] = json!({"type": "string", "minLength": 1});
    identity["required"] = json!(["id"]);
    json!({
        "type": "object",
        "additionalProperties": {"type": "array", "minItems": 1, "items": identity},
    })
}

fn membership(segments: &[SegmentTold]) -> Value {
    let mut properties = json!({
        "lastQualificationTime": {"type": "string", "format": "date-time"},
        "status": {"enum": ["realized", "exited"]},
    });
    if segments.iter().any(|segment| segment.name.is_some()) {
        properties["name"] = json!({"type": "string"});
    }
    if segments.iter().any(|segment| segment.timestamps.is_some()) {
        for member in ["createdAt", "updatedAt", "mappingCreatedAt", "mappingUpdatedAt"] {
            properties[member] = json!({"type": "integer", "description": "Milliseconds since 1970"});
        }
    }
    json!({
        "type": "object",
        "properties": {"ups": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": properties,
                "required": ["lastQualificationTime", "status"],
                "additionalProperties": false,
            },
        }},
        "required": ["ups"],
        "additionalProperties": false,
    })
}
