//! Random numbers that only depend on a seed.

/// The splitmix64 generator (Steele, Lea and Flood, 2014).
///
/// The models depend on every number that it gives. A crate may change its numbers in a new
/// version, so the ten lines are here.
#[derive(Debug, Clone)]
pub struct Rng(u64);

impl Rng {
    /// The generator of one purpose: different places give unrelated numbers.
    pub fn new(seed: u64, place: [u64; 2]) -> Rng {
        let mut rng = Rng(seed);
        for part in place {
            rng.0 = rng.next().wrapping_add(part);
        }
        Rng(rng.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `end`, or 0 if `end` is 0. The bias is below `end` / 2^64.
    pub fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// A number of the standard normal distribution (Box and Muller's method).
    pub fn normal(&mut self) -> f64 {
        let mut unit = || (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (-2.0 * (1.0 - unit()).ln()).sqrt() * (std::f64::consts::TAU * unit()).cos()
    }

    /// Puts `items` in random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }

    /// `count` different numbers below `end`, in random order. `count` is at most `end`.
    pub fn sample(&mut self, count: usize, end: usize) -> Vec<usize> {
        // Robert Floyd's method: each step adds exactly one number.
        let mut drawn = std::collections::HashSet::new();
        let mut sample = Vec::new();
        for limit in end.saturating_sub(count)..end {
            let number = self.below(limit + 1);
            let new = if drawn.insert(number) { number } else { limit };
            drawn.insert(new);
            sample.push(new);
        }
        self.shuffle(&mut sample);
        sample
    }
}
