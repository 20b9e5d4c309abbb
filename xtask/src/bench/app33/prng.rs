//! A tiny fixed-seed generator, so that everybody's app is the same app.

/// `SplitMix64`: one word of state, good enough to make prices look like prices.
pub(crate) struct Prng(u64);

impl Prng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }

    /// A number in `0..bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A price between 0.00 and 99.99, as a source literal.
    pub(crate) fn price(&mut self) -> String {
        let cents = self.below(10_000);
        format!("{}.{:02}", cents / 100, cents % 100)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_sequence() {
        let draw = |seed| {
            let mut prng = Prng::new(seed);
            (0..8).map(|_| prng.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(42), draw(42));
        assert_ne!(draw(42), draw(43));
    }

    #[test]
    fn a_price_has_two_decimals_and_stays_below_a_hundred() {
        let mut prng = Prng::new(42);
        for _ in 0..1000 {
            let price = prng.price();
            let (whole, cents) = price.split_once('.').unwrap();
            assert!(whole.parse::<u8>().unwrap() < 100);
            assert_eq!(cents.len(), 2);
        }
    }
}
