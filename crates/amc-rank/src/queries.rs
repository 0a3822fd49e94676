//! Files of queries: one JSON object in each line.

use std::collections::{BTreeSet, HashMap};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::error::{Error, Result};
use crate::evaluation::Ranking;
use crate::images::Images;
use crate::network::Parts;
use crate::npy::Hashing;
use crate::rng::Rng;
use crate::set::{ImageRef, Set};
use crate::train::Click;
use crate::words::WordTable;

/// The best label of Clickture Dev's judgements: "excellent".
const BEST_LABEL: u8 = 3;

#[derive(Debug, Deserialize)]
struct Line {
    query: String,
    image: ImageRef,
    label: Option<u8>,
    candidates: Option<Vec<ImageRef>>,
}

/// One line: an image that was chosen or judged for a query.
#[derive(Debug)]
pub struct Judgement {
    /// The query.
    pub text: String,
    /// The image.
    pub image: usize,
    /// How well the image fits the query, if that was judged.
    pub label: Option<u8>,
    /// The images that compete with it, if the line lists them.
    pub candidates: Vec<usize>,
}

/// Why queries cannot be used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// No word of the query is known.
    pub unknown_words: usize,
    /// The image has no keywords, or no regions, and the model needs them.
    pub bare_images: usize,
    /// The image has the label 0, so there is nothing to learn.
    pub irrelevant: usize,
    /// No image is relevant, or all are.
    pub nothing_to_rank: usize,
}

/// Hands on each line of a file of queries. The result is the checksum of the file.
///
/// # Errors
///
/// A line is no such object, or an image is not in the set.
pub fn each_judgement(path: &Path, set: &Set, mut each: impl FnMut(Judgement)) -> Result<String> {
    let file = File::open(path).map_err(Error::io(path, "read"))?;
    let mut reader = BufReader::new(Hashing::new(file));
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        if reader.read_line(&mut text).map_err(Error::io(path, "read"))? == 0 {
            break;
        }
        if !text.trim().is_empty() {
            each(judgement(&text, set).map_err(|what| Error::file(path, format!("line {number}: {what}")))?);
        }
    }
    Ok(reader.into_inner().sha256())
}

fn judgement(text: &str, set: &Set) -> std::result::Result<Judgement, String> {
    let example = r#"expected an object such as {"query": "birthday party", "image": 72}"#;
    let line: Line = serde_json::from_str(text).map_err(|error| format!("{error}; {example}"))?;
    if line.label.is_some_and(|label| label > BEST_LABEL) {
        return Err(format!("label must be 0 to {BEST_LABEL} (found {})", line.label.unwrap_or_default()));
    }
    let candidates = line.candidates.iter().flatten().map(|image| set.find(image)).collect::<std::result::Result<_, _>>()?;
    Ok(Judgement { text: line.query, image: set.find(&line.image)?, label: line.label, candidates })
}

/// How the images that compete are found.
#[derive(Debug, Clone, Copy)]
pub struct Draw {
    /// What an image must have to compete.
    pub parts: Parts,
    /// How many images compete if the line does not say which.
    pub candidates: usize,
    /// Where the random numbers begin.
    pub seed: u64,
}

/// Makes rankings of judgements. Judged images of the same query compete with one another. An image
/// without a label competes with the candidates of its line, or with random images.
pub fn rankings(judgements: &[Judgement], images: &Images, table: &WordTable, draw: Draw) -> (Vec<Ranking>, LeftOut) {
    let pool = pool(images, draw.parts);
    let mut left_out = LeftOut::default();
    let mut rankings: Vec<Ranking> = Vec::new();
    let mut judged: HashMap<&str, usize> = HashMap::new();
    for (line, judgement) in judgements.iter().enumerate() {
        let query = table.known(&judgement.text);
        if query.is_empty() {
            left_out.unknown_words += 1;
            continue;
        }
        if !images.has(judgement.image, draw.parts) {
            left_out.bare_images += 1;
            continue;
        }
        let new = || Ranking { text: judgement.text.clone(), query, images: Vec::new(), labels: Vec::new() };
        let place = match judgement.label {
            Some(_) => *judged.entry(&judgement.text).or_insert(rankings.len()),
            None => rankings.len(),
        };
        if place == rankings.len() {
            rankings.push(new());
        }
        let Some(ranking) = rankings.get_mut(place) else { continue };
        ranking.add(judgement.image, judgement.label.unwrap_or(1));
        let drawn = match judgement.candidates.is_empty() && judgement.label.is_none() {
            true => others(&pool, judgement.image, draw, line),
            false => judgement.candidates.clone(),
        };
        drawn.into_iter().filter(|&image| images.has(image, draw.parts)).for_each(|image| ranking.add(image, 0));
    }
    let before = rankings.len();
    rankings.retain(|ranking| ranking.labels.contains(&0) && ranking.labels.iter().any(|&label| label > 0));
    left_out.nothing_to_rank = before - rankings.len();
    (rankings, left_out)
}

