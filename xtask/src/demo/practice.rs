//! The practice targets, as a process of their own.

use std::path::{Path, PathBuf};
use std::process::Child;

use anyhow::Result;
use serde::Deserialize;

use super::process::{end, end_of, first_line, start};
use super::product::Product;

/// The practice targets bind a port each and make a key; a machine that needs longer has a problem worth seeing.
const READY_SECS_MAX: u64 = 30;

/// The practice targets, running until dropped.
pub(super) struct Practice {
    child: Child,
    pub(super) parameters: Parameters,
    /// Where what they were given lies.
    pub(super) data: PathBuf,
}

/// What `outflow practice --json` prints on its first line.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parameters {
    pub(super) s3: S3,
    pub(super) sftp: Sftp,
    pub(super) kinesis: Kinesis,
    pub(super) event_hubs: EventHubs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct S3 {
    pub(super) endpoint: String,
    pub(super) region: String,
    pub(super) bucket: String,
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sftp {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: String,
    pub(super) host_key: String,
    pub(super) folder: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kinesis {
    pub(super) endpoint: String,
    pub(super) region: String,
    pub(super) stream: String,
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
}

#[derive(Deserialize)]
pub(super) struct EventHubs {
    pub(super) endpoint: String,
    pub(super) hub: String,
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
pub(super) struct Policy {
    pub(super) name: String,
    pub(super) key: String,
    rights: Vec<String>,
    hub: Option<String>,
}

impl EventHubs {
    /// The policy of the namespace that may send and nothing else.
    pub(super) fn sender(&self) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.rights == ["Send"] && policy.hub.is_none())
    }
}

impl Practice {
    pub(super) fn start(product: &Product, data: &Path) -> Result<Practice> {
        let mut practice = product.command(&["practice", "--json", "--data-dir"]);
        practice.arg(data);
        let log = data.with_extension("log");
        let mut child = start(practice, &log)?;
        match first_line(&mut child, READY_SECS_MAX).and_then(|line| Ok(serde_json::from_str(&line)?)) {
            Ok(parameters) => Ok(Practice { child, parameters, data: data.to_path_buf() }),
            Err(error) => {
                end(&mut child);
                let said = end_of(&log);
                Err(error.context(format!("outflow practice --json did not say how to reach its targets\n{said}")))
            }
        }
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}
