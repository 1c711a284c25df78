//! What most tests need first: a dataset, segments, an account, a target, a flow.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Server;

pub(super) const FLOW_SERVICE: &str = "/data/foundation/flowservice";
/// The connection spec of local folders.
const FOLDER_SPEC: &str = "0b7f4b0e-6a57-4d0c-9c55-3f7f7c1d2a61";

/// A flow and what it is made of, by id.
pub(crate) struct Flow {
    pub(crate) id: String,
    pub(crate) etag: String,
    pub(crate) connection: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) segment: String,
}

/// An account for local folders.
pub(crate) fn folder_account(name: &str) -> Value {
    json!({
        "name": name,
        "connectionSpec": {"id": FOLDER_SPEC, "version": "1.0"},
        "auth": {"specName": "None", "params": {}},
    })
}

impl Server {
    /// Makes something and answers its id.
    pub(super) async fn made(&self, path: &str, body: &Value) -> String {
        let answer = self.client().post(path, body).await;
        assert!(matches!(answer.status, 200 | 201), "{path}: {}", answer.text);
        answer.id().to_owned()
    }

    /// An account for local folders.
    pub(crate) async fn folder_account_id(&self, name: &str) -> String {
        self.made(&format!("{FLOW_SERVICE}/connections"), &folder_account(name)).await
    }

    /// A target of an account for local folders: a folder named as the target.
    pub(crate) fn folder_target(&self, account: &str, name: &str) -> Value {
        json!({
            "name": name,
            "baseConnectionId": account,
            "connectionSpec": {"id": FOLDER_SPEC, "version": "1.0"},
            "params": {"path": self.path("exports").join(name), "fileType": "CSV", "compression": "NONE"},
        })
    }

    /// A segment of those of age.
    pub(crate) fn segment_body(&self, name: &str) -> Value {
        json!({
            "name": name,
            "description": "Of age",
            "expression": {"type": "PQL", "format": "pql/text", "value": "age >= 18"},
            "schema": {"name": "_xdm.context.profile"},
            "evaluationInfo": {"batch": {"enabled": true}, "continuous": {"enabled": false}, "synchronous": {"enabled": false}},
        })
    }

    /// A segment's id.
    pub(crate) async fn segment(&self, name: &str) -> String {
        self.made("/data/core/ups/segment/definitions", &self.segment_body(name)).await
    }

    /// A schedule's id.
    pub(crate) async fn schedule(&self, name: &str) -> String {
        let body = json!({
            "name": name, "type": "batch_segmentation", "schedule": "0 0 1 * * ?", "state": "inactive",
            "properties": {"segments": ["*"]}
        });
        self.made("/data/core/ups/config/schedules", &body).await
    }

    /// How a flow activates a segment: its next slot is half a day away.
    pub(crate) fn selector(&self, segment: &str) -> Value {
        let start_time = (self.now() + chrono::TimeDelta::hours(12)).format("%H:00").to_string();
        json!({"type": "PLATFORM_SEGMENT", "value": {
            "id": segment,
            "name": "Of age",
            "filenameTemplate": "%DESTINATION_NAME%_%SEGMENT_ID%_%DATETIME(YYYYMMdd_HHmmss)%",
            "exportMode": "DAILY_FULL_EXPORT",
            "schedule": {"frequency": "DAILY", "triggerType": "SCHEDULED", "startDate": "2026-01-01", "startTime": start_time},
        }})
    }

    /// A flow with the parts of another.
    pub(crate) fn flow_body(&self, parts: &Flow, name: &str) -> Value {
        let attribute = |path: &str| json!({"type": "JSON_PATH", "value": {"path": path, "operator": "EXISTS", "mapping": {"source": path}}});
        json!({
            "name": name,
            "flowSpec": {"id": "71471eba-b620-49e4-90fd-23f1fa0174d8", "version": "1.0"},
            "sourceConnectionIds": [parts.source],
            "targetConnectionIds": [parts.target],
            "transformations": [{"name": "GeneralTransform", "params": {
                "segmentSelectors": {"selectors": [self.selector(&parts.segment)]},
                "profileSelectors": {"selectors": [attribute("crmId"), attribute("email")]},
            }}],
            "policy": {"enforcementRefs": ["/dulepolicy/marketingActions/core/emailTargeting"]},
        })
    }

    /// A flow with everything it needs, which has not run.
    pub(crate) async fn flow(&self, name: &str) -> Flow {
        let account = self.folder_account_id(&format!("Account of {name}")).await;
        let mut flow = self.flow_to(name, account.clone(), self.folder_target(&account, name)).await;
        let body = self.flow_body(&flow, name);
        self.create_flow(&mut flow, &body).await;
        flow
    }

