//! `GET /consentPolicies/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{ShownConsentPolicy, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::Base;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a consent policy
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/consentPolicies/{id}",
    tag = "consent policies",
    params(("id" = String, Path, description = "The policy's id.")),
    responses((status = 200, description = "The policy.", body = ShownConsentPolicy))
)]
async fn get(State(api): State<Api>, base: Base, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::ConsentPolicy>(&caller.sandbox, &id).await?;
    Ok(Answer(show(&api, &base, &document)))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn what_there_is_not_is_404() {
        let server = Server::start().await;
        let missing = server.client().get("/data/foundation/dulepolicy/consentPolicies/none").await;
        assert_eq!((missing.status, missing.body["title"].as_str()), (404, Some("Not Found")), "{}", missing.text);
    }
}
