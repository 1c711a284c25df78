//! One connection: sign-in, open, sessions, heartbeats, end.
//!
//! One task reads, decides and writes. It reads only while what waits to be written is bounded, and a connection that
//! does neither for too long is ended.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::Instant;

use super::Shared;
use super::codec::frame::{self, AMQP_HEADER, FRAME_MAX_BYTES, Frame, Kind, SASL_HEADER};
use super::codec::performative::{AmqpError, Open, Performative};
use super::codec::{CodecError, sasl};
use super::session::{Context, OUT_MAX_BYTES, Session, Stop};
use crate::net::Switch;

/// The ways to sign in. Tokens come later, through `$cbs`.
const MECHANISMS: [&str; 3] = ["MSSBCBS", "PLAIN", "ANONYMOUS"];
/// Sessions of one connection.
const SESSIONS_MAX: u16 = 32;
/// A peer that says nothing for this long is told to be idle, and after twice as long is dropped.
const IDLE: Duration = Duration::from_secs(120);
/// Heartbeats come no faster than this, whatever the peer asks for.
const HEARTBEAT_MIN: Duration = Duration::from_millis(100);
/// Smallest frame that every peer takes, in bytes.
const FRAME_MIN_BYTES: u32 = 512;

/// How far the connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    SaslHeader,
    SignIn,
    AmqpHeader,
    Open,
    Frames,
    /// What is left is to send what waits.
    Over,
}

struct Connection {
    phase: Phase,
    cx: Context,
    sessions: BTreeMap<u16, Session>,
    switch: Arc<Switch>,
    /// How often the peer wants to hear from us.
    heartbeat: Option<Duration>,
}

/// Serves a connection until either side ends it.
pub(crate) async fn serve<S>(stream: S, shared: Arc<Shared>, switch: Arc<Switch>) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite,
{
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut appended = shared.store.appended();
    let mut received = BytesMut::new();
    let mut connection = Connection::new(shared, switch);
    let (mut heard_at, mut said_at) = (Instant::now(), Instant::now());
    loop {
        connection.advance(&mut received);
        if connection.switch.is_cut() || (connection.phase == Phase::Over && connection.cx.out.is_empty()) {
            writer.shutdown().await?;
            return Ok(());
        }
        let taking = connection.phase != Phase::Over && connection.cx.out.len() < OUT_MAX_BYTES;
        let waiting = connection.sessions.values().any(Session::waits_for_events);
        let alarm = connection.alarm(heard_at, said_at);
        tokio::select! {
            read = reader.read_buf(&mut received), if taking => {
                if read? == 0 {
                    return Ok(());
                }
                heard_at = Instant::now();
            }
            written = writer.write_buf(&mut connection.cx.out), if !connection.cx.out.is_empty() => {
                written?;
                writer.flush().await?;
                said_at = Instant::now();
            }
            changed = appended.changed(), if waiting => drop(changed),
            () = tokio::time::sleep_until(alarm) => {
                if heard_at.elapsed() >= IDLE * 2 {
                    return Err(io::ErrorKind::TimedOut.into());
                }
                connection.beat(said_at);
            }
        }
    }
}

impl Connection {
    fn new(shared: Arc<Shared>, switch: Arc<Switch>) -> Connection {
        let cx = Context {
            shared,
            grants: Vec::new(),
            out: BytesMut::new(),
            frame_max_bytes: FRAME_MIN_BYTES as usize,
            held: VecDeque::new(),
            transfers: 0,
        };
        Connection { phase: Phase::SaslHeader, cx, sessions: BTreeMap::new(), switch, heartbeat: None }
    }

    /// When something is to be done though nothing comes.
    fn alarm(&self, heard_at: Instant, said_at: Instant) -> Instant {
        let held = self.cx.held.front().map(|(at, ..)| *at);
        // While something waits to be sent there is nothing to add to it.
        let beat = self.heartbeat.filter(|_| self.cx.out.is_empty()).map(|every| said_at + every);
        [held, beat].into_iter().flatten().fold(heard_at + IDLE * 2, Instant::min)
    }

    /// Sends an empty frame when it is time for one.
    fn beat(&mut self, said_at: Instant) {
        if self.cx.out.is_empty() && self.heartbeat.is_some_and(|every| said_at.elapsed() >= every) {
            frame::put(Kind::Amqp, 0, &mut self.cx.out, |_| {});
        }
    }

