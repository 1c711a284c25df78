//! `POST /data/core/ups/whereabouts`.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json as Answer;
use axum::extract::State;
use outflow_model::json::Node;
use outflow_model::problem::Findings;
use outflow_profiles::snapshot::hash_of;
use outflow_runner::departures::whereabouts;
use outflow_store::{AuditRecord, Departure, Document, Flow, Reader, TargetConnection};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::body::JsonObject;
use crate::context::Api;
use crate::datasets::{blocking, snapshot};
use crate::document::millis;
use crate::error::{ApiError, ApiResult, Problem};
use crate::identity::Identity;
use crate::operation::Operation;
use crate::page::invalid;

/// Departures of a page: as many as are asked for, or this many.
const LIMIT_MAX: i64 = 1_000;

/// Profiles that one identity leads to whose departures are sought. Each costs small reads of every file of departures.
const PROFILES_SOUGHT_MAX: usize = 20;
/// Profiles of one identity that are named.
const PROFILES_MAX: usize = 1_000;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_find, _, _>(find)
}

/// Who is asked for. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "WhereaboutsRequest", example = json!({"namespace": "Email", "id": "ada@example.org"}))]
struct WhereaboutsRequest {
    /// The namespace of the identity, as datasets name it.
    namespace: String,
    /// The identity's value, exactly as datasets hold it.
    id: String,
    /// Departures of a page, 1 to 1,000, as without it. A page may have some more, or fewer.
    limit: Option<u32>,
    /// Where the page begins: the `next` of the page before.
    start: Option<String>,
}

/// Files and messages that a profile was in. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Whereabouts", example = json!({
    "profileIds": ["CRMID:4711"], "profilesTotal": 1,
    "departures": [{
        "leftAt": 1_795_651_200_000_i64, "flowId": "3d17a4ff-9e0a-4f7c-94bb-bc0b61a3a76d",
        "flowName": "Loyal customers to the agency", "runId": "7af3ba45-4952-4371-8361-1b30134be7eb",
        "segmentId": "54669488-03ab-4e0d-a694-37fe49e32be8", "file": "loyal.csv", "url": "s3://exports/loyal.csv",
        "sequence": null, "target": {"id": "94c6fb2e-9431-42fd-aeee-c83e67c43578", "name": "Exports of loyal customers", "url": "s3://exports"},
        "targetIsOfNow": false,
        "marketingActions": ["/dulepolicy/marketingActions/core/emailTargeting"], "decision": 7, "confirmed": true
    }],
    "unreadable": [], "completeSince": 1_761_091_200_000_i64, "next": null
}))]
struct WhereaboutsAnswer {
    /// The profiles that have the identity now, by their primary ones: 1,000 at most. A profile that is not there any more
    /// is found by its primary identity alone.
    #[serde(rename = "profileIds")]
    profile_ids: Vec<String>,
    /// How many profiles have the identity; 1,000 where they are more. `departures` are those of the first 20: what left of
    /// another one is found by its primary identity.
    #[serde(rename = "profilesTotal")]
    profiles_total: u64,
    /// The files and messages, the newest first.
    departures: Vec<ShownDeparture>,
    /// Files and messages of which it cannot be told, because what says so is not on this server's disk or is damaged.
    unreadable: Vec<ShownDeparture>,
    /// Since when every departure is known, in milliseconds since 1970; null where there never was one.
    #[serde(rename = "completeSince")]
    complete_since: Option<i64>,
    /// The `start` of the next page; null on the last one.
    next: Option<String>,
}

