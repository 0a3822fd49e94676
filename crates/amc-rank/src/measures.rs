//! How good a ranking is.
//!
//! Images of equal score share their ranks: every measure is its mean over all orders of such
//! images.

use std::iter::{once, repeat_n};

/// The names of the values of [`Measures::values`].
pub const NAMES: [&str; 10] =
    ["NDCG@5", "NDCG@10", "NDCG@15", "NDCG@20", "NDCG@25", "MRR", "recall@1", "recall@5", "recall@10", "AUC"];
/// The steps between two points of a ROC curve's first axis.
const ROC_STEPS: usize = 100;

/// The measures of one ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct Measures {
    /// In the order of [`NAMES`].
    pub values: [f64; 10],
    /// The mean rank of the images with the score of the first relevant one, from 1.
    pub rank: f64,
    /// NDCG cut off at 1, 2, … 25.
    pub ndcg: [f64; 25],
    /// The share of relevant images above 0 %, 1 %, … 100 % of the others.
    pub roc: Vec<f64>,
}

/// What is at one rank, as the mean over the images that share it.
#[derive(Debug, Clone, Copy)]
struct Place {
    relevant: f64,
    gain: f64,
}

impl Measures {
    /// Measures a ranking: an image's label is 0 if it is not relevant.
    ///
    /// `None` if no image is relevant, or all are: then there is nothing to rank.
    pub fn of(scores: &[f64], labels: &[u8]) -> Option<Measures> {
        let mut order: Vec<(f64, u8)> = scores.iter().copied().zip(labels.iter().copied()).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut places: Vec<Place> = Vec::with_capacity(order.len());
        let mut first = None;
        for tie in order.chunk_by(|a, b| a.0 == b.0) {
            let relevant = tie.iter().filter(|(_, label)| *label > 0).count();
            if first.is_none() && relevant > 0 {
                first = Some((places.len(), tie.len(), relevant));
            }
            let size = tie.len() as f64;
            let gain = tie.iter().map(|&(_, label)| gain(label)).sum::<f64>() / size;
            places.extend(repeat_n(Place { relevant: relevant as f64 / size, gain }, tie.len()));
        }
        let relevant = order.iter().filter(|(_, label)| *label > 0).count() as f64;
        let others = order.len() as f64 - relevant;
        let (above, size, count) = first.filter(|_| others > 0.0)?;
        let recall = |k: usize| places.iter().take(k).map(|place| place.relevant).sum::<f64>() / relevant;
        let ndcg = ndcg(&places, labels);
        let (mrr, auc) = (reciprocal(above, size, count), area(&places) / (relevant * others));
        let [at_1, at_5, at_10] = [1, 5, 10].map(recall);
        let values = [ndcg[4], ndcg[9], ndcg[14], ndcg[19], ndcg[24], mrr, at_1, at_5, at_10, auc];
        let rank = above as f64 + (size as f64 + 1.0) / 2.0;
        Some(Measures { values, rank, ndcg, roc: roc(&places, relevant, others) })
    }

    /// NDCG@10.
    pub fn ndcg_10(&self) -> f64 {
        self.ndcg[9]
    }
}

fn gain(label: u8) -> f64 {
    f64::from(label).exp2() - 1.0
}

/// NDCG cut off at 1, 2, … 25. The gain of a label is 2^label - 1.
fn ndcg(places: &[Place], labels: &[u8]) -> [f64; 25] {
    let mut ideal: Vec<f64> = labels.iter().map(|&label| gain(label)).collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let mut ranks = places.iter().zip(ideal).zip(1_u32..);
    let (mut sum, mut best) = (0.0, 0.0);
    [(); 25].map(|()| {
        if let Some(((place, ideal), rank)) = ranks.next() {
            let discount = 1.0 / f64::from(rank + 1).log2();
            sum += place.gain * discount;
            best += ideal * discount;
        }
        sum / best
    })
}

/// The mean of 1 / rank of the first relevant image. There are `above` images before those that
/// share its rank: `size` images, `relevant` of which are relevant.
fn reciprocal(above: usize, size: usize, relevant: usize) -> f64 {
    let (mut mean, mut none_before) = (0.0, 1.0);
    for place in 0..=(size - relevant) {
        let here = relevant as f64 / (size - place) as f64;
        mean += none_before * here / (above + place + 1) as f64;
        none_before *= 1.0 - here;
    }
    mean
}

/// The number of pairs of a relevant and another image that are in the right order.
fn area(places: &[Place]) -> f64 {
    let mut above = 0.0;
    let right = |place: &Place| {
        above += place.relevant;
        (1.0 - place.relevant) * (above - place.relevant / 2.0)
    };
    places.iter().map(right).sum()
}

