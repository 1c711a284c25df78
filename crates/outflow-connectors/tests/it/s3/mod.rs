//! The S3 connector against moto, rclone, a fault proxy and a store of the tests' own that misbehaves on demand.

mod conformance;
mod errors;
pub mod fake;
mod faults;
mod names;
mod probe;
mod rights;
mod role;
mod round_trip;
mod staging;
mod sweep;
mod unclear;
mod verification;

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use outflow_connector_kit::{
    Chunk, Connector, Erased, Fault, JournalEntry, MemoryJournal, NameRule, PartBody, PartRequest, Receipt,
    RetryPolicy, Session, SessionContext, StagedPart,
};
use outflow_connectors::s3::S3;
use serde_json::{Value, json};

pub const MIB: usize = 1024 * 1024;

/// A store under test: account and the bucket that may be written.
#[derive(Clone)]
pub struct Place {
    pub account: Value,
    pub target: Value,
}

impl Place {
    pub fn with(mut self, field: &str, value: &str) -> Place {
        self.account[field] = json!(value);
        self
    }

    pub fn bucket(mut self, bucket: &str) -> Place {
        self.target["bucketName"] = json!(bucket);
        self
    }

    /// The same store in a folder of its own, so that tests do not meet.
    pub fn folder(mut self, folder: &str) -> Place {
        self.target["path"] = json!(format!("{folder}-{}", unique()));
        self
    }

    pub async fn open_with(&self, context: SessionContext) -> Result<Box<dyn Session>, Fault> {
        Erased(S3).open(&self.account, &self.target, context).await
    }

    pub async fn open(&self) -> Box<dyn Session> {
        self.open_with(context()).await.unwrap()
    }
}

/// What the test runner says of a server.
pub fn server(variable: &str) -> Value {
    crate::support::environment(variable)
}

pub fn place(endpoint: &str, key: &Value) -> Place {
    Place {
        account: json!({
            "s3AccessKey": key["accessKeyId"], "s3SecretKey": key["secretAccessKey"], "endpoint": endpoint,
        }),
        target: json!({"bucketName": "exports"}),
    }
}

pub fn moto(user: &str) -> Place {
    let server = server("OUTFLOW_TEST_MOTO");
    place(server["endpoint"].as_str().unwrap(), &server[user])
}

pub fn rclone() -> Place {
    let server = server("OUTFLOW_TEST_RCLONE");
    place(server["endpoint"].as_str().unwrap(), &server)
}

pub fn unique() -> String {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let nanos = crate::support::clock()().timestamp_nanos_opt().unwrap();
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{:08x}", (nanos as u64 ^ (next << 40)) as u32)
}

pub fn context() -> SessionContext {
    with_journal(Arc::default())
}

pub fn with_journal(journal: Arc<MemoryJournal>) -> SessionContext {
    SessionContext {
        attempt: unique(),
        journal,
        clock: crate::support::clock(),
        retry: RetryPolicy {
            attempts_max: 4,
            delay_initial: Duration::from_millis(20),
            delay_max: Duration::from_millis(200),
        },
        seed: 7,
        buffer_bytes_max: 96 * MIB as u64,
    }
}

/// Content that differs from byte to byte and from `seed` to `seed`.
pub fn content(bytes: usize, seed: u64) -> Bytes {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut out = Vec::with_capacity(bytes + 8);
    while out.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(bytes);
    Bytes::from(out)
}

pub fn sha256(content: &[u8]) -> [u8; 32] {
    digest(&SHA256, content).as_ref().try_into().unwrap()
}

pub fn request(name: &str, rule: NameRule, bytes: usize) -> PartRequest {
    PartRequest {
        name: name.into(),
        name_rule: rule,
        bytes_upper_bound: Some(bytes as u64),
        content_type: "text/csv".into(),
        run_id: "run-1".into(),
    }
}

/// A body of pieces of about 1 MB. Without `whole` it closes where its end should be told.
pub fn body(content: Bytes, whole: bool) -> PartBody {
    let (sender, receiver) = tokio::sync::mpsc::channel(2);
    tokio::spawn(async move {
        let end = Chunk::End { bytes: content.len() as u64, sha256: sha256(&content) };
        for at in (0..content.len()).step_by(1_000_003) {
            let piece = content.slice(at..content.len().min(at + 1_000_003));
            if sender.send(Chunk::Data(piece)).await.is_err() {
                return;
            }
        }
        if whole {
            drop(sender.send(end).await);
        }
    });
    receiver
}

pub async fn stage(session: &dyn Session, name: &str, rule: NameRule, content: &Bytes) -> Result<StagedPart, Fault> {
    session.stage(request(name, rule, content.len()), body(content.clone(), true)).await
}

pub async fn deliver(session: &dyn Session, name: &str, rule: NameRule, content: &Bytes) -> Result<Receipt, Fault> {
    session.publish(stage(session, name, rule, content).await?).await
}

pub async fn read(session: &dyn Session, name: &str) -> Vec<u8> {
    let mut reader = session.read(name).await.unwrap();
    let mut out = Vec::new();
    while let Some(piece) = reader.next().await.unwrap() {
        assert!(!piece.is_empty() && piece.len() <= 4 * MIB);
        out.extend_from_slice(&piece);
    }
    out
}

/// How many unfinished uploads a listing shows under `names`. They are removed by looking.
pub async fn uploads_left(place: &Place, names: &[&str]) -> u64 {
    let session = place.open().await;
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let report = session.sweep(&names).await.unwrap();
    assert!(report.advice.is_empty(), "{:?}", report.advice);
    report.removed
}

/// What a journal still holds.
pub fn entries(journal: &MemoryJournal, target: &str) -> Vec<JournalEntry> {
    outflow_connector_kit::Journal::orphans(journal, target).unwrap()
}
