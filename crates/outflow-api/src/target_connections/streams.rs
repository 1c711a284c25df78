//! What a target of messages takes beside its place, and what of a target of files it does not.

use outflow_model::flow::MessageOptions;
use serde_json::{Map, Value, json};

use crate::error::Problem;

/// What a stream's messages say of segments, each with its description.
const TOLD: [(&str, &str); 2] = [
    ("includeSegmentNames", "Whether messages tell the names of segments beside their ids."),
    (
        "includeSegmentTimestamps",
        "Whether messages tell when each segment and its activation were made and last changed, in milliseconds since 1970.",
    ),
];

/// Members that say what files are.
const OF_FILES: [&str; 5] = ["fileType", "format", "compression", "csvOptions", "rowsPerFile"];

/// What is wrong with the members of a stream's `params` that do not say where it is. What is not known is kept.
pub(super) fn problems(options: &Map<String, Value>) -> Vec<Problem> {
    let of_files = OF_FILES.iter().filter(|name| options.get(**name).is_some_and(|value| !value.is_null()));
    let of_files =
        of_files.map(|name| Problem::new(format!("/params/{name}"), "is for files: a stream takes messages"));
    let told = MessageOptions::parse(options, "/params").err().map(|problems| problems.0).unwrap_or_default();
    of_files.chain(told.into_iter().map(Problem::from)).collect()
}

/// The form of a stream's `params`: the connector's own, and what messages say of segments.
pub(crate) fn schema(mut target: Value) -> Value {
    if let Some(properties) = target.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, description) in TOLD {
            let described = json!({"type": "boolean", "default": false, "description": description});
            properties.entry(name).or_insert(described);
        }
    }
    target
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_streams_form_has_what_messages_say_of_segments() {
        let own = json!({"type": "object", "properties": {"stream": {"type": "string"}}, "required": ["stream"]});
        let form = schema(own);
        let names: Vec<&String> = form["properties"].as_object().unwrap().keys().collect();
        assert_eq!(names.len(), 3, "{names:?}");
        assert_eq!(form["properties"]["includeSegmentNames"]["type"], "boolean");
        assert_eq!(form["required"], json!(["stream"]));
    }

    #[test]
    fn what_is_for_files_is_refused_by_its_field() {
        let options = json!({
            "mode": "Server-to-server", "compression": null, "fileType": "CSV", "csvOptions": {}, "includeSegmentNames": "yes", "includeSegmentTimestamps": true
        });
        let mut found = problems(options.as_object().unwrap());
        found.sort_by(|a, b| a.field.cmp(&b.field));
        let fields: Vec<&str> = found.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["/params/csvOptions", "/params/fileType", "/params/includeSegmentNames"]);
        assert!(found[0].message.contains("for files"), "{found:?}");
    }
}
