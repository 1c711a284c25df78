//! How many profiles a rule would select, and some of them, without evaluating it over all.
//!
//! Profiles are ordered by a hash of their ids, which knows nothing of their fields. So any stretch of them is a random
//! sample, and a few parts chosen by the seed say how large the segment would be, within an interval.

use std::sync::Arc;

use arrow::array::AsArray;
use arrow::compute::cast;
use arrow::datatypes::DataType;
use outflow_model::rule::BoundRule;
use outflow_model::{Fault, FieldPath};
use serde::Serialize;
use serde_json::Value;

use super::space::unfit;
use crate::evaluate::Evaluator;
use crate::generate::Stream;
use crate::scan::{Morsel, ScanRequest};
use crate::snapshot::{ID_COLUMN, Snapshot};

/// What a rule would select, as far as a sample tells.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Estimate {
    /// Profiles in the snapshot.
    pub profiles: u64,
    /// Profiles in the sample.
    pub read: u64,
    /// Profiles in the sample that the rule selects.
    pub read_matched: u64,
    /// Profiles in the snapshot that it would select: the sample's share of all.
    pub matched: u64,
    /// The true number is at least this, with 95 % confidence; the number itself if all profiles were read.
    pub low: u64,
    /// The true number is at most this, with 95 % confidence; the number itself if all profiles were read.
    pub high: u64,
    /// Some of the selected profiles, as JSON objects without members that are null.
    pub sample: Vec<Value>,
}

/// The quantile of the normal distribution for 95 % between both sides.
const Z: f64 = 1.959_964;

/// Estimates how many profiles of `snapshot` the rule selects. At most `rows_max` profiles are read, and what is left of a
/// batch; at most `sample_max` of those selected are shown. The same arguments give the same answer.
///
/// # Errors
/// `Input` for files that are not there or damaged, `Internal` for a rule that was not checked, and what `check` answers.
pub fn estimate(
    snapshot: &Snapshot,
    rule: &BoundRule,
    rows_max: u64,
    seed: u64,
    sample_max: usize,
    check: &dyn Fn() -> Result<(), Fault>,
) -> Result<Estimate, Fault> {
    let profiles = snapshot.open()?;
    let evaluator = Arc::new(Evaluator::new(rule)?);
    let id = FieldPath::parse(ID_COLUMN).map_err(|e| Fault::internal("ids have no path").because(e))?;
    let (mut read, mut read_matched) = (0, 0);
    let mut ids: Vec<String> = Vec::new();
    for morsel in shuffled(profiles.morsels(), seed) {
        if read >= rows_max {
            break;
        }
        let columns = if ids.len() < sample_max { vec![id.clone()] } else { Vec::new() };
        let request = ScanRequest { rule: Some(Arc::clone(&evaluator)), columns, ..ScanRequest::default() };
        let mut scan = profiles.scan(morsel, &request)?;
        while read < rows_max
            && let Some(batch) = scan.next_batch()?
        {
            check()?;
            read += batch.read;
            read_matched += batch.selected;
            if let Some(column) = batch.columns.first() {
                let texts = cast(column, &DataType::Utf8).map_err(|e| unfit(&e))?;
                let left = sample_max - ids.len();
                ids.extend(texts.as_string::<i32>().iter().flatten().take(left).map(str::to_string));
            }
        }
    }
    let mut sample = Vec::new();
    for id in ids {
        check()?;
        sample.extend(snapshot.find(&id)?.map(|found| found.profile));
    }
    let (matched, low, high) = interval(profiles.morsels().iter().map(|m| m.rows).sum(), read, read_matched);
    Ok(Estimate { profiles: snapshot.profiles, read, read_matched, matched, low, high, sample })
}

/// The morsels in an order that the seed decides.
fn shuffled(morsels: &[Morsel], seed: u64) -> Vec<Morsel> {
    shuffled_numbers(morsels.len(), seed).into_iter().map(|number| morsels[number]).collect()
}

/// The numbers below `count` in an order that the seed decides.
pub(super) fn shuffled_numbers(count: usize, seed: u64) -> Vec<usize> {
    let mut numbers: Vec<usize> = (0..count).collect();
    let mut random = Stream::of(seed, 0);
    for last in (1..count).rev() {
        numbers.swap(last, random.below(last as u64 + 1) as usize);
    }
    numbers
}

/// How many of `all` are selected if `matched` of a sample of `read` are: the share of all, and Wilson's interval for it,
/// which holds for shares near none and near all too, narrowed as the sample nears all.
pub(super) fn interval(all: u64, read: u64, matched: u64) -> (u64, u64, u64) {
    if read == 0 || read >= all {
        let high = if read == 0 { all } else { matched };
        return (matched, matched, high);
    }
    let (n, size) = (read as f64, all as f64);
    let share = matched as f64 / n;
    let n = n * (size - 1.0) / (size - n);
    let scale = 1.0 + Z * Z / n;
    let middle = (share + Z * Z / (2.0 * n)) / scale;
    let half = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt() / scale;
    // What was seen is certain.
    let (least, most) = (matched, all - (read - matched));
    let low = (((middle - half) * size).floor().max(0.0) as u64).clamp(least, most);
    let high = (((middle + half) * size).ceil().max(0.0) as u64).clamp(low, most);
    (((share * size).round() as u64).clamp(low, high), low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_as_wide_as_it_must_be() {
        assert_eq!(interval(100, 100, 40), (40, 40, 40));
        assert_eq!(interval(0, 0, 0), (0, 0, 0));
        assert_eq!(interval(100, 0, 0), (0, 0, 100));
        // Nobody of a thousand does not mean nobody of a million.
        let (matched, low, high) = interval(1_000_000, 1_000, 0);
        assert_eq!((matched, low), (0, 0));
        assert!((3_000..5_000).contains(&high), "{high}");
        let (matched, low, high) = interval(1_000_000, 10_000, 2_000);
        assert_eq!(matched, 200_000);
        // Twice the standard error of 0.4 %.
        assert!((191_000..193_500).contains(&low) && (206_500..209_000).contains(&high), "{low} {high}");
        let (_, low, high) = interval(1_000, 999, 500);
        assert!(low >= 500 && high <= 501);
    }

    #[test]
    fn the_interval_holds_the_truth_as_often_as_it_says() {
        // Samples without replacement from 5,000 of which some are selected; a fixed generator draws them.
        let mut state = 1u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        for truth in [10u64, 400, 2_500, 4_990] {
            let holds = (0..1_000).filter(|_| {
                let (mut left, mut selected, mut seen) = (5_000, truth, 0);
                for _ in 0..500 {
                    let hit = draw(left) < selected;
                    selected -= u64::from(hit);
                    seen += u64::from(hit);
                    left -= 1;
                }
                let (_, low, high) = interval(5_000, 500, seen);
                (low..=high).contains(&truth)
            });
            let holds = holds.count();
            assert!(holds >= 925, "{truth} of 5000: {holds} of 1000");
        }
    }

    #[test]
    fn the_seed_decides_the_order_and_loses_nothing() {
        let morsels: Vec<Morsel> = (0..20).map(|file| Morsel { file, group: 0, rows: 1, bytes: 1 }).collect();
        let order = |seed| shuffled(&morsels, seed).iter().map(|m| m.file).collect::<Vec<_>>();
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let mut all = order(7);
        all.sort_unstable();
        assert_eq!(all, (0..20).collect::<Vec<_>>());
    }
}
