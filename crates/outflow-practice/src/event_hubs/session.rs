//! Sessions: windows, links, and what comes and goes over them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::time::Instant;

use super::Shared;
use super::codec::frame::{self, HEADER_BYTES};
use super::codec::message::Message;
use super::codec::performative::{
    AmqpError, Attach, Begin, Detach, Disposition, Flow, Outcome, Performative, RECEIVER, SENDER, Transfer,
};
use super::incoming::{self, Answers, Incoming, Violation, WINDOW_FRAMES};
use super::intake::{Counts, Verdict};
use super::link::{CREDIT_MAX, Kind, Link, Node, Partial, may};
use super::policies::{Claim, Grant};
use super::requests::Request;

/// Largest message, in bytes, as the service has it for most namespaces.
pub(crate) const MESSAGE_MAX_BYTES: usize = 1024 * 1024;
/// While so many bytes wait to be sent, no more events are read and no more frames are taken.
pub(crate) const OUT_MAX_BYTES: usize = 1024 * 1024;
/// Bytes of messages of which not all has come, in one session.
const UNFINISHED_MAX_BYTES: usize = 4 * MESSAGE_MAX_BYTES;
/// Links of one session.
const LINKS_MAX: usize = 256;
/// Replies that wait for credit.
const REPLIES_MAX: usize = 64;
/// Bytes of a transfer frame beside its payload, at most.
const TRANSFER_BYTES_MAX: usize = 64;
/// Number of our first transfer in a session.
const FIRST_OUTGOING_ID: u32 = 1;

/// Why something bigger than a link ends.
pub(crate) enum Stop {
    /// The session ends.
    End(AmqpError),
    /// The connection is closed.
    Close(AmqpError),
    /// The connection is reset.
    Drop,
}

/// What all sessions of a connection share.
pub(crate) struct Context {
    pub(crate) shared: Arc<Shared>,
    /// What the tokens that were put allow.
    pub(crate) grants: Vec<Grant>,
    /// Bytes to send.
    pub(crate) out: BytesMut,
    /// Largest frame that the peer takes, in bytes.
    pub(crate) frame_max_bytes: usize,
    /// Answers that are held back by a fault, with the session they belong to.
    pub(crate) held: VecDeque<(Instant, u16, Disposition)>,
    /// Transfers that came.
    pub(crate) transfers: u64,
}

impl Context {
    pub(crate) fn send(&mut self, channel: u16, performative: Performative) {
        frame::put_performative(channel, performative, &[], &mut self.out);
    }

    fn error(&self, condition: &str, sentence: &str) -> AmqpError {
        AmqpError::new(condition, self.shared.tracking.tracked(sentence))
    }

    fn end(&self, violation: &Violation) -> Stop {
        Stop::End(self.error(violation.condition, &violation.sentence))
    }
}

/// A session.
pub(crate) struct Session {
    /// Its channel, which is the same both ways.
    channel: u16,
    incoming: Incoming,
    next_outgoing_id: u32,
    /// Frames that the peer takes.
    remote_window: u32,
    /// Number of our next delivery.
    next_delivery_id: u32,
    answers: Answers,
    /// By handle, which is the same both ways.
    links: BTreeMap<u32, Link>,
}

impl Session {
    /// Answers a `begin`.
    pub(crate) fn begin(channel: u16, begin: &Begin, cx: &mut Context) -> Session {
        let answer = Begin {
            remote_channel: Some(channel),
            next_outgoing_id: FIRST_OUTGOING_ID,
            incoming_window: WINDOW_FRAMES,
            outgoing_window: WINDOW_FRAMES,
            handle_max: Some(LINKS_MAX as u32 - 1),
        };
        cx.send(channel, Performative::Begin(answer));
        Session {
            channel,
            incoming: Incoming::new(begin.next_outgoing_id),
            next_outgoing_id: FIRST_OUTGOING_ID,
            remote_window: begin.incoming_window,
            next_delivery_id: 0,
            answers: Answers::default(),
            links: BTreeMap::new(),
        }
    }

