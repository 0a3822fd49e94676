//! Files of queries: one JSON object in each line.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead, BufReader};
use std::path::Path;

use keyword_files::error::{Error, Problem, Result};
use keyword_files::plain_file::open_file;
use serde::Deserialize;

use crate::images::Images;
use crate::network::Parts;
use crate::npy::Hashing;
use crate::rng::Rng;
use crate::set::{ImageRef, Set};
use crate::words::WordTable;

/// The best label of Clickture Dev's judgements: "excellent".
const BEST_LABEL: u8 = 3;

/// One line: an image that was chosen or judged for a query.
#[derive(Debug, Deserialize)]
struct Line {
    query: String,
    image: ImageRef,
    /// How well the image fits the query, if that was judged.
    label: Option<u8>,
    /// The images that compete with it.
    #[serde(default)]
    candidates: Vec<ImageRef>,
}

/// A query and the image that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The query's words.
    pub query: Vec<u32>,
    /// The image's place.
    pub image: usize,
}

/// Images that compete for a query.
#[derive(Debug, Clone, Default, PartialEq)]
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

/// The queries of a file.
#[derive(Debug)]
pub struct Queries<T> {
    /// Those that can be used.
    pub usable: Vec<T>,
    /// How many were left out, by the reason; empty if none was.
    pub left_out: String,
    /// The checksum of the file.
    pub sha256: String,
}

/// The images that can compete for a query.
#[derive(Debug)]
pub struct Pool {
    images: Vec<usize>,
    candidates: usize,
    seed: u64,
}

impl Pool {
    /// Images that have what a network with these parts needs. If a line does not list them,
    /// `candidates` images compete.
    pub fn new(images: &Images, parts: Parts, candidates: usize, seed: u64) -> Pool {
        Pool { images: (0..images.all().len()).filter(|&image| images.has(image, parts)).collect(), candidates, seed }
    }

    fn has(&self, image: usize) -> bool {
        self.images.binary_search(&image).is_ok()
    }

    /// Random images that compete with `image`.
    fn others(&self, image: usize, line: usize) -> impl Iterator<Item = usize> {
        let mut rng = Rng::new(self.seed, [u64::MAX, line as u64]);
        // One more than needed, so that enough are left without the image itself.
        let places = rng.sample(self.candidates.min(self.images.len()), self.images.len());
        let drawn = places.into_iter().filter_map(|place| self.images.get(place).copied());
        drawn.filter(move |&other| other != image).take(self.candidates.saturating_sub(1))
    }
}

/// Reads training queries and adds their words to `table`. Images with the label 0 are not learned
/// from.
///
/// # Errors
///
/// A line is no query, an image is not in the set, or no query can be used.
pub fn read_clicks(path: &Path, set: &Set, table: &mut WordTable, pool: &Pool) -> Result<Queries<Click>> {
    let mut left_out = LeftOut::default();
    let mut clicks = Vec::new();
    let sha256 = each_line(path, |_, line| {
        let image = set.find(&line.image)?;
        if line.label == Some(0) || !pool.has(image) {
            left_out.add(if line.label == Some(0) { "labelled 0" } else { LACKS_PARTS });
            return Ok(());
        }
        match table.learn(&line.query) {
            query if query.is_empty() => left_out.add(NO_WORD),
            query => clicks.push(Click { query, image }),
        }
        Ok(())
    })?;
    left_out.queries(path, clicks, sha256)
}

/// Whether there is an image to compare each image with.
pub fn can_be_compared(clicks: &[Click]) -> bool {
    clicks.iter().any(|click| clicks.first().is_some_and(|first| first.image != click.image))
}

/// Takes one query in 20 out, at least one and at most 2,000, to validate with.
pub fn hold_out(clicks: &mut Vec<Click>, pool: &Pool) -> Vec<Ranking> {
    let count = (clicks.len() / 20).clamp(1, 2000);
    Rng::new(pool.seed, [u64::MAX - 2, 0]).shuffle(clicks);
    let taken = clicks.split_off(clicks.len().saturating_sub(count)).into_iter().enumerate();
    let ranking = |(line, Click { query, image })| {
        let mut ranking = Ranking { query, ..Ranking::default() };
        ranking.add(image, 1);
        pool.others(image, line).for_each(|other| ranking.add(other, 0));
        ranking
    };
    taken.map(ranking).collect()
}

