//! What is known of a connection's session: its links, the credit they have, and the transfers on their way.
//!
//! Frames change it, senders reserve in it. No input or output happens here, so that every order of events can be tested.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use outflow_connector_kit::{Fault, Message, Outcome};
use tokio::sync::oneshot;

use super::amqp::performative::{self, Flow};
use super::amqp::{AmqpError, Incoming, State};
use super::errors::{self, Place};
use super::message::{encoded_bytes, frames_of};

/// Transfers of ours that the peer may send before it hears of our window again. Only answers to tokens come this way.
pub(super) const WINDOW: u32 = 5000;

/// Links of a session: the hub's, two for tokens, and room for some that are being detached.
pub(super) const HANDLE_MAX: u32 = 31;

/// An answer to a token is never longer, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// What is written at once, in bytes: enough for the system call not to matter, little enough for a short wait.
const CHUNK_BYTES: usize = 256 * 1024;

/// How far a link is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// `attach` was sent.
    Attaching,
    /// The peer has answered without a terminus: it will say why, and detach.
    Refused,
    /// It may be used.
    Attached,
    /// The peer has ended it.
    Ended(AmqpError),
    /// We have ended it, and the peer has not answered.
    Leaving,
}

/// One end of a link.
#[derive(Debug)]
pub(super) struct Link {
    name: String,
    remote_handle: Option<u32>,
    pub phase: Phase,
    /// Transfers that the peer takes.
    pub credit: u32,
    /// Transfers sent, or received, so far.
    pub delivery_count: u32,
    /// The largest message that the peer takes, in bytes; 0 when it says none.
    pub message_bytes_max: u64,
    /// Messages received.
    pub messages: VecDeque<Vec<u8>>,
    partial: Vec<u8>,
    unsettled: Option<u32>,
}

/// Transfers that were reserved together: consecutive deliveries of consecutive messages of a request.
#[derive(Debug)]
struct Run {
    id: u64,
    request: u64,
    first_index: usize,
    first_delivery: u32,
    count: u32,
    /// Whether writing them has begun.
    attempted: bool,
}

#[derive(Debug)]
struct Request {
    outcomes: Vec<Option<Outcome>>,
    left: usize,
    done: Option<oneshot::Sender<()>>,
}

impl Request {
    fn set(&mut self, index: usize, outcome: &Outcome) {
        let Some(slot) = self.outcomes.get_mut(index).filter(|slot| slot.is_none()) else { return };
        *slot = Some(outcome.clone());
        self.left -= 1;
        if self.left == 0
            && let Some(done) = self.done.take()
        {
            // Whoever waited may be gone.
            let _ = done.send(());
        }
    }
}

/// What a sender may write now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reserved {
    /// The run, which the writer says it begins.
    pub run: u64,
    pub first_delivery: u32,
    pub count: usize,
}

/// See the module.
#[derive(Debug)]
pub(super) struct SessionState {
    place: Arc<Place>,
    frame_bytes_max: usize,
    /// Frames with transfers that the peer takes.
    window: u32,
    next_outgoing_id: u32,
    next_incoming_id: u32,
    next_delivery: u32,
    links: Vec<Option<Link>>,
    hub: Option<u32>,
    runs: Vec<Run>,
    requests: BTreeMap<u64, Request>,
    next_id: u64,
    /// Whether the hub has refused a message for the sender's rights: its token may have expired.
    is_denied: bool,
    gone: Option<Arc<Fault>>,
}

impl SessionState {
    /// A session that has begun: the peer takes frames of `frame_bytes_max` bytes, `window` of them with transfers.
    pub(super) fn new(place: Arc<Place>, frame_bytes_max: usize, window: u32, next_incoming_id: u32) -> SessionState {
        SessionState {
            place,
            frame_bytes_max,
            window,
            next_outgoing_id: 0,
            next_incoming_id,
            next_delivery: 0,
            links: Vec::new(),
            hub: None,
            runs: Vec::new(),
            requests: BTreeMap::new(),
            next_id: 0,
            is_denied: false,
            gone: None,
        }
    }

    /// Whether whoever sends next had better sign in anew.
    pub(super) fn is_denied(&self) -> bool {
        self.is_denied
    }

    /// Why the connection can no longer be used.
    pub(super) fn gone(&self) -> Option<&Arc<Fault>> {
        self.gone.as_ref()
    }

