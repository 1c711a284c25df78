use std::collections::BTreeSet;

use outflow_model::FaultClass;
use proptest::prelude::*;

use super::*;

/// SplitMix64.
fn hash(n: u64) -> i64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as i64
}

fn written(folder: &Path, pieces: &[Vec<i64>]) -> DeparturesFile {
    let mut writer = Writer::new(&folder.join("f.departures"));
    pieces.iter().for_each(|piece| writer.add(piece).unwrap());
    keep(vec![writer.finish().unwrap()]).unwrap().remove(0)
}

fn check_against(set: &BTreeSet<i64>, file: &DeparturesFile, asked: impl IntoIterator<Item = i64>) {
    let opened = Departures::open(&file.path).unwrap();
    assert_eq!((opened.profiles(), file.profiles), (set.len() as u64, set.len() as u64));
    assert_eq!(std::fs::metadata(&file.path).unwrap().len(), file.bytes);
    for hash in asked {
        assert_eq!(opened.contains(hash).unwrap(), set.contains(&hash), "{hash}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_file_says_what_a_set_says(
        wide in prop::collection::vec(any::<i64>(), 0..200),
        near in prop::collection::vec(0_i64..3_000, 0..200),
        repeats in 1_usize..3,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let shifted: Vec<i64> = near.iter().map(|n| n - (1 << 48)).collect();
        let set: BTreeSet<i64> = wide.iter().chain(&near).chain(&shifted).copied().collect();
        let pieces: Vec<Vec<i64>> = std::iter::repeat_n([wide, near, shifted], repeats).flatten().collect();
        let file = written(dir.path(), &pieces);
        let beside = set.iter().flat_map(|hash| [hash.wrapping_sub(1), *hash, hash.wrapping_add(1), !*hash]);
        check_against(&set, &file, beside.chain([0, -1, i64::MIN, i64::MAX]));
    }
}

#[test]
fn every_shape_holds_what_was_added_in_whatever_order() {
    for count in [0, 1, 2, 1_024, 1_025, 131_072, 131_073, 262_144, 262_145, 400_000_u64] {
        let dir = tempfile::tempdir().unwrap();
        let mut hashes: Vec<i64> = (0..count).map(hash).collect();
        let set: BTreeSet<i64> = hashes.iter().copied().collect();
        let any = written(dir.path(), &[hashes.clone(), hashes.iter().take(70_000).copied().collect()]);
        let asked = || (0..500).chain(count.saturating_sub(5)..count + 500).map(hash);
        check_against(&set, &any, asked());
        let bytes = std::fs::read(&any.path).unwrap();
        // In order, and as two runs, of which one comes behind the other.
        hashes.sort_unstable();
        let (even, odd): (Vec<i64>, Vec<i64>) = hashes.iter().copied().partition(|hash| hash % 2 == 0);
        for pieces in [vec![hashes], vec![even, odd]] {
            let file = written(dir.path(), &pieces);
            check_against(&set, &file, asked());
            let room = std::fs::read(&file.path).unwrap().len();
            assert!(room <= bytes.len(), "{count}");
        }
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}

#[test]
fn ten_million_are_found_and_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    let mut hashes: Vec<i64> = (0..10_000_000).map(hash).collect();
    hashes.sort_unstable();
    let file = written(dir.path(), &[hashes]);
    assert_eq!((file.profiles, file.bytes), (10_000_000, 20 + 65_537 * 8 + 60_000_000));
    let opened = Departures::open(&file.path).unwrap();
    for n in (0..10_000_000).step_by(2_003) {
        assert!(opened.contains(hash(n)).unwrap() && !opened.contains(hash(n + 10_000_000)).unwrap(), "{n}");
    }
}

#[test]
fn damage_is_told_and_never_answered() {
    for count in [0, 1, 40, 1_100_u64] {
        let dir = tempfile::tempdir().unwrap();
        let hashes: Vec<i64> = (0..count).map(hash).collect();
        let set: BTreeSet<i64> = hashes.iter().copied().collect();
        let file = written(dir.path(), &[hashes]);
        let whole = std::fs::read(&file.path).unwrap();
        for cut in (0..whole.len()).step_by(if count > 100 { 97 } else { 1 }) {
            std::fs::write(&file.path, &whole[..cut]).unwrap();
            assert_eq!(Departures::open(&file.path).unwrap_err().class, FaultClass::Input, "cut at {cut}");
        }
        std::fs::write(&file.path, [&whole[..], b"x"].concat()).unwrap();
        assert_eq!(Departures::open(&file.path).unwrap_err().class, FaultClass::Input);
        for at in (0..whole.len()).step_by(if count > 100 { 89 } else { 1 }) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&file.path, &bytes).unwrap();
            let opened = match Departures::open(&file.path) {
                Ok(opened) => opened,
                Err(fault) => {
                    assert_eq!(fault.class, FaultClass::Input);
                    continue;
                }
            };
            for hash in (0..count + 20).map(hash) {
                match opened.contains(hash) {
                    Ok(answer) => assert_eq!(answer, set.contains(&hash), "byte {at} of {count}"),
                    Err(fault) => assert_eq!(fault.class, FaultClass::Input),
                }
            }
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let fault = Departures::open(&dir.path().join("none")).unwrap_err();
    assert_eq!(fault.class, FaultClass::Input);
    assert!(fault.message.contains("none"));
}

#[test]
fn what_is_not_kept_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("f.departures");
    let mut writer = Writer::new(&path);
    writer.add(&[1, 2, 3]).unwrap();
    let written = writer.finish().unwrap();
    assert!(!path.exists());
    drop(written);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
    // In the place of what has the name.
    std::fs::write(&path, "x").unwrap();
    let mut writer = Writer::new(&path);
    writer.add(&[7]).unwrap();
    keep(vec![writer.finish().unwrap()]).unwrap();
    assert!(Departures::open(&path).unwrap().contains(7).unwrap());
    assert!(Writer::new(&dir.path().join("gone/f")).finish().is_err());
}
