//! TLS in front of the API: connections are accepted as they come, and handed on once their handshake is done.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::serve::Listener;
use outflow_model::Fault;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::settings::Tls;

/// A client that needs longer is not one.
const HANDSHAKE_SECS_MAX: u64 = 10;

/// Handshakes under way at most; later connections wait in the system's queue. One costs a core about a millisecond.
const HANDSHAKES_MAX: usize = 256;

/// Reads certificate and key.
///
/// # Errors
/// `Input` when a file cannot be read, or the two do not fit.
pub fn acceptor(tls: &Tls) -> Result<TlsAcceptor, Fault> {
    let unreadable = |file: &Path, what: &str, e: rustls::pki_types::pem::Error| {
        Fault::input(format!("{} holds no {what} in PEM form", file.display()))
            .tried(format!("read {}", file.display()))
            .because(e)
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_file_iter(&tls.cert_file)
        .and_then(Iterator::collect)
        .map_err(|e| unreadable(&tls.cert_file, "certificate", e));
    let key = PrivateKeyDer::from_pem_file(&tls.key_file).map_err(|e| unreadable(&tls.key_file, "private key", e))?;
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(certificates?, key)
        .map_err(|e| Fault::input("tls.cert_file and tls.key_file do not fit").because(e))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A listener whose connections have done their handshake.
pub struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: tokio::task::JoinHandle<()>,
}

impl TlsListener {
    /// Accepts from `listener`.
    ///
    /// # Errors
    /// The system's, when it does not tell the listener's address.
    pub fn new(listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<TlsListener> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(16);
        let accepting = tokio::spawn(accept(listener, acceptor, sender));
        Ok(TlsListener { address, ready, accepting })
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task ends with this listener only.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

async fn accept(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let slots = Arc::new(Semaphore::new(HANDSHAKES_MAX));
    while let Ok(slot) = Arc::clone(&slots).acquire_owned().await {
        // Waits and logs where the system refuses.
        let (stream, address) = Listener::accept(&mut listener).await;
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            let handshake = tokio::time::timeout(Duration::from_secs(HANDSHAKE_SECS_MAX), acceptor.accept(stream));
            match handshake.await {
                // Where nobody takes it any more, the server is ending.
                Ok(Ok(stream)) => drop(sender.send((stream, address)).await),
                Ok(Err(e)) => tracing::debug!(%address, "a TLS handshake failed: {e}"),
                Err(_) => tracing::debug!(%address, "a TLS handshake took longer than {HANDSHAKE_SECS_MAX} s"),
            }
            drop(slot);
        });
    }
}
