//! Steps that the network is made of, and their derivatives.

use ndarray::{Array1, Array2, Axis, Zip};

use super::{Real, real};

/// A linear map and the rectifier.
pub(super) fn rectified<F: Real>(rows: &Array2<F>, map: &Array2<F>, bias: &Array2<F>) -> Array2<F> {
    (rows.dot(map) + bias).mapv_into(|value| value.max(F::zero()))
}

/// Passes on the derivatives of those values that the rectifier passed on.
pub(super) fn rectified_back<F: Real>(output: &Array2<F>, mut gradient: Array2<F>) -> Array2<F> {
    Zip::from(&mut gradient).and(output).for_each(|gradient, &output| {
        if output <= F::zero() {
            *gradient = F::zero();
        }
    });
    gradient
}

/// Adds the derivatives of a linear map to `sum`. The result is the derivatives by its input.
pub(super) fn linear_back<F: Real>(input: &Array2<F>, map: &Array2<F>, gradient: &Array2<F>, sum: &mut Array2<F>) -> Array2<F> {
    add_outer(sum, input, gradient);
    gradient.dot(&map.t())
}

/// Adds the products of all numbers of each row of `left` and `right` to `sum`.
pub(super) fn add_outer<F: Real>(sum: &mut Array2<F>, left: &Array2<F>, right: &Array2<F>) {
    ndarray::linalg::general_mat_mul(F::one(), &left.t(), right, F::one(), sum);
}

/// Rows of length 1, and the lengths that they had.
#[derive(Debug)]
pub(super) struct Units<F> {
    pub rows: Array2<F>,
    lengths: Array1<F>,
}

impl<F: Real> Units<F> {
    pub fn new(mut rows: Array2<F>) -> Units<F> {
        // Keeps a row of zeros from being divided by 0.
        let lengths = rows.map_axis(Axis(1), |row| (row.dot(&row) + real(1e-12)).sqrt());
        rows.rows_mut().into_iter().zip(&lengths).for_each(|(mut row, &length)| row /= length);
        Units { rows, lengths }
    }

    /// The derivatives by the rows as they were.
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

/// Makes weights positive, with the sum 1.
pub(super) fn softmax<F: Real>(weights: &mut [F]) {
    let most = weights.iter().copied().fold(F::neg_infinity(), F::max);
    weights.iter_mut().for_each(|weight| *weight = (*weight - most).exp());
    let sum = weights.iter().fold(F::zero(), |sum, &weight| sum + weight);
    weights.iter_mut().for_each(|weight| *weight /= sum);
}

/// Turns the derivatives by the weights into those by what the softmax was given.
pub(super) fn softmax_back<F: Real>(weights: &[F], gradient: &mut [F]) {
    let pairs = weights.iter().zip(gradient.iter());
    let mean = pairs.fold(F::zero(), |sum, (&weight, &gradient)| sum + weight * gradient);
    gradient.iter_mut().zip(weights).for_each(|(gradient, &weight)| *gradient = weight * (*gradient - mean));
}
