//! `GET /data/core/ups/config/entityTypes/_xdm.context.profile`: the fields of merged profiles.

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::schema::Schema;
use serde_json::Value;

use super::tree::SchemaTree;
use super::{tree, union_schema};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_union, _, _>(union)
}

/// Get the fields of profiles
///
/// Of the sandbox's datasets together, as of the last refresh: what segments and mappings may use.
#[utoipa::path(
    get,
    path = "/data/core/ups/config/entityTypes/_xdm.context.profile",
    tag = "datasets",
    responses((status = 200, description = "The fields as a tree; without any before the first refresh.", body = SchemaTree))
)]
async fn union(State(api): State<Api>, caller: Caller) -> ApiResult<Answer<Value>> {
    let mut reader = api.store.read().await?;
    let schema = union_schema(&mut reader, &caller.sandbox).await?;
    Ok(Answer(tree(&schema.unwrap_or_else(Schema::default))))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn profiles_have_the_fields_of_their_datasets() {
        let server = Server::start().await;
        let path = "/data/core/ups/config/entityTypes/_xdm.context.profile";
        assert_eq!(server.client().get(path).await.body["fields"], serde_json::json!([]));
        server.refreshed().await;
        let answer = server.client().get(path).await;
        let paths: Vec<&str> =
            answer.body["fields"].as_array().unwrap().iter().map(|field| field["path"].as_str().unwrap()).collect();
        assert!(paths.contains(&"crmId") && paths.contains(&"identityMap"), "{paths:?}");
    }
}
