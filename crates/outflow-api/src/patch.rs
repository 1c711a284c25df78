//! Changes as JSON Patch (RFC 6902), as clients send it.
//!
//! Names of operations come in any case, and `remove` may carry a value. A patch is applied whole or not at all; what
//! comes out is checked again by the caller like a new body. A patch is small and its result must be too: `copy` could
//! double the body with each operation, and nesting could go deeper than anything can be written.

use json_patch::PatchOperation;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::{ApiError, ApiResult, Problem, printable};

/// Operations in one patch. Activating 250 segments with their attributes takes about 300.
const OPERATIONS_MAX: usize = 2_000;
/// Bytes of JSON that the operations of one patch may copy: four bodies of the largest size.
const COPIED_BYTES_MAX: usize = 4 << 20;
/// Depth of the result: less than the 128 that a reader of JSON takes.
const DEPTH_MAX: usize = 100;

/// One operation of a JSON Patch. Documentation only: [`Patch`] reads it.
#[derive(ToSchema)]
#[schema(title = "PatchOperation", example = json!({"op": "replace", "path": "/name", "value": "Loyal customers"}))]
#[expect(dead_code, reason = "the shape for the OpenAPI document; patches are read with their quirks by `Patch`")]
pub(crate) struct PatchOperationBody {
    /// `add`, `remove`, `replace`, `move`, `copy` or `test`, in any case.
    op: String,
    /// JSON pointer of what changes; `-` is the place after a list's last element.
    path: String,
    /// JSON pointer of where to `move` or `copy` from.
    from: Option<String>,
    /// The new value, or the one to `test` for.
    value: Option<Value>,
}

/// A patch that was read.
#[derive(Debug)]
pub(crate) struct Patch(Vec<PatchOperation>);

impl Patch {
    /// Reads a patch: a list of operations, or a single one.
    ///
    /// # Errors
    /// 400 with every operation that cannot be read.
    pub(crate) fn parse(body: Value) -> ApiResult<Patch> {
        let operations = match body {
            Value::Array(operations) => operations,
            single @ Value::Object(_) => vec![single],
            _ => return Err(ApiError::bad_request("a change is a list of JSON Patch operations")),
        };
        if operations.len() > OPERATIONS_MAX {
            let text = format!("a patch has at most {OPERATIONS_MAX} operations");
            return Err(ApiError::bad_request(text));
        }
        let mut read = Vec::with_capacity(operations.len());
        let mut problems = Vec::new();
        for (number, operation) in operations.into_iter().enumerate() {
            match read_operation(operation) {
                Ok(operation) => read.push(operation),
                Err(message) => problems.push(Problem::new(format!("/{number}"), message)),
            }
        }
        if problems.is_empty() { Ok(Patch(read)) } else { Err(ApiError::invalid(problems)) }
    }

    /// The patched document.
    ///
    /// # Errors
    /// 409 where a `test` does not hold, 400 with the operation that does not apply.
    pub(crate) fn apply(&self, document: &Value) -> ApiResult<Value> {
        let mut patched = document.clone();
        let mut copied_bytes = 0;
        for (number, operation) in self.0.iter().enumerate() {
            let refused = |message: String| ApiError::invalid(vec![Problem::new(format!("/{number}"), message)]);
            check_growth(operation, &patched, &mut copied_bytes).map_err(refused)?;
            json_patch::patch(&mut patched, std::slice::from_ref(operation)).map_err(|error| {
                let path = printable(operation.path().as_str());
                let error = refused(format!("{} at {path}", error.kind));
                if matches!(operation, PatchOperation::Test(_)) {
                    error.with_status(http::StatusCode::CONFLICT)
                } else {
                    error
                }
            })?;
        }
        if patched.is_object() { Ok(patched) } else { Err(ApiError::bad_request("the result is not a JSON object")) }
    }
}

fn read_operation(operation: Value) -> Result<PatchOperation, String> {
    let Value::Object(mut operation) = operation else { return Err("is not an object".into()) };
    let op = match operation.get("op") {
        Some(Value::String(op)) => op.to_ascii_lowercase(),
        Some(_) => return Err("op is not a string".into()),
        None => return Err("op is missing".into()),
    };
    if !matches!(op.as_str(), "add" | "remove" | "replace" | "move" | "copy" | "test") {
        return Err("op is none of add, remove, replace, move, copy, test".into());
    }
    for (member, needed) in [
        ("path", true),
        ("from", matches!(op.as_str(), "move" | "copy")),
        ("value", matches!(op.as_str(), "add" | "replace" | "test")),
    ] {
        if needed && !operation.contains_key(member) {
            return Err(format!("{op} needs {member}"));
        }
    }
    let wanted: Map<String, Value> = ["path", "from", "value"]
        .into_iter()
        .filter_map(|member| operation.remove(member).map(|value| (member.to_owned(), value)))
        .chain([("op".to_owned(), Value::String(op))])
        .collect();
    serde_json::from_value(Value::Object(wanted)).map_err(|_| "path or from is not a JSON pointer".to_owned())
}

