//! `DELETE /policies/custom/{id}`.

use axum::extract::State;
use http::StatusCode;

use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::etag::OptionalIfMatch;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_delete, _, _>(delete)
}

/// Delete a custom policy
///
/// Flows that were paused because of it stay paused until somebody enables them.
#[utoipa::path(
    delete,
    path = "/data/foundation/dulepolicy/policies/custom/{id}",
    tag = "policies",
    params(
        ("id" = String, Path, description = "The policy's id."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    responses(
        (status = 200, description = "It is gone."),
        (status = 412, description = "It has changed since.")
    )
)]
async fn delete(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
) -> ApiResult<StatusCode> {
    document::remove::<outflow_store::Policy>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_deleted_policy_denies_nothing() {
        let server = Server::start().await;
        let client = server.client();
        let base = "/data/foundation/dulepolicy";
        let body = json!({"name": "P", "status": "ENABLED", "deny": {"label": "C8"},
            "marketingActionRefs": ["/dulepolicy/marketingActions/core/analytics"]});
        let path =
            format!("{base}/policies/custom/{}", client.post(&format!("{base}/policies/custom"), &body).await.id());
        let violated = async || {
            let answer = client.get(&format!("{base}/marketingActions/core/analytics/constraints?duleLabels=C8")).await;
            answer.body["violatedPolicies"].as_array().unwrap().len()
        };
        assert_eq!(violated().await, 1);
        let headers = [("if-match", "\"9\"")];
        assert_eq!(client.send(http::Method::DELETE, &path, &headers, None).await.status, 412);
        let gone = client.delete(&path).await;
        assert_eq!((gone.status, gone.text.as_str()), (200, ""));
        assert_eq!((client.delete(&path).await.status, violated().await), (404, 0));
    }
}
