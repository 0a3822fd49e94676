//! What the network learns.

use ndarray::Array2;

use super::{Parts, Real, Weighting};
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
            /// Maps of no size.
            pub fn empty() -> Dense<F> {
                Dense { $($name: Array2::zeros((0, 0)),)* }
            }

            /// The maps by name, always in the same order.
            pub fn blocks(&self) -> Vec<(&'static str, &Array2<F>)> {
                vec![$((stringify!($name), &self.$name),)*]
            }

            /// The same maps in the same order, to change them.
            pub fn blocks_mut(&mut self) -> Vec<&mut Array2<F>> {
                vec![$(&mut self.$name,)*]
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
    /// Maps that are all 0.
    pub fn zeros(parts: Parts, sizes: Sizes) -> Dense<F> {
        let mut dense = Dense::empty();
        for (block, (_, shape)) in dense.blocks_mut().into_iter().zip(Dense::<F>::shapes(parts, sizes)) {
            *block = Array2::zeros(shape);
        }
        dense
    }

    /// The name and the shape of each map, in the order of [`Dense::blocks`].
    pub fn shapes(parts: Parts, sizes: Sizes) -> [(&'static str, (usize, usize)); 10] {
        let Sizes { dim, features, .. } = sizes;
        let shape = |exists: bool, rows| if exists { (rows, dim) } else { (0, 0) };
        let attends = parts.pool == Weighting::Attention;
        [
            ("match_map", shape(true, dim)),
            ("match_bias", shape(true, 1)),
            ("mix_map", shape(parts.mixes_by_query(), dim)),
            ("mix_bias", shape(parts.mixes_by_query(), 1)),
            ("language_query", shape(parts.language && attends, dim)),
            ("language_inner", shape(parts.language && attends, dim)),
            ("language_words", shape(parts.language, dim)),
            ("visual_query", shape(parts.visual && attends, dim)),
            ("visual_bias", shape(parts.visual && attends, 1)),
            ("visual_regions", shape(parts.visual, features)),
        ]
    }
}

impl<F: Real> Weights<F> {
    /// Random weights to begin with. Biases are 0.
    pub fn random(parts: Parts, sizes: Sizes, seed: u64) -> Weights<F> {
        let mut dense = Dense::zeros(parts, sizes);
        for (place, block) in dense.blocks_mut().into_iter().enumerate() {
            if block.nrows() > 1 {
                let scale = 1.0 / (block.nrows() as f64).sqrt();
                fill(block, scale, Rng::new(seed, [0, 1 + place as u64]));
            }
        }
        // Regions are long vectors. The visual attention begins with nearly equal weights, so that chance
        // does not decide for long what it looks at.
        dense.visual_query.mapv_inplace(|value| value * <F as From<f32>>::from(0.1));
        let mut words = Array2::zeros((sizes.words, sizes.dim));
        fill(&mut words, 1.0 / (sizes.dim as f64).sqrt(), Rng::new(seed, [0, 0]));
        Weights { parts, words, dense }
    }
}

fn fill<F: Real>(block: &mut Array2<F>, scale: f64, mut rng: Rng) {
    block.map_inplace(|value| *value = <F as From<f32>>::from((scale * rng.normal()) as f32));
}