/// Refuses what would make the document grow without limit or nest too deep.
fn check_growth(operation: &PatchOperation, document: &Value, copied_bytes: &mut usize) -> Result<(), String> {
    let below = operation.path().count();
    let found;
    let value = match operation {
        PatchOperation::Add(operation) => Some(&operation.value),
        PatchOperation::Replace(operation) => Some(&operation.value),
        PatchOperation::Move(operation) => {
            found = document.pointer(operation.from.as_str());
            found
        }
        PatchOperation::Copy(operation) => {
            found = document.pointer(operation.from.as_str());
            *copied_bytes += found.map_or(0, |value| value.to_string().len());
            found
        }
        PatchOperation::Remove(_) | PatchOperation::Test(_) => None,
    };
    if *copied_bytes > COPIED_BYTES_MAX {
        return Err(format!("a patch copies at most {COPIED_BYTES_MAX} bytes"));
    }
    if value.is_some_and(|value| below + depth(value) > DEPTH_MAX) {
        return Err(format!("nests deeper than {DEPTH_MAX} levels"));
    }
    Ok(())
}

/// Levels of nesting. Called only on values that came through the JSON reader or through this check, so never deep.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patched(document: &Value, patch: Value) -> ApiResult<Value> {
        Patch::parse(patch)?.apply(document)
    }

    #[test]
    fn operations_come_in_any_case_and_remove_may_carry_a_value() {
        let document = json!({"name": "a", "list": [1, 2, 3]});
        let patch = json!([
            {"op": "Replace", "path": "/name", "value": "b"},
            {"op": "ADD", "path": "/list/-", "value": 4},
            {"op": "remove", "path": "/list/0", "value": {"type": "PLATFORM_SEGMENT"}}
        ]);
        assert_eq!(patched(&document, patch).unwrap(), json!({"name": "b", "list": [2, 3, 4]}));
    }

    #[test]
    fn each_operation_sees_what_the_one_before_left() {
        let patch = json!([{"op": "remove", "path": "/list/0"}, {"op": "remove", "path": "/list/1"}]);
        assert_eq!(patched(&json!({"list": ["a", "b", "c"]}), patch).unwrap(), json!({"list": ["b"]}));
    }

    #[test]
    fn a_patch_that_fails_in_the_middle_changes_nothing_and_names_the_operation() {
        let document = json!({"name": "a"});
        let patch = Patch::parse(json!([
            {"op": "replace", "path": "/name", "value": "b"},
            {"op": "remove", "path": "/none"}
        ]))
        .unwrap();
        let error = patch.apply(&document).unwrap_err();
        assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        assert!(format!("{error:?}").contains("/1"), "{error:?}");
        assert_eq!(document, json!({"name": "a"}));
    }

    #[test]
    fn unreadable_operations_are_all_named() {
        let patch = json!([{"op": "add", "path": "/a"}, {"path": "/a"}, 7, {"op": "add", "path": "a", "value": 1}]);
        let error = Patch::parse(patch).unwrap_err();
        let text = format!("{error:?}");
        for number in ["/0", "/1", "/2", "/3"] {
            assert!(text.contains(number), "{text}");
        }
    }

    #[test]
    fn a_failed_test_is_a_conflict() {
        let patch = json!([{"op": "test", "path": "/name", "value": "b"}]);
        assert_eq!(patched(&json!({"name": "a"}), patch).unwrap_err().status(), http::StatusCode::CONFLICT);
    }

    #[test]
    fn copies_cannot_double_the_body_without_end() {
        let doubling: Vec<Value> =
            (0..64).map(|number| json!({"op": "copy", "from": "", "path": format!("/{number}")})).collect();
        let error = patched(&json!({"text": "x".repeat(1_000)}), Value::Array(doubling)).unwrap_err();
        assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
    }

    #[test]
    fn nesting_has_an_end() {
        let mut patch = Vec::new();
        let mut path = String::new();
        for _ in 0..DEPTH_MAX + 1 {
            path.push_str("/a");
            patch.push(json!({"op": "add", "path": path, "value": {}}));
        }
        assert!(patched(&json!({}), Value::Array(patch)).is_err());
    }
}
