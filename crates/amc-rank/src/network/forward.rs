//! From queries and images to scores.

use std::iter::repeat_n;

use ndarray::{Array1, Array2, ArrayView1, Axis, CowArray, Ix2};

use super::layers::{Units, rectified, softmax};
use super::{Example, Item, Real, Weighting, Weights, real};

/// What the way to the scores left behind; the way back needs it.
#[derive(Debug)]
pub struct Tape<'a, F> {
    /// The mean of the word vectors of each query.
    pub(super) query: Array2<F>,
    /// The direction of each query that is compared with images. It was rectified.
    pub(super) matching: Units<F>,
    /// The direction of each query that decides between the modalities. It was rectified.
    pub(super) mixing: Option<Units<F>>,
    pub(super) language: Option<ModalityRows<'a, F>>,
    pub(super) visual: Option<ModalityRows<'a, F>>,
    /// The visual weight of each image; the language weight is the rest.
    pub(super) visual_weights: Vec<F>,
    /// The vector of each image, as the query sees it.
    pub(super) mixed: Units<F>,
    /// The query of each image.
    pub(super) owners: Vec<usize>,
    /// The score of each image: query after query, each with its images in order.
    pub scores: Vec<F>,
}

/// One modality of all images.
#[derive(Debug)]
pub(super) struct ModalityRows<'a, F> {
    /// What the attention of each query was computed from.
    pub aim: Option<Aim<F>>,
    /// The vectors of the keywords or regions of each image.
    pub rows: Vec<CowArray<'a, F, Ix2>>,
    /// Their weights.
    pub weights: Vec<Vec<F>>,
    /// Their weighted sum.
    pub pooled: Array2<F>,
    /// The direction of the same, mapped.
    pub units: Units<F>,
}

/// The query's side of an attention.
#[derive(Debug)]
pub(super) struct Aim<F> {
    /// The last step from the query.
    pub last: Array2<F>,
    /// What keywords or regions are multiplied by. The map of the keywords (or regions) is moved to
    /// the query's side: `(k W) · s` is `k · (W s)`, which is computed once for each query.
    pub target: Array2<F>,
}

/// What the network looks at in one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention {
    /// One weight for each keyword; empty if the model does not see keywords.
    pub words: Vec<f32>,
    /// One weight for each region; empty if the model does not see regions.
    pub regions: Vec<f32>,
    /// The weight of the visual modality. The language modality has the rest.
    pub visual: f32,
    /// The score of the image.
    pub score: f32,
}

