//! A hub of Event Hubs that accepts every transfer.
//!
//! Each transfer is answered by a disposition of its own, as the service does; what is answered to what came with one read
//! is written at once.

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;

use crate::amqp::{
    ACCEPTED, ATTACH, BEGIN, CLOSE, DETACH, DISPOSITION, END, FALSE, FLOW, NULL, OPEN, SASL_INIT, SASL_MECHANISMS,
    SASL_OUTCOME, TRANSFER, TRUE, bytes, compound, described, elements, field, frame, is_true, list, next_frame,
    number, sized, text, uint,
};
use crate::link::{Kind, Link, Partial, answer, take};
use crate::tally::Tally;

/// Largest message, in bytes, as the service has it.
const MESSAGE_BYTES_MAX: u64 = 1024 * 1024;
/// Largest frame, in bytes, as the service has it.
const FRAME_BYTES_MAX: u32 = 64 * 1024;
/// Messages that may be on their way to a link.
const CREDIT: u32 = 2_000;
/// Frames that may be on their way to a session. It is told anew with each credit.
const WINDOW: u32 = 1_000_000;
const READ_BYTES: usize = 256 * 1024;
const SASL_HEADER: &[u8] = b"AMQP\x03\x01\x00\x00";
const AMQP_HEADER: &[u8] = b"AMQP\x00\x01\x00\x00";

pub(crate) fn serve(mut connection: TcpStream, tally: &Tally) -> Result<()> {
    let mut hub = Hub { out: Vec::new(), sessions: BTreeMap::new(), tally, is_over: false };
    let mut buffer = vec![0; 2 * READ_BYTES];
    let mut filled = 0;
    while !hub.is_over {
        if filled == buffer.len() {
            buffer.resize(2 * filled, 0);
        }
        match connection.read(&mut buffer[filled..]) {
            Ok(0) => return Ok(()),
            Ok(count) => filled += count,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                frame(&mut hub.out, 0, 0, &[]);
            }
            Err(error) => return Err(error),
        }
        let mut rest = &buffer[..filled];
        hub.read(&mut rest)?;
        let left = rest.len();
        buffer.copy_within(filled - left..filled, 0);
        filled = left;
        connection.write_all(&hub.out)?;
        hub.out.clear();
    }
    Ok(())
}

struct Hub<'t> {
    out: Vec<u8>,
    /// By channel, which is the same both ways.
    sessions: BTreeMap<u16, Session>,
    tally: &'t Tally,
    is_over: bool,
}

#[derive(Default)]
struct Session {
    next_incoming_id: u32,
    next_outgoing_id: u32,
    /// By handle, which is the same both ways.
    links: BTreeMap<u32, Link>,
}

