//! Who may use a server, and when segments are evaluated by themselves.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;

use crate::run::{outflow, variables};
use crate::samples::text;
use crate::server::Server;

/// What commands of a client get that signs in with the secret in a file.
fn signed_in(server: &Server, client: &str, file: &str, scope: &[&str]) -> Vec<(String, String)> {
    let source = format!("file:{file}");
    let args = ["token", "--server", server.url(), "--client-id", client, "--client-secret", &source];
    let token = outflow(&[&args[..], scope].concat(), &Vec::new());
    let token = token.expect_status(0).stdout.trim().to_owned();
    variables(&[("OUTFLOW_SERVER", server.url()), ("OUTFLOW_TOKEN", &token)])
}

#[test]
fn a_client_does_what_its_scope_says_until_it_is_deleted() {
    let server = Server::start();
    let file = server.temp.path().join("secret");
    let file = text(&file);
    let made = server.ask(&["clients", "create", "reporting", "--scope", "read", "--secret-file", file]);
    assert_eq!((&made["id"], made.get("secret")), (&json!("reporting"), None), "{made}");
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let reader = signed_in(&server, "reporting", file, &[]);
    outflow(&["flows", "list"], &reader).expect_status(0);
    let refused = outflow(&["segments", "create", "x", "--rule", "a = 1"], &reader);
    assert!(refused.expect_status(5).stderr.contains("lacks the scope write"), "{}", refused.stderr);
    outflow(&["clients", "list"], &reader).expect_status(5);
    outflow(&["flows", "list", "--sandbox", "dev"], &reader).expect_status(5);

    let shown = server.run(&["clients", "create", "deploy", "--scope", "write", "--for-sandbox", "dev"]);
    let secret = shown.expect_status(0).stdout.lines().last().unwrap().to_owned();
    std::fs::write(file, &secret).unwrap();
    let writer = signed_in(&server, "deploy", file, &[]);
    let schedule = ["schedules", "create", "x", "--cron", "0 0 1 * * ?", "--sandbox", "dev"];
    outflow(&schedule, &writer).expect_status(0);
    // A token may be good for less than its client.
    let less = signed_in(&server, "deploy", file, &["--scope", "read"]);
    outflow(&schedule, &less).expect_status(5);

    let listed = server.run(&["clients", "list"]);
    let listed = &listed.expect_status(0).stdout;
    assert!(["admin", "reporting", "deploy"].iter().all(|client| listed.contains(client)), "{listed}");
    assert!(!listed.contains(&secret));
    server.ask(&["clients", "rotate-secret", "deploy"]);
    outflow(&["schedules", "list", "--sandbox", "dev"], &writer).expect_status(4);
    server.ask(&["clients", "delete", "reporting"]);
    outflow(&["flows", "list"], &reader).expect_status(4);
    let kept = server.run(&["clients", "delete", "admin"]);
    assert!(kept.expect_status(5).stderr.contains("reset-admin"), "{}", kept.stderr);
    assert!(!server.log().contains(&secret), "the log has a secret");
}

#[test]
fn schedules_of_evaluations_are_made_changed_and_deleted() {
    let server = Server::start();
    server.ask(&["segments", "create", "gold", "--rule", "loyalty.points > 100"]);
    let made = server.ask(&["schedules", "create", "nightly", "--cron", "0 0 1 * * ?"]);
    assert_eq!((&made["state"], &made["properties"]["segments"]), (&json!("active"), &json!(["*"])), "{made}");
    let wrong = server.run(&["schedules", "create", "x", "--cron", "at night"]);
    assert!(wrong.expect_status(2).stderr.contains("/schedule"), "{}", wrong.stderr);
    let changed = server.ask(&["schedules", "update", "nightly", "--segment", "gold", "--cron", "0 30 2 * * ?"]);
    assert_eq!(changed["schedule"], "0 30 2 * * ?", "{changed}");
    assert_eq!(server.ask(&["schedules", "disable", "nightly"])["state"], "inactive");
    let shown = server.run(&["schedules", "list"]);
    let row = shown.expect_status(0).stdout.lines().last().unwrap().to_owned();
    assert!(row.starts_with("nightly  disabled  0 30 2 * * ?"), "{row}");
    assert!(row.contains("gold"), "{row}");
    server.ask(&["schedules", "update", "nightly", "--all-segments"]);
    assert_eq!(server.ask(&["schedules", "show", "nightly"])["properties"]["segments"], json!(["*"]));
    server.ask(&["schedules", "enable", "nightly"]);
    server.ask(&["schedules", "delete", "nightly"]);
    server.run(&["schedules", "show", "nightly"]).expect_status(2);
}
