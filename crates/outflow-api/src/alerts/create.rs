//! `POST /data/foundation/alerts/subscriptions`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use serde_json::Value;

use super::{Subscription, check, cut_secret, put_secret_back, seal};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::document;
use crate::document::Created;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_create, _, _>(create)
}

/// Subscribe to alerts
///
/// A webhook gets the alert as JSON, signed where there is a secret: `x-outflow-signature` is the HMAC-SHA256 of
/// `x-outflow-timestamp`, a dot and the body.
#[utoipa::path(
    post,
    path = "/data/foundation/alerts/subscriptions",
    tag = "alerts",
    request_body = Subscription,
    responses((status = 201, description = "The subscription is saved.", body = Created))
)]
async fn create(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Created>)> {
    let mut body = document::own_members(body);
    put_secret_back(&mut body, &Value::Null)?;
    let mut tx = api.begin(&caller).await?;
    check(&api, &mut tx, &caller.sandbox, &body).await?;
    let secret = cut_secret(&mut body);
    let created = document::insert::<outflow_store::AlertSubscription>(&mut tx, &caller, None, body).await?;
    seal(&mut tx, &caller.sandbox, &created.id, secret).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Answer(Created::from(&*created))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::alerts::webhook;
    use crate::testing::Server;

    const PATH: &str = "/data/foundation/alerts/subscriptions";

    #[tokio::test]
    async fn a_subscription_keeps_its_secret_to_itself() {
        let server = Server::start().await;
        let created = server.client().post(PATH, &webhook()).await;
        assert_eq!(created.status, 201, "{}", created.text);
        let shown = server.client().get(&format!("{PATH}/{}", created.id())).await;
        assert_eq!(shown.body["items"][0]["channel"]["secret"], "********");
        assert!(!shown.text.contains("hush-hush"));
    }

    #[tokio::test]
    async fn a_wrong_channel_and_an_unknown_flow_are_named() {
        let server = Server::start().await;
        let mut body = webhook();
        body["flowId"] = json!("none");
        body["channel"]["type"] = json!("pigeon");
        let fields = server.client().post(PATH, &body).await.fields();
        assert!(fields.contains(&"/flowId".to_owned()), "{fields:?}");
        assert!(fields.iter().any(|field| field.starts_with("/channel")), "{fields:?}");
        let mut masked = webhook();
        masked["channel"]["secret"] = json!("********");
        assert_eq!(server.client().post(PATH, &masked).await.fields(), ["/channel/secret"]);
    }
}
