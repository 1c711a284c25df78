//! The loop of a drain.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::StreamExt as _;
use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;
use outflow_connector_kit::{Message, StreamLimits, StreamSession};
use outflow_model::Fault;

use super::settle::{Answer, Request, Settler, Verdict, owned};
use super::source::{Meter, Source};
use super::waiting::{Again, Backoff, Waiting};
use super::{DrainProgress, DrainSettings, DrainWatch, Drained};
use crate::messages::outbox::OpenSet;

/// How long the watch is not asked at most.
const TICK: Duration = Duration::from_millis(250);

/// How long an acknowledgement is not on the disk at most.
const KEEP_EVERY: Duration = Duration::from_secs(1);

/// How long requests may still take when the drain ends.
const GRACE: Duration = Duration::from_secs(5);

/// Requests one after the other of which nothing was accepted: then the target gets one at a time, with waits between.
const MISSES_MAX: u32 = 3;

/// A drain under way.
pub(super) struct Run<'a> {
    session: &'a dyn StreamSession,
    watch: &'a dyn DrainWatch,
    settings: &'a DrainSettings,
    pub settler: Settler,
    source: Source,
    meter: Meter,
    waiting: Waiting,
    backoff: Backoff,
    on_their_way: FuturesUnordered<BoxFuture<'a, Answer>>,
    kept_at: Duration,
    /// Requests one after the other of which nothing was accepted, for the moment's reasons.
    misses: u32,
    /// Nothing is sent before.
    pause_until: Duration,
    /// Since when nothing was accepted while requests failed.
    failing_since: Option<Duration>,
    last_fault: Option<Arc<Fault>>,
    throttled_since: Option<DateTime<Utc>>,
}

