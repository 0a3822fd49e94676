//! From queries and images to scores.

use ndarray::{Array1, Array2, ArrayView1};

use super::algebra::{Units, attention, rectified, softmax};
use super::{Example, Item, Real, Weighting, Weights};

/// What the way to the scores left behind; the way back needs it.
#[derive(Debug)]
pub struct Tape<F> {
    /// The mean of the word vectors of each query.
    pub(super) query: Array2<F>,
    /// The vector of each query that is compared with images.
    pub(super) matching: Rectified<F>,
    /// The vector of each query that decides between the modalities.
    pub(super) mixing: Option<Rectified<F>>,
    pub(super) language: Option<Modality<F>>,
    pub(super) visual: Option<Modality<F>>,
    /// The visual weight of each image; the language weight is the rest.
    pub(super) visual_weights: Vec<F>,
    /// The vector of each image, as the query sees it.
    pub(super) mixed: Units<F>,
    /// The query of each image.
    pub(super) owners: Vec<usize>,
    /// The score of each image: query after query, each with its images in order.
    pub scores: Vec<F>,
}

/// A rectified map of the query, and its direction.
#[derive(Debug)]
pub(super) struct Rectified<F> {
    pub output: Array2<F>,
    pub units: Units<F>,
}

/// One modality of all images.
#[derive(Debug)]
pub(super) struct Modality<F> {
    /// What the attention of each query was computed from.
    pub aim: Option<Aim<F>>,
    /// The weights of the keywords or regions of each image.
    pub weights: Vec<Vec<F>>,
    /// The weighted sum of the keywords or regions of each image.
    pub pooled: Array2<F>,
    /// The same, mapped.
    pub units: Units<F>,
}

/// The query's side of an attention.
#[derive(Debug)]
pub(super) struct Aim<F> {
    /// The first step from the query. The visual attention has only this step.
    pub first: Array2<F>,
    /// The last step from the query.
    pub last: Array2<F>,
    /// What keywords or regions are multiplied by. The map of the keywords (or regions) is moved to
    /// the query's side: `(k W) · s` is `k · (W s)`, which is computed once for each query.
    pub target: Array2<F>,
}

/// What the network looks at in one image.
#[derive(Debug, Clone, PartialEq)]
pub struct Attention<F> {
    /// One weight for each keyword; empty if the model does not see keywords.
    pub words: Vec<F>,
    /// One weight for each region; empty if the model does not see regions.
    pub regions: Vec<F>,
    /// The weight of the visual modality. The language modality has the rest.
    pub visual: F,
    /// The score of the image.
    pub score: F,
}

impl<F: Real> Weights<F> {
    /// The scores of all images of `examples`, each for its query.
    pub fn forward(&self, examples: &[Example<'_, F>]) -> Tape<F> {
        let owners: Vec<usize> = pairs(examples).map(|(owner, _)| owner).collect();
        let query = self.queries(examples);
        let matching = Rectified::new(&query, &self.dense.match_map, &self.dense.match_bias);
        let mixing = self.parts.mixes_by_query().then(|| Rectified::new(&query, &self.dense.mix_map, &self.dense.mix_bias));
        let language = self.parts.language.then(|| self.language(&query, examples));
        let visual = self.parts.visual.then(|| self.visual(&query, examples));
        let visual_weights = visual_weights(mixing.as_ref(), language.as_ref(), visual.as_ref(), &owners);
        let mixed = mix(&visual_weights, language.as_ref(), visual.as_ref(), (owners.len(), self.words.ncols()));
        let pairs = mixed.rows.rows().into_iter().zip(&owners);
        let scores = pairs.map(|(image, &owner)| image.dot(&matching.units.rows.row(owner))).collect();
        Tape { query, matching, mixing, language, visual, visual_weights, mixed, owners, scores }
    }

    /// What the network looks at in `item`.
    pub fn attention<'a>(&self, query: &'a [u32], item: Item<'a, F>) -> Attention<F> {
        let tape = self.forward(&[Example { query, items: vec![item] }]);
        let first = |modality: Option<Modality<F>>| modality.and_then(|mut of| of.weights.pop()).unwrap_or_default();
        Attention {
            words: first(tape.language),
            regions: first(tape.visual),
            visual: tape.visual_weights.first().copied().unwrap_or_else(F::zero),
            score: tape.scores.first().copied().unwrap_or_else(F::zero),
        }
    }

