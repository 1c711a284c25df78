//! `POST /flows/withheldPreview`.

use axum::Json as Answer;
use axum::extract::State;
use outflow_governance::consent::ConsentRule;
use outflow_model::access::AccessScope;
use outflow_model::{Fault, FaultClass};
use outflow_profiles::membership::{WithheldPreview as Counts, WithheldShare};
use serde::Serialize;
use utoipa::ToSchema;

use super::Flow;
use super::assumed::Taken;
use super::policy_check::examine;
use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::datasets::{blocking, turn};
use crate::error::{ApiError, ApiResult};
use crate::operation::Operation;
use crate::page::Parameters;

/// Segments of one request. Each may take seconds.
const SEGMENTS_MAX: usize = 10;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_preview, _, _>(preview).needs(AccessScope::Read)
}

/// Who would be withheld from a flow.
#[derive(Serialize, ToSchema)]
#[schema(title = "WithheldPreview", example = json!({
    "segments": [{
        "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "evaluated": true, "members": 1_000, "read": 1_000,
        "suppressed": {"profiles": 3, "low": 3, "high": 3},
        "consent": [{"id": "0c2f58b5-4a1c-4c6f-9d5e-0f8f8f0f7a11", "name": "E-mail only with consent", "profiles": 120, "low": 120, "high": 120}],
        "all": {"profiles": 122, "low": 122, "high": 122}
    }],
    "segmentsLeftOut": 0
}))]
struct WithheldPreview {
    /// The flow's segments, or those of them that were asked for, 10 at most.
    segments: Vec<SegmentPreview>,
    /// How many of the flow's segments were not looked at.
    #[serde(rename = "segmentsLeftOut")]
    segments_left_out: usize,
}

/// Who would be withheld of a segment.
#[derive(Serialize, ToSchema)]
#[schema(title = "SegmentPreview")]
struct SegmentPreview {
    /// The segment.
    #[serde(rename = "segmentId")]
    segment_id: String,
    /// Whether it was evaluated. Of one that was not nobody knows the members, and the counts are 0.
    evaluated: bool,
    /// Members in its latest evaluation.
    members: u64,
    /// Members that were looked at. Where they are fewer, the counts are estimates.
    read: u64,
    /// Members on the suppression list.
    suppressed: Withheld,
    /// Members that a consent policy withholds, policy by policy. Somebody may be withheld by several.
    consent: Vec<WithheldByPolicy>,
    /// Members that would be withheld for any reason.
    all: Withheld,
}

/// How many members are withheld.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
#[schema(title = "WithheldCount", example = json!({"profiles": 120, "low": 118, "high": 123}))]
struct Withheld {
    /// Members.
    profiles: u64,
    /// They are at least this, with 95 % confidence; the number itself where all were looked at.
    low: u64,
    /// They are at most this, with 95 % confidence; the number itself where all were looked at.
    high: u64,
}

/// How many members a consent policy withholds.
#[derive(Serialize, ToSchema)]
#[schema(title = "WithheldByPolicy", example = json!({
    "id": "0c2f58b5-4a1c-4c6f-9d5e-0f8f8f0f7a11", "name": "E-mail only with consent", "profiles": 120, "low": 118, "high": 123
}))]
struct WithheldByPolicy {
    /// The policy's id.
    id: String,
    /// Its name.
    name: String,
    #[serde(flatten)]
    withheld: Withheld,
}

/// Count who would be withheld from a flow
///
/// Saves nothing. The body is a flow as it would be created, or one as it is shown. Of each of its segments it is counted
/// how many members of the latest evaluation consent policies and the suppression list would keep out of an export.
#[utoipa::path(
    post,
    path = "/data/foundation/flowservice/flows/withheldPreview",
    tag = "flows",
    params(("segmentId" = Option<Vec<String>>, Query, description = "Those of the flow's segments to look at, 10 at most; the first 10 without it.")),
    request_body = Flow,
    responses(
        (status = 200, description = "Who would be withheld.", body = WithheldPreview),
        (status = 409, description = "None of the segments was evaluated yet."),
        (status = 503, description = "It could not be counted in time.")
    )
)]
async fn preview(
    State(api): State<Api>,
    caller: Caller,
    parameters: Parameters,
    JsonObject(body): JsonObject,
) -> ApiResult<Answer<WithheldPreview>> {
    let examined = examine(&api, &caller, body, &Taken::default()).await?;
    let all = examined.flow.segments;
    let chosen = chosen(&parameters, &all)?;
    let segments_left_out = all.len().saturating_sub(chosen.len());
    let (ground, facts) = (examined.ground, examined.facts);
    let rules = blocking(move || {
        let asked = |segment: String| {
            let rules = ground.consent(&facts, &segment);
            (segment, rules)
        };
        Ok(chosen.into_iter().map(asked).collect::<Vec<_>>())
    });
    let rules = rules.await?;
    let _turn = turn(&api).await?;
    let looks = async {
        let mut segments = Vec::with_capacity(rules.len());
        for (segment, rules) in rules {
            let counts = api.runner.would_withhold(&caller.sandbox, &segment, &rules).await?;
            segments.push(SegmentPreview::of(segment, &rules, counts));
        }
        Ok::<_, Fault>(segments)
    };
    let wait = api.probe_timeout();
    let segments = tokio::time::timeout(wait, looks).await.unwrap_or_else(|_| {
        let text = format!("the profiles could not be looked at within {} seconds", wait.as_secs());
        Err(Fault::new(FaultClass::Unavailable, text).hint("ask for fewer segments at a time, by `segmentId`"))
    })?;
    if !segments.is_empty() && segments.iter().all(|segment| !segment.evaluated) {
        return Err(ApiError::conflict("none of the segments was evaluated yet")
            .hint("Evaluate them: POST /data/core/ups/segment/jobs."));
    }
    Ok(Answer(WithheldPreview { segments, segments_left_out }))
}

