//! `GET /flowSpecs`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::FlowSpecs;
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery, Page, exactly};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List flow specs
///
/// What the flows of each kind of destination may say, in one page.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/flowSpecs",
    tag = "flow specs",
    params(ListParameters),
    responses((status = 200, description = "The specs that match.", body = FlowSpecs))
)]
async fn list(State(api): State<Api>, _: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let filters = document::filters(&query)?;
    let items: Vec<Value> = super::all(&api).into_iter().filter(|spec| filters.matches(spec)).collect();
    let total = query.count.then(|| exactly(items.len()));
    Ok(Answer(Page { items, next: None, total }.answer(&query, "/flowSpecs")))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn flow_specs_have_the_ids_that_clients_know() {
        let server = Server::start().await;
        let answer = server.client().get("/data/foundation/flowservice/flowSpecs").await;
        let ids: Vec<&str> =
            answer.body["items"].as_array().unwrap().iter().map(|spec| spec["id"].as_str().unwrap()).collect();
        for id in [
            "269ba276-16fc-47db-92b0-c1049a3c131f",
            "354d6aad-4754-46e4-a576-1b384561c440",
            "71471eba-b620-49e4-90fd-23f1fa0174d8",
        ] {
            assert!(ids.contains(&id), "{id} is missing in {ids:?}");
        }
    }
}
