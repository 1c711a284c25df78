//! `GET /segment/definitions`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{Document, Order};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::{IntoParams, ToSchema};

use super::{ShownSegment, evaluations, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{LIMIT_MAX, ListQuery, Parameters, Start, tell_count};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// Parameters of this list. Documentation only.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "the shape for the OpenAPI document")]
struct Pages {
    /// Segments of a page, 1 to 100; 100 without it.
    #[param(minimum = 1, example = 100)]
    limit: Option<u64>,
    /// The page's number, from 0.
    #[param(example = 0)]
    page: Option<u64>,
    /// Instead of `page`: how many segments to leave out, or where `link.next` leads.
    #[param(example = "0")]
    start: Option<String>,
    /// `creationTime`, `updateTime` or `name`, with `:asc` or `:desc`.
    #[param(example = "updateTime:desc")]
    sort: Option<String>,
    /// A filter such as `name==Loyal customers`; repeated ones must all hold.
    property: Option<Vec<String>>,
}

/// A page of segments. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Segments", example = json!({"segments": [], "page": {
    "totalCount": 0, "totalPages": 0, "sortField": "creationTime", "sort": "desc", "pageSize": 0, "limit": 100
}, "link": {}}))]
struct Segments {
    /// The segments.
    segments: Vec<ShownSegment>,
    /// `totalCount`, `totalPages`, `pageSize`, `limit`, `sortField`, `sort`. Where a filter decides on more than 20,000
    /// segments, those that match among the first 20,000 are counted, and `totalCountIsPartial` says so.
    page: Value,
    /// `next.href`: the next page, where there is one.
    link: Value,
}

/// List segments
#[utoipa::path(
    get,
    path = "/data/core/ups/segment/definitions",
    tag = "segments",
    params(Pages),
    responses((status = 200, description = "A page of the segments that match.", body = Segments))
)]
async fn list(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(LIMIT_MAX, LIMIT_MAX)?;
    let start = match Start::read(&parameters)? {
        Some(start) => start,
        None => Start { skip: parameters.number("page")?.unwrap_or(0).saturating_mul(limit.into()), position: None },
    };
    let (field, direction, order) = sort(&parameters)?;
    let query = ListQuery { filters: parameters.all("property").map(str::to_owned).collect(), ..ListQuery::default() };
    let filters = document::filters(&query)?;
    let mut reader = api.store.read().await?;
    let counts = evaluations(&mut reader, &caller.sandbox).await?;
    let shown = |document: &Document| show(&api, document, counts.get(&document.id));
    let matches = document::matcher(&shown, &filters, document::in_body);
    let store_query = outflow_store::ListQuery {
        filters: Some(&filters),
        matches: Some(&matches),
        limit: limit as usize,
        order,
        ..outflow_store::ListQuery::default()
    };
    let found = document::counted::<outflow_store::Segment>(&mut reader, &caller.sandbox, &start, store_query).await?;
    let segments: Vec<Value> = found.documents.iter().map(|document| shown(document)).collect();
    let mut page = Map::new();
    tell_count(&mut page, "totalCount", found.total);
    page.insert("totalPages".into(), json!(found.total.documents.div_ceil(limit.into())));
    page.insert("sortField".into(), json!(field));
    page.insert("sort".into(), json!(direction));
    page.insert("pageSize".into(), json!(segments.len()));
    page.insert("limit".into(), json!(limit));
    let mut link = Map::new();
    if let Some(next) = found.next {
        let query = parameters.continued_at(&next, limit);
        link.insert("next".into(), json!({"href": format!("/segment/definitions?{query}")}));
    }
    Ok(Answer(json!({"page": page, "segments": segments, "link": link})))
}

