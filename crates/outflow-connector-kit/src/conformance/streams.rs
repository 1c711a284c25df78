//! What every connector of messages must do, as one suite that runs against a real stream or hub.
//!
//! A connector's tests implement [`StreamTestBed`] for a server and call [`stream_conformance`]. The suite knows nothing
//! of the kind of target: it sends through the contract's one verb, and asks the bed only for what arrived.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_model::FaultClass;
use serde_json::Value;

use super::content;
use crate::connector::{Clock, Connector, SessionContext};
use crate::journal::MemoryJournal;
use crate::probe::StepOutcome;
use crate::retry::RetryPolicy;
use crate::stream::{Message, Outcome, StreamSession};

/// A message that a target keeps refusing for the moment's reasons is sent this often.
const TRIES_MAX: u32 = 60;

/// What waits before another try where the target asks for nothing.
const WAIT_DEFAULT: Duration = Duration::from_millis(200);

/// A request of small messages has no more of them, whatever the target takes.
const SMALL_MESSAGES_MAX: usize = 2000;

/// Requests of the order check.
const ROUNDS: usize = 12;

/// A target to run the suite against. It must be empty at the start.
#[async_trait]
pub trait StreamTestBed: Sync {
    /// The connector under test.
    fn connector(&self) -> &dyn Connector;

    /// An account that works.
    fn account(&self) -> Value;

    /// The empty stream or hub, with all rights that a delivery needs.
    fn target(&self) -> Value;

    /// An account that the target refuses, or `None` where the server lets everybody in.
    fn broken_account(&self) -> Option<Value>;

    /// The time, for connectors that sign with it.
    fn clock(&self) -> Clock;

    /// Everything that is in the stream, as (key, body); those of one key in their order. Read by another client.
    async fn read_back(&self) -> Vec<(Bytes, Bytes)>;
}

/// Runs the whole suite.
///
/// # Panics
/// When the connector breaks the contract. The message names the rule.
pub async fn stream_conformance(bed: &dyn StreamTestBed) {
    the_probe_passes_and_leaves_no_record(bed).await;
    broken_credentials_fail(bed).await;
    let session = open(bed).await;
    limits_make_sense(&*session);
    let mut sent = Vec::new();
    sent.extend(every_size_goes(&*session).await);
    sent.extend(odd_keys_go(&*session).await);
    sent.extend(many_small_ones_go(&*session).await);
    sent.extend(a_heavy_request_goes(&*session).await);
    sent.extend(keys_keep_their_order(&*session).await);
    sent.extend(an_oversize_message_harms_no_other(&*session).await);
    sent.extend(requests_go_at_once(&*session).await);
    super::must("closing", session.close().await);
    super::must("closing twice", session.close().await);
    everything_came_back(bed, &sent).await;
}

fn context(bed: &dyn StreamTestBed, retry: RetryPolicy) -> SessionContext {
    SessionContext {
        attempt: "c0de0001".to_owned(),
        journal: Arc::new(MemoryJournal::default()),
        clock: bed.clock(),
        retry,
        seed: 1,
        buffer_bytes_max: 64 << 20,
    }
}

async fn open(bed: &dyn StreamTestBed) -> Box<dyn StreamSession> {
    let context = context(bed, RetryPolicy::default());
    super::must("opening", bed.connector().open_stream(&bed.account(), &bed.target(), context).await)
}

async fn the_probe_passes_and_leaves_no_record(bed: &dyn StreamTestBed) {
    let context = context(bed, RetryPolicy::default());
    let report = bed.connector().probe(&bed.account(), &bed.target(), &context).await;
    assert_eq!(report.failure(), None, "{report:#?}");
    assert!(report.steps.len() >= 3, "a probe of {} steps tries too little", report.steps.len());
    assert_eq!(bed.read_back().await.len(), 0, "a probe leaves a record");
}

