//! A connection with its session: two tasks read and write, everyone else goes through the shared state.
//!
//! The reading task never waits for the writing one, so that a peer that stops reading until it is read cannot stop both.
//! Whoever sends hands over whole frames: a sender that is dropped half-way tears none.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use outflow_connector_kit::{Fault, FaultClass};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::amqp::performative::{self, Sasl, read, read_sasl};
use super::amqp::{Broken, FrameReader, Incoming, Malformed, frame};
use super::errors::{self, Place};
use super::outlet::{Ended, Out, Outlet};
use super::state::{HANDLE_MAX, Link, Phase, SessionState, WINDOW};

/// A frame that is sent is never larger, in bytes, even where the peer has no limit.
const FRAME_SENT_BYTES_MAX: u32 = 1024 * 1024;

/// AMQP's least for a largest frame.
const FRAME_BYTES_LEAST: u32 = 512;

/// Signs of life are never closer to each other, however little silence the peer allows: they would fill the connection.
const BEAT_LEAST: Duration = Duration::from_secs(1);

/// How long each step may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Connecting, with encryption.
    pub connect: Duration,
    /// An answer to a frame that asks for one.
    pub answer: Duration,
    /// A hub that attached the link and takes nothing.
    pub credit: Duration,
    /// A request, until the hub has taken its last message; waiting for its turn counts.
    pub request: Duration,
    /// An outcome of a message that was written.
    pub settle: Duration,
    /// A peer that says nothing at all; it is told half of this.
    pub silence: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(15),
            credit: Duration::from_secs(30),
            request: Duration::from_secs(120),
            // What an account says wins.
            settle: Duration::from_secs(30),
            silence: Duration::from_secs(120),
        }
    }
}

/// Both directions of a connection.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A boxed [`Wire`].
pub(super) type Io = Box<dyn Wire>;

/// What the tasks and everyone who sends have in common.
pub(super) struct Shared {
    pub place: Arc<Place>,
    pub patience: Patience,
    /// Says that a link or a window has changed, or that the connection is gone.
    pub changed: Notify,
    /// Held from the reservation of deliveries until their frames are handed over: deliveries are written in order.
    pub order: tokio::sync::Mutex<()>,
    pub out: Outlet,
    state: Mutex<SessionState>,
}

impl Shared {
    /// The state. Never held over a wait.
    pub(super) fn state(&self) -> MutexGuard<'_, SessionState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the connection for everyone.
    fn end(&self, fault: Fault) {
        self.state().end(fault);
        self.changed.notify_waiters();
    }

    fn receive(&self, body: &[u8]) -> Result<(), Fault> {
        let malformed = |Malformed(what)| errors::broken(Broken::Foreign(what), &self.place);
        let incoming = read(body).map_err(malformed)?;
        let mut answers = Vec::new();
        let received = self.state().receive(incoming, &mut answers);
        if !answers.is_empty() {
            let Some(place) = self.out.place_of_answer() else {
                // What has ended the connection comes first.
                received?;
                return Err(errors::reads_nothing(&self.place));
            };
            // A connection that ends needs no answer.
            let _ = self.out.send(Out { bytes: answers, run: None, last: received.is_err(), place });
        }
        if received? {
            self.changed.notify_waiters();
        }
        Ok(())
    }

    /// Waits until `look` finds what it looks for, at most `limit`; `None` when it is over.
    ///
    /// # Errors
    /// When the connection is gone.
    pub(super) async fn wait_for<T>(
        &self,
        limit: Duration,
        mut look: impl FnMut(&mut SessionState) -> Option<T>,
    ) -> Result<Option<T>, Arc<Fault>> {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            {
                let mut state = self.state();
                if let Some(gone) = state.gone() {
                    return Err(Arc::clone(gone));
                }
                if let Some(found) = look(&mut state) {
                    return Ok(Some(found));
                }
            }
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return Ok(None);
            }
        }
    }

    /// Hands frames to the writing task.
    ///
    /// # Errors
    /// When the connection is gone, or has taken nothing for too long.
    pub(super) async fn write(&self, bytes: Vec<u8>) -> Result<(), Fault> {
        let Ok(Ok(place)) = timeout(self.patience.answer, self.out.reserve()).await else { return Err(self.reason()) };
        self.out.send(Out { bytes, run: None, last: false, place }).map_err(|Ended| self.reason())
    }

    /// Why the connection is gone.
    pub(super) fn reason(&self) -> Fault {
        match self.state().gone() {
            Some(fault) => errors::again(fault),
            None => errors::late("nothing could be written", "send to", &self.place, self.patience.answer),
        }
    }
}

