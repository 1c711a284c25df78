//! What a client needs to know of the running targets.

use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::event_hubs::Policy;
use crate::practice::{BUCKET, SFTP_FOLDER, STREAM};
use crate::seed::{Credentials, PracticeCredentials, PracticeSession};
use crate::{Practice, PracticeOptions};

/// The practice S3 endpoint.
#[derive(Clone, Debug)]
pub struct S3Endpoint {
    /// `http://127.0.0.1:PORT`; buckets are the first element of the path (path style).
    pub url: String,
    /// The key with all rights.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// A key that may sign in and do nothing: `AccessDenied`.
    pub no_rights: PracticeCredentials,
    /// The region that requests must be signed for.
    pub region: String,
    /// The buckets that are there from the start.
    pub buckets: Vec<String>,
    /// Folder of the buckets on disk.
    pub folder: PathBuf,
}

impl S3Endpoint {
    pub(crate) fn new(at: SocketAddr, folder: PathBuf, options: &PracticeOptions, known: &Credentials) -> S3Endpoint {
        S3Endpoint {
            url: format!("http://{at}"),
            access_key_id: known.s3.access_key_id.clone(),
            secret_access_key: known.s3.secret_access_key.clone(),
            no_rights: known.s3_no_rights.clone(),
            region: options.region.clone(),
            buckets: vec![BUCKET.to_owned()],
            folder,
        }
    }
}

/// The practice Kinesis endpoint.
#[derive(Clone, Debug)]
pub struct KinesisEndpoint {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    /// The key with all rights, the same as that of S3.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// A key that may sign in and do nothing: `AccessDeniedException`.
    pub no_rights: PracticeCredentials,
    /// A key that may put records and nothing else, so that it can list no streams and look at none.
    pub put_only: PracticeCredentials,
    /// A session with all rights.
    pub session: PracticeSession,
    /// The region that requests must be signed for.
    pub region: String,
    /// The stream that is there from the start, with two shards.
    pub stream: String,
    /// Folder of the streams on disk: `STREAM/shardId-NNNNNNNNNNNN.jsonl`, a line a record with `sequenceNumber`,
    /// `arrivedAt`, `partitionKey`, and `text` or `base64`.
    pub folder: PathBuf,
}

impl KinesisEndpoint {
    pub(crate) fn new(
        at: SocketAddr,
        folder: PathBuf,
        options: &PracticeOptions,
        known: &Credentials,
    ) -> KinesisEndpoint {
        KinesisEndpoint {
            url: format!("http://{at}"),
            access_key_id: known.s3.access_key_id.clone(),
            secret_access_key: known.s3.secret_access_key.clone(),
            no_rights: known.s3_no_rights.clone(),
            put_only: known.kinesis_put_only.clone(),
            session: known.kinesis_session.clone(),
            region: options.region.clone(),
            stream: STREAM.to_owned(),
            folder,
        }
    }
}

/// The practice SFTP endpoint.
#[derive(Clone, Debug)]
pub struct SftpEndpoint {
    /// The address, without port.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The user.
    pub user: String,
    /// The password.
    pub password: String,
    /// The host key as in a `.pub` file: `ssh-ed25519 AAAA…`.
    pub host_key: String,
    /// File of a private key, without passphrase, that signs the user in as well.
    pub client_key: PathBuf,
    /// A folder that is there from the start.
    pub upload_folder: String,
    /// Folder on disk that clients see as `/`.
    pub folder: PathBuf,
}

/// The practice Event Hubs namespace.
#[derive(Clone, Debug)]
pub struct EventHubsEndpoint {
    /// Where it listens: AMQP 1.0 over TCP.
    pub address: SocketAddr,
    /// Whether it speaks TLS.
    pub is_encrypted: bool,
    /// The shared access policies. The first has all rights; then come one that may only send, one that may only listen,
    /// and one that may only send to the hub.
    pub policies: Vec<EventHubsPolicy>,
    /// The hub that is there from the start.
    pub hub: String,
    /// Folder of the hubs on disk.
    pub folder: PathBuf,
}

/// A shared access policy of the practice namespace.
#[derive(Clone, Debug)]
pub struct EventHubsPolicy {
    /// Its name.
    pub name: String,
    /// Its key. It opens nothing but practice targets.
    pub key: String,
    /// Its rights: `Send`, `Listen`, `Manage`.
    pub rights: Vec<String>,
    /// The hub that it is limited to.
    pub hub: Option<String>,
}

