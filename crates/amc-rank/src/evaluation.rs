//! Rankings by models, by BM25 and by chance, and what they are worth.

use serde::Serialize;

use crate::bm25::Bm25;
use crate::images::Images;
use crate::measures::{Measures, NAMES};
use crate::network::{Example, Weights};
use crate::parallel::in_order;
use crate::rng::Rng;

/// Samples for an interval.
const RESAMPLES: u64 = 1000;
/// Images that are scored at a time.
const BLOCK: usize = 4096;

/// Images that compete for a query.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The query as it was asked.
    pub text: String,
    /// Its words.
    pub query: Vec<u32>,
    /// The images that compete.
    pub images: Vec<usize>,
    /// How relevant each of them is: 0 is not at all.
    pub labels: Vec<u8>,
}

/// Scores the images of a ranking.
type Score<'a> = Box<dyn Fn(&Ranking) -> Vec<f64> + Sync + 'a>;

/// Something that scores the images of a ranking.
pub struct System<'a> {
    /// Its name in tables.
    pub name: &'static str,
    score: Score<'a>,
}

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

impl<'a> System<'a> {
    /// A trained model.
    pub fn model(name: &'static str, weights: &'a Weights<f32>, images: &'a Images) -> System<'a> {
        System { name, score: Box::new(|ranking| scores(weights, images, ranking)) }
    }

    /// BM25 over the keywords.
    pub fn bm25(images: &'a Images) -> System<'a> {
        let bm25 = Bm25::new(images);
        let score = move |ranking: &Ranking| {
            ranking.images.iter().map(|&image| bm25.score(&ranking.query, images.words(image))).collect()
        };
        System { name: "BM25", score: Box::new(score) }
    }

    /// A random order. All scores are equal, so each measure is its exact mean over all orders.
    pub fn random() -> System<'a> {
        System { name: "random", score: Box::new(|ranking| vec![0.0; ranking.images.len()]) }
    }

    /// The measures of all rankings.
    pub fn measure(&self, rankings: &[Ranking], jobs: usize) -> Measured {
        let of = |ranking: &Ranking| Measures::of(&(self.score)(ranking), &ranking.labels);
        Measured { name: self.name, measures: in_order(jobs, rankings, of).into_iter().flatten().collect() }
    }
}

/// The model's score of each image of a ranking.
pub fn scores(weights: &Weights<f32>, images: &Images, ranking: &Ranking) -> Vec<f64> {
    let items = ranking.images.iter().map(|&image| images.item(image)).collect();
    let tape = weights.forward(&[Example { query: &ranking.query, items }]);
    tape.scores.into_iter().map(f64::from).collect()
}

/// The mean NDCG@10 of a model.
pub fn mean_ndcg_10(weights: &Weights<f32>, images: &Images, rankings: &[Ranking], jobs: usize) -> f64 {
    let measures = System::model("", weights, images).measure(rankings, jobs).measures;
    measures.iter().map(Measures::ndcg_10).sum::<f64>() / measures.len().max(1) as f64
}

/// The figures of all queries, of those that repeat a keyword of a relevant image, and of the
/// others.
pub fn groups(measured: &[Measured], rankings: &[Ranking], images: &Images, jobs: usize, seed: u64) -> Vec<Group> {
    let repeats: Vec<bool> = rankings.iter().map(|ranking| ranking.repeats_a_keyword(images)).collect();
    let kinds: [(&str, &dyn Fn(bool) -> bool); 3] =
        [("all", &|_| true), ("repeats a keyword", &|repeats| repeats), ("repeats none", &|repeats| !repeats)];
    let group = |(name, belongs): (&'static str, &dyn Fn(bool) -> bool)| {
        let members: Vec<usize> = (0..).zip(&repeats).filter(|(_, repeats)| belongs(**repeats)).map(|(place, _)| place).collect();
        let of = |measured: &Measured| Table::new(measured, &members);
        let tables: Vec<Table> = measured.iter().map(of).collect();
        let means = resample(&tables, members.len(), jobs, seed);
        let systems = measured.iter().zip(&tables).enumerate();
        let systems = systems.map(|(place, (measured, table))| table.figures(measured.name, place, &tables, &means)).collect();
        Group { group: name, queries: members.len(), systems }
    };
    kinds.into_iter().map(group).filter(|group| group.queries > 0).collect()
}

/// The measures of one system for some queries.
struct Table {
    rows: Vec<[f64; NAMES.len()]>,
    ndcg: Vec<f64>,
    roc: Vec<f64>,
}

type Means = [f64; NAMES.len()];

impl Table {
    fn new(measured: &Measured, members: &[usize]) -> Table {
        let found: Vec<&Measures> = members.iter().filter_map(|&place| measured.measures.get(place)).collect();
        Table {
            rows: found.iter().map(|measures| measures.values).collect(),
            ndcg: mean_curve(found.iter().map(|measures| &measures.ndcg)),
            roc: mean_curve(found.iter().map(|measures| &measures.roc)),
        }
    }

