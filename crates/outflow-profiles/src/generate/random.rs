//! Random numbers that are the same on every machine, in every release and for any number of threads.
//!
//! Every profile draws from a stream of its own, named by the seed and the profile's number, so a profile does not
//! depend on which file, row group or thread makes it. Only whole numbers are used: `ln` and `pow` differ between
//! systems. The generator is SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014); it
//! is kept here because its very numbers are part of what is promised.

/// A stream of random numbers.
pub(crate) struct Stream(u64);

const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl Stream {
    /// The stream of `index` under `seed`.
    pub(crate) fn of(seed: u64, index: u64) -> Stream {
        Stream(mix(mix(seed.wrapping_add(GOLDEN_GAMMA)) ^ index.wrapping_mul(GOLDEN_GAMMA)))
    }

    /// The next 64 random bits.
    pub(super) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN_GAMMA);
        mix(self.0)
    }

    /// A number below `end`. The bias is under `end / 2^64`, far below anything a sample could show.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        scale(self.bits(), end)
    }

    /// A number from `from` to below `end`.
    pub(super) fn between(&mut self, from: i64, end: i64) -> i64 {
        from + self.below((end - from).unsigned_abs()) as i64
    }

    /// True `percent` times in a hundred.
    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// An index below `length` where the first are far more frequent, as names are: the product of three uniform
    /// numbers.
    pub(super) fn skewed(&mut self, length: usize) -> usize {
        let twice = scale(self.bits(), self.bits());
        scale(scale(twice, self.bits()), length as u64) as usize
    }
}

/// `bits / 2^64 * end`, rounded down.
fn scale(bits: u64, end: u64) -> u64 {
    ((u128::from(bits) * u128::from(end)) >> 64) as u64
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_splitmix64s() {
        // The reference implementation's first three numbers for the state 1234567.
        let mut stream = Stream(1_234_567);
        let numbers = [stream.bits(), stream.bits(), stream.bits()];
        assert_eq!(numbers, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }

    #[test]
    fn neighbouring_streams_are_unlike() {
        let mut ones = 0;
        for index in 0..10_000 {
            let (mut a, mut b) = (Stream::of(1, index), Stream::of(1, index + 1));
            ones += (a.bits() ^ b.bits()).count_ones();
        }
        assert!((319_000..321_000).contains(&ones), "{ones} of 640000 bits differ");
    }

    #[test]
    fn numbers_stay_in_range_and_spread() {
        let mut stream = Stream::of(7, 0);
        let mut counts = [0u32; 10];
        for _ in 0..100_000 {
            counts[stream.below(10) as usize] += 1;
        }
        assert!(counts.iter().all(|c| (9_500..10_500).contains(c)), "{counts:?}");
        assert!((0..10_000).all(|_| (-5..5).contains(&stream.between(-5, 5))));
        let first = (0..10_000).filter(|_| stream.skewed(1000) < 100).count();
        assert!((5_800..6_200).contains(&first), "{first} of 10000 in the first tenth");
    }
}
