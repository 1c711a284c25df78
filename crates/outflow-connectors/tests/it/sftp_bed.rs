//! The OpenSSH server that `make test` starts.

use std::ops::Deref;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use outflow_connector_kit::{Connector, Fault, ProbeReport, Session, SessionContext};
use outflow_testkit::servers::SshdParams;
use serde_json::{Value, json};

use crate::support::{connector, context};

/// The server, and what tests make of it.
pub struct Sshd(SshdParams);

impl Deref for Sshd {
    type Target = SshdParams;

    fn deref(&self) -> &SshdParams {
        &self.0
    }
}

impl Sshd {
    pub fn find() -> Sshd {
        Sshd(outflow_testkit::servers::sshd())
    }

    /// An account with the password.
    pub fn account(&self, user: &str) -> Value {
        json!({
            "domain": self.host, "port": self.port, "username": user, "password": self.password,
            "hostKey": self.host_key,
        })
    }

    /// An account with a private key.
    pub fn key_account(&self, ssh_key: &str) -> Value {
        json!({
            "domain": self.host, "port": self.port, "username": self.user, "sshKey": ssh_key,
            "hostKey": self.host_key,
        })
    }

    /// A new folder that the user may write to.
    pub fn folder(&self) -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("it-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let local = self.upload_dir.join(&name);
        std::fs::create_dir(&local).unwrap();
        std::fs::set_permissions(&local, std::fs::Permissions::from_mode(0o777)).unwrap();
        Folder { local, remote: format!("/upload/{name}") }
    }

    pub fn sftp() -> Box<dyn Connector> {
        connector("sftp")
    }
}

/// A folder on the server, seen from both sides. Removed at the end.
pub struct Folder {
    pub local: PathBuf,
    pub remote: String,
}

impl Folder {
    pub fn target(&self) -> Value {
        target(&self.remote)
    }

    pub fn local(&self) -> &Path {
        &self.local
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Files belong to the server's user; a folder that cannot be removed costs only space.
        let _ = std::fs::remove_dir_all(&self.local);
    }
}

pub fn target(path: &str) -> Value {
    json!({"remotePath": path})
}

/// `account` with some members set, or removed where the value is null.
pub fn with(mut account: Value, changes: Value) -> Value {
    let (Some(account_members), Value::Object(changes)) = (account.as_object_mut(), changes) else { panic!() };
    for (name, value) in changes {
        if value.is_null() {
            account_members.remove(&name);
        } else {
            account_members.insert(name, value);
        }
    }
    account
}

pub async fn open(account: &Value, target: &Value) -> Box<dyn Session> {
    open_with(account, target, context(1)).await.unwrap()
}

pub async fn open_with(account: &Value, target: &Value, context: SessionContext) -> Result<Box<dyn Session>, Fault> {
    Sshd::sftp().open(account, target, context).await
}

pub async fn probe(account: &Value, target: &Value) -> ProbeReport {
    Sshd::sftp().probe(account, target, &context(2)).await
}
