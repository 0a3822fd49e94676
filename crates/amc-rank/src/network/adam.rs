//! Adam (Kingma and Ba, 2015) with its usual constants, and weight decay (Loshchilov and Hutter,
//! 2019).

use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis, Zip};

use super::{Gradients, Weights};

const FIRST_DECAY: f32 = 0.9;
const SECOND_DECAY: f32 = 0.999;
const LEAST: f32 = 1e-8;

/// The optimizer. Only the rows of words that a batch contains are changed.
#[derive(Debug)]
pub struct Adam {
    rate: f32,
    kept: f32,
    steps: i32,
    /// The decaying means of the derivatives.
    mean: Weights<f32>,
    /// The decaying means of their squares.
    square: Weights<f32>,
}

impl Adam {
    /// An optimizer of `weights`. Each step first shrinks a weight to the share `kept`.
    pub fn new(weights: &Weights<f32>, rate: f32, kept: f32) -> Adam {
        let zeros =
            || Weights { parts: weights.parts, words: Array2::zeros(weights.words.dim()), dense: weights.dense.zeros_like() };
        Adam { rate, kept, steps: 0, mean: zeros(), square: zeros() }
    }

    /// Moves `weights` against `gradients`.
    pub fn step(&mut self, weights: &mut Weights<f32>, gradients: &Gradients<f32>) {
        self.steps = self.steps.saturating_add(1);
        let second = (1.0 - SECOND_DECAY.powi(self.steps)).sqrt();
        let rate = self.rate * second / (1.0 - FIRST_DECAY.powi(self.steps));
        let least = LEAST * second;
        let kept = self.kept;
        let step =
            |weights: ArrayViewMut2<'_, f32>, gradient: ArrayView2<'_, f32>, [mean, square]: [ArrayViewMut2<'_, f32>; 2]| {
                Zip::from(weights).and(gradient).and(mean).and(square).for_each(|weight, &gradient, mean, square| {
                    *mean += (1.0 - FIRST_DECAY) * (gradient - *mean);
                    *square += (1.0 - SECOND_DECAY) * (gradient * gradient - *square);
                    *weight = kept * *weight - rate * *mean / (square.sqrt() + least);
                });
            };
        let moments = self.mean.dense.blocks_mut().into_iter().zip(self.square.dense.blocks_mut());
        let blocks = weights.dense.blocks_mut().into_iter().zip(gradients.dense.blocks());
        for ((weights, (_, gradient)), (mean, square)) in blocks.zip(moments) {
            step(weights.view_mut(), gradient.view(), [mean.view_mut(), square.view_mut()]);
        }
        for (&word, gradient) in &gradients.words {
            let [weights, mean, square] = [&mut weights.words, &mut self.mean.words, &mut self.square.words]
                .map(|words| words.row_mut(word as usize).insert_axis(Axis(0)));
            step(weights, gradient.view().insert_axis(Axis(0)), [mean, square]);
        }
    }
}
