//! The HTML page about an evaluation, or about what a model looks at.

use std::cmp::Ordering;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::evaluation::{Figure, Measured, Table, mean_curve, tables};
use crate::measures::Measures;
use crate::model::{Card, Model};
use crate::network::{Attention, Parts};
use crate::queries::Ranking;
use crate::set::Set;
use crate::words::WordTable;

/// Queries in the tables of the best and the worst ones.
const EXTREMES: usize = 10;
/// Queries of each table whose attention is shown.
const LOOKS: usize = 4;
/// A larger picture is left out: the page contains the whole file.
const MOST_BYTES: u64 = 2 << 20;

/// A page that loads nothing.
#[derive(Debug, Template)]
#[template(path = "page.html")]
pub struct Page<'a> {
    title: &'static str,
    lead: String,
    set: &'a Set,
    /// The model.
    pub card: &'a Card,
    parts: Parts,
    /// Titles and SVG documents.
    charts: Vec<(&'static str, String)>,
    tables: Vec<Table<'a>>,
    /// The best queries, then the worst.
    extremes: [(&'static str, Vec<Row<'a>>); 2],
    looks: Vec<Look>,
}

/// One query in a table.
#[derive(Debug)]
struct Row<'a> {
    ranking: &'a Ranking,
    /// The most relevant image.
    image: usize,
    /// The measures of each system. The model is the first.
    measures: Vec<&'a Measures>,
}

/// What the model looks at in one image.
#[derive(Debug)]
pub struct Look {
    query: String,
    image: String,
    /// The weights.
    pub attention: Attention,
    /// The words of the keywords.
    pub words: Vec<String>,
    /// A `data:` URL.
    picture: Option<String>,
}

/// Lines over two axes. The second axis goes from 0 to 1.
#[derive(Debug, Template)]
#[template(path = "chart.svg", escape = "html")]
struct Chart {
    x: &'static str,
    y: &'static str,
    /// The marks of the first axis, from its start to its end.
    marks: [f64; 6],
    /// The name and the points of each line.
    lines: Vec<(&'static str, Vec<(f64, f64)>)>,
}

/// What pages are made from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The model.
    pub model: &'a Model,
    /// Its words.
    pub table: &'a WordTable,
    /// Its set.
    pub set: &'a Set,
    /// A folder with pictures.
    pub pictures: Option<&'a Path>,
}

impl<'a> Source<'a> {
    /// What the model looks at in an image.
    pub fn look(&self, text: &str, query: &[u32], image: usize) -> Look {
        let item = self.set.images.item(image);
        let id = self.set.images.all().get(image).map_or(0, |image| image.id);
        let name = self.set.image_name(image);
        Look {
            query: text.to_owned(),
            attention: self.model.weights.attention(query, item),
            words: item.words.iter().map(|&word| self.table.word(word).to_owned()).collect(),
            picture: self.pictures.and_then(|folder| picture(folder, &[name.clone(), id.to_string(), format!("{id:08}")])),
            image: name,
        }
    }

    /// The page about an evaluation. The model is the first of the systems.
    pub fn evaluation(&self, measured: &'a [Measured], rankings: &'a [Ranking], figures: &'a [Figure]) -> Page<'a> {
        let row = |(place, ranking): (usize, &'a Ranking)| {
            let measures = measured.iter().filter_map(|of| of.measures.get(place)).collect();
            Some(Row { ranking, image: relevant(ranking)?, measures })
        };
        let mut best: Vec<Row<'a>> = rankings.iter().enumerate().filter_map(row).collect();
        let order = |row: &Row<'_>| row.measures.first().map_or((0.0, 0.0), |model| (-model.ndcg_10(), model.rank));
        best.sort_by(|a, b| order(a).partial_cmp(&order(b)).unwrap_or(Ordering::Equal));
        let mut worst = best.split_off(best.len() - EXTREMES.min(best.len() / 2));
        worst.reverse();
        best.truncate(EXTREMES);
        let shown = best.iter().take(LOOKS).chain(worst.iter().take(LOOKS));
        let looks = shown.map(|row| self.look(&row.ranking.text, &row.ranking.query, row.image)).collect();
        let extremes = [("Best queries", best), ("Worst queries", worst)];
        let lead = format!("{} queries on the set '{}'", rankings.len(), self.set.identity.name);
        Page { tables: tables(figures).collect(), extremes, charts: charts(measured), ..self.page("Evaluation", lead, looks) }
    }

    /// The page about one image.
    pub fn attention(&self, look: Look) -> Page<'a> {
        let lead = format!("Query “{}” on the set '{}'", look.query, self.set.identity.name);
        self.page("Attention", lead, vec![look])
    }