    /// Whether events that come in have to be sent on.
    pub(crate) fn waits_for_events(&self) -> bool {
        self.links.values().any(|link| link.credit > 0 && matches!(link.kind, Kind::Feed { .. }))
    }

    /// Opens a link, or refuses it as the specification says: attached to nothing and detached at once.
    pub(crate) fn attach(&mut self, attach: Attach, cx: &mut Context) -> Result<(), Stop> {
        let in_use = self.links.get(&attach.handle).is_some_and(|link| !matches!(link.kind, Kind::Gone));
        if in_use {
            return Err(Stop::End(cx.error("amqp:session:handle-in-use", "The handle is in use.")));
        }
        if self.links.len() >= LINKS_MAX {
            return Err(Stop::End(cx.error("amqp:resource-limit-exceeded", "The session has too many links.")));
        }
        let handle = attach.handle;
        let linked = Link::attach(&attach, &cx.shared, &cx.grants);
        let peer_sends = attach.role == SENDER;
        let mut answer = Attach {
            role: !attach.role,
            initial_delivery_count: (!peer_sends).then_some(0),
            max_message_bytes: Some(MESSAGE_MAX_BYTES as u64),
            ..attach
        };
        let link = match linked {
            Ok(link) => link,
            Err(error) => {
                if peer_sends {
                    answer.target = None;
                } else {
                    answer.source = None;
                }
                cx.send(self.channel, Performative::Attach(Box::new(answer)));
                cx.send(self.channel, Performative::Detach(Detach { handle, closed: true, error: Some(error) }));
                self.links.insert(handle, Link::gone());
                return Ok(());
            }
        };
        cx.send(self.channel, Performative::Attach(Box::new(answer)));
        self.links.insert(handle, link);
        if peer_sends {
            self.give_credit(handle, cx);
        }
        Ok(())
    }

    /// Says what became of deliveries, as far as it was not said yet.
    pub(crate) fn answer(&mut self, cx: &mut Context) {
        if let Some(answer) = self.answers.take() {
            cx.send(self.channel, Performative::Disposition(answer));
        }
    }

    /// Answers a `detach`, and forgets the link.
    pub(crate) fn detached(&mut self, detach: &Detach, cx: &mut Context) {
        let known = self.links.remove(&detach.handle);
        if known.is_some_and(|link| !matches!(link.kind, Kind::Gone)) {
            let answer = Detach { handle: detach.handle, closed: detach.closed, error: None };
            cx.send(self.channel, Performative::Detach(answer));
        }
    }

    /// Takes what the peer says of windows and credit.
    pub(crate) fn flow(&mut self, flow: &Flow, cx: &mut Context) {
        let base = flow.next_incoming_id.unwrap_or(FIRST_OUTGOING_ID);
        self.remote_window = base.wrapping_add(flow.incoming_window).wrapping_sub(self.next_outgoing_id);
        if let Some((handle, link)) = flow.handle.and_then(|handle| Some((handle, self.links.get_mut(&handle)?))) {
            if matches!(link.kind, Kind::Feed { .. } | Kind::Replies { .. }) {
                let limit = flow.delivery_count.unwrap_or(0).wrapping_add(flow.link_credit.unwrap_or(0));
                let credit = limit.wrapping_sub(link.delivery_count);
                // Beyond half the range it is a limit that we are past already.
                link.credit = if credit > u32::MAX / 2 { 0 } else { credit };
                link.drain = flow.drain;
            }
            if flow.echo {
                self.tell_flow(Some(handle), cx);
            }
        } else if flow.echo {
            self.tell_flow(None, cx);
        }
    }

