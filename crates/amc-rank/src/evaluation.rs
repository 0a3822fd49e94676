//! Rankings by models, by BM25 and by chance, and what they are worth.

use serde::Serialize;

use crate::images::Images;
use crate::measures::{Measures, NAMES};
use crate::network::{Example, Weights};
use crate::parallel::in_order;
use crate::queries::Ranking;

/// Images that are scored at a time.
const BLOCK: usize = 4096;

/// The measures of one system.
#[derive(Debug)]
pub struct Measured {
    /// Its name.
    pub name: &'static str,
    /// The measures of each ranking.
    pub measures: Vec<Measures>,
}

/// One measure of one system for some of the queries: its mean and 95 % interval.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The name of the group of queries.
    pub group: &'static str,
    /// The number of queries in the group.
    pub queries: usize,
    /// The measure.
    pub measure: &'static str,
    /// The system. The model is the first one.
    pub system: &'static str,
    /// The mean over the queries.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
    /// By how much the model's value is higher, query by query; 0 for the model.
    pub lead: f64,
    /// The lower end of its interval.
    pub lead_low: f64,
    /// The upper end of its interval.
    pub lead_high: f64,
}

/// The figures of one group of queries.
#[derive(Debug)]
pub struct Table<'a> {
    /// The name of the group of queries.
    pub group: &'static str,
    /// The number of queries in the group.
    pub queries: usize,
    /// A row for each measure, with a figure of each system.
    pub rows: Vec<&'a [Figure]>,
}

/// Measures a system on all rankings.
pub fn measure(name: &'static str, rankings: &[Ranking], jobs: usize, scores: impl Fn(&Ranking) -> Vec<f64> + Sync) -> Measured {
    let of = |ranking: &Ranking| Measures::of(&scores(ranking), &ranking.labels);
    Measured { name, measures: in_order(jobs, rankings, of).into_iter().flatten().collect() }
}

/// The model's score of each image of a ranking.
pub fn scores(weights: &Weights<f32>, images: &Images, ranking: &Ranking) -> Vec<f64> {
    let items = ranking.images.iter().map(|&image| images.item(image)).collect();
    let tape = weights.forward(&[Example { query: &ranking.query, items }]);
    tape.scores.into_iter().map(f64::from).collect()
}

/// The mean NDCG@10 of a model.
pub fn mean_ndcg_10(weights: &Weights<f32>, images: &Images, rankings: &[Ranking], jobs: usize) -> f64 {
    let measures = measure("", rankings, jobs, |ranking| scores(weights, images, ranking)).measures;
    measures.iter().map(Measures::ndcg_10).sum::<f64>() / measures.len().max(1) as f64
}

/// The figures of all queries, of those that repeat a keyword of a relevant image, and of the
/// others.
pub fn figures(measured: &[Measured], rankings: &[Ranking], images: &Images) -> Vec<Figure> {
    let repeats: Vec<bool> = rankings.iter().map(|ranking| ranking.repeats_a_keyword(images)).collect();
    let mut figures = Vec::new();
    for (group, wanted) in [("all", None), ("repeats a keyword", Some(true)), ("repeats none", Some(false))] {
        for (place, measure) in NAMES.iter().enumerate() {
            let values = |of: &Measured| -> Vec<f64> {
                let measures =
                    of.measures.iter().zip(&repeats).filter(|(_, repeats)| wanted.is_none_or(|wanted| wanted == **repeats));
                measures.filter_map(|(of, _)| of.values.get(place).copied()).collect()
            };
            let model = measured.first().map(values).unwrap_or_default();
            for of in measured.iter().filter(|_| !model.is_empty()) {
                let values = values(of);
                let leads: Vec<f64> = model.iter().zip(&values).map(|(model, own)| model - own).collect();
                let ([mean, low, high], [lead, lead_low, lead_high]) = (interval(&values), interval(&leads));
                let (low, high) = (low.max(0.0), high.min(1.0));
                let (queries, system) = (values.len(), of.name);
                figures.push(Figure { group, queries, measure, system, mean, low, high, lead, lead_low, lead_high });
            }
        }
    }
    figures
}

/// The figures of each group.
pub fn tables(figures: &[Figure]) -> impl Iterator<Item = Table<'_>> {
    figures.chunk_by(|a, b| a.group == b.group).filter_map(|group| {
        let &Figure { group: name, queries, .. } = group.first()?;
        Some(Table { group: name, queries, rows: group.chunk_by(|a, b| a.measure == b.measure).collect() })
    })
}

/// The mean of independent values, and 1.96 standard errors to both sides.
fn interval(values: &[f64]) -> [f64; 3] {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let margin = 1.96 * (squares / (count - 1.0).max(1.0) / count).sqrt();
    [mean, mean - margin, mean + margin]
}

/// The mean of curves of the same length.
pub fn mean_curve<'a>(curves: impl ExactSizeIterator<Item = &'a [f64]>) -> Vec<f64> {
    let count = curves.len() as f64;
    let mut sums = Vec::new();
    for curve in curves {
        sums.resize(curve.len(), 0.0);
        sums.iter_mut().zip(curve).for_each(|(sum, value)| *sum += value / count);
    }
    sums
}

/// The `count` images with the highest scores, the best first. Of equal ones, the first in the set
/// wins.
pub fn best_images(weights: &Weights<f32>, images: &Images, query: &[u32], count: usize) -> Vec<(usize, f32)> {
    let usable: Vec<usize> = (0..images.all().len()).filter(|&image| images.has(image, weights.parts)).collect();
    let mut found: Vec<(usize, f32)> = Vec::new();
    for part in usable.chunks(BLOCK) {
        let items = part.iter().map(|&image| images.item(image)).collect();
        found.extend(part.iter().copied().zip(weights.forward(&[Example { query, items }]).scores));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found.truncate(count);
    found
}
