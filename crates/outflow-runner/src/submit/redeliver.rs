//! Letters: messages that a streaming flow's target refused for good. They are listed, and their profiles told anew.

use std::sync::Arc;

use outflow_model::flow::FlowKind;
use outflow_store::{Flow, Reader};
use serde_json::json;

use super::SubmitError;
use crate::context::Inner;
use crate::kinds::kind_of;
use crate::ledger;
use crate::steps::blocking;
use crate::steps::stream::REDELIVER;
use crate::streams::{Folders, LetterPage, StreamState, page, unknown_events};

/// Event ids of one request.
const EVENT_IDS_MAX: usize = 10_000;

/// Unknown event ids that a refusal names.
const NAMED_MAX: usize = 5;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Redelivery {
    /// Letters whose profiles are told anew.
    pub letters: u64,
}

/// See [`crate::Runner::letters`].
pub(crate) async fn letters(
    inner: &Arc<Inner>,
    sandbox: &str,
    flow: &str,
    start: Option<&str>,
    limit: usize,
) -> Result<LetterPage, SubmitError> {
    let (folders, state) = find(inner, &mut inner.store.read().await?, sandbox, flow).await?;
    let start = start.map(str::to_owned);
    let found = blocking(move || page(&folders, &state, start.as_deref(), limit)).await?;
    found.ok_or_else(|| SubmitError::invalid("start is not one that this list gave"))
}

/// See [`crate::Runner::submit_redeliver`].
pub(crate) async fn redeliver(
    inner: &Arc<Inner>,
    sandbox: &str,
    flow: &str,
    event_ids: Option<&[String]>,
    by: &str,
) -> Result<Redelivery, SubmitError> {
    let mut reader = inner.store.read().await?;
    let document = reader.get::<Flow>(sandbox, flow).await?;
    if kind_of(&mut reader, &inner.connectors, &document).await? != FlowKind::Streaming {
        return Err(SubmitError::conflict(format!("flow {flow} sends no messages")));
    }
    if !ledger::is_enabled(&document) {
        return Err(SubmitError::conflict(format!("flow {flow} is disabled; enable it first")));
    }
    let (folders, state) = find(inner, &mut reader, sandbox, flow).await?;
    drop(reader);
    let kept = state.kept_letters();
    if kept == 0 {
        return Err(SubmitError::conflict(format!("flow {flow} has no letters")));
    }
    let until = state.letters.last().map_or(0, |of| of.folder);
    let letters = match event_ids {
        None => kept,
        Some(ids) => {
            check(ids)?;
            let asked = ids.to_vec();
            let unknown = blocking(move || unknown_events(&folders, &state, &asked)).await?;
            if !unknown.is_empty() {
                let named = unknown.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
                return Err(SubmitError::invalid(format!(
                    "{} of the event ids are no letter's: {named}",
                    unknown.len()
                )));
            }
            ids.len() as u64
        }
    };
    let mut tx = inner.store.begin().await?;
    tx.ask_stream(flow, REDELIVER, &json!({"eventIds": event_ids, "until": until, "by": by})).await?;
    tx.commit().await?;
    Ok(Redelivery { letters })
}

fn check(event_ids: &[String]) -> Result<(), SubmitError> {
    if event_ids.is_empty() {
        return Err(SubmitError::invalid("no event id is named"));
    }
    if event_ids.len() > EVENT_IDS_MAX {
        return Err(SubmitError::invalid(format!("more than {EVENT_IDS_MAX} event ids are too many for one request")));
    }
    Ok(())
}

async fn find(
    inner: &Inner,
    reader: &mut Reader,
    sandbox: &str,
    flow: &str,
) -> Result<(Folders, StreamState), SubmitError> {
    let document = reader.get::<Flow>(sandbox, flow).await?;
    let state = StreamState::find(reader, flow).await?.unwrap_or_default();
    Ok((Folders::new(&inner.sandbox_folder(&document.sandbox)?, flow), state))
}
