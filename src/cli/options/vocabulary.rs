//! The options that decide which words get an id.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use amc_keywords::{DocumentFrequency, Limit, Settings, StopWordList};
use clap::{Args, ValueHint};

/// How the vocabulary is learned.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vocabulary (which words get an id)")]
pub struct VocabularyOptions {
    #[command(flatten)]
    limits: LimitOptions,
    #[command(flatten)]
    stop_words: StopWordOptions,
    #[command(flatten)]
    given: GivenVocabulary,
    #[command(flatten)]
    binary: BinaryOption,
}

/// How often a word of the vocabulary must occur.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vocabulary (which words get an id)")]
pub struct LimitOptions {
    /// Keep words that occur in at least N images
    ///
    /// A whole number counts images. A number with a point is a share: 1 is one image, 1.0 is all
    /// images.
    #[arg(long, value_name = "N", default_value_t = DocumentFrequency::default().min, allow_negative_numbers = true, value_parser = limit)]
    min_df: Limit,
    /// Keep words that occur in at most N images
    #[arg(long, value_name = "N", default_value_t = DocumentFrequency::default().max, allow_negative_numbers = true, value_parser = limit)]
    max_df: Limit,
    /// Keep only the N most frequent words
    ///
    /// Of equally frequent words, the first in code-point order is kept.
    #[arg(long, value_name = "N", value_parser = word_count)]
    max_features: Option<NonZeroUsize>,
}

/// Which words are removed.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vocabulary (which words get an id)")]
pub struct StopWordOptions {
    /// Remove these words: english, none, or a file
    ///
    /// english is scikit-learn's list. A file has one word per line.
    #[arg(long, value_name = "WHICH", value_hint = ValueHint::FilePath, default_value = "english")]
    stop_words: OsString,
}

/// A vocabulary that was learned earlier.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vocabulary (which words get an id)")]
pub struct GivenVocabulary {
    /// Use an existing vocabulary (JSON or pickle) instead of learning one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    vocabulary: Option<PathBuf>,
}

/// Whether repeated words count.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vocabulary (which words get an id)")]
pub struct BinaryOption {
    /// Write each word of an image once, at its first place
    #[arg(long, hide_short_help = true)]
    pub binary: bool,
}

impl VocabularyOptions {
    /// Refuses limits that exclude each other and a list of stop words that does not exist.
    pub fn check(&self) -> Result<(), String> {
        self.limits.check(&self.given)?;
        self.stop_words.check()
    }

    /// The options as settings.
    pub fn add_to(&self, settings: Settings) -> Settings {
        self.limits.add_to(Settings {
            binary: self.binary.binary,
            stop_words: self.stop_words.stop_words(),
            vocabulary: self.given.path(),
            ..settings
        })
    }
}

impl LimitOptions {
    /// Refuses limits that no data can satisfy.
    pub fn check(&self, given: &GivenVocabulary) -> Result<(), String> {
        let LimitOptions { min_df, max_df, .. } = self;
        let is_empty = match (min_df, max_df) {
            (Limit::Count(min), Limit::Count(max)) => max < min,
            (Limit::Share(min), Limit::Share(max)) => max < min,
            _ => false,
        };
        if is_empty && given.vocabulary.is_none() {
            return Err(format!(
                "--max-df {max_df} is smaller than --min-df {min_df}, so no word can be kept; \
                 use a larger --max-df or a smaller --min-df"
            ));
        }
        Ok(())
    }

    /// The limits as settings.
    pub fn add_to(&self, settings: Settings) -> Settings {
        let frequency = DocumentFrequency { min: self.min_df, max: self.max_df };
        Settings { frequency, max_features: self.max_features, ..settings }
    }
}

impl GivenVocabulary {
    /// The file of the vocabulary.
    pub fn path(&self) -> Option<PathBuf> {
        self.vocabulary.clone()
    }
}

impl StopWordOptions {
    /// Refuses a file that does not exist.
    pub fn check(&self) -> Result<(), String> {
        if let StopWordList::File(path) = self.stop_words()
            && fs::symlink_metadata(&path).is_err_and(|error| error.kind() == ErrorKind::NotFound)
        {
            return Err(format!(
                "--stop-words {}: no such file; use english, none, or a file with one word per line",
                path.display()
            ));
        }
        Ok(())
    }

    pub fn stop_words(&self) -> StopWordList {
        match self.stop_words.to_str() {
            Some("english") => StopWordList::English,
            Some("none") => StopWordList::None,
            _ => StopWordList::File(self.stop_words.clone().into()),
        }
    }
}

/// The message does not repeat the value, because clap shows it.
fn limit(text: &str) -> Result<Limit, String> {
    text.parse().map_err(|_| "expected a number of images from 1, or a share from 0.0 to 1.0".to_owned())
}

fn word_count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number of words from 1".to_owned())
}
