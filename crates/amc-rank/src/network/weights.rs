//! What the network learns.

use ndarray::Array2;

use super::{Parts, Real, Weighting, real};
use crate::rng::Rng;

/// The sizes that the weights depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Words in the table.
    pub words: usize,
    /// Numbers in the vector of a word.
    pub dim: usize,
    /// Numbers in the vector of a region.
    pub features: usize,
}

/// All weights. Vectors are rows, so a linear map is `row.dot(&weight)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Weights<F> {
    /// The parts that there are.
    pub parts: Parts,
    /// The vectors of the words of keywords and queries.
    pub words: Array2<F>,
    /// The maps.
    pub dense: Dense<F>,
}

/// Declares the maps once, with what is the same for each of them.
macro_rules! maps {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// The maps of the network. Those of parts that it does not have are empty.
        #[derive(Debug, Clone, PartialEq)]
        pub struct Dense<F> {
            $($(#[$doc])* pub $name: Array2<F>,)*
        }

        impl<F: Real> Dense<F> {
            /// Maps of these shapes that are all 0.
            pub fn zeros([$($name,)*]: [(usize, usize); 10]) -> Dense<F> {
                Dense { $($name: Array2::zeros($name),)* }
            }

            /// The maps by name, always in the same order.
            pub fn blocks(&self) -> [(&'static str, &Array2<F>); 10] {
                [$((stringify!($name), &self.$name),)*]
            }

            /// The same maps in the same order, to change them.
            pub fn blocks_mut(&mut self) -> [&mut Array2<F>; 10] {
                [$(&mut self.$name,)*]
            }
        }
    };
}

maps! {
    /// From the query to the vector that is compared with the image.
    match_map,
    /// Its bias, as one row.
    match_bias,
    /// From the query to the vector that decides between the modalities.
    mix_map,
    /// Its bias.
    mix_bias,
    /// From the query to the language attention.
    language_query,
    /// Between the query's side and the keywords' side of the language attention.
    language_inner,
    /// From the vector of a keyword to that of an image.
    language_words,
    /// From the query to the visual attention.
    visual_query,
    /// Its bias.
    visual_bias,
    /// From the vector of a region to that of an image.
    visual_regions,
}

impl<F: Real> Dense<F> {
    /// The shape of each map, in the order of [`Dense::blocks`].
    pub fn shapes(parts: Parts, Sizes { dim, features, .. }: Sizes) -> [(usize, usize); 10] {
        let [language, visual] = [parts.language, parts.visual];
        let attends = parts.pool == Weighting::Attention;
        let mixes = parts.mixes_by_query();
        [
            (true, dim),
            (true, 1),
            (mixes, dim),
            (mixes, 1),
            (language && attends, dim),
            (language && attends, dim),
            (language, dim),
            (visual && attends, dim),
            (visual && attends, 1),
            (visual, features),
        ]
        .map(|(exists, rows)| if exists { (rows, dim) } else { (0, 0) })
    }

    /// Maps of the same shapes that are all 0.
    pub fn zeros_like(&self) -> Dense<F> {
        Dense::zeros(self.blocks().map(|(_, block)| block.dim()))
    }
}

impl<F: Real> Weights<F> {
    /// Random weights to begin with. Biases are 0.
    pub fn random(parts: Parts, sizes: Sizes, seed: u64) -> Weights<F> {
        let mut dense = Dense::zeros(Dense::<F>::shapes(parts, sizes));
        for (place, block) in (1..).zip(dense.blocks_mut()).filter(|(_, block)| block.nrows() > 1) {
            fill(block, Rng::new(seed, [0, place]), block.nrows());
        }
        // The visual attention begins with nearly equal weights. Otherwise the long vectors of
        // regions would let chance decide for long what it looks at.
        dense.visual_query.mapv_inplace(|value| value * real(0.1));
        let mut words = Array2::zeros((sizes.words, sizes.dim));
        fill(&mut words, Rng::new(seed, [0, 0]), sizes.dim);
        Weights { parts, words, dense }
    }
}

/// Fills a block with normal numbers, so that the sums of `count` products have the spread 1.
fn fill<F: Real>(block: &mut Array2<F>, mut rng: Rng, count: usize) {
    let scale = 1.0 / (count as f64).sqrt();
    block.map_inplace(|value| *value = real((scale * rng.normal()) as f32));
}
