//! One SSH connection with its SFTP channel.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use outflow_model::{Fault, FaultClass};
use russh::client::{self, DisconnectReason, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey};
use russh::{ChannelMsg, Disconnect, Preferred, cipher, compression, kex, mac};
use russh_sftp::client::RawSftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::rawsession::Limits;
use russh_sftp::protocol::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::config::SftpAccount;
use super::host_key::HostKeys;
use super::{auth, fault};

/// How long a TCP connection may take to come about: longer means a firewall that drops, not a slow network.
const REACH_SECS_MAX: u64 = 10;
/// How long each step of the greeting may take. Slow name lookups on the server's side take up to ten seconds.
const GREET_SECS_MAX: u64 = 15;
/// How long one small request may take; a server that is alive answers in milliseconds.
pub(super) const ANSWER_SECS_MAX: u64 = 30;
/// How long flushing and closing a file may take: a server may write gigabytes to slow disks. A dead server is noticed
/// much earlier, by [`SILENCE_SECS_MAX`].
pub(super) const FLUSH_SECS_MAX: u64 = 600;
/// Nothing at all from the server for this long means it is gone; asked in between by keepalives.
const SILENCE_SECS_MAX: u64 = 45;
const KEEPALIVE_SECS: u64 = 15;
/// The end of a channel is seen a little before the end of the connection that caused it.
const LOSS_SHOWS_WITHIN: Duration = Duration::from_millis(500);
/// How soon a request notices that its connection is gone.
const GONE_POLL: Duration = Duration::from_millis(100);
/// How long a polite end may take.
const CLOSE_SECS_MAX: u64 = 5;
/// Largest packet from the server, in bytes: 255 KiB of data with its header.
const PACKET_BYTES_MAX: u32 = 256 << 10;
/// Data of one write where the server does not say what it takes: every server must take 32 KiB.
const WRITE_BYTES: u64 = 32 << 10;
const READ_BYTES: u64 = 32 << 10;
/// The server's first bytes that are kept to tell what it is.
const GREETING_BYTES: usize = 512;

/// The steps of connecting, as a probe names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Reach,
    HostKey,
    SignIn,
    OpenSftp,
}

/// Hears of a step that is over, and of what was found.
pub(super) type Passed<'a> = &'a mut (dyn FnMut(Step, &str) + Send);

/// Extensions in words.
fn listed(extensions: &HashSet<String>) -> String {
    let mut names: Vec<&str> = extensions.iter().map(String::as_str).collect();
    names.sort_unstable();
    if names.is_empty() { "no extensions".to_owned() } else { format!("extensions: {}", names.join(", ")) }
}

/// What an account brings to every connection of a session.
pub(super) struct Identity {
    pub account: SftpAccount,
    pub host_keys: Arc<HostKeys>,
    pub private_key: Option<Arc<PrivateKey>>,
}

/// A connection that is signed in and speaks SFTP.
pub(super) struct Connection {
    pub sftp: RawSftpSession,
    /// Names of the server's extensions.
    pub extensions: HashSet<String>,
    pub write_bytes: usize,
    pub read_bytes: u32,
    server: String,
    handle: Handle<Guard>,
    socket: std::net::TcpStream,
}

impl Connection {
    /// Connects, judges the server's key, signs in and opens SFTP. `passed` hears of each step, with what was found.
    ///
    /// # Errors
    /// The step that failed, and why.
    pub async fn open(identity: &Identity, passed: Passed<'_>) -> Result<Connection, (Step, Fault)> {
        let account = &identity.account;
        let server = account.server();
        let stream = reach(account).await.map_err(|f| (Step::Reach, f))?;
        let (stream, socket) =
            split(stream).map_err(|e| (Step::Reach, Fault::internal("a socket cannot be shared").because(e)))?;
        let notes = Arc::new(Notes::default());
        let mut handle = greet(identity, stream, &notes).await?;
        passed(Step::Reach, &notes.software());
        passed(Step::HostKey, "");
        let signing_in = auth::sign_in(&mut handle, account, identity.private_key.as_ref(), &notes);
        let signed_in = within(ANSWER_SECS_MAX, signing_in, || fault::silent(&server, "sign in", ANSWER_SECS_MAX))
            .await
            .map_err(|f| (Step::SignIn, f))?;
        passed(Step::SignIn, signed_in);
        let opening = open_sftp(&handle, account, &notes);
        let (sftp, extensions, limits) =
            within(GREET_SECS_MAX, opening, || fault::silent(&server, "open SFTP", GREET_SECS_MAX))
                .await
                .map_err(|f| (Step::OpenSftp, f))?;
        passed(Step::OpenSftp, &listed(&extensions));
        Ok(Connection {
            write_bytes: limits.write_len.map_or(WRITE_BYTES, |max| max.min(WRITE_BYTES)) as usize,
            read_bytes: limits.read_len.unwrap_or(READ_BYTES).min(u64::from(PACKET_BYTES_MAX) - 1024) as u32,
            sftp,
            extensions,
            server,
            handle,
            socket,
        })
    }