    /// A delivery that the peer has not settled by itself is settled.
    pub(crate) fn disposition(&mut self, disposition: Disposition, cx: &mut Context) {
        if disposition.role == RECEIVER && !disposition.settled {
            let answer = Disposition { role: SENDER, settled: true, ..disposition };
            cx.send(self.channel, Performative::Disposition(answer));
        }
    }

    /// Takes a message or a part of one.
    pub(crate) fn transfer(&mut self, transfer: &Transfer, payload: &[u8], cx: &mut Context) -> Result<(), Stop> {
        self.incoming.count_frame().map_err(|violation| cx.end(&violation))?;
        let handle = transfer.handle;
        let Some(link) = self.links.get_mut(&handle) else {
            return Err(Stop::End(cx.error("amqp:session:unattached-handle", "The handle is not attached.")));
        };
        let (partial, credit) = (link.partial.take(), link.credit);
        match link.kind {
            Kind::Gone => {
                let lost = self.incoming.number_of_lost(transfer.delivery_id);
                return lost.map_err(|violation| cx.end(&violation));
            }
            Kind::Feed { .. } | Kind::Replies { .. } => {
                return Err(Stop::End(cx.error("amqp:not-allowed", "The link does not take messages.")));
            }
            Kind::Intake(_) | Kind::Requests(_) => {}
        }
        let continued = partial.as_ref().map(|partial| partial.delivery_id);
        self.incoming.number(transfer.delivery_id, continued).map_err(|violation| cx.end(&violation))?;
        let mut partial = match (partial, transfer.delivery_id) {
            (Some(partial), _) => partial,
            (None, Some(_)) if credit == 0 => {
                let sentence = "The link has no credit for another message.";
                self.detach(handle, cx.error("amqp:link:transfer-limit-exceeded", sentence), cx);
                return Ok(());
            }
            (None, Some(delivery_id)) => {
                let format = transfer.message_format.unwrap_or(0);
                Partial { delivery_id, format, settled: false, payload: BytesMut::new() }
            }
            (None, None) => return Err(Stop::End(cx.error("amqp:invalid-field", "The transfer has no delivery id."))),
        };
        partial.settled |= transfer.settled == Some(true);
        let Some(link) = self.links.get_mut(&handle) else { return Ok(()) };
        if transfer.aborted {
            link.spend();
            return Ok(());
        }
        let bytes = partial.payload.len() + payload.len();
        if bytes > MESSAGE_MAX_BYTES {
            let sentence = format!(
                "The received message (delivery-id:{}, size:{bytes} bytes) exceeds the limit ({MESSAGE_MAX_BYTES} \
                 bytes) currently allowed on the link.",
                partial.delivery_id
            );
            self.detach(handle, cx.error("amqp:link:message-size-exceeded", &sentence), cx);
            return Ok(());
        }
        partial.payload.extend_from_slice(payload);
        if transfer.more {
            link.partial = Some(partial);
            if self.unfinished_bytes() > UNFINISHED_MAX_BYTES {
                let sentence = "The session has too many messages that are not finished.";
                return Err(Stop::End(cx.error("amqp:resource-limit-exceeded", sentence)));
            }
            return Ok(());
        }
        link.spend();
        link.transfers += 1;
        self.delivered(handle, partial, cx)
    }

    fn unfinished_bytes(&self) -> usize {
        self.links.values().filter_map(|link| link.partial.as_ref()).map(|partial| partial.payload.len()).sum()
    }

