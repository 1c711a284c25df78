//! TLS for a target that is to be reached as the service itself is.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::PracticeError;

/// A client that needs longer to encrypt is not one.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// A certificate and its private key, as PEM files.
#[derive(Clone, Debug)]
pub struct PracticeTls {
    /// The certificate, and those between it and its authority's.
    pub certificate: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
}

impl PracticeTls {
    /// Reads certificate and key.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, PracticeError> {
        let unreadable = |path: &PathBuf, what: &str, e: rustls::pki_types::pem::Error| {
            let message = format!("{} holds no {what} in PEM form", path.display());
            PracticeError::new(message, format!("read {}", path.display()), "").because(e)
        };
        let certificates = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect)
            .map_err(|e| unreadable(&self.certificate, "certificate", e))?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|e| unreadable(&self.key, "private key", e))?;
        let unfit = |e: rustls::Error| {
            PracticeError::new("certificate and key do not fit", format!("use {}", self.certificate.display()), "")
                .because(e)
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unfit)?
            .with_no_client_auth()
            .with_single_cert(certificates, key)
            .map_err(unfit)?;
        Ok(TlsAcceptor::from(Arc::new(config)))
    }
}

/// Encrypts a connection.
pub(crate) async fn accept<S>(acceptor: &TlsAcceptor, stream: S) -> io::Result<TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    timeout(HANDSHAKE_MAX, acceptor.accept(stream)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
