//! From the derivatives of scores to those of weights.

use std::collections::HashMap;

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::algebra::{add_outer, add_rows, rectified_back, softmax_back};
use super::forward::{Modality, Rectified, Tape, pairs};
use super::{Dense, Example, Real, Sizes, Weights};

/// The derivatives of a loss by all weights.
#[derive(Debug)]
pub struct Gradients<F> {
    /// Of the words that the examples contain.
    pub words: SparseRows<F>,
    /// Of the maps.
    pub dense: Dense<F>,
    /// The loss, summed over the examples.
    pub loss: F,
}

/// Some rows of a large array.
#[derive(Debug)]
pub struct SparseRows<F> {
    places: HashMap<u32, usize>,
    rows: Vec<(u32, Array1<F>)>,
    width: usize,
}

impl<F: Real> SparseRows<F> {
    fn new(width: usize) -> SparseRows<F> {
        SparseRows { places: HashMap::new(), rows: Vec::new(), width }
    }

    fn add(&mut self, row: u32, scale: F, values: &ArrayView1<'_, F>) {
        let place = *self.places.entry(row).or_insert_with(|| {
            self.rows.push((row, Array1::zeros(self.width)));
            self.rows.len() - 1
        });
        if let Some((_, sum)) = self.rows.get_mut(place) {
            sum.scaled_add(scale, values);
        }
    }

    /// The rows in the order in which they came up.
    pub fn iter(&self) -> impl Iterator<Item = &(u32, Array1<F>)> {
        self.rows.iter()
    }
}

impl<F: Real> Weights<F> {
    /// The hinge loss of `examples` and its derivatives. The first image of each is the right one:
    /// each other image costs what its score lacks to be `margin` below that of the right one,
    /// divided by the number of other images.
    pub fn hinge(&self, examples: &[Example<'_, F>], margin: F) -> Gradients<F> {
        let tape = self.forward(examples);
        let mut loss = F::zero();
        let mut slopes = Vec::with_capacity(tape.scores.len());
        let mut scores = tape.scores.iter();
        for example in examples {
            let own: Vec<F> = scores.by_ref().take(example.items.len()).copied().collect();
            let Some((&right, wrong)) = own.split_first() else { continue };
            let share = F::one() / <F as From<f32>>::from(wrong.len().max(1) as f32);
            let costs = wrong.iter().map(|&score| (margin - right + score).max(F::zero()));
            let wrong: Vec<F> = costs.clone().map(|cost| if cost > F::zero() { share } else { F::zero() }).collect();
            loss += share * costs.fold(F::zero(), |sum, cost| sum + cost);
            slopes.push(-wrong.iter().fold(F::zero(), |sum, &slope| sum + slope));
            slopes.extend(wrong);
        }
        let mut way = Backward::new(self, &tape, examples);
        way.through_scores(&slopes);
        Gradients { loss, ..way.gradients }
    }
}

/// The way back from scores to weights.
struct Backward<'t, 'a, F> {
    weights: &'t Weights<F>,
    tape: &'t Tape<F>,
    examples: &'t [Example<'a, F>],
    /// The derivatives by the mean of the word vectors of each query.
    query: Array2<F>,
    gradients: Gradients<F>,
}