    /// What a flow to this target is made of.
    pub(super) async fn flow_to(&self, name: &str, connection: String, target: Value) -> Flow {
        let target = self.made(&format!("{FLOW_SERVICE}/targetConnections"), &target).await;
        let source = json!({
            "name": format!("Profiles of {name}"),
            "connectionSpec": {"id": "8a9c3494-9708-43d7-ae3f-cda01e5030e1", "version": "1.0"},
        });
        let source = self.made(&format!("{FLOW_SERVICE}/sourceConnections"), &source).await;
        let segment = self.segment(&format!("Segment of {name}")).await;
        Flow { id: String::new(), etag: String::new(), connection, source, target, segment }
    }

    /// Makes the flow itself.
    pub(super) async fn create_flow(&self, flow: &mut Flow, body: &Value) {
        let answer = self.client().post(&format!("{FLOW_SERVICE}/flows"), body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        flow.id = answer.id().to_owned();
        flow.etag = answer.etag().to_owned();
    }

    /// A flow whose segment is evaluated and whose first run waits: the run's id.
    pub(crate) async fn run_of(&self, name: &str) -> String {
        let flow = self.flow(name).await;
        self.evaluated().await;
        self.made(&format!("{FLOW_SERVICE}/runs"), &json!({"flowId": flow.id})).await
    }

    /// The file of the dataset; made when it is missing: four people, three of age.
    pub(crate) fn dataset_file(&self) -> PathBuf {
        let file = self.path("lake").join("crm.csv");
        if !file.exists() {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            let rows = "crmId,email,age\nc-1,ada@example.org,17\nc-2,bea@example.org,25\nc-3,cem@example.org,40\nc-4,dan@example.org,70\n";
            std::fs::write(&file, rows).unwrap();
        }
        file
    }

    /// Adds a person of age to the dataset's file.
    pub(crate) fn append_record(&self, id: &str, email: &str) {
        let mut file = std::fs::OpenOptions::new().append(true).open(self.dataset_file()).unwrap();
        writeln!(file, "{id},{email},30").unwrap();
    }

    /// A dataset of that file.
    pub(crate) fn dataset_body(&self, name: &str) -> Value {
        json!({
            "name": name,
            "source": {"urls": [self.dataset_file()]},
            "identities": [{"path": "crmId", "namespace": "CRMID", "primary": true}],
        })
    }

    /// Attaches the dataset where it is not attached, refreshes it, and answers its id.
    pub(crate) async fn refreshed(&self) -> String {
        let path = "/data/foundation/datasets";
        let known = self.client().get(path).await.body["items"][0]["id"].as_str().map(str::to_owned);
        let id = match known {
            Some(id) => {
                let asked = self.client().post_empty(&format!("{path}/{id}/refresh")).await;
                assert_eq!(asked.status, 202, "{}", asked.text);
                id
            }
            None => self.made(path, &self.dataset_body("CRM")).await,
        };
        self.work_is_done().await;
        id
    }

    /// Refreshes the dataset and evaluates all segments.
    pub(crate) async fn evaluated(&self) {
        self.refreshed().await;
        let asked = self.client().post_empty("/data/core/ups/segment/jobs").await;
        assert_eq!(asked.status, 200, "{}", asked.text);
        self.work_is_done().await;
        let done = self.client().get(&format!("/data/core/ups/segment/jobs/{}", asked.id())).await;
        assert_eq!(done.body["status"], "SUCCEEDED", "{}", done.text);
    }

    /// Names of all exported files.
    pub(crate) fn exported(&self) -> Vec<String> {
        self.export_files().iter().map(|file| file.file_name().unwrap().to_str().unwrap().to_owned()).collect()
    }

    /// Adds a byte to every exported file that is not a manifest.
    pub(crate) fn damage_export(&self) {
        let data = self.export_files().into_iter().filter(|file| file.extension().is_some_and(|name| name == "csv"));
        let mut damaged = 0;
        for file in data {
            std::fs::OpenOptions::new().append(true).open(file).unwrap().write_all(b"x").unwrap();
            damaged += 1;
        }
        assert!(damaged > 0, "there is nothing to damage");
    }

    /// Removes the folder of all exports.
    pub(crate) fn remove_exports(&self) {
        std::fs::remove_dir_all(self.path("exports")).unwrap();
    }

    fn export_files(&self) -> Vec<PathBuf> {
        files_below(&self.path("exports"))
    }
}

/// Every file below a folder.
pub(super) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}
