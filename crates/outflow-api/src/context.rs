//! What the API needs from outside.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use chrono::{DateTime, Utc};
use http::{HeaderMap, header};
use outflow_connector_kit::{Clock, Connector};
use outflow_model::guardrails::Guardrails;
use outflow_profiles::source::Storage;
use outflow_runner::Runner;
use outflow_store::{Store, Tx};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, watch};

use crate::auth::Caller;
use crate::error::ApiResult;
use crate::observe::MetricsHandle;

/// What the API needs from outside.
#[derive(Clone)]
pub struct ApiContext {
    /// Metadata.
    pub store: Store,
    /// Takes work, cancels it, and tells how it goes.
    pub runner: Runner,
    /// The kinds of destination on offer.
    pub connectors: Arc<Vec<Box<dyn Connector>>>,
    /// Where datasets may lie.
    pub storages: Vec<Arc<dyn Storage>>,
    /// The folder below which the runner keeps profiles and memberships, by sandbox.
    pub data_dir: PathBuf,
    /// The time.
    pub clock: Clock,
    /// Random bits for references and for the names of what a probe writes.
    pub random: Arc<dyn Fn() -> u64 + Send + Sync>,
    /// What [`crate::install_metrics`] gave. Without it `/metrics` has only what the store counts.
    pub metrics: Option<MetricsHandle>,
    /// What is served beside the API: the console. Its paths are none of the API's.
    pub pages: Router,
    /// What an operator may set.
    pub settings: ApiSettings,
}

/// What an operator may set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ApiSettings {
    /// Seconds for which a token is valid.
    pub token_lifetime_secs: u64,
    /// Seconds after which a session of the console ends that nobody uses.
    pub session_idle_secs: u64,
    /// Seconds after which a session of the console ends however much it is used.
    pub session_max_secs: u64,
    /// Seconds for which a login link is valid.
    pub login_link_secs: u64,
    /// Seconds after which a probe of an account or target is given up.
    pub probe_timeout_secs: u64,
    /// The organisation that answers name as `imsOrgId`.
    pub organization: String,
    /// The URL under which clients reach the server, for absolute links. Without it, the request's `Host` is used.
    pub public_url: Option<String>,
    /// The folder below which local folders may be delivered to. Without it, that destination is not on offer.
    pub folder_root: Option<PathBuf>,
    /// Whether clients reach the server through TLS, its own or that of a proxy in front of it.
    pub is_https: bool,
    /// Whether `/metrics` needs no token.
    pub open_metrics: bool,
    /// What is warned of.
    pub guardrails: Guardrails,
}

impl Default for ApiSettings {
    fn default() -> ApiSettings {
        ApiSettings {
            token_lifetime_secs: 24 * 60 * 60,
            session_idle_secs: 12 * 60 * 60,
            session_max_secs: 7 * 24 * 60 * 60,
            login_link_secs: 15 * 60,
            probe_timeout_secs: 30,
            organization: "outflow".into(),
            public_url: None,
            folder_root: None,
            is_https: false,
            open_metrics: false,
            guardrails: Guardrails::default(),
        }
    }
}

/// Looks into files of datasets that handlers take at the same time. Each has a thread, which outlives a request that
/// waited too long for it: storage that does not answer holds so many of them and no more.
const LOOKS_AT_ONCE: usize = 4;

/// The context as handlers share it.
pub(crate) type Api = Arc<Shared>;

/// The context, and whether the server is closing.
pub(crate) struct Shared {
    context: ApiContext,
    closing: watch::Receiver<bool>,
    looks: Arc<Semaphore>,
}

impl Shared {
    /// The context of a server that closes when `closing` says so.
    pub(crate) fn new(context: ApiContext, closing: watch::Receiver<bool>) -> Shared {
        Shared { context, closing, looks: Arc::new(Semaphore::new(LOOKS_AT_ONCE)) }
    }

    /// Who holds one of these may look into files of datasets.
    pub(crate) fn looks(&self) -> Arc<Semaphore> {
        Arc::clone(&self.looks)
    }

    /// Begins a transaction of `caller`, who stands in the audit log for what it changes.
    ///
    /// # Errors
    /// As of the store.
    pub(crate) async fn begin(&self, caller: &Caller) -> ApiResult<Tx> {
        let mut tx = self.store.begin().await?;
        tx.act_as(&caller.client);
        Ok(tx)
    }

    /// Where the client whose request has these headers reached the server; empty where that is not known.
    pub(crate) fn base_url(&self, headers: &HeaderMap) -> String {
        match &self.settings.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => self.requested_url(headers),
        }
    }

    /// Where the request with these headers says that it found the server; empty where it does not.
    pub(crate) fn requested_url(&self, headers: &HeaderMap) -> String {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("");
        let is_sound =
            !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        let scheme = if self.settings.is_https { "https" } else { "http" };
        if is_sound { format!("{scheme}://{host}") } else { String::new() }
    }

    /// Answers when the server is closing: what would go on for long ends then.
    pub(crate) async fn closed(&self) {
        let mut closing = self.closing.clone();
        if closing.wait_for(|closing| *closing).await.is_err() {
            // Nobody is left who could close it.
            std::future::pending::<()>().await;
        }
    }
}

impl Deref for Shared {
    type Target = ApiContext;

    fn deref(&self) -> &ApiContext {
        &self.context
    }
}

impl ApiContext {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    pub(crate) fn probe_timeout(&self) -> Duration {
        Duration::from_secs(self.settings.probe_timeout_secs.max(1))
    }

    /// Sixteen hexadecimal digits that nothing else has.
    pub(crate) fn reference(&self) -> String {
        format!("{:016x}", (self.random)())
    }

    /// The connector behind a connection spec, by its id or a legacy one, where it is on offer.
    pub(crate) fn connector(&self, spec_id: &str) -> Option<&dyn Connector> {
        self.offered().find(|connector| connector.catalog().is_named(spec_id))
    }

    /// The connectors on offer, in the order of the catalog.
    pub(crate) fn offered(&self) -> impl Iterator<Item = &dyn Connector> {
        self.connectors.iter().map(AsRef::as_ref).filter(|connector| self.is_offered(*connector))
    }

    fn is_offered(&self, connector: &dyn Connector) -> bool {
        connector.id() != "file" || self.settings.folder_root.is_some()
    }
}
