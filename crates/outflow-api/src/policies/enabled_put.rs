//! `PUT /enabledCorePolicies`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::policy::enabled_core_policies;
use outflow_store::Document;
use serde_json::{Map, Value, json};

use super::{EnabledCorePolicies, ShownEnabledCorePolicies, enabled_get};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::governance::{Before, OnViolation, OnViolationParameter, PausedFlow, enforce, tell_paused};
use crate::operation::Operation;
use crate::policy_service::{Base, ENABLED_ID, invalid, put_only};

/// What the list is called in the audit log.
const NAME: &str = "Enabled core policies";

pub(super) fn operation() -> Operation {
    Operation::new::<__path_put_enabled, _, _>(put_enabled)
}

/// Say which core policies are on
///
/// Those that are left out are off. A list that enabled flows would violate is refused unless they are to be paused.
#[utoipa::path(
    put,
    path = "/data/foundation/dulepolicy/enabledCorePolicies",
    tag = "policies",
    params(
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now."),
        OnViolationParameter
    ),
    request_body = EnabledCorePolicies,
    responses(
        (status = 200, description = "These are on.", body = ShownEnabledCorePolicies),
        (status = 409, description = "Flows would violate them; `violations` says which and why.")
    )
)]
async fn put_enabled(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    OptionalIfMatch(condition): OptionalIfMatch,
    on: OnViolation,
    Json(body): Json,
) -> ApiResult<Answer<Value>> {
    // Some clients send the list itself.
    let body = if body.is_array() { json!({"policyIds": body}) } else { body };
    let ids = enabled_core_policies(&body).map_err(invalid)?;
    let (saved, paused) = document::retrying(&condition, || save(&api, &caller, &condition, on, &ids)).await?;
    api.runner.wake();
    let mut shown = enabled_get::show(&api, &base, &caller, Some(&saved));
    tell_paused(&mut shown, &paused);
    Ok(Answer(shown))
}

async fn save(
    api: &Api,
    caller: &Caller,
    condition: &IfMatch,
    on: OnViolation,
    ids: &[String],
) -> ApiResult<(Arc<Document>, Vec<PausedFlow>)> {
    let mut tx = api.begin(caller).await?;
    let before = Before::look(api, &mut tx, &caller.sandbox).await?;
    let there = tx.find::<outflow_store::EnabledCorePolicies>(&caller.sandbox, ENABLED_ID).await?;
    condition.check(there.as_ref().map_or(0, |document| document.version))?;
    let body = Map::from_iter([("policyIds".to_owned(), json!(ids))]);
    let named = (ENABLED_ID, NAME);
    let saved = put_only::<outflow_store::EnabledCorePolicies>(&mut tx, caller, named, there.as_ref(), body).await?;
    let paused = enforce(api, &mut tx, caller, before, on).await?;
    tx.commit().await?;
    Ok((saved, paused))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/enabledCorePolicies";

    #[tokio::test]
    async fn the_list_is_replaced_whole() {
        let server = Server::start().await;
        let client = server.client();
        let ids = |ids: &[&str]| json!({"policyIds": ids});
        let first = client.put(PATH, Some("\"0\""), &ids(&["corepolicy_0001", "corepolicy_0002"])).await;
        assert_eq!((first.status, first.etag()), (200, "\"1\""), "{}", first.text);
        let second = client.put(PATH, Some(first.etag()), &json!(["corepolicy_0002"])).await;
        assert_eq!(second.body["policyIds"], json!(["corepolicy_0002"]), "{}", second.text);
        assert_eq!(client.put(PATH, Some(first.etag()), &ids(&[])).await.status, 412);
        assert_eq!(client.put(PATH, None, &second.body).await.etag(), second.etag(), "nothing changes");
        let unknown = client.put(PATH, None, &ids(&["corepolicy_12345"])).await;
        assert_eq!((unknown.status, unknown.fields()), (400, vec!["/policyIds/0".to_owned()]));
        assert!(unknown.text.contains("corepolicy_12345"), "{}", unknown.text);
        assert_eq!(client.get(PATH).await.body, second.body);
        assert_eq!(client.in_sandbox("dev").get(PATH).await.body["policyIds"], json!([]));
    }
}
