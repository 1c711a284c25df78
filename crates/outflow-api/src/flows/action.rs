//! `POST /flows/{id}/action`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::{Value, json};

use super::SavedFlow;
use super::govern::{keep_pause, refuse_violations};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::{IfMatch, OptionalIfMatch};
use crate::id::Id;
use crate::operation::Operation;
use crate::page::{Parameters, invalid};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_action, _, _>(action)
}

/// Enable or disable a flow
///
/// A disabled flow keeps its configuration and exports nothing. Slots that pass meanwhile are not made up for. To a stream
/// nothing is sent meanwhile; afterwards what has changed is, in one message a profile. A flow that violates a policy is not
/// enabled, whoever or whatever disabled it.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/flows/{id}/action",
    tag = "flows",
    params(
        ("id" = String, Path, description = "The flow's id."),
        ("op" = String, Query, description = "`enable` or `disable`, in any case."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 200, description = "The flow is in that state.", body = SavedFlow),
        (status = 409, description = "It violates policies: `violations` says which, why, and what would resolve it.")
    )
)]
async fn action(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    parameters: Parameters,
) -> ApiResult<Answer<SavedFlow>> {
    let state = match parameters.last("op").map(str::to_ascii_lowercase).as_deref() {
        Some("enable") => "enabled",
        Some("disable") => "disabled",
        Some(_) => return Err(invalid("op", "is neither enable nor disable")),
        None => return Err(invalid("op", "is missing")),
    };
    let saved = document::retrying(&condition, || change(&api, &caller, &id, &condition, state)).await?;
    api.runner.wake();
    Ok(Answer(saved.counted(&api, &caller.sandbox).await))
}

async fn change(api: &Api, caller: &Caller, id: &str, condition: &IfMatch, state: &str) -> ApiResult<SavedFlow> {
    let mut tx = api.begin(caller).await?;
    tx.lock_governance(&caller.sandbox).await?;
    let flow = tx.get::<outflow_store::Flow>(&caller.sandbox, id).await?;
    condition.check(flow.version)?;
    let mut body = flow.body.as_object().cloned().unwrap_or_default();
    if body.get("state").and_then(Value::as_str).unwrap_or("enabled") != state {
        body.insert("state".into(), json!(state));
    }
    keep_pause(&mut body, Some(&flow));
    let changed = document::update::<outflow_store::Flow>(&mut tx, caller, &flow, body).await?;
    refuse_violations(api, &mut tx, caller, &changed, Some(&flow)).await?;
    tx.commit().await?;
    Ok(SavedFlow::new(&changed, Vec::new()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_flow_is_disabled_and_enabled_in_any_case_without_a_body() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let path = format!("/data/foundation/flowservice/flows/{}", flow.id);
        let state = async || server.client().get(&path).await.body["items"][0]["state"].clone();
        let disabled = server.client().post_empty(&format!("{path}/action?op=DISABLE")).await;
        assert_eq!((disabled.status, disabled.id()), (200, flow.id.as_str()), "{}", disabled.text);
        assert_ne!(disabled.etag(), flow.etag);
        assert_eq!(state().await, "disabled");
        let again = server.client().post_empty(&format!("{path}/action/?op=disable")).await;
        assert_eq!(again.etag(), disabled.etag(), "nothing changed");
        assert_eq!(server.client().post_empty(&format!("{path}/action?op=Enable")).await.status, 200);
        assert_eq!(state().await, "enabled");
    }

    #[tokio::test]
    async fn another_action_and_an_unknown_flow_are_refused() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let base = "/data/foundation/flowservice/flows";
        assert_eq!(server.client().post_empty(&format!("{base}/{}/action?op=publish", flow.id)).await.fields(), ["op"]);
        assert_eq!(server.client().post_empty(&format!("{base}/{}/action", flow.id)).await.status, 400);
        assert_eq!(server.client().post_empty(&format!("{base}/none/action?op=enable")).await.status, 404);
    }

    #[tokio::test]
    async fn a_disabled_flow_runs_neither_now_nor_ad_hoc() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        let path = format!("/data/foundation/flowservice/flows/{}/action?op=disable", flow.id);
        assert_eq!(server.client().post_empty(&path).await.status, 200);
        let now = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": flow.id})).await;
        assert_eq!(now.status, 409, "{}", now.text);
        let adhoc = json!({"activationInfo": {flow.id.clone(): [flow.segment]}});
        let adhoc = server.client().post("/data/core/activation/disflowprovider/adhocrun", &adhoc).await;
        assert_eq!(adhoc.status, 409, "{}", adhoc.text);
    }
}
