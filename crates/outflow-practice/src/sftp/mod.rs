//! The practice SFTP endpoint: SSH and the wire format by maintained libraries, files in a folder.

mod connection;
mod extensions;
mod handles;
mod jail;
mod session;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{PrivateKey, PublicKey};
use russh::{MethodKind, MethodSet};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::PracticeError;
use crate::faults::Faults;
use crate::net::{self, CutOnDrop, FaultyStream, Pacer, Switch};
use crate::seed::Credentials;
use connection::Connection;
use jail::Jail;

/// As many as an SFTP server commonly takes; each holds a few MB of requests at most.
const CONNECTIONS_MAX: usize = 32;
/// Requests that wait in a channel, in SSH packets of up to 32 KiB: 2 MiB.
const CHANNEL_PACKETS_MAX: usize = 64;
/// Answers that wait to be sent. More than clients have requests under way, because a full queue while the channel is
/// full as well would stop both sides for ever.
const ANSWERS_MAX: usize = 4096;

/// What all connections share.
pub(crate) struct Shared {
    jail: Jail,
    user: String,
    password: String,
    client_key: PublicKey,
    faults: Faults,
}

/// The practice SFTP endpoint.
pub(crate) struct PracticeSftp {
    shared: Arc<Shared>,
    config: Arc<russh::server::Config>,
}

impl PracticeSftp {
    /// An endpoint whose `/` is `folder`, a canonical path.
    pub(crate) fn new(
        folder: PathBuf,
        credentials: &Credentials,
        host_key: PrivateKey,
        client_key: PublicKey,
        faults: Faults,
    ) -> PracticeSftp {
        let config = russh::server::Config {
            methods: MethodSet::from(&[MethodKind::PublicKey, MethodKind::Password][..]),
            // Long enough to be felt by who guesses, short enough for tests of wrong passwords.
            auth_rejection_time: Duration::from_millis(200),
            auth_rejection_time_initial: Some(Duration::ZERO),
            max_auth_attempts: 6,
            keys: vec![host_key],
            channel_buffer_size: CHANNEL_PACKETS_MAX,
            event_buffer_size: ANSWERS_MAX,
            ..russh::server::Config::default()
        };
        let shared = Shared {
            jail: Jail::new(folder),
            user: credentials.sftp_user.clone(),
            password: credentials.sftp_password.clone(),
            client_key,
            faults,
        };
        PracticeSftp { shared: Arc::new(shared), config: Arc::new(config) }
    }

    /// Serves until `stop`.
    pub(crate) async fn serve(self, listener: TcpListener, stop: watch::Receiver<bool>) {
        let pacer = Arc::new(Pacer::default());
        net::serve(listener, CONNECTIONS_MAX, stop, |stream| {
            serve_connection(stream, Arc::clone(&self.config), Arc::clone(&self.shared), Arc::clone(&pacer))
        })
        .await;
    }
}

async fn serve_connection(
    stream: TcpStream,
    config: Arc<russh::server::Config>,
    shared: Arc<Shared>,
    pacer: Arc<Pacer>,
) {
    let switch = Arc::new(Switch::default());
    // The library runs the session in a task of its own; it ends when its connection does.
    let _ends_session = CutOnDrop(Arc::clone(&switch));
    let faults = shared.faults.clone();
    let condition = Arc::new(move || {
        faults.read(|f| net::Line { bytes_per_sec: f.sftp.slow_bytes_per_sec, down: f.sftp.unavailable })
    });
    let stream = FaultyStream::new(stream, Arc::clone(&switch), pacer, condition);
    let ended = match russh::server::run_stream(config, stream, Connection::new(shared, switch)).await {
        Ok(session) => session.await,
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "SFTP connection ended");
    }
}

/// A public key as in a `.pub` file, without comment.
pub(crate) fn openssh_line(key: &PublicKey) -> Result<String, PracticeError> {
    let mut key = key.clone();
    key.set_comment("");
    key.to_openssh().map(|line| line.trim_end().to_owned()).map_err(|e| {
        PracticeError::new("the host key cannot be written as text", "write the SFTP host key", "").because(e)
    })
}
