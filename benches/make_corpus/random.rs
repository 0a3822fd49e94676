//! Random numbers that are the same on every machine: xoshiro256++, seeded by splitmix64, and no
//! function of the platform's own.

/// A stream of random numbers.
pub struct Random([u64; 4]);

impl Random {
    /// The stream that belongs to `seed` and these labels: a part of the corpus, an image's number.
    pub fn new(seed: u64, labels: [u64; 2]) -> Self {
        let mut state = labels.into_iter().fold(seed, |state, label| splitmix(state ^ splitmix(label)));
        Random(std::array::from_fn(|_| {
            state = state.wrapping_add(GOLDEN);
            splitmix(state)
        }))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// A number from 0 up to but not including `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// Whether something happens that does so `in_10_000` times in ten thousand.
    pub fn chance(&mut self, in_10_000: u64) -> bool {
        self.below(10_000) < in_10_000
    }

    /// One of them.
    pub fn choice<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }

    /// Nearly normal: twelve uniform numbers added up, which unlike a logarithm are the same to the
    /// last bit everywhere.
    pub fn gauss(&mut self, mean: f64, deviation: f64) -> f64 {
        let uniform = |bits: u64| (bits >> 11) as f64 / (1_u64 << 53) as f64;
        let sum: f64 = (0..12).map(|_| uniform(self.bits())).sum();
        mean + deviation * (sum - 6.0)
    }

    /// Puts `items` into random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn splitmix(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
