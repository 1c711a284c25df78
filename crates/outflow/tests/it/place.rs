//! The four places that tests deliver to, each seen through a client of its own.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use outflow_testkit::python::run_python;
use outflow_testkit::servers::{moto, rclone, sshd};
use serde_json::json;
use tempfile::TempDir;

use crate::run::{Variables, variables};
use crate::samples::{file_url, text};

const CLIENT: &str = include_str!("client.py");

/// What kind of place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Folder,
    Moto,
    Rclone,
    Sshd,
}

pub const ALL: [Kind; 4] = [Kind::Folder, Kind::Moto, Kind::Rclone, Kind::Sshd];

/// A new empty folder at a target.
pub struct Place {
    pub kind: Kind,
    /// For `--to`.
    pub url: String,
    /// Credentials.
    pub environment: Variables,
    /// For the independent client.
    params: String,
    /// The folder on this machine, where there is one.
    local: Option<PathBuf>,
    /// Holds the folder of `Kind::Folder`, journals and spilled rows, and copies of what was delivered.
    pub temp: TempDir,
}

impl Place {
    /// A new place.
    pub fn new(kind: Kind) -> Place {
        Place::through(kind, None)
    }

    /// A new place; the command reaches its server through `port` of this machine, the independent client directly.
    pub fn through(kind: Kind, port: Option<u16>) -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("e2e-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let temp = outflow_testkit::temp_dir();
        let endpoint = |own: String| port.map_or(own, |port| format!("http://127.0.0.1:{port}"));
        let (url, environment, params, local) = match kind {
            Kind::Folder => {
                let folder = temp.path().join("target");
                std::fs::create_dir(&folder).unwrap();
                (file_url(&folder), Vec::new(), json!(null), Some(folder))
            }
            Kind::Moto => {
                let server = moto();
                let (key, secret) = (server.writer.access_key_id, server.writer.secret_access_key);
                let params = s3_params(&server.endpoint, &key, &secret, &server.buckets[0], &name);
                let environment = s3_environment(&endpoint(server.endpoint), &key, &secret);
                (format!("s3://{}/{name}", server.buckets[0]), environment, params, None)
            }
            Kind::Rclone => {
                let server = rclone();
                let (key, secret) = (server.access_key_id, server.secret_access_key);
                let params = s3_params(&server.endpoint, &key, &secret, &server.bucket, &name);
                let environment = s3_environment(&endpoint(server.endpoint), &key, &secret);
                (format!("s3://{}/{name}", server.bucket), environment, params, Some(server.folder.join(&name)))
            }
            Kind::Sshd => {
                let server = sshd();
                let local = server.upload_dir.join(&name);
                std::fs::create_dir(&local).unwrap();
                std::fs::set_permissions(&local, std::fs::Permissions::from_mode(0o777)).unwrap();
                let url = sftp_url(&server.user, port.unwrap_or(server.port), &format!("/upload/{name}"));
                let params = json!({
                    "host": server.host, "port": server.port, "user": server.user, "password": server.password,
                    "hostKey": server.host_key, "path": format!("/upload/{name}"),
                });
                let environment = sftp_environment(&server.password, &server.host_key);
                (url, environment, params, Some(local))
            }
        };
        Place { kind, url, environment, params: params.to_string(), local, temp }
    }

    /// The folder for journals.
    pub fn state(&self) -> PathBuf {
        self.temp.path().join("state")
    }

    /// Everything below the target's folder, as the independent client sees it.
    pub fn read(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = self.download();
        let mut files = BTreeMap::new();
        for name in crate::samples::names_in(&folder) {
            files.insert(name.clone(), std::fs::read(folder.join(name)).unwrap());
        }
        files
    }