    fn page(&self, title: &'static str, lead: String, looks: Vec<Look>) -> Page<'a> {
        let (set, card, parts) = (self.set, &self.model.card, self.model.weights.parts);
        let extremes = [("", Vec::new()), ("", Vec::new())];
        Page { title, lead, set, card, parts, looks, charts: Vec::new(), tables: Vec::new(), extremes }
    }
}

/// The most relevant image of a ranking.
fn relevant(ranking: &Ranking) -> Option<usize> {
    let labelled = ranking.images.iter().zip(&ranking.labels).rev();
    labelled.max_by_key(|(_, label)| **label).map(|(&image, _)| image)
}

impl Look {
    /// The weights and how dark each is shown: from 0 to 1, which is the largest weight.
    fn shaded<'w>(&self, weights: &'w [f32]) -> impl Iterator<Item = (f32, f32)> + 'w {
        let most = weights.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        weights.iter().map(move |&weight| (100.0 * weight, weight / most))
    }

    /// The columns of the grid of regions: a square if that is possible, otherwise one row.
    fn columns(&self) -> usize {
        let regions = self.attention.regions.len();
        if regions.isqrt().pow(2) == regions { regions.isqrt() } else { regions }
    }
}

/// The titles and SVG documents of the ROC curve and of NDCG by its cut, over all queries.
pub fn charts(measured: &[Measured]) -> Vec<(&'static str, String)> {
    let lines = |start: f64, step: f64, curve: fn(&Measures) -> &[f64]| {
        let line = |of: &Measured| {
            let values = mean_curve(of.measures.iter().map(curve)).into_iter().enumerate();
            (of.name, values.map(|(place, value)| (start + step * place as f64, value)).collect())
        };
        measured.iter().map(line).collect()
    };
    let (x, y, marks) = ("share of other images above", "share of relevant images above", [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]);
    let roc = Chart { x, y, marks, lines: lines(0.0, 0.01, |of| &of.roc) };
    let (x, y, marks) = ("images in the list (k)", "NDCG@k", [1.0, 5.0, 10.0, 15.0, 20.0, 25.0]);
    let ndcg = Chart { x, y, marks, lines: lines(1.0, 1.0, |of| &of.ndcg) };
    // Writing to a string cannot fail.
    [("ROC curve", roc), ("NDCG by list length", ndcg)].map(|(title, chart)| (title, chart.render().unwrap_or_default())).into()
}

impl Chart {
    /// Where a value of the first axis is.
    fn across(&self, value: &f64) -> f64 {
        let [from, .., to] = self.marks;
        48.0 + 358.0 * (value - from) / (to - from)
    }

    /// Where a value of the second axis is.
    fn height(value: &f64) -> f64 {
        239.0 - 209.0 * value
    }
}

/// The picture `NAME.jpg`, `.jpeg` or `.png` in `folder` with one of the names as a `data:` URL.
fn picture(folder: &Path, names: &[String]) -> Option<String> {
    // A name comes from a file: it must not lead to another folder.
    let is_plain = |name: &&String| !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0', ':']);
    let files = names.iter().filter(is_plain);
    files.flat_map(|name| ["jpg", "jpeg", "png"].map(|ending| folder.join(format!("{name}.{ending}")))).find_map(|file| {
        let mut bytes = Vec::new();
        let file = File::open(file).ok().filter(|file| file.metadata().is_ok_and(|found| found.is_file()))?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).ok()?;
        let kind = match bytes.as_slice() {
            [0xff, 0xd8, 0xff, ..] => "jpeg",
            [0x89, b'P', b'N', b'G', ..] => "png",
            _ => return None,
        };
        (bytes.len() as u64 <= MOST_BYTES).then(|| format!("data:image/{kind};base64,{}", STANDARD.encode(bytes)))
    })
}