impl<'t, 'a, F: Real> Backward<'t, 'a, F> {
    fn new(weights: &'t Weights<F>, tape: &'t Tape<F>, examples: &'t [Example<'a, F>]) -> Self {
        let dim = weights.words.ncols();
        let sizes = Sizes { words: 0, dim, features: weights.dense.visual_regions.nrows() };
        let dense = Dense::zeros(weights.parts, sizes);
        let gradients = Gradients { words: SparseRows::new(dim), dense, loss: F::zero() };
        Backward { weights, tape, examples, query: Array2::zeros(tape.query.dim()), gradients }
    }

    fn through_scores(&mut self, slopes: &[F]) {
        let tape = self.tape;
        let mut matching = Array2::zeros(tape.query.dim());
        let mut mixed = Array2::zeros(tape.mixed.rows.dim());
        for (place, (&owner, &slope)) in tape.owners.iter().zip(slopes).enumerate() {
            matching.row_mut(owner).scaled_add(slope, &tape.mixed.rows.row(place));
            mixed.row_mut(place).scaled_add(slope, &tape.matching.units.rows.row(owner));
        }
        let [visual, language] = self.through_mix(&tape.mixed.back(mixed));
        if let Some(modality) = &tape.language {
            self.through_language(modality, language);
        }
        if let Some(modality) = &tape.visual {
            self.through_visual(modality, visual);
        }
        let gradient = tape.matching.back(matching);
        add_outer(&mut self.gradients.dense.match_map, &tape.query, &gradient);
        add_rows(&mut self.gradients.dense.match_bias, &gradient);
        self.query += &gradient.dot(&self.weights.dense.match_map.t());
        for (row, example) in self.query.rows().into_iter().zip(self.examples) {
            let share = F::one() / <F as From<f32>>::from(example.query.len() as f32);
            example.query.iter().for_each(|&word| self.gradients.words.add(word, share, &row));
        }
    }

    /// The derivatives by the visual and the language vector of each image.
    fn through_mix(&mut self, mixed: &Array2<F>) -> [Array2<F>; 2] {
        let tape = self.tape;
        let weights = Array1::from_vec(tape.visual_weights.clone()).insert_axis(Axis(1));
        let mut visual = mixed * &weights;
        let mut language = mixed - &visual;
        if let (Some(mixing), Some(seen), Some(read)) = (&tape.mixing, &tape.visual, &tape.language) {
            let mut toward = Array2::zeros(self.query.dim());
            for (place, (&owner, &weight)) in tape.owners.iter().zip(&tape.visual_weights).enumerate() {
                let [seen, read] = [seen, read].map(|modality| modality.units.rows.row(place));
                let mut slopes = [mixed.row(place).dot(&seen), mixed.row(place).dot(&read)];
                softmax_back(&[weight, F::one() - weight], &mut slopes);
                let [seen_slope, read_slope] = slopes;
                toward.row_mut(owner).scaled_add(seen_slope, &seen);
                toward.row_mut(owner).scaled_add(read_slope, &read);
                let mixing = mixing.units.rows.row(owner);
                visual.row_mut(place).scaled_add(seen_slope, &mixing);
                language.row_mut(place).scaled_add(read_slope, &mixing);
            }
            let gradient = mixing.back(toward);
            add_outer(&mut self.gradients.dense.mix_map, &tape.query, &gradient);
            add_rows(&mut self.gradients.dense.mix_bias, &gradient);
            self.query += &gradient.dot(&self.weights.dense.mix_map.t());
        }
        [visual, language]
    }

    fn through_language(&mut self, modality: &Modality<F>, gradient: Array2<F>) {
        let (weights, maps) = (self.weights, &self.weights.dense);
        let Gradients { words, dense, .. } = &mut self.gradients;
        let pooled = modality.back_through_map(gradient, &maps.language_words, &mut dense.language_words);
        let mut target = Array2::zeros(self.query.dim());
        for ((owner, item), (pooled, shares)) in pairs(self.examples).zip(pooled.rows().into_iter().zip(&modality.weights)) {
            for (&word, &share) in item.words.iter().zip(shares) {
                words.add(word, share, &pooled);
            }
            let Some(aim) = &modality.aim else { continue };
            let mut slopes: Vec<F> = item.words.iter().map(|&word| weights.word(word).dot(&pooled)).collect();
            softmax_back(shares, &mut slopes);
            for (&word, &slope) in item.words.iter().zip(&slopes) {
                target.row_mut(owner).scaled_add(slope, &weights.word(word));
                words.add(word, slope, &aim.target.row(owner));
            }
        }
        let Some(aim) = &modality.aim else { return };
        add_outer(&mut dense.language_words, &target, &aim.last);
        let last = target.dot(&maps.language_words);
        add_outer(&mut dense.language_inner, &aim.first, &last);
        let first = last.dot(&maps.language_inner.t());
        add_outer(&mut dense.language_query, &self.tape.query, &first);
        self.query += &first.dot(&maps.language_query.t());
    }

    fn through_visual(&mut self, modality: &Modality<F>, gradient: Array2<F>) {
        let maps = &self.weights.dense;
        let dense = &mut self.gradients.dense;
        let pooled = modality.back_through_map(gradient, &maps.visual_regions, &mut dense.visual_regions);
        let Some(aim) = &modality.aim else { return };
        let mut target = Array2::zeros((self.query.nrows(), maps.visual_regions.nrows()));
        for ((owner, item), (pooled, shares)) in pairs(self.examples).zip(pooled.rows().into_iter().zip(&modality.weights)) {
            let mut slopes = item.regions.dot(&pooled).to_vec();
            softmax_back(shares, &mut slopes);
            for (region, &slope) in item.regions.rows().into_iter().zip(&slopes) {
                target.row_mut(owner).scaled_add(slope, &region);
            }
        }
        add_outer(&mut dense.visual_regions, &target, &aim.last);
        let mut last = target.dot(&maps.visual_regions);
        rectified_back(&aim.last, &mut last);
        add_outer(&mut dense.visual_query, &self.tape.query, &last);
        add_rows(&mut dense.visual_bias, &last);
        self.query += &last.dot(&maps.visual_query.t());
    }
}

impl<F: Real> Modality<F> {
    /// Back from the units to the pooled rows.
    fn back_through_map(&self, gradient: Array2<F>, map: &Array2<F>, sum: &mut Array2<F>) -> Array2<F> {
        let mapped = self.units.back(gradient);
        add_outer(sum, &self.pooled, &mapped);
        mapped.dot(&map.t())
    }
}

impl<F: Real> Rectified<F> {
    /// Back from the units to what the rectifier was given.
    fn back(&self, gradient: Array2<F>) -> Array2<F> {
        let mut gradient = self.units.back(gradient);
        rectified_back(&self.output, &mut gradient);
        gradient
    }
}
