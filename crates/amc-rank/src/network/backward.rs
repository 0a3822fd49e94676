//! From the derivatives of scores to those of weights.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayView1, Axis};

use super::forward::{ModalityRows, Tape};
use super::layers::{add_outer, linear_back, rectified_back, softmax_back};
use super::{Dense, Example, Real, Weights, real};

/// The derivatives of a loss by all weights.
#[derive(Debug)]
pub struct Gradients<F> {
    /// The derivatives by the vectors of the words that the examples contain.
    pub words: BTreeMap<u32, Array1<F>>,
    /// The derivatives by the maps.
    pub dense: Dense<F>,
    /// The loss, summed over the examples.
    pub loss: F,
}

impl<F: Real> Gradients<F> {
    /// The derivatives of the sum of two losses.
    #[must_use]
    pub fn plus(mut self, other: Gradients<F>) -> Gradients<F> {
        for (sum, (_, block)) in self.dense.blocks_mut().into_iter().zip(other.dense.blocks()) {
            *sum += block;
        }
        other.words.iter().for_each(|(&word, values)| self.add_to_word(word, F::one(), values.view()));
        Gradients { loss: self.loss + other.loss, ..self }
    }

    fn add_to_word(&mut self, word: u32, scale: F, values: ArrayView1<'_, F>) {
        self.words.entry(word).or_insert_with(|| Array1::zeros(values.len())).scaled_add(scale, &values);
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
            let share = F::one() / real(wrong.len().max(1) as f32);
            let costs = wrong.iter().map(|&score| (margin - right + score).max(F::zero()));
            let wrong: Vec<F> = costs.clone().map(|cost| if cost > F::zero() { share } else { F::zero() }).collect();
            loss += share * costs.fold(F::zero(), |sum, cost| sum + cost);
            slopes.push(-wrong.iter().fold(F::zero(), |sum, &slope| sum + slope));
            slopes.extend(wrong);
        }
        let gradients = Gradients { words: BTreeMap::new(), dense: self.dense.zeros_like(), loss };
        let query = Array2::zeros(tape.query.dim());
        let mut way = Backward { maps: &self.dense, tape: &tape, examples, query, gradients };
        way.through_scores(&slopes);
        way.gradients
    }
}

/// The way back from scores to weights.
struct Backward<'t, 'a, F> {
    maps: &'t Dense<F>,
    tape: &'t Tape<'a, F>,
    examples: &'t [Example<'a, F>],
    /// The derivatives by the mean of the word vectors of each query.
    query: Array2<F>,
    gradients: Gradients<F>,
}

impl<F: Real> Backward<'_, '_, F> {
    fn through_scores(&mut self, slopes: &[F]) {
        let (tape, maps) = (self.tape, self.maps);
        let mut matching = Array2::zeros(tape.query.dim());
        let mut mixed = Array2::zeros(tape.mixed.rows.dim());
        for (place, (&owner, &slope)) in tape.owners.iter().zip(slopes).enumerate() {
            matching.row_mut(owner).scaled_add(slope, &tape.mixed.rows.row(place));
            mixed.row_mut(place).scaled_add(slope, &tape.matching.rows.row(owner));
        }
        let [visual, language] = self.through_mix(&tape.mixed.back(mixed));
        tape.language.iter().for_each(|modality| self.through_language(modality, &language));
        tape.visual.iter().for_each(|modality| self.through_visual(modality, &visual));
        let gradient = rectified_back(&tape.matching.rows, tape.matching.back(matching));
        let dense = &mut self.gradients.dense;
        dense.match_bias += &gradient.sum_axis(Axis(0));
        self.query += &linear_back(&tape.query, &maps.match_map, &gradient, &mut dense.match_map);
        for (row, Example { query, .. }) in self.query.rows().into_iter().zip(self.examples) {
            let share = F::one() / real(query.len() as f32);
            query.iter().for_each(|&word| self.gradients.add_to_word(word, share, row));
        }
    }

