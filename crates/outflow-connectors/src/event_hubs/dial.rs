//! From an account to a connection that is signed in and may send: each step on its own, so that a probe can name it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use outflow_connector_kit::{Clock, Fault, FaultClass, SessionContext};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::config::{Account, Endpoint};
use super::connection::{Connection, Io, Patience};
use super::errors::{self, Place};
use super::token;

/// How long a token is good for, in minutes.
const TOKEN_MINUTES: i64 = 60;

/// A token is renewed this many minutes before it expires: longer than any request takes, and than clocks differ.
const RENEW_MINUTES_BEFORE: i64 = 10;

/// Makes connections to one hub, or to a namespace where no hub is given.
pub(super) struct Dialer {
    endpoint: Endpoint,
    tls: Option<TlsConnector>,
    pub place: Arc<Place>,
    key: SecretString,
    clock: Clock,
    container: String,
    patience: Patience,
    number: AtomicU64,
}

impl Dialer {
    /// A dialer for the account and `hub`, which is empty where only the account is tried.
    ///
    /// # Errors
    /// When the endpoint is none or needs encryption, or this machine trusts nobody.
    pub(super) fn new(account: &Account, hub: &str, context: &SessionContext) -> Result<Dialer, Fault> {
        let no_endpoint = |problem| Fault::new(FaultClass::Config, format!("endpointUrl {problem}"));
        let endpoint = account.endpoint().map_err(no_endpoint)?;
        let place = Place {
            endpoint: endpoint.to_string(),
            host: account.host(),
            hub: hub.to_owned(),
            key_name: account.key_name().to_owned(),
        };
        Ok(Dialer {
            tls: if endpoint.tls { Some(tls()?) } else { None },
            endpoint,
            place: Arc::new(place),
            key: account.key().to_owned().into(),
            clock: Arc::clone(&context.clock),
            container: format!("outflow-{}", context.attempt),
            patience: Patience { settle: account.answer(), ..Patience::default() },
            number: AtomicU64::new(0),
        })
    }

    /// With other bounds on waiting.
    #[cfg(test)]
    pub(super) fn with(mut self, patience: Patience) -> Dialer {
        self.patience = patience;
        self
    }

    /// The machine that answers, before anything is said.
    ///
    /// # Errors
    /// When nobody answers.
    pub(super) async fn reach(&self) -> Result<TcpStream, Fault> {
        let connect = TcpStream::connect((self.endpoint.host.as_str(), self.endpoint.port));
        let waited = self.patience.connect;
        let late = || errors::late("the service did not answer", "connect to", &self.place, waited);
        let unreachable = |e| errors::unreachable(e, &self.place);
        let stream = timeout(waited, connect).await.map_err(|_| late())?.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        Ok(stream)
    }

    /// Whether connections are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// Encrypts the connection, where the endpoint asks for it.
    ///
    /// # Errors
    /// When the peer cannot, or is not trusted.
    pub(super) async fn encrypt(&self, stream: TcpStream) -> Result<Io, Fault> {
        let Some(tls) = &self.tls else { return Ok(Box::new(stream)) };
        let name = ServerName::try_from(self.endpoint.host.clone()).map_err(|e| {
            let message = format!("{} is no host name", self.endpoint.host);
            Fault::new(FaultClass::Config, message).hint("Check namespace and endpointUrl.").because(e)
        })?;
        let waited = self.patience.connect;
        let late = || errors::late("encryption was not agreed on", "connect to", &self.place, waited);
        let encrypted = timeout(waited, tls.connect(name, stream)).await.map_err(|_| late())?;
        Ok(Box::new(encrypted.map_err(|e| errors::not_encrypted(e, &self.place))?))
    }

    /// Agrees on AMQP.
    ///
    /// # Errors
    /// When the peer speaks something else.
    pub(super) async fn greet(&self, io: Io) -> Result<Connection, Fault> {
        Connection::greet(io, &self.container, Arc::clone(&self.place), self.patience).await
    }

    /// Puts a new token, and notes when the next is due.
    ///
    /// # Errors
    /// When it is not taken.
    pub(super) async fn sign_in(&self, connection: &Connection) -> Result<(), Fault> {
        let now = (self.clock)();
        let expires_at = now + TimeDelta::minutes(TOKEN_MINUTES);
        let token = token::sign(&self.place.resource(), &self.place.key_name, self.key.expose_secret(), expires_at);
        connection.put_token(&token, self.next_number()).await?;
        connection.renew_after(expires_at - TimeDelta::minutes(RENEW_MINUTES_BEFORE));
        Ok(())
    }

    /// Opens the link to the hub. Answers the largest message that the hub takes, in bytes; 0 when it does not say.
    ///
    /// # Errors
    /// When the hub is not there, or the policy may not send.
    pub(super) async fn open_hub(&self, connection: &Connection) -> Result<u64, Fault> {
        connection.open_hub(&format!("{}-{}", self.container, self.next_number())).await
    }

    /// All steps.
    ///
    /// # Errors
    /// The first step's that fails.
    pub(super) async fn connect(&self) -> Result<(Connection, u64), Fault> {
        let io = self.encrypt(self.reach().await?).await?;
        let connection = self.greet(io).await?;
        self.sign_in(&connection).await?;
        let message_bytes_max = self.open_hub(&connection).await?;
        Ok((connection, message_bytes_max))
    }

    /// Whether the connection's token must be renewed.
    pub(super) fn is_due(&self, connection: &Connection) -> bool {
        connection.is_due((self.clock)())
    }

    /// A token for another resource of the namespace, good for a few minutes.
    pub(super) fn token_for(&self, resource: &str) -> SecretString {
        let expires_at: DateTime<Utc> = (self.clock)() + TimeDelta::minutes(5);
        token::sign(resource, &self.place.key_name, self.key.expose_secret(), expires_at)
    }

    /// How long connecting may take.
    pub(super) fn connect_timeout(&self) -> Duration {
        self.patience.connect
    }

    fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }
}

/// Encryption by what this machine trusts.
fn tls() -> Result<TlsConnector, Fault> {
    let failed = |e: rustls::Error| {
        Fault::new(FaultClass::Config, "encryption cannot be set up")
            .hint("Install certificate authorities (package ca-certificates).")
            .because(e)
    };
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(failed)?;
    let config = builder.with_platform_verifier().map_err(failed)?.with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
