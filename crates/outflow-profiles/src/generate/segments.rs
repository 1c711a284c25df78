//! The twenty segments of the sample profiles.

/// How many segments sample profiles belong to.
pub const SEGMENT_COUNT: usize = 20;

/// Share of the profiles in each segment, in thousandths: from an audience of a pilot test to most of the customers.
const SHARES_PER_MILLE: [u64; SEGMENT_COUNT] =
    [1, 2, 5, 10, 15, 20, 30, 40, 50, 60, 80, 100, 120, 150, 200, 250, 330, 400, 500, 600];

/// One segment that sample profiles belong to.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleSegment {
    /// The key in `segmentMembership`, a UUID. The same for every seed.
    pub id: String,
    /// Share of the profiles that have an entry for it, from 0 to 1. 92 in a hundred entries are `realized` or
    /// `existing`, the rest `exited`.
    pub share: f64,
}

/// The twenty segments, smallest first.
pub fn sample_segments() -> Vec<SampleSegment> {
    (0..SEGMENT_COUNT as u64)
        .map(|i| SampleSegment { id: segment_id(i), share: SHARES_PER_MILLE[i as usize] as f64 / 1000.0 })
        .collect()
}

/// The shares as thresholds for 32 random bits: an entry is there when the bits are below.
pub(super) fn thresholds() -> [u32; SEGMENT_COUNT] {
    SHARES_PER_MILLE.map(|share| ((share << 32) / 1000) as u32)
}

fn segment_id(i: u64) -> String {
    let high = (i + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let low = (i + 7).wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
    let digits = format!("{high:016x}{low:016x}");
    // Version and variant as a UUID has them.
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_fixed() {
        let segments = sample_segments();
        assert_eq!(segments[16].id, "81af1551-73f2-4d65-ae0d-a77e94212419");
        assert_eq!(segments[16].share, 0.33);
        assert_eq!(segments[0].id, "9e3779b9-7f4a-4c15-a2e2-c3ac16d26f29");
        assert_eq!(segments[0].share, 0.001);
        let distinct: std::collections::HashSet<&str> = segments.iter().map(|s| s.id.as_str()).collect();
        assert_eq!(distinct.len(), SEGMENT_COUNT);
        assert!(segments.iter().all(|s| s.id.len() == 36));
    }
}
