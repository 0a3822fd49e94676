//! How good a ranking is.
//!
//! Images of equal score share their ranks: every measure is its mean over all orders of such
//! images.

use serde::Serialize;

/// Where NDCG is cut off, and where recall is.
pub const NDCG_AT: [usize; 5] = [5, 10, 15, 20, 25];
/// Where recall is cut off.
pub const RECALL_AT: [usize; 3] = [1, 5, 10];
/// The names of the values of [`Measures::values`].
pub const NAMES: [&str; 10] =
    ["NDCG@5", "NDCG@10", "NDCG@15", "NDCG@20", "NDCG@25", "MRR", "recall@1", "recall@5", "recall@10", "AUC"];
/// The place of NDCG@10 in [`NAMES`].
pub const NDCG_10: usize = 1;
/// The steps between two points of a ROC curve's first axis.
pub const ROC_STEPS: usize = 100;

/// The measures of one ranking.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measures {
    /// In the order of [`NAMES`].
    pub values: [f64; 10],
    /// The mean rank of the first relevant image's score, from 1.
    pub rank: f64,
    /// NDCG cut off at 1, 2, … 25.
    pub ndcg: Vec<f64>,
    /// The share of relevant images above 0 %, 1 %, … 100 % of the others.
    pub roc: Vec<f64>,
}

/// Images of one score.
struct Tie {
    /// The images above them.
    above: usize,
    size: usize,
    relevant: usize,
    /// The sum of their gains.
    gain: f64,
}

impl Measures {
    /// Measures a ranking: an image's label is 0 if it is not relevant.
    ///
    /// `None` if no image is relevant, or all are: then there is nothing to rank.
    pub fn of(scores: &[f64], labels: &[u8]) -> Option<Measures> {
        let ties = ties(scores, labels);
        let relevant: usize = ties.iter().map(|tie| tie.relevant).sum();
        let others = scores.len().min(labels.len()).checked_sub(relevant).filter(|&others| others > 0)?;
        let first = ties.iter().find(|tie| tie.relevant > 0)?;
        let ndcg = ndcg(&ties, labels);
        let roc = roc(&ties, relevant, others);
        let mut values = [0.0; 10];
        let at = NDCG_AT.iter().filter_map(|&k| ndcg.get(k - 1).copied());
        let recalls = RECALL_AT.iter().map(|&k| recall(&ties, relevant, k));
        let all = at.chain([reciprocal(first)]).chain(recalls).chain([area(&ties, relevant, others)]);
        values.iter_mut().zip(all).for_each(|(value, measure)| *value = measure);
        Some(Measures { values, rank: first.above as f64 + (first.size as f64 + 1.0) / 2.0, ndcg, roc })
    }

    /// NDCG@10.
    pub fn ndcg_10(&self) -> f64 {
        let [_, ndcg_10, ..] = self.values;
        ndcg_10
    }
}

fn gain(label: u8) -> f64 {
    f64::from(label).exp2() - 1.0
}

fn discount(rank: usize) -> f64 {
    1.0 / (rank as f64 + 1.0).log2()
}

fn ties(scores: &[f64], labels: &[u8]) -> Vec<Tie> {
    let mut order: Vec<(f64, u8)> = scores.iter().copied().zip(labels.iter().copied()).collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut above = 0;
    let groups = order.chunk_by(|a, b| a.0 == b.0);
    let tie = |group: &[(f64, u8)]| {
        let relevant = group.iter().filter(|(_, label)| *label > 0).count();
        let gain = group.iter().map(|&(_, label)| gain(label)).sum();
        let tie = Tie { above, size: group.len(), relevant, gain };
        above += group.len();
        tie
    };
    groups.map(tie).collect()
}

/// How many of the tied images are among the first `k`.
fn within(tie: &Tie, k: usize) -> usize {
    k.saturating_sub(tie.above).min(tie.size)
}

/// NDCG cut off at 1, 2, … 25. The gain of a label is 2^label - 1.
fn ndcg(ties: &[Tie], labels: &[u8]) -> Vec<f64> {
    let mut ideal: Vec<f64> = labels.iter().map(|&label| gain(label)).collect();
    ideal.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut best) = (0.0, 0.0);
    let at = |k: usize| {
        best += ideal.get(k - 1).map_or(0.0, |gain| gain * discount(k));
        let tie = ties.iter().find(|tie| within(tie, k) > within(tie, k - 1));
        sum += tie.map_or(0.0, |tie| tie.gain / tie.size as f64 * discount(k));
        sum / best
    };
    (1..=25).map(at).collect()
}

fn recall(ties: &[Tie], relevant: usize, k: usize) -> f64 {
    let found = |tie: &Tie| tie.relevant as f64 * within(tie, k) as f64 / tie.size as f64;
    ties.iter().map(found).sum::<f64>() / relevant as f64
}

/// The mean of 1 / rank of the first relevant image, which is in `tie`.
fn reciprocal(tie: &Tie) -> f64 {
    let (mut mean, mut none_before) = (0.0, 1.0);
    for place in 0..=(tie.size - tie.relevant) {
        let here = tie.relevant as f64 / (tie.size - place) as f64;
        mean += none_before * here / (tie.above + place + 1) as f64;
        none_before *= 1.0 - here;
    }
    mean
}

/// The share of pairs of a relevant and another image that are in the right order.
fn area(ties: &[Tie], relevant: usize, others: usize) -> f64 {
    let mut relevant_above = 0;
    let right = |tie: &Tie| {
        let others = (tie.size - tie.relevant) as f64;
        let right = others * (relevant_above as f64 + tie.relevant as f64 / 2.0);
        relevant_above += tie.relevant;
        right
    };
    ties.iter().map(right).sum::<f64>() / (relevant as f64 * others as f64)
}

/// The curve through the corners that the ties make, at equal steps of its first axis.
fn roc(ties: &[Tie], relevant: usize, others: usize) -> Vec<f64> {
    let mut corners = vec![(0.0, 0.0)];
    let (mut wrong, mut right) = (0, 0);
    for tie in ties {
        (wrong, right) = (wrong + tie.size - tie.relevant, right + tie.relevant);
        corners.push((wrong as f64 / others as f64, right as f64 / relevant as f64));
    }
    let mut segments = corners.windows(2).peekable();
    let at = |step: usize| {
        let x = step as f64 / ROC_STEPS as f64;
        // At a vertical step the curve's upper end counts.
        while segments.peek().is_some_and(|segment| matches!(segment, [_, (end, _)] if *end <= x && *end < 1.0)) {
            segments.next();
        }
        match segments.peek() {
            Some([(from, low), (to, high)]) if to > from => low + (high - low) * ((x - from) / (to - from)).min(1.0),
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
        let all: f64 = (1..=4).map(discount).sum();
        close(measures.values[0], all / 2.0 / (1.0 + discount(2)));
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
