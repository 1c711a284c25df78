//! Encrypted connections, as to the service itself.

use std::process::Command;

use outflow_connector_kit::{Connector as _, Erased};
use outflow_connectors::event_hubs::EventHubs;
use outflow_practice::PracticeTls;
use serde_json::{Value, json};

use super::{Place, messages, told};
use crate::support::{context, failure, steps};

/// The account of a namespace, for the process that is to deliver to it.
const ACCOUNT: &str = "OUTFLOW_TEST_EVENT_HUBS_TLS_ACCOUNT";

/// A namespace, with its certificate.
async fn encrypted() -> (Place, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = outflow_testkit::tls::certificate(folder.path());
    (Place::start_with("send-only", Some(PracticeTls { certificate, key })).await, folder)
}

/// Whom a process trusts it learns from its environment when it starts. So the test runs itself once more, with the
/// certificate as the authority that the machine trusts.
#[tokio::test(flavor = "multi_thread")]
async fn messages_arrive_over_an_encrypted_connection() {
    if let Ok(account) = std::env::var(ACCOUNT) {
        deliver(&serde_json::from_str(&account).unwrap()).await;
        return;
    }
    let (place, folder) = encrypted().await;
    let mut itself = Command::new(std::env::current_exe().unwrap());
    itself
        .args(["--exact", "event_hubs::tls::messages_arrive_over_an_encrypted_connection", "--nocapture"])
        .env("SSL_CERT_FILE", folder.path().join("cert.pem"))
        .env(ACCOUNT, place.account.to_string());
    let ran = tokio::task::spawn_blocking(move || itself.output().unwrap()).await.unwrap();
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success() && said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&ran.stderr));
    assert_eq!(place.stored().len(), 500);
}

async fn deliver(account: &Value) {
    let target = json!({"eventHubName": "exports"});
    let report = Erased(EventHubs).probe(account, &target, &context(1)).await;
    assert_eq!(report.failure(), None, "{report:?}");
    assert_eq!(steps(&report)[2], "Encrypt the connection: passed");
    let session = Erased(EventHubs).open_stream(account, &target, context(1)).await.unwrap();
    assert_eq!(told(&session.send(&messages(0, 500)).await), vec!["accepted"; 500]);
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_certificate_of_nobody_known_is_refused() {
    let (place, _folder) = encrypted().await;
    let report = place.probe().await;
    assert_eq!(steps(&report).last().unwrap(), "Encrypt the connection: failed config");
    let (_, message, hint) = failure(&report);
    assert!(message.contains("the certificate of amqps://127.0.0.1:") && message.contains("not trusted"), "{message}");
    assert!(hint.contains("certificate authority"), "{hint}");
    let fault = place.open_with(context(1)).await.err().unwrap();
    assert!(fault.message.contains("not trusted"), "{fault}");
}
