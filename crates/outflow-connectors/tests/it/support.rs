//! What the tests of every connector use.

use std::sync::Arc;

use bytes::Bytes;
use outflow_connector_kit::{
    Chunk, Connector, Fault, Journal, MemoryJournal, NameRule, PartBody, PartRequest, ProbeReport, Receipt,
    RetryPolicy, Session, SessionContext, StepOutcome,
};
use serde_json::Value;
use tokio::sync::mpsc;

/// The connector with the id, as the program finds it.
pub fn connector(id: &str) -> Box<dyn Connector> {
    outflow_connectors::registry().into_iter().find(|c| c.id() == id).unwrap()
}

/// Where a server is, as `make test` says it. No server means no test: passing without one would prove nothing.
pub fn environment(name: &str) -> Value {
    let text = std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests through `make test`"));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{name} is not JSON: {e}"))
}

pub fn context(attempt: u32) -> SessionContext {
    context_with(attempt, Arc::new(MemoryJournal::default()))
}

pub fn context_with(attempt: u32, journal: Arc<dyn Journal>) -> SessionContext {
    SessionContext {
        attempt: format!("{attempt:08x}"),
        journal,
        retry: RetryPolicy::none(),
        seed: u64::from(attempt),
        buffer_bytes_max: 64 << 20,
    }
}

/// Bytes in which any mix-up of pieces shows.
pub fn content(length: usize) -> Bytes {
    let words = (0_u32..).map(|n| n.wrapping_mul(2_654_435_761));
    let mut bytes: Vec<u8> = words.take(length.div_ceil(4)).flat_map(u32::to_le_bytes).collect();
    bytes.truncate(length);
    bytes.into()
}

pub fn request(name: &str, name_rule: NameRule) -> PartRequest {
    PartRequest {
        name: name.into(),
        name_rule,
        bytes_upper_bound: None,
        content_type: "text/csv".into(),
        run_id: "test".into(),
    }
}

pub fn body(content: &Bytes) -> PartBody {
    let (sender, body) = mpsc::channel(2);
    let mut rest = content.clone();
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, content).as_ref());
    let bytes = content.len() as u64;
    tokio::spawn(async move {
        while !rest.is_empty() {
            if sender.send(Chunk::Data(rest.split_to(rest.len().min(1 << 20)))).await.is_err() {
                return;
            }
        }
        let _ = sender.send(Chunk::End { bytes, sha256 }).await;
    });
    body
}

pub async fn put(session: &dyn Session, name: &str, rule: NameRule, content: &Bytes) -> Result<Receipt, Fault> {
    let part = session.stage(request(name, rule), body(content)).await?;
    session.publish(part).await
}

pub async fn read(session: &dyn Session, name: &str) -> Vec<u8> {
    let mut reader = session.read(name).await.unwrap();
    let mut found = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        found.extend_from_slice(&piece);
    }
    found
}

/// The steps of a probe as `name: outcome`, for comparing.
pub fn steps(report: &ProbeReport) -> Vec<String> {
    let outcome = |outcome: &StepOutcome| match outcome {
        StepOutcome::Passed { .. } => "passed".to_owned(),
        StepOutcome::Limited { .. } => "limited".to_owned(),
        StepOutcome::Failed { class, .. } => format!("failed {class}"),
    };
    report.steps.iter().map(|s| format!("{}: {}", s.name, outcome(&s.outcome))).collect()
}

/// The failed step's `(name, message, hint)`.
pub fn failure(report: &ProbeReport) -> (String, String, String) {
    let failed = report.steps.iter().find_map(|s| match &s.outcome {
        StepOutcome::Failed { message, hint, .. } => Some((s.name.clone(), message.clone(), hint.clone())),
        _ => None,
    });
    failed.unwrap_or_else(|| panic!("nothing failed: {report:#?}"))
}

/// All files below a local folder, relative to it, sorted.
pub fn files(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for item in std::fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// Those of [`files`] that are temporary.
pub fn temporary_files(folder: &std::path::Path) -> Vec<String> {
    let ours =
        |name: &String| name.strip_suffix(".part").and_then(|n| n.rsplit_once('.')).is_some_and(|(_, a)| a.len() == 8);
    files(folder).into_iter().filter(ours).collect()
}
