//! Adam (Kingma and Ba, 2015) with its usual constants.

use ndarray::{Array2, ArrayView1, ArrayViewMut1, Axis, Zip};

use super::{Dense, Gradients, Sizes, Weights};

const FIRST_DECAY: f32 = 0.9;
const SECOND_DECAY: f32 = 0.999;
const LEAST: f32 = 1e-8;

/// The optimizer. Only the rows of words that a batch contains are changed.
#[derive(Debug)]
pub struct Adam {
    rate: f32,
    steps: i32,
    dense: [Dense<f32>; 3],
    words: [Array2<f32>; 3],
}

impl Adam {
    /// An optimizer of `weights`.
    pub fn new(weights: &Weights<f32>, rate: f32) -> Adam {
        let (words, dim) = weights.words.dim();
        let sizes = Sizes { words, dim, features: weights.dense.visual_regions.nrows() };
        let zeros = || Dense::zeros(weights.parts, sizes);
        let rows = || Array2::zeros((words, dim));
        Adam { rate, steps: 0, dense: [zeros(), zeros(), zeros()], words: [rows(), rows(), rows()] }
    }

    /// Moves `weights` against the sum of `gradients`, which is always taken in the same order.
    pub fn step(&mut self, weights: &mut Weights<f32>, gradients: &[Gradients<f32>]) {
        self.steps = self.steps.saturating_add(1);
        let first = 1.0 - FIRST_DECAY.powi(self.steps);
        let second = 1.0 - SECOND_DECAY.powi(self.steps);
        let rule = Rule { rate: self.rate * second.sqrt() / first, least: LEAST * second.sqrt() };
        let [sum, mean, square] = &mut self.dense;
        sum.blocks_mut().into_iter().for_each(|block| block.fill(0.0));
        for gradients in gradients {
            for (sum, (_, block)) in sum.blocks_mut().into_iter().zip(gradients.dense.blocks()) {
                *sum += block;
            }
        }
        let moments = mean.blocks_mut().into_iter().zip(square.blocks_mut());
        let blocks = weights.dense.blocks_mut().into_iter().zip(sum.blocks());
        for ((weights, (_, sum)), (mean, square)) in blocks.zip(moments) {
            let rows = weights.rows_mut().into_iter().zip(sum.rows());
            for ((weights, sum), (mean, square)) in rows.zip(mean.rows_mut().into_iter().zip(square.rows_mut())) {
                rule.apply(weights, sum, mean, square);
            }
        }
        self.step_words(weights, gradients, &rule);
    }

    fn step_words(&mut self, weights: &mut Weights<f32>, gradients: &[Gradients<f32>], rule: &Rule) {
        let [sum, mean, square] = &mut self.words;
        let mut touched = Vec::new();
        for (word, row) in gradients.iter().flat_map(|gradients| gradients.words.iter()) {
            touched.push(*word as usize);
            let mut sum = sum.row_mut(*word as usize);
            sum += row;
        }
        touched.sort_unstable();
        touched.dedup();
        for word in touched {
            let [mean, square] = [&mut *mean, &mut *square].map(|rows| rows.index_axis_mut(Axis(0), word));
            rule.apply(weights.words.row_mut(word), sum.row(word), mean, square);
            sum.row_mut(word).fill(0.0);
        }
    }
}

/// The constants of one step.
struct Rule {
    rate: f32,
    least: f32,
}

impl Rule {
    fn apply(
        &self,
        weights: ArrayViewMut1<'_, f32>,
        gradient: ArrayView1<'_, f32>,
        mean: ArrayViewMut1<'_, f32>,
        square: ArrayViewMut1<'_, f32>,
    ) {
        Zip::from(weights).and(gradient).and(mean).and(square).for_each(|weight, &gradient, mean, square| {
            *mean += (1.0 - FIRST_DECAY) * (gradient - *mean);
            *square += (1.0 - SECOND_DECAY) * (gradient * gradient - *square);
            *weight -= self.rate * *mean / (square.sqrt() + self.least);
        });
    }
}
