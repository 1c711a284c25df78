//! The suite that every connector passes, against three stores that share no code.

use async_trait::async_trait;
use outflow_connector_kit::conformance::{TestBed, conformance};
use outflow_connector_kit::{Clock, Connector, Erased};
use outflow_connectors::s3::S3;
use outflow_practice::{Practice, PracticeOptions};
use outflow_testkit::python::run_python;
use serde_json::{Value, json};

use super::{Place, moto, rclone};

struct Bed {
    connector: Erased<S3>,
    place: Place,
    decides_between_writers: bool,
}

#[async_trait]
impl TestBed for Bed {
    fn connector(&self) -> &dyn Connector {
        &self.connector
    }

    fn clock(&self) -> Clock {
        crate::support::clock()
    }

    fn account(&self) -> Value {
        self.place.account.clone()
    }

    fn target(&self) -> Value {
        self.place.target.clone()
    }

    fn broken_account(&self) -> Option<Value> {
        let mut account = self.place.account.clone();
        account["s3SecretKey"] = json!("wrong".repeat(8));
        Some(account)
    }

    fn decides_between_writers(&self) -> bool {
        self.decides_between_writers
    }

    /// Unfinished uploads, as another client sees them.
    async fn leftovers(&self) -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_string();
        let arguments = [
            text(&self.place.account["endpoint"]),
            text(&self.place.account["s3AccessKey"]),
            text(&self.place.account["s3SecretKey"]),
            text(&self.place.target["path"]),
        ];
        let listed = tokio::task::spawn_blocking(move || {
            let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
            run_python(LIST_UPLOADS, &arguments)
        });
        listed.await.unwrap().lines().map(str::to_string).collect()
    }
}

const LIST_UPLOADS: &str = r#"
import sys, boto3
from botocore.config import Config
endpoint, key, secret, prefix = sys.argv[1:5]
s3 = boto3.client("s3", endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret,
                  region_name="us-east-1", config=Config(s3={"addressing_style": "path"}))
try:
    found = s3.list_multipart_uploads(Bucket="exports", Prefix=prefix).get("Uploads", [])
except s3.exceptions.ClientError as error:
    # Some servers answer so when there is none.
    if error.response["Error"]["Code"] != "NoSuchUpload":
        raise
    found = []
for upload in found:
    print(upload["Key"])
"#;

async fn conforms(place: Place, decides_between_writers: bool) {
    let place = place.folder("conformance");
    conformance(&Bed { connector: Erased(S3), place, decides_between_writers }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_the_practice_store() {
    let data = tempfile::tempdir().unwrap();
    let options = PracticeOptions::on_free_ports(data.path().join("practice"), [7; 32]);
    let practice = Practice::start(options).await.unwrap();
    let key = json!({
        "accessKeyId": practice.s3().access_key_id, "secretAccessKey": practice.s3().secret_access_key,
    });
    conforms(super::place(&practice.s3().url, &key), true).await;
    practice.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_a_store_with_rights() {
    // When it completes an upload, moto looks whether the name is taken and then writes: not in one step.
    conforms(moto("writer"), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_a_store_that_ignores_conditions() {
    conforms(rclone(), false).await;
}
