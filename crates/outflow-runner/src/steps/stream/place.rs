//! Where a streaming flow sends to.

use std::sync::Arc;

use outflow_connector_kit::{Connector, Journal, RetryPolicy, SessionContext, StreamSession};
use outflow_model::Fault;
use outflow_model::flow::MessageOptions;
use outflow_store::{Connection, Document, Job, TargetConnection};
use serde_json::{Map, Value};

use crate::context::Inner;
use crate::kinds::target_id;
use crate::steps::run::{account, connector, target};

/// A target.
pub(super) struct Place {
    /// The account. Its credentials are those of the moment.
    connection: String,
    /// The connector.
    connector: &'static str,
    /// The connector's target.
    target: Value,
    /// What messages tell of segments.
    pub options: MessageOptions,
    /// Who is told, as text: the account and the target's URL. `None` where the account cannot be read, which is said when
    /// something is sent.
    pub who: Option<String>,
}

/// Reads where a flow sends to.
///
/// # Errors
/// `Input` and `Config` for a target that is not there or cannot be read.
pub(super) async fn place(inner: &Inner, flow: &Document) -> Result<Place, Fault> {
    let mut reader = inner.store.read().await?;
    let id = target_id(flow)
        .ok_or_else(|| Fault::input("the flow has no target").tried(format!("read flow {}", flow.id)))?;
    let found = reader.get::<TargetConnection>(&flow.sandbox, id).await?;
    let base = found.body.get("baseConnectionId").and_then(Value::as_str).unwrap_or_default().to_owned();
    let spec = found.body.pointer("/connectionSpec/id").and_then(Value::as_str).unwrap_or_default();
    let connector = connector(inner, spec)?;
    let params = found.body.get("params").cloned().unwrap_or_default();
    let (target, _) = target(connector.catalog(), &params)?;
    // Where the connector has members of this name too, they are among its target's.
    let options = MessageOptions::parse(params.as_object().unwrap_or(&Map::new()), "/params")
        .map_err(|problems| problems.fault(format!("read target connection {id}")))?;
    let who = match reader.opened::<Connection>(&flow.sandbox, &base).await {
        Ok(opened) => account(connector.catalog(), &opened).ok().and_then(|of| who(connector, &base, &of, &target)),
        Err(_) => None,
    };
    Ok(Place { connection: base, connector: connector.id(), target, options, who })
}

/// Who is told by an account at a connector's target.
fn who(connector: &dyn Connector, id: &str, account: &Value, target: &Value) -> Option<String> {
    Some(format!("{id} {}", connector.url(account, target).ok()?))
}

/// Opens a session at a place, with the credentials of the moment. `None` where by now the account leads to another one,
/// of which nothing was decided.
///
/// # Errors
/// Those of the account and of the connector.
pub(super) async fn open(inner: &Inner, job: &Job, place: &Place) -> Result<Option<Arc<dyn StreamSession>>, Fault> {
    let connection = inner.store.read().await?.opened::<Connection>(&job.sandbox, &place.connection).await?;
    let connector = inner
        .connectors
        .iter()
        .find(|connector| connector.id() == place.connector)
        .ok_or_else(|| Fault::internal(format!("no connector is called `{}`", place.connector)))?;
    let account = account(connector.catalog(), &connection)?;
    if who(connector.as_ref(), &place.connection, &account, &place.target) != place.who {
        return Ok(None);
    }
    let attempt = inner.attempt_name();
    let journal: Arc<dyn Journal> = inner.store.journal(&job.lease(), &attempt);
    let context = SessionContext {
        attempt,
        journal,
        clock: Arc::clone(&inner.clock),
        retry: RetryPolicy::default(),
        seed: (inner.random)(),
        buffer_bytes_max: inner.settings.session_buffer_bytes(),
    };
    Ok(Some(Arc::from(connector.open_stream(&account, &place.target, context).await?)))
}