    /// The largest frame that the peer takes, in bytes.
    pub(super) fn frame_bytes_max(&self) -> usize {
        self.frame_bytes_max
    }

    /// A link by our handle.
    pub(super) fn link(&mut self, handle: u32) -> Option<&mut Link> {
        self.links.get_mut(handle as usize)?.as_mut()
    }

    /// A new link's handle.
    ///
    /// # Errors
    /// When too many links are being detached.
    pub(super) fn add_link(&mut self, name: &str) -> Result<u32, Fault> {
        let link = Link {
            name: name.into(),
            remote_handle: None,
            phase: Phase::Attaching,
            credit: 0,
            delivery_count: 0,
            message_bytes_max: 0,
            messages: VecDeque::new(),
            partial: Vec::new(),
            unsettled: None,
        };
        if let Some(free) = self.links.iter().position(Option::is_none) {
            self.links[free] = Some(link);
            return Ok(free as u32);
        }
        if self.links.len() as u32 > HANDLE_MAX {
            return Err(Fault::internal("a connection to the hub has too many links"));
        }
        self.links.push(Some(link));
        Ok(self.links.len() as u32 - 1)
    }

    /// Our handle of the link that messages go through.
    pub(super) fn hub(&self) -> Option<u32> {
        self.hub
    }

    /// Makes the link the one that messages go through: its end is then the connection's.
    pub(super) fn use_for_messages(&mut self, handle: u32) {
        self.hub = Some(handle);
    }

    /// Ends a link. Answers whether `detach` must be sent.
    pub(super) fn leave(&mut self, handle: u32) -> bool {
        let Some(link) = self.link(handle) else { return false };
        if matches!(link.phase, Phase::Ended(_)) {
            self.links[handle as usize] = None;
            return false;
        }
        link.phase = Phase::Leaving;
        true
    }

    /// `flow` that lets the peer send `credit` messages over the link.
    pub(super) fn grant(&mut self, handle: u32, credit: u32) -> Vec<u8> {
        let (incoming, outgoing) = (self.next_incoming_id, self.next_outgoing_id);
        let count = self.link(handle).map_or(0, |link| link.delivery_count);
        performative::flow_of(incoming, WINDOW, outgoing, Some((handle, count, credit)))
    }

    /// The next delivery of one frame over a link, where link and session have credit.
    pub(super) fn reserve_one(&mut self, handle: u32) -> Option<u32> {
        if self.window == 0 || self.link(handle)?.credit == 0 {
            return None;
        }
        let delivery = self.next_delivery;
        self.spend(handle, 1, 1);
        Some(delivery)
    }

    fn spend(&mut self, handle: u32, deliveries: u32, frames: u32) {
        self.next_delivery = self.next_delivery.wrapping_add(deliveries);
        self.next_outgoing_id = self.next_outgoing_id.wrapping_add(frames);
        self.window -= frames;
        if let Some(link) = self.link(handle) {
            link.credit -= deliveries;
            link.delivery_count = link.delivery_count.wrapping_add(deliveries);
        }
    }

    /// Begins a request of `count` messages. The receiver hears when each has an outcome.
    pub(super) fn begin(&mut self, count: usize) -> (u64, oneshot::Receiver<()>) {
        let (done, heard) = oneshot::channel();
        self.next_id += 1;
        self.requests.insert(self.next_id, Request { outcomes: vec![None; count], left: count, done: Some(done) });
        (self.next_id, heard)
    }

    /// Says what became of one message.
    pub(super) fn set(&mut self, request: u64, index: usize, outcome: &Outcome) {
        if let Some(request) = self.requests.get_mut(&request) {
            request.set(index, outcome);
        }
    }

    /// Ends a request. Answers the outcomes that are known; what comes later is no longer heard.
    pub(super) fn finish(&mut self, request: u64) -> Vec<Option<Outcome>> {
        self.runs.retain(|run| run.request != request);
        self.requests.remove(&request).map(|request| request.outcomes).unwrap_or_default()
    }

