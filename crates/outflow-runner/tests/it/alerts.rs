//! What is told, to whom, and how often.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use outflow_model::FaultClass;
use outflow_model::run::RunState;
use outflow_store::{Alert, AlertSubscription, Expected, Scope};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::gate::{Gate, Place, gated};
use crate::world::{Activated, DATED, SANDBOX, Server, World, daily, time};

/// A request that arrived: headers in lower case, and the body.
struct Request {
    head: String,
    body: String,
}

/// A receiver of webhooks that answers with the statuses it is given, then with 200.
struct Receiver {
    url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    statuses: Arc<Mutex<Vec<u16>>>,
}

impl Receiver {
    fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook?token=s3cr3t", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let statuses = Arc::new(Mutex::new(Vec::<u16>::new()));
        let (seen, next) = (Arc::clone(&requests), Arc::clone(&statuses));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    if reader.read_line(&mut head).unwrap() == 0 {
                        break;
                    }
                }
                let head = head.to_lowercase();
                let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                let mut body = vec![0; length.unwrap_or(0)];
                reader.read_exact(&mut body).unwrap();
                seen.lock().unwrap().push(Request { head, body: String::from_utf8(body).unwrap() });
                let status = next.lock().unwrap().pop().unwrap_or(200);
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).unwrap();
            }
        });
        Receiver { url, requests, statuses }
    }

    fn told(&self) -> Vec<(String, String)> {
        let text = |value: &Value, member: &str| value[member].as_str().unwrap_or_default().to_owned();
        let requests = self.requests.lock().unwrap();
        let bodies = requests.iter().map(|request| serde_json::from_str::<Value>(&request.body).unwrap());
        bodies.map(|body| (text(&body, "kind"), text(&body, "state"))).collect()
    }
}

async fn world() -> (World, Arc<Gate>, String) {
    let (connectors, gate) = gated();
    let world = World::with(connectors).await;
    world.write_people(&[("a@x", "US", 10), ("b@x", "US", 20), ("c@x", "US", 20)]);
    world.attach().await;
    world.work().await;
    let segment = world.segment("Americans", "country = \"US\"").await;
    let activated = Activated {
        segment: &segment,
        mode: "DAILY_FULL_EXPORT",
        schedule: daily("2027-01-01", "06:00"),
        template: DATED,
    };
    let flow = world.flow("acme", &[activated], &["email"]).await;
    (world, gate, flow)
}

async fn subscribe(world: &World, kinds: &[&str], url: &str, secret: Option<&str>) -> String {
    let body = json!({"name": "me", "kinds": kinds, "channel": {"type": "webhook", "url": url}});
    assert!(world.runner().check_subscription(&body).is_empty());
    let id = world.insert::<AlertSubscription>("me", body).await;
    if let Some(secret) = secret {
        let mut tx = world.store.begin().await.unwrap();
        tx.put_secret(SANDBOX, &id, "/channel/secret", &SecretString::from(secret)).await.unwrap();
        tx.commit().await.unwrap();
    }
    id
}

async fn run(world: &World, flow: &str) -> RunState {
    world.advance(TimeDelta::minutes(1));
    let runs = world.runner().submit_run_now(SANDBOX, flow, "me").await.unwrap();
    world.work().await;
    world.run_body(&runs[0]).await.state
}