async fn broken_credentials_fail(bed: &dyn StreamTestBed) {
    let Some(broken) = bed.broken_account() else { return };
    let context = context(bed, RetryPolicy::none());
    let report = bed.connector().probe(&broken, &bed.target(), &context).await;
    assert_eq!(report.failure(), Some(FaultClass::Credentials), "{report:#?}");
    let Some(StepOutcome::Failed { message, hint, .. }) = report.steps.last().map(|step| &step.outcome) else {
        panic!("the failed step is not the last: {report:#?}");
    };
    assert!(!message.is_empty() && !hint.is_empty(), "{report:#?}");
    let opened = bed.connector().open_stream(&broken, &bed.target(), context).await;
    let fault = super::must_fail("opening with broken credentials", opened);
    assert_eq!(fault.class, FaultClass::Credentials, "{fault}");
}

fn limits_make_sense(session: &dyn StreamSession) {
    let limits = session.limits();
    assert!(!session.url().is_empty());
    assert!(limits.requests_max >= 1 && limits.request_messages_max >= 1, "{limits:?}");
    assert!(limits.message_bytes_max >= 64 << 10, "{limits:?}: a message of 64 KiB is not unusual");
    assert!(limits.message_bytes_max <= limits.request_bytes_max, "{limits:?}");
    let weighed = message("key", Bytes::from_static(b"{}"));
    let heavier = message("key", Bytes::from_static(b"{\"a\":1}"));
    assert!(session.weight(&weighed) >= weighed.body.len());
    assert_eq!(session.weight(&heavier) - session.weight(&weighed), 5, "a byte of the body weighs a byte");
}

async fn every_size_goes(session: &dyn StreamSession) -> Vec<Message> {
    let sizes = [1, 2, 3, 4, 255, 256, 1023, 65_535, 65_536];
    let mut messages: Vec<Message> =
        sizes.iter().map(|size| message(&format!("size-{size}"), content::bytes(*size, *size as u64))).collect();
    let every_byte: Vec<u8> = (0..=255).cycle().take(1000).collect();
    messages.push(message("size-odd", every_byte.into()));
    messages.push(message("size-text", Bytes::from_static("{\"a\":\"\\\" \\\\ \u{0} \u{2028} ü 💧\"}".as_bytes())));
    messages.push(sized(session, "size-largest", session.limits().message_bytes_max));
    deliver(session, &messages).await;
    messages
}

async fn odd_keys_go(session: &dyn StreamSession) -> Vec<Message> {
    let long: Vec<String> = [100, 128, 129, 256, 257, 1000].map(|length| "k".repeat(length)).to_vec();
    let odd = ["a", " ", "a b", "ü-ñ-字", "💧", "q\"uo\\te", "new\nline", "tab\t", "a/b?c=d&e#f", "\u{1}", "null", "0"];
    let keys = odd.iter().map(ToString::to_string).chain(long).chain(["💧".repeat(200)]);
    let messages: Vec<Message> =
        keys.enumerate().map(|(n, key)| message(&key, format!("{{\"odd key\":{n}}}").into())).collect();
    deliver(session, &messages).await;
    messages
}

async fn many_small_ones_go(session: &dyn StreamSession) -> Vec<Message> {
    let count = session.limits().request_messages_max.min(SMALL_MESSAGES_MAX);
    let messages: Vec<Message> =
        (0..count).map(|n| message(&format!("small-{n}"), format!("{{\"small\":{n}}}").into())).collect();
    let weight: usize = messages.iter().map(|m| session.weight(m)).sum();
    if weight <= session.limits().request_bytes_max {
        settle(session, &messages).await;
    } else {
        deliver(session, &messages).await;
    }
    messages
}

/// As much as fits into a request, of messages that are a quarter of it at most.
async fn a_heavy_request_goes(session: &dyn StreamSession) -> Vec<Message> {
    let limits = session.limits();
    let each = (limits.request_bytes_max / 8).min(limits.message_bytes_max);
    let count = (limits.request_bytes_max / each).min(limits.request_messages_max);
    let messages: Vec<Message> = (0..count).map(|n| sized(session, &format!("heavy-{n}"), each)).collect();
    settle(session, &messages).await;
    messages
}

