//! The practice Event Hubs namespace: AMQP 1.0 over TCP, in clear or with TLS, hubs as files of lines.
//!
//! It is what Microsoft's SDKs for Python and JavaScript need to send, to read and to ask for properties, with shared
//! access policies. There are no consumer groups but `$Default`, no checkpoints, no owners of readers, no publishers, and
//! events never expire.

mod address;
mod clock;
mod codec;
mod connection;
mod faults;
mod incoming;
mod intake;
mod link;
mod policies;
mod requests;
mod session;
mod store;
mod tracking;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::faults::Faults;
use crate::net::{self, FaultyStream, Pacer, Switch};
use crate::seed::Credentials;
use crate::{PracticeError, tls};
use codec::performative::AmqpError;
pub use faults::{CbsFailure, EventHubsFaults, HubsCut, HubsRefusal, HubsTimes, ServerBusy};
pub(crate) use policies::Policy;
use policies::{Claim, Policies};
use store::Store;
use tracking::Tracking;

/// More than a client with many links opens; each holds a few MB at most.
const CONNECTIONS_MAX: usize = 64;
/// Partitions of the hub that is there from the start.
const PARTITIONS: usize = 4;

/// What all connections share.
pub(crate) struct Shared {
    store: Store,
    policies: Policies,
    faults: Faults,
    tracking: Tracking,
    /// Transfers since the start.
    transfers: AtomicU64,
}

impl Shared {
    fn resource(entity: &str) -> String {
        format!("sb://practice/{}", entity.trim_matches('/').to_ascii_lowercase())
    }

    /// What the service says to whoever lacks a right.
    fn unauthorized(&self, claim: Claim, entity: &str) -> String {
        let (claim, resource) = (claim.name(), Shared::resource(entity));
        format!(
            "Unauthorized access. '{claim}' claim(s) are required to perform this operation. Resource: '{resource}'."
        )
    }

    /// What the service says of an entity that is not there.
    fn not_found(&self, entity: &str) -> String {
        let resource = Shared::resource(entity);
        format!("The messaging entity '{resource}' could not be found.")
    }

    /// What the service says when it throttles.
    fn busy(&self) -> AmqpError {
        let sentence = "The request was terminated because the entity is being throttled. Error code : 50002. \
                        Sub error : 102. Please wait 4 seconds and try again.";
        AmqpError::new("com.microsoft:server-busy", self.tracking.tracked(sentence))
    }
}

/// The practice Event Hubs namespace.
pub(crate) struct PracticeEventHubs {
    shared: Arc<Shared>,
    tls: Option<TlsAcceptor>,
}

impl PracticeEventHubs {
    /// A namespace over the hubs in `folder`, of which `hub` is made when it is not there; encrypted with `tls`.
    pub(crate) fn new(
        folder: &Path,
        hub: &'static str,
        credentials: &Credentials,
        faults: Faults,
        tls: Option<TlsAcceptor>,
    ) -> Result<PracticeEventHubs, PracticeError> {
        let shared = Shared {
            store: Store::open(folder, hub, PARTITIONS)?,
            policies: Policies::new(&credentials.internal_key, hub),
            faults,
            tracking: Tracking::new(&credentials.internal_key),
            transfers: AtomicU64::new(0),
        };
        Ok(PracticeEventHubs { shared: Arc::new(shared), tls })
    }

    /// The shared access policies.
    pub(crate) fn policies(&self) -> &[Policy] {
        self.shared.policies.all()
    }

    /// Serves until `stop`.
    pub(crate) async fn serve(self, listener: TcpListener, stop: watch::Receiver<bool>) {
        let pacer = Arc::new(Pacer::default());
        net::serve(listener, CONNECTIONS_MAX, stop, |stream| {
            serve_connection(stream, Arc::clone(&self.shared), Arc::clone(&pacer), self.tls.clone())
        })
        .await;
    }
}

async fn serve_connection(stream: TcpStream, shared: Arc<Shared>, pacer: Arc<Pacer>, tls: Option<TlsAcceptor>) {
    let switch = Arc::new(Switch::default());
    let faults = shared.faults.clone();
    let condition = Arc::new(move || {
        faults.read(|f| net::Line { bytes_per_sec: f.event_hubs.slow_bytes_per_sec, down: f.event_hubs.unavailable })
    });
    let stream = FaultyStream::new(stream, Arc::clone(&switch), pacer, condition);
    let served = match tls {
        None => connection::serve(stream, shared, switch).await,
        Some(tls) => match tls::accept(&tls, stream).await {
            Ok(stream) => connection::serve(stream, shared, switch).await,
            Err(error) => Err(error),
        },
    };
    if let Err(error) = served {
        tracing::debug!(%error, "Event Hubs connection ended");
    }
}
