//! Which members of a value do not fit a JSON Schema, each by its name. No message shows a value, which may be a secret.

use serde_json::{Map, Value};

use crate::probe::FieldProblem;

/// Members of `value` that lack, that `schema` does not know, or that are of another type; `part` itself, where it is no
/// object. Types that the schema only refers to are not looked into.
pub(crate) fn misfits(part: &str, schema: &Value, value: &Value) -> Vec<FieldProblem> {
    let problem = |field: &str, message: String| FieldProblem { field: field.to_owned(), message };
    let Value::Object(members) = value else { return vec![problem(part, "must be an object".into())] };
    let none = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let mut problems = Vec::new();
    for (name, value) in members {
        match known.get(name) {
            Some(schema) => problems.extend(wrong(schema, value).map(|message| problem(name, message))),
            None if schema.get("additionalProperties") == Some(&Value::Bool(false)) => {
                let names: Vec<&str> = known.keys().map(String::as_str).collect();
                problems.push(problem(name, format!("is not known here; there are {}", names.join(", "))));
            }
            None => {}
        }
    }
    let needed = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    problems
        .extend(needed.filter(|name| !members.contains_key(*name)).map(|name| problem(name, "is missing".to_owned())));
    problems
}

/// What `value` must be instead; none where it fits, or where the schema does not say.
fn wrong(schema: &Value, value: &Value) -> Option<String> {
    let kinds: Vec<&str> = match schema.get("type")? {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    if value.is_null() && !kinds.contains(&"null") {
        return Some("is missing".into());
    }
    if !kinds.iter().any(|kind| is_of(kind, value)) {
        let wanted = kinds.iter().find(|kind| **kind != "null").map_or("left out", |kind| article(kind));
        return Some(format!("must be {wanted}"));
    }
    let (least, most) = bounds(schema);
    let number = value.as_f64()?;
    let is_within = least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most);
    if is_within {
        return None;
    }
    Some(match (least, most) {
        (Some(least), Some(most)) => format!("must be between {least} and {most}"),
        (Some(least), None) => format!("must be {least} or more"),
        (_, most) => format!("must be {} or less", most.unwrap_or(f64::MAX)),
    })
}

/// The least and the largest number, also where only the format says it.
fn bounds(schema: &Value) -> (Option<f64>, Option<f64>) {
    let given = |name: &str| schema.get(name).and_then(Value::as_f64);
    let by_format = match schema.get("format").and_then(Value::as_str) {
        Some("uint8") => (Some(0.0), Some(f64::from(u8::MAX))),
        Some("uint16") => (Some(0.0), Some(f64::from(u16::MAX))),
        Some("uint32") => (Some(0.0), Some(f64::from(u32::MAX))),
        Some("uint64" | "uint") => (Some(0.0), None),
        _ => (None, None),
    };
    (given("minimum").or(by_format.0), given("maximum").or(by_format.1))
}

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        _ => true,
    }
}

fn article(kind: &str) -> &'static str {
    match kind {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "object" => "an object",
        _ => "a list",
    }
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its schema is looked at")]
    struct Sample {
        bucket_name: String,
        #[serde(default)]
        path: String,
        port: Option<u16>,
        legacy: Option<bool>,
    }

    fn fields(value: &Value) -> Vec<(String, String)> {
        let schema = schemars::schema_for!(Sample).to_value();
        let mut found: Vec<_> =
            misfits("target", &schema, value).into_iter().map(|problem| (problem.field, problem.message)).collect();
        found.sort();
        found
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(field, message)| ((*field).to_owned(), (*message).to_owned())).collect()
    }

    #[test]
    fn every_member_that_does_not_fit_is_named() {
        assert_eq!(fields(&json!({"bucketName": "b", "port": null, "legacy": true})), owned(&[]));
        let wrong = json!({"bucketName": 5, "path": 7, "port": "22", "legacy": "no"});
        assert_eq!(
            fields(&wrong),
            owned(&[
                ("bucketName", "must be a string"),
                ("legacy", "must be true or false"),
                ("path", "must be a string"),
                ("port", "must be a whole number"),
            ])
        );
        assert_eq!(
            fields(&json!({"port": 70_000, "path": null})),
            owned(&[("bucketName", "is missing"), ("path", "is missing"), ("port", "must be between 0 and 65535")])
        );
        assert_eq!(fields(&json!("x")), owned(&[("target", "must be an object")]));
        let unknown = fields(&json!({"bucketName": "b", "bucket": "hush"}));
        assert_eq!(unknown[0].0, "bucket");
        assert!(!unknown[0].1.contains("hush") && unknown[0].1.contains("bucketName"), "{unknown:?}");
    }
}