/// The member, the direction and the order that `sort` names.
fn sort(parameters: &Parameters) -> ApiResult<(&str, &'static str, Order)> {
    let text = parameters.last("sort").unwrap_or("creationTime:desc");
    let (field, direction) = text.split_once(':').unwrap_or((text, "asc"));
    let is_descending = direction.eq_ignore_ascii_case("desc");
    let order = document::order(Some(&format!("{}{field}", if is_descending { "-" } else { "" })))
        .map_err(|error| error.about("sort"))?;
    Ok((field, if is_descending { "desc" } else { "asc" }, order))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/segment/definitions";

    #[tokio::test]
    async fn pages_are_numbered_and_counted() {
        let server = Server::start().await;
        for name in ["A", "B", "C"] {
            server.segment(name).await;
        }
        let answer = server.client().get(&format!("{PATH}?limit=2&page=1&sort=name:asc")).await;
        assert_eq!(answer.body["segments"][0]["name"], "C", "{}", answer.text);
        let page = &answer.body["page"];
        assert_eq!((page["totalCount"].as_u64(), page["totalPages"].as_u64()), (Some(3), Some(2)));
        assert_eq!(answer.body["link"], json!({}));
        let first = server.client().get(&format!("{PATH}?limit=2&page=0&sort=name:asc")).await;
        let next = first.body["link"]["next"]["href"].as_str().unwrap();
        let second = server.client().get(&format!("/data/core/ups{next}")).await;
        assert_eq!(second.body["segments"], answer.body["segments"], "{}", second.text);
        let newest = server.client().get(&format!("{PATH}?limit=1")).await;
        assert_eq!(newest.body["segments"][0]["name"], "C");
        let skipped = server.client().get(&format!("{PATH}?start=2&sort=creationTime:asc")).await;
        assert_eq!(skipped.body["segments"].as_array().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn pages_of_more_segments_than_are_looked_at_lead_on() {
        let server = Server::looking_at(3).await;
        let mut wanted = Vec::new();
        for number in 0..8 {
            let id = server.segment(&format!("S{number}")).await;
            if number % 2 == 0 {
                let patch = json!({"description": "even"});
                let changed = server.client().patch(&format!("{PATH}/{id}"), None, &patch).await;
                assert_eq!(changed.status, 200, "{}", changed.text);
                wanted.insert(0, id);
            }
        }
        for skipped in [0, 1, 3] {
            let mut found = Vec::new();
            let mut path = format!("{PATH}?property=description==even&limit=1&start={skipped}");
            loop {
                let page = server.client().get(&path).await.body;
                assert_eq!(page["page"]["totalCountIsPartial"], true);
                found.extend(page["segments"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()));
                let Some(next) = page["link"]["next"]["href"].as_str() else { break };
                path = format!("/data/core/ups{next}");
            }
            assert_eq!(found, wanted[skipped..], "{skipped}");
        }
        // Where no filter decides, nothing needs to be looked at.
        let all = server.client().get(&format!("{PATH}?limit=2")).await.body["page"].clone();
        assert_eq!((all["totalCount"].as_u64(), all.get("totalCountIsPartial")), (Some(8), None));
        let forged = server.client().get(&format!("{PATH}?start=0.abc")).await;
        assert_eq!((forged.status, forged.fields()), (400, vec!["start".to_owned()]), "{}", forged.text);
    }

    #[tokio::test]
    async fn segments_are_found_by_name() {
        let server = Server::start().await;
        server.segment("A").await;
        server.segment("B").await;
        let answer = server.client().get(&format!("{PATH}?property=name==B")).await;
        assert_eq!(
            (answer.body["page"]["totalCount"].as_u64(), answer.body["segments"][0]["name"].as_str()),
            (Some(1), Some("B"))
        );
    }

    #[tokio::test]
    async fn odd_pages_are_empty_and_odd_parameters_refused() {
        let server = Server::start().await;
        let far = server.client().get(&format!("{PATH}?page=18446744073709551615&limit=100")).await;
        assert_eq!((far.status, far.body["segments"].as_array().map(Vec::len)), (200, Some(0)), "{}", far.text);
        assert_eq!(server.client().get(&format!("{PATH}?sort=size")).await.fields(), ["sort"]);
        assert_eq!(server.client().get(&format!("{PATH}?page=-1")).await.status, 400);
    }
}
