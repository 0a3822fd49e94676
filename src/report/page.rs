//! The content of the page, which fills the template `templates/report.html`.

use std::path::Path;

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::charts::{self, Chart};
use super::figures::{Figures, SplitFigures};
use super::numbers::{bytes, grouped, percent};
use super::samples::Samples;
use super::vocabulary_table::vocabulary_json;
use crate::error::{Error, Result};
use crate::files::manifest::{Manifest, SplitCounts};
use crate::files::statistics::Fate;
use crate::readback::written_set::WrittenSet;
use count_vectorizer::{AnalyzerOptions, DocumentFrequency, Limit};
use keyword_files::shell::quoted;

const STYLE: &str = include_str!("../../templates/report.css");
const SCRIPT: &str = include_str!("../../templates/report.js");

/// The number of most frequent words that are shown.
const COMMONEST: usize = 30;

/// The content of the template. The template escapes all text except what it marks as `safe`.
#[derive(Template)]
#[template(path = "report.html")]
struct Content {
    style: &'static str,
    script: &'static str,
    style_hash: String,
    script_hash: String,
    set: String,
    version: String,
    lead: String,
    key_figures: Vec<(&'static str, String)>,
    inputs: Vec<FileLine>,
    outputs: Vec<FileLine>,
    options: Vec<(String, String)>,
    coverage: Vec<Coverage>,
    charts: [Chart; 2],
    min_df: Option<Chart>,
    /// Whether the vocabulary was learned in this run.
    is_learnt: bool,
    commonest: Vec<Common>,
    commonest_of: String,
    dropped: Vec<DroppedWords>,
    vocabulary: String,
    vocabulary_shown: String,
    vocabulary_size: String,
    samples: Vec<Samples>,
    /// Whether a term may contain parts of two keywords. The samples do not show such terms.
    are_parts: bool,
    /// The words that the coverage does not count.
    left_out: &'static str,
    has_pictures: bool,
    /// The command that creates this page.
    command: String,
}

/// The coverage of a split: how many of its words are in the vocabulary.
struct Coverage {
    split: String,
    images: String,
    without: String,
    kept: String,
    dropped: String,
    share: String,
    /// The length of the bar, from 0 to 100.
    bar: f64,
    skipped: String,
}

/// A file that was read or written.
struct FileLine {
    name: String,
    kind: String,
    size: String,
    sha256: String,
}

/// The most frequent words that were dropped for one reason.
struct DroppedWords {
    fate: Fate,
    words: Vec<WordImages>,
}

/// A word and the number of images that contain it.
struct WordImages {
    word: String,
    images: String,
}

/// A frequent word.
struct Common {
    word: String,
    images: String,
    share: String,
    bar: f64,
}

/// The whole page.
pub(super) fn html(set: &WrittenSet, figures: &Figures, samples: Vec<Samples>, images: Option<&Path>) -> Result<String> {
    let manifest = &set.manifest;
    let (vocabulary, shown) = vocabulary_json(figures)?;
    let (commonest_of, commonest) = figures.splits.first().map(|split| commonest(figures, split)).unwrap_or_default();
    let content = Content {
        style: STYLE,
        script: SCRIPT,
        style_hash: hash_source(STYLE),
        script_hash: hash_source(SCRIPT),
        set: set.set().to_owned(),
        version: manifest.tool.version.clone(),
        lead: lead(manifest, figures),
        key_figures: key_figures(figures),
        inputs: inputs(set)?,
        outputs: outputs(manifest),
        options: manifest.options.iter().map(|(name, value)| (name.clone(), option(value))).collect(),
        coverage: figures.splits.iter().map(|split| coverage(&split.counts)).collect(),
        charts: [charts::words_per_image(figures)?, charts::rank_frequency(figures)?],
        min_df: min_df_chart(manifest, figures)?,
        is_learnt: figures.statistics.learnt.is_some(),
        commonest,
        commonest_of,
        dropped: dropped(figures),
        vocabulary,
        vocabulary_shown: grouped(shown),
        vocabulary_size: grouped(figures.vocabulary.len() as u64),
        are_parts: reaches_over_keywords(manifest),
        left_out: left_out(manifest),
        command: command(set, images),
        has_pictures: samples.iter().any(Samples::has_picture),
        samples,
    };
    content.render().map_err(|error| Error::Refused(format!("the page cannot be written: {error}")))
}

/// Whether a term may contain parts of two keywords.
fn reaches_over_keywords(manifest: &Manifest) -> bool {
    let option = |name: &str| manifest.options.get(name);
    let is_word = option("analyzer").and_then(Value::as_str) == Some("word");
    let longest = option("ngram_range").and_then(|range| range.get(1)?.as_u64()).unwrap_or(1);
    let are_phrases = option("phrases") == Some(&Value::Bool(true));
    !are_phrases && (!is_word || longest > 1)
}

/// The words that the analyzer ignores. They do not count as occurrences.
fn left_out(manifest: &Manifest) -> &'static str {
    let option = |name: &str| manifest.options.get(name);
    let is_usual = option("token_pattern").is_none_or(|pattern| pattern == AnalyzerOptions::DEFAULT_TOKEN_PATTERN);
    match option("analyzer").and_then(Value::as_str) {
        Some("char" | "char_wb") => "",
        _ if option("phrases") == Some(&Value::Bool(true)) => " Stop words do not count.",
        _ if !is_usual => " Stop words and text that the token pattern does not match do not count.",
        _ => " Stop words and single characters do not count.",
    }
}

