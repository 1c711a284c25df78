//! What outcomes come to: what is kept of them, and what goes out again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use outflow_connector_kit::{Message, Outcome};
use outflow_model::fault::chain;
use outflow_model::{Fault, FaultClass};

use super::{DrainOutcome, Drained, at_the_disk};
use crate::messages::acks::Acks;
use crate::messages::letters::{Letter, LetterReason, Letters};
use crate::messages::outbox::OpenSet;

/// Messages that are said to be on their way before the first of them is: keeping this costs a wait for the disk.
const STRIDE: u64 = 20_000;

/// A request's messages, and which they are.
#[derive(Default)]
pub(super) struct Request {
    pub messages: Vec<Message>,
    /// Number of each, and how often it was sent before.
    pub tickets: Vec<(u64, u32)>,
    /// Their weights together.
    pub weight: usize,
}

/// A request that is over.
pub(super) struct Answer {
    pub request: Request,
    pub outcomes: Vec<Outcome>,
}

/// What an answer says of the target.
#[derive(Default)]
pub(super) struct Verdict {
    /// Messages that were accepted.
    pub accepted: u64,
    /// Messages that go out again: number, how often each was sent, the wait that was asked for.
    pub again: Vec<(u64, u32, Message, Option<Duration>)>,
    /// Why they do, the last of them.
    pub fault: Option<Arc<Fault>>,
    /// The target asked to go slower.
    pub throttled: Option<Arc<Fault>>,
    /// Nothing can be sent until somebody has changed something.
    pub fatal: Option<Arc<Fault>>,
}

/// Keeps what became of the messages.
pub(super) struct Settler {
    pub acks: Acks,
    letters: Letters,
    /// Messages with a letter that is not kept yet.
    refused: Vec<u64>,
    messages: u64,
}

impl Settler {
    pub fn open(set: &OpenSet) -> Result<Settler, Fault> {
        let acks = Acks::open(&set.folder)?;
        let letters = Letters::open(&set.folder, acks.refused())?;
        Ok(Settler { acks, letters, refused: Vec::new(), messages: set.messages })
    }

    /// Keeps that the messages of `request` are going to be sent.
    pub fn attempt(&mut self, request: &Request) -> Result<(), Fault> {
        let end = request.tickets.iter().map(|(number, _)| number + 1).max().unwrap_or(0);
        if end <= self.acks.attempted() {
            return Ok(());
        }
        let ahead = self.messages.min(self.acks.attempted() + STRIDE);
        at_the_disk(|| self.acks.attempt(end.max(ahead)))
    }

    /// Takes the outcomes of a request.
    pub fn settle(&mut self, answer: Answer, now: DateTime<Utc>) -> Result<Verdict, Fault> {
        let Answer { request, outcomes } = answer;
        let mut verdict = Verdict::default();
        if outcomes.len() != request.messages.len() {
            let (told, sent) = (outcomes.len(), request.messages.len());
            let fault = Fault::internal(format!("the target's session tells {told} outcomes of {sent} messages"));
            verdict.fatal = Some(Arc::new(fault));
            return Ok(verdict);
        }
        for ((message, (number, attempts)), outcome) in request.messages.into_iter().zip(request.tickets).zip(outcomes)
        {
            let fault = match outcome {
                Outcome::Accepted => {
                    verdict.accepted += 1;
                    self.acks.accept(number, message.body.len() as u64)?;
                    continue;
                }
                Outcome::NotAccepted(fault) if matches!(fault.class, FaultClass::Input | FaultClass::Refused) => {
                    self.refuse(number, &message, LetterReason::Refused, &fault, now)?;
                    continue;
                }
                Outcome::NotAccepted(fault) | Outcome::Denied(fault) | Outcome::Unknown(fault) => fault,
            };
            match fault.class {
                FaultClass::Config | FaultClass::Credentials | FaultClass::Refused | FaultClass::Internal => {
                    verdict.fatal = Some(Arc::clone(&fault));
                }
                FaultClass::Throttled => verdict.throttled = Some(Arc::clone(&fault)),
                _ => {}
            }
            verdict.again.push((number, attempts + 1, message, fault.retry_after));
            verdict.fault = Some(fault);
        }
        Ok(verdict)
    }

    /// Takes that a message is larger than the target takes.
    pub fn oversize(
        &mut self,
        number: u64,
        message: &Message,
        weight: usize,
        weight_max: usize,
        now: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let fault = Fault::input(format!("the message takes {weight} bytes of the {weight_max} that the target takes"));
        self.refuse(number, message, LetterReason::Oversize, &fault, now)
    }

    fn refuse(
        &mut self,
        number: u64,
        message: &Message,
        reason: LetterReason,
        fault: &Fault,
        at: DateTime<Utc>,
    ) -> Result<(), Fault> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let letter = Letter {
            number,
            profile_id: text(&message.key),
            event_id: text(&message.event_id),
            reason,
            class: fault.class,
            message: fault.message.clone(),
            bytes: message.body.len() as u64,
            at,
        };
        self.refused.push(number);
        if self.letters.add(&letter)? { self.keep() } else { Ok(()) }
    }

    /// Brings what was taken to the disk: letters first, so that no message is refused without one.
    pub fn keep(&mut self) -> Result<(), Fault> {
        at_the_disk(|| {
            self.letters.sync()?;
            self.refused.drain(..).for_each(|number| self.acks.refuse(number));
            self.acks.sync()
        })
    }

    pub fn outcome(&self, end: Drained) -> DrainOutcome {
        DrainOutcome { end, accepted: self.acks.accepted().len(), refused: self.acks.refused().len() }
    }
}

/// The fault that others hold too, for one who is to have it.
pub(super) fn owned(fault: &Arc<Fault>) -> Fault {
    let copy = Fault::new(fault.class, fault.message.clone())
        .tried(fault.tried.clone())
        .hint(fault.hint.clone())
        .retry_after(fault.retry_after);
    match std::error::Error::source(fault.as_ref()) {
        Some(source) => copy.because(chain(source)),
        None => copy,
    }
}
