//! How to reach the servers that `scripts/servers/up` started, one function for each.
//!
//! Each panics, naming the command to run, where its server's parameters are not in the environment. A test is never
//! skipped for a server that is not there: it would look like one that passed.

use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// An access key of an S3 server.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessKey {
    /// Its public half.
    pub access_key_id: String,
    /// Its secret half.
    pub secret_access_key: String,
}

/// moto: S3, IAM and STS with policies enforced; checksums are not checked.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MotoParams {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// Its region.
    pub region: String,
    /// May do everything a delivery does, and list, in the first bucket.
    pub writer: AccessKey,
    /// May put, get, delete and abort in the first bucket, and neither list nor look at the bucket.
    pub minimal: AccessKey,
    /// May do nothing.
    pub noperms: AccessKey,
    /// As `writer`, without `s3:PutObject`.
    pub noput: AccessKey,
    /// As `writer`, without `s3:GetObject`.
    pub noget: AccessKey,
    /// As `writer`, without `s3:AbortMultipartUpload`.
    pub noabort: AccessKey,
    /// May only assume roles.
    pub assumer: AccessKey,
    /// A role with the rights of `writer`, for `assumer` and with `external_id`.
    pub role_arn: String,
    /// What the role asks for. moto refuses a wrong one and lets a missing one through.
    pub external_id: String,
    /// The bucket that may be written, then one that nobody may touch.
    pub buckets: Vec<String>,
}

/// rclone's S3 server: one key that may do everything, objects as plain files.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RcloneParams {
    /// `http://127.0.0.1:PORT`.
    pub endpoint: String,
    /// The public half of its only key.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: String,
    /// The bucket.
    pub bucket: String,
    /// The folder that is the bucket.
    pub folder: PathBuf,
}

/// OpenSSH's sshd with users locked into folders of their own.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SshdParams {
    /// Where it listens.
    pub host: String,
    /// Where it listens.
    pub port: u16,
    /// May write to `/upload`; by password or by key.
    pub user: String,
    /// The password of all three users.
    pub password: String,
    /// Its server refuses every change; by password.
    pub read_only_user: String,
    /// Its folder holds `quota_bytes` and no more; by password.
    pub quota_user: String,
    /// Size of the quota user's disk.
    pub quota_bytes: u64,
    /// A private key of `user`.
    pub key_ed25519: PathBuf,
    /// A private key of `user`.
    pub key_rsa: PathBuf,
    /// A private key of `user`.
    pub key_ecdsa: PathBuf,
    /// A private key of `user`, encrypted with `passphrase`.
    pub key_encrypted: PathBuf,
    /// Of `key_encrypted`.
    pub passphrase: String,
    /// A private key that nobody authorised.
    pub key_unknown: PathBuf,
    /// The server's Ed25519 host key, `TYPE BASE64`.
    pub host_key: String,
    /// The server's RSA host key, `TYPE BASE64`.
    pub second_host_key: String,
    /// A host key that is not this server's, `TYPE BASE64`.
    pub other_host_key: String,
    /// The folder of this machine that `user` sees as `/upload`.
    pub upload_dir: PathBuf,
    /// A folder that `user` sees and may not write to.
    pub locked_dir: String,
}

/// PostgreSQL: a superuser who may make databases.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PostgresParams {
    /// Where it listens.
    pub host: String,
    /// Where it listens.
    pub port: u16,
    /// The superuser.
    pub user: String,
    /// The superuser's password.
    pub password: String,
    /// The folder of its programs.
    pub bin: PathBuf,
}

/// The fault proxy: its control address, and a ready port in front of each server. Tests that run beside others open a
/// port of their own with [`crate::faults::FaultProxy::open`].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultProxyParams {
    /// `http://127.0.0.1:PORT`.
    pub control: String,
    /// Port in front of moto.
    pub moto: u16,
    /// Port in front of rclone.
    pub rclone: u16,
    /// Port in front of sshd.
    pub sshd: u16,
}

/// The S3 server with users and policies.
pub fn moto() -> MotoParams {
    from_environment("OUTFLOW_TEST_MOTO")
}

/// The S3 server that keeps plain files.
pub fn rclone() -> RcloneParams {
    from_environment("OUTFLOW_TEST_RCLONE")
}

/// The SFTP server.
pub fn sshd() -> SshdParams {
    from_environment("OUTFLOW_TEST_SSHD")
}

/// The database server. Tests take a database of their own: [`crate::database::TestDatabase`].
pub fn postgres() -> PostgresParams {
    from_environment("OUTFLOW_TEST_POSTGRES")
}

/// The proxy that breaks connections.
pub fn fault_proxy() -> FaultProxyParams {
    from_environment("OUTFLOW_TEST_FAULTPROXY")
}

/// The Python interpreter that has boto3, asyncssh, DuckDB and PyArrow.
pub fn python() -> PathBuf {
    PathBuf::from(variable("OUTFLOW_TEST_PYTHON"))
}

fn from_environment<T: DeserializeOwned>(name: &str) -> T {
    serde_json::from_str(&variable(name)).unwrap_or_else(|error| panic!("{name} is not what the tests expect: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "the environment is how the script hands its servers to the tests")]
fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run through `make test`, or `scripts/servers/with cargo test -p CRATE`")
    })
}