/// The command that creates the page, without the options that do not affect its content.
fn command(set: &WrittenSet, images: Option<&Path>) -> String {
    let manifest = set.path_to(&set.name);
    let folder = manifest.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = quoted(&folder.unwrap_or(Path::new(".")).to_string_lossy());
    let images = images.map(|folder| format!(" --images {}", quoted(&folder.to_string_lossy())));
    format!("amc-keywords report {folder} --set {}{}", quoted(set.set()), images.unwrap_or_default())
}

/// The hash of a text as a source of the Content-Security-Policy.
fn hash_source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text)))
}

/// The result of the run in a sentence.
fn lead(manifest: &Manifest, figures: &Figures) -> String {
    let splits: Vec<&str> = figures.splits.iter().map(|split| split.counts.split.as_str()).collect();
    let (size, splits) = (grouped(figures.vocabulary.len() as u64), splits.join(" and "));
    let text = |name: &str| manifest.options.get(name).map(option).unwrap_or_default();
    match &figures.statistics.learnt {
        Some(learnt) => {
            let (documents, min_df) = (grouped(learnt.documents), text("min_df"));
            format!(
                "Vocabulary of {size} words, learned from {documents} images of {} with min_df {min_df}. \
                 Encoded splits: {splits}.",
                learnt.split
            )
        }
        None => format!("Vocabulary of {size} words from {}. Encoded splits: {splits}.", text("vocabulary")),
    }
}

fn key_figures(figures: &Figures) -> Vec<(&'static str, String)> {
    let sum =
        |count: fn(&SplitCounts) -> u64| figures.splits.iter().map(|split| count(&split.counts)).fold(0, u64::saturating_add);
    let (kept, dropped) = (sum(|counts| counts.words_kept), sum(|counts| counts.words_dropped));
    vec![
        ("images", grouped(sum(|counts| counts.images))),
        ("keywords", grouped(sum(|counts| counts.keywords))),
        ("words in the vocabulary", grouped(figures.vocabulary.len() as u64)),
        ("occurrences kept", percent(kept, kept.saturating_add(dropped))),
        ("images without a word", grouped(sum(|counts| counts.images_without_a_word))),
    ]
}

/// The most shards of a set that are listed.
const MOST_SHARDS: usize = 1000;

