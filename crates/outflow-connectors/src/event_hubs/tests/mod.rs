//! The session against a hub that answers by script.

mod fake;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use fake::{Answer, Script, Seen, start};
use outflow_connector_kit::{
    Connector, Erased, Fault, FaultClass, MemoryJournal, Message, Outcome, ProbeReport, RetryPolicy, SessionContext,
    StepOutcome, StreamSession,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::config::Account;
use super::connection::Patience;
use super::dial::Dialer;
use super::session::HubSession;

const CLAIM: (&str, &str) = (
    "amqp:unauthorized-access",
    "Unauthorized access. 'Send' claim(s) are required to perform this operation. Resource: 'sb://x/profiles'.",
);

fn context(clock: &Arc<AtomicI64>) -> SessionContext {
    let clock = Arc::clone(clock);
    SessionContext {
        attempt: "00000001".into(),
        journal: Arc::new(MemoryJournal::default()),
        clock: Arc::new(move || DateTime::UNIX_EPOCH + TimeDelta::minutes(30_000_000 + clock.load(Ordering::SeqCst))),
        retry: RetryPolicy::none(),
        seed: 1,
        buffer_bytes_max: 1 << 20,
    }
}

fn account(port: u16) -> Value {
    let endpoint = format!("amqp://127.0.0.1:{port}");
    json!({"sasKeyName": "send", "sasKey": "c2VjcmV0", "namespace": "practice", "endpointUrl": endpoint})
}

const SHORT: Patience = Patience {
    connect: Duration::from_secs(5),
    answer: Duration::from_secs(5),
    credit: Duration::from_millis(400),
    request: Duration::from_secs(20),
    settle: Duration::from_millis(600),
    silence: Duration::from_secs(20),
};

async fn open_with(script: Script, clock: &Arc<AtomicI64>) -> (Result<HubSession, Fault>, Arc<Seen>) {
    open_for(SHORT, script, clock).await
}

async fn open_for(
    patience: Patience,
    script: Script,
    clock: &Arc<AtomicI64>,
) -> (Result<HubSession, Fault>, Arc<Seen>) {
    let (port, seen) = start(script).await;
    let account = Account::deserialize(account(port)).unwrap();
    let dialer = Dialer::new(&account, "profiles", &context(clock)).unwrap().with(patience);
    (HubSession::open(dialer, "eventhubs://practice/profiles".into()).await, seen)
}

async fn open(script: Script) -> (HubSession, Arc<Seen>) {
    let (session, seen) = open_with(script, &Arc::default()).await;
    (session.unwrap(), seen)
}

async fn refused(script: Script) -> Fault {
    open_with(script, &Arc::default()).await.0.err().unwrap()
}

fn messages(from: usize, count: usize, body_bytes: usize) -> Vec<Message> {
    let message = |number: usize| Message {
        key: format!("email:{number}@example.org").into(),
        event_id: format!("{number:032x}").into(),
        body: Bytes::from("x".repeat(body_bytes)),
    };
    (from..from + count).map(message).collect()
}

fn told(outcomes: &[Outcome]) -> Vec<String> {
    let text = |outcome: &Outcome| match outcome {
        Outcome::Accepted => "accepted".to_owned(),
        Outcome::NotAccepted(fault) => format!("not: {}", fault.class),
        Outcome::Denied(fault) => format!("denied: {}", fault.class),
        Outcome::Unknown(fault) => format!("unknown: {}", fault.class),
    };
    outcomes.iter().map(text).collect()
}

fn accepted(count: usize) -> Vec<String> {
    vec!["accepted".to_owned(); count]
}

fn ids(seen: &Seen) -> Vec<usize> {
    let id = |message: &Vec<u8>| {
        let properties = message.windows(3).position(|w| w == [0, 0x53, 0x73]).unwrap();
        let id = &message[properties + 8..properties + 40];
        usize::from_str_radix(std::str::from_utf8(id).unwrap(), 16).unwrap()
    };
    seen.messages.lock().unwrap().iter().map(id).collect()
}

#[tokio::test]
async fn requests_do_not_wait_for_each_other_and_keep_their_order() {
    // Three frames a message, less credit than a request has messages, and a window that is smaller still.
    let script = Script { credit: 70, window: 50, frame_bytes_max: 512, ..Script::default() };
    let (session, seen) = open(script).await;
    let requests: Vec<Vec<Message>> = (0..4).map(|n| messages(n * 500, 500, 1000)).collect();
    let sent = futures_util::future::join_all(requests.iter().map(|request| session.send(request))).await;
    for outcomes in &sent {
        assert_eq!(told(outcomes), accepted(500));
    }
    assert_eq!(ids(&seen), (0..2000).collect::<Vec<_>>());
    session.close().await.unwrap();
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_hub_may_give_all_the_credit_there_is() {
    let script = Script { credit: u32::MAX, window: u32::MAX, frame_bytes_max: 512, ..Script::default() };
    let (session, seen) = open(script).await;
    for number in 0..3 {
        assert_eq!(told(&session.send(&messages(number * 300, 300, 1000)).await), accepted(300));
    }
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn each_message_has_its_own_outcome() {
    let answers = [
        Answer::Accept,
        Answer::Reject("com.microsoft:server-busy", "Please wait 4 seconds and try again."),
        Answer::Release,
        Answer::Modify,
        Answer::Reject("amqp:link:message-size-exceeded", "too large"),
        Answer::Reject(CLAIM.0, CLAIM.1),
        Answer::Reject("amqp:internal-error", ""),
        Answer::Reject("com.microsoft:timeout", "The operation did not complete within the allotted time."),
        Answer::Wait,
        Answer::Wait,
        Answer::Accept,
    ];
    let script = Script { answer: Box::new(move |n| answers[n]), ..Script::default() };
    let (session, _) = open(script).await;
    let outcomes = session.send(&messages(0, 11, 100)).await;
    let mut expected = vec!["accepted", "not: throttled", "not: unavailable", "not: unavailable", "not: refused"];
    expected.extend(["denied: refused", "unknown: unavailable", "unknown: unavailable"]);
    expected.extend(["accepted", "accepted", "accepted"]);
    assert_eq!(told(&outcomes), expected);
    let Outcome::NotAccepted(busy) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(busy.retry_after, Some(Duration::from_secs(4)));
}

#[tokio::test]
async fn what_is_not_answered_may_have_arrived() {
    let silent = |n| if n == 3 { Answer::Silence } else { Answer::Accept };
    let (session, seen) = open(Script { answer: Box::new(silent), ..Script::default() }).await;
    let outcomes = told(&session.send(&messages(0, 6, 10)).await);
    assert_eq!(outcomes[3], "unknown: unavailable");
    assert_eq!(outcomes.iter().filter(|o| *o == "accepted").count(), 5);
    assert_eq!(told(&session.send(&messages(3, 1, 10)).await), accepted(1));
    // What was not answered may hold back credit, so that a new link is made.
    assert_eq!(seen.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_cut_leaves_open_what_was_written_and_no_more() {
    let cut = |n| if n == 5 { Answer::Cut } else { Answer::Accept };
    let script = Script { credit: 10, answer: Box::new(cut), ..Script::default() };
    let (session, seen) = open(script).await;
    let outcomes = told(&session.send(&messages(0, 40, 10)).await);
    assert_eq!(outcomes[..5], accepted(5)[..]);
    assert_eq!(outcomes[5], "unknown: unavailable");
    // The hub gives credit for ten beyond what it has, so that what follows was not written.
    assert!(outcomes[20..].iter().all(|o| o == "not: unavailable"), "{outcomes:?}");
    assert_eq!(told(&session.send(&messages(5, 35, 10)).await), accepted(35));
    assert_eq!(seen.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_link_that_is_detached_is_opened_anew() {
    let detach = |n| match n {
        2 => Answer::Detach("amqp:link:detach-forced", "The link is idle."),
        _ => Answer::Accept,
    };
    let (session, _) = open(Script { answer: Box::new(detach), ..Script::default() }).await;
    let outcomes = told(&session.send(&messages(0, 3, 10)).await);
    assert_eq!(outcomes, ["accepted", "accepted", "unknown: unavailable"]);
    assert_eq!(told(&session.send(&messages(2, 1, 10)).await), accepted(1));
}

#[tokio::test]
async fn a_policy_that_lost_its_claim_is_no_messages_fault() {
    let detach = |n| if n == 0 { Answer::Detach(CLAIM.0, CLAIM.1) } else { Answer::Accept };
    let (session, _) = open(Script { answer: Box::new(detach), ..Script::default() }).await;
    assert_eq!(told(&session.send(&messages(0, 1, 10)).await), ["unknown: refused"]);
}

#[tokio::test]
async fn a_hub_that_takes_nothing_was_sent_nothing() {
    let (session, seen) = open(Script { credit: 0, ..Script::default() }).await;
    assert_eq!(told(&session.send(&messages(0, 2, 10)).await), ["not: unavailable"; 2]);
    assert!(ids(&seen).is_empty());
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_sent_in_part() {
    let slow = |n| if n < 100 { Answer::Slow(50) } else { Answer::Accept };
    let script = Script { credit: 1, answer: Box::new(slow), ..Script::default() };
    let patience = Patience { request: Duration::from_millis(500), ..SHORT };
    let (session, seen) = open_for(patience, script, &Arc::default()).await;
    let session = session.unwrap();
    let outcomes = told(&session.send(&messages(0, 100, 10)).await);
    let sent = ids(&seen).len();
    assert!((1..50).contains(&sent), "{sent}");
    assert_eq!(outcomes[..sent], accepted(sent)[..]);
    assert!(outcomes[sent..].iter().all(|o| o == "not: unavailable"), "{outcomes:?}");
    assert_eq!(told(&session.send(&messages(sent, 1, 10)).await), accepted(1));
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_hub_is_answered_while_buffers_wait() {
    let ask = |n| if n == 0 { Answer::Ask(10) } else { Answer::Accept };
    let script = Script { answer: Box::new(ask), ..Script::default() };
    let patience = Patience { credit: Duration::from_secs(5), settle: Duration::from_secs(5), ..SHORT };
    let (session, seen) = open_for(patience, script, &Arc::default()).await;
    assert_eq!(told(&session.unwrap().send(&messages(0, 20, 1_000_000)).await), accepted(20));
    assert_eq!(seen.flows.load(Ordering::SeqCst), 10);
}

#[tokio::test]
async fn a_hub_that_allows_no_silence_is_not_flooded() {
    let (session, seen) = open(Script { idle_millis: 1, ..Script::default() }).await;
    tokio::time::sleep(Duration::from_millis(1300)).await;
    assert!((1..=2).contains(&seen.heartbeats.load(Ordering::SeqCst)));
    assert_eq!(told(&session.send(&messages(0, 3, 10)).await), accepted(3));
}

#[tokio::test]
async fn a_message_too_large_is_refused_alone() {
    let (session, seen) = open(Script { message_bytes_max: 500, ..Script::default() }).await;
    assert_eq!(session.limits().message_bytes_max, 500);
    let mut request = messages(0, 3, 10);
    request[1].body = Bytes::from("x".repeat(500));
    assert!(session.weight(&request[1]) > 500);
    assert_eq!(told(&session.send(&request).await), ["accepted", "not: refused", "accepted"]);
    assert_eq!(ids(&seen), [0, 2]);
}

#[tokio::test]
async fn tokens_are_renewed_before_they_expire() {
    let clock = Arc::new(AtomicI64::new(0));
    let (session, seen) = open_with(Script::default(), &clock).await;
    let session = session.unwrap();
    for (minutes, tokens) in [(49, 1), (50, 2), (99, 2), (100, 3)] {
        clock.store(minutes, Ordering::SeqCst);
        assert_eq!(told(&session.send(&messages(0, 2, 10)).await), accepted(2));
        assert_eq!(seen.tokens.load(Ordering::SeqCst), tokens, "after {minutes} minutes");
    }
    // More often than a session has links.
    for hour in 2..60 {
        clock.store(hour * 60, Ordering::SeqCst);
        assert_eq!(told(&session.send(&messages(0, 1, 10)).await), accepted(1));
    }
    assert_eq!(seen.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_sender_that_is_dropped_tears_no_frame() {
    let (session, _) = open(Script { credit: 20, ..Script::default() }).await;
    for number in 0..20 {
        let request = messages(number * 1000, 100, 20_000);
        let dropped = tokio::time::timeout(Duration::from_micros(300 * number as u64), session.send(&request));
        let _ = dropped.await;
    }
    assert_eq!(told(&session.send(&messages(90_000, 50, 100)).await), accepted(50));
}

#[tokio::test]
async fn a_hub_may_number_its_answers_from_anywhere() {
    let (session, _) = open(Script { first_answer: u32::MAX, ..Script::default() }).await;
    assert_eq!(told(&session.send(&messages(0, 1, 10)).await), accepted(1));
}

#[tokio::test]
async fn a_sign_in_that_is_dropped_ends_the_connection() {
    let clock = Arc::new(AtomicI64::new(0));
    let (session, seen) = open_with(Script { silent_token: Some(1), ..Script::default() }, &clock).await;
    let session = session.unwrap();
    clock.store(50, Ordering::SeqCst);
    let request = messages(0, 2, 10);
    assert!(tokio::time::timeout(Duration::from_millis(300), session.send(&request)).await.is_err());
    assert_eq!(told(&session.send(&request).await), accepted(2));
    assert_eq!(seen.connections.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn what_keeps_a_session_from_opening_is_told() {
    let signature = "InvalidSignature: The token has an invalid signature. TrackingId:1";
    let fault = refused(Script { token: (401, signature), ..Script::default() }).await;
    assert_eq!(fault.class, FaultClass::Credentials, "{fault}");
    let fault = refused(Script { refusal: Some(CLAIM), ..Script::default() }).await;
    assert_eq!(fault.class, FaultClass::Refused, "{fault}");
    assert!(fault.hint.contains("Send"), "{}", fault.hint);
    let missing = ("amqp:not-found", "The messaging entity could not be found.");
    let fault = refused(Script { refusal: Some(missing), ..Script::default() }).await;
    assert_eq!((fault.class, fault.message.contains("no hub profiles")), (FaultClass::Config, true));
    let fault = refused(Script { greeting: Some(b"HTTP/1.1 400 Bad Request\r\n\r\n"), ..Script::default() }).await;
    assert_eq!(fault.class, FaultClass::Config, "{fault}");
}

async fn probe(script: Script) -> (ProbeReport, Arc<Seen>) {
    let (port, seen) = start(script).await;
    let target = json!({"eventHubName": "profiles"});
    let report = Erased(super::EventHubs).probe(&account(port), &target, &context(&Arc::default())).await;
    (report, seen)
}

fn steps(report: &ProbeReport) -> Vec<(String, Option<FaultClass>)> {
    let class = |outcome: &StepOutcome| match outcome {
        StepOutcome::Failed { class, .. } => Some(*class),
        _ => None,
    };
    report.steps.iter().map(|step| (step.name.clone(), class(&step.outcome))).collect()
}

#[tokio::test]
async fn a_probe_sends_no_message_and_names_the_step() {
    let (report, seen) = probe(Script::default()).await;
    assert_eq!(report.failure(), None, "{report:?}");
    assert_eq!(steps(&report).len(), 6);
    assert!(ids(&seen).is_empty());
    for (script, step, class) in [
        (Script { refusal: Some(CLAIM), ..Script::default() }, "Open the hub for sending", FaultClass::Refused),
        (Script { token: (401, "InvalidSignature"), ..Script::default() }, "Sign in", FaultClass::Credentials),
        (Script { token: (404, ""), ..Script::default() }, "Sign in", FaultClass::Config),
        (Script { greeting: Some(b"SSH-2.0-x\r\n"), ..Script::default() }, "Agree on AMQP", FaultClass::Config),
    ] {
        let (report, _) = probe(script).await;
        assert_eq!(steps(&report).pop(), Some((step.to_owned(), Some(class))));
    }
}

#[tokio::test]
async fn nobody_answers_at_a_closed_port() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let report = Erased(super::EventHubs).probe_account(&account(port), &context(&Arc::default())).await;
    assert_eq!(steps(&report).pop(), Some(("Reach the endpoint".into(), Some(FaultClass::Unavailable))));
}

#[tokio::test]
async fn an_encrypted_endpoint_must_speak_tls() {
    let (port, _) = start(Script { greeting: Some(b"AMQP\x00\x01\x00\x00"), ..Script::default() }).await;
    let mut account = account(port);
    account["endpointUrl"] = json!(format!("amqps://127.0.0.1:{port}"));
    let report = Erased(super::EventHubs).probe_account(&account, &context(&Arc::default())).await;
    assert_eq!(steps(&report).pop(), Some(("Encrypt the connection".into(), Some(FaultClass::Config))));
}
