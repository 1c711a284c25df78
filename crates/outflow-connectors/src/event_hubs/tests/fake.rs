//! A hub that answers by script, for what no real one does on demand.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::super::amqp::encode::List;
use super::super::amqp::performative::{self, Incoming, read};
use super::super::amqp::{FrameReader, frame};

/// What becomes of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Accept,
    /// Rejected with a condition and words.
    Reject(&'static str, &'static str),
    Release,
    Modify,
    /// Accepted after so many milliseconds, in which the hub does nothing else.
    Slow(u64),
    /// Accepted after the client was asked so many times to say how far it is, while nothing is read.
    Ask(usize),
    /// Never answered.
    Silence,
    /// Answered together with the next that is accepted.
    Wait,
    /// The link is detached.
    Detach(&'static str, &'static str),
    /// The connection is cut.
    Cut,
}

/// How the hub behaves.
pub struct Script {
    pub token: (i32, &'static str),
    /// The number of a token that is not answered.
    pub silent_token: Option<usize>,
    pub refusal: Option<(&'static str, &'static str)>,
    /// The number of its first answer to a token.
    pub first_answer: u32,
    pub credit: u32,
    pub window: u32,
    pub frame_bytes_max: u32,
    pub message_bytes_max: u32,
    /// The silence that it allows, in milliseconds.
    pub idle_millis: u32,
    pub greeting: Option<&'static [u8]>,
    pub answer: Box<dyn Fn(usize) -> Answer + Send + Sync>,
}

impl Default for Script {
    fn default() -> Script {
        Script {
            token: (202, "Accepted"),
            silent_token: None,
            refusal: None,
            first_answer: 0,
            credit: 300,
            window: 5000,
            frame_bytes_max: 65_536,
            message_bytes_max: 1_048_576,
            idle_millis: 60_000,
            greeting: None,
            answer: Box::new(|_| Answer::Accept),
        }
    }
}

/// What the hub has seen.
#[derive(Default)]
pub struct Seen {
    pub connections: AtomicUsize,
    pub tokens: AtomicUsize,
    pub heartbeats: AtomicUsize,
    /// Flows of the hub's link.
    pub flows: AtomicUsize,
    pub messages: Mutex<Vec<Vec<u8>>>,
}

/// Starts a hub. Answers its port.
pub async fn start(script: Script) -> (u16, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (script, seen) = (Arc::new(script), Arc::new(Seen::default()));
    let shared = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            shared.connections.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&shared)));
        }
    });
    (port, seen)
}

/// Our handles differ from the client's, so that a mix-up shows.
const HANDLES_APART: u32 = 10;

struct Peer {
    frames: FrameReader<OwnedReadHalf>,
    out: OwnedWriteHalf,
    script: Arc<Script>,
    seen: Arc<Seen>,
    frames_received: u32,
    deliveries: u32,
    token_link: Option<u32>,
    answer_link: Option<u32>,
    may_answer: bool,
    hub_link: Option<u32>,
    waiting: Option<u32>,
    partial: Vec<u8>,
    delivery: u32,
}

async fn serve(stream: TcpStream, script: Arc<Script>, seen: Arc<Seen>) {
    let (reader, mut out) = stream.into_split();
    if let Some(greeting) = script.greeting {
        let _ = out.write_all(greeting).await;
        return;
    }
    let mut peer = Peer {
        frames: FrameReader::new(reader),
        out,
        script,
        seen,
        frames_received: 0,
        deliveries: 0,
        token_link: None,
        answer_link: None,
        may_answer: false,
        hub_link: None,
        waiting: None,
        partial: Vec::new(),
        delivery: 0,
    };
    peer.greet().await;
    while let Ok(frame) = peer.frames.next().await {
        if !peer.take(&frame.body).await {
            return;
        }
    }
}

impl Peer {
    async fn say(&mut self, bytes: Vec<u8>) {
        let _ = self.out.write_all(&bytes).await;
    }