/// A file or messages that a profile was in. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "Departure")]
struct ShownDeparture {
    /// When it had left, in milliseconds since 1970.
    #[serde(rename = "leftAt")]
    left_at: i64,
    /// The flow, which may be gone.
    #[serde(rename = "flowId")]
    flow_id: String,
    /// The flow's name when it left.
    #[serde(rename = "flowName")]
    flow_name: Option<String>,
    /// The run, or the window of a flow to a stream.
    #[serde(rename = "runId")]
    run_id: String,
    /// The segment that was exported; null for messages.
    #[serde(rename = "segmentId")]
    segment_id: Option<String>,
    /// The file's name; null for messages.
    file: Option<String>,
    /// Where the file was delivered, as long as the run is known.
    url: Option<String>,
    /// The messages' number; null for files.
    sequence: Option<i64>,
    /// The target, as it was when it was decided that the data may leave.
    target: Option<DepartureTarget>,
    /// Whether `target` is the flow's of now: releases before this one did not keep what it was.
    #[serde(rename = "targetIsOfNow")]
    target_is_of_now: bool,
    /// What it was for.
    #[serde(rename = "marketingActions")]
    marketing_actions: Option<Vec<String>>,
    /// The number of the audit record that says that it might leave.
    decision: Option<i64>,
    /// Whether it is certain that it left; it may have where it is not, as whoever sent it was cut short.
    confirmed: bool,
}

/// The target of a departure. Documentation only.
#[derive(Serialize, ToSchema)]
#[schema(title = "DepartureTarget")]
struct DepartureTarget {
    /// The target's id.
    id: String,
    /// Its name.
    name: Option<String>,
    /// Where it is.
    url: Option<String>,
}

/// Find where a person's data went
///
/// The files and messages that a profile was in, found by any of its identities. Messages count once all of their
/// derivation are acknowledged, files from the moment at which they may be published. A body, and no address, names the person, so that what
/// identifies them is in no log.
#[utoipa::path(
    post,
    path = "/data/core/ups/whereabouts",
    tag = "whereabouts",
    request_body = WhereaboutsRequest,
    responses((status = 200, description = "What left of them.", body = WhereaboutsAnswer))
)]
async fn find(State(api): State<Api>, caller: Caller, JsonObject(body): JsonObject) -> ApiResult<Answer<Value>> {
    let asked = Asked::read(&Value::Object(body))?;
    let sandbox = caller.sandbox.as_str();
    let profile_ids = profile_ids(&api, sandbox, &asked.identity).await?;
    let mut hashes: BTreeSet<i64> = profile_ids.iter().take(PROFILES_SOUGHT_MAX).map(|id| hash_of(id)).collect();
    // Who was called so once may not be there any more, or under another name.
    hashes.insert(hash_of(&asked.identity.text()));
    let hashes: Vec<i64> = hashes.into_iter().collect();
    let found = whereabouts(&api.store, sandbox, &hashes, asked.start.as_deref(), asked.limit).await;
    let found = found.map_err(|fault| match fault.class {
        outflow_model::FaultClass::Input if asked.start.is_some() => invalid("/start", "is not one of this list"),
        _ => ApiError::from(fault),
    })?;
    let mut reader = api.store.read().await?;
    let known = Known::of(&mut reader, sandbox, found.departures.iter().chain(&found.unreadable)).await?;
    let shown = |rows: &[Departure]| rows.iter().map(|row| known.show(row)).collect::<Vec<_>>();
    Ok(Answer(json!({
        "profileIds": profile_ids,
        "profilesTotal": profile_ids.len(),
        "departures": shown(&found.departures),
        "unreadable": shown(&found.unreadable),
        "completeSince": found.complete_since.map(millis),
        "next": found.next,
    })))
}

/// What a request asks for.
struct Asked {
    identity: Identity,
    limit: usize,
    start: Option<String>,
}

impl Asked {
    fn read(body: &Value) -> ApiResult<Asked> {
        let root = Node::at(body, "");
        let mut findings = Findings::default();
        let identity = Identity::read(&root, &mut findings);
        let limit = root.member("limit").map_or(Some(LIMIT_MAX), |member| {
            let limit = member.integer(&mut findings)?;
            if limit < 1 {
                findings.add(&member.pointer, "must be at least 1");
            }
            Some(limit.min(LIMIT_MAX))
        });
        let start = root.member("start").and_then(|member| member.text(&mut findings).map(str::to_owned));
        let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(1);
        let asked = identity.map(|identity| Asked { identity, limit, start });
        let refused = |problems: outflow_model::problem::Problems| {
            ApiError::invalid(problems.0.into_iter().map(Problem::from).collect())
        };
        findings.into_result(asked).map(|(asked, _)| asked).map_err(refused)
    }
}