    fn mean_of(&self, places: impl Iterator<Item = usize>) -> Means {
        let (mut sums, mut count) = ([0.0; NAMES.len()], 0.0);
        for row in places.filter_map(|place| self.rows.get(place)) {
            sums.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
            count += 1.0;
        }
        sums.map(|sum| sum / count)
    }

    fn figures(&self, system: &'static str, place: usize, tables: &[Table], means: &[Vec<Means>]) -> SystemFigures {
        let all = |table: &Table| table.mean_of(0..table.rows.len());
        let (own, model) = (all(self), tables.first().map_or([0.0; NAMES.len()], all));
        let of = |measure: usize, sample: &[Means], place: usize| {
            sample.get(place).and_then(|means| means.get(measure)).copied().unwrap_or(0.0)
        };
        let figure = |(measure, ((&name, own), model)): (usize, ((&&'static str, f64), f64))| Figure {
            measure: name,
            value: Estimate::new(own, means.iter().map(|sample| of(measure, sample, place))),
            lead: (place > 0).then(|| {
                let leads = means.iter().map(|sample| of(measure, sample, 0) - of(measure, sample, place));
                Estimate::new(model - own, leads)
            }),
        };
        let figures = NAMES.iter().zip(own).zip(model).enumerate().map(figure).collect();
        SystemFigures { system, figures, ndcg: self.ndcg.clone(), roc: self.roc.clone() }
    }
}

/// The means of all systems in each of many samples of the queries, drawn with replacement. A
/// sample has the same queries for all systems.
fn resample(tables: &[Table], queries: usize, jobs: usize, seed: u64) -> Vec<Vec<Means>> {
    let samples: Vec<u64> = (0..RESAMPLES).collect();
    in_order(jobs, &samples, |&sample| {
        let mut rng = Rng::new(seed, [u64::MAX - 1, sample]);
        let places: Vec<usize> = (0..queries).map(|_| rng.below(queries)).collect();
        tables.iter().map(|table| table.mean_of(places.iter().copied())).collect()
    })
}

impl Estimate {
    /// A mean, and the middle 95 % of the means of samples.
    fn new(mean: f64, samples: impl Iterator<Item = f64>) -> Estimate {
        let mut samples: Vec<f64> = samples.collect();
        samples.sort_by(f64::total_cmp);
        let cut = samples.len() / 40;
        let low = samples.get(cut).copied().unwrap_or(mean);
        let high = samples.iter().rev().nth(cut).copied().unwrap_or(mean);
        Estimate { mean, low, high }
    }
}

fn mean_curve<'a>(curves: impl Iterator<Item = &'a Vec<f64>>) -> Vec<f64> {
    let (mut sums, mut count) = (Vec::new(), 0.0);
    for curve in curves {
        sums.resize(curve.len(), 0.0);
        sums.iter_mut().zip(curve).for_each(|(sum, value)| *sum += value);
        count += 1.0;
    }
    sums.into_iter().map(|sum| sum / count).collect()
}

/// The `count` images with the highest scores, the best first. Of equal ones, the first in the set
/// wins.
pub fn best_images(weights: &Weights<f32>, images: &Images, query: &[u32], count: usize) -> Vec<(usize, f32)> {
    let usable: Vec<usize> = (0..images.len()).filter(|&image| images.has(image, weights.parts)).collect();
    let mut found: Vec<(usize, f32)> = Vec::new();
    for part in usable.chunks(BLOCK) {
        let items = part.iter().map(|&image| images.item(image)).collect();
        found.extend(part.iter().copied().zip(weights.forward(&[Example { query, items }]).scores));
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(count);
    found
}