    /// Copies everything below the target's folder, with the independent client, into a folder of this machine.
    pub fn download(&self) -> PathBuf {
        let copies = self.temp.path().join("copies");
        if copies.exists() {
            std::fs::remove_dir_all(&copies).unwrap();
        }
        std::fs::create_dir(&copies).unwrap();
        let command = match self.kind {
            Kind::Folder => {
                for name in crate::samples::names_in(self.local.as_ref().unwrap()) {
                    std::fs::copy(self.local.as_ref().unwrap().join(&name), copies.join(&name)).unwrap();
                }
                return copies;
            }
            Kind::Moto | Kind::Rclone => "s3-get",
            Kind::Sshd => "sftp-get",
        };
        run_python(CLIENT, &[command, &self.params, text(&copies)]);
        copies
    }

    /// Whether the target's folder lies on this machine's disk.
    pub fn is_local(&self) -> bool {
        self.local.is_some()
    }

    /// The names in a local target's folder.
    pub fn names(&self) -> Vec<String> {
        self.local.as_deref().map(crate::samples::names_in).unwrap_or_default()
    }

    /// The SHA-256 of everything below the target's folder, by name; by coreutils or boto3.
    pub fn sums(&self) -> BTreeMap<String, String> {
        let listed = match &self.local {
            None => run_python(CLIENT, &["s3-sums", &self.params]),
            Some(folder) => {
                let names = crate::samples::names_in(folder);
                if names.is_empty() {
                    return BTreeMap::new();
                }
                let output = Command::new("sha256sum").current_dir(folder).arg("--").args(names).output().unwrap();
                String::from_utf8(output.stdout).unwrap()
            }
        };
        let line = |line: &str| {
            let (sum, name) = line.split_once(' ').unwrap();
            (name.trim_start().to_owned(), sum.to_owned())
        };
        listed.lines().map(line).collect()
    }

    /// Multipart uploads that were begun below the target's folder and neither completed nor aborted.
    pub fn open_uploads(&self) -> Vec<String> {
        match self.kind {
            Kind::Moto | Kind::Rclone => {
                let listed = run_python(CLIENT, &["s3-uploads", &self.params]);
                listed.lines().map(str::to_owned).collect()
            }
            Kind::Folder | Kind::Sshd => Vec::new(),
        }
    }

    /// Changes one byte of a file, from outside.
    pub fn corrupt(&self, name: &str) {
        match &self.local {
            Some(folder) => corrupt_file(&folder.join(name)),
            None => {
                run_python(CLIENT, &["s3-corrupt", &self.params, name]);
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(folder) = &self.local {
            // Files may belong to the server's user; a folder that cannot be removed costs only space.
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Changes the byte in the middle of a file and nothing else.
pub fn corrupt_file(file: &Path) {
    let mut bytes = std::fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(file, bytes).unwrap();
}

/// Credentials of an S3 server.
pub fn s3_environment(endpoint: &str, key: &str, secret: &str) -> Variables {
    variables(&[
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", key),
        ("AWS_SECRET_ACCESS_KEY", secret),
        ("AWS_REGION", "us-east-1"),
    ])
}

/// Credentials of an SFTP server.
pub fn sftp_environment(password: &str, host_key: &str) -> Variables {
    variables(&[("OUTFLOW_SFTP_PASSWORD", password), ("OUTFLOW_SFTP_HOST_KEY", host_key)])
}

/// The URL of a folder on an SFTP server of this machine.
pub fn sftp_url(user: &str, port: u16, path: &str) -> String {
    format!("sftp://{user}@127.0.0.1:{port}{path}")
}

/// Makes a bucket.
pub fn make_bucket(endpoint: &str, key: &str, secret: &str, bucket: &str) {
    run_python(CLIENT, &["s3-make", &s3_params(endpoint, key, secret, bucket, "").to_string()]);
}

/// Puts every file of a folder into a bucket, under its name behind `prefix`; a bar in a name becomes a slash.
pub fn upload(endpoint: &str, key: &str, secret: &str, bucket: &str, prefix: &str, folder: &Path) {
    let params = s3_params(endpoint, key, secret, bucket, prefix).to_string();
    run_python(CLIENT, &["s3-put", &params, text(folder)]);
}

fn s3_params(endpoint: &str, key: &str, secret: &str, bucket: &str, prefix: &str) -> serde_json::Value {
    json!({"endpoint": endpoint, "key": key, "secret": secret, "bucket": bucket, "prefix": prefix})
}
