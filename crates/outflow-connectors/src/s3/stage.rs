//! Staging: content arrives in pieces of any size and leaves as parts of one size.

use std::sync::Arc;

use bytes::Bytes;
use outflow_connector_kit::{Chunk, Fault, FaultClass, PartBody, PartRequest, StagedPart};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};

use super::multipart::{self, PARTS_MAX, PartDone};
use super::object::ObjectMeta;
use super::upload::{Upload, UploadContext};
use crate::aws::payload::Payload;

const MIB: u64 = 1024 * 1024;

/// No part but the last is smaller, in bytes. S3 asks for 5 MiB; fewer and larger requests cost less.
const PART_BYTES_MIN: u64 = 8 * MIB;

/// Part size in bytes when nothing is known of the content's length: reaches 156 GiB, where the buffers hold two.
const PART_BYTES_UNKNOWN: u64 = 16 * MIB;

/// S3's limit for an object, in bytes.
pub(super) const OBJECT_BYTES_MAX: u64 = 5 * 1024 * 1024 * MIB;

/// Parts of one object sent at once, at most; the buffers may allow fewer. More do not help a line that these fill.
const PARTS_IN_FLIGHT_MAX: usize = 4;

/// Content of at most this many bytes, over all staged objects of a session, is held and sent whole when published.
const HELD_BYTES_MAX: u64 = 16 * MIB;

/// Memory is counted in units of this many bytes, so that a semaphore can count it.
const UNIT_BYTES: u64 = 64 * 1024;

/// What a session may keep in memory.
///
/// **No stage waits for another one's content.** The producer of several objects may be stuck on one of them until
/// another moves (its threads write to both), so a stage that waits for memory must get it without that. A stage
/// *reserves* one part when it begins and keeps the reservation to its end; reservations never exceed the memory for
/// parts. Whoever has reserved may wait for memory: of what the others hold, all but the one part each that is filling is
/// on its way to the store, and comes back with the store's answer or the end of the tries. So what is left is at least
/// the waiting stage's reservation, and who came first gets it first. A stage that finds nothing to reserve does not
/// wait at all: it has one part of its own beyond the bound, and fills it again when the store has it. Two stages always
/// find their reservations, and a run has no more than two parts on their way.
pub(super) struct Buffers {
    /// For parts that fill up or are on their way.
    parts: Arc<Semaphore>,
    parts_bytes: u64,
    /// One part of each stage that may wait for memory.
    reserved: Arc<Semaphore>,
    /// For small objects that wait for publication.
    held: Arc<Semaphore>,
}

impl Buffers {
    /// Divides `buffer_bytes_max`: four fifths for parts, but never less than two of the smallest.
    pub(super) fn new(buffer_bytes_max: u64) -> Buffers {
        let held_bytes = HELD_BYTES_MAX.min(buffer_bytes_max / 5);
        let parts_bytes = (buffer_bytes_max - held_bytes).max(2 * PART_BYTES_MIN);
        Buffers {
            parts: Arc::new(Semaphore::new(units(parts_bytes) as usize)),
            parts_bytes,
            reserved: Arc::new(Semaphore::new(units(parts_bytes) as usize)),
            held: Arc::new(Semaphore::new(units(held_bytes) as usize)),
        }
    }

    /// The right to wait for parts of this many bytes; `None` where others have it all.
    fn reserve(&self, part_bytes: u64) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.reserved).try_acquire_many_owned(units(part_bytes)).ok()
    }

    /// Memory for a part. Waits, so only for a stage that has reserved.
    async fn part(&self, bytes: u64) -> Result<OwnedSemaphorePermit, Fault> {
        let permit = Arc::clone(&self.parts).acquire_many_owned(units(bytes)).await;
        permit.map_err(|e| Fault::internal("the part buffers are closed").because(e))
    }
}

fn units(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT_BYTES)).unwrap_or(u32::MAX)
}

/// How an object is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PartPlan {
    part_bytes: u64,
    in_flight_max: usize,
}

impl PartPlan {
    /// Equal parts, as some stores ask for, large enough that 10,000 of them reach the bound, and small enough that at
    /// least two fit the buffers: one fills while one is sent.
    fn new(bytes_upper_bound: Option<u64>, parts_bytes: u64) -> PartPlan {
        let wanted = match bytes_upper_bound {
            Some(bound) => bound.min(OBJECT_BYTES_MAX).div_ceil(PARTS_MAX).next_multiple_of(MIB),
            None => PART_BYTES_UNKNOWN,
        };
        let cap = parts_bytes / 2 / MIB * MIB;
        let part_bytes = wanted.clamp(PART_BYTES_MIN, cap);
        let fit = usize::try_from(parts_bytes / part_bytes).unwrap_or(usize::MAX).saturating_sub(1);
        PartPlan { part_bytes, in_flight_max: fit.clamp(1, PARTS_IN_FLIGHT_MAX) }
    }

    /// The longest object that it reaches.
    fn bytes_max(self) -> u64 {
        (self.part_bytes * PARTS_MAX).min(OBJECT_BYTES_MAX)
    }
}

