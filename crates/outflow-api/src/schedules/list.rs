//! `GET /config/schedules`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{ListQuery, Order};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{ShownSchedule, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{LIMIT_MAX, Parameters, Start, tell_count};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// A page of schedules. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Schedules", example = json!({"_page": {"totalCount": 0, "pageSize": 0}, "children": [], "_links": {}}))]
struct Schedules {
    /// `totalCount`, `pageSize`, and `next` where there is another page.
    _page: Value,
    /// The schedules, the oldest first.
    children: Vec<ShownSchedule>,
    /// The next page.
    _links: Value,
}

/// List schedules
#[utoipa::path(
    get,
    path = "/data/core/ups/config/schedules",
    tag = "schedules",
    params(
        ("limit" = Option<u64>, Query, description = "Schedules of a page, 1 to 100; 100 without it."),
        ("start" = Option<String>, Query, description = "How many to leave out: `_page.next` of the page before.")
    ),
    responses((status = 200, description = "A page of the schedules.", body = Schedules))
)]
async fn list(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(LIMIT_MAX, LIMIT_MAX)?;
    let start = Start::read(&parameters)?.unwrap_or_default();
    let query = ListQuery { limit: limit as usize, order: Order::CreatedAsc, ..ListQuery::default() };
    let mut reader = api.store.read().await?;
    let found = document::counted::<outflow_store::ScheduleConfig>(&mut reader, &caller.sandbox, &start, query).await?;
    let children: Vec<Value> = found.documents.iter().map(|document| show(&api, document)).collect();
    let mut page = Map::new();
    tell_count(&mut page, "totalCount", found.total);
    page.insert("pageSize".into(), json!(children.len()));
    let mut links = Map::new();
    if let Some(next) = found.next {
        links.insert("next".into(), json!({"href": format!("/config/schedules?start={next}&limit={limit}")}));
        page.insert("next".into(), json!(next));
    }
    Ok(Answer(json!({"_page": page, "children": children, "_links": links})))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn schedules_are_children() {
        let server = Server::start().await;
        let path = "/data/core/ups/config/schedules";
        assert_eq!(
            server.client().get(path).await.body,
            json!({"_page": {"totalCount": 0, "pageSize": 0}, "children": [], "_links": {}})
        );
        for name in ["A", "B"] {
            server.schedule(name).await;
        }
        let first = server.client().get(&format!("{path}?limit=1")).await;
        assert_eq!(
            (first.body["children"][0]["name"].as_str(), first.body["_page"]["next"].as_str()),
            (Some("A"), Some("1"))
        );
        let href = first.body["_links"]["next"]["href"].as_str().unwrap();
        assert_eq!(server.client().get(&format!("/data/core/ups{href}")).await.body["children"][0]["name"], "B");
    }
}
