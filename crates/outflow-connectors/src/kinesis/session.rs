//! An open stream: what a request's outcome means for each of its messages.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{Fault, FaultClass, Message, Outcome, SessionContext, StreamLimits, StreamSession, all};
use tokio::time::Instant;

use super::client::Client;
use super::config::Target;
use super::errors::{Action, Failure, record_fault, unreadable};
use super::pace::Pace;
use super::put::{self, PutAnswer, PutResult, Record};
use super::shards::{Plan, Shards};
use super::stream::{self, if_allowed};

/// Every stream takes records of this size, in bytes. One that is refused and larger is too large for this stream; where
/// the stream does not say what it takes, larger ones go alone, so that they do not make it refuse others.
const RECORD_BYTES_SAFE: usize = 1 << 20;

/// Requests at once, however many shards there are.
const REQUESTS_MAX: usize = 16;

/// Requests at once for each shard. More would only wait for each other: the shards set the pace.
const REQUESTS_PER_SHARD: usize = 2;

/// What a request holds at most, in seconds of what the shards take together: they do not get equal parts of it, and none
/// gets more than a second's worth.
const REQUEST_SECS: f64 = 0.5;

/// What a request takes beside the Base64 of its records, in bytes: keys, frames, the answer.
const REQUEST_FRAME_BYTES: u64 = 256 << 10;

/// A session of one stream.
pub(super) struct KinesisSession {
    client: Client,
    limits: StreamLimits,
    /// Whether the stream has said what a record may weigh.
    is_record_limit_known: bool,
    shards: Shards,
}

/// Opens a stream that takes records. What the key may not ask for is done without.
pub(super) async fn open(client: Client, target: &Target, context: &SessionContext) -> Result<KinesisSession, Fault> {
    // A role that cannot be assumed must not pass for a stream that may not be described.
    client.sign_in().await?;
    let summary = if_allowed(stream::describe(&client).await)?.unwrap_or_default();
    let map = if_allowed(stream::shards(&client).await)?.filter(|map| map.len() > 0);
    let request_bytes_max = target.request_bytes_max();
    let message_bytes_max = target.record_bytes_max().min(summary.record_bytes_max().unwrap_or(usize::MAX));
    let in_memory = request_bytes_max as u64 / 3 * 4 + REQUEST_FRAME_BYTES;
    let requests_max = usize::try_from(context.buffer_bytes_max / in_memory).unwrap_or(REQUESTS_MAX);
    let pace = Pace {
        bytes_per_sec: target.shard_bytes_per_sec() as f64,
        records_per_sec: target.shard_records_per_sec() as f64,
    };
    let limits = StreamLimits {
        message_bytes_max,
        request_bytes_max,
        request_messages_max: put::RECORDS_MAX,
        requests_max: requests_max.clamp(1, REQUESTS_MAX),
    };
    let shards = Shards::new(pace, map, summary.open_shard_count, Instant::now());
    let is_record_limit_known = summary.record_bytes_max().is_some();
    Ok(KinesisSession { client, limits, is_record_limit_known, shards })
}

#[async_trait]
impl StreamSession for KinesisSession {
    fn url(&self) -> String {
        self.client.address().place()
    }

    fn limits(&self) -> StreamLimits {
        // Streams are split and merged while a session is open, and get less where they throttle.
        let (share, per_sec) = self.shards.pace();
        let shards = self.shards.count().unwrap_or(share.ceil() as usize);
        let bytes = (per_sec.bytes * REQUEST_SECS) as usize;
        let messages = (per_sec.records * REQUEST_SECS) as usize;
        StreamLimits {
            message_bytes_max: self.limits.message_bytes_max,
            // What fits no request would be given up.
            request_bytes_max: bytes.max(self.limits.message_bytes_max).min(self.limits.request_bytes_max),
            request_messages_max: messages.clamp(1, self.limits.request_messages_max),
            requests_max: (REQUESTS_PER_SHARD * shards).max(2).min(self.limits.requests_max),
        }
    }

    fn weight(&self, message: &Message) -> usize {
        put::weight(message)
    }

    async fn send(&self, request: &[Message]) -> Vec<Outcome> {
        let records: Vec<Record<'_>> = request.iter().map(Record::new).collect();
        // What is too large for a record would make the service refuse the others too.
        let outcomes: Vec<Option<Outcome>> = records.iter().map(|record| self.oversize(record)).collect();
        let mut together = left(&records.iter().collect::<Vec<_>>(), &outcomes);
        together.retain(|record| !self.goes_alone(record));
        let mut sent = self.put(&together).await.into_iter();
        let mut all = Vec::with_capacity(records.len());
        for (record, outcome) in records.iter().zip(outcomes) {
            let outcome = match outcome {
                Some(outcome) => Some(outcome),
                None if self.goes_alone(record) => self.put(&[record]).await.pop(),
                None => sent.next(),
            };
            all.push(outcome.unwrap_or_else(lost));
        }
        all
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}

impl KinesisSession {
    fn oversize(&self, record: &Record<'_>) -> Option<Outcome> {
        let (bytes, bytes_max) = (record.weight(), self.limits.message_bytes_max);
        (bytes > bytes_max).then(|| {
            let message = format!("the message has {bytes} bytes with its key, a record may have {bytes_max}");
            let hint = "Map fewer attributes, or raise recordBytesMax where the stream takes larger records.";
            let fault = Fault::new(FaultClass::Refused, message).tried(self.tried()).hint(hint);
            Outcome::NotAccepted(Arc::new(fault))
        })
    }

