//! The guardrail of the hour: how many segments of the sandbox are exported in the same one.

use std::sync::Arc;

use chrono::{SecondsFormat, TimeDelta};
use outflow_model::flow::Activation;
use outflow_model::schedule::{Schedule, TriggerType, busiest_hour};
use outflow_store::{Equals, Flow, Scope};

use crate::context::Api;
use crate::error::{ApiResult, Problem};

/// Where a flow's segments stand in its body.
const SEGMENTS: &str = "/transformations/0/params/segmentSelectors/selectors";

/// The warnings about hours in which a saved flow's segments are exported together with too many others. A flow that is
/// saved is saved: that others cannot be read is for the log.
pub(super) async fn warnings(api: &Api, sandbox: &str, flow: &str) -> Vec<Problem> {
    found(api, sandbox, flow).await.unwrap_or_else(|error| {
        tracing::warn!(cause = error.log_text().unwrap_or(""), "the sandbox's schedules could not be counted");
        Vec::new()
    })
}

async fn found(api: &Api, sandbox: &str, flow: &str) -> ApiResult<Vec<Problem>> {
    let guardrails = &api.settings.guardrails;
    let mut reader = api.store.read().await?;
    // Where all of them together are few enough, so are those of an hour.
    let most = usize::try_from(reader.activated_segments(sandbox).await?).unwrap_or(usize::MAX);
    if guardrails.check_hour(SEGMENTS, most, "").is_none() {
        return Ok(Vec::new());
    }
    let enabled = vec![Equals { column: "state", any_of: vec!["enabled".to_owned()] }];
    let flows = reader.all::<Flow>(Scope::Sandbox(sandbox), enabled).await?;
    drop(reader);
    let activations: Vec<(bool, Arc<Activation>)> =
        flows.iter().filter_map(|document| Some((document.id == flow, api.runner.activation(document)?))).collect();
    let all = || activations.iter().flat_map(|(_, activation)| schedules(activation));
    let own = || activations.iter().filter(|(is_own, _)| *is_own).flat_map(|(_, activation)| schedules(activation));
    let now = api.now();
    let hour = busiest_hour(own(), all(), now).and_then(|hour| {
        let from = hour.from.to_rfc3339_opts(SecondsFormat::Secs, true);
        guardrails.check_hour(SEGMENTS, hour.count, &format!("within the hour from {from}"))
    });
    let follows =
        |schedule: &&Schedule| schedule.trigger_type == TriggerType::AfterSegmentEval && !schedule.is_over(now);
    let after = own().any(|schedule| follows(&schedule)).then(|| all().filter(follows).count());
    let after = after.and_then(|count| guardrails.check_hour(SEGMENTS, count, "after one evaluation"));
    Ok(hour.into_iter().chain(after).map(Problem::from).collect())
}

fn schedules(activation: &Activation) -> impl Iterator<Item = &Schedule> {
    activation.segments.iter().filter_map(|segment| segment.export.as_ref()).map(|export| &export.schedule)
}

