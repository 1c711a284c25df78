//! `outflow policies enable` and `disable`.

use outflow_model::Fault;
use serde_json::json;

use super::SwitchArgs;
use crate::client::Client;
use crate::client::nouns::{CORE_POLICIES, POLICIES, etag, id, name};
use crate::commands::served::Answer;
use crate::commands::violating::paused_lines;

/// Switches a policy on or off.
pub async fn switch(client: &Client, args: &SwitchArgs, on: bool) -> Result<Answer, Fault> {
    let policy = client.find_owned(&CORE_POLICIES, &POLICIES, &args.name.policy).await?;
    let done = if on { "enabled" } else { "disabled" };
    let switched = if policy.is_core {
        client.switch_core_policy(id(&policy.object), on, |place| args.on_violation.at(place)).await?
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
