//! `GET /flowSpecs/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::FlowSpecs;
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a flow spec
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/flowSpecs/{id}",
    tag = "flow specs",
    params(("id" = String, Path, description = "The spec's id.")),
    responses((status = 200, description = "The spec, as a list of one.", body = FlowSpecs))
)]
async fn get(State(api): State<Api>, _: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let spec = super::all(&api).into_iter().find(|spec| spec["id"] == id.as_str());
    spec.map(|spec| Answer(one(spec))).ok_or_else(|| ApiError::not_found("flow spec", &id))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn the_generic_spec_takes_every_kind_with_its_older_ids() {
        let server = Server::start().await;
        let path = "/data/foundation/flowservice/flowSpecs/71471eba-b620-49e4-90fd-23f1fa0174d8";
        let answer = server.client().get(path).await;
        let targets = answer.body["items"][0]["targetConnectionSpecIds"].as_array().unwrap();
        assert!(targets.contains(&"4890fc95-5a1f-4983-94bb-e060c08e3f81".into()), "{targets:?}");
        assert_eq!(server.client().get("/data/foundation/flowservice/flowSpecs/none").await.status, 404);
    }
}