/// The warning about runs that were asked for, where they are too many with those of the hour before them.
pub(crate) async fn warnings_of_runs(api: &Api, sandbox: &str) -> Vec<Problem> {
    let counted = async {
        let from = api.now() - TimeDelta::hours(1);
        ApiResult::Ok(api.store.read().await?.runs_made_since(sandbox, from).await?)
    };
    match counted.await {
        Ok(runs) => {
            let runs = usize::try_from(runs).unwrap_or(usize::MAX);
            let warning = api.settings.guardrails.check_hour("", runs, "within the last hour");
            warning.into_iter().map(Problem::from).collect()
        }
        // The runs are there, and a client that is told otherwise asks for them again.
        Err(error) => {
            tracing::warn!(cause = error.log_text().unwrap_or(""), "the hour's runs could not be counted");
            Vec::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use serde_json::{Value, json};

    use crate::testing::Server;

    const FLOWS: &str = "/data/foundation/flowservice/flows";

    /// A server that recommends two segments an hour.
    async fn strict() -> Server {
        Server::start_with(|settings| settings.guardrails.segments_per_hour = 2).await
    }

    fn warnings(answer: &crate::testing::Answer) -> Vec<String> {
        let warnings = answer.body["warnings"].as_array().cloned().unwrap_or_default();
        let messages = warnings.iter().map(|warning| warning["message"].as_str().unwrap().to_owned());
        messages.filter(|message| message.contains("segments exported")).collect()
    }

    fn at(body: &mut Value, schedule: Value) {
        body["transformations"][0]["params"]["segmentSelectors"]["selectors"][0]["value"]["schedule"] = schedule;
    }

    #[tokio::test]
    async fn a_full_hour_is_told_to_who_adds_to_it_and_to_nobody_else() {
        let server = strict().await;
        let first = server.flow("First").await;
        // The first flow's own hour is another one.
        let hour = (server.now() + TimeDelta::hours(4)).format("%H").to_string();
        let daily = |minute: &str| {
            let time = format!("{hour}:{minute}");
            json!({"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-05", "startTime": time})
        };
        let mut body = server.flow_body(&first, "Other");
        at(&mut body, daily("10"));
        let other = server.client().post(FLOWS, &body).await;
        assert_eq!(warnings(&other), Vec::<String>::new(), "{}", other.text);
        let mut answers = Vec::new();
        for name in ["Second", "Third"] {
            let mut body = server.flow_body(&first, name);
            at(&mut body, daily("50"));
            answers.push(server.client().post(FLOWS, &body).await);
        }
        assert_eq!(warnings(&answers[0]), Vec::<String>::new(), "{}", answers[0].text);
        let told = warnings(&answers[1]);
        assert_eq!(told.len(), 1, "{}", answers[1].text);
        assert!(told[0].starts_with("3 segments exported within the hour from "), "{told:?}");
        assert!(told[0].contains(&format!("T{hour}:00:00Z")), "{told:?}");
        let path = format!("{FLOWS}/{}", answers[0].id());
        let time = "/transformations/0/params/segmentSelectors/selectors/0/value/schedule/startTime";
        let later = |minute: &str| json!([{"op": "replace", "path": time, "value": format!("{hour}:{minute}")}]);
        let changed = server.client().patch(&path, Some("*"), &later("51")).await;
        assert_eq!(warnings(&changed).len(), 1, "{}", changed.text);
        // A change that moves no export is told nothing of others.
        let patch = json!([{"op": "add", "path": "/description", "value": "x"}]);
        let changed = server.client().patch(&path, Some("*"), &patch).await;
        assert_eq!((changed.status, warnings(&changed)), (200, Vec::new()), "{}", changed.text);
        // One that is disabled exports nothing.
        let disabled = format!("{FLOWS}/{}/action?op=disable", other.id());
        assert_eq!(server.client().post_empty(&disabled).await.status, 200);
        let changed = server.client().patch(&path, Some("*"), &later("52")).await;
        assert_eq!((changed.status, warnings(&changed)), (200, Vec::new()), "{}", changed.text);
    }

    #[tokio::test]
    async fn what_follows_one_evaluation_counts_together() {
        let server = strict().await;
        let first = server.flow("First").await;
        let after = json!({"frequency": "DAILY", "triggerType": "AFTER_SEGMENT_EVAL", "startDate": "2026-01-05"});
        let mut told = Vec::new();
        for name in ["Second", "Third", "Fourth"] {
            let mut body = server.flow_body(&first, name);
            at(&mut body, after.clone());
            told = warnings(&server.client().post(FLOWS, &body).await);
        }
        assert_eq!(told, ["3 segments exported after one evaluation are more than the recommended 2"]);
    }

    #[tokio::test]
    async fn runs_that_are_asked_for_count_with_those_of_the_hour() {
        let server = strict().await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        let mut told = Vec::new();
        for _ in 0..3 {
            let answer = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": flow.id})).await;
            assert_eq!(answer.status, 201, "{}", answer.text);
            told.push(warnings(&answer));
            server.work_is_done().await;
        }
        let expected = "3 segments exported within the last hour are more than the recommended 2";
        assert_eq!(told, [vec![], vec![], vec![expected.to_owned()]]);
        let adhoc = json!({"activationInfo": {flow.id.clone(): [flow.segment]}});
        let adhoc = server.client().post("/data/core/activation/disflowprovider/adhocrun", &adhoc).await;
        assert_eq!(warnings(&adhoc), [expected.replace('3', "4")], "{}", adhoc.text);
        server.work_is_done().await;
        server.later(TimeDelta::hours(2));
        let later = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": flow.id})).await;
        assert_eq!(warnings(&later), Vec::<String>::new(), "{}", later.text);
    }
}