fn inputs(set: &WrittenSet) -> Result<Vec<FileLine>> {
    let line = |input: &crate::files::manifest::Input| {
        let kind = serde_json::to_value(input.kind).ok().map(|kind| option(&kind)).unwrap_or_default();
        let kind = input.files.map_or(kind.clone(), |files| format!("{kind}, {} files", grouped(files)));
        FileLine { name: input.path.clone(), kind, size: bytes(input.bytes), sha256: input.sha256.clone() }
    };
    let shards = set.inputs_of_parts()?;
    Ok(shards.iter().take(MOST_SHARDS).chain(&set.manifest.inputs).map(line).collect())
}

fn outputs(manifest: &Manifest) -> Vec<FileLine> {
    let line = |output: &crate::files::manifest::Output| {
        let axes = output.shape.iter().flatten().map(|&axis| grouped(axis)).collect::<Vec<_>>().join(" × ");
        let dtype = output.dtype.and_then(|dtype| serde_json::to_value(dtype).ok()).map(|dtype| format!(" {}", option(&dtype)));
        let kind = axes + &dtype.unwrap_or_default();
        FileLine { name: output.name.clone(), kind, size: bytes(output.bytes), sha256: output.sha256.clone() }
    };
    manifest.outputs.iter().map(line).collect()
}

/// A value as on the command line.
fn option(value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(option).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn coverage(counts: &SplitCounts) -> Coverage {
    let all = counts.words_kept.saturating_add(counts.words_dropped);
    let without = format!("{} ({})", grouped(counts.images_without_a_word), percent(counts.images_without_a_word, counts.images));
    Coverage {
        split: counts.split.clone(),
        images: grouped(counts.images),
        without,
        kept: grouped(counts.words_kept),
        dropped: grouped(counts.words_dropped),
        share: percent(counts.words_kept, all),
        bar: 100.0 * counts.words_kept as f64 / all.max(1) as f64,
        skipped: grouped(counts.skipped),
    }
}

/// The chart of `min_df`, if the vocabulary was learned.
fn min_df_chart(manifest: &Manifest, figures: &Figures) -> Result<Option<Chart>> {
    let limit = |name: &str| manifest.options.get(name).and_then(Value::as_str).and_then(|limit| limit.parse::<Limit>().ok());
    let (Some(learnt), Some(min), Some(max)) = (&figures.statistics.learnt, limit("min_df"), limit("max_df")) else {
        return Ok(None);
    };
    charts::min_df(learnt, DocumentFrequency { min, max }, figures.vocabulary.len() as u64).map(Some)
}

fn commonest(figures: &Figures, split: &SplitFigures) -> (String, Vec<Common>) {
    let images = split.counts.images;
    let mut common: Vec<(u64, u32)> = split.frequencies.document.iter().copied().zip(0..).filter(|(df, _)| *df > 0).collect();
    common.sort_unstable_by_key(|&(df, id)| (std::cmp::Reverse(df), id));
    common.truncate(COMMONEST);
    let word = |&(df, id): &(u64, u32)| Common {
        word: figures.vocabulary.word(id).unwrap_or_default().to_owned(),
        images: grouped(df),
        share: percent(df, images),
        bar: 100.0 * df as f64 / images.max(1) as f64,
    };
    (split.counts.split.clone(), common.iter().map(word).collect())
}

/// The most frequent dropped words by the reason.
fn dropped(figures: &Figures) -> Vec<DroppedWords> {
    let words = figures.statistics.learnt.iter().flat_map(|learnt| &learnt.dropped);
    let mut reasons: Vec<DroppedWords> = Vec::new();
    for (word, df, fate) in words {
        let line = WordImages { word: word.clone(), images: grouped(*df) };
        match reasons.iter_mut().find(|reason| reason.fate == *fate) {
            Some(reason) => reason.words.push(line),
            None => reasons.push(DroppedWords { fate: *fate, words: vec![line] }),
        }
    }
    reasons
}
