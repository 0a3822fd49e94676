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

/// The maps of the network. Those of parts that it does not have are empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense<F> {
    /// From the query to the vector that is compared with the image.
    pub match_map: Array2<F>,
    /// Its bias, as one row.
    pub match_bias: Array2<F>,
    /// From the query to the vector that decides between the modalities.
    pub mix_map: Array2<F>,
    /// Its bias.
    pub mix_bias: Array2<F>,
    /// From the query to the language attention.
    pub language_query: Array2<F>,
    /// Between the query's side and the keywords' side of the language attention.
    pub language_inner: Array2<F>,
    /// From the vector of a keyword to that of an image.
    pub language_words: Array2<F>,
    /// From the query to the visual attention.
    pub visual_query: Array2<F>,
    /// Its bias.
    pub visual_bias: Array2<F>,
    /// From the vector of a region to that of an image.
    pub visual_regions: Array2<F>,
}

impl<F: Real> Dense<F> {
    /// Maps of no size.
    pub fn empty() -> Dense<F> {
        let none = || Array2::zeros((0, 0));
        Dense {
            match_map: none(),
            match_bias: none(),
            mix_map: none(),
            mix_bias: none(),
            language_query: none(),
            language_inner: none(),
            language_words: none(),
            visual_query: none(),
            visual_bias: none(),
            visual_regions: none(),
        }
    }

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

    /// The maps by name, always in the same order.
    pub fn blocks(&self) -> [(&'static str, &Array2<F>); 10] {
        [
            ("match_map", &self.match_map),
            ("match_bias", &self.match_bias),
            ("mix_map", &self.mix_map),
            ("mix_bias", &self.mix_bias),
            ("language_query", &self.language_query),
            ("language_inner", &self.language_inner),
            ("language_words", &self.language_words),
            ("visual_query", &self.visual_query),
            ("visual_bias", &self.visual_bias),
            ("visual_regions", &self.visual_regions),
        ]
    }

    /// The same maps in the same order, to change them.
    pub fn blocks_mut(&mut self) -> [&mut Array2<F>; 10] {
        [
            &mut self.match_map,
            &mut self.match_bias,
            &mut self.mix_map,
            &mut self.mix_bias,
            &mut self.language_query,
            &mut self.language_inner,
            &mut self.language_words,
            &mut self.visual_query,
            &mut self.visual_bias,
            &mut self.visual_regions,
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
        let mut words = Array2::zeros((sizes.words, sizes.dim));
        fill(&mut words, 1.0 / (sizes.dim as f64).sqrt(), Rng::new(seed, [0, 0]));
        Weights { parts, words, dense }
    }
}

fn fill<F: Real>(block: &mut Array2<F>, scale: f64, mut rng: Rng) {
    block.map_inplace(|value| *value = <F as From<f32>>::from((scale * rng.normal()) as f32));
}