    /// The vector of a word.
    pub(super) fn word(&self, word: u32) -> ArrayView1<'_, F> {
        self.words.row(word as usize)
    }

    fn queries(&self, examples: &[Example<'_, F>]) -> Array2<F> {
        let mut rows = Array2::zeros((examples.len(), self.words.ncols()));
        for (mut row, example) in rows.rows_mut().into_iter().zip(examples) {
            let share = F::one() / <F as From<f32>>::from(example.query.len() as f32);
            example.query.iter().for_each(|&word| row.scaled_add(share, &self.word(word)));
        }
        rows
    }

    fn language(&self, query: &Array2<F>, examples: &[Example<'_, F>]) -> Modality<F> {
        let dense = &self.dense;
        let aim = (self.parts.pool == Weighting::Attention).then(|| {
            let first = query.dot(&dense.language_query);
            let last = first.dot(&dense.language_inner);
            Aim { target: last.dot(&dense.language_words.t()), first, last }
        });
        let rows = pairs(examples).map(|(owner, item)| (owner, item.words.iter().map(|&word| self.word(word))));
        Modality::new(aim, &dense.language_words, rows)
    }

    fn visual(&self, query: &Array2<F>, examples: &[Example<'_, F>]) -> Modality<F> {
        let dense = &self.dense;
        let aim = (self.parts.pool == Weighting::Attention).then(|| {
            let last = rectified(query, &dense.visual_query, &dense.visual_bias);
            Aim { target: last.dot(&dense.visual_regions.t()), first: Array2::zeros((0, 0)), last }
        });
        let rows = pairs(examples).map(|(owner, item)| (owner, item.regions.rows().into_iter()));
        Modality::new(aim, &dense.visual_regions, rows)
    }
}

/// Each image and the place of its query.
pub(super) fn pairs<'e, 'a, F>(examples: &'e [Example<'a, F>]) -> impl Iterator<Item = (usize, &'e Item<'a, F>)> {
    examples.iter().enumerate().flat_map(|(owner, example)| example.items.iter().map(move |item| (owner, item)))
}

impl<F: Real> Modality<F> {
    /// Pools the rows of each image.
    fn new<'a, I>(aim: Option<Aim<F>>, map: &Array2<F>, images: impl Iterator<Item = (usize, I)>) -> Modality<F>
    where
        I: ExactSizeIterator<Item = ArrayView1<'a, F>> + Clone,
    {
        let (mut weights, mut pooled) = (Vec::new(), Vec::new());
        for (owner, rows) in images {
            let shares = attention(aim.as_ref().map(|aim| aim.target.row(owner)), rows.clone());
            let mut sum = Array1::zeros(map.nrows());
            rows.zip(&shares).for_each(|(row, &share)| sum.scaled_add(share, &row));
            pooled.extend(sum);
            weights.push(shares);
        }
        let pooled = Array2::from_shape_vec((weights.len(), map.nrows()), pooled).unwrap_or_default();
        Modality { aim, weights, units: Units::new(pooled.dot(map)), pooled }
    }
}

impl<F: Real> Rectified<F> {
    fn new(query: &Array2<F>, map: &Array2<F>, bias: &Array2<F>) -> Rectified<F> {
        let output = rectified(query, map, bias);
        Rectified { units: Units::new(output.clone()), output }
    }
}

/// The visual weight of each image: 0 or 1 if there is only one modality.
fn visual_weights<F: Real>(
    mixing: Option<&Rectified<F>>,
    language: Option<&Modality<F>>,
    visual: Option<&Modality<F>>,
    owners: &[usize],
) -> Vec<F> {
    let (Some(language), Some(visual)) = (language, visual) else {
        let weight = if visual.is_some() { F::one() } else { F::zero() };
        return vec![weight; owners.len()];
    };
    let Some(mixing) = mixing else {
        return vec![<F as From<f32>>::from(0.5); owners.len()];
    };
    let rows = visual.units.rows.rows().into_iter().zip(language.units.rows.rows()).zip(owners);
    rows.map(|((visual, language), &owner)| {
        let query = mixing.units.rows.row(owner);
        let mut weights = [query.dot(&visual), query.dot(&language)];
        softmax(&mut weights);
        let [visual, _] = weights;
        visual
    })
    .collect()
}

fn mix<F: Real>(
    visual_weights: &[F],
    language: Option<&Modality<F>>,
    visual: Option<&Modality<F>>,
    shape: (usize, usize),
) -> Units<F> {
    let mut mixed = Array2::zeros(shape);
    for (place, (mut row, &weight)) in mixed.rows_mut().into_iter().zip(visual_weights).enumerate() {
        if let Some(visual) = visual {
            row.scaled_add(weight, &visual.units.rows.row(place));
        }
        if let Some(language) = language {
            row.scaled_add(F::one() - weight, &language.units.rows.row(place));
        }
    }
    Units::new(mixed)
}
