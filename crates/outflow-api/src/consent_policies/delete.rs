//! `DELETE /consentPolicies/{id}`.

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

/// Delete a consent policy
///
/// Profiles that it withheld leave again with the next export.
#[utoipa::path(
    delete,
    path = "/data/foundation/dulepolicy/consentPolicies/{id}",
    tag = "consent policies",
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
    document::remove::<outflow_store::ConsentPolicy>(&api, &caller, &id, &condition).await?;
    Ok(StatusCode::OK)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_consent_policy_goes() {
        let server = Server::start().await;
        let path = "/data/foundation/dulepolicy/consentPolicies";
        let body = json!({"name": "Mail", "if": {"label": "I1"}, "then": {"path": "consent", "values": [1]}});
        let path = format!("{path}/{}", server.client().post(path, &body).await.id());
        let gone = server.client().delete(&path).await;
        assert_eq!((gone.status, gone.text.as_str()), (200, ""));
        assert_eq!(server.client().get(&path).await.status, 404);
    }
}
