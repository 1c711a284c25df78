//! Deduplication as a whole against plain code, with so little memory that everything goes to disk and no table holds
//! all keys, and with enough.

use std::collections::{BTreeMap, BTreeSet};

use arrow::array::{AsArray, Int64Array, ListBuilder, StringArray, StringBuilder, StructBuilder};
use arrow::datatypes::{Field, Fields, Int64Type};
use proptest::prelude::*;

use super::*;

/// A profile: key, identities, time, and a column that decides ties.
#[derive(Clone, Debug)]
struct Profile {
    key: Option<u16>,
    ids: Vec<Option<u16>>,
    time: Option<i64>,
    word: Option<i64>,
}

fn identities(profiles: &[Profile]) -> ArrayRef {
    let fields = Fields::from(vec![Field::new("id", DataType::Utf8, true)]);
    let items = StructBuilder::new(fields, vec![Box::new(StringBuilder::new())]);
    let mut lists = ListBuilder::new(items);
    for profile in profiles {
        for id in &profile.ids {
            let ids = lists.values().field_builder::<StringBuilder>(0).unwrap();
            ids.append_option(id.map(|id| format!("id{id}")));
            lists.values().append(true);
        }
        lists.append(true);
    }
    Arc::new(lists.finish())
}

/// Number, key, identities, time and word of profiles, the first of which has the number `first`.
fn columns(first: usize, profiles: &[Profile]) -> Vec<ArrayRef> {
    let numbers = (0..profiles.len()).map(|n| (first + n) as i64);
    let keys = profiles.iter().map(|p| p.key.map(|key| "k".repeat(key as usize % 3) + &key.to_string()));
    vec![
        Arc::new(Int64Array::from_iter_values(numbers)),
        Arc::new(keys.collect::<StringArray>()),
        identities(profiles),
        Arc::new(profiles.iter().map(|p| p.time).collect::<Int64Array>()),
        Arc::new(profiles.iter().map(|p| p.word).collect::<Int64Array>()),
    ]
}

/// Memory for rows, records and groups, and how many profiles a morsel and a batch have.
#[derive(Clone, Copy, Debug)]
struct Shape {
    memory: DedupMemory,
    morsel: usize,
    batch: usize,
}

/// The numbers of the profiles that stay.
fn kept(profiles: &[Profile], is_namespace: bool, by_time: bool, shape: Shape) -> Vec<usize> {
    let dir = tempfile::tempdir().unwrap();
    let layout = Layout {
        key: vec![if is_namespace { 2 } else { 1 }],
        is_namespace,
        time: by_time.then_some((3, DataType::Int64)),
        status: None,
        stored: vec![0, 4, 2],
        ties: vec![(1, DataType::Int64)],
    };
    let morsels: Vec<&[Profile]> = profiles.chunks(shape.morsel).collect();
    let dedup = Dedup::new(layout, "", dir.path(), shape.memory, morsels.len(), 0).unwrap();
    let mut collector = dedup.collector();
    for (morsel, profiles) in morsels.iter().enumerate() {
        let mut rows = collector.start();
        for (batch, profiles) in profiles.chunks(shape.batch).enumerate() {
            let columns = columns(morsel * shape.morsel + batch * shape.batch, profiles);
            collector.add(morsel, &mut rows, &columns).unwrap();
        }
        collector.keep(morsel, rows).unwrap();
    }
    collector.finish().unwrap();
    let ties = dedup.ties();
    let mut judge = ties.judge();
    if is_namespace {
        dedup.resolve_namespace(&mut judge, &|| Ok(())).unwrap();
    } else {
        (0..dedup.partitions()).for_each(|partition| dedup.resolve_partition(partition, &mut judge).unwrap());
    }
    judge.finish().unwrap();
    ties.settle(&|| Ok(())).unwrap();
    let (mut kept, mut lost) = (Vec::new(), 0);
    for morsel in 0..morsels.len() {
        dedup
            .survivors(morsel, |columns, left_out| {
                lost += left_out;
                kept.extend(columns[0].as_primitive::<Int64Type>().values().iter().map(|n| *n as usize));
                Ok(())
            })
            .unwrap();
    }
    assert_eq!(kept.len() as u64 + lost, profiles.len() as u64);
    kept
}

/// The same by plain code.
fn expected(profiles: &[Profile], is_namespace: bool, by_time: bool) -> Vec<usize> {
    let mut group: Vec<usize> = (0..profiles.len()).collect();
    let mut first: BTreeMap<u16, usize> = BTreeMap::new();
    for (n, profile) in profiles.iter().enumerate() {
        let keys = if is_namespace { profile.ids.clone() } else { vec![profile.key] };
        for key in keys.into_iter().flatten() {
            let other = *first.entry(key).or_insert(n);
            let (from, to) = (group[n].max(group[other]), group[n].min(group[other]));
            group.iter_mut().filter(|g| **g == from).for_each(|g| *g = to);
        }
    }
    let mut best = BTreeMap::new();
    for (n, profile) in profiles.iter().enumerate() {
        let time = std::cmp::Reverse(profile.time.filter(|_| by_time));
        let this = (time, profile.word, n);
        let kept = best.entry(group[n]).or_insert(this);
        *kept = this.min(*kept);
    }
    best.into_values().map(|(_, _, n): (_, _, usize)| n).collect::<BTreeSet<_>>().into_iter().collect()
}

fn memory(bytes: u64) -> DedupMemory {
    DedupMemory { rows_bytes: bytes, records_bytes: bytes, groups_bytes: bytes, threads: 2 }
}

/// Profiles that have one of so many keys, identities and times.
fn profiles(count: usize, keys: u16, times: i64) -> impl Strategy<Value = Vec<Profile>> {
    let key = prop::option::weighted(0.9, 0..keys);
    let ids = prop::collection::vec(prop::option::weighted(0.9, 0..keys), 0..4);
    let time = prop::option::weighted(0.8, 0..times);
    let word = prop::option::weighted(0.8, 0..3_i64);
    let profile = (key, ids, time, word).prop_map(|(key, ids, time, word)| Profile { key, ids, time, word });
    prop::collection::vec(profile, 0..count)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn whoever_stays_is_whom_plain_code_keeps_whatever_the_memory(
        profiles in prop_oneof![
            profiles(200, 1, 3),
            profiles(200, 5, 1),
            profiles(200, 300, 3),
            profiles(300, 900, 2),
        ],
        by_time in any::<bool>(),
        bytes in prop::sample::select(vec![0_u64, 64, 1_000, 20_000, 1 << 30]),
        morsel in 1_usize..120,
        batch in 1_usize..50,
    ) {
        let shape = Shape { memory: memory(bytes), morsel, batch };
        for is_namespace in [false, true] {
            prop_assert_eq!(
                kept(&profiles, is_namespace, by_time, shape),
                expected(&profiles, is_namespace, by_time),
                "namespace: {}", is_namespace
            );
        }
    }
}

#[test]
fn many_profiles_in_a_chain_of_identities_leave_one_whatever_the_memory() {
    let chain = |n: u16| Profile { key: Some(0), ids: vec![Some(n), Some(n + 1)], time: Some(0), word: Some(1) };
    let mut profiles: Vec<Profile> = (0..20_000_u32).map(|n| chain((n * 7 % 20_000) as u16)).collect();
    profiles[12_345].word = Some(0);
    for bytes in [0, 5_000, 1 << 30] {
        let shape = Shape { memory: memory(bytes), morsel: 3_000, batch: 700 };
        for is_namespace in [false, true] {
            assert_eq!(kept(&profiles, is_namespace, true, shape), [12_345], "{bytes}");
        }
    }
}
