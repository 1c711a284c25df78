//! How fast shards are written to: a bucket of bytes and one of records for each, and a pause where a shard throttles.
//!
//! A shard that throttles is paused for a while that doubles each time, and gets less from then on; what it gets grows
//! again while it takes everything. So other writers to the same shard are left room, and the pace is found that is left.

use std::time::Duration;

use tokio::time::Instant;

/// The first pause of a shard that throttles.
const PAUSE_INITIAL: Duration = Duration::from_millis(100);

/// No pause is longer.
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What a throttled shard gets from then on, of what it got.
const SHARE_AFTER_THROTTLE: f64 = 0.7;

/// No shard gets less, of the full pace.
const SHARE_MIN: f64 = 0.1;

/// How much more a shard gets for each second without a throttle, of the full pace or of a larger share.
const SHARE_GROWTH: f64 = 0.05;

/// A shard that nothing was sent to for longer grows no further, in seconds: nothing was learned of it.
const GROWTH_SECS_MAX: f64 = 10.0;

/// A stream has no more shards.
const SHARDS_MAX: f64 = 10_000.0;

/// A lane may save up this long for a burst, in seconds.
const BURST_SECS: f64 = 1.0;

/// What a shard takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub bytes_per_sec: f64,
    pub records_per_sec: f64,
}

/// What is sent to a shard at once, or in a second.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    pub bytes: f64,
    pub records: f64,
}

impl Load {
    /// With another record of so many bytes.
    pub(super) fn with(self, bytes: usize) -> Load {
        Load { bytes: self.bytes + bytes as f64, records: self.records + 1.0 }
    }
}

/// The lanes of a stream: one for each shard, or one for all.
#[derive(Debug)]
pub(super) struct Pacer {
    pace: Pace,
    lanes: Vec<Lane>,
    /// The most that a lane gets, in paces of a shard.
    share_max: f64,
}

#[derive(Clone, Debug)]
struct Lane {
    /// What may be sent at once. Below zero: what was sent ahead of its time.
    saved: Load,
    filled_at: Instant,
    /// What it gets, in paces of a shard.
    share: f64,
    grown_at: Instant,
    paused_until: Instant,
    /// Pauses in a row.
    pauses: u32,
}

impl Pacer {
    /// A lane for each of `count` shards.
    pub(super) fn shards(pace: Pace, count: usize, now: Instant) -> Pacer {
        Pacer { pace, lanes: vec![Lane::new(pace, 1.0, now); count.max(1)], share_max: 1.0 }
    }

    /// One lane for a stream of `count` shards. Where the number is not known, it begins like one and grows.
    pub(super) fn whole(pace: Pace, count: Option<u64>, now: Instant) -> Pacer {
        let share = count.map_or(1.0, |count| (count as f64).clamp(1.0, SHARDS_MAX));
        let share_max = if count.is_some() { share } else { SHARDS_MAX };
        Pacer { pace, lanes: vec![Lane::new(pace, share, now)], share_max }
    }

    pub(super) fn len(&self) -> usize {
        self.lanes.len()
    }

    /// What the lanes get together, in paces of a shard.
    pub(super) fn share(&self) -> f64 {
        self.lanes.iter().map(|lane| lane.share).sum()
    }

    /// What the lanes get together in a second.
    pub(super) fn per_sec(&self) -> Load {
        let share = self.share();
        Load { bytes: self.pace.bytes_per_sec * share, records: self.pace.records_per_sec * share }
    }

    /// Whether a lane may be sent `load` at once: what it saves up at most. A record that is larger goes alone.
    pub(super) fn is_burst(&self, lane: usize, load: Load) -> bool {
        let Some(lane) = self.lanes.get(lane) else { return true };
        let burst = lane.burst(self.pace);
        load.records <= 1.0 || (load.bytes <= burst.bytes && load.records <= burst.records)
    }