    async fn greet(&mut self) {
        assert_eq!(self.frames.header().await.unwrap(), frame::SASL_HEADER);
        let mut hello = frame::SASL_HEADER.to_vec();
        let mechanisms = List::default().raw(b"\xe0\x12\x02\xa3\x05PLAIN\x09ANONYMOUS");
        hello.extend(frame::control(frame::SASL, performative::SASL_MECHANISMS, &mechanisms));
        self.say(hello).await;
        self.frames.next().await.unwrap();
        self.say(frame::control(frame::SASL, performative::SASL_OUTCOME, &List::default().ubyte(0))).await;
        assert_eq!(self.frames.header().await.unwrap(), frame::AMQP_HEADER);
        let open = List::default().text("fake").null().uint(self.script.frame_bytes_max).ushort(0);
        let open = open.uint(self.script.idle_millis);
        let begin = List::default().ushort(0).uint(7).uint(self.script.window).uint(5000);
        let mut hello = frame::AMQP_HEADER.to_vec();
        hello.extend(frame::control(frame::AMQP, performative::OPEN, &open));
        hello.extend(frame::control(frame::AMQP, performative::BEGIN, &begin));
        self.say(hello).await;
    }

    /// Takes a frame in. `false` ends the connection.
    async fn take(&mut self, body: &[u8]) -> bool {
        match read(body).unwrap() {
            Incoming::Attach { name, handle, .. } => self.attach(name, handle).await,
            Incoming::Transfer { handle, delivery_id, payload, more, .. } => {
                self.frames_received += 1;
                self.delivery = delivery_id.unwrap_or(self.delivery);
                self.partial.extend_from_slice(payload);
                if more {
                    self.flow(self.hub_link).await;
                    return true;
                }
                let message = std::mem::take(&mut self.partial);
                return self.message(handle, message).await;
            }
            Incoming::Detach { handle, .. } => self.say(performative::detach(handle + HANDLES_APART)).await,
            Incoming::Flow(flow) if flow.handle.map(|handle| handle + HANDLES_APART) == self.hub_link => {
                self.seen.flows.fetch_add(1, Ordering::SeqCst);
            }
            Incoming::Flow(flow) if flow.handle.map(|handle| handle + HANDLES_APART) == self.answer_link => {
                let end = flow.delivery_count.unwrap_or(0).wrapping_add(flow.link_credit);
                self.may_answer = end.wrapping_sub(self.script.first_answer) == 1;
            }
            Incoming::Heartbeat => {
                self.seen.heartbeats.fetch_add(1, Ordering::SeqCst);
            }
            Incoming::Close(_) => {
                self.say(performative::end_and_close()).await;
                return false;
            }
            _ => {}
        }
        true
    }

    async fn attach(&mut self, name: &str, handle: u32) {
        let (ours, end) = (handle + HANDLES_APART, List::default().text("end"));
        let link = List::default().text(name).uint(ours);
        if name.starts_with("outflow-token-answer") {
            self.answer_link = Some(ours);
            let link = link.bool(false).null().null().described(0x28, &end).described(0x29, &end).null().null();
            let link = link.uint(self.script.first_answer);
            return self.say(frame::control(frame::AMQP, performative::ATTACH, &link)).await;
        }
        let is_hub = !name.starts_with("outflow-token");
        if let Some((condition, words)) = self.script.refusal.filter(|_| is_hub) {
            let link = link.bool(true).null().null().null().null();
            self.say(frame::control(frame::AMQP, performative::ATTACH, &link)).await;
            return self.detach(ours, condition, words).await;
        }
        let link = link.bool(true).null().null().described(0x28, &end).described(0x29, &end).null().null().null();
        let link = link.uint(self.script.message_bytes_max);
        self.say(frame::control(frame::AMQP, performative::ATTACH, &link)).await;
        if is_hub {
            self.hub_link = Some(ours);
            self.deliveries = 0;
        } else {
            self.token_link = Some(handle);
        }
        self.flow(Some(ours)).await;
    }

