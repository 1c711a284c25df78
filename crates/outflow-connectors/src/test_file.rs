//! The small file that a probe sends the way of a real part.

use bytes::Bytes;
use outflow_connector_kit::{Chunk, NameRule, PartRequest, Session, StagedPart};
use outflow_model::{Fault, FaultClass};
use tokio::sync::mpsc;

use crate::names;

/// Its length is its own; the words tell a person who finds it what it was.
const CONTENT: &[u8] = b"Outflow tries out this destination. This file is safe to remove.\n";

/// Its name, new for every attempt. What is found under it is the attempt's own.
pub(crate) fn name(attempt: &str) -> String {
    format!("outflow-probe-{attempt}")
}

/// Stages it.
///
/// # Errors
/// Those of the session.
pub(crate) async fn stage(session: &dyn Session, name: &str) -> Result<StagedPart, Fault> {
    let (sender, body) = mpsc::channel(2);
    let content = Bytes::from_static(CONTENT);
    let end = Chunk::End { bytes: content.len() as u64, sha256: names::sha256(&content) };
    for chunk in [Chunk::Data(content), end] {
        sender.try_send(chunk).map_err(|_| Fault::internal("a channel of two places holds less than two chunks"))?;
    }
    let request = PartRequest {
        name: name.to_owned(),
        name_rule: NameRule::MustBeNew,
        bytes_upper_bound: Some(CONTENT.len() as u64),
        content_type: "text/plain".to_owned(),
        run_id: String::new(),
    };
    session.stage(request, body).await
}

/// Reads it back and compares. `hint` says what to do about a file that changed.
///
/// # Errors
/// Those of the session; `Verification` when it holds something else.
pub(crate) async fn read_back(session: &dyn Session, name: &str, hint: &str) -> Result<(), Fault> {
    let found = session.read_range(name, 0, CONTENT.len() as u64).await?;
    if found == CONTENT {
        return Ok(());
    }
    Err(Fault::new(FaultClass::Verification, "the test file holds other bytes than were written")
        .tried(format!("read {}", session.url(name)))
        .hint(hint))
}
