//! Estimates of rules that nobody saved.

use super::super::estimate;
use super::*;

fn everybody() -> Profiles {
    (0..4_000).map(|n| (format!("p{n}"), (Some(n), (n % 3 == 0).then_some("x")))).collect()
}

#[test]
fn a_sample_tells_how_many_there_are_and_shows_some() {
    let place = Place::new();
    let snapshot = place.snapshot(&everybody(), 4);
    let of = |rows_max, seed| estimate(&snapshot, &rule("n < 1000"), rows_max, seed, 5, &no_check).unwrap();
    for seed in 0..8 {
        let found = of(600, seed);
        // Sixteen parts of about 250; the last batch is read to its end.
        assert!((600..1_200).contains(&found.read), "{found:?}");
        assert_eq!(found.profiles, 4_000);
        assert!(found.low <= 1_000 && 1_000 <= found.high, "{found:?}");
        assert!(found.low <= found.matched && found.matched <= found.high && found.high - found.low < 800);
        assert_eq!(found.sample.len(), 5);
        for profile in &found.sample {
            assert!(profile["n"].as_i64().is_some_and(|n| n < 1_000), "{profile}");
            assert!(profile["identityMap"]["Email"][0]["id"].is_string() && profile.get("_outflow_id").is_none());
        }
        assert_eq!(of(600, seed), found);
    }
    assert_ne!(of(600, 1).sample, of(600, 2).sample);
}

#[test]
fn an_estimate_from_all_profiles_is_none() {
    let place = Place::new();
    let snapshot = place.snapshot(&everybody(), 2);
    let found = estimate(&snapshot, &rule("n >= 3900 and s = \"x\""), 1_000_000, 3, 1_000, &no_check).unwrap();
    assert_eq!((found.read, found.read_matched), (4_000, 34));
    assert_eq!((found.matched, found.low, found.high, found.sample.len()), (34, 34, 34, 34));
    let nobody = estimate(&snapshot, &rule("n > 5000"), 1_000_000, 3, 5, &no_check).unwrap();
    assert_eq!((nobody.read, nobody.matched, nobody.high, nobody.sample.len()), (4_000, 0, 0, 0));
}

#[test]
fn nobody_is_estimated_where_there_is_nobody() {
    let place = Place::new();
    let found = estimate(&place.snapshot(&Profiles::new(), 0), &rule("true"), 100, 1, 5, &no_check).unwrap();
    assert_eq!((found.profiles, found.read, found.matched, found.low, found.high), (0, 0, 0, 0, 0));
}

#[test]
fn an_estimate_stops_when_it_is_told_to() {
    let place = Place::new();
    let snapshot = place.snapshot(&everybody(), 2);
    let stop = || Err(Fault::new(outflow_model::FaultClass::Interrupted, "stopped by the test"));
    let fault = estimate(&snapshot, &rule("true"), 1_000_000, 1, 5, &stop).unwrap_err();
    assert_eq!(fault.message, "stopped by the test");
}
