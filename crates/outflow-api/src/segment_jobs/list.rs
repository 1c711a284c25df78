//! `GET /segment/jobs`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{Document, Order};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{SegmentJob, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{LIMIT_DEFAULT, LIMIT_MAX, ListQuery, Parameters, Start, tell_count};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// Parameters of this list. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct Jobs {
    /// Jobs of a page, 1 to 100; 20 without it.
    #[param(minimum = 1, example = 20)]
    limit: Option<u64>,
    /// How many to leave out: `_page.next` of the page before.
    #[param(example = "0")]
    start: Option<String>,
    /// Jobs with this status, for example `SUCCEEDED`; several with commas.
    status: Option<String>,
    /// `creationTime` or `updateTime`, with `:asc` or `:desc`.
    sort: Option<String>,
    /// A filter such as `source==scheduler`; repeated ones must all hold.
    property: Option<Vec<String>>,
}

/// A page of evaluations. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentJobs", example = json!({"_page": {"totalCount": 0, "pageSize": 0}, "children": [], "_links": {}}))]
struct SegmentJobs {
    /// `totalCount`, `pageSize`, and `next` where there is another page. Where a filter decides on more than 20,000
    /// evaluations, those that match among the first 20,000 are counted, and `totalCountIsPartial` says so.
    _page: Value,
    /// The evaluations, the newest first.
    children: Vec<SegmentJob>,
    /// The next page.
    _links: Value,
}

/// List evaluations
#[utoipa::path(
    get,
    path = "/data/core/ups/segment/jobs",
    tag = "segment jobs",
    params(Jobs),
    responses((status = 200, description = "A page of the evaluations that match.", body = SegmentJobs))
)]
async fn list(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let start = Start::read(&parameters)?.unwrap_or_default();
    let mut texts: Vec<String> = parameters.all("property").map(str::to_owned).collect();
    texts.extend(parameters.last("status").map(|status| format!("status=={}", status.to_ascii_uppercase())));
    let query = ListQuery { filters: texts, ..ListQuery::default() };
    let filters = document::filters(&query)?;
    let shown = |document: &Document| show(&api, document);
    let matches = document::matcher(&shown, &filters, document::in_body);
    let store_query = outflow_store::ListQuery {
        filters: Some(&filters),
        matches: Some(&matches),
        limit: limit as usize,
        order: order(&parameters)?,
        ..outflow_store::ListQuery::default()
    };
    let mut reader = api.store.read().await?;
    let found =
        document::counted::<outflow_store::SegmentJob>(&mut reader, &caller.sandbox, &start, store_query).await?;
    let children: Vec<Value> = found.documents.iter().map(|document| shown(document)).collect();
    let mut page = Map::new();
    tell_count(&mut page, "totalCount", found.total);
    page.insert("pageSize".into(), json!(children.len()));
    let mut links = Map::new();
    if let Some(next) = found.next {
        let query = parameters.continued_at(&next, limit);
        links.insert("next".into(), json!({"href": format!("/segment/jobs?{query}")}));
        page.insert("next".into(), json!(next));
    }
    Ok(Answer(json!({"_page": page, "children": children, "_links": links})))
}

fn order(parameters: &Parameters) -> ApiResult<Order> {
    let Some(text) = parameters.last("sort") else { return Ok(Order::default()) };
    let (field, direction) = text.split_once(':').unwrap_or((text, "asc"));
    let sign = if direction.eq_ignore_ascii_case("desc") { "-" } else { "" };
    document::order(Some(&format!("{sign}{field}"))).map_err(|error| error.about("sort"))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/segment/jobs";

    #[tokio::test]
    async fn no_page_is_the_end_before_the_last_one() {
        let server = Server::looking_at(2).await;
        server.segment("Adults").await;
        let oldest = server.client().post_empty(PATH).await;
        for _ in 0..4 {
            server.client().post_empty(PATH).await;
        }
        let none = server.client().get(&format!("{PATH}?property=id==none&limit=2")).await;
        assert_eq!((none.body["children"].as_array().unwrap().len(), none.body["_page"]["next"].as_str()), (0, None));
        let (mut found, mut start) = (Vec::new(), "0".to_owned());
        loop {
            // `start` takes what `_page.next` says, whatever that is.
            let page = server.client().get(&format!("{PATH}?property=creationTime>0&limit=1&start={start}")).await;
            found.extend(page.body["children"].as_array().unwrap().iter().map(|job| job["id"].clone()));
            let Some(next) = page.body["_page"]["next"].as_str() else { break };
            next.clone_into(&mut start);
        }
        assert_eq!((found.len(), found.last()), (5, Some(&oldest.body["id"])));
    }

    #[tokio::test]
    async fn evaluations_are_listed_page_by_page() {
        let server = Server::start().await;
        server.segment("Adults").await;
        for _ in 0..3 {
            server.client().post_empty(PATH).await;
        }
        // One that the link must leave out like the first page does.
        let other = server.client().post_empty(PATH).await;
        server.client().delete(&format!("{PATH}/{}", other.id())).await;
        let first = server.client().get(&format!("{PATH}?limit=2&status=queued")).await;
        assert_eq!(
            (first.body["_page"]["totalCount"].as_u64(), first.body["_page"]["next"].as_str()),
            (Some(3), Some("2")),
            "{}",
            first.text
        );
        let href = first.body["_links"]["next"]["href"].as_str().unwrap();
        let second = server.client().get(&format!("/data/core/ups{href}")).await;
        assert_eq!(second.body["children"].as_array().unwrap().len(), 1);
        assert_eq!(second.body["_links"], serde_json::json!({}));
        assert_eq!(server.client().get(&format!("{PATH}?limit=0")).await.fields(), ["limit"]);
        assert_eq!(server.client().get(&format!("{PATH}?status=FAILED")).await.body["_page"]["totalCount"], 0);
    }
}
