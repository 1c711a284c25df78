//! What stands beside a document: how far a run is, what became of a refresh. It does not make a new version of it.

use serde_json::{Value, json};

/// Sets a member of an object; whatever else `object` is becomes one.
pub(crate) fn set(object: &mut Value, member: &str, value: Value) {
    match object {
        Value::Object(members) => {
            members.insert(member.to_owned(), value);
        }
        other => *other = json!({member: value}),
    }
}

/// Takes a member out of an object.
pub(crate) fn take(object: &mut Value, member: &str) -> Option<Value> {
    object.as_object_mut()?.shift_remove(member)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_set_and_taken() {
        let mut details = Value::Null;
        set(&mut details, "a", json!(1));
        set(&mut details, "b", json!(2));
        assert_eq!(take(&mut details, "a"), Some(json!(1)));
        assert_eq!((take(&mut details, "a"), details), (None, json!({"b": 2})));
    }
}
