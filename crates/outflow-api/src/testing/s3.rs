//! An S3 endpoint on loopback, where credentials matter, and an SFTP server beside it.

use std::sync::Mutex;

use outflow_practice::{Practice, PracticeOptions, S3Endpoint, SftpEndpoint};
use serde_json::{Value, json};

use super::Server;
use super::fixtures::files_below;

/// A running endpoint with an empty bucket.
pub(crate) struct PracticeS3 {
    endpoint: S3Endpoint,
    sftp: SftpEndpoint,
    practice: Mutex<Option<Practice>>,
}

impl Server {
    /// Starts an S3 endpoint.
    pub(crate) async fn practice_s3(&self) -> PracticeS3 {
        let options = PracticeOptions {
            region: "eu-central-1".into(),
            ..PracticeOptions::on_free_ports(self.path("practice"), [7; 32])
        };
        let practice = Practice::start(options).await.unwrap();
        PracticeS3 {
            endpoint: practice.s3().clone(),
            sftp: practice.sftp().clone(),
            practice: Mutex::new(Some(practice)),
        }
    }
}

impl PracticeS3 {
    /// The secret of the account.
    pub(crate) fn secret(&self) -> &str {
        &self.endpoint.secret_access_key
    }

    /// An account of the endpoint.
    pub(crate) fn account(&self, name: &str) -> Value {
        json!({
            "name": name,
            "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
            "auth": {"specName": "Access Key", "params": {
                "s3AccessKey": self.endpoint.access_key_id,
                "s3SecretKey": self.endpoint.secret_access_key,
                "endpoint": self.endpoint.url,
                "region": self.endpoint.region,
            }},
        })
    }

    /// The host key of the SFTP server.
    pub(crate) fn host_key(&self) -> &str {
        &self.sftp.host_key
    }

    /// An account of the SFTP server, which does not say what key the server has.
    pub(crate) fn sftp_account(&self, name: &str) -> Value {
        json!({
            "name": name,
            "connectionSpec": {"id": "36965a81-b1c6-401b-99f8-22508f1e6a26", "version": "1.0"},
            "auth": {"specName": "SFTP with Password", "params": {
                "domain": self.sftp.host,
                "port": self.sftp.port,
                "username": self.sftp.user,
                "password": self.sftp.password,
            }},
        })
    }

    /// A target in a folder of the SFTP server.
    pub(crate) fn sftp_target(&self, account: &str, name: &str) -> Value {
        json!({
            "name": name,
            "baseConnectionId": account,
            "connectionSpec": {"id": "36965a81-b1c6-401b-99f8-22508f1e6a26", "version": "1.0"},
            "params": {"mode": "Server-to-server", "remotePath": self.sftp.upload_folder, "fileType": "CSV"},
        })
    }

    /// A target in the endpoint's bucket.
    pub(crate) fn target(&self, account: &str, name: &str) -> Value {
        json!({
            "name": name,
            "baseConnectionId": account,
            "connectionSpec": {"id": "4fce964d-3f37-408f-9778-e597338a21ee", "version": "1.0"},
            "params": {
                "mode": "Server-to-server", "bucketName": self.endpoint.buckets[0], "path": "loyal/%SEGMENT_ID%",
                "fileType": "CSV", "compression": "GZIP", "csvOptions": {"delimiter": ","},
            },
        })
    }

    /// The bucket's objects.
    pub(crate) fn objects(&self) -> Vec<String> {
        let bucket = self.endpoint.folder.join(&self.endpoint.buckets[0]);
        files_below(&bucket).iter().map(|file| file.display().to_string()).collect()
    }

    /// Stops the endpoint.
    pub(crate) async fn stop(&self) {
        let practice = self.practice.lock().unwrap().take();
        if let Some(practice) = practice {
            practice.shutdown().await;
        }
    }
}