    /// Does what a whole message is there for.
    fn delivered(&mut self, handle: u32, partial: Partial, cx: &mut Context) -> Result<(), Stop> {
        let Partial { delivery_id, format, settled, payload } = partial;
        let Some(link) = self.links.get(&handle) else { return Ok(()) };
        let verdict = match &link.kind {
            Kind::Requests(node) => {
                let node = *node;
                self.requested(node, payload.freeze(), cx)
            }
            Kind::Intake(intake) => {
                cx.transfers += 1;
                let counts = Counts {
                    of_link: link.transfers,
                    of_connection: cx.transfers,
                    of_all: cx.shared.transfers.fetch_add(1, Ordering::SeqCst) + 1,
                };
                match may(&cx.shared, &cx.grants, Claim::Send, &link.entity) {
                    Ok(()) => intake.take(&cx.shared, format, payload.freeze(), counts),
                    Err(error) => Verdict::Detach(error),
                }
            }
            _ => Verdict::Silence,
        };
        match verdict {
            Verdict::Settle(_) if settled => {}
            Verdict::Settle(state) => self.settle(delivery_id, state, cx),
            Verdict::Silence => {}
            Verdict::Detach(error) => self.detach(handle, error, cx),
            Verdict::Close(error) => return Err(Stop::Close(error)),
            Verdict::Drop => return Err(Stop::Drop),
        }
        Ok(())
    }

    /// Says what became of a delivery, together with its neighbours where these came to the same.
    fn settle(&mut self, delivery_id: u32, state: Outcome, cx: &mut Context) {
        let answer = incoming::answer(delivery_id, state);
        if let Some(millis) = cx.shared.faults.read(|f| f.event_hubs.answer_delay_millis) {
            cx.held.push_back((Instant::now() + Duration::from_millis(millis), self.channel, answer));
        } else if let Some(before) = self.answers.add(answer) {
            cx.send(self.channel, Performative::Disposition(before));
        }
    }

    /// Detaches a link with an error.
    fn detach(&mut self, handle: u32, error: AmqpError, cx: &mut Context) {
        self.answer(cx);
        self.links.insert(handle, Link::gone());
        cx.send(self.channel, Performative::Detach(Detach { handle, closed: true, error: Some(error) }));
    }

    /// Answers a request over the link for replies that it belongs to.
    fn requested(&mut self, node: Node, payload: Bytes, cx: &mut Context) -> Verdict {
        let request = match Message::decode(payload).and_then(|message| Request::read(&message)) {
            Ok(request) => request,
            Err(error) => {
                let sentence = format!("The request cannot be read: {error}.");
                return Verdict::Settle(Outcome::Rejected(cx.error("amqp:decode-error", &sentence)));
            }
        };
        let reply = match node {
            Node::Cbs => {
                let (reply, grant) = request.put_token(&cx.shared);
                if let Some(grant) = grant {
                    cx.grants.retain(|other| !other.same_resource(&grant));
                    cx.grants.push(grant);
                }
                reply
            }
            Node::Management => request.read_properties(&cx.shared, &cx.grants),
        };
        let reply = reply.message(&request).encode();
        let mut found = None;
        for (handle, link) in &mut self.links {
            if let Kind::Replies { node: of, names, waiting } = &mut link.kind
                && *of == node
            {
                let named = request.reply_to.as_ref().is_some_and(|name| names.contains(name));
                if named || found.is_none() {
                    found = Some((*handle, waiting));
                }
                if named {
                    break;
                }
            }
        }
        if let Some((_, waiting)) = found
            && waiting.len() < REPLIES_MAX
        {
            waiting.push_back(reply);
        }
        Verdict::Settle(Outcome::Accepted)
    }

    fn give_credit(&mut self, handle: u32, cx: &mut Context) {
        if let Some(link) = self.links.get_mut(&handle)
            && !matches!(link.kind, Kind::Gone)
        {
            link.credit = CREDIT_MAX;
            self.tell_flow(Some(handle), cx);
        }
    }

    /// Tells our window, and a link's credit.
    fn tell_flow(&mut self, handle: Option<u32>, cx: &mut Context) {
        let incoming_window = self.incoming.open_window();
        let link = handle.and_then(|handle| self.links.get(&handle));
        let flow = Flow {
            next_incoming_id: Some(self.incoming.next_id()),
            incoming_window,
            next_outgoing_id: self.next_outgoing_id,
            outgoing_window: WINDOW_FRAMES,
            handle: link.and(handle),
            delivery_count: link.map(|link| link.delivery_count),
            link_credit: link.map(|link| link.credit),
            drain: link.is_some_and(|link| link.drain),
            echo: false,
        };
        cx.send(self.channel, Performative::Flow(flow));
    }

