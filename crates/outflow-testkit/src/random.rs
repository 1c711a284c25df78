//! Random numbers from a seed that is printed, for whoever wants the same again.

/// A row of random numbers.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// From the seed in `OUTFLOW_TEST_SEED`, or from one of this process's. `what` the numbers are for is printed with it.
    #[expect(clippy::disallowed_methods, reason = "another seed each time finds more; the seed is printed")]
    #[expect(clippy::print_stdout, reason = "what a seeded test did is printed, so that it can be repeated")]
    pub fn new(what: &str) -> Random {
        let given = std::env::var("OUTFLOW_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
        let clock = || {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |since| since.as_nanos() as u64)
        };
        let seed = given.unwrap_or_else(clock);
        println!("{what}: OUTFLOW_TEST_SEED={seed}");
        Random::from_seed(seed)
    }

    /// From a seed of the test's own.
    pub fn from_seed(seed: u64) -> Random {
        Random(seed)
    }

    /// 64 random bits (SplitMix64).
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 to below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.bits() % limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again() {
        let row = |seed| {
            let mut random = Random::from_seed(seed);
            (random.bits(), random.share(), random.below(10))
        };
        assert_eq!(row(7), row(7));
        assert_ne!(row(7), row(8));
        let (_, share, below) = row(9);
        assert!((0.0..1.0).contains(&share) && below < 10);
    }
}