/// The profiles that have an identity now.
async fn profile_ids(api: &Api, sandbox: &str, identity: &Identity) -> ApiResult<Vec<String>> {
    let snapshot = {
        let mut reader = api.store.read().await?;
        snapshot(&mut reader, sandbox).await?
    };
    let Some(snapshot) = snapshot else { return Ok(Vec::new()) };
    let identity = identity.clone();
    let found =
        blocking(move || snapshot.find_by_identity(&identity.namespace, &identity.value, PROFILES_MAX, &|| Ok(())));
    Ok(found.await?.into_iter().map(|found| found.profile_id).collect())
}

/// What else is known of departures.
struct Known {
    decisions: BTreeMap<i64, AuditRecord>,
    /// URLs by run and file.
    urls: BTreeMap<(String, String), String>,
    /// Targets of now by flow.
    targets: BTreeMap<String, Value>,
}

impl Known {
    async fn of(
        reader: &mut Reader,
        sandbox: &str,
        rows: impl Iterator<Item = &Departure> + Clone,
    ) -> ApiResult<Known> {
        let seqs: BTreeSet<i64> = rows.clone().map(|row| row.decision).filter(|seq| *seq > 0).collect();
        let seqs: Vec<i64> = seqs.into_iter().collect();
        let decisions = reader.audit_records(sandbox, &seqs).await?;
        let decisions: BTreeMap<i64, AuditRecord> = decisions.into_iter().map(|record| (record.seq, record)).collect();
        let files: Vec<(String, String)> =
            rows.clone().filter_map(|row| Some((row.run_id.clone(), row.file_name.clone()?))).collect();
        let urls = reader.run_file_urls(&files).await?.into_iter();
        let urls = urls.map(|(run, file, url)| ((run, file), url)).collect();
        let old = rows.filter(|row| decisions.get(&row.decision).and_then(target_of).is_none());
        let flows: BTreeSet<String> = old.map(|row| row.flow_id.clone()).collect();
        let targets = targets_of_now(reader, sandbox, &flows.into_iter().collect::<Vec<_>>()).await?;
        Ok(Known { decisions, urls, targets })
    }

    fn show(&self, row: &Departure) -> Value {
        let decision = self.decisions.get(&row.decision);
        let url = row.file_name.as_ref().and_then(|file| self.urls.get(&(row.run_id.clone(), file.clone())));
        let actions = decision.and_then(|decision| decision.detail.as_ref()?.get("marketingActions"));
        let of_then = decision.and_then(target_of);
        json!({
            "leftAt": millis(row.left_at),
            "flowId": row.flow_id,
            "flowName": decision.map(|decision| &decision.object_name),
            "runId": row.run_id,
            "segmentId": row.segment_id,
            "file": row.file_name,
            "url": url,
            "sequence": row.sequence,
            "target": of_then.or_else(|| self.targets.get(&row.flow_id)),
            "targetIsOfNow": of_then.is_none() && self.targets.contains_key(&row.flow_id),
            "marketingActions": actions,
            "decision": decision.map(|decision| decision.seq),
            "confirmed": row.confirmed,
        })
    }
}

/// The target that a decision names.
fn target_of(decision: &AuditRecord) -> Option<&Value> {
    decision.detail.as_ref()?.get("target").filter(|target| target.is_object())
}

