//! `GET` and `DELETE /preview/{id}`: profiles that a rule selects.

use std::collections::BTreeMap;

use axum::Json as Answer;
use axum::extract::State;
use outflow_store::Expected;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Removed;
use super::preview::{estimated, kept};
use crate::auth::Caller;
use crate::context::Api;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_sample, _, _>(sample)
}

pub(super) fn delete_operation() -> Operation {
    Operation::new::<__path_withdraw, _, _>(withdraw)
}

/// Some profiles. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Sample", example = json!({"state": "RESULT_READY", "page": {"offset": 0, "count": 1}, "link": "/preview/4a45e853",
    "results": [{"objectId": "CRMID:c-1", "profile": {"crmId": "c-1"}}]}))]
struct Sample {
    /// Always `RESULT_READY`.
    state: String,
    /// How many there are.
    page: Value,
    /// Where this is.
    link: String,
    /// The profiles.
    results: Vec<SampledProfile>,
}

/// A profile of a sample. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "SampledProfile")]
struct SampledProfile {
    /// The profile's first identity.
    #[serde(rename = "objectId")]
    object_id: String,
    /// Its fields; those without a value are left out.
    profile: BTreeMap<String, Value>,
}

/// Look at profiles that a rule selects
#[utoipa::path(
    get,
    path = "/data/core/ups/preview/{id}",
    tag = "segments",
    params(("id" = String, Path, description = "The preview's id.")),
    responses((status = 200, description = "At most twenty profiles.", body = Sample))
)]
async fn sample(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = kept(&api, &caller.sandbox, &id).await?;
    let estimate = estimated(&api, &caller.sandbox, &document).await?;
    let results: Vec<Value> = estimate
        .sample
        .into_iter()
        .enumerate()
        .map(|(number, profile)| {
            let id = first_identity(&profile).unwrap_or_else(|| number.to_string());
            json!({"objectId": id, "profile": profile})
        })
        .collect();
    Ok(Answer(json!({
        "state": "RESULT_READY",
        "page": {"offset": 0, "count": results.len()},
        "link": format!("/preview/{id}"),
        "results": results,
    })))
}

fn first_identity(profile: &Value) -> Option<String> {
    let (namespace, ids) = profile.get("identityMap")?.as_object()?.iter().next()?;
    Some(format!("{namespace}:{}", ids.get(0)?.get("id")?.as_str()?))
}

/// Withdraw a question about a rule
#[utoipa::path(
    delete,
    path = "/data/core/ups/preview/{id}",
    tag = "segments",
    params(("id" = String, Path, description = "The preview's id.")),
    responses((status = 200, description = "It is gone.", body = Removed))
)]
async fn withdraw(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Removed>> {
    kept(&api, &caller.sandbox, &id).await?;
    let mut tx = api.begin(&caller).await?;
    tx.delete::<outflow_store::Preview>(&caller.sandbox, &id, Expected::Any).await?;
    tx.commit().await?;
    Ok(Answer(Removed { status: true, message: "Preview removed" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_named_by_its_first_identity() {
        let profile = json!({"identityMap": {"CRMID": [{"id": "c-1"}], "Email": [{"id": "a@example.org"}]}});
        assert_eq!(first_identity(&profile).as_deref(), Some("CRMID:c-1"));
        assert_eq!(first_identity(&json!({"identityMap": {}})), None);
    }
}
