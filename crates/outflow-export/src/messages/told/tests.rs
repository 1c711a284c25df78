//! States that are written, read in other pieces, and damaged.

use outflow_model::FaultClass;
use outflow_profiles::snapshot::hash_of;
use outflow_testkit::random::Random;

use super::rows::last_of;
use super::*;

/// Ids of profiles in the global order.
fn ids(count: usize) -> Vec<(i64, String)> {
    let mut ids: Vec<(i64, String)> = (0..count).map(|n| format!("Email:p{n}")).map(|id| (hash_of(&id), id)).collect();
    ids.sort();
    ids
}

fn whole() -> RangeInclusive<i64> {
    i64::MIN..=i64::MAX
}

/// A state of so many profiles in so many pieces. Every third is due, every fifth keeps what was last known.
fn state(folder: &Path, profiles: usize, pieces: usize) -> ToldState {
    make_folder(folder).unwrap();
    let segments: Vec<String> = ["a", "b", "c"].map(String::from).to_vec();
    let mut parts = Vec::new();
    let ids = ids(profiles);
    for piece in 0..pieces {
        let hashes = Standings::hashes(piece, pieces);
        let mut writer = ToldWriter::new(folder, piece, 7);
        for (number, (hash, id)) in ids.iter().enumerate().filter(|(_, (hash, _))| hashes.contains(hash)) {
            let memberships: &[(u32, i64)] = match number % 3 {
                0 => &[(0, 5), (2, -6)],
                1 => &[(1, i64::MAX)],
                _ => &[],
            };
            let last = (&b"\"x\":1"[..], &b"{}"[..]);
            writer
                .add(&ToldRow {
                    hash: *hash,
                    id,
                    attributes: u128::MAX - number as u128,
                    identities: number as u128,
                    time: (number % 2 == 0).then_some(number as i64 - 50),
                    memberships,
                    due: number % 3 == 0,
                    last: (number % 5 == 0).then_some(last),
                })
                .unwrap();
        }
        parts.push(writer.finish().unwrap());
    }
    let state = ToldState {
        folder: folder.to_path_buf(),
        sequence: 7,
        segments,
        evaluation_id: "e".into(),
        mapping: None,
        profiles: profiles as u64,
        parts,
    };
    state.save().unwrap();
    state
}

fn read(state: &ToldState, hashes: &RangeInclusive<i64>, segments: &[&str]) -> ToldRows {
    let mut rows = ToldRows::default();
    state.read(hashes, segments, &mut rows).unwrap();
    rows
}

#[test]
fn rows_come_back_in_whatever_pieces() {
    let dir = tempfile::tempdir().unwrap();
    let written = state(dir.path(), 300, 4);
    let loaded = ToldState::load(dir.path()).unwrap();
    assert_eq!(loaded, written);
    let all = read(&loaded, &whole(), &["a", "b", "c"]);
    assert_eq!(all.len(), 300);
    let mut lasts = Lasts::new(&loaded);
    for (number, (hash, id)) in ids(300).iter().enumerate() {
        let row = all.at(number);
        assert_eq!((row.hash, row.id, row.identities), (*hash, id.as_str(), number as u128));
        assert_eq!((row.attributes, row.due), (u128::MAX - number as u128, number % 3 == 0));
        assert_eq!(row.time, (number % 2 == 0).then_some(number as i64 - 50));
        assert_eq!(lasts.of(&all, number).unwrap(), (number % 5 == 0).then_some((&b"\"x\":1"[..], &b"{}"[..])));
        let expected: &[(u32, i64)] = [&[(0, 5), (2, -6)][..], &[(1, i64::MAX)], &[]][number % 3];
        assert_eq!(row.memberships, expected);
    }
    for pieces in [1, 2, 16] {
        let mut number = 0;
        for piece in 0..pieces {
            let rows = read(&loaded, &Standings::hashes(piece, pieces), &["a", "b", "c"]);
            for at in 0..rows.len() {
                assert_eq!(rows.at(at), all.at(number), "{at} of {piece}/{pieces}");
                number += 1;
            }
        }
        assert_eq!(number, 300);
    }
}

#[test]
fn what_is_last_known_is_read_where_it_is_asked_for() {
    let dir = tempfile::tempdir().unwrap();
    // Several rows a block, several blocks a file; every other row keeps something.
    let attributes = |number: usize| vec![b'a' + (number % 26) as u8; 300_000 + number];
    let mut parts = Vec::new();
    let ids = ids(40);
    for piece in 0..2 {
        let hashes = Standings::hashes(piece, 2);
        let mut writer = ToldWriter::new(dir.path(), piece, 7);
        for (number, (hash, id)) in ids.iter().enumerate().filter(|(_, (hash, _))| hashes.contains(hash)) {
            let attributes = attributes(number);
            let last = (number % 2 == 0).then_some((attributes.as_slice(), id.as_bytes()));
            let (attributes, identities) = (0, 0);
            let row =
                ToldRow { hash: *hash, id, attributes, identities, time: None, memberships: &[], due: false, last };
            writer.add(&row).unwrap();
        }
        parts.push(writer.finish().unwrap());
    }
    let state = ToldState {
        folder: dir.path().to_path_buf(),
        sequence: 7,
        segments: Vec::new(),
        evaluation_id: "e".into(),
        mapping: None,
        profiles: 40,
        parts,
    };
    let rows = read(&state, &whole(), &[]);
    let mut lasts = Lasts::new(&state);
    // In their order, the same one again, and back.
    for number in (0..40).chain([39, 38, 38, 2, 1, 30, 0]) {
        let expected = attributes(number);
        let expected = (number % 2 == 0).then_some((expected.as_slice(), ids[number].1.as_bytes()));
        assert_eq!(lasts.of(&rows, number).unwrap(), expected, "{number}");
    }
    std::fs::remove_file(file_of(dir.path(), 0)).unwrap();
    assert_eq!(Lasts::new(&state).of(&rows, 0).unwrap_err().class, FaultClass::Input);
}