    /// Says what became of what came, lets the peer send more, and sends replies and events as far as credit, window and
    /// room allow.
    pub(crate) fn pump(&mut self, cx: &mut Context) {
        self.answer(cx);
        if self.incoming.is_narrow() {
            self.tell_flow(None, cx);
        }
        let handles: Vec<u32> = self.links.keys().copied().collect();
        for handle in handles {
            if self.links.get(&handle).is_some_and(Link::wants_credit) {
                self.give_credit(handle, cx);
            }
            while self.pump_one(handle, cx) {}
            let Some(link) = self.links.get_mut(&handle) else { continue };
            // Nothing more is there, so what credit is left is given back.
            if link.drain && cx.out.len() < OUT_MAX_BYTES && self.remote_window > 0 {
                link.delivery_count = link.delivery_count.wrapping_add(link.credit);
                link.credit = 0;
                self.tell_flow(Some(handle), cx);
                if let Some(link) = self.links.get_mut(&handle) {
                    link.drain = false;
                }
            }
        }
    }

    /// Sends one message over the link; `false` when there is nothing to send or no room.
    fn pump_one(&mut self, handle: u32, cx: &mut Context) -> bool {
        let Some(link) = self.links.get_mut(&handle) else { return false };
        if link.credit == 0 || cx.out.len() >= OUT_MAX_BYTES {
            return false;
        }
        let payload_max = cx.frame_max_bytes.saturating_sub(HEADER_BYTES + TRANSFER_BYTES_MAX).max(1);
        let fits = |payload: &Bytes| payload.len().div_ceil(payload_max) <= self.remote_window as usize;
        let payload = match &mut link.kind {
            Kind::Replies { waiting, .. } => match waiting.front() {
                Some(reply) if fits(reply) => waiting.pop_front(),
                _ => None,
            },
            Kind::Feed { cursor, next } => {
                if next.is_none() {
                    match cursor.next() {
                        Ok(message) => *next = message.map(|message| message.encode()),
                        Err(error) => {
                            let error =
                                cx.error("amqp:internal-error", &format!("The partition is unreadable: {error}."));
                            self.detach(handle, error, cx);
                            return false;
                        }
                    }
                }
                if next.as_ref().is_some_and(fits) { next.take() } else { None }
            }
            _ => None,
        };
        let Some(payload) = payload else { return false };
        link.credit -= 1;
        link.delivery_count = link.delivery_count.wrapping_add(1);
        let presettled = link.presettled;
        self.send_message(handle, presettled, &payload, payload_max, cx);
        true
    }

    fn send_message(&mut self, handle: u32, presettled: bool, payload: &[u8], payload_max: usize, cx: &mut Context) {
        let delivery_id = self.next_delivery_id;
        self.next_delivery_id = delivery_id.wrapping_add(1);
        let mut rest = payload;
        loop {
            let (part, after) = rest.split_at(rest.len().min(payload_max));
            rest = after;
            let transfer = Transfer {
                handle,
                delivery_id: Some(delivery_id),
                delivery_tag: Some(Bytes::copy_from_slice(&delivery_id.to_be_bytes())),
                message_format: Some(0),
                settled: Some(presettled),
                more: !rest.is_empty(),
                aborted: false,
            };
            frame::put_performative(self.channel, Performative::Transfer(transfer), part, &mut cx.out);
            self.next_outgoing_id = self.next_outgoing_id.wrapping_add(1);
            self.remote_window = self.remote_window.saturating_sub(1);
            if rest.is_empty() {
                return;
            }
        }
    }
}
