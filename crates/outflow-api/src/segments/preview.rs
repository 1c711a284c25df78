//! `POST /preview`: asks what a rule that is not saved would select.

use std::sync::Arc;

use axum::Json as Answer;
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;
use outflow_model::access::AccessScope;
use outflow_model::schema::Schema;
use outflow_model::segment::{Expression, RuleFormat};
use outflow_profiles::membership::{Estimate, estimate};
use outflow_store::{Document, NewDocument};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::body::{Fields, JsonObject};
use crate::context::Api;
use crate::datasets;
use crate::error::{ApiError, ApiResult, Problem};
use crate::operation::Operation;

/// Profiles that are looked at: two parts of a snapshot, which takes a fraction of a second. With this many, a share of
/// one half is known to 0.2 per cent.
const ROWS_MAX: u64 = 262_144;
/// Profiles of a sample.
const SAMPLE_MAX: usize = 20;
/// Hours for which a question is kept.
const KEPT_HOURS: i64 = 24;
/// Old questions that are removed with each new one.
const SWEPT_AT_ONCE: u64 = 50;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_preview, _, _>(preview).needs(AccessScope::Read)
}

/// A rule that is not saved. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "PreviewRequest", example = json!({
    "predicateExpression": "person.birthYear < 2000", "predicateType": "pql/text",
    "predicateModel": "_xdm.context.profile"
}))]
struct PreviewRequest {
    /// The rule.
    #[serde(rename = "predicateExpression")]
    predicate_expression: String,
    /// `pql/text` or `sql/text`; the first without it.
    #[serde(rename = "predicateType")]
    predicate_type: Option<String>,
    /// Always `_xdm.context.profile`.
    #[serde(rename = "predicateModel")]
    predicate_model: Option<String>,
}

/// Where the result is. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Preview", example = json!({
    "previewId": "4a45e853-ac91-4bb7-a426-150937b6af5c", "previewQueryId": "4a45e853-ac91-4bb7-a426-150937b6af5c",
    "state": "RESULT_READY", "previewQueryStatus": "RESULT_READY", "previewExecutionId": 0
}))]
struct Preview {
    /// For `/preview/{id}` and `/estimate/{id}`.
    #[serde(rename = "previewId")]
    preview_id: String,
    /// The same.
    #[serde(rename = "previewQueryId")]
    preview_query_id: String,
    /// Always `RESULT_READY`.
    state: String,
    /// The same.
    #[serde(rename = "previewQueryStatus")]
    preview_query_status: String,
    /// Always 0.
    #[serde(rename = "previewExecutionId")]
    preview_execution_id: u64,
}

/// Ask what a rule selects
///
/// The rule is checked against the profiles. `/estimate/{id}` then says how many it selects, `/preview/{id}` shows some.
#[utoipa::path(
    post,
    path = "/data/core/ups/preview",
    tag = "segments",
    request_body = PreviewRequest,
    responses((status = 201, description = "The question is kept for a day.", body = Preview))
)]
async fn preview(
    State(api): State<Api>,
    caller: Caller,
    JsonObject(body): JsonObject,
) -> ApiResult<(StatusCode, Answer<Value>)> {
    let expression = read(&body)?;
    // Read before the transaction begins, in which nobody else can write.
    let schema = datasets::union_schema(&mut api.store.read().await?, &caller.sandbox).await?.unwrap_or_default();
    check(&expression, &schema)?;
    let mut tx = api.begin(&caller).await?;
    tx.forget_previews(&caller.sandbox, kept_since(&api), SWEPT_AT_ONCE).await?;
    // The seed is kept, and no profile: looking again gives the same sample.
    let body = json!({"expression": expression, "seed": format!("{:016x}", (api.random)())});
    let new = NewDocument { id: None, sandbox: &caller.sandbox, name: "", body, by: &caller.client };
    let kept = tx.insert::<outflow_store::Preview>(new).await?;
    tx.commit().await?;
    Ok((
        StatusCode::CREATED,
        Answer(json!({
            "previewId": kept.id,
            "previewQueryId": kept.id,
            "state": "RESULT_READY",
            "previewQueryStatus": "RESULT_READY",
            "previewExecutionId": 0,
        })),
    ))
}

fn read(body: &Map<String, Value>) -> ApiResult<Expression> {
    let mut fields = Fields::of(body);
    let text = fields.needed_text("predicateExpression");
    let format = match fields.text("predicateType") {
        None | Some("pql/text") => RuleFormat::Pql,
        Some("sql/text") => RuleFormat::Sql,
        Some(_) => {
            fields.problem("predicateType", "is neither pql/text nor sql/text");
            RuleFormat::Pql
        }
    };
    if fields.text("predicateModel").is_some_and(|model| model != "_xdm.context.profile") {
        fields.problem("predicateModel", "must be _xdm.context.profile");
    }
    fields.finish()?;
    Ok(Expression { format, value: text.unwrap_or("").to_owned() })
}

fn check(expression: &Expression, schema: &Schema) -> ApiResult<()> {
    let checked = expression.check(schema);
    checked.map(|_| ()).map_err(|problems| {
        let problems = problems
            .0
            .into_iter()
            .map(|problem| Problem { field: "/predicateExpression".into(), ..Problem::from(problem) });
        ApiError::invalid(problems.collect())
    })
}