/// What a staged part of this connector is.
pub(super) enum Staged {
    /// Small content, kept until it is published by a single request.
    Held { payload: Payload, _memory: OwnedSemaphorePermit },
    /// An upload whose parts are all at the store.
    Uploaded { upload: Upload, parts: Vec<PartDone> },
}

/// Takes `body` to the store, or into memory when it is small. Any fault leaves nothing at the store.
pub(super) async fn stage(
    context: &Arc<UploadContext>,
    buffers: &Buffers,
    key: &str,
    request: PartRequest,
    body: PartBody,
) -> Result<StagedPart, Fault> {
    let plan = PartPlan::new(request.bytes_upper_bound, buffers.parts_bytes);
    let mut staging = Staging {
        context,
        buffers,
        key,
        plan,
        reserved: buffers.reserve(plan.part_bytes),
        filling: Filling::default(),
        upload: None,
        sending: JoinSet::new(),
        done: Vec::new(),
        parts_begun: 0,
        bytes: 0,
    };
    match staging.run(&request, body).await {
        Ok((sha256, state)) => {
            let bytes = staging.bytes;
            Ok(StagedPart { request, bytes, sha256, state: Box::new(state) })
        }
        Err(fault) => {
            staging.abandon().await;
            Err(fault)
        }
    }
}

#[derive(Default)]
struct Filling {
    pieces: Vec<Bytes>,
    bytes: u64,
    /// `None` while it is empty, and for the part of a stage that has not reserved.
    memory: Option<OwnedSemaphorePermit>,
}

struct Staging<'a> {
    context: &'a Arc<UploadContext>,
    buffers: &'a Buffers,
    key: &'a str,
    plan: PartPlan,
    reserved: Option<OwnedSemaphorePermit>,
    filling: Filling,
    upload: Option<Upload>,
    sending: JoinSet<Result<PartDone, Fault>>,
    done: Vec<PartDone>,
    parts_begun: u64,
    bytes: u64,
}

