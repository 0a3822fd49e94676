//! The options of all encoding subcommands, and their conversion to the library's settings.

mod output;
mod vocabulary;
mod words;

use std::num::NonZeroUsize;

use amc_keywords::{Duplicates, OnError, Settings};
use clap::{Args, ColorChoice};

pub use self::output::{FormOptions, OutputOptions};
pub use self::vocabulary::{BinaryOption, GivenVocabulary, LimitOptions, StopWordOptions, VocabularyOptions};
pub use self::words::WordOptions;
use super::choice::choice;
use super::steps::ProgressKind;

#[derive(Debug, Args)]
#[command(next_help_heading = "Errors (what happens to images that cannot be encoded)")]
pub struct ErrorOptions {
    /// Stop at bad images, or skip them
    ///
    /// stop checks all images first and lists the errors. skip writes the skipped images to
    /// skipped_….tsv.
    #[arg(long, value_name = "stop|skip", hide_possible_values = true, default_value = "stop", value_parser = choice([("stop", OnError::Stop), ("skip", OnError::Skip)]))]
    on_error: OnError,
    /// Refuse an image that is listed twice, or encode it twice
    #[arg(long, hide_short_help = true, value_name = "WHAT", default_value = "refuse", value_parser = choice([("refuse", Duplicates::Refuse), ("allow", Duplicates::Allow)]))]
    duplicates: Duplicates,
    /// Refuse keyword files that are larger, for example 64M
    #[arg(long, hide_short_help = true, value_name = "SIZE", default_value = "64M", value_parser = byte_count)]
    max_member_size: u64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Run (threads and messages)")]
pub struct RunOptions {
    /// Use N threads [default: all cores]
    #[arg(short, long, value_name = "N", value_parser = thread_count)]
    jobs: Option<NonZeroUsize>,
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Print only errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also print times on stderr
    #[arg(short, long)]
    pub verbose: bool,
    /// Show progress on stderr: auto, bar, plain or none
    ///
    /// auto shows a bar on a terminal. plain prints a line every few seconds.
    #[arg(long, hide_short_help = true, value_enum, value_name = "KIND", default_value = "auto", hide_possible_values = true)]
    pub progress: ProgressKind,
    // `colors::apply_option` evaluates this before the command line is parsed.
    /// Use colors: auto, always or never
    #[arg(
        long = "color",
        hide_short_help = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        hide_possible_values = true
    )]
    _color: ColorChoice,
}

impl RunOptions {
    /// The number of threads.
    pub fn threads(&self) -> NonZeroUsize {
        self.jobs.unwrap_or(Settings::default().jobs)
    }
}

/// The options of all encoding subcommands.
#[derive(Debug, Args)]
pub struct SharedOptions {
    #[command(flatten)]
    vocabulary: VocabularyOptions,
    #[command(flatten)]
    words: WordOptions,
    #[command(flatten)]
    pub output: OutputOptions,
    #[command(flatten)]
    errors: ErrorOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

impl SharedOptions {
    /// Refuses combinations of options that cannot be right.
    pub fn check(&self) -> Result<(), String> {
        self.vocabulary.check()?;
        self.words.check()?;
        self.output.forms.check()
    }

    /// The settings of the library.
    pub fn settings(&self) -> Settings {
        let settings = Settings {
            analyzer: self.words.options(),
            layout: self.output.forms.layout,
            emit: self.output.forms.emit(),
            extract: self.output.extract,
            jobs: self.run.threads(),
            timed: self.run.verbose,
            ..Settings::default()
        };
        self.errors.add_to(self.vocabulary.add_to(settings))
    }
}

impl ErrorOptions {
    /// Whether an image may occur twice.
    pub fn allows_duplicates(&self) -> bool {
        self.duplicates == Duplicates::Allow
    }

    /// The options as settings.
    pub fn add_to(&self, settings: Settings) -> Settings {
        Settings { on_error: self.on_error, duplicates: self.duplicates, max_member_size: self.max_member_size, ..settings }
    }
}

fn thread_count(text: &str) -> Result<NonZeroUsize, String> {
    let most = 1024;
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= most);
    count.ok_or_else(|| format!("expected a number of threads from 1 to {most}"))
}

fn byte_count(text: &str) -> Result<u64, String> {
    let wrong = || "expected a number of bytes such as 1000000, 64M or 2G".to_owned();
    let (digits, shift) = match text.char_indices().next_back() {
        Some((end, 'K' | 'k')) => (text.get(..end).unwrap_or_default(), 10),
        Some((end, 'M' | 'm')) => (text.get(..end).unwrap_or_default(), 20),
        Some((end, 'G' | 'g')) => (text.get(..end).unwrap_or_default(), 30),
        _ => (text, 0),
    };
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    number.checked_mul(1 << shift).filter(|&bytes| bytes > 0).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn byte_counts_take_suffixes_of_1024() {
        assert_eq!(["1000", "2K", "64M", "1g"].map(byte_count), [Ok(1000), Ok(2048), Ok(64 << 20), Ok(1 << 30)]);
        for text in ["", "0", "K", "-1", "1.5M", "99999999999G", "1MB"] {
            assert_eq!(byte_count(text).unwrap_err(), "expected a number of bytes such as 1000000, 64M or 2G");
        }
    }
}