/// Questions that were asked before this are forgotten.
fn kept_since(api: &Api) -> DateTime<Utc> {
    api.now() - TimeDelta::hours(KEPT_HOURS)
}

/// A question that is kept still.
///
/// # Errors
/// 404 where there is none, or was a day ago.
pub(super) async fn kept(api: &Api, sandbox: &str, id: &str) -> ApiResult<Arc<Document>> {
    let document = api.store.read().await?.get::<outflow_store::Preview>(sandbox, id).await?;
    match document.created_at < kept_since(api) {
        true => Err(ApiError::not_found("preview", id)),
        false => Ok(document),
    }
}

/// What a kept question's rule selects now.
pub(super) async fn estimated(api: &Api, sandbox: &str, document: &Document) -> ApiResult<Estimate> {
    let unreadable = || ApiError::internal("a preview cannot be read");
    let expression: Expression = serde_json::from_value(document.body.get("expression").cloned().unwrap_or_default())
        .map_err(|_| unreadable())?;
    let seed = document.body.get("seed").and_then(Value::as_str).unwrap_or("");
    let seed = u64::from_str_radix(seed, 16).map_err(|_| unreadable())?;
    let snapshot = {
        let mut reader = api.store.read().await?;
        datasets::snapshot(&mut reader, sandbox).await?
    };
    let Some(snapshot) = snapshot else {
        return Err(ApiError::conflict("there are no profiles yet").hint("Attach a dataset and wait for its refresh."));
    };
    // The fields may have changed since the question was asked.
    check(&expression, &snapshot.schema)?;
    let now = api.now();
    datasets::blocking(move || {
        let rule = expression.bind(&snapshot.schema, now).map_err(|problems| problems.fault("read the rule"))?;
        estimate(&snapshot, &rule, ROWS_MAX, seed, SAMPLE_MAX, &|| Ok(()))
    })
    .await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/preview";

    #[tokio::test]
    async fn a_rule_is_estimated_and_sampled_without_being_saved() {
        let server = Server::start().await;
        server.refreshed().await;
        let asked = server.client().post(PATH, &json!({"predicateExpression": "age >= 18"})).await;
        assert_eq!((asked.status, asked.body["state"].as_str()), (201, Some("RESULT_READY")), "{}", asked.text);
        let id = asked.body["previewId"].as_str().unwrap();
        let estimate = server.client().get(&format!("/data/core/ups/estimate/{id}")).await;
        assert_eq!((estimate.body["estimatedSize"].as_u64(), estimate.body["totalRows"].as_u64()), (Some(3), Some(4)));
        let sample = server.client().get(&format!("{PATH}/{id}")).await;
        assert_eq!(sample.body["results"].as_array().unwrap().len(), 3, "{}", sample.text);
        let segments = server.client().get("/data/core/ups/segment/definitions").await;
        assert_eq!(segments.body["page"]["totalCount"], 0);
    }

    #[tokio::test]
    async fn a_wrong_rule_is_refused_with_its_place() {
        let server = Server::start().await;
        server.refreshed().await;
        let answer = server.client().post(PATH, &json!({"predicateExpression": "agee > 1"})).await;
        assert_eq!((answer.status, answer.fields()), (400, vec!["/predicateExpression".to_owned()]));
        let answer = server.client().post(PATH, &json!({"predicateType": "xml", "predicateModel": "x"})).await;
        assert_eq!(answer.fields(), ["/predicateExpression", "/predicateType", "/predicateModel"]);
    }

    #[tokio::test]
    async fn a_question_can_be_withdrawn_and_is_forgotten_after_a_day() {
        let server = Server::start().await;
        server.refreshed().await;
        let ask = async || {
            let answer = server.client().post(PATH, &json!({"predicateExpression": "age >= 18"})).await;
            format!("{PATH}/{}", answer.body["previewId"].as_str().unwrap())
        };
        let kept = async || {
            let mut reader = server.store().read().await.unwrap();
            let all = outflow_store::ListQuery::default();
            reader.count::<outflow_store::Preview>(outflow_store::Scope::All, &all).await.unwrap().documents
        };
        let (first, second) = (ask().await, ask().await);
        assert_eq!(server.client().delete(&first).await.status, 200);
        assert_eq!(server.client().get(&first).await.status, 404);
        let day_later = [chrono::TimeDelta::hours(24) - chrono::TimeDelta::minutes(5), chrono::TimeDelta::minutes(6)];
        server.later(day_later[0]);
        assert_eq!(server.client().get(&second).await.status, 200);
        server.later(day_later[1]);
        // Tokens end after a day, too.
        let client = server.with_token(&format!("Bearer {}", server.new_token().await));
        for path in [second.clone(), second.replace("/preview/", "/estimate/")] {
            let forgotten = client.get(&path).await;
            assert_eq!(forgotten.status, 404, "{path}: {}", forgotten.text);
        }
        assert_eq!(client.delete(&second).await.status, 404);
        assert_eq!(kept().await, 1);
        let asked = client.post(PATH, &json!({"predicateExpression": "age >= 18"})).await;
        assert_eq!((asked.status, kept().await), (201, 1), "{}", asked.text);
    }
}
