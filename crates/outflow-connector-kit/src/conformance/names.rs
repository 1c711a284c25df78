//! Names reach the target as they are, and what is there can be found and read in parts.

use outflow_model::FaultClass;

use super::content::{assert_holds, bytes, put};
use super::{TestBed, finish, must, must_fail, session};
use crate::session::NameRule::MustBeNew;

/// Names that trip over encoding, quoting, globbing and shells.
const ODD_NAMES: [&str; 10] = [
    "Spring Sale.csv",
    "Käufer_東京_🙂.csv",
    "100%25.csv",
    "a+b&c=d.csv",
    "it's \"quoted\".csv",
    "[a]*?.csv",
    "#1;rm $HOME.csv",
    "-rf.csv",
    ".hidden",
    "folder with space/Ä/deep/a.csv",
];

pub(super) async fn odd_names_and_folders_work(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for (n, name) in ODD_NAMES.iter().enumerate() {
        let name = format!("odd/{name}");
        let content = bytes(100 + n, n as u64);
        must(&format!("publishing {name}"), put(&*session, &name, MustBeNew, &content).await);
        assert_holds(&*session, &name, &content).await;
        assert!(session.sink_path(&name).ends_with(&name), "{}", session.sink_path(&name));
    }
    let mut listed: Vec<String> =
        must("listing", session.list("odd").await).into_iter().map(|(name, _)| name).collect();
    let mut sent: Vec<String> = ODD_NAMES.iter().map(|name| format!("odd/{name}")).collect();
    listed.sort();
    sent.sort();
    assert_eq!(listed, sent, "names as a listing gives them");
    finish(bed, session, &journal).await;
}

pub(super) async fn listing_names_what_is_below_a_folder(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for (n, name) in ["listing/a.csv", "listing/b/c.csv", "listing-2/d.csv"].iter().enumerate() {
        must("publishing", put(&*session, name, MustBeNew, &bytes(n + 1, 5)).await);
    }
    let mut listed = must("listing", session.list("listing").await);
    listed.sort_by(|a, b| a.0.cmp(&b.0));
    let found: Vec<(&str, u64)> = listed.iter().map(|(name, stat)| (name.as_str(), stat.bytes)).collect();
    assert_eq!(found, [("listing/a.csv", 1), ("listing/b/c.csv", 2)]);
    let all = must("listing everything", session.list("").await);
    assert!(all.iter().any(|(name, _)| name == "listing-2/d.csv"), "the prefix itself is not listed");
    for (name, stat) in &listed {
        let alone = must("stat", session.stat(name).await);
        assert_eq!(alone.as_ref(), Some(stat), "stat and listing disagree about {name}");
    }
    finish(bed, session, &journal).await;
}

pub(super) async fn what_is_missing_is_said_to_be_missing(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for name in ["missing.csv", "no/such/folder/missing.csv"] {
        assert_eq!(must("stat", session.stat(name).await), None, "{name}");
        let fault = match session.read(name).await {
            Err(fault) => fault,
            Ok(mut reader) => must_fail("reading what is not there", reader.next().await),
        };
        assert_eq!(fault.class, FaultClass::Input, "reading {name}: {fault}");
        let fault = must_fail("a range of what is not there", session.read_range(name, 0, 1).await);
        assert_eq!(fault.class, FaultClass::Input, "a range of {name}: {fault}");
    }
    assert_eq!(must("listing", session.list("no/such/folder").await), []);
    finish(bed, session, &journal).await;
}

pub(super) async fn ranges_are_exact(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    let content = bytes(3_000_001, 9);
    must("publishing", put(&*session, "ranges.csv", MustBeNew, &content).await);
    for (offset, length) in [(0, 1), (0, 3_000_001), (1_234_567, 1_000_000), (3_000_000, 1), (2_999_000, 1_001)] {
        let piece = must("a range", session.read_range("ranges.csv", offset, length).await);
        let expected = &content[offset as usize..(offset + length) as usize];
        assert!(piece == expected, "{length} bytes from {offset}: got {} bytes", piece.len());
    }
    finish(bed, session, &journal).await;
}

pub(super) async fn escaping_names_are_refused(bed: &dyn TestBed) {
    let (session, journal) = session(bed).await;
    for name in ["", "/etc/a.csv", "../a.csv", "a/../../b.csv", "a//b.csv", "a/", ".", "a\0b"] {
        let fault = must_fail(&format!("staging {name:?}"), put(&*session, name, MustBeNew, &bytes(1, 1)).await);
        assert_eq!(fault.class, FaultClass::Input, "{name:?}: {fault}");
    }
    finish(bed, session, &journal).await;
}