/// The targets of flows as they are now, by flow.
async fn targets_of_now(reader: &mut Reader, sandbox: &str, flows: &[String]) -> ApiResult<BTreeMap<String, Value>> {
    let flows = reader.get_many::<Flow>(sandbox, flows).await?;
    let target_id = |flow: &Document| Some(flow.body.pointer("/targetConnectionIds/0")?.as_str()?.to_owned());
    let by_flow: Vec<(&str, String)> =
        flows.iter().filter_map(|flow| Some((flow.id.as_str(), target_id(flow)?))).collect();
    let ids: BTreeSet<String> = by_flow.iter().map(|(_, target)| target.clone()).collect();
    let targets = reader.get_many::<TargetConnection>(sandbox, &ids.into_iter().collect::<Vec<_>>()).await?;
    let target = |id: &str| {
        let target = targets.iter().find(|target| target.id == id)?;
        Some(json!({"id": target.id, "name": target.name, "url": null}))
    };
    Ok(by_flow.into_iter().filter_map(|(flow, id)| Some((flow.to_owned(), target(&id)?))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Server;

    const PATH: &str = "/data/core/ups/whereabouts";
    const FLOWS: &str = "/data/foundation/flowservice/flows";

    #[tokio::test]
    async fn a_person_is_found_in_the_files_they_were_in() {
        let server = Server::start().await;
        let dataset = server.refreshed().await;
        let declare = json!([{"op": "add", "path": "/identities/-", "value": {"path": "email", "namespace": "Email"}}]);
        let path = format!("/data/foundation/datasets/{dataset}");
        assert_eq!(server.client().patch(&path, Some("*"), &declare).await.status, 200);
        let run = server.run_of("Loyal").await;
        server.work_is_done().await;
        let by = async |namespace: &str, id: &str| {
            let found = server.client().post(PATH, &json!({"namespace": namespace, "id": id})).await;
            assert_eq!(found.status, 200, "{}", found.text);
            found.body
        };
        let found = by("Email", "bea@example.org").await;
        assert_eq!(found["profileIds"], json!(["CRMID:c-2"]), "{found}");
        let departure = &found["departures"][0];
        assert_eq!((&departure["runId"], &departure["flowName"]), (&json!(run), &json!("Loyal")), "{found}");
        let files = server.client().get(&format!("/data/foundation/flowservice/runs/{run}/files")).await;
        let file = &files.body["items"][0];
        assert_eq!((&departure["file"], &departure["url"]), (&file["name"], &file["url"]), "{found}");
        assert_eq!(
            (&departure["target"]["name"], &departure["targetIsOfNow"]),
            (&json!("Loyal"), &json!(false)),
            "{found}"
        );
        assert!(
            departure["url"].as_str().unwrap().starts_with(departure["target"]["url"].as_str().unwrap()),
            "{found}"
        );
        assert_eq!(found["profilesTotal"], 1);
        let actions = json!(["/dulepolicy/marketingActions/core/emailTargeting"]);
        assert_eq!(departure["marketingActions"], actions, "{found}");
        // The target has another name since; it went to what it was.
        let flow = server.client().get(&format!("{FLOWS}/{}", departure["flowId"].as_str().unwrap())).await;
        let target = flow.body["items"][0]["targetConnectionIds"][0].as_str().unwrap().to_owned();
        let target = format!("/data/foundation/flowservice/targetConnections/{target}");
        let rename = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
        assert_eq!(server.client().patch(&target, Some("*"), &rename).await.status, 200);
        assert_eq!(by("Email", "bea@example.org").await["departures"][0]["target"]["name"], "Loyal");
        assert!(departure["leftAt"].is_i64() && found["completeSince"].is_i64() && found["next"].is_null(), "{found}");
        let decision = departure["decision"].as_i64().unwrap();
        let audit = server.client().get("/data/foundation/audit/events?action=exportAllowed").await;
        assert!(audit.body["items"].as_array().unwrap().iter().any(|event| event["seq"] == decision), "{}", audit.text);
        assert_eq!(by("CRMID", "c-2").await["departures"], found["departures"]);
        // Who is not of age was in no file.
        assert_eq!(by("CRMID", "c-1").await["departures"], json!([]));
        let nobody = by("CRMID", "c-99").await;
        assert_eq!((&nobody["profileIds"], &nobody["departures"]), (&json!([]), &json!([])));
    }

    #[tokio::test]
    async fn a_person_is_found_in_messages_and_after_their_data_and_the_flow_are_gone() {
        let server = Server::start().await;
        let flow = server.stream_flow("Live").await;
        server.evaluated().await;
        server.work_is_done().await;
        let asked = json!({"namespace": "CRMID", "id": "c-3"});
        let found = server.client().post(PATH, &asked).await.body;
        let departure = &found["departures"][0];
        let sequence = server.stream().messages()[0]["sequence"].clone();
        assert_eq!((&departure["sequence"], &departure["flowId"]), (&sequence, &json!(flow.id)), "{found}");
        assert_eq!((&departure["file"], &departure["segmentId"]), (&Value::Null, &Value::Null));
        assert_eq!(server.client().delete(&format!("{FLOWS}/{}", flow.id)).await.status, 204);
        std::fs::write(server.dataset_file(), "crmId,email,age\nc-2,bea@example.org,25\n").unwrap();
        server.evaluated().await;
        let later = server.client().post(PATH, &asked).await.body;
        assert_eq!((&later["profileIds"], &later["departures"][0]["sequence"]), (&json!([]), &sequence), "{later}");
    }

    #[tokio::test]
    async fn all_profiles_of_an_identity_are_counted() {
        let server = Server::start().await;
        let rows: String = (0..30).map(|n| format!("c-{n},shared@example.org,30\n")).collect();
        std::fs::write(server.dataset_file(), format!("crmId,email,age\n{rows}")).unwrap();
        let dataset = server.refreshed().await;
        let declare = json!([{"op": "add", "path": "/identities/-", "value": {"path": "email", "namespace": "Email"}}]);
        let path = format!("/data/foundation/datasets/{dataset}");
        assert_eq!(server.client().patch(&path, Some("*"), &declare).await.status, 200);
        server.evaluated().await;
        let found = server.client().post(PATH, &json!({"namespace": "Email", "id": "shared@example.org"})).await;
        let named = found.body["profileIds"].as_array().map_or(0, Vec::len);
        assert_eq!((named, &found.body["profilesTotal"]), (30, &json!(30)), "{}", found.text);
    }

    #[tokio::test]
    async fn pages_go_on_where_they_ended_and_odd_requests_are_refused() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        for _ in 0..3 {
            let run = server.client().post("/data/foundation/flowservice/runs", &json!({"flowId": flow.id})).await;
            assert_eq!(run.status, 201, "{}", run.text);
            server.work_is_done().await;
            server.later(chrono::TimeDelta::minutes(1));
        }
        let (mut start, mut runs) = (Value::Null, Vec::new());
        loop {
            let asked = json!({"namespace": "CRMID", "id": "c-2", "limit": 1, "start": start});
            let page = server.client().post(PATH, &asked).await;
            assert_eq!(page.status, 200, "{}", page.text);
            let departures = page.body["departures"].as_array().unwrap();
            runs.extend(departures.iter().map(|departure| departure["runId"].as_str().unwrap().to_owned()));
            start = page.body["next"].clone();
            if start.is_null() {
                break;
            }
        }
        let newest_first = runs.len();
        runs.dedup();
        assert_eq!((newest_first, runs.len()), (3, 3), "{runs:?}");
        for (asked, fields) in [
            (json!({}), vec!["/namespace", "/id"]),
            (json!({"namespace": "CRMID", "id": "c-2", "limit": 0}), vec!["/limit"]),
            (json!({"namespace": "CRMID", "id": "c-2", "start": "x"}), vec!["/start"]),
        ] {
            let refused = server.client().post(PATH, &asked).await;
            assert_eq!(
                (refused.status, refused.fields()),
                (400, fields.iter().map(|f| (*f).to_owned()).collect()),
                "{asked}"
            );
            assert!(!refused.text.contains("c-2"), "{}", refused.text);
        }
        let reader = server.as_client("reader", &["read"]).await;
        assert_eq!(reader.post(PATH, &json!({"namespace": "CRMID", "id": "c-2"})).await.status, 403);
    }
}