impl Hub<'_> {
    /// Does what all whole frames ask for.
    fn read(&mut self, rest: &mut &[u8]) -> Result<()> {
        loop {
            if rest.starts_with(SASL_HEADER) {
                *rest = &rest[SASL_HEADER.len()..];
                self.out.extend_from_slice(SASL_HEADER);
                let mechanisms = compound(0xf0, 1, &sized(0xb3, b"ANONYMOUS"));
                frame(&mut self.out, 1, 0, &list(SASL_MECHANISMS, &[&mechanisms]));
            } else if rest.starts_with(AMQP_HEADER) {
                *rest = &rest[AMQP_HEADER.len()..];
                self.out.extend_from_slice(AMQP_HEADER);
            } else if rest.starts_with(b"AMQP") && rest.len() >= AMQP_HEADER.len() {
                return Err(Error::other("the client speaks another version"));
            } else {
                if rest.starts_with(b"A") {
                    return Ok(());
                }
                let Some(read) = next_frame(rest)? else { return Ok(()) };
                self.frame(read.channel, read.body)?;
            }
        }
    }

    fn frame(&mut self, channel: u16, body: &[u8]) -> Result<()> {
        let mut payload = body;
        if payload.is_empty() {
            return Ok(());
        }
        let (code, fields) = described(&mut payload)?;
        let fields = elements(fields)?;
        match code {
            SASL_INIT => frame(&mut self.out, 1, 0, &list(SASL_OUTCOME, &[&[0x50, 0]])),
            OPEN => {
                let fields: [&[u8]; 3] = [&text("stream-sink"), &NULL, &uint(FRAME_BYTES_MAX)];
                self.say(channel, OPEN, &fields);
            }
            BEGIN => {
                let next_incoming_id = number(field(&fields, 1)).unwrap_or(0);
                self.sessions.insert(channel, Session { next_incoming_id, ..Session::default() });
                let remote = [&[0x60][..], &channel.to_be_bytes()].concat();
                self.say(channel, BEGIN, &[&remote, &uint(0), &uint(WINDOW), &uint(WINDOW), &uint(255)]);
            }
            ATTACH => self.attach(channel, &fields)?,
            FLOW => self.flow(channel, &fields),
            TRANSFER => self.transfer(channel, &fields, payload)?,
            DETACH => {
                let handle = number(field(&fields, 0)).unwrap_or(0);
                let known = self.sessions.get_mut(&channel).and_then(|session| session.links.remove(&handle));
                if known.is_some() {
                    self.say(channel, DETACH, &[&uint(handle), &TRUE]);
                }
            }
            END => {
                self.sessions.remove(&channel);
                self.say(channel, END, &[]);
            }
            CLOSE => {
                self.say(channel, CLOSE, &[]);
                self.is_over = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn say(&mut self, channel: u16, code: u8, fields: &[&[u8]]) {
        frame(&mut self.out, 0, channel, &whole(code, fields));
    }

    fn session(&mut self, channel: u16) -> Result<&mut Session> {
        self.sessions.get_mut(&channel).ok_or_else(|| Error::other("there is no such session"))
    }

    fn attach(&mut self, channel: u16, fields: &[&[u8]]) -> Result<()> {
        let (name, handle) = (field(fields, 0), number(field(fields, 1)).unwrap_or(0));
        let sends = !is_true(field(fields, 2));
        let (source, target) = (field(fields, 5), field(fields, 6));
        let [from, to] = [source, target].map(|end| elements(end).map(|fields| bytes(field(&fields, 0))));
        let (address, own) = if sends { (to?, from?) } else { (from?, to?) };
        let link = Link::new(address, sends, own);
        self.session(channel)?.links.insert(handle, link);
        let role: &[u8] = if sends { &TRUE } else { &FALSE };
        let count = if sends { NULL.to_vec() } else { uint(0) };
        let most = [&[0x80][..], &MESSAGE_BYTES_MAX.to_be_bytes()].concat();
        let (settles, receives) = (field(fields, 3), field(fields, 4));
        let answer: [&[u8]; 11] =
            [name, &uint(handle), role, settles, receives, source, target, &NULL, &NULL, &count, &most];
        self.say(channel, ATTACH, &answer);
        if sends {
            self.give_credit(channel, handle)?;
        }
        Ok(())
    }

    fn give_credit(&mut self, channel: u16, handle: u32) -> Result<()> {
        let session = self.session(channel)?;
        let (incoming, outgoing) = (session.next_incoming_id, session.next_outgoing_id);
        let Some(link) = session.links.get_mut(&handle) else { return Ok(()) };
        link.credit = CREDIT;
        let numbers = [incoming, WINDOW, outgoing, WINDOW, handle, link.delivery_count, CREDIT].map(uint);
        self.say(channel, FLOW, &numbers.each_ref().map(Vec::as_slice));
        Ok(())
    }

    /// Notes the credit of a link for answers, and says what is asked for.
    fn flow(&mut self, channel: u16, fields: &[&[u8]]) {
        let Some(session) = self.sessions.get_mut(&channel) else { return };
        let (incoming, outgoing) = (session.next_incoming_id, session.next_outgoing_id);
        let handle = number(field(fields, 4));
        if let Some(link) = handle.and_then(|handle| session.links.get_mut(&handle))
            && matches!(link.kind, Kind::Answers(_))
        {
            let limit = number(field(fields, 5)).unwrap_or(0).wrapping_add(number(field(fields, 6)).unwrap_or(0));
            link.credit = limit.wrapping_sub(link.delivery_count);
        }
        if is_true(field(fields, 9)) {
            let numbers = [incoming, WINDOW, outgoing, WINDOW].map(uint);
            self.say(channel, FLOW, &numbers.each_ref().map(Vec::as_slice));
        }
        self.send_answers(channel);
    }

    fn transfer(&mut self, channel: u16, fields: &[&[u8]], payload: &[u8]) -> Result<()> {
        let handle = number(field(fields, 0)).unwrap_or(0);
        let (settled, more) = (is_true(field(fields, 4)), is_true(field(fields, 5)));
        let session = self.session(channel)?;
        session.next_incoming_id = session.next_incoming_id.wrapping_add(1);
        let link = session.links.get_mut(&handle).ok_or_else(|| Error::other("there is no such link"))?;
        let begun = || Partial {
            delivery: number(field(fields, 1)).unwrap_or(0),
            format: number(field(fields, 3)).unwrap_or(0),
            settled: false,
            payload: Vec::new(),
        };
        let mut partial = link.partial.take().unwrap_or_else(begun);
        partial.settled |= settled;
        if more || !partial.payload.is_empty() {
            partial.payload.extend_from_slice(payload);
        }
        if more {
            link.partial = Some(partial);
            return Ok(());
        }
        link.delivery_count = link.delivery_count.wrapping_add(1);
        link.credit = link.credit.saturating_sub(1);
        let (kind, is_low) = (link.kind, link.credit <= CREDIT / 2);
        let whole = if partial.payload.is_empty() { payload } else { &partial.payload };
        match kind {
            Kind::Intake => take(whole, partial.format, self.tally)?,
            Kind::Requests(node) => self.requested(channel, Kind::Answers(node), answer(node, whole)?)?,
            Kind::Answers(_) => return Err(Error::other("the link takes no messages")),
        }
        if !partial.settled {
            let delivery = uint(partial.delivery);
            self.say(channel, DISPOSITION, &[&TRUE, &delivery, &delivery, &TRUE, &ACCEPTED]);
        }
        self.send_answers(channel);
        if is_low {
            self.give_credit(channel, handle)?;
        }
        Ok(())
    }

    /// Puts an answer to the link that it is for.
    fn requested(&mut self, channel: u16, kind: Kind, answer: (Vec<u8>, Vec<u8>)) -> Result<()> {
        let (answer, reply_to) = answer;
        let links = &mut self.session(channel)?.links;
        let named = links.iter().find(|(_, link)| link.kind == kind && link.name == reply_to);
        let found = named.or_else(|| links.iter().find(|(_, link)| link.kind == kind)).map(|(handle, _)| *handle);
        if let Some(link) = found.and_then(|handle| links.get_mut(&handle)) {
            link.waiting.push(answer);
        }
        Ok(())
    }

    /// Sends the answers that there is credit for.
    fn send_answers(&mut self, channel: u16) {
        let Some(session) = self.sessions.get_mut(&channel) else { return };
        for (handle, link) in &mut session.links {
            while link.credit > 0 && !link.waiting.is_empty() {
                let answer = link.waiting.remove(0);
                let id = session.next_outgoing_id;
                session.next_outgoing_id = id.wrapping_add(1);
                link.delivery_count = link.delivery_count.wrapping_add(1);
                link.credit -= 1;
                let tag = sized(0xb0, &id.to_be_bytes());
                let head = whole(TRANSFER, &[&uint(*handle), &uint(id), &tag, &uint(0), &TRUE, &FALSE]);
                frame(&mut self.out, 0, channel, &[head, answer].concat());
            }
        }
    }
}

/// A performative with all its fields: Microsoft's client in Python looks at those that may be left out, too.
fn whole(code: u8, fields: &[&[u8]]) -> Vec<u8> {
    let count = match code {
        OPEN => 10,
        BEGIN => 8,
        ATTACH => 14,
        FLOW | TRANSFER => 11,
        DISPOSITION => 6,
        DETACH => 3,
        _ => 1,
    };
    let absent = std::iter::repeat_n(&NULL[..], count - fields.len());
    list(code, &fields.iter().copied().chain(absent).collect::<Vec<_>>())
}