    /// The derivatives by the visual and the language vector of each image.
    fn through_mix(&mut self, mixed: &Array2<F>) -> [Array2<F>; 2] {
        let tape = self.tape;
        let weights = Array1::from_vec(tape.visual_weights.clone()).insert_axis(Axis(1));
        let visual = mixed * &weights;
        let mut sides = [visual.clone(), mixed - &visual];
        let (Some(mixing), Some(seen), Some(read)) = (&tape.mixing, &tape.visual, &tape.language) else { return sides };
        let mut toward = Array2::zeros(self.query.dim());
        for (place, (&owner, &weight)) in tape.owners.iter().zip(&tape.visual_weights).enumerate() {
            let units = [seen, read].map(|modality| modality.units.rows.row(place));
            let mut slopes = units.map(|unit| mixed.row(place).dot(&unit));
            softmax_back(&[weight, F::one() - weight], &mut slopes);
            for ((side, unit), slope) in sides.iter_mut().zip(units).zip(slopes) {
                toward.row_mut(owner).scaled_add(slope, &unit);
                side.row_mut(place).scaled_add(slope, &mixing.rows.row(owner));
            }
        }
        let gradient = rectified_back(&mixing.rows, mixing.back(toward));
        let dense = &mut self.gradients.dense;
        dense.mix_bias += &gradient.sum_axis(Axis(0));
        self.query += &linear_back(&tape.query, &self.maps.mix_map, &gradient, &mut dense.mix_map);
        sides
    }

    fn through_language(&mut self, modality: &ModalityRows<'_, F>, gradient: &Array2<F>) {
        let (tape, maps) = (self.tape, self.maps);
        let back = modality.back(gradient, &maps.language_words, &mut self.gradients.dense.language_words, &tape.owners);
        let items = self.examples.iter().flat_map(|example| &example.items).zip(&tape.owners).enumerate();
        for (place, (item, &owner)) in items {
            for (&word, &share) in item.words.iter().zip(modality.weights.get(place).into_iter().flatten()) {
                self.gradients.add_to_word(word, share, back.pooled.row(place));
            }
            for (aim, slopes) in modality.aim.iter().zip(back.slopes.get(place)) {
                let words = item.words.iter().zip(slopes);
                words.for_each(|(&word, &slope)| self.gradients.add_to_word(word, slope, aim.target.row(owner)));
            }
        }
        let Some(last) = back.last else { return };
        let dense = &mut self.gradients.dense;
        let first = tape.query.dot(&maps.language_query);
        let first = linear_back(&first, &maps.language_inner, &last, &mut dense.language_inner);
        self.query += &linear_back(&tape.query, &maps.language_query, &first, &mut dense.language_query);
    }

    fn through_visual(&mut self, modality: &ModalityRows<'_, F>, gradient: &Array2<F>) {
        let (tape, maps, dense) = (self.tape, self.maps, &mut self.gradients.dense);
        let back = modality.back(gradient, &maps.visual_regions, &mut dense.visual_regions, &tape.owners);
        let (Some(aim), Some(last)) = (&modality.aim, back.last) else { return };
        let last = rectified_back(&aim.last, last);
        dense.visual_bias += &last.sum_axis(Axis(0));
        self.query += &linear_back(&tape.query, &maps.visual_query, &last, &mut dense.visual_query);
    }
}

/// The derivatives at the beginning of a modality.
struct ModalityBack<F> {
    /// By the weighted sum of each image.
    pooled: Array2<F>,
    /// By what the softmax of each image was given; empty without an attention.
    slopes: Vec<Vec<F>>,
    /// By the last step from the query.
    last: Option<Array2<F>>,
}

impl<F: Real> ModalityRows<'_, F> {
    /// Adds the derivatives of `map` to `sum`.
    fn back(&self, gradient: &Array2<F>, map: &Array2<F>, sum: &mut Array2<F>, owners: &[usize]) -> ModalityBack<F> {
        let pooled = linear_back(&self.pooled, map, &self.units.back(gradient.clone()), sum);
        let Some(aim) = &self.aim else { return ModalityBack { pooled, slopes: Vec::new(), last: None } };
        let mut target = Array2::zeros(aim.target.dim());
        let mut slopes = Vec::with_capacity(owners.len());
        let images = self.rows.iter().zip(&self.weights).zip(pooled.rows().into_iter().zip(owners));
        for ((rows, shares), (pooled, &owner)) in images {
            let mut own = rows.dot(&pooled).to_vec();
            softmax_back(shares, &mut own);
            rows.rows().into_iter().zip(&own).for_each(|(row, &slope)| target.row_mut(owner).scaled_add(slope, &row));
            slopes.push(own);
        }
        add_outer(sum, &target, &aim.last);
        ModalityBack { pooled, slopes, last: Some(target.dot(map)) }
    }
}