    /// Reserves what may be sent now of `messages`, the first of which is number `index` of the request. `None`: nothing.
    pub(super) fn reserve(&mut self, request: u64, index: usize, messages: &[Message]) -> Option<Reserved> {
        let handle = self.hub?;
        let (credit, frame_bytes_max) = (self.link(handle)?.credit, self.frame_bytes_max);
        let (mut count, mut frames, mut bytes) = (0, 0, 0);
        for message in messages {
            let event_bytes = encoded_bytes(message);
            let needed = frames_of(event_bytes, frame_bytes_max);
            let is_full = count > 0 && bytes + event_bytes > CHUNK_BYTES;
            if count == credit || needed > self.window.saturating_sub(frames) || is_full {
                break;
            }
            (count, frames, bytes) = (count + 1, frames + needed, bytes + event_bytes);
        }
        if count == 0 {
            return None;
        }
        self.next_id += 1;
        let (run, first_delivery) = (self.next_id, self.next_delivery);
        self.runs.push(Run { id: run, request, first_index: index, first_delivery, count, attempted: false });
        self.spend(handle, count, frames);
        Some(Reserved { run, first_delivery, count: count as usize })
    }

    /// Says that writing a run begins. `false`: it must not be written any more.
    pub(super) fn attempt(&mut self, run: u64) -> bool {
        if self.gone.is_some() {
            return false;
        }
        match self.runs.iter_mut().find(|r| r.id == run) {
            Some(run) => {
                run.attempted = true;
                true
            }
            // Whoever sent it has gone. Its deliveries are counted, so that it is written all the same.
            None => true,
        }
    }

    /// Ends everything: what was written may have arrived, what was not has not. The first reason stays.
    pub(super) fn end(&mut self, fault: Fault) {
        if self.gone.is_some() {
            return;
        }
        let fault = Arc::new(fault);
        for run in std::mem::take(&mut self.runs) {
            let outcome = match run.attempted {
                true => Outcome::Unknown(Arc::clone(&fault)),
                false => Outcome::of_target(Arc::clone(&fault)),
            };
            for index in run.first_index..run.first_index + run.count as usize {
                self.set(run.request, index, &outcome);
            }
        }
        self.gone = Some(fault);
    }

