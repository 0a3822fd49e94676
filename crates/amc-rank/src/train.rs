//! Training.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::evaluation::{Ranking, mean_ndcg_10};
use crate::images::Images;
use crate::network::{Adam, Example, Gradients, Parts, Sizes, Weights};
use crate::parallel::in_order;
use crate::rng::Rng;

/// Queries whose derivatives are summed by themselves. The sum does not depend on the number of
/// threads because this number does not.
const CHUNK: usize = 16;

/// How a model is trained. The model depends on all of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The parts of the network.
    pub parts: Parts,
    /// Numbers in a vector.
    pub dim: usize,
    /// By how much the right image's score should exceed the others'.
    pub margin: f32,
    /// Other images for each query.
    pub negatives: usize,
    /// The most rounds over the queries.
    pub epochs: usize,
    /// Rounds without a better validation score before training stops.
    pub patience: usize,
    /// Queries in a step.
    pub batch: usize,
    /// How far a step goes.
    pub rate: f32,
    /// Where the random numbers begin.
    pub seed: u64,
}

/// A query and the image that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The query's words.
    pub query: Vec<u32>,
    /// The image's place.
    pub image: usize,
}

/// One round over the queries.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Its number, from 1.
    pub number: usize,
    /// The mean hinge loss of a query.
    pub loss: f64,
    /// NDCG@10 on the validation queries.
    pub validation: f64,
}

/// What training starts from.
#[derive(Debug)]
pub struct Training<'a> {
    /// The images of the set.
    pub images: &'a Images,
    /// Words in the table of words.
    pub words: usize,
    /// What to learn from.
    pub clicks: &'a [Click],
    /// What the best round is chosen by.
    pub validation: &'a [Ranking],
}

/// The best model of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The weights after the best round.
    pub weights: Weights<f32>,
    /// All rounds.
    pub epochs: Vec<Epoch>,
    /// The number of the best round.
    pub best: usize,
}

/// Trains a model and reports each round. When `stop` becomes true, the best model so far is the
/// result; there is none before the end of the first round.
pub fn train(
    training: &Training<'_>,
    options: &Options,
    jobs: usize,
    stop: &AtomicBool,
    mut report: impl FnMut(&Epoch, bool),
) -> Option<Trained> {
    let sizes = Sizes { words: training.words, dim: options.dim, features: training.images.features() };
    let mut weights = Weights::random(options.parts, sizes, options.seed);
    let mut adam = Adam::new(&weights, options.rate);
    let mut best: Option<Trained> = None;
    let mut epochs = Vec::new();
    for number in 1..=options.epochs {
        let Some(loss) = run_epoch(training, options, jobs, stop, number, (&mut weights, &mut adam)) else { break };
        let validation = mean_ndcg_10(&weights, training.images, training.validation, jobs);
        let epoch = Epoch { number, loss, validation };
        epochs.push(epoch);
        let is_best = best.as_ref().is_none_or(|best| best.validation() < validation);
        report(&epoch, is_best);
        if is_best {
            best = Some(Trained { weights: weights.clone(), epochs: epochs.clone(), best: number });
        }
        if best.as_ref().is_some_and(|best| number - best.best >= options.patience) {
            break;
        }
    }
    best.map(|best| Trained { epochs, ..best })
}

impl Trained {
    /// The validation score of the best round.
    pub fn validation(&self) -> f64 {
        self.epochs.iter().find(|epoch| epoch.number == self.best).map_or(0.0, |epoch| epoch.validation)
    }
}

/// The mean loss; `None` if the round was stopped.
fn run_epoch(
    training: &Training<'_>,
    options: &Options,
    jobs: usize,
    stop: &AtomicBool,
    number: usize,
    (weights, adam): (&mut Weights<f32>, &mut Adam),
) -> Option<f64> {
    let mut order: Vec<usize> = (0..training.clicks.len()).collect();
    Rng::new(options.seed, [1, number as u64]).shuffle(&mut order);
    let mut loss = 0.0;
    for batch in order.chunks(options.batch.max(1)) {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        let chunks: Vec<&[usize]> = batch.chunks(CHUNK).collect();
        let gradients: Vec<Gradients<f32>> = in_order(jobs, &chunks, |chunk| {
            let examples: Vec<Example<'_, f32>> =
                chunk.iter().filter_map(|&click| example(training, options, number, click)).collect();
            weights.hinge(&examples, options.margin)
        });
        loss += gradients.iter().map(|gradients| f64::from(gradients.loss)).sum::<f64>();
        adam.step(weights, &gradients);
    }
    Some(loss / training.clicks.len().max(1) as f64)
}

/// A query with its image and random images of other queries.
fn example<'a>(training: &Training<'a>, options: &Options, epoch: usize, click: usize) -> Option<Example<'a, f32>> {
    let Click { query, image } = training.clicks.get(click)?;
    let mut rng = Rng::new(options.seed, [2 + epoch as u64, click as u64]);
    let mut items = vec![training.images.item(*image)];
    while items.len() <= options.negatives {
        let other = training.clicks.get(rng.below(training.clicks.len()))?.image;
        if other != *image {
            items.push(training.images.item(other));
        }
    }
    Some(Example { query, items })
}
