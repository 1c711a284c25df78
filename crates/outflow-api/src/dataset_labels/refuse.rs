//! `POST /datasets/{id}/labels/suggestions/refuse`.

use axum::Json as Answer;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::decisions::{Decision, NamedSuggestions, check, decide, read};
use crate::auth::Caller;
use crate::body::Json;
use crate::context::Api;
use crate::datasets::known_schema;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_refuse, _, _>(refuse)
}

/// What refusing answers.
#[derive(Serialize, ToSchema)]
#[schema(title = "RefusedSuggestions", example = json!({"refused": 1}))]
struct RefusedSuggestions {
    /// How many of those named are refused now.
    refused: u64,
}

/// Refuse suggested labels
///
/// They are not suggested again for these fields. Accepting one takes the refusal back.
#[utoipa::path(
    post,
    path = "/data/foundation/dataset/datasets/{id}/labels/suggestions/refuse",
    tag = "dataset labels",
    params(("id" = String, Path, description = "The dataset's id.")),
    request_body = NamedSuggestions,
    responses(
        (status = 200, description = "They are refused.", body = RefusedSuggestions),
        (status = 409, description = "The dataset's fields are not known yet, or too many decisions are kept.")
    )
)]
async fn refuse(
    State(api): State<Api>,
    caller: Caller,
    Id(id): Id,
    Json(body): Json,
) -> ApiResult<Answer<RefusedSuggestions>> {
    let named = read(&body)?;
    let (_, schema) = known_schema(&api, &caller.sandbox, &id).await?;
    check(&named, &schema)?;
    let mut tx = api.begin(&caller).await?;
    // Two at a time would both find that nothing was decided yet.
    tx.lock_governance(&caller.sandbox).await?;
    let dataset = tx.get::<outflow_store::Dataset>(&caller.sandbox, &id).await?;
    decide(&mut tx, &caller, &dataset, &named, Decision::Refused).await?;
    tx.commit().await?;
    Ok(Answer(RefusedSuggestions { refused: named.len() as u64 }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    #[tokio::test]
    async fn a_refused_suggestion_is_not_made_again_until_it_is_accepted() {
        let server = Server::start().await;
        let client = server.client();
        let dataset = server.refreshed().await;
        let base = format!("/data/foundation/dataset/datasets/{dataset}/labels");
        let named = json!({"suggestions": [{"schemaPath": "/properties/email", "label": "I1"}]});
        for _ in 0..2 {
            let refused = client.post(&format!("{base}/suggestions/refuse"), &named).await;
            assert_eq!((refused.status, &refused.body), (200, &json!({"refused": 1})), "{}", refused.text);
        }
        let is_suggested = async || client.get(&format!("{base}/suggestions")).await.text.contains("/properties/email");
        assert!(!is_suggested().await);
        assert_eq!(client.get(&base).await.status, 404, "nothing is labelled");
        assert_eq!(client.post(&format!("{base}/suggestions/accept"), &named).await.status, 200);
        assert_eq!(client.put(&base, Some("*"), &json!({})).await.status, 200);
        assert!(is_suggested().await, "it was accepted after it was refused");
    }
}