#[test]
fn segments_are_known_by_their_ids() {
    let dir = tempfile::tempdir().unwrap();
    let state = state(dir.path(), 3, 1);
    let rows = read(&state, &whole(), &["c", "new", "a"]);
    assert_eq!(rows.at(0).memberships, [(0, -6), (2, 5)]);
    assert!(rows.at(1).memberships.is_empty());
}

#[test]
fn pieces_are_as_large_as_memory_allows() {
    let part = |profiles| ToldPart { profiles, bytes: 0 };
    let state = |parts: Vec<ToldPart>| ToldState {
        folder: PathBuf::new(),
        sequence: 1,
        segments: Vec::new(),
        evaluation_id: String::new(),
        mapping: None,
        profiles: 0,
        parts,
    };
    // As many as the parts of profiles, if rows are few; as many as there are files, if they are many.
    assert_eq!(state(vec![part(10); 8]).pieces(1), 1);
    assert_eq!(state(vec![part(10); 8]).pieces(16), 16);
    assert_eq!(state(vec![part(100_000); 8]).pieces(1), 4);
    assert_eq!(state(vec![part(1_000_000); 8]).pieces(2), 8);
    assert_eq!(state(vec![part(9_000_000)]).pieces(1), 1);
}

#[test]
fn files_that_are_cut_damaged_or_of_another_state_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let written = state(dir.path(), 40, 1);
    let path = dir.path().join("0000.told");
    let bytes = std::fs::read(&path).unwrap();
    let expect = |state: &ToldState| {
        let fault = state.read(&whole(), &["a"], &mut ToldRows::default()).unwrap_err();
        assert_eq!(fault.class, FaultClass::Input);
        assert!(fault.message.contains("0000.told"), "{}", fault.message);
    };
    expect(&ToldState { sequence: 8, ..written.clone() });
    expect(&ToldState { parts: vec![ToldPart { profiles: 41, bytes: 0 }], ..written.clone() });
    let without_segments = ToldState { segments: vec!["a".into()], ..written.clone() };
    expect(&without_segments);
    let mut random = Random::from_seed(3);
    for _ in 0..200 {
        let mut other = bytes.clone();
        match random.below(2) {
            0 => other.truncate(random.below(bytes.len() as u64) as usize),
            _ => other[random.below(bytes.len() as u64) as usize] ^= 1 << random.below(8),
        }
        std::fs::write(&path, other).unwrap();
        expect(&written);
    }
    std::fs::remove_file(&path).unwrap();
    expect(&written);
    let manifest = dir.path().join("told.json");
    for text in ["{", "{\"sequence\":1,\"segments\":[],\"evaluationId\":\"\",\"profiles\":1,\"parts\":[]}"] {
        std::fs::write(&manifest, text).unwrap();
        assert!(ToldState::load(dir.path()).unwrap_err().message.contains("told.json"));
    }
}

#[test]
fn records_that_are_none_are_told_and_never_a_panic() {
    let memberships = [(0, 1), (1, 300)];
    let row = ToldRow {
        hash: 5,
        id: "Email:a",
        attributes: 1,
        identities: 2,
        time: Some(3),
        memberships: &memberships,
        due: true,
        last: Some((b"abc", b"{}")),
    };
    let mut record = Vec::new();
    row.write(&mut record);
    let push = |record: &[u8]| {
        let mut rows = ToldRows::default();
        rows.push_record(record, RecordAt::default(), &whole(), &[Some(0), Some(1)]).map(|()| rows)
    };
    let rows = push(&record).unwrap();
    assert_eq!(rows.at(0), ToldRow { last: None, ..row });
    assert_eq!(last_of(&record, rows.last_at(0).unwrap()), row.last);
    // What is cut before the hash, or within what follows, is no row.
    for length in 0..record.len() {
        assert!(push(&record[..length]).is_none(), "{length}");
    }
    let longer: Vec<u8> = record.iter().copied().chain([0]).collect();
    assert!(push(&longer).is_none());
    let mut random = Random::from_seed(4);
    for _ in 0..2_000 {
        let mut other = record.clone();
        other[random.below(record.len() as u64) as usize] = random.bits() as u8;
        let _ = push(&other);
    }
    // Twice the same profile.
    let mut rows = ToldRows::default();
    rows.push_record(&record, RecordAt::default(), &whole(), &[Some(0), Some(1)]).unwrap();
    assert!(rows.push_record(&record, RecordAt::default(), &whole(), &[Some(0), Some(1)]).is_none());
}