async fn keys_keep_their_order(session: &dyn StreamSession) -> Vec<Message> {
    let mut sent = Vec::new();
    for round in 0..ROUNDS {
        let body = |key: usize| format!("{{\"order\":{key},\"sequence\":{round}}}");
        let messages: Vec<Message> = (0..7).map(|key| message(&format!("order-{key}"), body(key).into())).collect();
        deliver(session, &messages).await;
        sent.extend(messages);
    }
    sent
}

async fn an_oversize_message_harms_no_other(session: &dyn StreamSession) -> Vec<Message> {
    let bytes_max = session.limits().message_bytes_max;
    let good = [
        message("oversize-before", Bytes::from_static(b"{\"before\":1}")),
        message("oversize-after", Bytes::from_static(b"{\"after\":1}")),
    ];
    let request = [good[0].clone(), sized(session, "oversize", bytes_max + 1), good[1].clone()];
    let outcomes = send(session, &request).await;
    match &outcomes[1] {
        Outcome::NotAccepted(fault) => {
            assert!(matches!(fault.class, FaultClass::Refused | FaultClass::Input), "{fault} is not about the message");
        }
        other => panic!("a message that is too large by a byte: {other:?}"),
    }
    let left: Vec<Message> = good
        .iter()
        .zip([&outcomes[0], &outcomes[2]])
        .filter(|(_, outcome)| match outcome {
            Outcome::Accepted => false,
            Outcome::NotAccepted(fault) | Outcome::Denied(fault) | Outcome::Unknown(fault) => {
                assert!(fault.class.is_transient(), "{fault}: an oversize message harms another of its request");
                true
            }
        })
        .map(|(message, _)| message.clone())
        .collect();
    deliver(session, &left).await;
    good.to_vec()
}