    /// Takes in a frame. Frames to answer go to `answers`; `true` means that a link or a window has changed.
    ///
    /// # Errors
    /// The reason why the connection is over.
    pub(super) fn receive(&mut self, incoming: Incoming<'_>, answers: &mut Vec<u8>) -> Result<bool, Fault> {
        match incoming {
            Incoming::Attach { name, handle, has_terminus, first_delivery, message_bytes_max } => {
                if let Some(link) = self.links.iter_mut().flatten().find(|link| link.name == name) {
                    link.remote_handle = Some(handle);
                    link.message_bytes_max = message_bytes_max;
                    link.delivery_count = first_delivery.unwrap_or(link.delivery_count);
                    if link.phase == Phase::Attaching {
                        link.phase = if has_terminus { Phase::Attached } else { Phase::Refused };
                    }
                }
            }
            Incoming::Flow(flow) => self.flow(&flow, answers),
            Incoming::Transfer { handle, delivery_id, settled, more, payload } => {
                self.transfer(handle, delivery_id.filter(|_| !settled), more, payload, answers)?;
            }
            Incoming::Disposition { first, last, settled, state } => {
                self.disposition(first, last, settled, &state);
                return Ok(false);
            }
            Incoming::Detach { handle, error } => self.detach(handle, &error.unwrap_or_default(), answers)?,
            Incoming::End(error) | Incoming::Close(error) => {
                answers.extend(performative::end_and_close());
                return Err(errors::of(&error.unwrap_or_default(), "send to", &self.place));
            }
            Incoming::Heartbeat | Incoming::Open { .. } | Incoming::Begin { .. } | Incoming::Other => {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn by_remote(&mut self, remote: u32) -> Option<u32> {
        let known = |link: &Option<Link>| link.as_ref().is_some_and(|link| link.remote_handle == Some(remote));
        self.links.iter().position(known).map(|handle| handle as u32)
    }

    fn flow(&mut self, flow: &Flow, answers: &mut Vec<u8>) {
        // What the peer had received when it said so; frames on their way to it count against its window.
        let received = flow.next_incoming_id.unwrap_or(0);
        self.window = left(flow.incoming_window, self.next_outgoing_id, received);
        let mut link_state = None;
        if let Some(handle) = flow.handle.and_then(|remote| self.by_remote(remote))
            && let Some(link) = self.link(handle)
        {
            link.credit = left(flow.link_credit, link.delivery_count, flow.delivery_count.unwrap_or(0));
            if flow.drain {
                // Nothing waits here that could be sent at once: the credit is given back.
                link.delivery_count = link.delivery_count.wrapping_add(link.credit);
                link.credit = 0;
            }
            link_state = Some((handle, link.delivery_count, link.credit));
        }
        if flow.echo || flow.drain {
            let (incoming, outgoing) = (self.next_incoming_id, self.next_outgoing_id);
            answers.extend(performative::flow_of(incoming, WINDOW, outgoing, link_state));
        }
    }

    fn transfer(
        &mut self,
        remote: u32,
        unsettled: Option<u32>,
        more: bool,
        payload: &[u8],
        answers: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        self.next_incoming_id = self.next_incoming_id.wrapping_add(1);
        let Some(link) = self.by_remote(remote).and_then(|handle| self.link(handle)) else { return Ok(()) };
        if link.partial.len() + payload.len() > ANSWER_BYTES_MAX {
            return Err(Fault::new(outflow_connector_kit::FaultClass::Unavailable, "the service's answer has no end"));
        }
        link.partial.extend_from_slice(payload);
        link.unsettled = unsettled.or(link.unsettled);
        if !more {
            link.delivery_count = link.delivery_count.wrapping_add(1);
            let message = std::mem::take(&mut link.partial);
            // One answer is waited for at a time.
            link.messages.clear();
            link.messages.push_back(message);
            if let Some(delivery) = link.unsettled.take() {
                answers.extend(performative::accept(delivery));
            }
        }
        Ok(())
    }

    fn disposition(&mut self, first: u32, last: u32, settled: bool, state: &State) {
        self.is_denied |= matches!(state, State::Rejected(e) if e.condition == "amqp:unauthorized-access");
        let outcome = match state {
            State::Accepted => Outcome::Accepted,
            State::Rejected(error) => errors::rejected(error, &self.place),
            State::Released | State::Modified => Outcome::NotAccepted(Arc::new(errors::given_back(&self.place))),
            State::Unsettled if settled => Outcome::Unknown(Arc::new(errors::no_state(&self.place))),
            State::Unsettled => return,
        };
        for run in &self.runs {
            // Numbers of deliveries wrap; both ends lie within half their range of the run.
            let from = i64::from(first.wrapping_sub(run.first_delivery) as i32).max(0);
            let to = i64::from(last.wrapping_sub(run.first_delivery) as i32).min(i64::from(run.count) - 1);
            if let Some(request) = self.requests.get_mut(&run.request) {
                for offset in from..=to {
                    request.set(run.first_index + offset as usize, &outcome);
                }
            }
        }
    }

    fn detach(&mut self, remote: u32, error: &AmqpError, answers: &mut Vec<u8>) -> Result<(), Fault> {
        // A peer may detach what it never attached.
        let attaching = || self.links.iter().flatten().position(|link| link.phase == Phase::Attaching);
        let known = |link: &Option<Link>| link.as_ref().is_some_and(|link| link.remote_handle == Some(remote));
        let Some(handle) = self.links.iter().position(known).or_else(attaching).map(|handle| handle as u32) else {
            return Ok(());
        };
        let Some(link) = self.link(handle) else { return Ok(()) };
        if link.phase == Phase::Leaving {
            self.links[handle as usize] = None;
            return Ok(());
        }
        link.remote_handle = None;
        link.phase = Phase::Ended(error.clone());
        answers.extend(performative::detach(handle));
        if self.hub == Some(handle) {
            return Err(errors::of(error, "send to", &self.place));
        }
        Ok(())
    }
}

/// What is left of `given` by a peer that had `received` when we have sent `sent`. Both are numbers that wrap; what is given
/// may be any number, so that it is never added to them.
fn left(given: u32, sent: u32, received: u32) -> u32 {
    given.saturating_sub(sent.wrapping_sub(received))
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn what_is_left_is_given_less_what_is_on_its_way() {
        assert_eq!(left(300, 10, 10), 300);
        assert_eq!(left(300, 310, 10), 0);
        assert_eq!(left(300, 400, 10), 0);
        assert_eq!(left(300, 5, u32::MAX), 294);
        assert_eq!(left(u32::MAX, 7, 2), u32::MAX - 5);
    }
}
