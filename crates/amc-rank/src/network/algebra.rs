//! Steps that the network is made of, and their derivatives.

use ndarray::{Array1, Array2, ArrayView1, Axis, Zip};

use super::Real;

/// A linear map and the rectifier.
pub(super) fn rectified<F: Real>(rows: &Array2<F>, weight: &Array2<F>, bias: &Array2<F>) -> Array2<F> {
    (rows.dot(weight) + bias).mapv_into(|value| value.max(F::zero()))
}

/// Passes on the derivatives of those values that the rectifier passed on.
pub(super) fn rectified_back<F: Real>(output: &Array2<F>, gradient: &mut Array2<F>) {
    Zip::from(gradient).and(output).for_each(|gradient, &output| {
        if output <= F::zero() {
            *gradient = F::zero();
        }
    });
}

/// Rows of length 1, and the lengths that they had.
#[derive(Debug)]
pub(super) struct Units<F> {
    pub rows: Array2<F>,
    pub lengths: Array1<F>,
}

impl<F: Real> Units<F> {
    pub fn new(mut rows: Array2<F>) -> Units<F> {
        // Keeps a row of zeros from being divided by 0.
        let least = <F as From<f32>>::from(1e-12);
        let lengths = rows.map_axis(Axis(1), |row| (row.dot(&row) + least).sqrt());
        for (mut row, &length) in rows.rows_mut().into_iter().zip(&lengths) {
            row /= length;
        }
        Units { rows, lengths }
    }

    /// The derivative by the rows as they were.
    pub fn back(&self, mut gradient: Array2<F>) -> Array2<F> {
        let rows = self.rows.rows().into_iter().zip(&self.lengths);
        for (mut gradient, (unit, &length)) in gradient.rows_mut().into_iter().zip(rows) {
            let along = gradient.dot(&unit);
            gradient.scaled_add(-along, &unit);
            gradient /= length;
        }
        gradient
    }
}

/// Weights that are positive and sum to 1.
pub(super) fn softmax<F: Real>(weights: &mut [F]) {
    let most = weights.iter().copied().fold(F::neg_infinity(), F::max);
    weights.iter_mut().for_each(|weight| *weight = (*weight - most).exp());
    let sum: F = weights.iter().fold(F::zero(), |sum, &weight| sum + weight);
    weights.iter_mut().for_each(|weight| *weight /= sum);
}

/// Turns the derivatives by the weights into those by what the softmax was given.
pub(super) fn softmax_back<F: Real>(weights: &[F], gradient: &mut [F]) {
    let pairs = weights.iter().zip(gradient.iter());
    let mean = pairs.fold(F::zero(), |sum, (&weight, &gradient)| sum + weight * gradient);
    for (gradient, &weight) in gradient.iter_mut().zip(weights) {
        *gradient = weight * (*gradient - mean);
    }
}

/// Adds the products of all numbers of `column` and `row` to `sum`.
pub(super) fn add_outer<F: Real>(sum: &mut Array2<F>, column: &Array2<F>, row: &Array2<F>) {
    ndarray::linalg::general_mat_mul(F::one(), &column.t(), row, F::one(), sum);
}

/// The sum of the rows as an array of one row.
pub(super) fn add_rows<F: Real>(sum: &mut Array2<F>, rows: &Array2<F>) {
    *sum += &rows.sum_axis(Axis(0));
}

/// The attention that `aim` gives to each row; equal weights without one.
pub(super) fn attention<'a, F: Real>(
    aim: Option<ArrayView1<'_, F>>,
    rows: impl ExactSizeIterator<Item = ArrayView1<'a, F>>,
) -> Vec<F> {
    // An exact number: no image has 2^24 words or regions.
    let count = <F as From<f32>>::from(rows.len() as f32);
    let mut weights: Vec<F> = match aim {
        Some(aim) => rows.map(|row| row.dot(&aim)).collect(),
        None => return rows.map(|_| F::one() / count).collect(),
    };
    softmax(&mut weights);
    weights
}
