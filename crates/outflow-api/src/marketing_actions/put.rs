//! `PUT /marketingActions/custom/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_governance::MarketingActionDefinition;
use serde_json::Value;

use super::{CustomMarketingAction, MarketingAction, show};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::etag::OptionalIfMatch;
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::{Base, invalid, own_members, put as save};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_put, _, _>(put)
}

/// Create or change a custom marketing action
///
/// The name in the body is the one of the address. An action alone restricts nothing: policies deny it.
#[utoipa::path(
    put,
    path = "/data/foundation/dulepolicy/marketingActions/custom/{id}",
    tag = "marketing actions",
    params(
        ("id" = String, Path, description = "The action's name."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    request_body = MarketingAction,
    responses(
        (status = 200, description = "The action is changed.", body = CustomMarketingAction),
        (status = 201, description = "The action is made.", body = CustomMarketingAction),
        (status = 409, description = "The sandbox has as many as it may have.")
    )
)]
async fn put(
    State(api): State<Api>,
    base: Base,
    caller: Caller,
    Id(name): Id,
    OptionalIfMatch(condition): OptionalIfMatch,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let body = own_members(body)?;
    MarketingActionDefinition::parse(&Value::Object(body.clone()), &name).map_err(invalid)?;
    let saved = save::<outflow_store::MarketingAction>(&api, &caller, &name, &condition, &body).await?;
    let status = if saved.1 { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(show(&api, &base, &saved.0))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/marketingActions/custom";

    #[tokio::test]
    async fn an_action_is_made_and_changed() {
        let server = Server::start().await;
        let path = format!("{PATH}/analyticsDB");
        let made = server.client().put(&path, None, &json!({"name": "analyticsDB", "description": "Push"})).await;
        assert_eq!((made.status, made.etag()), (201, "\"1\""), "{}", made.text);
        let changed = server.client().put(&path, Some("\"1\""), &json!({"name": "analyticsDB"})).await;
        assert_eq!((changed.status, changed.body.get("description")), (200, None), "{}", changed.text);
        assert_eq!(server.client().put(&path, Some("\"1\""), &json!({"name": "analyticsDB"})).await.status, 412);
        let refused = server.client().put(&path, None, &json!({"name": "other", "description": 7})).await;
        assert_eq!((refused.status, refused.fields()), (400, vec!["/name".to_owned(), "/description".to_owned()]));
    }
}