/// The curve through the corners that the ranks make, at equal steps of its first axis.
fn roc(places: &[Place], relevant: f64, others: f64) -> Vec<f64> {
    let mut above = 0.0;
    let corner = |(place, rank): (&Place, u32)| {
        above += place.relevant;
        ((f64::from(rank) - above) / others, above / relevant)
    };
    let corners: Vec<(f64, f64)> = once((0.0, 0.0)).chain(places.iter().zip(1..).map(corner)).collect();
    let at = |step: usize| {
        let x = step as f64 / ROC_STEPS as f64;
        // At a vertical step the curve's upper end counts.
        let (before, after) = corners.split_at(corners.partition_point(|(end, _)| *end <= x));
        match (before.last(), after.first()) {
            (Some((from, low)), Some((to, high))) => low + (high - low) * (x - from) / (to - from),
            _ => 1.0,
        }
    };
    (0..=ROC_STEPS).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "found {found}, expected {expected}");
    }

    #[test]
    fn one_relevant_image_in_second_place_has_the_values_worked_out_by_hand() {
        let measures = Measures::of(&[0.9, 0.8, 0.1, 0.0], &[0, 1, 0, 0]).unwrap();
        let ndcg = 1.0 / 3.0_f64.log2();
        let expected = [ndcg, ndcg, ndcg, ndcg, ndcg, 0.5, 0.0, 1.0, 1.0, 2.0 / 3.0];
        measures.values.iter().zip(expected).for_each(|(found, expected)| close(*found, expected));
        close(measures.ndcg[0], 0.0);
        close(measures.rank, 2.0);
        close(measures.roc[0], 0.0);
        close(measures.roc[33], 0.0);
        close(measures.roc[34], 1.0);
        close(measures.roc[100], 1.0);
    }

    #[test]
    fn labels_weigh_by_a_power_of_two() {
        // Gains 1, 7, 0, 3 in the order of the scores; the ideal order is 7, 3, 1.
        let measures = Measures::of(&[4.0, 3.0, 2.0, 1.0], &[1, 3, 0, 2]).unwrap();
        let (log3, log5) = (3.0_f64.log2(), 5.0_f64.log2());
        close(measures.values[0], (1.0 + 7.0 / log3 + 3.0 / log5) / (7.0 + 3.0 / log3 + 1.0 / 2.0));
        close(measures.values[5], 1.0);
        close(measures.values[6], 1.0 / 3.0);
        close(measures.values[9], 2.0 / 3.0);
    }

    #[test]
    fn equal_scores_share_their_ranks() {
        // Places 1 to 4 are shared by two relevant images and two others.
        let measures = Measures::of(&[1.0; 4], &[1, 0, 1, 0]).unwrap();
        // The first relevant image is in place 1, 2 or 3 with probability 1/2, 1/3, 1/6.
        close(measures.values[5], 0.5 + 1.0 / 6.0 + 1.0 / 18.0);
        close(measures.values[6], 0.25);
        close(measures.values[7], 1.0);
        close(measures.values[9], 0.5);
        close(measures.rank, 2.5);
        let discount = |rank: f64| 1.0 / (rank + 1.0).log2();
        let all: f64 = [1.0, 2.0, 3.0, 4.0].map(discount).iter().sum();
        close(measures.values[0], all / 2.0 / (1.0 + discount(2.0)));
        measures.roc.iter().enumerate().for_each(|(step, share)| close(*share, step as f64 / 100.0));
    }

    #[test]
    fn there_is_no_measure_where_nothing_can_be_ranked() {
        for labels in [[0, 0], [1, 2]] {
            assert_eq!(Measures::of(&[0.5, 0.1], &labels), None);
        }
    }

    #[test]
    fn measures_with_ties_are_the_mean_over_all_orders() {
        // Five images, the middle three with one score. Scores that break the tie in each way.
        let labels = [2, 1, 0, 3, 0];
        let mut sum = [0.0; 10];
        for order in [[0.1, 0.2, 0.3], [0.1, 0.3, 0.2], [0.2, 0.1, 0.3], [0.2, 0.3, 0.1], [0.3, 0.1, 0.2], [0.3, 0.2, 0.1]] {
            let scores = [0.0, order[0], order[1], order[2], 1.0];
            let values = Measures::of(&scores, &labels).unwrap().values;
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value / 6.0);
        }
        let tied = Measures::of(&[0.0, 0.2, 0.2, 0.2, 1.0], &labels).unwrap();
        tied.values.iter().zip(sum).for_each(|(found, expected)| close(*found, expected));
    }
}
