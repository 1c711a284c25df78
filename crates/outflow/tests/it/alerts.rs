//! Alerts as people and their programs get them: a mail server that wants a login, and a receiver that checks signatures.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::run::variables;
use crate::samples::lake;
use crate::server::{Server, access};

const LOGIN: &str = "outflow";
const PASSWORD: &str = "mail-password";
const SECRET: &str = "webhook-secret";
/// The variable that hands the webhook's secret over.
const SECRET_VARIABLE: &str = "TEST_WEBHOOK_SECRET";

/// Deliveries take a moment; a machine that needs longer has a problem worth seeing.
const DELIVERY_SECS_MAX: u64 = 60;

/// A mail server and a receiver of webhooks, until dropped.
struct Sinks {
    child: Child,
    mail_port: u64,
    webhook_port: u64,
    arrived: Receiver<Value>,
}

impl Sinks {
    fn start() -> Sinks {
        let mut child = Command::new(outflow_testkit::servers::python())
            .args(["-c", include_str!("sinks.py"), LOGIN, PASSWORD, SECRET])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let (sender, arrived) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if sender.send(serde_json::from_str(&line).unwrap()).is_err() {
                    break;
                }
            }
        });
        let port = |name: &str| first[name].as_u64().unwrap();
        Sinks { child, mail_port: port("mailPort"), webhook_port: port("webhookPort"), arrived }
    }

    /// What arrived since this was last asked for, mails and webhooks apart: `count` in all, and what there is more.
    fn arrived(&self, count: usize) -> (Vec<Value>, Vec<Value>) {
        let limit = Duration::from_secs(DELIVERY_SECS_MAX);
        let mut all: Vec<Value> = (0..count).map(|_| self.arrived.recv_timeout(limit).unwrap()).collect();
        all.extend(self.arrived.try_iter());
        let of = |kind: &str| all.iter().filter_map(|one| one.get(kind).cloned()).collect::<Vec<_>>();
        (of("mail"), of("webhook"))
    }
}