    /// Whether the server offers an extension.
    pub fn offers(&self, extension: &str) -> bool {
        self.extensions.contains(extension)
    }

    /// Whether it is known to be gone.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Waits for a request's answer, at most `secs`, and not past the connection's end: the library leaves requests
    /// that are made just then without an answer.
    pub async fn answer<T>(
        &self,
        secs: u64,
        request: impl Future<Output = Result<T, SftpError>>,
    ) -> Result<T, SftpError> {
        let gone = async {
            while !self.is_closed() {
                tokio::time::sleep(GONE_POLL).await;
            }
            // Answers that came before the end are still on their way through the library.
            tokio::time::sleep(GONE_POLL).await;
        };
        tokio::select! {
            biased;
            answer = tokio::time::timeout(Duration::from_secs(secs), request) => answer.unwrap_or(Err(SftpError::Timeout)),
            () = gone => Err(SftpError::UnexpectedBehavior("the connection is gone".to_owned())),
        }
    }

    /// The fault of a failed request on `path`. A refusal without a reason may be a full disk: that is asked for.
    pub async fn explain(&self, error: &SftpError, verb: &str, path: &str) -> Fault {
        let what = format!("{verb} {path}");
        if fault::is(error, StatusCode::Failure)
            && let Some(free_bytes) = self.free_bytes(path.rsplit_once('/').map_or("/", |(folder, _)| folder)).await
            && free_bytes < FULL_BELOW_BYTES
        {
            return fault::disk_full(free_bytes, &format!("{what} at {}", self.server));
        }
        fault::from_sftp(error, &self.server, &what)
    }

    /// The space that the user may fill at `path`, in bytes, where the server tells.
    pub async fn free_bytes(&self, path: &str) -> Option<u64> {
        if !self.offers(STATVFS) {
            return None;
        }
        let path = if path.is_empty() { "/" } else { path };
        let found = self.answer(ANSWER_SECS_MAX, self.sftp.statvfs(path)).await.ok()?;
        Some(found.blocks_avail.saturating_mul(found.fragment_size))
    }

    /// Says goodbye and waits until the server has heard it.
    pub async fn close(&self) {
        let goodbye = async {
            // Whatever is broken already needs no goodbye.
            let _ = self.sftp.close_session();
            let _ = self.handle.disconnect(Disconnect::ByApplication, "done", "en").await;
            while !self.handle.is_closed() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(CLOSE_SECS_MAX), goodbye).await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // The library's tasks end with the socket, even when they are in the middle of a write to a dead server.
        let _ = self.socket.shutdown(Shutdown::Both);
    }
}

pub(super) const STATVFS: &str = "statvfs@openssh.com";
pub(super) const FSYNC: &str = "fsync@openssh.com";
pub(super) const POSIX_RENAME: &str = "posix-rename@openssh.com";
const LIMITS: &str = "limits@openssh.com";
/// With less than this a write of a few blocks can fail, and hardly for another reason.
const FULL_BELOW_BYTES: u64 = 1 << 20;

async fn within<T>(
    secs: u64,
    work: impl Future<Output = Result<T, Fault>>,
    late: impl FnOnce() -> Fault,
) -> Result<T, Fault> {
    tokio::time::timeout(Duration::from_secs(secs), work).await.unwrap_or_else(|_| Err(late()))
}

async fn reach(account: &SftpAccount) -> Result<TcpStream, Fault> {
    let server = account.server();
    let connecting = async {
        TcpStream::connect((account.domain.as_str(), account.port)).await.map_err(|e| {
            Fault::new(FaultClass::Unavailable, "the server cannot be reached")
                .tried(format!("connect to {server}"))
                .hint("check domain and port, that the server is up, and that a firewall lets this machine through")
                .because(e)
        })
    };
    let stream = within(REACH_SECS_MAX, connecting, || fault::silent(&server, "connect", REACH_SECS_MAX)).await?;
    // Small requests must not wait for each other. A socket without the option still works.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// A second handle on the socket, to end it from outside.
fn split(stream: TcpStream) -> io::Result<(TcpStream, std::net::TcpStream)> {
    let stream = stream.into_std()?;
    let second = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, second))
}

