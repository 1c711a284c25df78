//! `GET /flows`.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::property::Filters;
use outflow_store::{Count, Document, Order, Reader, Scope, position_behind};
use serde_json::Value;

use super::stream::add_status;
use super::{Flows, latest_runs, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document;
use crate::error::ApiResult;
use crate::operation::Operation;
use crate::page::{ListParameters, ListQuery, Page};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_list, _, _>(list)
}

/// List flows
///
/// Filters see everything that is shown but `streamStatus`.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/flows",
    tag = "flows",
    params(ListParameters),
    responses((status = 200, description = "A page of the flows that match.", body = Flows))
)]
async fn list(State(api): State<Api>, caller: Caller, query: ListQuery) -> ApiResult<Answer<Value>> {
    let filters = document::filters(&query)?;
    let mut reader = api.store.read().await?;
    let asks_for_runs = filters.0.iter().any(|filter| filter.path().starts_with("lastRunDetails"));
    let mut page = if asks_for_runs {
        filtered_by_runs(&api, &mut reader, &caller.sandbox, &query, &filters).await?
    } else {
        let shown = |document: &Document| show(&api, document, None);
        document::documents::<outflow_store::Flow>(&mut reader, &caller.sandbox, &query, &filters, &shown).await?
    };
    let latest = latest_runs(&mut reader, &page.documents).await?;
    drop(reader);
    let mut items = Vec::new();
    for flow in &page.documents {
        let mut shown = show(&api, flow, latest.get(&flow.id).map(AsRef::as_ref));
        add_status(&api, flow, &mut shown).await?;
        items.push(shown);
    }
    let page = Page { items, next: page.next.take(), total: page.total };
    Ok(Answer(page.answer(&query, "/flows")))
}

/// Flows filtered by their newest runs, which are not part of them: looked at in batches until the page is full, or until
/// as many were looked at as for any list.
async fn filtered_by_runs(
    api: &Api,
    reader: &mut Reader,
    sandbox: &str,
    query: &ListQuery,
    filters: &Filters,
) -> ApiResult<document::Documents> {
    let mut found = document::Documents::default();
    let order = document::order(query.order.as_deref())?;
    let mut batches = Batches::new(api, order, query.position.clone());
    while let Some(batch) = batches.next(reader, sandbox).await? {
        let latest = latest_runs(reader, &batch.items).await?;
        for flow in &batch.items {
            if !filters.matches(&show(api, flow, latest.get(&flow.id).map(AsRef::as_ref))) {
                continue;
            }
            found.documents.push(Arc::clone(flow));
            if found.documents.len() == query.limit as usize {
                found.next = batches.behind(flow);
                found.total = count_by_runs(api, reader, sandbox, query, filters).await?;
                return Ok(found);
            }
        }
    }
    found.next = batches.query.after;
    found.total = count_by_runs(api, reader, sandbox, query, filters).await?;
    Ok(found)
}

/// All flows that match, where it was asked for.
async fn count_by_runs(
    api: &Api,
    reader: &mut Reader,
    sandbox: &str,
    query: &ListQuery,
    filters: &Filters,
) -> ApiResult<Option<Count>> {
    if !query.count {
        return Ok(None);
    }
    let mut documents = 0;
    let mut batches = Batches::new(api, Order::default(), None);
    while let Some(batch) = batches.next(reader, sandbox).await? {
        let latest = latest_runs(reader, &batch.items).await?;
        let matches =
            |flow: &&Arc<Document>| filters.matches(&show(api, flow, latest.get(&flow.id).map(AsRef::as_ref)));
        documents += batch.items.iter().filter(matches).count() as u64;
    }
    Ok(Some(Count { documents, is_exact: batches.query.after.is_none() }))
}

/// Flows, a batch at a time, up to as many as one request looks at.
struct Batches {
    /// The next batch. Where it begins is none behind the last flow.
    query: outflow_store::ListQuery<'static>,
    /// The last flow of the batch before.
    last: Option<String>,
    is_over: bool,
    left: usize,
}

impl Batches {
    fn new(api: &Api, order: Order, after: Option<String>) -> Batches {
        let query = outflow_store::ListQuery { after, order, ..outflow_store::ListQuery::default() };
        Batches { query, last: None, is_over: false, left: api.store.documents_looked_at_max() }
    }

