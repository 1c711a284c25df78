//! `outflow policies enable` and `disable`. Which core policies are on is one list, of which these change one element.

use outflow_model::Fault;
use serde_json::{Value, json};

use super::SwitchArgs;
use crate::client::nouns::{CORE_POLICIES, POLICIES, etag, id, name};
use crate::client::{Client, at};
use crate::commands::served::Answer;
use crate::commands::violating::paused_lines;

const ENABLED: &str = "/data/foundation/dulepolicy/enabledCorePolicies";

/// Switches a policy on or off.
pub async fn switch(client: &Client, args: &SwitchArgs, on: bool) -> Result<Answer, Fault> {
    let policy = client.find_owned(&CORE_POLICIES, &POLICIES, &args.name.policy).await?;
    let done = if on { "enabled" } else { "disabled" };
    let switched = if policy.is_core {
        let list = client.get(at(ENABLED)).await?;
        let ids = switched(&list["policyIds"], id(&policy.object), on);
        client.put(args.on_violation.at(at(ENABLED)), Some(etag(&list)), &json!({"policyIds": ids})).await?
    } else {
        let status = if on { "ENABLED" } else { "DISABLED" };
        let patch = json!([{"op": "add", "path": "/status", "value": status}]);
        let place = args.on_violation.at(POLICIES.id(id(&policy.object)));
        client.patch(place, etag(&policy.object), &patch).await?
    };
    let mut lines = vec![format!("{} is {done}", name(&policy.object))];
    lines.extend(paused_lines(&switched));
    let mut told = json!({"id": id(&policy.object), "name": name(&policy.object), "status": done.to_uppercase()});
    if !switched["pausedFlows"].is_null() {
        told["pausedFlows"] = switched["pausedFlows"].clone();
    }
    Ok(Answer::new(told, lines))
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