/// An open connection. Dropping it cuts it.
pub(super) struct Connection {
    pub shared: Arc<Shared>,
    /// When the token must be renewed.
    renew_at: Mutex<DateTime<Utc>>,
    /// Whether those who come next shall have another connection.
    is_tired: AtomicBool,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Connection {
    /// Agrees on AMQP over `io` and begins a session.
    ///
    /// # Errors
    /// When the peer speaks something else, wants another way to sign in, or refuses.
    pub(super) async fn greet(
        io: Io,
        container: &str,
        place: Arc<Place>,
        patience: Patience,
    ) -> Result<Connection, Fault> {
        let (reader, writer) = tokio::io::split(io);
        let mut greeting = Greeting { frames: FrameReader::new(reader), writer, place: Arc::clone(&place) };
        let greeted = timeout(patience.answer, greeting.run(container, patience.silence / 2)).await;
        let late = || errors::late("no AMQP greeting came", "connect to", &place, patience.answer);
        let agreed = greeted.unwrap_or_else(|_| Err(late()))?;
        let Greeting { frames, writer, .. } = greeting;
        let (out, waiting) = Outlet::new();
        let state = SessionState::new(
            Arc::clone(&place),
            agreed.frame_bytes_max.clamp(FRAME_BYTES_LEAST, FRAME_SENT_BYTES_MAX) as usize,
            agreed.window,
            agreed.next_incoming_id,
        );
        let shared = Arc::new(Shared {
            place,
            patience,
            changed: Notify::new(),
            order: tokio::sync::Mutex::new(()),
            out,
            state: Mutex::new(state),
        });
        // Half of what the peer allows, as AMQP advises.
        let half = |millis: u32| Duration::from_millis(u64::from(millis) / 2).max(BEAT_LEAST);
        let beat = agreed.idle_millis.filter(|millis| *millis > 0).map(half);
        let tasks = [
            tokio::spawn(read_frames(frames, Arc::clone(&shared))),
            tokio::spawn(write_frames(writer, waiting, beat, Arc::clone(&shared))),
        ];
        Ok(Connection {
            shared,
            renew_at: Mutex::new(DateTime::<Utc>::MIN_UTC),
            is_tired: AtomicBool::new(false),
            tasks,
        })
    }

    /// Attaches a link by the frame that `attach` makes of its handle. `verb` says what for.
    ///
    /// # Errors
    /// When the peer refuses, or says nothing.
    pub(super) async fn attach(
        &self,
        name: &str,
        verb: &str,
        attach: impl FnOnce(u32) -> Vec<u8>,
    ) -> Result<u32, Fault> {
        let shared = &self.shared;
        let handle = shared.state().add_link(name)?;
        shared.write(attach(handle)).await?;
        let attached = shared.wait_for(shared.patience.answer, |state| match &state.link(handle)?.phase {
            Phase::Attached => Some(Ok(())),
            Phase::Ended(error) => Some(Err(error.clone())),
            _ => None,
        });
        match attached.await.map_err(|gone| errors::again(&gone))? {
            Some(Ok(())) => Ok(handle),
            Some(Err(error)) => Err(errors::of(&error, verb, &shared.place)),
            None => Err(errors::late("the service did not answer", verb, &shared.place, shared.patience.answer)),
        }
    }

    /// Ends a link without waiting for the answer.
    pub(super) async fn detach(&self, handle: u32) {
        let must_tell = self.shared.state().leave(handle);
        if must_tell {
            // A connection that is gone has no links.
            let _ = self.shared.write(performative::detach(handle)).await;
        }
    }

    /// Attaches the link to the hub, and waits a moment for what may still refuse it. Answers the largest message that the
    /// hub takes, in bytes; 0 when it does not say.
    ///
    /// # Errors
    /// When the hub is not there, or the policy may not send.
    pub(super) async fn open_hub(&self, name: &str) -> Result<u64, Fault> {
        let verb = "open a sending link to";
        let hub = self.shared.place.hub.clone();
        let handle = self.attach(name, verb, |handle| performative::attach_sender(name, handle, &hub)).await?;
        let (settling, place) = (self.shared.patience.answer.min(Duration::from_secs(3)), &self.shared.place);
        let given = self.shared.wait_for(settling, |state| {
            let link = state.link(handle)?;
            match &link.phase {
                Phase::Ended(error) => Some(Err(error.clone())),
                _ if link.credit > 0 => {
                    state.use_for_messages(handle);
                    Some(Ok(()))
                }
                _ => None,
            }
        });
        if let Some(Err(error)) = given.await.map_err(|gone| errors::again(&gone))? {
            return Err(errors::of(&error, verb, place));
        }
        let mut state = self.shared.state();
        state.use_for_messages(handle);
        match state.link(handle) {
            Some(Link { phase: Phase::Ended(error), .. }) => Err(errors::of(error, verb, place)),
            Some(link) => Ok(link.message_bytes_max),
            None => Ok(0),
        }
    }

    /// Notes when the token must be renewed.
    pub(super) fn renew_after(&self, at: DateTime<Utc>) {
        *self.renew_at.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Whether the token must be renewed by now.
    pub(super) fn is_due(&self, now: DateTime<Utc>) -> bool {
        now >= *self.renew_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it can no longer be used, or had better not be.
    pub(super) fn is_gone(&self) -> bool {
        let state = self.shared.state();
        self.is_tired.load(Ordering::Relaxed) || state.is_denied() || state.gone().is_some()
    }

    /// Says that the hub has left something unanswered: it may hold back credit for it, which only another link gives anew.
    pub(super) fn tire(&self) {
        self.is_tired.store(true, Ordering::Relaxed);
    }

    /// Says goodbye, and waits a moment for the answer.
    pub(super) async fn close(&self) {
        let out = &self.shared.out;
        let Ok(Ok(place)) = timeout(self.shared.patience.answer, out.reserve()).await else { return };
        if out.send(Out { bytes: performative::end_and_close(), run: None, last: true, place }).is_ok() {
            let wait = self.shared.patience.answer.min(Duration::from_secs(3));
            // The peer's own goodbye ends the connection, which is what is waited for.
            let _ = self.shared.wait_for(wait, |_| None::<()>).await;
        }
    }
}

/// What the peer said of itself.
#[derive(Default)]
struct Agreed {
    frame_bytes_max: u32,
    idle_millis: Option<u32>,
    window: u32,
    next_incoming_id: u32,
}

struct Greeting {
    frames: FrameReader<ReadHalf<Io>>,
    writer: WriteHalf<Io>,
    place: Arc<Place>,
}

impl Greeting {
    async fn run(&mut self, container: &str, idle: Duration) -> Result<Agreed, Fault> {
        let place = Arc::clone(&self.place);
        self.say(&frame::SASL_HEADER).await?;
        self.header(frame::SASL_HEADER, "it wants another way to sign in").await?;
        match self.sasl().await? {
            Sasl::Mechanisms(names) if names.iter().any(|name| name == "ANONYMOUS") => {}
            Sasl::Mechanisms(names) => return Err(errors::no_sign_in(&names, &place)),
            Sasl::Outcome(_) => return Err(self.foreign("it signs in before it is asked")),
        }
        self.say(&performative::sasl_anonymous(&place.host)).await?;
        if self.sasl().await? != Sasl::Outcome(0) {
            return Err(Fault::new(FaultClass::Config, format!("{} refuses sign-in by token", place.endpoint)));
        }
        self.say(&frame::AMQP_HEADER).await?;
        self.header(frame::AMQP_HEADER, "it speaks another version").await?;
        let millis = u32::try_from(idle.as_millis()).unwrap_or(u32::MAX);
        let mut hello = performative::open(container, &place.host, millis);
        hello.extend(performative::begin(WINDOW, HANDLE_MAX));
        self.say(&hello).await?;
        self.agree().await
    }

    async fn agree(&mut self) -> Result<Agreed, Fault> {
        let mut agreed = Agreed::default();
        loop {
            let frame = self.frames.next().await.map_err(|e| errors::broken(e, &self.place))?;
            match read(&frame.body).map_err(|Malformed(what)| self.foreign(what))? {
                Incoming::Open { frame_bytes_max, idle_millis } => {
                    agreed.frame_bytes_max = frame_bytes_max;
                    agreed.idle_millis = idle_millis;
                }
                Incoming::Begin { incoming_window, next_outgoing_id } => {
                    agreed.window = incoming_window;
                    agreed.next_incoming_id = next_outgoing_id;
                    return Ok(agreed);
                }
                Incoming::End(error) | Incoming::Close(error) => {
                    return Err(errors::of(&error.unwrap_or_default(), "connect to", &self.place));
                }
                _ => {}
            }
        }
    }

    fn foreign(&self, what: &'static str) -> Fault {
        errors::broken(Broken::Foreign(what), &self.place)
    }

    async fn say(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let place = Arc::clone(&self.place);
        let cut = |e: std::io::Error| errors::broken(Broken::Io(e), &place);
        self.writer.write_all(bytes).await.map_err(cut)?;
        self.writer.flush().await.map_err(cut)
    }

    async fn header(&mut self, wanted: [u8; 8], otherwise: &'static str) -> Result<(), Fault> {
        let header = self.frames.header().await.map_err(|e| errors::broken(e, &self.place))?;
        if header == wanted { Ok(()) } else { Err(self.foreign(otherwise)) }
    }

    async fn sasl(&mut self) -> Result<Sasl, Fault> {
        let frame = self.frames.next().await.map_err(|e| errors::broken(e, &self.place))?;
        if frame.kind != frame::SASL {
            return Err(self.foreign("it skips signing in"));
        }
        read_sasl(&frame.body).map_err(|Malformed(what)| self.foreign(what))
    }
}

async fn read_frames(mut frames: FrameReader<ReadHalf<Io>>, shared: Arc<Shared>) {
    let silence = shared.patience.silence;
    let fault = loop {
        let received = match timeout(silence, frames.next()).await {
            Ok(Ok(frame)) if frame.kind == frame::AMQP => shared.receive(&frame.body),
            Ok(Ok(_)) => Err(errors::broken(Broken::Foreign("it signs in twice"), &shared.place)),
            Ok(Err(broken)) => Err(errors::broken(broken, &shared.place)),
            Err(_) => Err(errors::late("the service said nothing", "send to", &shared.place, silence)),
        };
        if let Err(fault) = received {
            break fault;
        }
    };
    tracing::debug!(endpoint = shared.place.endpoint, %fault, "the connection to the hub is over");
    shared.end(fault);
}

async fn write_frames(
    mut writer: WriteHalf<Io>,
    mut waiting: mpsc::UnboundedReceiver<Out>,
    beat: Option<Duration>,
    shared: Arc<Shared>,
) {
    let heartbeat = frame::heartbeat();
    loop {
        let next = match beat {
            Some(beat) => timeout(beat, waiting.recv()).await,
            None => Ok(waiting.recv().await),
        };
        // The place is kept until the frames are written.
        let (bytes, run, last, _place) = match next {
            Ok(Some(Out { bytes, run, last, place })) => (bytes, run, last, Some(place)),
            Ok(None) => return,
            Err(_) => (heartbeat.clone(), None, false, None),
        };
        if run.is_some_and(|run| !shared.state().attempt(run)) {
            continue;
        }
        let write = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        let written = match timeout(shared.patience.settle, write).await {
            Ok(written) => written.map_err(|e| errors::broken(Broken::Io(e), &shared.place)),
            Err(_) => Err(errors::late("nothing could be written", "send to", &shared.place, shared.patience.settle)),
        };
        if let Err(fault) = written {
            shared.end(fault);
            return;
        }
        if last {
            // The peer sees the end at once; what it still says is read.
            let _ = writer.shutdown().await;
            return;
        }
    }
}