    async fn next(&mut self, reader: &mut Reader, sandbox: &str) -> ApiResult<Option<outflow_store::Page>> {
        if self.is_over || self.left == 0 {
            return Ok(None);
        }
        self.query.limit = self.left.min(crate::page::LIMIT_MAX as usize);
        let batch = reader.list::<outflow_store::Flow>(Scope::Sandbox(sandbox), &self.query).await?;
        self.query.after = batch.next.clone();
        self.last = batch.items.last().map(|flow| flow.id.clone());
        self.is_over = batch.next.is_none();
        self.left -= batch.items.len();
        Ok(Some(batch))
    }

    /// The position behind a flow of the last batch; none where no more follow.
    fn behind(&self, flow: &Document) -> Option<String> {
        let is_last = self.is_over && self.last.as_deref() == Some(&flow.id);
        (!is_last).then(|| position_behind(flow, self.query.order))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/foundation/flowservice/flows";

    #[tokio::test]
    async fn flows_are_found_by_any_of_their_connections() {
        let server = Server::start().await;
        let flow = server.flow("One").await;
        server.flow("Two").await;
        let count = async |query: &str| {
            let answer = server.client().get(&format!("{PATH}?{query}")).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            answer.body["items"].as_array().unwrap().len()
        };
        let spec = "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61";
        assert_eq!(
            count(&format!("property=inheritedAttributes.targetConnections[].connectionSpec.id=={spec}")).await,
            2
        );
        assert_eq!(count(&format!("property=inheritedAttributes.targetConnections[].id=={}", flow.target)).await, 1);
        assert_eq!(count("property=inheritedAttributes.properties.isDestinationFlow==true").await, 2);
        assert_eq!(count("property=state==%22enabled%22&property=name==One").await, 1);
        assert_eq!(count("property=state==disabled").await, 0);
    }

    #[tokio::test]
    async fn flows_are_found_by_their_newest_run() {
        let server = Server::start().await;
        let with_run = server.flow("With").await;
        for name in ["A", "B", "C"] {
            server.flow(name).await;
        }
        server.evaluated().await;
        let run = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": with_run.id})).await;
        assert_eq!(run.status, 201, "{}", run.text);
        let path = format!("{PATH}?property=lastRunDetails.state==queued&limit=1&count=true");
        let answer = server.client().get(&path).await;
        assert_eq!(
            (answer.body["items"][0]["id"].as_str(), answer.body["count"].as_u64()),
            (Some(&*with_run.id), Some(1))
        );
        let none = server.client().get(&format!("{PATH}?property=lastRunDetails.state==failed")).await;
        assert_eq!(none.body, json!({"items": [], "_links": {}}));
    }

    #[tokio::test]
    async fn pages_of_flows_by_their_newest_run_miss_none() {
        pages_by_run(&Server::start().await, None).await;
        // Fewer are looked at than lie between two that have a run.
        pages_by_run(&Server::looking_at(1).await, Some(true)).await;
    }

    async fn pages_by_run(server: &Server, is_partial: Option<bool>) {
        let mut wanted = Vec::new();
        for number in 0..7 {
            let flow = server.flow(&format!("Flow {number}")).await;
            if number % 2 == 0 {
                wanted.push(flow.id);
            }
        }
        server.evaluated().await;
        for id in &wanted {
            let run = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": id})).await;
            assert_eq!(run.status, 201, "{}", run.text);
        }
        let mut found = Vec::new();
        let mut path = format!("{PATH}?property=lastRunDetails.state==queued&limit=1&count=true");
        loop {
            let page = server.client().get(&path).await.body;
            assert_eq!(page.get("countIsPartial").and_then(serde_json::Value::as_bool), is_partial, "{page}");
            // All of them, whichever page it is.
            assert!(is_partial.is_some() || page["count"] == wanted.len(), "{page}");
            found.extend(page["items"].as_array().unwrap().iter().map(|flow| flow["id"].as_str().unwrap().to_owned()));
            let Some(next) = page["_links"]["next"]["href"].as_str() else { break };
            path = format!("/data/foundation/flowservice{next}");
        }
        found.reverse();
        assert_eq!(found, wanted);
    }
}