impl From<&Policy> for EventHubsPolicy {
    fn from(policy: &Policy) -> EventHubsPolicy {
        EventHubsPolicy {
            name: policy.name.to_owned(),
            key: policy.key.clone(),
            rights: policy.claims.iter().map(|claim| claim.name().to_owned()).collect(),
            hub: policy.hub.map(str::to_owned),
        }
    }
}

impl EventHubsEndpoint {
    /// The address as the SDKs take it: `sb://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("sb://{}", self.address)
    }

    /// The address as accounts of Outflow take it: `amqp://127.0.0.1:PORT`, with TLS `amqps://…`.
    pub fn endpoint_url(&self) -> String {
        let scheme = if self.is_encrypted { "amqps" } else { "amqp" };
        format!("{scheme}://{}", self.address)
    }

    /// The policy with this name.
    pub fn policy(&self, name: &str) -> Option<&EventHubsPolicy> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    /// A connection string for `policy`. The SDKs leave TLS out when it says that an emulator is used.
    pub fn connection_string(&self, policy: &EventHubsPolicy) -> String {
        let hub = policy.hub.as_ref().map(|hub| format!(";EntityPath={hub}")).unwrap_or_default();
        let emulator = if self.is_encrypted { "" } else { ";UseDevelopmentEmulator=true" };
        format!(
            "Endpoint={};SharedAccessKeyName={};SharedAccessKey={}{emulator}{hub}",
            self.url(),
            policy.name,
            policy.key
        )
    }
}

impl SftpEndpoint {
    /// `host_key` as a line, `client_key` as a file.
    pub(crate) fn new(
        at: SocketAddr,
        folder: PathBuf,
        known: &Credentials,
        host_key: String,
        client_key: PathBuf,
    ) -> SftpEndpoint {
        SftpEndpoint {
            host: at.ip().to_string(),
            port: at.port(),
            user: known.sftp_user.clone(),
            password: known.sftp_password.clone(),
            host_key,
            client_key,
            upload_folder: SFTP_FOLDER.to_owned(),
            folder,
        }
    }

    /// The folder for uploads as a URL: `sftp://USER@HOST:PORT/upload`.
    pub fn url(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("sftp://{}@{host}:{}{}", self.user, self.port, self.upload_folder)
    }
}

impl Practice {
    /// Names and values of the environment variables with which clients reach the targets.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let hubs = self.event_hubs();
        let connection = hubs.policies.first().map(|policy| hubs.connection_string(policy)).unwrap_or_default();
        vec![
            ("AWS_ENDPOINT_URL", self.s3().url.clone()),
            ("AWS_ENDPOINT_URL_KINESIS", self.kinesis().url.clone()),
            ("AWS_ACCESS_KEY_ID", self.s3().access_key_id.clone()),
            ("AWS_SECRET_ACCESS_KEY", self.s3().secret_access_key.clone()),
            ("AWS_REGION", self.s3().region.clone()),
            ("OUTFLOW_SFTP_PASSWORD", self.sftp().password.clone()),
            ("OUTFLOW_SFTP_HOST_KEY", self.sftp().host_key.clone()),
            ("OUTFLOW_EVENTHUBS_CONNECTION_STRING", connection),
        ]
    }

    /// A text for people: the endpoints, and environment lines to copy into a shell. It holds the practice credentials.
    pub fn describe(&self) -> String {
        let (s3, sftp, kinesis) = (self.s3(), self.sftp(), self.kinesis());
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "# S3 at {}, bucket s3://{}/, files in {}",
            s3.url,
            s3.buckets.join(", "),
            s3.folder.display()
        );
        let _ = writeln!(text, "# SFTP at {}, files in {}", sftp.url(), sftp.folder.display());
        let _ = writeln!(text, "# SFTP key file instead of the password: {}", sftp.client_key.display());
        let _ = writeln!(
            text,
            "# Kinesis at {}, stream {}, files in {}; try: aws kinesis list-shards --stream-name {}",
            kinesis.url,
            kinesis.stream,
            kinesis.folder.display(),
            kinesis.stream
        );
        let hubs = self.event_hubs();
        let _ = writeln!(
            text,
            "# Event Hubs at {}, hub {}, events in {}",
            hubs.endpoint_url(),
            hubs.hub,
            hubs.folder.display()
        );
        let _ = writeln!(text, "# Faults: curl -X PUT {} -d '{{\"s3\":{{\"unavailable\":true}}}}'", self.control_url());
        for (name, value) in self.environment() {
            let _ = writeln!(text, "export {name}='{value}'");
        }
        text
    }
}