async fn greet(identity: &Identity, stream: TcpStream, notes: &Arc<Notes>) -> Result<Handle<Guard>, (Step, Fault)> {
    let server = identity.account.server();
    let guard = Guard { host_keys: identity.host_keys.clone(), server: server.clone(), notes: notes.clone() };
    let stream = Overheard { stream, notes: notes.clone() };
    let config = Arc::new(ssh_config(identity));
    let greeting = client::connect_stream(config, stream, guard);
    match tokio::time::timeout(Duration::from_secs(GREET_SECS_MAX), greeting).await {
        Ok(Ok(handle)) => Ok(handle),
        Ok(Err(Refusal::HostKey(fault))) => Err((Step::HostKey, fault)),
        Ok(Err(Refusal::Ssh(error))) => {
            let greeting = notes.greeting();
            Err((Step::Reach, fault::handshake(&server, &error, &greeting).because(error)))
        }
        Err(_) => Err((Step::Reach, fault::silent(&server, "greet", GREET_SECS_MAX))),
    }
}

fn ssh_config(identity: &Identity) -> client::Config {
    client::Config {
        preferred: algorithms(identity),
        keepalive_interval: Some(Duration::from_secs(KEEPALIVE_SECS)),
        inactivity_timeout: Some(Duration::from_secs(SILENCE_SECS_MAX)),
        keepalive_max: 3,
        ..client::Config::default()
    }
}

/// AES-GCM first: with the processor's help it is the fastest. NIST curves are there for servers under FIPS.
fn algorithms(identity: &Identity) -> Preferred {
    let legacy = identity.account.legacy_algorithms;
    let p = |curve| Algorithm::Ecdsa { curve };
    let mut key = vec![
        Algorithm::Ed25519,
        p(EcdsaCurve::NistP256),
        p(EcdsaCurve::NistP384),
        p(EcdsaCurve::NistP521),
        Algorithm::Rsa { hash: Some(HashAlg::Sha512) },
        Algorithm::Rsa { hash: Some(HashAlg::Sha256) },
    ];
    let mut kex = Preferred::DEFAULT.kex.into_owned();
    kex.splice(3..3, [kex::ECDH_SHA2_NISTP256, kex::ECDH_SHA2_NISTP384, kex::ECDH_SHA2_NISTP521]);
    let mut ciphers = vec![
        cipher::AES_128_GCM,
        cipher::AES_256_GCM,
        cipher::CHACHA20_POLY1305,
        cipher::AES_256_CTR,
        cipher::AES_192_CTR,
        cipher::AES_128_CTR,
    ];
    let mut macs = Preferred::DEFAULT.mac.into_owned();
    if legacy {
        key.push(Algorithm::Rsa { hash: None });
        kex.extend([kex::DH_GEX_SHA1, kex::DH_G14_SHA1]);
        ciphers.extend([cipher::AES_256_CBC, cipher::AES_128_CBC]);
        macs.extend([mac::HMAC_SHA1_ETM, mac::HMAC_SHA1]);
    }
    Preferred {
        key: Cow::Owned(identity.host_keys.order(&key)),
        kex: Cow::Owned(kex),
        cipher: Cow::Owned(ciphers),
        mac: Cow::Owned(macs),
        compression: Cow::Borrowed(&[compression::NONE]),
        host_key_certificates: Cow::Borrowed(&[]),
    }
}

async fn open_sftp(
    handle: &Handle<Guard>,
    account: &SftpAccount,
    notes: &Notes,
) -> Result<(RawSftpSession, HashSet<String>, Limits), Fault> {
    let server = account.server();
    let lost = || fault::lost(&server, "open SFTP", notes.reason().as_deref());
    let mut channel = handle.channel_open_session().await.map_err(|e| match e {
        russh::Error::ChannelOpenFailure(why) => no_sftp(account, why.description()),
        _ => lost(),
    })?;
    channel.request_subsystem(true, "sftp").await.map_err(|_| lost())?;
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Success) => break,
            Some(ChannelMsg::Failure) => return Err(no_sftp(account, "it refuses the sftp subsystem")),
            Some(ChannelMsg::WindowAdjusted { .. }) => {}
            Some(_) => return Err(no_sftp(account, "it ends the channel")),
            None if handle.is_closed() => return Err(lost()),
            None => return Err(no_sftp(account, "it ends the channel")),
        }
    }
    let config = russh_sftp::client::Config {
        max_packet_len: PACKET_BYTES_MAX,
        // Each request is waited for by its own measure; a fixed time from sending would fail slow networks.
        request_timeout_secs: u64::MAX,
        ..russh_sftp::client::Config::default()
    };
    let mut sftp = RawSftpSession::new_with_config(channel.into_stream(), config);
    let Ok(version) = sftp.init().await else {
        return Err(no_version(handle, account, notes).await);
    };
    let extensions: HashSet<String> = version.extensions.into_keys().collect();
    let mut limits = Limits::default();
    if extensions.contains(LIMITS) {
        limits = match sftp.limits().await {
            Ok(found) => found.into(),
            Err(_) => return Err(no_version(handle, account, notes).await),
        };
        sftp.set_limits(limits);
    }
    Ok((sftp, extensions, limits))
}

