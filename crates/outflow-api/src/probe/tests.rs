//! Probes as clients see them: steps as they pass, what may be at fault, and host keys to approve.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;

use crate::testing::{Answer, Server};

const ACCOUNTS: &str = "/data/foundation/flowservice/connections";
const TARGETS: &str = "/data/foundation/flowservice/targetConnections";

/// The names of the steps that events tell of, and the data of the last event, which must be the only result.
fn told(answer: &Answer) -> (Vec<String>, Value) {
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "text/event-stream"), "{}", answer.text);
    let mut events = answer.events();
    let (last, result) = events.pop().unwrap();
    assert_eq!(last, "result", "{}", answer.text);
    assert!(events.iter().all(|(name, _)| name == "started" || name == "step"), "{}", answer.text);
    let over = events.iter().filter(|(name, _)| name == "step");
    (over.map(|(_, step)| step["name"].as_str().unwrap().to_owned()).collect(), result)
}

fn names(steps: &Value) -> Vec<String> {
    steps.as_array().unwrap().iter().map(|step| step["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_account_is_watched_while_it_is_tried_and_ends_as_it_would_without() {
    let server = Server::start().await;
    let s3 = server.practice_s3().await;
    let client = server.client();
    let answer = client.watch(Method::POST, ACCOUNTS, &[], &s3.account("Exports")).await;
    let (steps, result) = told(&answer);
    assert_eq!(steps, ["Check the settings", "Reach the endpoint", "Sign in"]);
    let begun: Vec<Value> = answer.events().into_iter().filter(|event| event.0 == "started").map(|e| e.1).collect();
    assert_eq!(begun, [json!({"name": "Reach the endpoint"}), json!({"name": "Sign in"})]);
    assert_eq!((&result["status"], &result["headers"]["content-type"]), (&json!(201), &json!("application/json")));
    assert_eq!(names(&result["body"]["probe"]["steps"]), steps);
    let path = format!("{ACCOUNTS}/{}", result["body"]["id"].as_str().unwrap());
    let (tested, result) = told(&client.watch(Method::GET, &format!("{path}/test"), &[], &Value::Null).await);
    assert_eq!((tested, &result["body"]["result"]), (steps.clone(), &json!(true)));

    let wrong = json!([{"op": "replace", "path": "/auth/params/s3SecretKey", "value": "wrong-secret"}]);
    let (refused, result) = told(&client.watch(Method::PATCH, &path, &[("if-match", "*")], &wrong).await);
    assert_eq!((refused, &result["status"]), (steps, &json!(400)));
    assert_eq!(result["headers"]["content-type"], "application/problem+json");
    let failed = &result["body"]["steps"][2];
    assert_eq!((&failed["outcome"], &failed["fields"]), (&json!("failed"), &json!(["/auth/params/s3SecretKey"])));
    let renamed = json!([{"op": "replace", "path": "/name", "value": "Renamed"}]);
    let (none, result) = told(&client.watch(Method::PATCH, &path, &[("if-match", "*")], &renamed).await);
    assert_eq!((none.len(), &result["status"]), (0, &json!(200)), "{result}");
}

#[tokio::test]
async fn a_target_is_watched_and_what_is_wrong_before_a_step_is_a_plain_answer() {
    let server = Server::start().await;
    let s3 = server.practice_s3().await;
    let client = server.client();
    let account = client.post(ACCOUNTS, &s3.account("Exports")).await;
    let mut body = s3.target(account.id(), "Loyal");
    let (steps, result) = told(&client.watch(Method::POST, TARGETS, &[], &body).await);
    assert_eq!((steps.len(), &result["status"]), (9, &json!(201)), "{steps:?} {result}");
    let path = format!("{TARGETS}/{}", result["body"]["id"].as_str().unwrap());
    let (tested, _) = told(&client.watch(Method::GET, &format!("{path}/test"), &[], &Value::Null).await);
    assert_eq!(tested, steps);
    let moved = json!([{"op": "replace", "path": "/params/bucketName", "value": "no-such-bucket"}]);
    let (_, result) = told(&client.watch(Method::PATCH, &path, &[("if-match", "*")], &moved).await);
    let failed = result["body"]["steps"].as_array().unwrap().last().unwrap();
    assert_eq!((&result["status"], &failed["fields"]), (&json!(400), &json!(["/params/bucketName"])), "{result}");

    body["params"]["bucketName"] = json!("Not_A_Bucket");
    let plain = client.watch(Method::POST, TARGETS, &[], &body).await;
    assert_eq!((plain.status, plain.fields()), (400, vec!["/params/bucketName".to_owned()]));
    assert_eq!(plain.content_type, "application/problem+json");
    let nobody = server.anonymous().watch(Method::POST, TARGETS, &[], &body).await;
    assert_eq!(nobody.status, 403);
}

#[tokio::test]
async fn an_unknown_host_key_comes_with_the_line_that_approves_it() {
    let server = Server::start().await;
    let practice = server.practice_s3().await;
    let client = server.client();
    let mut body = practice.sftp_account("Partner");
    let asks = |answer: &Answer| answer.body["steps"].as_array().unwrap().last().unwrap().clone();
    let unknown = asks(&client.post(ACCOUNTS, &body).await);
    let key = &unknown["hostKey"];
    assert_eq!(unknown["fields"], json!(["/auth/params/hostKey", "/auth/params/knownHosts"]));
    assert_eq!((&key["field"], &key["approved"]), (&json!("/auth/params/hostKey"), &json!([])), "{unknown}");
    assert_eq!(key["line"], practice.host_key().split(' ').take(2).collect::<Vec<_>>().join(" "));
    let fingerprint = key["fingerprint"].as_str().unwrap().to_owned();
    assert!(fingerprint.starts_with("SHA256:") && unknown["message"].as_str().unwrap().contains(&fingerprint));

    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDqlzXtrgk44oTTfG1thNacMxbqpu6wI3KlwkscfGuXx";
    body["auth"]["params"]["hostKey"] = json!(other);
    let changed = asks(&client.post(ACCOUNTS, &body).await);
    assert_eq!((&changed["hostKey"]["line"], &changed["hostKey"]["fingerprint"]), (&key["line"], &key["fingerprint"]));
    assert_eq!(changed["hostKey"]["approved"], json!(["SHA256:xLDpm3CHAPSgxo4GITGmWFUHO7axK/mhTq3Q+7qT/rQ"]));
    // Beside the other key, as a person pastes it.
    body["auth"]["params"]["hostKey"] = json!(format!("{other}\n{}", key["line"].as_str().unwrap()));
    let saved = client.post(ACCOUNTS, &body).await;
    assert_eq!(saved.status, 201, "{}", saved.text);
    let mut target = practice.sftp_target(saved.id(), "Upload");
    assert_eq!(client.post(TARGETS, &target).await.status, 201);
    target["params"]["remotePath"] = json!("/no/such/folder");
    assert_eq!(asks(&client.post(TARGETS, &target).await)["fields"], json!(["/params/remotePath"]));

    body["auth"]["params"]["password"] = json!("not-the-password");
    let refused = client.post(ACCOUNTS, &body).await;
    assert_eq!(asks(&refused)["fields"], json!(["/auth/params/username", "/auth/params/password"]));
    assert!(!refused.text.contains("not-the-password"));
    body["auth"]["params"]["port"] = json!(9);
    assert_eq!(
        asks(&client.post(ACCOUNTS, &body).await)["fields"],
        json!(["/auth/params/domain", "/auth/params/port"])
    );
}

#[tokio::test]
async fn steps_before_a_server_fell_silent_are_told() {
    let server = Server::start_with(|settings| settings.probe_timeout_secs = 1).await;
    let practice = server.practice_s3().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut body = practice.sftp_account("Partner");
    body["auth"]["params"]["port"] = json!(silent.local_addr().unwrap().port());
    let (steps, result) = told(&server.client().watch(Method::POST, ACCOUNTS, &[], &body).await);
    assert_eq!(steps, ["Check the settings", "Wait for the far end"]);
    assert_eq!((&result["status"], &result["body"]["class"]), (&json!(400), &json!("unavailable")));
}

#[tokio::test]
async fn who_leaves_takes_the_probe_along() {
    let server = Server::start().await;
    let practice = server.practice_s3().await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut body = practice.sftp_account("Partner");
    body["auth"]["params"]["port"] = json!(silent.local_addr().unwrap().port());
    let client = server.client();
    let watching = tokio::spawn(async move { client.watch(Method::POST, ACCOUNTS, &[], &body).await });
    let (mut far_end, _) = silent.accept().await.unwrap();
    let mut greeting = [0; 256];
    assert!(far_end.read(&mut greeting).await.unwrap() > 0);
    watching.abort();
    // A probe that went on would wait for the server's greeting for 15 seconds.
    let ended = tokio::time::timeout(Duration::from_secs(8), async {
        while far_end.read(&mut greeting).await.is_ok_and(|bytes| bytes > 0) {}
    });
    assert!(ended.await.is_ok(), "the probe goes on");
}
