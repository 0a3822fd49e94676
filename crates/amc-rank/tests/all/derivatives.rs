//! The derivatives of the loss against central differences.

use amc_rank::network::{Example, Item, Parts, Sizes, Weighting, Weights};
use amc_rank::rng::Rng;
use ndarray::Array2;

const SIZES: Sizes = Sizes { words: 12, dim: 5, features: 4 };
/// No score differs by more than 2, so each other image costs something and the loss has no corner.
const MARGIN: f64 = 2.5;

/// The largest relative error over all blocks, after a check of each.
fn check(parts: Parts) {
    let mut rng = Rng::new(7, [0, 0]);
    let regions: Vec<Array2<f64>> =
        (0..9).map(|image| Array2::from_shape_simple_fn((1 + image % 4, SIZES.features), || rng.normal())).collect();
    // Repeated words, images of different lengths, queries of one and of several words.
    let words: Vec<Vec<u32>> =
        (0..9_u32).map(|image| (0..=image % 4).map(|place| (image * 5 + place / 2) % 12).collect()).collect();
    let queries: [&[u32]; 3] = [&[1], &[2, 11, 2], &[5, 0]];
    let items: Vec<Item<'_, f64>> =
        words.iter().zip(&regions).map(|(words, regions)| Item { words, regions: regions.view() }).collect();
    let examples: Vec<Example<'_, f64>> =
        queries.iter().zip(items.chunks(3)).map(|(query, items)| Example { query, items: items.to_vec() }).collect();
    let weights = Weights::<f64>::random(parts, SIZES, 3);
    let found = weights.hinge(&examples, MARGIN);
    let mut rows = Array2::zeros(weights.words.dim());
    for (&word, row) in &found.words {
        rows.row_mut(word as usize).assign(row);
    }
    compare("words", &rows, |place, step| {
        let mut moved = weights.clone();
        moved.words[place] += step;
        moved.hinge(&examples, MARGIN).loss
    });
    for (number, (name, block)) in found.dense.blocks().into_iter().enumerate().filter(|(_, (_, block))| !block.is_empty()) {
        compare(name, block, |place, step| {
            let mut moved = weights.clone();
            moved.dense.blocks_mut()[number][place] += step;
            moved.hinge(&examples, MARGIN).loss
        });
    }
}

fn compare(name: &str, found: &Array2<f64>, loss: impl Fn((usize, usize), f64) -> f64) {
    const STEP: f64 = 1e-5;
    let expected = Array2::from_shape_fn(found.dim(), |place| (loss(place, STEP) - loss(place, -STEP)) / (2.0 * STEP));
    let length = |values: &Array2<f64>| values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let error = length(&(found - &expected)) / (length(found) + length(&expected));
    assert!(length(&expected) > 1e-4, "{name}: the loss does not depend on it");
    assert!(error <= 1e-5, "{name}: relative error {error:e}");
}

fn parts(language: bool, visual: bool, pool: Weighting, mix: Weighting) -> Parts {
    Parts { language, visual, pool, mix }
}

#[test]
fn derivatives_of_the_whole_network_are_right() {
    check(parts(true, true, Weighting::Attention, Weighting::Attention));
}

#[test]
fn derivatives_are_right_where_parts_are_means() {
    check(parts(true, true, Weighting::Mean, Weighting::Attention));
    check(parts(true, true, Weighting::Attention, Weighting::Mean));
    check(parts(true, true, Weighting::Mean, Weighting::Mean));
}

#[test]
fn derivatives_are_right_where_one_modality_is_left_out() {
    for pool in [Weighting::Attention, Weighting::Mean] {
        check(parts(true, false, pool, Weighting::Attention));
        check(parts(false, true, pool, Weighting::Attention));
    }
}
