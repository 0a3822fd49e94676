//! The HTML page about an evaluation, or about what a model looks at.

mod chart;
mod pictures;

use askama::Template;

use crate::evaluation::{Group, Measured, Ranking};
use crate::model::Model;
use crate::set::Set;
use crate::words::WordTable;

pub use chart::Chart;
pub use pictures::Pictures;

/// Queries in the tables of the best and the worst ones.
const EXTREMES: usize = 10;
/// Queries of each table whose attention is shown.
const LOOKS: usize = 4;

/// A page that loads nothing.
#[derive(Debug, Default, Template)]
#[template(path = "page.html")]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What it is about.
    pub lead: String,
    /// Facts about the model.
    pub facts: Vec<(&'static str, String)>,
    /// Titles and SVG documents.
    pub charts: Vec<(&'static str, String)>,
    /// The tables of figures.
    pub groups: Vec<Group>,
    /// The best queries, then the worst.
    pub extremes: Vec<(&'static str, Vec<QueryRow>)>,
    /// What the model looks at.
    pub looks: Vec<Look>,
}

/// One query in a table.
#[derive(Debug)]
pub struct QueryRow {
    query: String,
    image: String,
    rank: String,
    ndcg: Vec<String>,
}

/// What the model looks at in one image.
#[derive(Debug)]
pub struct Look {
    query: String,
    image: String,
    score: String,
    /// The weights of both modalities in percent, if there are two.
    shares: Option<(String, String)>,
    /// Words, their weights in percent and their shades.
    words: Vec<(String, String, String)>,
    /// Weights of regions in percent and their shades.
    regions: Vec<(String, String)>,
    columns: usize,
    picture: Option<String>,
}

/// What the pages are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its words.
    pub table: &'a WordTable,
    /// Its set.
    pub set: &'a Set,
    /// Where pictures may be.
    pub pictures: Option<&'a Pictures>,
}

impl Source<'_> {
    /// What the model looks at in `image`.
    pub fn look(&self, text: &str, query: &[u32], image: usize) -> Look {
        let item = self.set.images.item(image);
        let attention = self.model.weights.attention(query, item);
        let shade = |weight: f32, all: &[f32]| format!("{:.2}", weight / all.iter().copied().fold(f32::MIN_POSITIVE, f32::max));
        let words = item.words.iter().zip(&attention.words);
        let word =
            |(&word, &weight): (&u32, &f32)| (self.table.word(word).to_owned(), percent(weight), shade(weight, &attention.words));
        let regions = attention.regions.iter().map(|&weight| (percent(weight), shade(weight, &attention.regions))).collect();
        let parts = self.model.card.options.parts;
        let name = self.set.image_name(image);
        Look {
            query: text.to_owned(),
            score: format!("{:.3}", attention.score),
            shares: (parts.language && parts.visual).then(|| (percent(attention.visual), percent(1.0 - attention.visual))),
            words: words.map(word).collect(),
            regions,
            columns: columns(attention.regions.len()),
            picture: self.pictures.and_then(|pictures| pictures.find(&name, self.set.images.ids.get(image).copied())),
            image: name,
        }
    }

    /// The page about an evaluation.
    pub fn evaluation(&self, measured: &[Measured], rankings: &[Ranking], groups: Vec<Group>) -> Page {
        let mut order: Vec<usize> = (0..rankings.len()).collect();
        let of = |place: usize| {
            measured.first().and_then(|of| of.measures.get(place)).map_or((0.0, 0.0), |of| (of.ndcg_10(), of.rank))
        };
        order.sort_by(|&a, &b| of(b).0.total_cmp(&of(a).0).then(of(a).1.total_cmp(&of(b).1)));
        let best: Vec<usize> = order.iter().copied().take(EXTREMES).collect();
        let worst: Vec<usize> = order.iter().rev().copied().take(EXTREMES.min(order.len() - best.len())).collect();
        let looks = best.iter().take(LOOKS).chain(worst.iter().take(LOOKS)).filter_map(|&place| rankings.get(place));
        let rows = |places: &[usize]| places.iter().filter_map(|&place| self.row(place, measured, rankings)).collect();
        Page {
            title: "Evaluation".into(),
            lead: format!("{} queries on the set '{}'", rankings.len(), self.set.identity.name),
            facts: self.facts(),
            charts: charts(&groups),
            extremes: vec![("Best queries", rows(&best)), ("Worst queries", rows(&worst))],
            looks: looks.filter_map(|ranking| Some(self.look(&ranking.text, &ranking.query, relevant(ranking)?))).collect(),
            groups,
        }
    }

    /// The page about one image.
    pub fn attention(&self, look: Look) -> Page {
        let lead = format!("Query “{}” on the set '{}'", look.query, self.set.identity.name);
        Page { title: "Attention".into(), lead, facts: self.facts(), looks: vec![look], ..Page::default() }
    }

    fn row(&self, place: usize, measured: &[Measured], rankings: &[Ranking]) -> Option<QueryRow> {
        let ranking = rankings.get(place)?;
        let measures: Vec<_> = measured.iter().filter_map(|of| of.measures.get(place)).collect();
        Some(QueryRow {
            query: ranking.text.clone(),
            image: self.set.image_name(relevant(ranking)?),
            rank: format!("{:.0} of {}", measures.first()?.rank, ranking.images.len()),
            ndcg: measures.iter().map(|measures| format!("{:.3}", measures.ndcg_10())).collect(),
        })
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let card = &self.model.card;
        let parts = card.options.parts;
        let name = |weighting| format!("{weighting:?}").to_lowercase();
        let modalities = [(parts.language, "language"), (parts.visual, "visual")].into_iter().filter(|part| part.0);
        vec![
            ("modalities", modalities.map(|part| part.1).collect::<Vec<_>>().join(" and ")),
            ("pooling", name(parts.pool)),
            ("mixing", if parts.language && parts.visual { name(parts.mix) } else { "none".into() }),
            ("numbers in a vector", card.options.dim.to_string()),
            ("words", card.words.len().to_string()),
            ("best round", format!("{} of {}", card.best, card.epochs.len())),
            ("seed", card.options.seed.to_string()),
        ]
    }
}

