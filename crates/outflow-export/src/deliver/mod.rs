//! Delivery: parts are staged while they are produced, and published only when all of them are whole.

mod body;
mod verify;

use std::sync::Arc;
use std::time::Duration;

use outflow_connector_kit::{Chunk, Evidence, NameRule, PartRequest, Session, StagedPart};
use outflow_model::{Fault, FaultClass};
use serde::Serialize;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use body::Body;
pub(crate) use verify::mismatch;
pub use verify::{Checked, FileSource, read_manifest, verify_files};

use crate::departures::DeparturesFile;
use crate::progress::{Progress, interrupted};

/// Pieces on their way from the encoders to one part's connector. A piece is at most a few MiB; four keep the connector
/// busy while the next is made.
const BODY_PIECES: usize = 4;

/// Parts that are sent at the same time: while one waits for its last answers the next is under way.
const PARTS_IN_FLIGHT: usize = 2;

/// How long a target may take, once the run is to stop, to answer what is under way or to remove what is staged. A target
/// that works needs a fraction of it; nobody waits longer for one that does not. What stays is in the journal, and the
/// next run removes it.
const STOP_GRACE: Duration = Duration::from_secs(10);

/// A file at the far end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeliveredFile {
    /// Where it is, in the form of the target.
    pub url: String,
    /// Rows, the header not counted.
    pub rows: u64,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Path below the target.
    #[serde(skip)]
    pub name: String,
    /// How delivery was verified.
    #[serde(skip)]
    pub evidence: Evidence,
    /// Equal bytes were there already.
    #[serde(skip)]
    pub adopted: bool,
    /// Who left with it, where that is kept.
    #[serde(skip)]
    pub departures: Option<DeparturesFile>,
}

/// What all parts of a run have in common.
pub(crate) struct Envelope {
    pub name_rule: NameRule,
    pub content_type: String,
    pub run_id: String,
    pub bytes_upper_bound: Option<u64>,
}

/// The parts of a run on their way.
pub(crate) struct Delivery {
    session: Arc<dyn Session>,
    runtime: Handle,
    envelope: Envelope,
    staging: Vec<Staging>,
    stop: CancellationToken,
    begun: usize,
}

enum Staging {
    Running(JoinHandle<Result<StagedPart, Fault>>),
    Done(StagedPart),
    Failed,
}

impl Delivery {
    /// Delivery through `session`, until somebody asks `progress` to stop.
    pub fn new(session: Arc<dyn Session>, runtime: Handle, envelope: Envelope, progress: &Progress) -> Delivery {
        Delivery { session, runtime, envelope, staging: Vec::new(), stop: progress.stop(), begun: 0 }
    }

    /// Begins to send a part called `name`. Waits while two are under way already.
    pub fn open(&mut self, name: String) -> Result<Body, Fault> {
        let running = |s: &Staging| matches!(s, Staging::Running(_));
        while self.staging.iter().filter(|s| running(s)).count() >= PARTS_IN_FLIGHT {
            let oldest = self.staging.iter().position(running).unwrap_or_default();
            self.wait(oldest)?;
        }
        let (sender, made) = mpsc::channel(BODY_PIECES - 1);
        let (onward, body) = mpsc::channel(1);
        self.runtime.spawn(body::pass_on(made, onward, self.stop.clone()));
        let request = PartRequest {
            name,
            name_rule: self.envelope.name_rule,
            bytes_upper_bound: self.envelope.bytes_upper_bound,
            content_type: self.envelope.content_type.clone(),
            run_id: self.envelope.run_id.clone(),
        };
        let (session, stop) = (Arc::clone(&self.session), self.stop.clone());
        let staged = async move { within_grace(&stop, session.stage(request, body)).await };
        self.staging.push(Staging::Running(self.runtime.spawn(staged)));
        Ok(Body::new(sender, self.stop.clone(), self.runtime.clone()))
    }

    fn wait(&mut self, index: usize) -> Result<(), Fault> {
        let Staging::Running(task) = &mut self.staging[index] else { return Ok(()) };
        let ended = self.runtime.block_on(task);
        self.staging[index] = Staging::Failed;
        let part = ended.map_err(|e| Fault::internal("a delivery task died").because(e))??;
        self.staging[index] = Staging::Done(part);
        Ok(())
    }

    /// Waits until every part is whole at the far end.
    pub fn wait_all(&mut self) -> Result<(), Fault> {
        (0..self.staging.len()).try_for_each(|index| self.wait(index))
    }

    /// The names of the parts that are staged, in order.
    pub fn staged(&self) -> impl Iterator<Item = &str> {
        self.staging.iter().filter_map(|staging| match staging {
            Staging::Done(part) => Some(part.request.name.as_str()),
            Staging::Running(_) | Staging::Failed => None,
        })
    }

