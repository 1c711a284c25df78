//! Indexes, compared with the plainest way to the same answer.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::dataset::tests::{MEMORY, open, work};
use crate::dataset::{DatasetSpec, DatasetVersion, IdentitySpec, normalise};
use crate::snapshot::merge;
use outflow_model::FieldPath;

/// Identities of a profile beside its primary one: namespace and value.
type Others = Vec<(&'static str, u8)>;

/// A dataset of profiles by number.
fn version(folder: &Path, name: &str, profiles: &BTreeMap<u16, Others>) -> DatasetVersion {
    let source = folder.join(name);
    std::fs::create_dir_all(&source).unwrap();
    let line = |(number, others): (&u16, &Others)| {
        let mut map: BTreeMap<&str, Vec<serde_json::Value>> = BTreeMap::new();
        others.iter().for_each(|(of, value)| map.entry(of).or_default().push(json!({"id": value.to_string()})));
        json!({"id": number.to_string(), "identityMap": map}).to_string()
    };
    std::fs::write(source.join("a.ndjson"), profiles.iter().map(line).collect::<Vec<_>>().join("\n")).unwrap();
    let path = FieldPath::parse("id").unwrap();
    let identities = vec![IdentitySpec { path, namespace: "N".into(), primary: true }];
    let spec = DatasetSpec { name: name.into(), identities, timestamp: None };
    normalise(&spec, &open(&source), None, &work(folder, 2, MEMORY)).unwrap()
}

/// Who has an identity, by the profiles themselves.
fn naive(snapshot: &Snapshot, sets: &[&BTreeMap<u16, Others>], namespace: &str, value: &str) -> BTreeSet<String> {
    let has_it = |number: &u16| {
        let is_other = |others: &Others| others.iter().any(|(of, v)| *of == namespace && v.to_string() == value);
        (namespace == "N" && number.to_string() == value) || sets.iter().filter_map(|set| set.get(number)).any(is_other)
    };
    let all: BTreeSet<&u16> = sets.iter().flat_map(|set| set.keys()).collect();
    assert_eq!(all.len() as u64, snapshot.profiles);
    all.into_iter().filter(|number| has_it(number)).map(|number| format!("N:{number}")).collect()
}

fn found(snapshot: &Snapshot, namespace: &str, value: &str) -> BTreeSet<String> {
    let found = snapshot.find_by_identity(namespace, value, usize::MAX, &|| Ok(())).unwrap();
    for one in &found {
        let there = snapshot.find(&one.profile_id).unwrap().unwrap();
        assert_eq!((there.part, there.row), (one.part, one.row as usize));
        assert_eq!(hash_of(&one.profile_id), one.hash);
    }
    let ids: BTreeSet<String> = found.iter().map(|one| one.profile_id.clone()).collect();
    assert_eq!(ids.len(), found.len());
    ids
}

fn profiles() -> impl Strategy<Value = BTreeMap<u16, Others>> {
    let other = (prop::sample::select(vec!["Email", "Phone", "E"]), 0u8..12);
    prop::collection::btree_map(0u16..60, prop::collection::vec(other, 0..4), 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn everybody_is_found_by_each_of_their_identities(
        one in profiles(),
        two in profiles(),
        keys in prop::collection::btree_set((prop::sample::select(vec!["Email", "Phone", "N", "X"]), 0u8..60), 0..90),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let work = work(dir.path(), 2, MEMORY);
        let versions = [version(dir.path(), "one", &one), version(dir.path(), "two", &two)];
        let snapshot = merge(&versions, None, &work).unwrap();
        let sets = [&one, &two];
        let folder = Folder::open(dir.path()).unwrap();
        let set = IdentityKeys::new(keys.iter().map(|(of, value)| identity_key(of, &value.to_string())).collect());
        let expected: BTreeSet<String> =
            keys.iter().flat_map(|(of, value)| naive(&snapshot, &sets, of, &value.to_string())).collect();
        // Without indexes, with those that whoever needed them made, and with all of them.
        for round in 0..3 {
            for (of, value) in keys.iter().take(8) {
                let value = value.to_string();
                prop_assert_eq!(found(&snapshot, of, &value), naive(&snapshot, &sets, of, &value));
            }
            let mut ids = BTreeSet::new();
            for part in &snapshot.parts {
                let rows = rows_of(&folder, part, &set, &|| Ok(())).unwrap();
                let columns = PartFile::open(part).unwrap().picked(&rows, &[ID_COLUMN]).unwrap();
                ids.extend(columns[0].as_string::<i32>().iter().flatten().map(str::to_string));
            }
            prop_assert_eq!(&ids, &expected);
            if round == 1 {
                snapshot.index_files().for_each(|file| drop(std::fs::remove_file(file)));
                index_identities(&snapshot, &work).unwrap();
                prop_assert!(snapshot.index_files().all(|file| file.is_file()));
            }
        }
    }
}

#[test]
fn an_index_is_searched_as_far_as_it_must_be() {
    let dir = tempfile::tempdir().unwrap();
    let all: BTreeMap<u16, Others> = (0..9_000).map(|n| (n, vec![("Email", (n % 250) as u8)])).collect();
    let snapshot = merge(&[version(dir.path(), "one", &all)], None, &work(dir.path(), 2, MEMORY)).unwrap();
    index_identities(&snapshot, &work(dir.path(), 2, MEMORY)).unwrap();
    let bytes = |file: &Path| std::fs::read(file).unwrap();
    let indexes: Vec<PathBuf> = snapshot.index_files().collect();
    let before: Vec<Vec<u8>> = indexes.iter().map(|file| bytes(file)).collect();
    for number in (0..9_000).step_by(37) {
        assert_eq!(found(&snapshot, "N", &number.to_string()).len(), 1);
    }
    assert!(found(&snapshot, "N", "9000").is_empty());
    assert_eq!(found(&snapshot, "Email", "7").len(), 36);
    assert_eq!(snapshot.find_by_identity("Email", "7", 5, &|| Ok(())).unwrap().len(), 5);
    // Few keys are looked for, many are merged.
    let folder = Folder::open(dir.path()).unwrap();
    for count in [1u32, 64, 65, 5_000] {
        let keys = IdentityKeys::new((0..count).map(|n| identity_key("N", &(n + 4_500).to_string())).collect());
        let rows = rows_of(&folder, &snapshot.parts[0], &keys, &|| Ok(())).unwrap();
        assert_eq!(rows.len(), u64::from(count.min(4_500)));
    }
    // One that was cut short counts as none, and so does one without checksums.
    std::fs::write(&indexes[0], [b"OFLWIDX1".as_slice(), &before[0][8..]].concat()).unwrap();
    assert_eq!(found(&snapshot, "Email", "7").len(), 36);
    std::fs::write(&indexes[0], &before[0][..before[0].len() - 1]).unwrap();
    assert_eq!(found(&snapshot, "Email", "7").len(), 36);
    index_identities(&snapshot, &work(dir.path(), 1, MEMORY)).unwrap();
    assert_eq!(bytes(&indexes[0]), before[0]);
}

#[test]
fn damage_of_an_index_is_told_and_never_answered() {
    let dir = tempfile::tempdir().unwrap();
    let all: BTreeMap<u16, Others> = (0..1_500).map(|n| (n, vec![("Email", (n % 7) as u8)])).collect();
    let snapshot = merge(&[version(dir.path(), "one", &all)], None, &work(dir.path(), 1, MEMORY)).unwrap();
    index_identities(&snapshot, &work(dir.path(), 1, MEMORY)).unwrap();
    let index = snapshot.index_files().next().unwrap();
    let whole = std::fs::read(&index).unwrap();
    let folder = Folder::open(dir.path()).unwrap();
    let part = &snapshot.parts[0];
    let keys = |of: &[u32]| IdentityKeys::new(of.iter().map(|n| identity_key("N", &n.to_string())).collect());
    // Few are looked for, many are merged.
    let sets = [keys(&[3]), keys(&[700, 1_499, 9_999]), keys(&(0..100).map(|n| n * 20).collect::<Vec<_>>())];
    let wanted: Vec<_> = sets.iter().map(|set| rows_of(&folder, part, set, &|| Ok(())).unwrap()).collect();
    let mut told = 0;
    for at in (0..24).chain((24..whole.len()).step_by(101)) {
        for (set, wanted) in sets.iter().zip(&wanted) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&index, &bytes).unwrap();
            match rows_of(&folder, part, set, &|| Ok(())) {
                Ok(rows) => assert_eq!(rows, *wanted, "byte {at}"),
                Err(fault) => {
                    assert!(fault.class == outflow_model::FaultClass::Input && fault.hint.contains("remove the file"));
                    told += 1;
                }
            }
        }
    }
    assert!(told > 100, "{told}");
    std::fs::write(&index, &whole).unwrap();
    assert_eq!(found(&snapshot, "N", "3").len(), 1);
}