impl<F: Real> Weights<F> {
    /// The scores of all images of `examples`, each for its query.
    pub fn forward<'a>(&self, examples: &[Example<'a, F>]) -> Tape<'a, F> {
        let queries = examples.iter().enumerate();
        let owners: Vec<usize> = queries.flat_map(|(owner, example)| repeat_n(owner, example.items.len())).collect();
        let query = self.queries(examples);
        let maps = &self.dense;
        let matching = Units::new(rectified(&query, &maps.match_map, &maps.match_bias));
        let mixes = self.parts.mixes_by_query();
        let mixing = mixes.then(|| Units::new(rectified(&query, &maps.mix_map, &maps.mix_bias)));
        let attends = self.parts.pool == Weighting::Attention;
        let items = || examples.iter().flat_map(|example| &example.items);
        let language = self.parts.language.then(|| {
            let last = || query.dot(&maps.language_query).dot(&maps.language_inner);
            let rows = items().map(|item| self.vectors(item.words).into()).collect();
            ModalityRows::new(attends.then(last), rows, &maps.language_words, &owners)
        });
        let visual = self.parts.visual.then(|| {
            let last = || rectified(&query, &maps.visual_query, &maps.visual_bias);
            let rows = items().map(|item| item.regions.into()).collect();
            ModalityRows::new(attends.then(last), rows, &maps.visual_regions, &owners)
        });
        let visual_weight = |(place, &owner): (usize, &usize)| match (&visual, &language, &mixing) {
            (Some(visual), Some(language), Some(mixing)) => {
                let query = mixing.rows.row(owner);
                let mut weights = [visual, language].map(|of| query.dot(&of.units.rows.row(place)));
                softmax(&mut weights);
                weights[0]
            }
            (Some(_), Some(_), None) => real(0.5),
            _ => real(f32::from(u8::from(visual.is_some()))),
        };
        let visual_weights: Vec<F> = owners.iter().enumerate().map(visual_weight).collect();
        let mut mixed = Array2::zeros((owners.len(), self.words.ncols()));
        for (place, (mut row, &weight)) in mixed.rows_mut().into_iter().zip(&visual_weights).enumerate() {
            for (modality, weight) in [(&visual, weight), (&language, F::one() - weight)] {
                modality.iter().for_each(|of| row.scaled_add(weight, &of.units.rows.row(place)));
            }
        }
        let mixed = Units::new(mixed);
        let images = mixed.rows.rows().into_iter().zip(&owners);
        let scores = images.map(|(image, &owner)| image.dot(&matching.rows.row(owner))).collect();
        Tape { query, matching, mixing, language, visual, visual_weights, mixed, owners, scores }
    }

    fn queries(&self, examples: &[Example<'_, F>]) -> Array2<F> {
        let mut rows = Array2::zeros((examples.len(), self.words.ncols()));
        for (mut row, Example { query, .. }) in rows.rows_mut().into_iter().zip(examples) {
            let share = F::one() / real(query.len() as f32);
            query.iter().for_each(|&word| row.scaled_add(share, &self.words.row(word as usize)));
        }
        rows
    }

    fn vectors(&self, words: &[u32]) -> Array2<F> {
        let rows: Vec<usize> = words.iter().map(|&word| word as usize).collect();
        self.words.select(Axis(0), &rows)
    }
}

impl Weights<f32> {
    /// What the network looks at in `item`.
    pub fn attention<'a>(&self, query: &'a [u32], item: Item<'a, f32>) -> Attention {
        let tape = self.forward(&[Example { query, items: vec![item] }]);
        let first = |modality: Option<ModalityRows<'_, f32>>| modality.and_then(|mut of| of.weights.pop()).unwrap_or_default();
        Attention {
            words: first(tape.language),
            regions: first(tape.visual),
            visual: tape.visual_weights.into_iter().sum(),
            score: tape.scores.into_iter().sum(),
        }
    }
}

impl<'a, F: Real> ModalityRows<'a, F> {
    /// Pools the rows of each image. Without the last step from the queries all weights are equal.
    fn new(last: Option<Array2<F>>, rows: Vec<CowArray<'a, F, Ix2>>, map: &Array2<F>, owners: &[usize]) -> Self {
        let aim = last.map(|last| Aim { target: last.dot(&map.t()), last });
        let mut pooled = Array2::zeros((rows.len(), map.nrows()));
        let mut weights = Vec::with_capacity(rows.len());
        for (mut pooled, (rows, &owner)) in pooled.rows_mut().into_iter().zip(rows.iter().zip(owners)) {
            let shares = attention(aim.as_ref().map(|aim| aim.target.row(owner)), rows);
            rows.rows().into_iter().zip(&shares).for_each(|(row, &share)| pooled.scaled_add(share, &row));
            weights.push(shares);
        }
        ModalityRows { aim, rows, weights, units: Units::new(pooled.dot(map)), pooled }
    }
}

/// The weight that `target` gives to each row.
fn attention<F: Real>(target: Option<ArrayView1<'_, F>>, rows: &CowArray<'_, F, Ix2>) -> Vec<F> {
    let Some(target) = target else {
        // An exact number: no image has 2^24 words or regions.
        return vec![F::one() / real(rows.nrows() as f32); rows.nrows()];
    };
    let mut weights: Array1<F> = rows.dot(&target);
    weights.as_slice_mut().into_iter().for_each(softmax);
    weights.to_vec()
}
