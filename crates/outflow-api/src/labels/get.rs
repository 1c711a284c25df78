//! `GET /labels/core/{id}` and `GET /labels/custom/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::label::core_labels;
use outflow_store::LabelDefinition;
use serde_json::Value;

use super::{CORE, CoreLabel, CustomLabel, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;
use crate::policy_service::{Base, core};

pub(super) fn core_operation() -> Operation {
    Operation::new::<__path_get_core, _, _>(get_core)
}

pub(super) fn custom_operation() -> Operation {
    Operation::new::<__path_get_custom, _, _>(get_custom)
}

/// Get a core label
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/labels/core/{id}",
    tag = "labels",
    params(("id" = String, Path, description = "The label's name.")),
    responses((status = 200, description = "The label.", body = CoreLabel))
)]
async fn get_core(base: Base, Id(name): Id) -> ApiResult<Answer<Value>> {
    let label = core_labels().into_iter().find(|label| label.name.as_str() == name);
    let label = label.ok_or_else(|| ApiError::not_found("core label", &name))?;
    Ok(Answer(Value::Object(core(&base, CORE, &name, &label))))
}

/// Get a custom label
#[utoipa::path(
    get,
    path = "/data/foundation/dulepolicy/labels/custom/{id}",
    tag = "labels",
    params(("id" = String, Path, description = "The label's name.")),
    responses((status = 200, description = "The label.", body = CustomLabel))
)]
async fn get_custom(State(api): State<Api>, base: Base, caller: Caller, Id(name): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<LabelDefinition>(&caller.sandbox, &name).await?;
    Ok(Answer(show(&api, &base, &document)))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn a_label_is_found_by_its_name_alone() {
        let server = Server::start().await;
        let base = "/data/foundation/dulepolicy/labels";
        let label = server.client().get(&format!("{base}/core/C2")).await;
        assert_eq!(label.body["friendlyName"], "No third party export", "{}", label.text);
        let href = label.body["_links"]["self"]["href"].as_str().unwrap();
        assert_eq!(href, format!("{}{base}/core/C2", server.url()));
        for path in ["core/c2", "core/L2", "custom/C2"] {
            assert_eq!(server.client().get(&format!("{base}/{path}")).await.status, 404, "{path}");
        }
    }
}
