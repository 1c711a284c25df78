//! `GET /runs/{id}`.

use axum::Json as Answer;
use axum::extract::State;
use serde_json::Value;

use super::{Runs, show};
use crate::auth::Caller;
use crate::context::Api;
use crate::document::one;
use crate::error::ApiResult;
use crate::id::Id;
use crate::operation::Operation;

pub(super) fn operation() -> Operation {
    Operation::new::<__path_get, _, _>(get)
}

/// Get a run
#[utoipa::path(
    get,
    path = "/data/foundation/flowservice/runs/{id}",
    tag = "runs",
    params(("id" = String, Path, description = "The run's id.")),
    responses((status = 200, description = "The run, as a list of one.", body = Runs))
)]
async fn get(State(api): State<Api>, caller: Caller, Id(id): Id) -> ApiResult<Answer<Value>> {
    let document = api.store.read().await?.get::<outflow_store::Run>(&caller.sandbox, &id).await?;
    Ok(Answer(one(show(&api, &document))))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::Server;

    const SERVICE: &str = "/data/foundation/flowservice";

    async fn shown(server: &Server, run: &str) -> Value {
        server.client().get(&format!("{SERVICE}/runs/{run}")).await.body["items"][0].clone()
    }

    #[tokio::test]
    async fn a_run_that_failed_says_why_and_when_and_so_does_its_flow() {
        let server = Server::start().await;
        let flow = server.flow("Loyal").await;
        server.evaluated().await;
        // A file where the folder should be.
        let folder = server.path("exports").join("Loyal");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.parent().unwrap()).unwrap();
        std::fs::write(&folder, "in the way").unwrap();
        let run = server.client().post(&format!("{SERVICE}/runs"), &json!({"flowId": flow.id})).await;
        server.work_is_done().await;
        let item = shown(&server, run.id()).await;
        assert_eq!(item["state"], "failed", "{item}");
        let metrics = &item["metrics"];
        let (status, records) = (&metrics["statusSummary"], &metrics["recordSummary"]);
        assert_eq!(status["status"], "failed");
        assert_eq!(status["errors"][0]["message"], item["error"]["message"]);
        assert!(status["errors"][0]["code"].as_str().unwrap().starts_with("OUTFLOW-"), "{status}");
        assert_eq!(records["failedInfo"], status["errors"]);
        for count in ["inputRecordCount", "outputRecordCount", "skippedRecordCount", "failedRecordCount"] {
            assert_eq!(records[count], 0, "{count}");
        }
        assert_eq!(records["targetSummaries"][0]["id"], flow.target.as_str());
        assert_eq!(records["sourceSummaries"][0]["entitySummaries"][0]["id"], format!("segment:{}", flow.segment));
        let activity = &item["activities"][0];
        assert_eq!(
            (&activity["statusSummary"]["status"], &status["activityRefs"][0]),
            (&json!("failed"), &activity["id"])
        );
        let [started, completed] =
            ["startedAtUTC", "completedAtUTC"].map(|name| metrics["durationSummary"][name].clone());
        assert!(started.as_i64().unwrap() <= completed.as_i64().unwrap(), "{metrics}");
        // Its flow is found by it, and shows it.
        let path = format!("{SERVICE}/flows?property=lastRunDetails.startedAtUTC%3E%3D{started}");
        let found = server.client().get(&path).await;
        let last = json!({"id": run.id(), "state": "failed", "startedAtUTC": started, "completedAtUTC": completed});
        assert_eq!(found.body["items"][0]["lastRunDetails"], last, "{}", found.text);
    }

    #[tokio::test]
    async fn a_run_that_was_cancelled_says_by_whom_and_when() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        assert_eq!(server.client().post_empty(&format!("{SERVICE}/runs/{run}/action?op=cancel")).await.status, 200);
        let item = shown(&server, &run).await;
        let status = &item["metrics"]["statusSummary"];
        assert_eq!((&item["state"], &status["status"]), (&json!("cancelled"), &json!("cancelled")));
        assert!(status["extensions"]["reason"].as_str().unwrap().starts_with("cancelled by "), "{status}");
        let times = item["metrics"]["durationSummary"].as_object().unwrap();
        assert!(times.contains_key("completedAtUTC") && !times.contains_key("startedAtUTC"), "{times:?}");
        assert_eq!(item["activities"], json!([]));
        // Tried again, nothing is left of it.
        assert_eq!(server.client().post_empty(&format!("{SERVICE}/runs/{run}/action?op=retry")).await.status, 200);
        let again = shown(&server, &run).await;
        assert_eq!(again["metrics"]["statusSummary"], json!({"status": "queued", "extensions": {}}));
        assert_eq!(again["metrics"]["durationSummary"], json!({}));
    }

    #[tokio::test]
    async fn a_run_balances() {
        let server = Server::start().await;
        let run = server.run_of("Loyal").await;
        server.work_is_done().await;
        let shown = server.client().get(&format!("/data/foundation/flowservice/runs/{run}")).await;
        let item = &shown.body["items"][0];
        assert_eq!((item["state"].as_str(), item["kind"].as_str()), (Some("success"), Some("now")), "{}", shown.text);
        assert_eq!(item["etag"], item["eTag"]);
        let records = &item["metrics"]["recordSummary"];
        assert_eq!((records["inputRecordCount"].as_u64(), records["outputRecordCount"].as_u64()), (Some(3), Some(3)));
        assert!(!item["activities"].as_array().unwrap().is_empty());
        let flow = format!("/data/foundation/flowservice/flows/{}", item["flowId"].as_str().unwrap());
        let flow = server.client().get(&flow).await;
        assert_eq!(item["flowSpec"], flow.body["items"][0]["flowSpec"]);
        assert_eq!((&item["predecessors"], &item["metrics"]["latencySummary"]), (&json!([]), &json!({})));
        assert_eq!(server.client().get("/data/foundation/flowservice/runs/none").await.status, 404);
    }
}