impl<'a> Run<'a> {
    pub fn open(
        session: &'a dyn StreamSession,
        set: &OpenSet,
        settings: &'a DrainSettings,
        watch: &'a dyn DrainWatch,
    ) -> Result<Run<'a>, Fault> {
        let settler = Settler::open(set)?;
        let meter = Meter::default();
        let source = Source::open(set, &settler.acks, &meter);
        let (initial, max) = (settings.delay_initial, settings.delay_max);
        Ok(Run {
            session,
            watch,
            settings,
            settler,
            source,
            meter,
            waiting: Waiting::default(),
            backoff: Backoff { initial, max, random: settings.seed },
            on_their_way: FuturesUnordered::new(),
            kept_at: watch.elapsed(),
            misses: 0,
            pause_until: Duration::ZERO,
            failing_since: None,
            last_fault: None,
            throttled_since: None,
        })
    }

    /// Sends until it ends. Requests on their way at an end before the last message get their time.
    pub async fn run(&mut self) -> Result<Drained, Fault> {
        let ended = loop {
            match self.step().await {
                Ok(None) => {}
                Ok(Some(end)) => break Ok(end),
                Err(fault) => break Err(fault),
            }
        };
        let deadline = self.watch.elapsed() + GRACE;
        while !self.on_their_way.is_empty() {
            let left = deadline.saturating_sub(self.watch.elapsed());
            if left.is_zero() {
                break;
            }
            self.take_answer(left).await?;
        }
        self.on_their_way.clear();
        ended
    }

    /// Sends what can be sent and waits for something to happen; says how it ended, if it did.
    async fn step(&mut self) -> Result<Option<Drained>, Fault> {
        if self.watch.stop().is_some() {
            return Ok(Some(Drained::Stopped));
        }
        if let (Some(since), Some(fault)) = (self.failing_since, &self.last_fault)
            && self.watch.elapsed().saturating_sub(since) >= self.settings.patience
        {
            return Ok(Some(Drained::Blocked(owned(fault))));
        }
        while self.may_send() {
            let Some(request) = self.next_request()? else { break };
            self.settler.attempt(&request)?;
            let session = self.session;
            self.on_their_way.push(Box::pin(async move {
                let outcomes = session.send(&request.messages).await;
                Answer { request, outcomes }
            }));
        }
        if self.on_their_way.is_empty() && self.waiting.is_empty() && self.source.is_at_end() {
            return Ok(Some(Drained::Empty));
        }
        let nap = self.nap();
        let verdict = self.take_answer(nap).await?;
        let fatal = verdict.and_then(|verdict| self.weigh(verdict));
        Ok(fatal.map(|fault| Drained::Blocked(owned(&fault))))
    }

    fn may_send(&self) -> bool {
        let at_once = if self.misses >= MISSES_MAX { 1 } else { self.session.limits().requests_max.max(1) };
        self.on_their_way.len() < at_once && self.watch.elapsed() >= self.pause_until
    }

    /// The next request: messages whose time has come again, then others. `None` when there are none now.
    fn next_request(&mut self) -> Result<Option<Request>, Fault> {
        let limits = self.session.limits();
        let now = self.watch.elapsed();
        let mut request = Request::default();
        while let Some(again) = self.waiting.peek(now) {
            let weight = self.session.weight(&again.message);
            if !fits(&request, weight, &limits) {
                return Ok(Some(request));
            }
            let Some((number, again)) = self.waiting.pop() else { break };
            self.place(&mut request, (number, again.attempts), again.message, weight, &limits)?;
        }
        // Half of the memory is for those that are sent for the first time.
        while self.waiting.bytes() <= self.settings.memory_bytes_max / 2 {
            let is_alone = self.on_their_way.is_empty() && self.waiting.is_empty() && request.messages.is_empty();
            let memory = (!is_alone).then_some(self.settings.memory_bytes_max);
            let Some((_, message)) = self.source.peek(&self.settler.acks, memory)? else { break };
            let weight = self.session.weight(message);
            if !fits(&request, weight, &limits) {
                break;
            }
            let Some((number, message)) = self.source.take() else { break };
            self.place(&mut request, (number, 0), message, weight, &limits)?;
        }
        Ok((!request.messages.is_empty()).then_some(request))
    }

    /// Puts a message into the request, or refuses it for its size.
    fn place(
        &mut self,
        request: &mut Request,
        ticket: (u64, u32),
        message: Message,
        weight: usize,
        limits: &StreamLimits,
    ) -> Result<(), Fault> {
        let weight_max = weight_max(limits);
        if weight > weight_max {
            return self.settler.oversize(ticket.0, &message, weight, weight_max, self.watch.now());
        }
        request.weight += weight;
        request.tickets.push(ticket);
        request.messages.push(message);
        Ok(())
    }

    /// Takes what an answer says of the target; answers the fault that ends the drain, if there is one.
    fn weigh(&mut self, verdict: Verdict) -> Option<Arc<Fault>> {
        let now = self.watch.elapsed();
        if verdict.accepted > 0 {
            (self.misses, self.failing_since, self.last_fault) = (0, None, None);
        }
        if verdict.throttled.is_some() {
            self.throttled_since.get_or_insert_with(|| self.watch.now());
        }
        let asked = verdict.fault.as_ref().and_then(|fault| fault.retry_after);
        if let Some(fault) = verdict.fault {
            self.last_fault = Some(fault);
        }
        if verdict.fatal.is_some() {
            return verdict.fatal;
        }
        let is_smooth = verdict.accepted > 0 && verdict.again.is_empty();
        // Those of one request come back together, to be one request again.
        let jitter = self.backoff.jitter();
        if verdict.accepted == 0 && !verdict.again.is_empty() {
            self.misses = self.misses.saturating_add(1);
            self.failing_since.get_or_insert(now);
            if let Some(beyond) = self.misses.checked_sub(MISSES_MAX) {
                self.pause_until = now + self.backoff.wait(beyond + 1, asked, jitter);
            }
        }
        for (number, attempts, message, asked) in verdict.again {
            let due = now + self.backoff.wait(attempts, asked, jitter);
            let message = if attempts == 1 { self.meter.apart(&message) } else { message };
            self.waiting.push(due, number, Again { message, attempts });
        }
        if is_smooth && self.waiting.is_empty() {
            self.throttled_since = None;
        }
        None
    }

    /// How long to wait for an answer before there is something else to do.
    fn nap(&self) -> Duration {
        let now = self.watch.elapsed();
        let mut until = now + TICK;
        if self.on_their_way.is_empty() {
            let due = self.waiting.next_due().unwrap_or(now).max(self.pause_until);
            until = until.min(due);
        } else if let Some(due) = self.waiting.next_due().map(|due| due.max(self.pause_until)).filter(|due| *due > now)
        {
            until = until.min(due);
        }
        until.saturating_sub(now).max(Duration::from_millis(1))
    }

    /// Waits for an answer, as long as `wait` at most, and takes its outcomes. What was taken before is kept in time.
    async fn take_answer(&mut self, wait: Duration) -> Result<Option<Verdict>, Fault> {
        let until_kept = (self.kept_at + KEEP_EVERY).saturating_sub(self.watch.elapsed());
        let answer = self.next_answer(wait.min(until_kept)).await;
        let verdict = answer.map(|answer| self.settler.settle(answer, self.watch.now())).transpose()?;
        if self.watch.elapsed().saturating_sub(self.kept_at) >= KEEP_EVERY {
            self.settler.keep()?;
            self.kept_at = self.watch.elapsed();
            self.tell();
        }
        Ok(verdict)
    }

    /// The next answer, unless `wait` is over before.
    async fn next_answer(&mut self, wait: Duration) -> Option<Answer> {
        let nap = pin!(self.watch.sleep(wait));
        if self.on_their_way.is_empty() {
            nap.await;
            return None;
        }
        match select(self.on_their_way.next(), nap).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => None,
        }
    }

    /// Tells the watch how far it is.
    pub fn tell(&self) {
        self.watch.progress(DrainProgress {
            accepted: self.settler.acks.accepted().len(),
            refused: self.settler.acks.refused().len(),
            throttled_since: self.throttled_since,
            last_fault: self.last_fault.clone(),
            held_bytes: self.meter.held_bytes(),
        });
    }
}

/// The weight that a message may have.
fn weight_max(limits: &StreamLimits) -> usize {
    limits.message_bytes_max.min(limits.request_bytes_max)
}

/// Whether a message is to be put into the request: there is room, or no request has room for it.
fn fits(request: &Request, weight: usize, limits: &StreamLimits) -> bool {
    let has_room = request.messages.len() < limits.request_messages_max.max(1)
        && request.weight + weight <= limits.request_bytes_max;
    has_room || weight > weight_max(limits)
}