/// The training queries of a file.
#[derive(Debug)]
pub struct Clicks {
    /// The queries that can be used.
    pub clicks: Vec<Click>,
    /// Those that cannot.
    pub left_out: LeftOut,
    /// The checksum of the file.
    pub sha256: String,
}

/// Reads training queries and adds their words to `table`. Images with the label 0 are not learned
/// from.
pub fn read_clicks(path: &Path, set: &Set, table: &mut WordTable, draw: Draw) -> Result<Clicks> {
    let mut clicks = Vec::new();
    let mut left_out = LeftOut::default();
    let sha256 = each_judgement(path, set, |judgement| {
        if judgement.label == Some(0) {
            left_out.irrelevant += 1;
        } else if !set.images.has(judgement.image, draw.parts) {
            left_out.bare_images += 1;
        } else {
            match table.learn(&judgement.text) {
                query if query.is_empty() => left_out.unknown_words += 1,
                query => clicks.push(Click { query, image: judgement.image }),
            }
        }
    })?;
    Ok(Clicks { clicks, left_out, sha256 })
}

impl Clicks {
    /// Takes one query in 20 out, at least one and at most 2,000, to validate with.
    pub fn hold_out(&mut self, images: &Images, draw: Draw) -> Validation {
        let count = (self.clicks.len() / 20).clamp(1, 2000).min(self.clicks.len());
        Rng::new(draw.seed, [u64::MAX - 2, 0]).shuffle(&mut self.clicks);
        let pool = pool(images, draw.parts);
        let taken = self.clicks.split_off(self.clicks.len() - count);
        let ranking = |(line, click): (usize, Click)| {
            let mut ranking = Ranking { text: String::new(), query: click.query, images: Vec::new(), labels: Vec::new() };
            ranking.add(click.image, 1);
            others(&pool, click.image, draw, line).into_iter().for_each(|other| ranking.add(other, 0));
            ranking
        };
        let rankings = taken.into_iter().enumerate().map(ranking).collect();
        Validation { rankings, left_out: LeftOut::default(), sha256: None }
    }

    /// Refuses queries that nothing can be learned from.
    pub fn check(&self, path: &Path) -> Result<()> {
        let Some(first) = self.clicks.first() else {
            let why = self.left_out.describe().unwrap_or_else(|| "the file has too few lines".into());
            return Err(Error::file(path, format!("no query is left to train on ({why})")));
        };
        match self.clicks.iter().any(|click| click.image != first.image) {
            true => Ok(()),
            false => Err(Error::file(path, "all queries name the same image, so there is nothing to compare it with")),
        }
    }
}

/// Queries that a model is measured with.
#[derive(Debug)]
pub struct Validation {
    /// The rankings.
    pub rankings: Vec<Ranking>,
    /// Those that cannot be used.
    pub left_out: LeftOut,
    /// The checksum of their file, if they have one.
    pub sha256: Option<String>,
}

impl Validation {
    /// Reads rankings from a file. A file without any is refused.
    pub fn read(path: &Path, set: &Set, table: &WordTable, draw: Draw) -> Result<Validation> {
        let mut judgements = Vec::new();
        let sha256 = each_judgement(path, set, |judgement| judgements.push(judgement))?;
        let (rankings, left_out) = rankings(&judgements, &set.images, table, draw);
        if rankings.is_empty() {
            let why = left_out.describe().unwrap_or_else(|| "the file has no line".into());
            return Err(Error::file(path, format!("no query can be used ({why})")));
        }
        Ok(Validation { rankings, left_out, sha256: Some(sha256) })
    }
}

/// The images that can compete.
fn pool(images: &Images, parts: Parts) -> Vec<usize> {
    (0..images.len()).filter(|&image| images.has(image, parts)).collect()
}

/// Random images that compete with `image`.
fn others(pool: &[usize], image: usize, draw: Draw, line: usize) -> Vec<usize> {
    let mut rng = Rng::new(draw.seed, [u64::MAX, line as u64]);
    let count = draw.candidates.min(pool.len());
    // One more than needed, so that enough are left without the image itself.
    let drawn = rng.sample(count, pool.len()).into_iter().filter_map(|place| pool.get(place).copied());
    drawn.filter(|&other| other != image).take(draw.candidates.saturating_sub(1)).collect()
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
        let query: BTreeSet<u32> = self.query.iter().copied().collect();
        let relevant = self.images.iter().zip(&self.labels).filter(|(_, label)| **label > 0);
        relevant.flat_map(|(&image, _)| images.words(image)).any(|word| query.contains(word))
    }
}

impl LeftOut {
    /// What was left out, for a person; `None` if nothing was.
    pub fn describe(self) -> Option<String> {
        let parts = [
            (self.unknown_words, "without a known word"),
            (self.bare_images, "whose image lacks keywords or regions"),
            (self.irrelevant, "labelled 0"),
            (self.nothing_to_rank, "with nothing to rank"),
        ];
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        (!parts.is_empty()).then(|| format!("queries left out: {}", parts.join(", ")))
    }
}
