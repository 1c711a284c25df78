//! Several objects staged at once with little memory.

use outflow_connector_kit::{Chunk, NameRule, PartBody, Session, SessionContext};
use tokio::sync::mpsc;

use super::fake::{Knobs, store};
use super::{MIB, content, context, read, request, sha256};

/// The content of several files by one producer that goes round: it is stuck on one until that one moves, and so are all.
fn round_robin(contents: Vec<bytes::Bytes>) -> Vec<PartBody> {
    let (senders, bodies): (Vec<_>, Vec<_>) = contents.iter().map(|_| mpsc::channel(4)).unzip();
    tokio::spawn(async move {
        let longest = contents.iter().map(bytes::Bytes::len).max().unwrap_or_default();
        for at in (0..longest).step_by(MIB) {
            for (content, sender) in contents.iter().zip(&senders) {
                if at < content.len() {
                    let piece = content.slice(at..content.len().min(at + MIB));
                    sender.send(Chunk::Data(piece)).await.unwrap();
                }
            }
        }
        for (content, sender) in contents.iter().zip(&senders) {
            let end = Chunk::End { bytes: content.len() as u64, sha256: sha256(content) };
            sender.send(end).await.unwrap();
        }
    });
    bodies
}

async fn staged_at_once(session: &dyn Session, files: usize) {
    let contents: Vec<_> = (0..files).map(|i| content(21 * MIB + i, i as u64)).collect();
    let stages = round_robin(contents.clone())
        .into_iter()
        .enumerate()
        .map(|(i, body)| session.stage(request(&format!("{files}_{i}.csv"), NameRule::Replace, 21 * MIB), body));
    for part in futures_util::future::join_all(stages).await {
        session.publish(part.unwrap()).await.unwrap();
    }
    for (i, content) in contents.iter().enumerate() {
        assert!(read(session, &format!("{files}_{i}.csv")).await == *content);
    }
}

/// A failure of this test is that it does not end.
#[tokio::test(flavor = "multi_thread")]
async fn files_whose_contents_come_by_turns_do_not_wait_for_each_other() {
    let (place, _) = store(Knobs::default()).await;
    for buffer_mib in [1, 12, 20, 40] {
        let session =
            place.open_with(SessionContext { buffer_bytes_max: buffer_mib << 20, ..context() }).await.unwrap();
        for files in [1, 2, 3, 7] {
            staged_at_once(&*session, files).await;
        }
    }
}