impl Staging<'_> {
    async fn run(&mut self, request: &PartRequest, mut body: PartBody) -> Result<([u8; 32], Staged), Fault> {
        loop {
            let chunk = tokio::select! {
                chunk = body.recv() => chunk,
                // A part that fails ends the stage at once, not only when the next one is full.
                Some(sent) = self.sending.join_next() => {
                    self.note(sent)?;
                    continue;
                }
            };
            match chunk {
                Some(Chunk::Data(data)) => self.take(request, data).await?,
                Some(Chunk::End { bytes, sha256 }) if bytes == self.bytes => {
                    return Ok((sha256, self.finish(request).await?));
                }
                Some(Chunk::End { bytes, .. }) => {
                    let got = self.bytes;
                    let message = format!("the content of {} was to have {bytes} bytes and had {got}", request.name);
                    return Err(Fault::internal(message));
                }
                None => {
                    let message = format!("the content of {} ended before it was whole", request.name);
                    return Err(Fault::new(FaultClass::Interrupted, message).hint("Run again."));
                }
            }
        }
    }

    async fn take(&mut self, request: &PartRequest, mut data: Bytes) -> Result<(), Fault> {
        self.bytes += data.len() as u64;
        if self.bytes > self.plan.bytes_max() {
            return Err(self.too_long(request));
        }
        while !data.is_empty() {
            if self.filling.bytes == 0 {
                self.make_room().await?;
            }
            let room = usize::try_from(self.plan.part_bytes - self.filling.bytes).unwrap_or(usize::MAX);
            let piece = data.split_to(room.min(data.len()));
            self.filling.bytes += piece.len() as u64;
            self.filling.pieces.push(piece);
            if self.filling.bytes == self.plan.part_bytes {
                self.send(request).await?;
            }
        }
        Ok(())
    }

    /// Gets the memory of the next part.
    async fn make_room(&mut self) -> Result<(), Fault> {
        if self.reserved.is_some() {
            self.filling.memory = Some(self.buffers.part(self.plan.part_bytes).await?);
            return Ok(());
        }
        while let Some(sent) = self.sending.join_next().await {
            self.note(sent)?;
        }
        Ok(())
    }

    fn too_long(&self, request: &PartRequest) -> Fault {
        let (part_mib, reach) = (self.plan.part_bytes / MIB, self.plan.bytes_max());
        let gib = reach / MIB / 1024;
        if reach == OBJECT_BYTES_MAX {
            return Fault::input(format!("{} is longer than an S3 object may be: 5 TiB", request.name))
                .hint("Set a limit of rows per file, so that the export is split.");
        }
        let message = format!(
            "{} is longer than {gib} GiB, which is what {PARTS_MAX} parts of {part_mib} MiB hold",
            request.name
        );
        Fault::new(FaultClass::Config, message)
            .hint("Set a limit of rows per file, so that the export is split, or allow larger upload buffers.")
    }

    /// Sends what has filled up as the next part.
    async fn send(&mut self, request: &PartRequest) -> Result<(), Fault> {
        while self.sending.len() >= self.plan.in_flight_max {
            if let Some(sent) = self.sending.join_next().await {
                self.note(sent)?;
            }
        }
        let meta = ObjectMeta { content_type: &request.content_type, run_id: &request.run_id };
        let upload_id = match &self.upload {
            Some(upload) => upload.id().to_owned(),
            None => self.upload.insert(Upload::begin(self.context, self.key, &meta).await?).id().to_owned(),
        };
        let filled = std::mem::take(&mut self.filling);
        self.parts_begun += 1;
        let (client, key, number) = (self.context.client.clone(), self.key.to_owned(), self.parts_begun);
        self.sending.spawn(async move {
            let payload = Payload::new(filled.pieces);
            let sent = multipart::upload_part(&client, &key, &upload_id, number, &payload).await;
            drop((payload, filled.memory));
            sent.map_err(Fault::from)
        });
        Ok(())
    }

    fn note(&mut self, sent: Result<Result<PartDone, Fault>, JoinError>) -> Result<(), Fault> {
        self.done.push(sent.map_err(|e| Fault::internal("sending a part broke off").because(e))??);
        Ok(())
    }

    async fn finish(&mut self, request: &PartRequest) -> Result<Staged, Fault> {
        if self.upload.is_none() {
            let held = Arc::clone(&self.buffers.held).try_acquire_many_owned(units(self.filling.bytes));
            if let Ok(memory) = held {
                let filled = std::mem::take(&mut self.filling);
                return Ok(Staged::Held { payload: Payload::new(filled.pieces), _memory: memory });
            }
        }
        if self.filling.bytes > 0 {
            self.send(request).await?;
        }
        while let Some(sent) = self.sending.join_next().await {
            self.note(sent)?;
        }
        let mut parts = std::mem::take(&mut self.done);
        parts.sort_unstable_by_key(|part| part.number);
        match self.upload.take() {
            Some(upload) if parts.len() as u64 == self.parts_begun => Ok(Staged::Uploaded { upload, parts }),
            upload => {
                self.upload = upload;
                Err(Fault::internal("an upload lacks a part"))
            }
        }
    }

    /// Leaves nothing at the store: first no part is on its way any more, then the upload is given up.
    async fn abandon(mut self) {
        self.sending.shutdown().await;
        if let Some(upload) = self.upload.take() {
            let key = upload.key().to_owned();
            if let Err(fault) = upload.abort().await {
                tracing::warn!(key, %fault, "an upload remains until the next sweep");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_equal_and_reach_the_bound() {
        let plenty = 2 * 1024 * MIB;
        assert_eq!(PartPlan::new(Some(1), plenty), PartPlan { part_bytes: 8 * MIB, in_flight_max: 4 });
        let large = PartPlan::new(Some(200 * 1024 * MIB), plenty);
        assert_eq!(large.part_bytes, 21 * MIB);
        assert!(large.bytes_max() >= 200 * 1024 * MIB);
        let largest = PartPlan::new(Some(u64::MAX), plenty);
        assert_eq!((largest.part_bytes, largest.bytes_max()), (525 * MIB, OBJECT_BYTES_MAX));
        assert_eq!(PartPlan::new(None, plenty).part_bytes, PART_BYTES_UNKNOWN);
    }

    #[test]
    fn parts_fit_the_buffers() {
        for buffer_mib in [1, 8, 16, 24, 64, 100, 512, 4096] {
            let buffers = Buffers::new(buffer_mib * MIB);
            for bound in [None, Some(0), Some(1 << 30), Some(1 << 40), Some(u64::MAX)] {
                let plan = PartPlan::new(bound, buffers.parts_bytes);
                let used = plan.part_bytes * (plan.in_flight_max as u64 + 1);
                assert!(used <= buffers.parts_bytes, "{buffer_mib} MiB, {bound:?}: {plan:?}");
                // Two objects of a run can be staged at once, and neither waits for the other.
                assert!(
                    buffers.reserve(plan.part_bytes).is_some_and(|_first| buffers.reserve(plan.part_bytes).is_some())
                );
            }
        }
    }

    #[test]
    fn a_runs_buffers_give_what_the_documents_say() {
        // The most and the least that the program gives, and what ARCHITECTURE.md tells of them.
        let usual = Buffers::new(40 * MIB);
        assert_eq!((usual.parts_bytes / MIB, usual.held.available_permits() as u64 * UNIT_BYTES / MIB), (32, 8));
        assert_eq!(PartPlan::new(Some(1), usual.parts_bytes), PartPlan { part_bytes: 8 * MIB, in_flight_max: 3 });
        let largest = PartPlan::new(Some(u64::MAX), usual.parts_bytes);
        assert_eq!(
            (largest, largest.bytes_max() / MIB / 1024),
            (PartPlan { part_bytes: 16 * MIB, in_flight_max: 1 }, 156)
        );
        let least = Buffers::new(20 * MIB);
        assert_eq!((least.parts_bytes / MIB, least.held.available_permits() as u64 * UNIT_BYTES / MIB), (16, 4));
        assert_eq!(PartPlan::new(None, least.parts_bytes), PartPlan { part_bytes: 8 * MIB, in_flight_max: 1 });
    }
}