    /// Does what can be done with what was received.
    fn advance(&mut self, received: &mut BytesMut) {
        while self.phase != Phase::Over && self.cx.out.len() < OUT_MAX_BYTES {
            match self.step(received) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    let sentence = self.cx.shared.tracking.tracked(&format!("The frame cannot be read: {error}."));
                    self.close(AmqpError::new("amqp:connection:framing-error", sentence));
                }
            }
        }
        let now = Instant::now();
        while self.cx.held.front().is_some_and(|(at, ..)| *at <= now) {
            if let Some((_, channel, disposition)) = self.cx.held.pop_front() {
                self.cx.send(channel, Performative::Disposition(disposition));
            }
        }
        if self.phase == Phase::Frames {
            for session in self.sessions.values_mut() {
                session.pump(&mut self.cx);
            }
        }
    }

    /// Takes a header or a frame; `false` when none is whole.
    fn step(&mut self, received: &mut BytesMut) -> Result<bool, CodecError> {
        match self.phase {
            Phase::SaslHeader | Phase::AmqpHeader => {
                let Some(header) = received.get(..8) else { return Ok(false) };
                let wanted = if self.phase == Phase::SaslHeader { SASL_HEADER } else { AMQP_HEADER };
                let right = header == wanted;
                received.advance(8);
                // Whoever speaks something else is told what is spoken here.
                self.cx.out.extend_from_slice(&wanted);
                if !right {
                    self.phase = Phase::Over;
                } else if self.phase == Phase::SaslHeader {
                    let out = &mut self.cx.out;
                    frame::put(Kind::Sasl, 0, out, |out| sasl::encode_mechanisms(&MECHANISMS, out));
                    self.phase = Phase::SignIn;
                } else {
                    self.phase = Phase::Open;
                }
                Ok(true)
            }
            _ => {
                let Some(frame) = frame::cut(received)? else { return Ok(false) };
                self.frame(frame)?;
                Ok(true)
            }
        }
    }

    fn frame(&mut self, frame: Frame) -> Result<(), CodecError> {
        let Frame { kind, channel, mut body } = frame;
        match (self.phase, kind) {
            (Phase::SignIn, Kind::Sasl) => self.sign_in(&sasl::decode_init(&mut body)?),
            // It keeps the connection alive.
            (Phase::Open | Phase::Frames, Kind::Amqp) if body.is_empty() => {}
            (Phase::Open, Kind::Amqp) => match Performative::decode(&mut body)? {
                Performative::Open(open) => self.open(&open),
                _ => return Err(CodecError("a connection begins with open")),
            },
            (Phase::Frames, Kind::Amqp) => {
                let performative = Performative::decode(&mut body)?;
                match self.performative(channel, performative, &body) {
                    Ok(()) => {}
                    Err(Stop::End(error)) => {
                        if let Some(mut session) = self.sessions.remove(&channel) {
                            session.answer(&mut self.cx);
                        }
                        self.cx.send(channel, Performative::End(Some(error)));
                    }
                    Err(Stop::Close(error)) => self.close(error),
                    Err(Stop::Drop) => {
                        self.switch.cut();
                        self.phase = Phase::Over;
                    }
                }
            }
            _ => return Err(CodecError("a frame comes at the wrong time")),
        }
        Ok(())
    }

    fn sign_in(&mut self, init: &sasl::Init) {
        let signed_in = match init.mechanism.as_str() {
            "ANONYMOUS" | "MSSBCBS" => true,
            "PLAIN" => {
                // An identity to act for, the name, the key.
                let mut parts = init.response.split(|byte| *byte == 0).skip(1).map(std::str::from_utf8);
                let grant = match (parts.next(), parts.next()) {
                    (Some(Ok(name)), Some(Ok(key))) => self.cx.shared.policies.sign_in(name, key),
                    _ => None,
                };
                let allowed = !self.cx.shared.faults.read(|f| f.event_hubs.wrong_credentials);
                let grant = grant.filter(|_| allowed);
                self.cx.grants.extend(grant.clone());
                grant.is_some()
            }
            _ => false,
        };
        frame::put(Kind::Sasl, 0, &mut self.cx.out, |out| sasl::encode_outcome(u8::from(!signed_in), out));
        self.phase = if signed_in { Phase::AmqpHeader } else { Phase::Over };
    }

    fn open(&mut self, open: &Open) {
        let frame_max = open.max_frame_bytes.unwrap_or(FRAME_MAX_BYTES).clamp(FRAME_MIN_BYTES, FRAME_MAX_BYTES);
        self.cx.frame_max_bytes = frame_max as usize;
        self.heartbeat = open
            .idle_timeout_millis
            .filter(|millis| *millis > 0)
            .map(|millis| (Duration::from_millis(u64::from(millis)) / 2).max(HEARTBEAT_MIN));
        let answer = Open {
            container_id: self.cx.shared.tracking.id(),
            hostname: None,
            max_frame_bytes: Some(FRAME_MAX_BYTES),
            channel_max: Some(SESSIONS_MAX - 1),
            idle_timeout_millis: u32::try_from(IDLE.as_millis()).ok(),
        };
        self.cx.send(0, Performative::Open(answer));
        self.phase = Phase::Frames;
    }

    fn close(&mut self, error: AmqpError) {
        for session in self.sessions.values_mut() {
            session.answer(&mut self.cx);
        }
        self.cx.send(0, Performative::Close(Some(error)));
        self.phase = Phase::Over;
    }

    fn performative(&mut self, channel: u16, performative: Performative, payload: &[u8]) -> Result<(), Stop> {
        let cx = &mut self.cx;
        let wrong = |sentence: &str, cx: &Context| {
            Stop::Close(AmqpError::new("amqp:not-allowed", cx.shared.tracking.tracked(sentence)))
        };
        match performative {
            Performative::Begin(_) if channel >= SESSIONS_MAX || self.sessions.contains_key(&channel) => {
                return Err(wrong("The channel is in use or beyond the limit.", cx));
            }
            Performative::Begin(begin) => {
                self.sessions.insert(channel, Session::begin(channel, &begin, cx));
                return Ok(());
            }
            Performative::Open(_) => return Err(wrong("The connection is open already.", cx)),
            Performative::Close(_) => {
                for session in self.sessions.values_mut() {
                    session.answer(cx);
                }
                cx.send(0, Performative::Close(None));
                self.phase = Phase::Over;
                return Ok(());
            }
            Performative::End(_) => {
                if let Some(mut session) = self.sessions.remove(&channel) {
                    session.answer(cx);
                    cx.send(channel, Performative::End(None));
                }
                return Ok(());
            }
            _ => {}
        }
        // What was on its way when we ended the session is of no interest.
        let Some(session) = self.sessions.get_mut(&channel) else { return Ok(()) };
        match performative {
            Performative::Attach(attach) => session.attach(*attach, cx)?,
            Performative::Flow(flow) => session.flow(&flow, cx),
            Performative::Transfer(transfer) => session.transfer(&transfer, payload, cx)?,
            Performative::Disposition(disposition) => session.disposition(disposition, cx),
            Performative::Detach(detach) => session.detached(&detach, cx),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