/// SFTP did not start: because the connection was lost, or because something else than SFTP answers.
async fn no_version(handle: &Handle<Guard>, account: &SftpAccount, notes: &Notes) -> Fault {
    let lost = async {
        while !handle.is_closed() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    match tokio::time::timeout(LOSS_SHOWS_WITHIN, lost).await {
        Ok(()) => fault::lost(&account.server(), "open SFTP", notes.reason().as_deref()),
        Err(_) => no_sftp(account, "it answers with something else, perhaps a login message"),
    }
}

fn no_sftp(account: &SftpAccount, why: &str) -> Fault {
    Fault::new(FaultClass::Config, format!("the server does not serve SFTP to this user: {why}"))
        .tried(format!("open SFTP as {} at {}", account.username, account.server()))
        .hint(
            "ask the server's administrator to enable the sftp subsystem (Subsystem sftp internal-sftp) for this user",
        )
}

/// Judges the server's key and remembers what the server says.
pub(super) struct Guard {
    host_keys: Arc<HostKeys>,
    server: String,
    notes: Arc<Notes>,
}

/// Why a handshake ended.
#[derive(Debug)]
pub(super) enum Refusal {
    HostKey(Fault),
    Ssh(russh::Error),
}

impl From<russh::Error> for Refusal {
    fn from(error: russh::Error) -> Refusal {
        Refusal::Ssh(error)
    }
}

impl client::Handler for Guard {
    type Error = Refusal;

    async fn check_server_key(&mut self, presented: &PublicKeyOrCertificate) -> Result<bool, Refusal> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = presented else {
            // Not offered in the negotiation, so no proper server sends one.
            return Ok(false);
        };
        self.host_keys.judge(key, &self.server).map_err(Refusal::HostKey)?;
        Ok(true)
    }

    async fn disconnected(&mut self, reason: DisconnectReason<Refusal>) -> Result<(), Refusal> {
        match reason {
            DisconnectReason::ReceivedDisconnect(info) => {
                self.notes.set_reason(info.message);
                Ok(())
            }
            DisconnectReason::Error(error) => {
                if let Refusal::Ssh(error) = &error {
                    self.notes.set_reason(error.to_string());
                }
                Err(error)
            }
        }
    }
}

/// What a connection was told, for messages.
#[derive(Default)]
pub(super) struct Notes {
    greeting: Mutex<Vec<u8>>,
    reason: Mutex<Option<String>>,
}

impl Notes {
    fn greeting(&self) -> Vec<u8> {
        self.greeting.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The software's name in the SSH greeting.
    fn software(&self) -> String {
        let greeting = self.greeting();
        let text = String::from_utf8_lossy(&greeting);
        let line = text.lines().find_map(|l| l.strip_prefix("SSH-2.0-").or_else(|| l.strip_prefix("SSH-1.99-")));
        line.unwrap_or_default().chars().filter(|c| !c.is_control()).take(60).collect()
    }

    /// Why the server or the library ended the connection.
    pub fn reason(&self) -> Option<String> {
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_reason(&self, reason: String) {
        *self.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
    }
}

/// A socket whose first received bytes are kept, to tell an HTTP server from a silent one.
struct Overheard {
    stream: TcpStream,
    notes: Arc<Notes>,
}

impl AsyncRead for Overheard {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let answer = Pin::new(&mut self.stream).poll_read(context, buffer);
        let mut kept = self.notes.greeting.lock().unwrap_or_else(PoisonError::into_inner);
        let room = GREETING_BYTES.saturating_sub(kept.len());
        let came = &buffer.filled()[before..];
        kept.extend_from_slice(&came[..came.len().min(room)]);
        answer
    }
}

impl AsyncWrite for Overheard {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
