//! Running targets, and clients in Python and JavaScript that say what they saw.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use outflow_practice::{FaultSettings, Practice, PracticeOptions};
use serde_json::Value;
use tempfile::TempDir;

/// Running targets in a folder of their own.
pub struct Target {
    pub practice: Practice,
    pub folder: TempDir,
}

pub fn options(folder: &TempDir) -> PracticeOptions {
    PracticeOptions {
        region: "eu-central-1".into(),
        ..PracticeOptions::on_free_ports(folder.path().join("practice"), [7; 32])
    }
}

impl Target {
    pub async fn start() -> Target {
        let folder = tempfile::tempdir().unwrap();
        let practice = Practice::start(options(&folder)).await.unwrap();
        Target { practice, folder }
    }

    pub fn data_dir(&self) -> PathBuf {
        self.folder.path().join("practice")
    }

    /// A file of the bucket `exports`.
    pub fn object(&self, key: &str) -> PathBuf {
        self.practice.s3().folder.join("exports").join(key)
    }

    /// A file in the SFTP folder `/upload`.
    pub fn uploaded(&self, name: &str) -> PathBuf {
        self.practice.sftp().folder.join("upload").join(name)
    }

    /// Sets faults from their JSON form.
    pub fn faults(&self, json: Value) {
        self.practice.faults().set(serde_json::from_value::<FaultSettings>(json).unwrap());
    }

    /// Runs the function `case` of the client `script` and answers what it saw.
    pub async fn client(&self, script: &str, case: &str) -> Value {
        let given =
            |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run through `make test`"));
        let in_javascript = Path::new(script).extension().is_some_and(|extension| extension == "cjs");
        let (program, modules) = if in_javascript {
            ("node".to_owned(), given("OUTFLOW_TEST_NODE_MODULES"))
        } else {
            (given("OUTFLOW_TEST_PYTHON"), String::new())
        };
        let (s3, sftp) = (self.practice.s3(), self.practice.sftp());
        let (kinesis, hubs) = (self.practice.kinesis(), self.practice.event_hubs());
        let connection = |policy: &str| hubs.connection_string(hubs.policy(policy).unwrap());
        let output = tokio::process::Command::new(program)
            .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(script))
            .arg(case)
            .env_remove("AWS_PROFILE")
            .env("AWS_CONFIG_FILE", "/dev/null")
            .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
            .env("S3_URL", &s3.url)
            .env("S3_KEY", &s3.access_key_id)
            .env("S3_SECRET", &s3.secret_access_key)
            .env("S3_KEY_NO_RIGHTS", &s3.no_rights.access_key_id)
            .env("S3_SECRET_NO_RIGHTS", &s3.no_rights.secret_access_key)
            .env("S3_REGION", &s3.region)
            .env("SFTP_HOST", &sftp.host)
            .env("SFTP_PORT", sftp.port.to_string())
            .env("SFTP_USER", &sftp.user)
            .env("SFTP_PASSWORD", &sftp.password)
            .env("SFTP_HOST_KEY", &sftp.host_key)
            .env("SFTP_CLIENT_KEY", &sftp.client_key)
            .env("KINESIS_URL", &kinesis.url)
            .env("KINESIS_REGION", &kinesis.region)
            .env("KINESIS_KEY", &kinesis.access_key_id)
            .env("KINESIS_SECRET", &kinesis.secret_access_key)
            .env("KINESIS_KEY_NO_RIGHTS", &kinesis.no_rights.access_key_id)
            .env("KINESIS_SECRET_NO_RIGHTS", &kinesis.no_rights.secret_access_key)
            .env("KINESIS_KEY_PUT_ONLY", &kinesis.put_only.access_key_id)
            .env("KINESIS_SECRET_PUT_ONLY", &kinesis.put_only.secret_access_key)
            .env("KINESIS_SESSION_KEY", &kinesis.session.access_key_id)
            .env("KINESIS_SESSION_SECRET", &kinesis.session.secret_access_key)
            .env("KINESIS_SESSION_TOKEN", &kinesis.session.session_token)
            .env("EVENT_HUBS_ROOT", connection("RootManageSharedAccessKey"))
            .env("EVENT_HUBS_SEND", connection("send-only"))
            .env("EVENT_HUBS_LISTEN", connection("listen-only"))
            .env("EVENT_HUBS_HUB_SEND", connection("exports-send"))
            .env("NODE_PATH", modules)
            .env("CONTROL_URL", self.practice.control_url())
            .env("SCRATCH", self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{script} {case} failed\n{said}\n{complained}");
        let last = said.lines().last().unwrap_or_default();
        serde_json::from_str(last).unwrap_or_else(|e| panic!("{script} {case} said {last:?}: {e}\n{complained}"))
    }

    /// How many temporary files there are.
    pub fn temporaries(&self) -> usize {
        std::fs::read_dir(self.data_dir().join(".practice/tmp")).unwrap().count()
    }
}
