//! `GET /flows/{id}/letters`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_runner::SubmitError;
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::stream::check_stream;
use crate::auth::Caller;
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;
use crate::page::{LIMIT_DEFAULT, LIMIT_MAX, Links, Parameters, invalid};

pub(super) fn operation() -> Operation {
    Operation::new::<__path_letters, _, _>(letters)
}

/// A message that the target refused for good. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Letter")]
struct Letter {
    /// The message's own id, by which it is sent again.
    #[serde(rename = "eventId")]
    event_id: String,
    /// The message's sequence.
    sequence: u64,
    /// The window, or the run, that it was made in.
    #[serde(rename = "runId")]
    run_id: String,
    /// Whose message it is.
    #[serde(rename = "profileId")]
    profile_id: String,
    /// Whose move is next.
    class: String,
    /// What the target said.
    message: String,
    /// Length of the message in bytes.
    bytes: u64,
    /// When it was refused.
    at: String,
}

/// A list of such messages. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Letters", example = json!({"items": [{
    "eventId": "0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4", "sequence": 7, "runId": "7af3ba45-4952-4371-8361-1b30134be7eb",
    "profileId": "CRMID:4711", "class": "refused", "message": "the message is larger than the target takes",
    "bytes": 1_200_000, "at": "2026-11-25T06:00:00Z"
}], "_links": {}, "count": 1}))]
struct Letters {
    /// The messages, the oldest first.
    items: Vec<Letter>,
    /// The next page.
    _links: Links,
    /// All of them.
    count: u64,
}

/// List the messages that a flow's target refused
///
/// They count as failed, and nothing waits for them. `POST flows/{id}/letters/redeliver` sends what their profiles are by
/// then. One is listed until its profile was sent again, or until a later message about the profile was acknowledged, which
/// says all that this one would have said.
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/flows/{id}/letters",
    tag = "flows",
    params(
        ("id" = String, Path, description = "The flow's id."),
        ("limit" = Option<u32>, Query, description = "Messages of a page, 1 to 100; 20 without it."),
        ("start" = Option<String>, Query, description = "Where the page begins: from the `_links.next.href` of the page before.")
    ),
    responses(
        (status = 200, description = "A page of the messages.", body = Letters),
        (status = 409, description = "The flow delivers files.")
    )
)]
async fn letters(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    parameters: Parameters,
) -> ApiResult<Answer<Value>> {
    let limit = parameters.limit(LIMIT_DEFAULT, LIMIT_MAX)?;
    let flow = api.store.read().await?.get::<outflow_store::Flow>(&caller.sandbox, &id).await?;
    check_stream(&api, &flow)?;
    let start = parameters.last("start");
    let page = api.runner.letters(&caller.sandbox, &id, start, limit as usize).await.map_err(|error| match error {
        SubmitError::Invalid { .. } => invalid("start", "is not one of this list"),
        error => ApiError::from(error),
    })?;
    let mut links = Map::new();
    if let Some(next) = &page.next {
        let href = format!("/flows/{id}/letters?{}", parameters.continued_at(next, limit));
        links.insert("next".into(), json!({"href": href}));
    }
    Ok(Answer(json!({"items": page.letters, "_links": links, "count": page.total})))
}

#[cfg(test)]
mod tests {
    use crate::testing::Server;

    #[tokio::test]
    async fn what_the_target_refused_is_listed_page_by_page() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        let path = format!("/data/foundation/flowservice/flows/{}/letters", flow.id);
        let before = server.client().get(&path).await;
        assert_eq!((before.status, before.body["count"].as_u64()), (200, Some(0)), "{}", before.text);
        server.stream().refuse("too large");
        server.evaluated().await;
        let reader = server.as_client("reader", &["read"]).await;
        let first = reader.get(&format!("{path}?limit=2")).await;
        assert_eq!((first.status, first.body["count"].as_u64()), (200, Some(3)), "{}", first.text);
        let item = &first.body["items"][0];
        let last = server.stream_status(&flow.id).await["sequence"].as_u64();
        assert_eq!(item["class"].as_str(), Some("refused"), "{item}");
        assert!(item["sequence"].as_u64().is_some_and(|sequence| sequence > 1 && Some(sequence) <= last), "{item}");
        assert_eq!(item["eventId"].as_str().map(str::len), Some(32));
        assert!(item["profileId"].as_str().unwrap().starts_with("CRMID:c-"), "{item}");
        let next = first.body["_links"]["next"]["href"].as_str().unwrap();
        let second = reader.get(&format!("/data/foundation/flowservice{next}")).await;
        assert_eq!(second.body["items"].as_array().map(Vec::len), Some(1), "{}", second.text);
        assert_eq!(second.body["_links"], serde_json::json!({}));
    }

    #[tokio::test]
    async fn a_flow_of_files_has_none_and_an_odd_start_is_refused() {
        let server = Server::start().await;
        let (files, stream) = (server.flow("Loyal").await, server.stream_flow("Live").await);
        let path = |flow: &str| format!("/data/foundation/flowservice/flows/{flow}/letters");
        assert_eq!(server.client().get(&path(&files.id)).await.status, 409);
        assert_eq!(server.client().get(&path("none")).await.status, 404);
        let answer = server.client().get(&format!("{}?start=x.y", path(&stream.id))).await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["start".to_owned()]), "{}", answer.text);
    }
}
