//! `POST /flows/{id}/letters/redeliver`.

use axum::Json as Answer;
use axum::extract::State;
use http::StatusCode;
use outflow_runner::SubmitError;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::stream::check_stream;
use crate::auth::Caller;
use crate::body::{Fields, Json, Raw};
use crate::context::Api;
use crate::error::{ApiError, ApiResult};
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_redeliver, _, _>(redeliver)
}

/// Which messages. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "RedeliverRequest", example = json!({"eventIds": ["0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4"]}))]
struct RedeliverRequest {
    /// Ids of refused messages; all of them without it.
    #[serde(rename = "eventIds")]
    event_ids: Option<Vec<String>>,
}

/// What will be sent.
#[derive(Serialize, ToSchema)]
#[schema(title = "Redelivery", example = json!({"id": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d", "letters": 1}))]
struct Redelivery {
    /// The flow.
    id: String,
    /// Refused messages whose profiles are sent again.
    letters: u64,
}

/// Send what a flow's target refused again
///
/// Of each profile whose message was refused, its state by then, as a new message with a new sequence: what was refused is
/// out of date, and would be refused again. Goes out with the next messages of the flow.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/flows/{id}/letters/redeliver",
    tag = "flows",
    params(("id" = String, Path, description = "The flow's id.")),
    request_body(content = Option<RedeliverRequest>, example = json!({"eventIds": ["0f5c61ad7b1f4d0e9a0c3a52c1f0b9d4"]})),
    responses(
        (status = 202, description = "The profiles wait to be sent.", body = Redelivery),
        (status = 409, description = "The flow delivers files, is disabled, or has no refused messages.")
    )
)]
async fn redeliver(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Raw(body): Raw,
) -> ApiResult<(StatusCode, Answer<Redelivery>)> {
    let event_ids = read(&body)?;
    let flow = api.store.read().await?.get::<outflow_store::Flow>(&caller.sandbox, &id).await?;
    check_stream(&api, &flow)?;
    let asked = api.runner.submit_redeliver(&caller.sandbox, &id, event_ids.as_deref(), &caller.client).await;
    let asked = asked.map_err(|error| match error {
        SubmitError::Invalid { message, .. } => ApiError::bad_request(message).about("/eventIds"),
        error => ApiError::from(error),
    })?;
    Ok((StatusCode::ACCEPTED, Answer(Redelivery { id, letters: asked.letters })))
}

/// The messages that are named; none where all are meant, which is said by an empty body or by naming none.
fn read(body: &[u8]) -> ApiResult<Option<Vec<String>>> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let Json(Value::Object(members)) = Json::of(body)? else {
        return Err(ApiError::bad_request("the body must be a JSON object"));
    };
    let mut fields = Fields::of(&members);
    // A name that is spelt otherwise would send everything.
    fields.only(&["eventIds"]);
    let ids = fields.texts("eventIds").map(|ids| ids.into_iter().map(str::to_owned).collect());
    fields.finish()?;
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Server;

    #[test]
    fn nothing_means_all_and_a_misspelt_member_does_not() {
        assert_eq!(read(b" \n").unwrap(), None);
        assert_eq!(read(b"{}").unwrap(), None);
        assert_eq!(read(br#"{"eventIds": ["a"]}"#).unwrap(), Some(vec!["a".to_owned()]));
        for wrong in [&br#"{"eventId": ["a"]}"#[..], b"[]", b"{", br#"{"eventIds": [1]}"#] {
            assert!(read(wrong).is_err());
        }
    }

    #[tokio::test]
    async fn what_was_refused_is_sent_as_it_is_by_then() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        server.stream().refuse("too large");
        server.evaluated().await;
        assert_eq!(server.stream().messages().len(), 0);
        let path = format!("/data/foundation/flowservice/flows/{}/letters", flow.id);
        let letters = server.client().get(&path).await;
        let event_id = letters.body["items"][0]["eventId"].clone();
        server.stream().accept();
        let ask = async |body: &Value| server.client().post(&format!("{path}/redeliver"), body).await;
        let unknown = ask(&json!({"eventIds": ["none"]})).await;
        assert_eq!((unknown.status, unknown.fields()), (400, vec!["/eventIds".to_owned()]), "{}", unknown.text);
        let one = ask(&json!({"eventIds": [event_id]})).await;
        assert_eq!((one.status, one.body["letters"].as_u64()), (202, Some(1)), "{}", one.text);
        server.work_is_done().await;
        let sent = server.stream().messages();
        assert_eq!(sent.len(), 1, "{sent:?}");
        assert!(sent[0]["sequence"].as_u64() > Some(1), "{sent:?}");
        let rest = server.client().post_empty(&format!("{path}/redeliver")).await;
        assert_eq!((rest.status, rest.body["letters"].as_u64()), (202, Some(2)), "{}", rest.text);
        server.work_is_done().await;
        assert_eq!(server.stream().messages().len(), 3);
        assert_eq!(server.client().get(&path).await.body["count"], 0);
        assert_eq!(server.client().post_empty(&format!("{path}/redeliver")).await.status, 409);
    }

    #[tokio::test]
    async fn who_may_only_read_sends_nothing() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        let path = format!("/data/foundation/flowservice/flows/{}/letters/redeliver", flow.id);
        let reader = server.as_client("reader", &["read"]).await;
        assert_eq!(reader.post_empty(&path).await.status, 403);
    }
}
