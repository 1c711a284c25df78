//! Which shard a record goes to, and how fast a shard is written to.
//!
//! The map of shards is read when it is five minutes old, and when a record was stored where the map did not expect it,
//! which a stream that is being split or merged shows. Until then the old one does: it decides the pace, nothing else.
//!
//! No shard gets more at once than its lane saves up, and no request waits for the slowest of its shards: records beyond
//! that are held back, for their sender to bring again. A key's later records are held back with its first.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use md5::{Digest as _, Md5};
use tokio::time::Instant;

use super::client::Client;
use super::pace::{Load, Pace, Pacer};
use super::put::{PutResult, Record};
use super::stream;

/// A map is read again when it is older.
const MAP_AGE_MAX: Duration = Duration::from_secs(300);

/// A map that turned out wrong is read again when it is older.
const DOUBTED_AGE_MAX: Duration = Duration::from_secs(5);

/// A request waits so much longer than its soonest shard would have to, for others to go with it.
const SLACK: Duration = Duration::from_millis(500);

/// No request waits longer: what would is held back.
const WAIT_MAX: Duration = Duration::from_secs(10);

/// What is held back comes again no sooner.
const HOLD_MIN: Duration = Duration::from_millis(50);

/// What throttled by a map that is no longer there waits, for nothing was learned of its shard.
const UNLEARNED_WAIT: Duration = Duration::from_millis(500);

/// A shard that takes records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub id: Box<str>,
    /// The highest hash of keys that it takes; it begins above that of the shard before.
    pub last_hash: u128,
}

/// The open shards of a stream by the hashes of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ShardMap(Vec<Shard>);

impl ShardMap {
    pub(super) fn new(mut shards: Vec<Shard>) -> ShardMap {
        shards.sort_by_key(|shard| shard.last_hash);
        ShardMap(shards)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The place in the map of the shard that takes `key`; 0 in an empty map.
    fn place_of(&self, key: &str) -> usize {
        if self.0.len() < 2 {
            return 0;
        }
        let hash = u128::from_be_bytes(Md5::digest(key.as_bytes()).into());
        self.0.partition_point(|shard| shard.last_hash < hash).min(self.0.len() - 1)
    }
}

/// The shards of a session's stream, or the stream as a whole where it may not ask for them.
pub(super) struct Shards {
    state: Mutex<State>,
    /// Held by whoever reads the map anew.
    reading: tokio::sync::Mutex<()>,
}

struct State {
    map: ShardMap,
    /// Which map it is: lanes belong to one.
    map_number: u64,
    pacer: Pacer,
    read_at: Instant,
    is_doubted: bool,
}

/// Where the records of a request go.
pub(super) struct Plan {
    /// Of each record, how long it is held back; it is sent where there is nothing.
    pub held: Vec<Option<Duration>>,
    /// How long to wait before the rest is sent.
    pub wait: Duration,
    /// Of each record that is sent, its lane.
    lanes: Vec<usize>,
    /// What each lane gets.
    loads: Vec<(usize, Load)>,
    /// The map that it was made with.
    map_number: u64,
}

/// What a lane gets of a request.
#[derive(Clone, Default)]
struct LanePlan {
    is_used: bool,
    load: Load,
    /// How long its further records are held back.
    held: Option<Duration>,
}

impl Shards {
    /// Paced by the shards of `map`. Without one, for a stream of `count` shards, or of an unknown number.
    pub(super) fn new(pace: Pace, map: Option<ShardMap>, count: Option<u64>, now: Instant) -> Shards {
        let map = map.unwrap_or_default();
        let pacer = if map.len() == 0 { Pacer::whole(pace, count, now) } else { Pacer::shards(pace, map.len(), now) };
        let state = State { map, map_number: 0, pacer, read_at: now, is_doubted: false };
        Shards { state: Mutex::new(state), reading: tokio::sync::Mutex::new(()) }
    }

    /// How many there are, where they may be asked for.
    pub(super) fn count(&self) -> Option<usize> {
        Some(self.state().map.len()).filter(|count| *count > 0)
    }