fn pairs(told: &[(&str, &str)]) -> Vec<(String, String)> {
    told.iter().map(|(kind, state)| ((*kind).to_owned(), (*state).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_is_told_once_and_so_is_recovery() {
    let (world, gate, flow) = world().await;
    let receiver = Receiver::start();
    subscribe(&world, &["runFailure"], &receiver.url, None).await;
    for _ in 0..3 {
        gate.fail(Place::Open, FaultClass::Credentials);
        assert_eq!(run(&world, &flow).await, RunState::Failed);
    }
    assert_eq!(receiver.told(), pairs(&[("runFailure", "open")]));
    for _ in 0..2 {
        assert_eq!(run(&world, &flow).await, RunState::Success);
    }
    assert_eq!(receiver.told(), pairs(&[("runFailure", "open"), ("runFailure", "recovered")]));
    let alert: Value = serde_json::from_str(&receiver.requests.lock().unwrap()[0].body).unwrap();
    assert_eq!((alert["error"]["class"].as_str(), alert["flowId"].as_str()), (Some("credentials"), Some(&*flow)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_run_is_told_from_its_beginning_to_its_end_and_requests_are_signed() {
    let (world, _, flow) = world().await;
    let receiver = Receiver::start();
    subscribe(&world, &[], &receiver.url, Some("key")).await;
    run(&world, &flow).await;
    assert_eq!(receiver.told(), pairs(&[("runStart", "told"), ("runSuccess", "told")]));
    for request in receiver.requests.lock().unwrap().iter() {
        let header = |name: &str| request.head.lines().find_map(|l| l.strip_prefix(&format!("{name}: "))).unwrap();
        let signed = format!("{}.{}", header("x-outflow-timestamp"), request.body);
        let signature = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, b"key"), signed.as_bytes());
        let text: String = signature.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(header("x-outflow-signature"), format!("sha256={text}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_out_many_is_told_when_it_begins_and_when_it_ends() {
    let (world, _, flow) = world().await;
    let receiver = Receiver::start();
    subscribe(&world, &["skippedRate"], &receiver.url, None).await;
    let dedup = |path: Option<&'static str>| {
        world.change::<outflow_store::Flow>(&flow, move |body| {
            let fields = path.map(|path| json!([{"fieldType": "ATTRIBUTE", "attributePath": path}]));
            body["transformations"][0]["params"]["primaryFields"] = fields.unwrap_or(json!([]));
        })
    };
    run(&world, &flow).await;
    dedup(Some("points")).await;
    run(&world, &flow).await;
    run(&world, &flow).await;
    dedup(None).await;
    run(&world, &flow).await;
    assert_eq!(receiver.told(), pairs(&[("skippedRate", "open"), ("skippedRate", "recovered")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_takes_long_is_told_once() {
    let (world, gate, flow) = world().await;
    let receiver = Receiver::start();
    subscribe(&world, &["runDelay"], &receiver.url, None).await;
    gate.fail(Place::Open, FaultClass::Unavailable);
    run(&world, &flow).await;
    world.runner().reconcile().await.unwrap();
    assert!(receiver.told().is_empty());
    gate.fail(Place::Open, FaultClass::Unavailable);
    // Nobody was there for hours.
    world.advance(TimeDelta::minutes(151));
    for _ in 0..2 {
        world.runner().reconcile().await.unwrap();
    }
    world.work().await;
    let told = receiver.told();
    assert_eq!(told.first(), pairs(&[("runDelay", "open")]).first());
    assert_eq!(told.iter().filter(|(_, state)| state == "open").count(), 1);
}

/// Whether it is told just now that the exports of the flow are late.
async fn is_late(world: &World) -> bool {
    world.runner().reconcile().await.unwrap();
    let open = world.store.read().await.unwrap().open_alerts(SANDBOX).await.unwrap();
    open.iter().any(|alert| alert.kind == "runDelay")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_is_late_by_its_own_time_however_long_it_waited() {
    let (world, _, _) = world().await;
    world.clock.set(time("2027-01-01T00:00:00Z"));
    assert!(!is_late(&world).await && world.runs().await.is_empty());
    // Nobody was there when the slot came, at six.
    world.clock.set(time("2027-01-01T08:30:00Z"));
    assert!(!is_late(&world).await);
    assert_eq!(world.runs().await.len(), 1);
    assert!(!is_late(&world).await);
    world.clock.set(time("2027-01-01T08:30:01Z"));
    assert!(is_late(&world).await);
    world.work().await;
    assert!(!is_late(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_waits_for_a_run_is_late_with_it_and_by_itself() {
    let (world, _, flow) = world().await;
    world.clock.set(time("2027-01-01T05:59:00Z"));
    world.runner().reconcile().await.unwrap();
    let asked = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    // The slot comes and waits.
    world.clock.set(time("2027-01-01T06:00:00Z"));
    assert!(!is_late(&world).await && world.runs().await.len() == 1);
    world.clock.set(time("2027-01-01T08:30:01Z"));
    assert!(is_late(&world).await && world.runs().await.len() == 1);
    world.runner().cancel(SANDBOX, &asked[0], "me", Expected::Any).await.unwrap();
    // Its own run is made now, and it is as late.
    world.runner().reconcile().await.unwrap();
    assert_eq!(world.runs().await.len(), 2);
    assert!(is_late(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_away_is_tried_again_and_one_that_refuses_is_not() {
    let (world, _, flow) = world().await;
    let receiver = Receiver::start();
    let subscription = subscribe(&world, &["runSuccess"], &receiver.url, None).await;
    receiver.statuses.lock().unwrap().extend([410, 503]);
    run(&world, &flow).await;
    assert_eq!(receiver.told().len(), 1);
    world.advance(TimeDelta::minutes(1));
    world.work().await;
    assert_eq!(receiver.told().len(), 2);
    world.advance(TimeDelta::hours(1));
    world.work().await;
    assert_eq!(receiver.told().len(), 2);
    let mut reader = world.store.read().await.unwrap();
    let alerts = reader.all::<Alert>(Scope::Sandbox(SANDBOX), Vec::new()).await.unwrap();
    let delivery = alerts.iter().find_map(|a| a.details.get("deliveries")?.get(&subscription).cloned()).unwrap();
    assert_eq!((delivery["state"].as_str(), delivery["error"]["class"].as_str()), (Some("failed"), Some("refused")));
    assert!(!delivery.to_string().contains("s3cr3t"), "{delivery}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_into_the_servers_own_network_is_not_called_unless_allowed() {
    let (mut world, _, flow) = world().await;
    let receiver = Receiver::start();
    subscribe(&world, &["runSuccess"], &receiver.url, None).await;
    // A name that leads there is found when it is looked up.
    let named = receiver.url.replace("127.0.0.1", "localhost");
    subscribe(&world, &["runSuccess"], &named, None).await;
    world.settings.alerts.allow_private_addresses = false;
    run(&world, &flow).await;
    assert!(receiver.told().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn lateness_is_over_however_the_run_ends() {
    for end in ["failed", "cancelled"] {
        let (world, gate, flow) = world().await;
        let receiver = Receiver::start();
        subscribe(&world, &["runDelay"], &receiver.url, None).await;
        gate.fail(Place::Open, FaultClass::Credentials);
        let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
        world.advance(TimeDelta::seconds(world.settings.delay_alert_secs.try_into().unwrap()) + TimeDelta::seconds(1));
        world.runner().reconcile().await.unwrap();
        if end == "cancelled" {
            world.runner().cancel(SANDBOX, &runs[0], "me", Expected::Any).await.unwrap();
        }
        world.work().await;
        assert_eq!(world.run_body(&runs[0]).await.state.as_str(), end);
        let mut told = receiver.told();
        told.sort();
        assert_eq!(told, pairs(&[("runDelay", "open"), ("runDelay", "recovered")]), "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_tried_again_is_late_by_when_it_was_queued_again() {
    let (world, gate, flow) = world().await;
    gate.fail(Place::Open, FaultClass::Credentials);
    let runs = world.runner().submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.work().await;
    let first = world.run_body(&runs[0]).await;
    assert_eq!(first.state, RunState::Failed);
    world.advance(TimeDelta::days(3));
    world.runner().submit_retry(SANDBOX, &runs[0], Expected::Any).await.unwrap();
    assert!(!is_late(&world).await);
    world.advance(TimeDelta::seconds(world.settings.delay_alert_secs.try_into().unwrap()) + TimeDelta::seconds(1));
    assert!(is_late(&world).await);
    world.work().await;
    let again = world.run_body(&runs[0]).await;
    assert!(again.state == RunState::Success && again.started_at > first.completed_at, "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_does_not_answer_keeps_no_run_waiting() {
    let (mut world, _, flow) = world().await;
    world.settings.workers = 1;
    world.settings.lease_secs = 3_600;
    world.settings.alerts.timeout_secs = 3_600;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let subscription = subscribe(&world, &["runSuccess"], &url, None).await;
    let server = Server::start(&world.runner());
    let first = server.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.until_state(&first[0], RunState::Success).await;
    // It takes the request, and does not answer.
    let (stream, _) = tokio::task::spawn_blocking(move || listener.accept().unwrap()).await.unwrap();
    let second = server.runner.submit_run_now(SANDBOX, &flow, "me").await.unwrap();
    world.until_state(&second[0], RunState::Success).await;
    let mut reader = world.store.read().await.unwrap();
    let alerts = reader.all::<Alert>(Scope::Sandbox(SANDBOX), Vec::new()).await.unwrap();
    let told = alerts.iter().find(|alert| alert.body["runId"] == json!(first[0]) && alert.body["kind"] == "runSuccess");
    let subject = format!("{}/{subscription}", told.unwrap().id);
    let job = reader.job(outflow_runner::jobs::ALERT, &subject).await.unwrap();
    assert!(job.is_some_and(|job| job.worker.is_some()), "the first alert was to be under way");
    drop((reader, stream));
    server.stop_or_be_cut().await;
}
