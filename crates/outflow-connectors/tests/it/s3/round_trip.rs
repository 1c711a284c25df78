//! What goes in comes out, once and whole.

use bytes::Bytes;
use outflow_connector_kit::{Evidence, FaultClass, NameRule};

use super::fake::{Knobs, store};
use super::{MIB, Place, content, deliver, entries, moto, rclone, read, request, stage, uploads_left, with_journal};

async fn sizes_come_back(place: Place, evidence: &[Evidence]) {
    let place = place.folder("sizes");
    let session = place.open().await;
    for bytes in [0, 1, 8 * MIB - 1, 8 * MIB, 8 * MIB + 1, 40 * MIB] {
        let name = format!("size-{bytes}.csv");
        let sent = content(bytes, bytes as u64);
        let receipt = deliver(&*session, &name, NameRule::Replace, &sent).await.unwrap();
        assert_eq!((receipt.bytes, receipt.adopted, receipt.name.as_str()), (bytes as u64, false, name.as_str()));
        assert!(evidence.contains(&receipt.evidence), "{bytes}: {:?}", receipt.evidence);
        assert_eq!(receipt.url, session.url(&name));
        assert_eq!(session.stat(&name).await.unwrap().unwrap().bytes, bytes as u64);
        assert!(read(&*session, &name).await == sent, "{bytes} bytes came back different");
    }
    let mut listed: Vec<u64> = session.list("").await.unwrap().into_iter().map(|(_, stat)| stat.bytes).collect();
    listed.sort_unstable();
    assert_eq!(listed.len(), 6);
    assert_eq!(listed.last(), Some(&(40 * MIB as u64)));
    assert!(session.stat("missing.csv").await.unwrap().is_none());
    assert_eq!(session.read("missing.csv").await.err().unwrap().class, FaultClass::Input);
    session.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_come_back_from_moto() {
    sizes_come_back(moto("writer"), &[Evidence::Checksum, Evidence::ETag]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sizes_come_back_from_rclone() {
    sizes_come_back(rclone(), &[Evidence::ETag]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_are_exact() {
    for place in [moto("writer"), rclone()] {
        let session = place.folder("ranges").open().await;
        let sent = content(3 * MIB + 17, 3);
        deliver(&*session, "r.bin", NameRule::Replace, &sent).await.unwrap();
        for (offset, length) in [(0, 1), (5, 100), (MIB, 2 * MIB), (3 * MIB + 16, 1), (7, 0)] {
            let got = session.read_range("r.bin", offset as u64, length as u64).await.unwrap();
            assert!(got == sent.slice(offset..offset + length), "{offset}+{length}");
        }
        let beyond = session.read_range("r.bin", 3 * MIB as u64, 100).await.unwrap_err();
        assert_eq!(beyond.class, FaultClass::Input);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_bytes_are_adopted_and_others_refused() {
    for place in [moto("writer"), rclone()] {
        let place = place.folder("adopt");
        let session = place.open().await;
        for bytes in [1000, 9 * MIB] {
            let name = format!("new-{bytes}.csv");
            let (first, second) = (content(bytes, 1), content(bytes, 2));
            assert!(!deliver(&*session, &name, NameRule::MustBeNew, &first).await.unwrap().adopted);
            assert!(deliver(&*session, &name, NameRule::MustBeNew, &first).await.unwrap().adopted);
            let fault = deliver(&*session, &name, NameRule::MustBeNew, &second).await.unwrap_err();
            assert_eq!(fault.class, FaultClass::Refused);
            assert!(fault.message.starts_with("name taken"), "{fault}");
            let longer = content(bytes + 1, 1);
            assert!(deliver(&*session, &name, NameRule::MustBeNew, &longer).await.is_err());
            assert!(read(&*session, &name).await == first, "a name that must be new was overwritten");
            assert!(!deliver(&*session, &name, NameRule::Replace, &second).await.unwrap().adopted);
            assert!(read(&*session, &name).await == second);
            assert_eq!(uploads_left(&place, &[&name]).await, 0);
        }
    }
}

/// Whether two writers met that could not see each other's object beforehand: only the condition on the write itself
/// decided. Where one was done before the other looked, the store refused the winner a look at its own object.
async fn raced(bytes: usize) -> bool {
    let (place, state) = store(Knobs { deny_heads: 2, ..Knobs::default() }).await;
    let session = place.open().await;
    let name = format!("race-{bytes}.csv");
    let (first, second) = (content(bytes, 1), content(bytes, 2));
    let staged_first = stage(&*session, &name, NameRule::MustBeNew, &first).await.unwrap();
    let staged_second = stage(&*session, &name, NameRule::MustBeNew, &second).await.unwrap();
    let (a, b) = tokio::join!(session.publish(staged_first), session.publish(staged_second));
    if [&a, &b].iter().any(|ended| ended.as_ref().is_err_and(|fault| fault.message.contains("is denied"))) {
        return false;
    }
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1, "{a:?} {b:?}");
    let winner = if a.is_ok() { &first } else { &second };
    assert!(read(&*session, &name).await == *winner);
    let fault = a.err().or(b.err()).unwrap();
    assert!(fault.class == FaultClass::Refused && fault.message.starts_with("name taken"), "{fault}");
    assert!(state.lock().unwrap().uploads.is_empty());
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_writers_of_a_new_name_one_wins() {
    for bytes in [1000, 9 * MIB] {
        let mut met = false;
        for _ in 0..100 {
            met = raced(bytes).await;
            if met {
                break;
            }
        }
        assert!(met, "no two writers met");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_breaks_off_leaves_nothing() {
    let place = moto("writer").folder("cut");
    for bytes in [0, 1000, 20 * MIB] {
        let journal = std::sync::Arc::default();
        let session = place.open_with(with_journal(std::sync::Arc::clone(&journal))).await.unwrap();
        let cut = super::body(content(bytes, 1), false);
        let fault = session.stage(request("cut.csv", NameRule::Replace, bytes), cut).await.err().unwrap();
        assert_eq!(fault.class, FaultClass::Interrupted);
        assert!(session.stat("cut.csv").await.unwrap().is_none());
        assert_eq!(uploads_left(&place, &["cut.csv"]).await, 0);
        assert!(entries(&journal, &journal_target(&place)).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_staged_part_is_invisible_until_published() {
    let place = moto("writer").folder("staged");
    let session = place.open().await;
    for sent in [content(1000, 1), content(9 * MIB, 1)] {
        let staged = stage(&*session, "s.csv", NameRule::MustBeNew, &sent).await.unwrap();
        assert!(session.stat("s.csv").await.unwrap().is_none());
        session.discard(staged).await.unwrap();
        assert_eq!(uploads_left(&place, &["s.csv"]).await, 0);
    }
    let dropped = stage(&*session, "s.csv", NameRule::MustBeNew, &content(9 * MIB, 1)).await.unwrap();
    drop(dropped);
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    assert_eq!(uploads_left(&place, &["s.csv"]).await, 0, "a part that is dropped gives its upload up");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_small_parts_wait_without_growing() {
    let place = moto("writer").folder("many");
    let session = place.open().await;
    // 24 MiB in all is more than a session holds: the rest goes up as uploads of one part.
    let contents: Vec<Bytes> = (0..6).map(|i| content(4 * MIB, i)).collect();
    let mut staged = Vec::new();
    for (i, content) in contents.iter().enumerate() {
        staged.push(stage(&*session, &format!("part_{i}.csv"), NameRule::MustBeNew, content).await.unwrap());
    }
    assert!(session.list("").await.unwrap().is_empty());
    for part in staged {
        session.publish(part).await.unwrap();
    }
    for (i, content) in contents.iter().enumerate() {
        assert!(read(&*session, &format!("part_{i}.csv")).await == *content);
    }
}

/// The name under which journals know a place.
pub fn journal_target(place: &Place) -> String {
    let (bucket, path) = (place.target["bucketName"].as_str().unwrap(), place.target["path"].as_str().unwrap());
    format!("s3://{bucket}/{path} at {}", place.account["endpoint"].as_str().unwrap())
}
