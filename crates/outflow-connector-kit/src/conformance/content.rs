//! Bytes to send, and the ways a producer sends them.

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use outflow_model::Fault;
use tokio::sync::mpsc;

use crate::session::{Chunk, NameRule, PartBody, PartRequest, Receipt, Session, StagedPart};

/// Pseudo-random bytes, the same for the same `seed`: a mixed-up order of pieces must show.
pub(super) fn bytes(length: usize, seed: u64) -> Bytes {
    let mut state = seed | 1;
    let words = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 32) as u32
    });
    let mut content: Vec<u8> = words.take(length.div_ceil(4)).flat_map(u32::to_le_bytes).collect();
    content.truncate(length);
    content.into()
}

/// How a body ends.
#[derive(Clone, Copy)]
pub(super) enum Ending {
    /// With its end mark.
    Whole,
    /// The channel closes without it.
    Cut,
    /// With an end mark that claims one byte more than came.
    TooShort,
}

/// A body that sends `content` in pieces of `piece_bytes` through a channel of two places.
pub(super) fn body(content: &Bytes, piece_bytes: usize, ending: Ending) -> PartBody {
    let (sender, body) = mpsc::channel(2);
    let mut rest = content.clone();
    let sha256 = sha256(content);
    let length = content.len() as u64;
    tokio::spawn(async move {
        while !rest.is_empty() {
            let piece = rest.split_to(piece_bytes.min(rest.len()));
            if sender.send(Chunk::Data(piece)).await.is_err() {
                return;
            }
        }
        let bytes = match ending {
            Ending::Whole => length,
            Ending::TooShort => length + 1,
            Ending::Cut => return,
        };
        // Nobody listens any more when the other side failed; the check sees that failure.
        let _ = sender.send(Chunk::End { bytes, sha256 }).await;
    });
    body
}

pub(super) fn sha256(content: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest(&SHA256, content).as_ref());
    sum
}

pub(super) fn request(name: &str, name_rule: NameRule, length: usize) -> PartRequest {
    PartRequest {
        name: name.to_owned(),
        name_rule,
        bytes_upper_bound: Some(length as u64 + 1),
        content_type: "text/csv".to_owned(),
        run_id: "conformance".to_owned(),
    }
}

/// Stages `content` whole under `name`.
pub(super) async fn stage(
    session: &dyn Session,
    name: &str,
    name_rule: NameRule,
    content: &Bytes,
) -> Result<StagedPart, Fault> {
    session.stage(request(name, name_rule, content.len()), body(content, 1 << 20, Ending::Whole)).await
}

/// Stages and publishes.
pub(super) async fn put(
    session: &dyn Session,
    name: &str,
    name_rule: NameRule,
    content: &Bytes,
) -> Result<Receipt, Fault> {
    let part = stage(session, name, name_rule, content).await?;
    session.publish(part).await
}

/// The whole content of `name`.
pub(super) async fn read(session: &dyn Session, name: &str) -> Result<Vec<u8>, Fault> {
    let mut reader = session.read(name).await?;
    let mut content = Vec::new();
    while let Some(piece) = reader.next().await? {
        assert!(piece.len() <= 4 << 20, "a piece of {} bytes", piece.len());
        content.extend_from_slice(&piece);
    }
    Ok(content)
}

/// Asserts that `name` holds `content`, without printing megabytes when it does not.
pub(super) async fn assert_holds(session: &dyn Session, name: &str, content: &[u8]) {
    let found = super::must(&format!("reading {name}"), read(session, name).await);
    assert_eq!(found.len(), content.len(), "length of {name}");
    assert!(found == content, "{name} holds other bytes than were sent");
}
