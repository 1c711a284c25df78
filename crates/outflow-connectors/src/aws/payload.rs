//! What a request carries: pieces of content, passed on without copying.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use md5::{Digest as _, Md5};
use tokio::time::Instant;

/// A frame handed to the socket has at most this many bytes, so that progress shows on slow lines.
const FRAME_BYTES_MAX: usize = 256 * 1024;

/// Content in order. Cloning shares it, so a request can be sent again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Payload {
    pieces: Arc<[Bytes]>,
    length: u64,
}

impl Payload {
    pub(crate) fn new(pieces: Vec<Bytes>) -> Payload {
        let length = pieces.iter().map(|p| p.len() as u64).sum();
        Payload { pieces: pieces.into(), length }
    }

    /// Length in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// CRC-32 (IEEE), as `x-amz-checksum-crc32` means it.
    pub(crate) async fn crc32(&self) -> u32 {
        let mut hasher = crc32fast::Hasher::new();
        self.each(|piece| hasher.update(piece)).await;
        hasher.finalize()
    }

    /// MD5, which is what entity tags of unencrypted objects are.
    pub(crate) async fn md5(&self) -> [u8; 16] {
        let mut hasher = Md5::new();
        self.each(|piece| hasher.update(piece)).await;
        hasher.finalize().into()
    }

    /// SHA-256, which signs a payload.
    pub(crate) async fn sha256(&self) -> [u8; 32] {
        let mut context = Context::new(&SHA256);
        self.each(|piece| context.update(piece)).await;
        let mut out = [0; 32];
        out.copy_from_slice(context.finish().as_ref());
        out
    }

    /// Hashing a large part takes long enough that other tasks of the thread get a turn between pieces.
    async fn each(&self, mut take: impl FnMut(&[u8])) {
        for piece in self.pieces.iter() {
            take(piece);
            tokio::task::yield_now().await;
        }
    }

    /// The content as a request body that notes on `progress` whenever the socket takes a frame.
    pub(crate) fn body(&self, progress: &Progress) -> reqwest::Body {
        if self.length == 0 {
            return reqwest::Body::from(Bytes::new());
        }
        let progress = progress.clone();
        let frames = (0..self.pieces.len()).map({
            let pieces = Arc::clone(&self.pieces);
            move |i| pieces[i].clone()
        });
        let frames = frames.flat_map(|piece: Bytes| {
            (0..piece.len())
                .step_by(FRAME_BYTES_MAX)
                .map(move |at| piece.slice(at..piece.len().min(at + FRAME_BYTES_MAX)))
        });
        let frames = frames.map(move |frame| {
            progress.note();
            Ok::<Bytes, std::convert::Infallible>(frame)
        });
        reqwest::Body::wrap_stream(futures_util::stream::iter(frames))
    }
}

/// When a transfer last moved.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Mutex<Instant>>);

impl Progress {
    pub(crate) fn new() -> Progress {
        Progress(Arc::new(Mutex::new(Instant::now())))
    }

    pub(crate) fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does `work`, or answers `None` when nothing moved for `idle_max`.
    pub(crate) async fn watch<T>(&self, idle_max: Duration, work: impl Future<Output = T>) -> Option<T> {
        tokio::pin!(work);
        loop {
            let deadline = self.last() + idle_max;
            tokio::select! {
                done = &mut work => return Some(done),
                () = tokio::time::sleep_until(deadline) => {
                    if self.last() + idle_max <= deadline {
                        return None;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::encode::hex;

    #[tokio::test]
    async fn hashes_do_not_depend_on_how_content_is_cut() {
        let whole = Payload::new(vec![Bytes::from_static(b"123456789")]);
        let cut = Payload::new(vec![Bytes::from_static(b"1234"), Bytes::from_static(b"56789")]);
        assert_eq!(whole.crc32().await, 0xCBF4_3926);
        assert_eq!(cut.crc32().await, 0xCBF4_3926);
        assert_eq!(hex(&cut.md5().await), "25f9e794323b453885f5181f1b624d0b");
        assert_eq!(hex(&cut.sha256().await), "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
        assert_eq!(cut.length(), 9);
    }

    #[tokio::test]
    async fn a_transfer_that_moves_is_not_idle() {
        let progress = Progress::new();
        let step = Duration::from_millis(50);
        let moving = async {
            for _ in 0..10 {
                tokio::time::sleep(step).await;
                progress.note();
            }
        };
        assert!(progress.watch(step * 4, moving).await.is_some());
        assert!(progress.watch(step * 4, std::future::pending::<()>()).await.is_none());
    }
}
