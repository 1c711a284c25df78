//! `GET /connectionSpecs`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::ConnectionSpecs;
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery, Page, exactly};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List the catalog
///
/// All kinds of destination on offer, in one page.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/connectionSpecs",
    tag = "connection specs",
    params(ListParameters),
    responses((status = 200, description = "The kinds that match.", body = ConnectionSpecs))
)]
async fn list(State(api): State<Api>, _: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let filters = document::filters(&query)?;
    let items: Vec<Value> = super::all(&api).into_iter().filter(|spec| filters.matches(spec)).collect();
    let total = query.count.then(|| exactly(items.len()));
    Ok(Answer(Page { items, next: None, total }.answer(&query, "/connectionSpecs")))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn the_catalog_has_the_ids_that_clients_know() {
        let server = Server::start().await;
        let answer = server.client().get("/data/foundation/flowservice/connectionSpecs").await;
        let ids: Vec<&str> =
            answer.body["items"].as_array().unwrap().iter().map(|spec| spec["id"].as_str().unwrap()).collect();
        for id in [
            "4fce964d-3f37-408f-9778-e597338a21ee",
            "36965a81-b1c6-401b-99f8-22508f1e6a26",
            "8a9c3494-9708-43d7-ae3f-cda01e5030e1",
        ] {
            assert!(ids.contains(&id), "{id} is missing in {ids:?}");
        }
        assert_eq!(answer.body["_links"], serde_json::json!({}));
    }

    #[tokio::test]
    async fn the_catalog_can_be_filtered_and_counted() {
        let server = Server::start().await;
        let answer = server
            .client()
            .get("/data/foundation/flowservice/connectionSpecs?property=name==Amazon%20S3&count=True")
            .await;
        assert_eq!((answer.body["count"].as_u64(), answer.body["items"].as_array().unwrap().len()), (Some(1), 1));
        let spec = &answer.body["items"][0];
        assert_eq!(spec["authSpec"][0]["name"], "Access Key");
        assert_eq!(spec["authSpec"][0]["spec"]["properties"]["s3SecretKey"]["format"], "password");
    }

    #[tokio::test]
    async fn a_streams_form_has_what_its_messages_tell_of_segments() {
        let server = Server::start().await;
        let path = "/data/foundation/flowservice/connectionSpecs?property=attributes.isBatch==false";
        let answer = server.client().get(path).await;
        for spec in answer.body["items"].as_array().unwrap() {
            let members = &spec["targetSpec"]["spec"]["properties"];
            assert_eq!(members["includeSegmentTimestamps"]["type"], "boolean", "{spec}");
            assert_eq!(spec["encryptionSpecs"], serde_json::json!([]));
        }
        assert!(answer.text.contains("Memory stream"), "{}", answer.text);
    }
}
