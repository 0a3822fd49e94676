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
    /// Of each ranking.
    pub measures: Vec<Measures>,
}

/// A mean and its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimate {
    /// The mean over the queries.
    pub mean: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// One measure of one system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The measure.
    pub measure: &'static str,
    /// Its value.
    pub value: Estimate,
    /// By how much the model's value is higher, query by query; none for the model.
    pub lead: Option<Estimate>,
}

/// The figures of one system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SystemFigures {
    /// Its name.
    pub system: &'static str,
    /// One for each measure.
    pub figures: Vec<Figure>,
    /// The mean NDCG cut off at 1, 2, … 25.
    pub ndcg: Vec<f64>,
    /// The mean share of relevant images above 0 %, 1 %, … 100 % of the others.
    pub roc: Vec<f64>,
}

/// Some of the queries.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Group {
    /// Which ones.
    pub group: &'static str,
    /// How many they are.
    pub queries: usize,
    /// What each system did for them. The model is the first one.
    pub systems: Vec<SystemFigures>,
}

impl Group {
    /// The figures of all systems for one measure.
    pub fn row(&self, measure: &str) -> Vec<&Figure> {
        self.systems.iter().filter_map(|of| of.figures.iter().find(|figure| figure.measure == measure)).collect()
    }
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
pub fn groups(measured: &[Measured], rankings: &[Ranking], images: &Images) -> Vec<Group> {
    let repeats: Vec<bool> = rankings.iter().map(|ranking| ranking.repeats_a_keyword(images)).collect();
    let group = |(group, wanted): (&'static str, Option<bool>)| {
        let is_member = |repeats: bool| wanted.is_none_or(|wanted| wanted == repeats);
        let rows = |of: &'_ Measured| -> Vec<Measures> {
            let measures = of.measures.iter().zip(&repeats);
            measures.filter(|(_, repeats)| is_member(**repeats)).map(|(of, _)| of.clone()).collect()
        };
        let model = measured.first().map(rows).unwrap_or_default();
        let systems = measured.iter().enumerate();
        let systems = systems.map(|(place, of)| system_figures(of.name, &rows(of), (place > 0).then_some(&model)));
        Group { group, queries: model.len(), systems: systems.collect() }
    };
    let kinds = [("all", None), ("repeats a keyword", Some(true)), ("repeats none", Some(false))];
    kinds.into_iter().map(group).filter(|group| group.queries > 0).collect()
}

fn system_figures(system: &'static str, rows: &[Measures], model: Option<&Vec<Measures>>) -> SystemFigures {
    let figure = |(place, measure): (usize, &&'static str)| {
        let value = |of: &Measures| of.values.get(place).copied().unwrap_or_default();
        let leads = |model: &Vec<Measures>| model.iter().zip(rows).map(|(model, own)| value(model) - value(own)).collect();
        let lead = model.map(|model| Estimate::of(leads(model)));
        Figure { measure, value: Estimate::of(rows.iter().map(value).collect()), lead }
    };
    SystemFigures {
        system,
        figures: NAMES.iter().enumerate().map(figure).collect(),
        ndcg: mean_curve(rows.iter().map(|row| row.ndcg.as_slice())),
        roc: mean_curve(rows.iter().map(|row| row.roc.as_slice())),
    }
}

impl Estimate {
    /// The mean of independent values, and 1.96 standard errors to both sides.
    fn of(values: Vec<f64>) -> Estimate {
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        let margin = 1.96 * (squares / (count - 1.0).max(1.0) / count).sqrt();
        Estimate { mean, low: mean - margin, high: mean + margin }
    }
}

fn mean_curve<'a>(curves: impl ExactSizeIterator<Item = &'a [f64]>) -> Vec<f64> {
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
