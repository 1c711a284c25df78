//! The suite that every connector passes, against three stores that share no code.

use async_trait::async_trait;
use aws_sigv4::http_request::{PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use outflow_connector_kit::conformance::{TestBed, conformance};
use outflow_connector_kit::{Clock, Connector, Erased};
use outflow_connectors::s3::S3;
use outflow_practice::{Practice, PracticeOptions};
use serde_json::{Value, json};

use super::{Place, moto, rclone, unique};

struct Bed {
    place: Place,
    decides_between_writers: bool,
}

#[async_trait]
impl TestBed for Bed {
    fn connector(&self) -> &dyn Connector {
        const CONNECTOR: &Erased<S3> = &Erased(S3);
        CONNECTOR
    }

    fn account(&self) -> Value {
        self.place.account.clone()
    }

    fn clock(&self) -> Clock {
        crate::support::clock()
    }

    fn target(&self) -> Value {
        self.place.target.clone()
    }

    fn broken_account(&self) -> Option<Value> {
        Some(self.place.clone().with("s3SecretKey", "not-the-secret").account)
    }

    async fn leftovers(&self) -> Vec<String> {
        uploads_at(&self.place).await
    }

    fn decides_between_writers(&self) -> bool {
        self.decides_between_writers
    }
}

/// The keys of unfinished uploads in the place's folder, by a request that owes nothing to the connector.
async fn uploads_at(place: &Place) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (access, secret) = (text(&place.account["s3AccessKey"]), text(&place.account["s3SecretKey"]));
    let identity = aws_credential_types::Credentials::new(access, secret, None, None, "test").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("us-east-1")
        .name("s3")
        .time(crate::support::clock()().into())
        .settings(settings)
        .build()
        .unwrap();
    let url = format!("{}/exports?uploads=", text(&place.account["endpoint"]));
    let request = SignableRequest::new("GET", &url, std::iter::empty(), SignableBody::Bytes(b"")).unwrap();
    let (signed, _) = sign(request, &params.into()).unwrap().into_parts();
    let mut request = reqwest::Client::new().get(&url);
    for (name, value) in signed.headers() {
        request = request.header(name, value);
    }
    let answer = request.send().await.unwrap().text().await.unwrap();
    assert!(answer.contains("ListMultipartUploadsResult") || answer.contains("NoSuchUpload"), "{answer}");
    let keys = answer.split("<Key>").skip(1).filter_map(|rest| rest.split_once("</Key>"));
    let folder = text(&place.target["path"]);
    keys.map(|(key, _)| key.to_owned()).filter(|key| key.starts_with(&folder)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_the_practice_store() {
    let data = tempfile::tempdir().unwrap();
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let options = PracticeOptions {
        data_dir: data.path().join("practice"),
        s3_addr: any,
        sftp_addr: any,
        control_addr: any,
        region: "us-east-1".into(),
        seed: [7; 32],
    };
    let practice = Practice::start(options).await.unwrap();
    let key = json!({
        "accessKeyId": practice.s3().access_key_id, "secretAccessKey": practice.s3().secret_access_key,
    });
    let place = super::place(&practice.s3().url, &key).folder("conformance");
    conformance(&Bed { place, decides_between_writers: true }).await;
    practice.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_moto() {
    // Completing uploads, moto looks and writes in two steps.
    conformance(&Bed { place: moto("writer").folder("conformance"), decides_between_writers: false }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_conforms_on_rclone() {
    conformance(&Bed { place: rclone().folder(&format!("conformance-{}", unique())), decides_between_writers: false })
        .await;
}
