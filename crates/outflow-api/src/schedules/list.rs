//! `GET /config/schedules`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::{ListQuery, Order, Scope};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{ShownSchedule, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{LIMIT_MAX, Parameters};

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
        ("start" = Option<u64>, Query, description = "How many to leave out.")
    ),
    responses((status = 200, description = "A page of the schedules.", body = Schedules))
)]
async fn list(State(api): State<Api>, caller: Caller, parameters: Parameters) -> ApiResult<Answer<Value>> {
    let limit = parameters.number("limit")?.unwrap_or(u64::from(LIMIT_MAX)).clamp(1, u64::from(LIMIT_MAX));
    let start = parameters.number("start")?.unwrap_or(0).min(1 << 40);
    let query = ListQuery {
        limit: usize::try_from(limit).unwrap_or(1),
        skip: start,
        order: Order::CreatedAsc,
        ..ListQuery::default()
    };
    let mut reader = api.store.read().await?;
    let found = reader.list::<outflow_store::ScheduleConfig>(Scope::Sandbox(&caller.sandbox), &query).await?;
    let total = reader.count::<outflow_store::ScheduleConfig>(Scope::Sandbox(&caller.sandbox), &query).await?;
    let children: Vec<Value> = found.items.iter().map(|document| show(&api, document)).collect();
    let end = start + children.len() as u64;
    let mut page = Map::new();
    page.insert("totalCount".into(), json!(total));
    page.insert("pageSize".into(), json!(children.len()));
    let mut links = Map::new();
    if end < total && !children.is_empty() {
        page.insert("next".into(), json!(end.to_string()));
        links.insert("next".into(), json!({"href": format!("/config/schedules?start={end}&limit={limit}")}));
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