    /// Whether nobody knows that the stream takes a record of this size.
    fn goes_alone(&self, record: &Record<'_>) -> bool {
        !self.is_record_limit_known && record.weight() > RECORD_BYTES_SAFE
    }

    /// Sends records that each fit, in one request. Those that are too much for their shard are left to be sent again.
    async fn put(&self, records: &[&Record<'_>]) -> Vec<Outcome> {
        if records.is_empty() {
            return Vec::new();
        }
        self.shards.refresh(&self.client, Instant::now()).await;
        let plan = self.shards.plan(records, Instant::now());
        let outcomes = self.held(&plan);
        let fitting = left(records, &outcomes);
        let sent = if fitting.is_empty() { Vec::new() } else { self.put_planned(&fitting, &plan).await };
        filled(outcomes, sent)
    }

    /// The outcomes of the records that a plan holds back.
    fn held(&self, plan: &Plan) -> Vec<Option<Outcome>> {
        let mut faults: HashMap<Duration, Arc<Fault>> = HashMap::new();
        let mut outcome = |wait: Duration| {
            let fault = || {
                Fault::new(FaultClass::Throttled, "the shard takes no more for the moment")
                    .tried(self.tried())
                    .retry_after(Some(wait))
            };
            Outcome::NotAccepted(Arc::clone(faults.entry(wait).or_insert_with(|| Arc::new(fault()))))
        };
        plan.held.iter().map(|wait| wait.map(&mut outcome)).collect()
    }

    /// Sends the records of a plan when their time has come.
    async fn put_planned(&self, records: &[&Record<'_>], plan: &Plan) -> Vec<Outcome> {
        if !plan.wait.is_zero() {
            tokio::time::sleep(plan.wait).await;
        }
        let body = match put::body(self.client.address().stream(), records) {
            Ok(body) => body,
            Err(fault) => return all(&Outcome::NotAccepted(Arc::new(fault)), records.len()),
        };
        match self.client.once(Action::PutRecords, body).await {
            Ok(answer) => self.outcomes(&answer, plan, records.len()),
            Err(failure) => all(&self.outcome(failure, plan, records), records.len()),
        }
    }

    /// One outcome for each record of a request that the service took.
    fn outcomes(&self, answer: &Bytes, plan: &Plan, count: usize) -> Vec<Outcome> {
        let read: Option<PutAnswer<'_>> = serde_json::from_slice(answer).ok();
        let Some(results) = read.map(|answer| answer.records).filter(|results| results.len() == count) else {
            let failure = unreadable(Action::PutRecords, self.tried());
            return all(&Outcome::Unknown(Arc::from(failure.fault)), count);
        };
        let wait = self.shards.learn(plan, &results, Instant::now());
        let mut faults: Vec<(&str, Arc<Fault>)> = Vec::new();
        results.iter().map(|result| self.result(result, wait, &mut faults)).collect()
    }

    fn result<'a>(
        &self,
        result: &PutResult<'a>,
        wait: Option<Duration>,
        faults: &mut Vec<(&'a str, Arc<Fault>)>,
    ) -> Outcome {
        if result.is_stored() {
            return Outcome::Accepted;
        }
        // An answer that says neither is told under no code.
        let code = result.code().unwrap_or_default();
        let outcome = |fault| if code.is_empty() { Outcome::Unknown(fault) } else { Outcome::of_target(fault) };
        if let Some((_, fault)) = faults.iter().find(|(known, _)| *known == code) {
            return outcome(Arc::clone(fault));
        }
        let fault = match code {
            "" => *unreadable(Action::PutRecords, self.tried()).fault,
            code => record_fault(code, self.client.address().stream(), wait).tried(self.tried()),
        };
        let fault = Arc::new(fault);
        faults.push((code, Arc::clone(&fault)));
        outcome(fault)
    }

    /// What a request that failed means for each of its records.
    fn outcome(&self, failure: Failure, plan: &Plan, records: &[&Record<'_>]) -> Outcome {
        let is_too_large = failure.is_about_arguments() || failure.status == 413;
        let unsure = failure.unsure;
        let mut fault = *failure.fault;
        if fault.class == FaultClass::Throttled {
            let wait = self.shards.learn_throttled(plan, Instant::now());
            fault.retry_after = fault.retry_after.max(Some(wait));
        }
        if let ([record], true) = (records, is_too_large)
            && record.weight() > RECORD_BYTES_SAFE
            && !unsure
        {
            fault.class = FaultClass::Refused;
            return Outcome::NotAccepted(Arc::new(fault));
        }
        let fault = Arc::new(fault);
        if unsure { Outcome::Unknown(fault) } else { Outcome::of_target(fault) }
    }

    fn tried(&self) -> String {
        self.client.tried(Action::PutRecords)
    }
}

/// The records that have no outcome yet.
fn left<'r, 'm>(records: &[&'r Record<'m>], outcomes: &[Option<Outcome>]) -> Vec<&'r Record<'m>> {
    records.iter().zip(outcomes).filter(|(_, outcome)| outcome.is_none()).map(|(record, _)| *record).collect()
}

/// The outcomes, with those of what was left out at first.
fn filled(outcomes: Vec<Option<Outcome>>, sent: Vec<Outcome>) -> Vec<Outcome> {
    let mut sent = sent.into_iter();
    outcomes.into_iter().map(|outcome| outcome.or_else(|| sent.next()).unwrap_or_else(lost)).collect()
}

fn lost() -> Outcome {
    Outcome::NotAccepted(Arc::new(Fault::internal("a message has no outcome")))
}