    /// How long to wait before `load` is sent to a lane. One record that is larger than what a lane saves up waits until
    /// that is full, and others wait for it later.
    pub(super) fn wait(&mut self, lane: usize, load: Load, now: Instant) -> Duration {
        let pace = self.pace;
        let Some(lane) = self.lanes.get_mut(lane) else { return Duration::ZERO };
        lane.fill(pace, now);
        let burst = lane.burst(pace);
        let is_one = load.records <= 1.0;
        let due = |load: f64, burst: f64| if is_one { load.min(burst) } else { load };
        let (bytes, records) = (due(load.bytes, burst.bytes), due(load.records, burst.records));
        let secs = ((bytes - lane.saved.bytes) / (pace.bytes_per_sec * lane.share))
            .max((records - lane.saved.records) / (pace.records_per_sec * lane.share));
        let paced = Duration::try_from_secs_f64(secs.max(0.0)).unwrap_or(Duration::MAX);
        paced.max(lane.paused_until.saturating_duration_since(now))
    }

    /// Takes `load`, which is going to be sent, out of a lane's buckets.
    pub(super) fn take(&mut self, lane: usize, load: Load, now: Instant) {
        let pace = self.pace;
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        lane.fill(pace, now);
        lane.saved.bytes -= load.bytes;
        lane.saved.records -= load.records;
    }

    /// A lane throttled. Answers how long it is paused. Answers to requests of before a pause do not make it longer.
    pub(super) fn throttled(&mut self, lane: usize, now: Instant) -> Duration {
        let pace = self.pace;
        let Some(lane) = self.lanes.get_mut(lane) else { return PAUSE_INITIAL };
        if now >= lane.paused_until {
            lane.fill(pace, now);
            lane.saved = Load { bytes: lane.saved.bytes.min(0.0), records: lane.saved.records.min(0.0) };
            lane.share = (lane.share * SHARE_AFTER_THROTTLE).max(SHARE_MIN);
            lane.grown_at = now;
            lane.paused_until = now + PAUSE_INITIAL.saturating_mul(1 << lane.pauses.min(6)).min(PAUSE_MAX);
            lane.pauses = lane.pauses.saturating_add(1);
        }
        lane.paused_until.saturating_duration_since(now)
    }

    /// A lane took everything.
    pub(super) fn accepted(&mut self, lane: usize, now: Instant) {
        let (pace, share_max) = (self.pace, self.share_max);
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        if now < lane.paused_until {
            return;
        }
        lane.pauses = 0;
        let secs = now.saturating_duration_since(lane.grown_at).as_secs_f64().min(GROWTH_SECS_MAX);
        if secs >= 1.0 {
            lane.fill(pace, now);
            lane.share = (lane.share + SHARE_GROWTH * secs * lane.share.max(1.0)).min(share_max);
            lane.grown_at = now;
        }
    }

    /// Other shards: each lane is one of the old ones, or new.
    pub(super) fn rearrange(&mut self, kept: &[Option<usize>], now: Instant) {
        let fresh = Lane::new(self.pace, 1.0, now);
        let lane =
            |old: &Option<usize>| old.and_then(|at| self.lanes.get(at).cloned()).unwrap_or_else(|| fresh.clone());
        self.lanes = kept.iter().map(lane).collect();
    }
}

impl Lane {
    fn new(pace: Pace, share: f64, now: Instant) -> Lane {
        let mut lane =
            Lane { saved: Load::default(), filled_at: now, share, grown_at: now, paused_until: now, pauses: 0 };
        lane.save(pace, BURST_SECS);
        lane
    }

    fn fill(&mut self, pace: Pace, now: Instant) {
        let secs = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = self.filled_at.max(now);
        self.save(pace, secs);
    }

    fn save(&mut self, pace: Pace, secs: f64) {
        let (bytes, records) = (pace.bytes_per_sec * self.share, pace.records_per_sec * self.share);
        let burst = self.burst(pace);
        self.saved.bytes = (self.saved.bytes + bytes * secs).min(burst.bytes);
        self.saved.records = (self.saved.records + records * secs).min(burst.records);
    }