    async fn detach(&mut self, ours: u32, condition: &str, words: &str) {
        let error = List::default().symbol(condition).text(words);
        let fields = List::default().uint(ours).bool(true).described(0x1d, &error);
        self.say(frame::control(frame::AMQP, performative::DETACH, &fields)).await;
    }

    async fn flow(&mut self, link: Option<u32>) {
        let is_hub = link == self.hub_link;
        let (count, credit) = if is_hub { (self.deliveries, self.script.credit) } else { (0, 1) };
        let link = link.map(|handle| (handle, count, credit));
        let (received, window) = (self.frames_received, self.script.window);
        self.say(performative::flow_of(received, window, 7, link)).await;
    }

    /// Asks for flows when the client has filled what lies between.
    async fn ask(&mut self, count: usize) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let Some(ours) = self.hub_link else { return };
        let flow = List::default().uint(self.frames_received).uint(self.script.window).uint(7).uint(5000);
        let flow = flow.uint(ours).uint(self.deliveries).uint(self.script.credit).null().bool(false).bool(true);
        for _ in 0..count {
            self.say(frame::control(frame::AMQP, performative::FLOW, &flow)).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    async fn disposition(&mut self, code: u8, state: &List) {
        let first = self.waiting.take().unwrap_or(self.delivery);
        let fields = List::default().bool(true).uint(first).uint(self.delivery).bool(true).described(code, state);
        self.say(frame::control(frame::AMQP, performative::DISPOSITION, &fields)).await;
    }

    async fn message(&mut self, handle: u32, message: Vec<u8>) -> bool {
        if self.token_link == Some(handle) {
            self.token_link = None;
            let number = self.seen.tokens.fetch_add(1, Ordering::SeqCst);
            if self.may_answer && self.script.silent_token != Some(number) {
                self.answer_token().await;
            }
            return true;
        }
        let number = {
            let mut messages = self.seen.messages.lock().unwrap();
            messages.push(message);
            messages.len() - 1
        };
        self.deliveries += 1;
        match (self.script.answer)(number) {
            Answer::Accept => self.disposition(0x24, &List::default()).await,
            Answer::Slow(millis) => {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                self.disposition(0x24, &List::default()).await;
            }
            Answer::Ask(count) => {
                self.ask(count).await;
                self.disposition(0x24, &List::default()).await;
            }
            Answer::Reject(condition, words) => {
                let error = List::default().symbol(condition).text(words);
                self.disposition(0x25, &List::default().described(0x1d, &error)).await;
            }
            Answer::Release => self.disposition(0x26, &List::default()).await,
            Answer::Modify => self.disposition(0x27, &List::default()).await,
            Answer::Silence => {}
            Answer::Wait => self.waiting = self.waiting.or(Some(self.delivery)),
            Answer::Detach(condition, words) => {
                let Some(ours) = self.hub_link else { return false };
                self.detach(ours, condition, words).await;
            }
            Answer::Cut => return false,
        }
        self.flow(self.hub_link).await;
        true
    }

    async fn answer_token(&mut self) {
        self.disposition(0x24, &List::default()).await;
        let (status, words) = self.script.token;
        let [a, b, c, d] = status.to_be_bytes();
        let mut message = Vec::new();
        let answer =
            List::default().text("status-code").raw(&[0x71, a, b, c, d]).text("status-description").text(words);
        answer.describe_map(0x74, &mut message);
        let Some(ours) = self.answer_link else { return };
        let fields = List::default().uint(ours).uint(0).raw(b"\xa0\x01t").uint(0).bool(false).bool(false);
        let mut body = Vec::new();
        fields.describe(performative::TRANSFER, &mut body);
        let mut out = Vec::new();
        frame::head(&mut out, frame::AMQP, body.len() + message.len());
        out.extend(body);
        out.extend(message);
        self.say(out).await;
    }
}
