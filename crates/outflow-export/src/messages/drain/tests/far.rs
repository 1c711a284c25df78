//! A far end in memory that says what it is told to say, and one who looks on.

use std::collections::{HashMap, HashSet};

use async_trait::async_trait;
use bytes::Bytes;
use outflow_connector_kit::{Message, StreamSession};

use super::*;

/// What the far end says of a message.
pub(super) struct Says {
    pub outcome: Outcome,
    /// It has the message, whatever it says.
    pub stores: bool,
    /// It says nothing of it.
    pub omit: bool,
    /// How long the request takes, if this is its first message.
    pub takes: Option<Duration>,
}

impl Says {
    pub fn of(outcome: Outcome) -> Says {
        let stores = matches!(outcome, Outcome::Accepted);
        Says { outcome, stores, omit: false, takes: None }
    }
}

/// What happened at the far end.
#[derive(Default)]
pub(super) struct Log {
    /// When each request came, and the numbers of its messages.
    pub requests: Vec<(Duration, Vec<u64>)>,
    /// The bytes that each message was sent with.
    pub sent: HashMap<u64, (Bytes, Bytes)>,
    /// How often each was sent.
    pub times: HashMap<u64, u32>,
    pub stored: HashSet<u64>,
    /// What was told to be accepted, and when.
    pub told: Vec<(u64, Duration)>,
    pub at_once_max: usize,
    at_once: HashSet<u64>,
    requests_at_once: usize,
}

/// What is said of a message, by its number and how often it was sent.
type Script = Box<dyn FnMut(&Far, u64, u32) -> Says + Send>;

pub(super) struct Far {
    clock: Clock,
    limits: StreamLimits,
    script: Mutex<Option<Script>>,
    log: Mutex<Log>,
}

impl Far {
    pub fn new(
        clock: &Clock,
        limits: StreamLimits,
        script: impl FnMut(&Far, u64, u32) -> Says + Send + 'static,
    ) -> Far {
        Far { clock: clock.clone(), limits, script: Mutex::new(Some(Box::new(script))), log: Mutex::default() }
    }

    pub fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.log.lock().unwrap()
    }

    pub fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// A crash: nothing is on its way any more, and nobody knows what was told last.
    pub fn forget(&self) {
        let mut log = self.log();
        log.told.clear();
        log.at_once.clear();
        log.requests_at_once = 0;
    }

    fn begin(&self, request: &[Message]) -> Vec<u64> {
        let weight: usize = request.iter().map(|message| self.weight(message)).sum();
        assert!(!request.is_empty() && request.len() <= self.limits.request_messages_max);
        assert!(weight <= self.limits.request_bytes_max);
        assert!(request.iter().all(|message| self.weight(message) <= self.limits.message_bytes_max));
        let mut log = self.log();
        let mut numbers = Vec::new();
        for message in request {
            let number: u64 = std::str::from_utf8(&message.key[1..]).unwrap().parse().unwrap();
            let bytes = (message.event_id.clone(), message.body.clone());
            // A repeat has the same bytes; copies, so that no buffer is kept.
            let copy = (Bytes::copy_from_slice(&bytes.0), Bytes::copy_from_slice(&bytes.1));
            assert_eq!(*log.sent.entry(number).or_insert(copy), bytes);
            assert!(log.at_once.insert(number), "message {number} is on its way twice");
            *log.times.entry(number).or_default() += 1;
            numbers.push(number);
        }
        log.requests_at_once += 1;
        log.at_once_max = log.at_once_max.max(log.requests_at_once);
        assert!(log.requests_at_once <= self.limits.requests_max);
        let now = self.clock.elapsed();
        log.requests.push((now, numbers.clone()));
        numbers
    }
}

#[async_trait]
impl StreamSession for Far {
    fn url(&self) -> String {
        "test://far".into()
    }

    fn limits(&self) -> StreamLimits {
        self.limits
    }

    fn weight(&self, message: &Message) -> usize {
        message.key.len() + message.event_id.len() + message.body.len()
    }

    async fn send(&self, request: &[Message]) -> Vec<Outcome> {
        let numbers = self.begin(request);
        let mut script = self.script.lock().unwrap().take().expect("one script at a time");
        let times: Vec<u32> = numbers.iter().map(|number| self.log().times[number]).collect();
        let said: Vec<Says> = numbers.iter().zip(times).map(|(number, times)| script(self, *number, times)).collect();
        *self.script.lock().unwrap() = Some(script);
        // It has the messages before anybody hears of it.
        let stored = numbers.iter().zip(&said).filter(|(_, says)| says.stores).map(|(number, _)| *number);
        self.log().stored.extend(stored);
        self.clock.sleep(said[0].takes.unwrap_or(100 * MILLI)).await;
        let now = self.clock.elapsed();
        let mut log = self.log();
        log.requests_at_once -= 1;
        for (number, says) in numbers.iter().zip(&said) {
            log.at_once.remove(number);
            if matches!(says.outcome, Outcome::Accepted) && !says.omit {
                log.told.push((*number, now));
            }
        }
        said.into_iter().filter(|says| !says.omit).map(|says| says.outcome).collect()
    }

    async fn close(&self) -> Result<(), Fault> {
        Ok(())
    }
}

/// One who looks on.
pub(super) struct Watch {
    clock: Clock,
    stop_at: Option<Duration>,
    told: Mutex<Vec<DrainProgress>>,
}

impl Watch {
    pub fn new(clock: &Clock) -> Watch {
        Watch { clock: clock.clone(), stop_at: None, told: Mutex::default() }
    }

    pub fn stopping(clock: &Clock, after: Duration) -> Watch {
        Watch { stop_at: Some(clock.elapsed() + after), ..Watch::new(clock) }
    }

    pub fn last(&self) -> DrainProgress {
        self.told.lock().unwrap().last().cloned().unwrap()
    }

    pub fn held_max(&self) -> u64 {
        self.told.lock().unwrap().iter().map(|told| told.held_bytes).max().unwrap()
    }

    pub fn was_throttled(&self) -> bool {
        self.told.lock().unwrap().iter().any(|told| told.throttled_since.is_some())
    }
}

#[async_trait]
impl DrainWatch for Watch {
    fn stop(&self) -> Option<Fault> {
        let is_over = self.stop_at.is_some_and(|at| self.clock.elapsed() >= at);
        is_over.then(|| Fault::new(FaultClass::Interrupted, "stopped"))
    }

    fn progress(&self, progress: DrainProgress) {
        self.told.lock().unwrap().push(progress);
    }

    async fn sleep(&self, wait: Duration) {
        self.clock.sleep(wait).await;
    }

    fn now(&self) -> DateTime<Utc> {
        outflow_testkit::clock::fixed_now() + self.clock.elapsed()
    }

    fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }
}
