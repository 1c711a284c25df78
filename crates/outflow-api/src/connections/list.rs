//! `GET /connections`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Connections, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List accounts
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/connections",
    tag = "connections",
    params(ListParameters),
    responses((status = 200, description = "A page of the accounts that match.", body = Connections))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let shown = |document: &outflow_store::Document| show(&api, document);
    let page = document::list::<outflow_store::Connection>(&api, &caller.sandbox, &query, &shown).await?;
    Ok(Answer(page.answer(&query, "/connections")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Server, folder_account};

    const PATH: &str = "/data/foundation/flowservice/connections";

    async fn three(server: &Server) {
        for name in ["One", "Two", "Three"] {
            assert_eq!(server.client().post(PATH, &folder_account(name)).await.status, 201);
        }
    }

    #[tokio::test]
    async fn pages_follow_the_link_with_its_one_parameter() {
        let server = Server::start().await;
        three(&server).await;
        let mut seen = Vec::new();
        let mut path = format!("{PATH}?limit=1&count=True");
        loop {
            let answer = server.client().get(&path).await;
            assert_eq!(answer.body["count"], 3);
            seen.extend(answer.body["items"].as_array().unwrap().iter().map(|item| item["name"].clone()));
            match answer.body["_links"].pointer("/next/href") {
                // Clients go on sending the limit they began with.
                Some(href) => path = format!("/data/foundation/flowservice{}&limit=1", href.as_str().unwrap()),
                None => break,
            }
        }
        assert_eq!(seen, [json!("Three"), json!("Two"), json!("One")]);
    }

    #[tokio::test]
    async fn filters_are_the_servers_and_unknown_paths_match_nothing() {
        let server = Server::start().await;
        three(&server).await;
        let names = async |query: &str| {
            let answer = server.client().get(&format!("{PATH}?{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.body["items"].as_array().unwrap().len()
        };
        assert_eq!(names("property=name==Two").await, 1);
        assert_eq!(names("property=name==Two,Three&property=state==enabled").await, 2);
        assert_eq!(names("property=none.at.all==x").await, 0);
        assert_eq!(names("property=createdAt%3E=1").await, 3);
    }

    #[tokio::test]
    async fn an_order_by_name_goes_both_ways() {
        let server = Server::start().await;
        three(&server).await;
        let first = async |order: &str| {
            server.client().get(&format!("{PATH}?orderby={order}&limit=1")).await.body["items"][0]["name"].clone()
        };
        assert_eq!(first("name").await, "One");
        assert_eq!(first("-name").await, "Two");
        assert_eq!(first("createdAt").await, "One");
    }

    #[tokio::test]
    async fn a_filter_that_cannot_be_read_is_refused() {
        let server = Server::start().await;
        assert_eq!(server.client().get(&format!("{PATH}?property=name=x")).await.status, 400);
        assert_eq!(server.client().get(&format!("{PATH}?limit=none")).await.status, 400);
    }
}
