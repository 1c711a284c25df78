//! Targets given as URLs: `s3://BUCKET/PREFIX`, `sftp://USER@HOST:PORT/PATH`, `file:///DIR`; and streams, which are only
//! tried: `kinesis://REGION/STREAM`, `eventhubs://NAMESPACE/HUB`.

mod folders;
mod streams;
mod url;

use std::path::Path;
use std::sync::Arc;

use outflow_connector_kit::{
    Connector, FileJournal, Journal, MemoryJournal, ProbeNews, ProbeReport, ProbeStep, RetryPolicy, Session,
    SessionContext, StepWatch,
};
use outflow_export::hex;
use outflow_model::{Fault, FaultClass};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::settings::{Settings, read};
use crate::{environment, members};

pub use folders::{Folders, above_macros};
pub use url::{EVENT_HUBS, TargetUrl, without_secret};

/// A target with what connects to it.
pub struct Target {
    connector: Box<dyn Connector>,
    account: Value,
    target: Value,
}

impl Target {
    /// The target at `url`, with credentials from `settings`.
    ///
    /// # Errors
    /// `Input` when the URL is not a target's, or a file that the settings name cannot be read.
    pub fn new(url: TargetUrl, settings: &Settings) -> Result<Target, Fault> {
        let id = url.connector();
        let connector = outflow_connectors::registry()
            .into_iter()
            .find(|connector| connector.id() == id)
            .ok_or_else(|| Fault::internal(format!("no connector is called `{id}`")))?;
        let (account, target) = match url {
            TargetUrl::S3 { bucket, prefix } => (s3_account(settings), json!({"bucketName": bucket, "path": prefix})),
            TargetUrl::Sftp { user, host, port, path } => {
                (sftp_account(settings, &user, &host, port)?, json!({"remotePath": path}))
            }
            TargetUrl::Folder { path } => (json!({}), json!({"path": path})),
            TargetUrl::Kinesis { region, stream } => {
                (streams::kinesis_account(settings, &region), json!({"region": region, "stream": stream}))
            }
            TargetUrl::EventHubs { namespace, hub } => {
                (streams::event_hubs_account(settings, &namespace)?, json!({"eventHubName": hub}))
            }
        };
        Ok(Target { connector, account, target })
    }

    /// Opens a session that buffers up to `buffer_bytes`, within reason. Journals to `state_dir`, where there is one.
    ///
    /// # Errors
    /// Whatever the connector meets.
    pub async fn open(&self, state_dir: Option<&Path>, buffer_bytes: u64) -> Result<Arc<dyn Session>, Fault> {
        let context = context(state_dir, RetryPolicy::default(), buffer_bytes)?;
        let session = self.connector.open(&self.account, &self.target, context).await;
        Ok(Arc::from(session.map_err(|fault| members::translated(self.connector.id(), fault))?))
    }

    /// Tries what a delivery would do; `watch` hears of each step.
    ///
    /// # Errors
    /// Only what keeps the probe from starting.
    pub async fn probe(&self, mut watch: StepWatch) -> Result<ProbeReport, Fault> {
        let context = context(None, RetryPolicy::none(), SESSION_BUFFER_BYTES)?;
        let id = self.connector.id();
        let mut report = ProbeReport::watched(Box::new(move |news| match news {
            ProbeNews::Begun(_) => watch(news),
            ProbeNews::Over(step) => {
                let outcome = members::translated_outcome(id, &step.outcome);
                watch(ProbeNews::Over(&ProbeStep { name: step.name.clone(), outcome }));
            }
        }));
        self.connector.probe_into(&self.account, &self.target, &context, &mut report).await;
        Ok(members::translated_report(id, report))
    }
}

/// Bytes that a session buffers at most. At S3: three parts of 8 MiB on their way, one that fills, and 8 MiB of small
/// files. More would not be faster.
pub const SESSION_BUFFER_BYTES: u64 = 40 * 1024 * 1024;

/// Bytes that a session buffers at least. At S3: two parts of 8 MiB, one for each of the files that a run sends at once,
/// and 4 MiB of small files.
const SESSION_BUFFER_BYTES_MIN: u64 = 20 * 1024 * 1024;

fn context(state_dir: Option<&Path>, retry: RetryPolicy, buffer_bytes: u64) -> Result<SessionContext, Fault> {
    let attempt = hex(&environment::random::<4>()?);
    let journal: Arc<dyn Journal> = match state_dir {
        Some(folder) => Arc::new(FileJournal::open(&folder.join("journal"), &attempt)?),
        None => Arc::new(MemoryJournal::default()),
    };
    Ok(SessionContext {
        attempt,
        journal,
        clock: Arc::new(environment::now),
        retry,
        seed: u64::from_le_bytes(environment::random()?),
        buffer_bytes_max: buffer_bytes.clamp(SESSION_BUFFER_BYTES_MIN, SESSION_BUFFER_BYTES),
    })
}

fn s3_account(settings: &Settings) -> Value {
    let s3 = &settings.s3;
    without_nulls(json!({
        "s3AccessKey": s3.access_key_id,
        "s3SecretKey": s3.secret_access_key.as_ref().map(ExposeSecret::expose_secret),
        "sessionToken": s3.session_token.as_ref().map(ExposeSecret::expose_secret),
        "roleArn": s3.role_arn,
        "externalId": s3.external_id,
        "endpoint": s3.endpoint,
        "region": s3.region,
        "pathStyle": s3.path_style,
    }))
}

fn sftp_account(settings: &Settings, user: &str, host: &str, port: u16) -> Result<Value, Fault> {
    let sftp = &settings.sftp;
    let file = |path: &Option<std::path::PathBuf>| path.as_deref().map(read).transpose();
    Ok(without_nulls(json!({
        "domain": host,
        "port": port,
        "username": user,
        "password": sftp.password.as_ref().map(ExposeSecret::expose_secret),
        "sshKey": file(&sftp.key_file)?,
        "passphrase": sftp.key_passphrase.as_ref().map(ExposeSecret::expose_secret),
        "hostKey": sftp.host_key,
        "knownHosts": file(&sftp.known_hosts)?,
        "legacyAlgorithms": sftp.legacy_algorithms,
    })))
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => Value::Object(members.into_iter().filter(|(_, v)| !v.is_null()).collect()),
        other => other,
    }
}

/// The fault for a name in a manifest that leads out of its folder.
pub fn check_name(name: &str) -> Result<(), Fault> {
    let sound = !name.is_empty()
        && !name.starts_with('/')
        && !name.contains(['\\', '\0'])
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
    if sound {
        return Ok(());
    }
    Err(Fault::new(FaultClass::Input, format!("the manifest names {name:?}, which is outside its folder"))
        .hint("do not trust this manifest"))
}