/// The segments to look at.
///
/// # Errors
/// 400 for one that the flow does not activate, and for too many.
fn chosen(parameters: &Parameters, all: &[String]) -> ApiResult<Vec<String>> {
    let asked: Vec<&str> = parameters.all("segmentId").collect();
    if asked.is_empty() {
        return Ok(all.iter().take(SEGMENTS_MAX).cloned().collect());
    }
    if asked.len() > SEGMENTS_MAX {
        return Err(crate::page::invalid("segmentId", &format!("names more than {SEGMENTS_MAX} segments")));
    }
    if asked.iter().any(|id| !all.iter().any(|of| of == id)) {
        return Err(crate::page::invalid("segmentId", "names a segment that the flow does not activate"));
    }
    Ok(all.iter().filter(|id| asked.contains(&id.as_str())).cloned().collect())
}

impl SegmentPreview {
    fn of(segment_id: String, rules: &[ConsentRule], counts: Option<Counts>) -> SegmentPreview {
        let Some(counts) = counts else {
            let none = Withheld::default();
            return SegmentPreview {
                segment_id,
                evaluated: false,
                members: 0,
                read: 0,
                suppressed: none,
                consent: Vec::new(),
                all: none,
            };
        };
        // The suppression list comes first, where anybody is on it.
        let by_policies = counts.each.len().saturating_sub(rules.len());
        let (suppressed, by_policies) = counts.each.split_at(by_policies);
        let consent = rules.iter().zip(by_policies).map(|(rule, share)| WithheldByPolicy {
            id: rule.policy_id.clone(),
            name: rule.policy_name.clone(),
            withheld: Withheld::of(*share),
        });
        SegmentPreview {
            segment_id,
            evaluated: true,
            members: counts.members,
            read: counts.read,
            suppressed: suppressed.first().copied().map(Withheld::of).unwrap_or_default(),
            consent: consent.collect(),
            all: Withheld::of(counts.all),
        }
    }
}

impl Withheld {
    fn of(share: WithheldShare) -> Withheld {
        Withheld { profiles: share.profiles, low: share.low, high: share.high }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::Server;
    use crate::testing::governance::EMAIL_TARGETING;

    const PATH: &str = "/data/foundation/flowservice/flows/withheldPreview";

    #[tokio::test]
    async fn a_marketer_sees_who_would_be_withheld_before_anything_is_saved() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        let body = server.flow_body(&flow, "Second");
        let reader = server.as_client("reader", &["read"]).await;
        let early = reader.post(PATH, &body).await;
        assert_eq!((early.status, early.body["violations"].is_null()), (409, true), "{}", early.text);
        server.evaluated().await;
        let nobody = reader.post(PATH, &body).await;
        let segment = &nobody.body["segments"][0];
        let all = segment["members"].as_u64().unwrap();
        assert!(all > 0 && segment["consent"] == json!([]), "{}", nobody.text);
        assert_eq!((&segment["all"]["profiles"], &segment["suppressed"]["profiles"]), (&json!(0), &json!(0)));
        let consent = json!({
            "name": "Nobody agrees", "status": "ENABLED", "if": {"marketingActionRef": EMAIL_TARGETING},
            "then": {"path": "email", "values": ["nobody@example.org"]},
        });
        server.put_document::<outflow_store::ConsentPolicy>("c-1", consent).await;
        let identities = json!({"identities": [{"namespace": "CRMID", "id": "c-2"}], "reason": "asked"});
        let put = server.client().post("/data/core/ups/suppressions", &identities).await;
        assert!(put.status < 300, "{}", put.text);
        let told = reader.post(&format!("{PATH}?segmentId={}", flow.segment), &body).await;
        let segment = &told.body["segments"][0];
        assert_eq!(
            (&segment["segmentId"], &segment["evaluated"]),
            (&json!(flow.segment), &json!(true)),
            "{}",
            told.text
        );
        assert_eq!((&segment["consent"][0]["id"], &segment["consent"][0]["profiles"]), (&json!("c-1"), &json!(all)));
        assert_eq!((&segment["suppressed"]["profiles"], &segment["all"]["profiles"]), (&json!(1), &json!(all)));
        assert_eq!(reader.post(&format!("{PATH}?segmentId=none"), &body).await.fields(), ["segmentId"]);
    }
}