    /// The most that it saves up.
    fn burst(&self, pace: Pace) -> Load {
        let secs = self.share * BURST_SECS;
        Load { bytes: pace.bytes_per_sec * secs, records: pace.records_per_sec * secs }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PACE: Pace = Pace { bytes_per_sec: 1000.0, records_per_sec: 100.0 };

    fn load(bytes: f64, records: f64) -> Load {
        Load { bytes, records }
    }

    /// How long it waits, and is taken then.
    fn sent(pacer: &mut Pacer, lane: usize, load: Load, now: Instant) -> Duration {
        let wait = pacer.wait(lane, load, now);
        pacer.take(lane, load, now);
        wait
    }

    #[test]
    fn a_second_goes_at_once_and_the_rest_at_the_pace() {
        let now = Instant::now();
        let mut pacer = Pacer::shards(PACE, 2, now);
        assert_eq!(sent(&mut pacer, 0, load(1000.0, 1.0), now), Duration::ZERO);
        assert_eq!(sent(&mut pacer, 0, load(500.0, 1.0), now), Duration::from_millis(500));
        assert_eq!(sent(&mut pacer, 0, load(500.0, 1.0), now), Duration::from_secs(1), "behind the one before");
        assert_eq!(sent(&mut pacer, 1, load(1.0, 200.0), now), Duration::from_secs(1), "records count too");
        assert_eq!(sent(&mut pacer, 0, load(0.0, 1.0), now + Duration::from_secs(1)), Duration::ZERO);
    }

    #[test]
    fn a_large_record_waits_for_no_more_than_a_lane_saves_and_others_for_it() {
        let now = Instant::now();
        let mut pacer = Pacer::shards(PACE, 1, now);
        assert!(pacer.is_burst(0, load(1000.0, 100.0)) && pacer.is_burst(0, load(5000.0, 1.0)));
        assert!(!pacer.is_burst(0, load(1001.0, 2.0)) && !pacer.is_burst(0, load(10.0, 101.0)));
        assert_eq!(sent(&mut pacer, 0, load(5000.0, 1.0), now), Duration::ZERO);
        assert_eq!(pacer.wait(0, load(1000.0, 2.0), now), Duration::from_secs(5));
        assert_eq!(pacer.wait(0, load(1000.0, 2.0), now), Duration::from_secs(5), "asking takes nothing");
    }

    #[test]
    fn pauses_double_and_the_share_shrinks_and_grows() {
        let now = Instant::now();
        let mut pacer = Pacer::shards(PACE, 1, now);
        assert_eq!(pacer.throttled(0, now), PAUSE_INITIAL);
        assert_eq!(pacer.throttled(0, now), PAUSE_INITIAL, "the same throttle, told twice");
        let later = now + PAUSE_INITIAL;
        assert_eq!(pacer.throttled(0, later), PAUSE_INITIAL * 2);
        assert!((pacer.lanes[0].share - 0.49).abs() < 1e-9);
        let mut at = later;
        for _ in 0..20 {
            at += Duration::from_secs(1);
            pacer.accepted(0, at);
        }
        assert!((pacer.lanes[0].share - 1.0).abs() < 1e-9);
        assert_eq!(pacer.throttled(0, at), PAUSE_INITIAL, "from the begin again");
        for round in 1..30 {
            assert!(pacer.throttled(0, at + PAUSE_MAX * round) <= PAUSE_MAX);
        }
        assert!(pacer.lanes[0].share >= SHARE_MIN);
    }

    #[test]
    fn a_stream_of_unknown_shards_begins_like_one_and_grows() {
        let now = Instant::now();
        let mut pacer = Pacer::whole(PACE, None, now);
        assert_eq!(sent(&mut pacer, 0, load(2000.0, 2.0), now), Duration::from_secs(1));
        for secs in 1..100 {
            pacer.accepted(0, now + Duration::from_secs(secs));
        }
        assert!(pacer.lanes[0].share > 10.0);
        assert_eq!(Pacer::whole(PACE, Some(4), now).wait(0, load(4000.0, 2.0), now), Duration::ZERO);
    }
}