impl Drop for Sinks {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The alerts about failures, once each of them was delivered to everybody.
fn delivered(server: &Server, subscribers: usize) -> Vec<Value> {
    let started = Instant::now();
    loop {
        let alerts = server.ask(&["alerts", "list", "--kind", "run-failure"]);
        let alerts = alerts["items"].as_array().unwrap().clone();
        let is_delivered = |alert: &Value| {
            let states = alert["deliveries"].as_object().into_iter().flatten().map(|(_, one)| &one["state"]);
            states.filter(|state| *state == "delivered").count() == subscribers
        };
        if alerts.iter().all(is_delivered) {
            return alerts;
        }
        assert!(started.elapsed().as_secs() < DELIVERY_SECS_MAX, "not delivered: {alerts:?}\n{}", server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn run(server: &Server, expected: i32) {
    let ran = server.run(&["flows", "run", "daily", "--watch", "--json"]);
    assert_eq!(ran.status, Some(expected), "{}\n{}", ran.stdout, ran.stderr);
}

/// A server with a flow to a folder; answers where the folder is.
fn with_flow(sinks: &Sinks) -> (Server, Place) {
    let mail = format!("smtp://{LOGIN}:{PASSWORD}@127.0.0.1:{}", sinks.mail_port);
    let mut server = Server::with(
        &[],
        &variables(&[
            ("OUTFLOW_DESTINATIONS_FOLDER_ROOT", "/"),
            ("OUTFLOW_ALERTS_SMTP_URL", &mail),
            ("OUTFLOW_ALERTS_FROM", "Outflow <outflow@example.org>"),
            ("OUTFLOW_ALERTS_ALLOW_PRIVATE_ADDRESSES", "true"),
        ]),
    );
    server.attach("customers", &lake(20_000, 3, 2));
    server.ask(&["segments", "create", "gold", "--rule", "loyalty.points > 100"]);
    server.ask(&["segments", "evaluate", "gold"]);
    let place = Place::new(Kind::Folder);
    let access = access(&place);
    server.create_account("disk", &access).expect(0);
    server.create_destination("daily", "disk", &access);
    server.ask(&[
        "flows",
        "activate",
        "daily",
        "--segment",
        "gold",
        "--start-date",
        "2031-01-01",
        "--map",
        "profileId",
    ]);
    server.environment.push((SECRET_VARIABLE.into(), SECRET.into()));
    (server, place)
}

#[test]
fn a_failure_is_mailed_and_posted_once_and_so_is_the_recovery() {
    let sinks = Sinks::start();
    let (server, place) = with_flow(&sinks);
    let kind = ["--kind", "run-failure"];
    let url = format!("http://127.0.0.1:{}/hook?key=s3cr3t", sinks.webhook_port);
    let secret = format!("env:{SECRET_VARIABLE}");
    let to = ["--email", "team@example.org", "--email", "Lead <lead@example.org>"];
    server.ask(&[&["alerts", "subscribe", "team"], &to[..], &kind].concat());
    server.ask(&[&["alerts", "subscribe", "pager", "--webhook", &url, "--secret", &secret], &kind[..]].concat());

    // The folder goes away, and with it the one above, which a delivery would make it in.
    let folder = std::path::PathBuf::from(place.url.strip_prefix("file://").unwrap());
    let above = folder.parent().unwrap();
    let aside = server.temp.path().join("aside");
    std::fs::rename(above, &aside).unwrap();
    run(&server, 3);
    run(&server, 3);
    assert_eq!(delivered(&server, 2).len(), 1, "it fails still: nothing new to tell");
    let (mails, webhooks) = sinks.arrived(2);
    assert_eq!((mails.len(), webhooks.len()), (1, 1), "{mails:?} {webhooks:?}");
    let mail = &mails[0];
    assert_eq!(mail["login"], LOGIN);
    assert_eq!(
        (&mail["from"], &mail["to"]),
        (&json!("outflow@example.org"), &json!(["team@example.org", "lead@example.org"]))
    );
    let subject = mail["subject"].as_str().unwrap();
    assert!(subject.starts_with("Outflow: the export of segment gold in daily failed: "), "{subject}");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("kind: runFailure") && text.contains("what to do: "), "{text}");
    let hook = &webhooks[0];
    assert_eq!((&hook["signed"], &hook["path"]), (&json!(true), &json!("/hook?key=s3cr3t")), "{hook}");
    assert_eq!((&hook["body"]["state"], &hook["body"]["error"]["class"]), (&json!("open"), &json!("config")), "{hook}");
    let failed = hook["body"]["runId"].as_str().unwrap();
    assert_eq!(server.ask(&["runs", "show", failed])["state"], "failed");

    std::fs::rename(&aside, above).unwrap();
    run(&server, 0);
    run(&server, 0);
    assert_eq!(delivered(&server, 2).len(), 2);
    let (mails, webhooks) = sinks.arrived(2);
    assert_eq!((mails.len(), webhooks.len()), (1, 1), "{mails:?} {webhooks:?}");
    assert_eq!(mails[0]["subject"], "Outflow: the export of segment gold in daily delivers again");
    assert_eq!((&webhooks[0]["signed"], &webhooks[0]["body"]["state"]), (&json!(true), &json!("recovered")));

    let listed = server.run(&["alerts", "subscriptions"]);
    let listed = &listed.expect_status(0).stdout;
    assert!(listed.contains("team@example.org, Lead <lead@example.org>") && listed.contains("(signed)"), "{listed}");
    server.ask(&["alerts", "unsubscribe", "team"]);
    server.ask(&["alerts", "unsubscribe", "pager"]);
    assert_eq!(server.ask(&["alerts", "subscriptions"])["items"], json!([]));
    for hidden in [PASSWORD, SECRET, "s3cr3t"] {
        assert!(!server.log().contains(hidden), "the log has {hidden}");
    }
}

#[test]
fn a_server_without_a_mail_server_says_so_and_a_webhook_into_its_network_is_refused() {
    let server = Server::start();
    let mail = server.run(&["alerts", "subscribe", "team", "--email", "team@example.org"]);
    assert!(mail.expect_status(2).stderr.contains("sends no mail"), "{}", mail.stderr);
    let hook = server.run(&["alerts", "subscribe", "pager", "--webhook", "http://127.0.0.1:1/x"]);
    assert!(hook.expect_status(2).stderr.contains("allow_private_addresses"), "{}", hook.stderr);
    let both =
        server.run(&["alerts", "subscribe", "x", "--webhook", "https://h.example.com", "--email", "a@b.example"]);
    both.expect_status(2);
    let open = server.run(&["alerts", "subscribe", "x", "--webhook", "https://h.example.com", "--secret", "hush-hush"]);
    assert!(!open.expect_status(2).stderr.contains("hush-hush"), "{}", open.stderr);
    assert_eq!(server.run(&["alerts", "list"]).expect_status(0).stdout, "no alerts\n");
}