/// The most relevant image of a ranking.
fn relevant(ranking: &Ranking) -> Option<usize> {
    let best = ranking.labels.iter().copied().max()?;
    ranking.images.iter().zip(&ranking.labels).find(|(_, label)| **label == best).map(|(&image, _)| image)
}

/// The ROC curve and NDCG by its cut, over all queries.
pub fn charts(groups: &[Group]) -> Vec<(&'static str, String)> {
    let Some(all) = groups.first() else { return Vec::new() };
    let roc = |share: &[f64]| (0..).zip(share).map(|(step, &share)| (f64::from(step) / 100.0, share)).collect();
    let ndcg = |values: &[f64]| (1..).zip(values).map(|(k, &value)| (f64::from(k), value)).collect();
    let roc = Chart {
        x: "share of other images above",
        y: "share of relevant images above",
        range: (0.0, 1.0),
        marks: &[0.0, 0.2, 0.4, 0.6, 0.8, 1.0],
        lines: all.systems.iter().map(|of| (of.system, roc(&of.roc))).collect(),
    };
    let ndcg = Chart {
        x: "images in the list (k)",
        y: "NDCG@k",
        range: (1.0, 25.0),
        marks: &[1.0, 5.0, 10.0, 15.0, 20.0, 25.0],
        lines: all.systems.iter().map(|of| (of.system, ndcg(&of.ndcg))).collect(),
    };
    vec![("ROC curve", roc.svg()), ("NDCG by list length", ndcg.svg())]
}

fn percent(share: f32) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The columns of a grid of regions: a square if that is possible, otherwise one row.
fn columns(regions: usize) -> usize {
    let side = regions.isqrt();
    if side * side == regions { side.max(1) } else { regions }
}
