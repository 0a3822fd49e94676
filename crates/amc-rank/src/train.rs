//! Training.

use std::fmt::Display;
use std::num::ParseFloatError;
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::evaluation::mean_ndcg_10;
use crate::images::Images;
use crate::network::{Adam, Example, Gradients, Parts, Sizes, Weighting, Weights};
use crate::parallel::in_order;
use crate::queries::{Click, Ranking};
use crate::rng::Rng;

/// Queries whose derivatives are summed by themselves. The sum does not depend on the number of
/// threads because this number does not.
const CHUNK: usize = 16;

/// How a model is trained. The model depends on all of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Args)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// Use keywords, regions or both [default: both with --regions, otherwise language]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "A,B")]
    pub modalities: Vec<Modality>,
    /// Pool the keywords and the regions by attention or by their mean
    #[arg(long, value_enum, default_value = "attention")]
    pub pool: Weighting,
    /// Mix the modalities by attention or in equal parts
    #[arg(long, value_enum, default_value = "attention")]
    pub mix: Weighting,
    /// Give vectors N numbers
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = |text: &str| up_to(4096_usize, text))]
    pub dim: usize,
    /// Separate the right image's score by X from the others'
    #[arg(long, value_name = "X", default_value_t = 0.4, value_parser = |text: &str| up_to(2.0_f32, text))]
    pub margin: f32,
    /// Compare each right image with N others
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = |text: &str| up_to(1000_usize, text))]
    pub negatives: usize,
    /// Stop after N epochs
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = |text: &str| up_to(usize::MAX, text))]
    pub epochs: usize,
    /// Stop after N epochs without a better validation score
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = |text: &str| up_to(usize::MAX, text))]
    pub patience: usize,
    /// Take N queries for a step
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = |text: &str| up_to(1_000_000_usize, text))]
    pub batch: usize,
    /// Set the step size of Adam
    #[arg(long, value_name = "X", default_value_t = 0.002, value_parser = |text: &str| up_to(1.0_f32, text))]
    pub rate: f32,
    /// Shrink the weights by the share X in each epoch
    #[arg(long, value_name = "X", default_value_t = 0.03, value_parser = share)]
    pub decay: f32,
    /// Start the random numbers at N
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

/// What is known of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Modality {
    /// Its keywords.
    Language,
    /// Its regions.
    Visual,
}

fn up_to<T: FromStr<Err: Display> + PartialOrd + Default + Display>(most: T, text: &str) -> Result<T, String> {
    let number: T = text.parse().map_err(|error: T::Err| error.to_string())?;
    let is_possible = number > T::default() && number <= most;
    if is_possible { Ok(number) } else { Err(format!("expected a number above 0, at most {most}")) }
}

fn share(text: &str) -> Result<f32, String> {
    let share: f32 = text.parse().map_err(|error: ParseFloatError| error.to_string())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("expected a number from 0 to 1".to_owned()) }
}

impl Options {
    /// The parts of the network.
    pub fn parts(&self) -> Parts {
        let [language, visual] = [Modality::Language, Modality::Visual].map(|modality| self.modalities.contains(&modality));
        Parts { language, visual, pool: self.pool, mix: self.mix }
    }
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
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The images of the set.
    pub images: &'a Images,
    /// Words in the table of words.
    pub words: usize,
    /// What to learn from.
    pub clicks: &'a [Click],
    /// What the best round is chosen by.
    pub validation: &'a [Ranking],
    /// How to train.
    pub options: &'a Options,
    /// The number of threads. The model does not depend on it.
    pub jobs: usize,
    /// Becomes true when training should stop.
    pub stop: &'a AtomicBool,
}

/// The best model of a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The weights after the best round.
    pub weights: Weights<f32>,
    /// The best round.
    pub best: Epoch,
    /// All rounds.
    pub epochs: Vec<Epoch>,
}

impl<'a> Training<'a> {
    /// Trains a model and reports each round, and whether it is the best so far. The result is
    /// `None` if training was stopped before the end of the first round.
    pub fn run(&self, mut report: impl FnMut(&Epoch, bool)) -> Option<Trained> {
        let Options { dim, epochs, patience, batch, rate, decay, seed, .. } = *self.options;
        let steps = self.clicks.len().div_ceil(batch).max(1);
        let sizes = Sizes { words: self.words, dim, features: self.images.features() };
        let mut weights = Weights::random(self.options.parts(), sizes, seed);
        let mut adam = Adam::new(&weights, rate, 1.0 - decay / steps as f32);
        let (mut rounds, mut best) = (Vec::new(), None::<(Weights<f32>, Epoch)>);
        for number in 1..=epochs {
            let Some(loss) = self.run_epoch(number, &mut weights, &mut adam) else { break };
            let validation = mean_ndcg_10(&weights, self.images, self.validation, self.jobs);
            let epoch = Epoch { number, loss, validation };
            let is_best = best.as_ref().is_none_or(|(_, best)| best.validation < validation);
            report(&epoch, is_best);
            rounds.push(epoch);
            if is_best {
                best = Some((weights.clone(), epoch));
            }
            if best.as_ref().is_some_and(|(_, best)| number - best.number >= patience) {
                break;
            }
        }
        best.map(|(weights, best)| Trained { weights, best, epochs: rounds })
    }

    /// The mean loss; `None` if the round was stopped.
    fn run_epoch(&self, number: usize, weights: &mut Weights<f32>, adam: &mut Adam) -> Option<f64> {
        let mut order: Vec<usize> = (0..self.clicks.len()).collect();
        Rng::new(self.options.seed, [1, number as u64]).shuffle(&mut order);
        let mut loss = 0.0;
        for batch in order.chunks(self.options.batch) {
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            let chunks: Vec<&[usize]> = batch.chunks(CHUNK).collect();
            let gradients: Vec<Gradients<f32>> = in_order(self.jobs, &chunks, |chunk| {
                let examples: Vec<Example<'_, f32>> = chunk.iter().filter_map(|&click| self.example(number, click)).collect();
                weights.hinge(&examples, self.options.margin)
            });
            loss += gradients.iter().map(|gradients| f64::from(gradients.loss)).sum::<f64>();
            let sum = gradients.into_iter().reduce(Gradients::plus);
            sum.iter().for_each(|sum| adam.step(weights, sum));
        }
        Some(loss / self.clicks.len() as f64)
    }

    /// A query with its image and random images of other queries.
    fn example(&self, epoch: usize, click: usize) -> Option<Example<'a, f32>> {
        let Click { query, image } = self.clicks.get(click)?;
        let mut rng = Rng::new(self.options.seed, [2 + epoch as u64, click as u64]);
        let mut items = vec![self.images.item(*image)];
        while items.len() <= self.options.negatives {
            let other = self.clicks.get(rng.below(self.clicks.len()))?.image;
            if other != *image {
                items.push(self.images.item(other));
            }
        }
        Some(Example { query, items })
    }
}