/// Reads queries to measure with. Judged images of the same query compete with one another. An
/// image without a label competes with the candidates of its line, or with random images.
///
/// # Errors
///
/// A line is no query, an image is not in the set, or no query can be used.
pub fn read_rankings(path: &Path, set: &Set, table: &WordTable, pool: &Pool) -> Result<Queries<Ranking>> {
    let mut left_out = LeftOut::default();
    let mut rankings: Vec<Ranking> = Vec::new();
    let mut judged: HashMap<String, usize> = HashMap::new();
    let sha256 = each_line(path, |number, line| {
        let image = set.find(&line.image)?;
        let listed = line.candidates.iter().map(|image| set.find(image)).collect::<std::result::Result<Vec<_>, _>>()?;
        let query = table.known(&line.query);
        if query.is_empty() || !pool.has(image) {
            left_out.add(if query.is_empty() { NO_WORD } else { LACKS_PARTS });
            return Ok(());
        }
        let new = rankings.len();
        let place = if line.label.is_some() { *judged.entry(line.query.clone()).or_insert(new) } else { new };
        if place == new {
            rankings.push(Ranking { text: line.query, query, ..Ranking::default() });
        }
        let Some(ranking) = rankings.get_mut(place) else { return Ok(()) };
        ranking.add(image, line.label.unwrap_or(1));
        if listed.is_empty() && line.label.is_none() {
            pool.others(image, number).for_each(|other| ranking.add(other, 0));
        }
        listed.into_iter().filter(|&image| pool.has(image)).for_each(|image| ranking.add(image, 0));
        Ok(())
    })?;
    rankings.retain(|Ranking { labels, .. }| {
        let can_be_ranked = labels.contains(&0) && labels.iter().any(|&label| label > 0);
        (!can_be_ranked).then(|| left_out.add("with nothing to rank"));
        can_be_ranked
    });
    left_out.queries(path, rankings, sha256)
}

/// Hands on each line and its number. The result is the checksum of the file.
fn each_line(path: &Path, mut each: impl FnMut(usize, Line) -> std::result::Result<(), String>) -> Result<String> {
    let mut reader = BufReader::new(Hashing::new(open_file(path)?));
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(Error::io(path, "read"))? == 0 {
            break;
        }
        if !text.trim().is_empty() {
            let done = parse(&text).and_then(|line| each(number, line));
            done.map_err(|what| Problem::new(path, what).at(format!("line {number}")))?;
        }
    }
    Ok(reader.into_inner().hasher.finish().sha256)
}

fn parse(text: &str) -> std::result::Result<Line, String> {
    let example = r#"expected an object such as {"query": "birthday party", "image": 72}"#;
    let line: Line = serde_json::from_str(text).map_err(|error| format!("{error}; {example}"))?;
    match line.label {
        Some(label) if label > BEST_LABEL => Err(format!("label must be 0 to {BEST_LABEL} (found {label})")),
        _ => Ok(line),
    }
}

impl Ranking {
    /// Adds an image, or raises its label.
    fn add(&mut self, image: usize, label: u8) {
        match self.images.iter().position(|&known| known == image) {
            Some(place) => self.labels.get_mut(place).into_iter().for_each(|known| *known = label.max(*known)),
            None => {
                self.images.push(image);
                self.labels.push(label);
            }
        }
    }

    /// Whether a word of the query is a keyword of a relevant image.
    pub fn repeats_a_keyword(&self, images: &Images) -> bool {
        let relevant = self.images.iter().zip(&self.labels).filter(|(_, label)| **label > 0);
        relevant.flat_map(|(&image, _)| images.words(image)).any(|word| self.query.contains(word))
    }
}

const NO_WORD: &str = "without a known word";
const LACKS_PARTS: &str = "whose image lacks keywords or regions";

/// How many queries cannot be used, by the reason.
#[derive(Debug, Default)]
struct LeftOut(BTreeMap<&'static str, usize>);

impl LeftOut {
    fn add(&mut self, reason: &'static str) {
        *self.0.entry(reason).or_default() += 1;
    }

    /// The queries of a file; an error if there is none.
    fn queries<T>(self, path: &Path, usable: Vec<T>, sha256: String) -> Result<Queries<T>> {
        let reasons: Vec<String> = self.0.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let left_out = reasons.join(", ");
        if usable.is_empty() {
            let why = if left_out.is_empty() { "the file has no line" } else { &left_out };
            return Err(Problem::new(path, format!("no query can be used ({why})")).into());
        }
        Ok(Queries { usable, left_out, sha256 })
    }
}