    /// What the stream gets, in paces of a shard and in a second.
    pub(super) fn pace(&self) -> (f64, Load) {
        let state = self.state();
        (state.pacer.share(), state.pacer.per_sec())
    }

    /// Reads the map anew where that is due. What goes wrong keeps nobody from sending.
    pub(super) async fn refresh(&self, client: &Client, now: Instant) {
        if !self.is_due(now) {
            return;
        }
        let Ok(_reading) = self.reading.try_lock() else { return };
        if !self.is_due(now) {
            return;
        }
        // A request waits for it, and the map that is there does.
        let read = stream::shards(&client.hasty()).await;
        let mut state = self.state();
        state.read_at = now;
        state.is_doubted = false;
        match read {
            Ok(map) if map.len() > 0 => state.follow(map, now),
            Ok(_) => {}
            Err(failure) => tracing::debug!(why = %failure.fault, "the shards are not known anew"),
        }
    }

    fn is_due(&self, now: Instant) -> bool {
        let state = self.state();
        let age_max = if state.is_doubted { DOUBTED_AGE_MAX } else { MAP_AGE_MAX };
        // Where the shards may not be asked for, asking again would be refused again.
        state.map.len() > 0 && now.saturating_duration_since(state.read_at) >= age_max
    }

    /// Plans a request: what each shard gets of it and when, and what is held back so that none gets too much.
    pub(super) fn plan(&self, records: &[&Record<'_>], now: Instant) -> Plan {
        let mut state = self.state();
        let State { map, map_number, pacer, .. } = &mut *state;
        let places: Vec<usize> = records.iter().map(|record| map.place_of(&record.key)).collect();
        let mut by_lane = vec![LanePlan::default(); pacer.len()];
        let mut soonest = Duration::MAX;
        for (record, lane) in records.iter().zip(&places) {
            let of_lane = &mut by_lane[*lane];
            if !of_lane.is_used {
                of_lane.is_used = true;
                soonest = soonest.min(pacer.wait(*lane, Load::default().with(record.weight()), now));
            }
        }
        let wait_max = soonest.saturating_add(SLACK).min(WAIT_MAX);
        let mut plan = Plan {
            held: Vec::new(),
            wait: Duration::ZERO,
            lanes: Vec::new(),
            loads: Vec::new(),
            map_number: *map_number,
        };
        for (record, lane) in records.iter().zip(places) {
            let of_lane = &mut by_lane[lane];
            if of_lane.held.is_none() {
                let load = of_lane.load.with(record.weight());
                let wait = pacer.wait(lane, load, now);
                if wait <= wait_max && pacer.is_burst(lane, load) {
                    of_lane.load = load;
                    plan.wait = plan.wait.max(wait);
                    plan.lanes.push(lane);
                } else {
                    of_lane.held = Some(wait.max(HOLD_MIN));
                }
            }
            plan.held.push(of_lane.held);
        }
        let loads = by_lane.iter().map(|of_lane| of_lane.load).enumerate();
        plan.loads = loads.filter(|(_, load)| load.records > 0.0).collect();
        plan.loads.iter().for_each(|(lane, load)| pacer.take(*lane, *load, now));
        plan
    }

    /// Learns from what became of the records of a plan. Answers how long a throttled record should wait.
    pub(super) fn learn(&self, plan: &Plan, results: &[PutResult<'_>], now: Instant) -> Option<Duration> {
        let mut state = self.state();
        if plan.map_number != state.map_number {
            // The map is a new one, whose lanes are others.
            return results.iter().any(is_throttled).then_some(UNLEARNED_WAIT);
        }
        let has_map = state.map.len() > 0;
        let mut throttled = vec![false; state.pacer.len()];
        for (&lane, result) in plan.lanes.iter().zip(results) {
            match result.shard_id.filter(|id| !id.is_empty()) {
                Some(id) if has_map => {
                    let is_expected = state.map.0.get(lane).is_some_and(|shard| *shard.id == *id);
                    state.is_doubted |= !is_expected;
                }
                _ if is_throttled(result) => throttled[lane] = true,
                _ => {}
            }
        }
        let mut wait: Option<Duration> = None;
        for (lane, _) in &plan.loads {
            if throttled[*lane] {
                wait = wait.max(Some(state.pacer.throttled(*lane, now)));
            } else {
                state.pacer.accepted(*lane, now);
            }
        }
        wait
    }

    /// Learns that a whole request was throttled. Answers how long its records should wait.
    pub(super) fn learn_throttled(&self, plan: &Plan, now: Instant) -> Duration {
        let mut state = self.state();
        if plan.map_number != state.map_number {
            return UNLEARNED_WAIT;
        }
        plan.loads.iter().map(|(lane, _)| state.pacer.throttled(*lane, now)).max().unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Takes another map; what was learned of shards that stay is kept.
    fn follow(&mut self, map: ShardMap, now: Instant) {
        if map == self.map {
            return;
        }
        let old: HashMap<&str, usize> = self.map.0.iter().enumerate().map(|(at, shard)| (&*shard.id, at)).collect();
        let kept: Vec<Option<usize>> = map.0.iter().map(|shard| old.get(&*shard.id).copied()).collect();
        self.pacer.rearrange(&kept, now);
        self.map = map;
        self.map_number += 1;
    }
}

fn is_throttled(result: &PutResult<'_>) -> bool {
    result.error_code.is_some_and(|code| code.contains("ThroughputExceeded") || code.contains("Throttling"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const HALF: u128 = u128::MAX / 2;

    fn map(ids: &[(&str, u128)]) -> ShardMap {
        ShardMap::new(ids.iter().map(|(id, last_hash)| Shard { id: (*id).into(), last_hash: *last_hash }).collect())
    }

    fn two() -> ShardMap {
        map(&[("b", u128::MAX), ("a", HALF)])
    }

    #[test]
    fn a_key_goes_to_the_shard_of_its_md5() {
        // MD5 of "a" begins with 0c, that of "b" with 92.
        assert_eq!((two().place_of("a"), two().place_of("b")), (0, 1));
        assert_eq!(map(&[("x", u128::MAX)]).place_of("b"), 0);
        assert_eq!(ShardMap::default().place_of("b"), 0);
    }

    fn results<'a>(results: &[(&'a str, &'a str)]) -> Vec<PutResult<'a>> {
        let given = |text: &'a str| (!text.is_empty()).then_some(text);
        results
            .iter()
            .map(|(shard, code)| PutResult {
                sequence_number: given(shard),
                shard_id: given(shard),
                error_code: given(code),
            })
            .collect()
    }

    #[tokio::test]
    async fn a_throttled_shard_waits_and_a_strange_one_is_looked_up() {
        let now = Instant::now();
        let shards = Shards::new(Pace { bytes_per_sec: 1000.0, records_per_sec: 1000.0 }, Some(two()), None, now);
        let body = Bytes::from_static(&[b'x'; 99]);
        let record = |key: &'static str| Record { key: key.into(), body: &body };
        let plan = shards.plan(&[&record("a"), &record("b")], now);
        assert_eq!(plan.wait, Duration::ZERO);
        let throttled = results(&[("a", ""), ("", "ProvisionedThroughputExceededException")]);
        let asked = shards.learn(&plan, &throttled, now).unwrap();
        assert!(asked >= Duration::from_millis(50), "{asked:?}");
        assert_eq!(shards.plan(&[&record("a")], now).wait, Duration::ZERO, "the other shard goes on");
        assert!(shards.plan(&[&record("b")], now).wait >= asked);
        let later = now + Duration::from_secs(6);
        assert!(!shards.is_due(later));
        let plan = shards.plan(&[&record("a")], now);
        shards.learn(&plan, &results(&[("c", "")]), now);
        assert!(shards.is_due(later) && !shards.is_due(now));
        assert!(shards.is_due(now + MAP_AGE_MAX));
    }

    #[tokio::test]
    async fn a_shard_gets_no_more_at_once_than_it_saves_and_a_slow_one_keeps_nobody() {
        let now = Instant::now();
        let shards = Shards::new(Pace { bytes_per_sec: 1000.0, records_per_sec: 1000.0 }, Some(two()), None, now);
        let (large, small) = (Bytes::from_static(&[b'x'; 599]), Bytes::from_static(b"x"));
        let record = |key: &'static str, body| Record { key: key.into(), body };
        let records = [record("a", &large), record("a", &large), record("b", &large), record("a", &small)];
        let plan = shards.plan(&records.iter().collect::<Vec<_>>(), now);
        assert_eq!((plan.wait, &plan.lanes[..]), (Duration::ZERO, &[0, 1][..]));
        assert!(plan.held[0].is_none() && plan.held[2].is_none());
        assert!(plan.held[1].unwrap() >= Duration::from_millis(199), "{:?}", plan.held);
        assert_eq!(plan.held[1], plan.held[3], "a later record of the key does not overtake");
        // The shard of "b" is in a long pause: the other does not wait for it, and what it has to send alone does.
        for round in 0..6 {
            let at = now + round * WAIT_MAX;
            shards.learn_throttled(&shards.plan(&[&record("b", &small)], at), at);
        }
        let later = now + 5 * WAIT_MAX;
        let plan = shards.plan(&[&record("b", &small), &record("a", &small)], later);
        assert_eq!((plan.wait, &plan.lanes[..]), (Duration::ZERO, &[0][..]));
        assert!(plan.held[0].unwrap() > Duration::from_secs(2), "{:?}", plan.held);
        let plan = shards.plan(&[&record("b", &small)], later);
        assert!(plan.held[0].is_none() && plan.wait > Duration::from_secs(2), "{:?}", plan.wait);
    }

    #[tokio::test]
    async fn nobody_waits_for_minutes() {
        let now = Instant::now();
        let shards = Shards::new(Pace { bytes_per_sec: 10.0, records_per_sec: 10.0 }, Some(two()), None, now);
        let body = Bytes::from_static(&[b'x'; 999]);
        let record = Record { key: "a".into(), body: &body };
        assert_eq!(shards.plan(&[&record], now).wait, Duration::ZERO);
        let plan = shards.plan(&[&record], now);
        assert_eq!(plan.held, [Some(Duration::from_secs(100))]);
    }

    #[tokio::test]
    async fn a_new_map_keeps_what_was_learned_of_shards_that_stay() {
        let now = Instant::now();
        let pace = Pace { bytes_per_sec: 1000.0, records_per_sec: 1000.0 };
        let shards = Shards::new(pace, Some(two()), None, now);
        let body = Bytes::from_static(b"x");
        let record = |key: &'static str| Record { key: key.into(), body: &body };
        let plan = shards.plan(&[&record("b")], now);
        shards.learn_throttled(&plan, now);
        shards.state().follow(map(&[("a1", HALF / 2), ("a2", HALF), ("b", u128::MAX)]), now);
        assert!(shards.plan(&[&record("b")], now).wait > Duration::ZERO);
        assert_eq!(shards.plan(&[&record("a")], now).wait, Duration::ZERO);
        // An answer to a request that was planned by the old map teaches nothing of lanes.
        assert!(shards.learn(&plan, &results(&[("", "ProvisionedThroughputExceededException")]), now).is_some());
        // Also where the new map has as many shards; the same map again is no new one.
        let plan = shards.plan(&[&record("a")], now);
        let again = shards.state().map.clone();
        shards.state().follow(again, now);
        assert_eq!(plan.map_number, shards.state().map_number);
        shards.state().follow(map(&[("c", HALF / 2), ("a2", HALF), ("b", u128::MAX)]), now);
        assert_eq!(shards.learn_throttled(&plan, now), UNLEARNED_WAIT);
        assert_eq!(shards.plan(&[&record("a")], now).wait, Duration::ZERO);
    }
}