/// Requests of as many tasks as the session allows.
async fn requests_go_at_once(session: &dyn StreamSession) -> Vec<Message> {
    let limits = session.limits();
    let count = limits.request_messages_max.min(10);
    let requests: Vec<Vec<Message>> = (0..limits.requests_max)
        .map(|task| {
            let body = |n: usize| format!("{{\"task\":{task},\"message\":{n}}}");
            (0..count).map(|n| message(&format!("task-{task}-{n}"), body(n).into())).collect()
        })
        .collect();
    let mut waiting: Vec<_> = requests.iter().map(|request| Box::pin(settle(session, request))).collect();
    std::future::poll_fn(|cx| {
        waiting.retain_mut(|request| request.as_mut().poll(cx).is_pending());
        if waiting.is_empty() { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    drop(waiting);
    requests.into_iter().flatten().collect()
}

/// Compares what arrived with what was sent: all of it, nothing else, and each key's in order. Repeats are allowed.
async fn everything_came_back(bed: &dyn StreamTestBed, sent: &[Message]) {
    let found = bed.read_back().await;
    let mut by_body: HashMap<&Bytes, usize> = HashMap::new();
    for (at, (_, body)) in found.iter().enumerate() {
        by_body.entry(body).or_insert(at);
    }
    let mut stored_keys: HashMap<&Bytes, &Bytes> = HashMap::new();
    let mut last: HashMap<&Bytes, usize> = HashMap::new();
    for message in sent {
        let key = String::from_utf8_lossy(&message.key);
        let Some(at) = by_body.get(&message.body) else {
            panic!("of key {key:.40?} a message of {} bytes did not come back as it was sent", message.body.len());
        };
        let stored = stored_keys.entry(&message.key).or_insert(&found[*at].0);
        assert!(**stored == found[*at].0, "key {key:.40?} is stored under two keys");
        if let Some(before) = last.insert(&message.key, *at) {
            assert!(before < *at, "key {key:.40?} lost its order");
        }
    }
    let wanted: HashMap<&Bytes, ()> = sent.iter().map(|message| (&message.body, ())).collect();
    for (key, body) in &found {
        let text = String::from_utf8_lossy(&body[..body.len().min(80)]);
        assert!(wanted.contains_key(body), "something else is in the stream, of key {key:?}: {text}");
    }
    let (distinct, stored) = (stored_keys.len(), stored_keys.values().collect::<std::collections::HashSet<_>>().len());
    assert_eq!(distinct, stored, "two keys are stored under one");
}

/// Sends `messages` in requests within the limits, one after the other, until each is accepted.
async fn deliver(session: &dyn StreamSession, messages: &[Message]) {
    let limits = session.limits();
    let mut rest = messages;
    while !rest.is_empty() {
        let mut weight = 0;
        let fits = |m: &&Message| {
            weight += session.weight(m);
            weight <= limits.request_bytes_max
        };
        let count = rest.iter().take(limits.request_messages_max).take_while(fits).count().max(1);
        let (request, later) = rest.split_at(count);
        settle(session, request).await;
        rest = later;
    }
}

/// Sends one request, and again what was not accepted for the moment's reasons.
async fn settle(session: &dyn StreamSession, request: &[Message]) {
    let mut left = request.to_vec();
    for _ in 0..TRIES_MAX {
        let outcomes = send(session, &left).await;
        let mut wait = Duration::ZERO;
        let mut again = Vec::new();
        for (message, outcome) in left.iter().zip(&outcomes) {
            match outcome {
                Outcome::Accepted => {}
                Outcome::NotAccepted(fault) | Outcome::Denied(fault) | Outcome::Unknown(fault) => {
                    let what = (outflow_model::fault::chain(&**fault), &fault.tried);
                    assert!(fault.class.is_transient(), "a message within the limits: {what:?}");
                    wait = wait.max(fault.retry_after.unwrap_or(WAIT_DEFAULT));
                    again.push(message.clone());
                }
            }
        }
        if again.is_empty() {
            return;
        }
        left = again;
        tokio::time::sleep(wait).await;
    }
    panic!("after {TRIES_MAX} tries {} messages are not accepted", left.len());
}

async fn send(session: &dyn StreamSession, request: &[Message]) -> Vec<Outcome> {
    let outcomes = session.send(request).await;
    assert_eq!(outcomes.len(), request.len(), "one outcome for each message");
    outcomes
}

fn message(key: &str, body: Bytes) -> Message {
    let sum = content::sha256(&body);
    let event_id: String = sum[..16].iter().map(|b| format!("{b:02x}")).collect();
    Message { key: Bytes::copy_from_slice(key.as_bytes()), event_id: event_id.into(), body }
}

/// A message that weighs `weight`.
fn sized(session: &dyn StreamSession, key: &str, weight: usize) -> Message {
    let frame = session.weight(&message(key, Bytes::new()));
    let seed = key.bytes().fold(weight as u64, |seed, b| seed.wrapping_mul(31).wrapping_add(u64::from(b)));
    let mut sized = message(key, content::bytes(weight.saturating_sub(frame), seed.wrapping_mul(2)));
    // A frame may grow with its content's length.
    let over = session.weight(&sized).saturating_sub(weight);
    sized.body.truncate(sized.body.len() - over);
    sized
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::StreamLimits;
    use outflow_model::Fault;

    /// A stream that takes everything within its limits.
    struct Memory;

    #[async_trait]
    impl StreamSession for Memory {
        fn url(&self) -> String {
            "memory".into()
        }

        fn limits(&self) -> StreamLimits {
            StreamLimits { message_bytes_max: 1000, request_bytes_max: 2000, request_messages_max: 3, requests_max: 2 }
        }

        fn weight(&self, message: &Message) -> usize {
            message.key.len() + message.body.len() + if message.body.len() > 255 { 8 } else { 5 }
        }

        async fn send(&self, request: &[Message]) -> Vec<Outcome> {
            let weight: usize = request.iter().map(|m| self.weight(m)).sum();
            assert!(request.len() <= 3 && weight <= 2000, "{weight}");
            vec![Outcome::Accepted; request.len()]
        }

        async fn close(&self) -> Result<(), Fault> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn requests_keep_the_limits_and_weights_are_exact() {
        for weight in [200, 999, 1000] {
            let made = Memory.weight(&sized(&Memory, "key", weight));
            assert!((weight - 3..=weight).contains(&made), "{made}");
        }
        let messages: Vec<Message> = (0..10).map(|n| sized(&Memory, &n.to_string(), 900)).collect();
        deliver(&Memory, &messages).await;
        requests_go_at_once(&Memory).await;
    }
}
