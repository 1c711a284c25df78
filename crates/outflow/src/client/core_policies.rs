//! The policies of the product. Which of them are on is one list, of which switching one changes one element.

use outflow_model::Fault;
use serde_json::{Value, json};

use super::nouns::etag;
use super::{At, Client, at};

const ENABLED: &str = "/data/foundation/dulepolicy/enabledCorePolicies";

impl Client {
    /// Switches a policy of the product on or off, by its id. `place` adds to the place of the change what becomes of
    /// flows that violate it then.
    ///
    /// # Errors
    /// As [`Client::put`].
    pub async fn switch_core_policy(&self, id: &str, on: bool, place: impl FnOnce(At) -> At) -> Result<Value, Fault> {
        let list = self.get(at(ENABLED)).await?;
        let ids = switched(&list["policyIds"], id, on);
        self.put(place(at(ENABLED)), Some(etag(&list)), &json!({"policyIds": ids})).await
    }
}

fn switched(ids: &Value, id: &str, on: bool) -> Vec<Value> {
    let mut ids: Vec<Value> = ids.as_array().cloned().unwrap_or_default();
    ids.retain(|other| other != id);
    if on {
        ids.push(id.into());
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_switched_and_the_others_stay() {
        let ids = json!(["a", "b"]);
        assert_eq!(switched(&ids, "c", true), ["a", "b", "c"]);
        assert_eq!(switched(&ids, "a", true), ["b", "a"]);
        assert_eq!(switched(&ids, "a", false), ["b"]);
        assert_eq!(switched(&Value::Null, "a", false), [""; 0]);
    }
}
