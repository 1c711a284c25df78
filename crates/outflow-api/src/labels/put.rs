//! `PUT /labels/custom/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_store::LabelDefinition;
use serde_json::{Map, Value, json};

use super::{CustomLabel, Label, show};
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::error::ApiResult;
use crate::etag::OptionalIfMatch;
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::{Base, invalid, none, own_members, put as save};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_put, _, _>(put)
}

/// Create or change a custom label
///
/// The name in the body is the one of the address. A label stays what it is for everything that has it: nothing has one label
/// more or less by this.
#[utoipa::path(
    put,
    path = "/data/foundation/dulepolicy/labels/custom/{id}",
    tag = "labels",
    params(
        ("id" = String, Path, description = "The label's name."),
        ("If-Match" = Option<String>, Header, description = "The etag that was read; without it, whatever it is now.")
    ),
    request_body = Label,
    responses(
        (status = 200, description = "The label is changed.", body = CustomLabel),
        (status = 201, description = "The label is made.", body = CustomLabel),
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
    let body = read(own_members(body)?, &name)?;
    let (saved, is_new) = save::<LabelDefinition>(&api, &caller, &name, &condition, &body).await?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Answer(show(&api, &base, &saved))))
}

/// The body as it is kept, with everything that may be left out.
fn read(mut body: Map<String, Value>, name: &str) -> ApiResult<Map<String, Value>> {
    let label = outflow_governance::LabelDefinition::parse(&Value::Object(body.clone()));
    let mut problems = label.as_ref().err().map(|problems| problems.0.clone()).unwrap_or_default();
    if body.get("category").is_none_or(Value::is_null) {
        problems.push(outflow_model::Problem::new("/category", "is missing: it is Custom"));
    }
    if let Ok(label) = &label
        && label.name.as_str() != name
    {
        problems.push(outflow_model::Problem::new("/name", format!("must be {name:?}, as in the address")));
    }
    none(problems)?;
    if let Value::Object(members) = json!(label.map_err(invalid)?) {
        body.extend(members);
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/dulepolicy/labels/custom";

    #[tokio::test]
    async fn a_label_is_made_changed_and_kept_whole() {
        let server = Server::start().await;
        let client = server.client();
        let path = format!("{PATH}/L2");
        let body = json!({"name": "L2", "category": "Custom", "description": "Bought", "team": "CRM"});
        let made = client.put(&path, None, &body).await;
        assert_eq!((made.status, made.body["friendlyName"].as_str()), (201, Some("L2")), "{}", made.text);
        let mut again = made.body.clone();
        again["friendlyName"] = json!("Purchases");
        let changed = client.put(&path, Some(made.etag()), &again).await;
        assert_eq!((changed.status, changed.etag()), (200, "\"2\""), "{}", changed.text);
        assert_eq!((&changed.body["team"], &changed.body["created"]), (&json!("CRM"), &made.body["created"]));
        assert_eq!(client.put(&path, Some(made.etag()), &body).await.status, 412);
        assert_eq!(client.get(&path).await.body, changed.body);
        // Another sandbox may have a label of this name.
        let dev = client.in_sandbox("dev");
        assert_eq!(dev.get(&path).await.status, 404);
        assert_eq!(dev.put(&path, None, &body).await.status, 201);
        assert_eq!(dev.get(&path).await.body["sandboxName"], "dev");
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_by_field() {
        let server = Server::start().await;
        let client = server.client();
        for (name, body, fields) in [
            ("L2", json!({"category": "Custom"}), vec!["/name"]),
            ("L2", json!({"name": "L2"}), vec!["/category"]),
            ("L2", json!({"name": "L3", "category": "Custom"}), vec!["/name"]),
            ("C1", json!({"name": "C1", "category": "Custom"}), vec!["/name"]),
            ("L2", json!({"name": "L2", "category": "Contract", "description": 3}), vec!["/category", "/description"]),
        ] {
            let refused = client.put(&format!("{PATH}/{name}"), None, &body).await;
            assert_eq!(
                (refused.status, refused.fields()),
                (400, fields.iter().map(|f| (*f).to_owned()).collect()),
                "{body}"
            );
        }
        let none = client.put(&format!("{PATH}/L2"), Some("\"1\""), &json!({"name": "L2", "category": "Custom"})).await;
        assert_eq!(none.status, 412, "{}", none.text);
    }
}