    /// Parts that the far end was asked to make visible, the first ones; no other can be.
    pub fn begun(&self) -> usize {
        self.begun
    }

    /// Makes every part visible, in order, and adds each to `delivered` as it becomes so. All must be staged. `check`
    /// says, before each, whether to go on.
    pub fn publish(
        &mut self,
        rows: &[u64],
        delivered: &mut Vec<DeliveredFile>,
        check: &dyn Fn() -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut parts = std::mem::take(&mut self.staging).into_iter();
        for &rows_of_part in rows {
            if let Err(fault) = check() {
                self.staging = parts.collect();
                return Err(if delivered.is_empty() { fault } else { some_are_visible(delivered.len(), rows.len()) });
            }
            let Some(Staging::Done(part)) = parts.next() else { return Err(Fault::internal("a part was not staged")) };
            let (name, sha256) = (part.request.name.clone(), crate::plan::hex(&part.sha256));
            self.begun += 1;
            match self.runtime.block_on(within_grace(&self.stop, self.session.publish(part))) {
                Ok(receipt) => delivered.push(DeliveredFile {
                    url: receipt.url,
                    rows: rows_of_part,
                    bytes: receipt.bytes,
                    sha256,
                    name: receipt.name,
                    evidence: receipt.evidence,
                    adopted: receipt.adopted,
                    departures: None,
                }),
                Err(fault) => {
                    self.staging = parts.collect();
                    return Err(match fault.class {
                        FaultClass::Interrupted => {
                            may_be_visible(&self.session.url(&name), delivered.len(), rows.len())
                        }
                        _ => fault,
                    });
                }
            }
        }
        Ok(())
    }

    /// Removes what is staged, and answers the first fault that a sending part met. Nothing becomes visible.
    pub fn abandon(mut self) -> Option<Fault> {
        let mut first = None;
        for index in 0..self.staging.len() {
            if let Err(fault) = self.wait(index) {
                first.get_or_insert(fault);
            }
        }
        let (mut left, mut is_away) = (0, false);
        for staging in self.staging {
            let Staging::Done(part) = staging else { continue };
            // Each part would wait for a target that is away as long as the first one did; the journal knows them all.
            if is_away {
                left += 1;
            } else if let Err(fault) = self.runtime.block_on(within_grace(&self.stop, self.session.discard(part))) {
                is_away = fault.class.is_transient() || fault.class == FaultClass::Interrupted;
                left += 1;
            }
        }
        if left > 0 {
            tracing::warn!(parts = left, "staged parts could not be removed; the next run removes them");
        }
        first
    }
}

/// Does work that leaves something behind where it is dropped: once the run is to stop it has a while to end by itself.
async fn within_grace<T>(stop: &CancellationToken, work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    let overdue = async {
        stop.cancelled().await;
        tokio::time::sleep(STOP_GRACE).await;
    };
    tokio::select! {
        biased;
        done = work => done,
        () = overdue => Err(interrupted()),
    }
}

/// What is told of an interrupt between two files: each is whole, their set is not.
fn some_are_visible(visible: usize, of: usize) -> Fault {
    let what = format!("interrupted when {visible} of {of} files were visible, each of them whole");
    Fault::new(FaultClass::Interrupted, what).hint(ADOPTED)
}

/// What is told where the target did not say, in time, whether it made a file visible.
fn may_be_visible(url: &str, visible: usize, of: usize) -> Fault {
    let what = format!("interrupted when {visible} of {of} files were visible, each of them whole, and one may be");
    Fault::new(FaultClass::Interrupted, what).tried(format!("make {url} visible")).hint(ADOPTED)
}

const ADOPTED: &str =
    "run again with the same --now: the files that are there are adopted, and the manifest is written last";

/// Sends `content` as one part and publishes it: for the manifest.
pub(crate) fn deliver_whole(mut delivery: Delivery, name: String, content: Vec<u8>) -> Result<DeliveredFile, Fault> {
    let body = delivery.open(name)?;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &content);
    let mut sha256 = [0; 32];
    sha256.copy_from_slice(hash.as_ref());
    let bytes = content.len() as u64;
    let sent = body.send(Chunk::Data(content.into())).and_then(|()| body.send(Chunk::End { bytes, sha256 }));
    drop(body);
    let staged = delivery.wait_all();
    if sent.is_err() || staged.is_err() {
        let cut = || Fault::internal("a part ended before its content");
        let met = delivery.abandon();
        return Err(staged.err().or(met).unwrap_or_else(cut));
    }
    let mut delivered = Vec::new();
    delivery.publish(&[0], &mut delivered, &|| Ok(()))?;
    delivered.into_iter().next().ok_or_else(|| Fault::internal("a part vanished"))
}
