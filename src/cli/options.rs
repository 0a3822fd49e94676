//! The options of all encoding subcommands, and their conversion to the library's settings.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use amc_keywords::{
    Analyzer, AnalyzerKind, AnalyzerOptions, DocumentFrequency, Dtype, Duplicates, Emit, Layout, Limit, OnError, Padding,
    Settings, StopWordList, StopWords, StripAccents,
};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ColorChoice, ValueEnum, ValueHint};

use super::steps::ProgressKind;

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
    #[arg(long, value_name = "N", default_value = "6", allow_negative_numbers = true, value_parser = limit)]
    min_df: Limit,
    /// Keep words that occur in at most N images
    #[arg(long, value_name = "N", default_value = "1.0", allow_negative_numbers = true, value_parser = limit)]
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

/// How documents become words, with scikit-learn's names.
#[derive(Debug, Args)]
#[command(next_help_heading = "Words (how keywords become words)")]
pub struct WordOptions {
    /// Convert keywords to lower case [default]
    #[arg(long, hide_short_help = true, overrides_with = "no_lowercase")]
    lowercase: bool,
    /// Keep capital letters
    #[arg(long, hide_short_help = true)]
    no_lowercase: bool,
    /// Remove accents: ascii, unicode or none
    ///
    /// ascii replaces characters by their ASCII form and removes those without one. unicode removes
    /// combining marks.
    #[arg(long, hide_short_help = true, hide_possible_values = true, value_name = "HOW", default_value = "none", value_parser = accents_parser())]
    strip_accents: Accents,
    /// Combine MIN to MAX consecutive words into one term
    #[arg(long, value_name = "MIN,MAX", default_value = "1,1", value_parser = ngram_range)]
    ngram_range: (usize, usize),
    /// Build terms from words, characters, or characters within words
    #[arg(long, hide_short_help = true, value_name = "KIND", default_value = "word", value_parser = analyzer_parser())]
    analyzer: AnalyzerKind,
    /// Find words with this Python regular expression
    ///
    /// The syntax is that of Python 3.11. Groups nested more than 100 deep and patterns of more than
    /// 20,000 steps are refused.
    #[arg(long, hide_short_help = true, value_name = "REGEX", allow_hyphen_values = true, default_value = AnalyzerOptions::DEFAULT_TOKEN_PATTERN, value_parser = token_pattern)]
    token_pattern: String,
    /// Keep each keyword whole, as one term
    #[arg(long)]
    phrases: bool,
}

impl VocabularyOptions {
    fn check(&self) -> Result<(), String> {
        self.limits.check(&self.given)?;
        self.stop_words.check()
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

impl WordOptions {
    /// Refuses options that `--phrases` would ignore. Their default values are allowed.
    pub fn check(&self) -> Result<(), String> {
        let default = AnalyzerOptions::default();
        let changed = [
            ("--ngram-range <MIN,MAX>", self.ngram_range != default.ngram_range),
            ("--analyzer <KIND>", self.analyzer != default.analyzer),
            ("--token-pattern <REGEX>", self.token_pattern != default.token_pattern),
        ];
        match changed.iter().find(|(_, is_changed)| self.phrases && *is_changed) {
            Some((option, _)) => Err(format!("the argument '--phrases' cannot be used with '{option}'")),
            None => Ok(()),
        }
    }

    pub fn options(&self) -> AnalyzerOptions {
        AnalyzerOptions {
            lowercase: !self.no_lowercase,
            strip_accents: self.strip_accents.0,
            analyzer: self.analyzer,
            ngram_range: self.ngram_range,
            token_pattern: self.token_pattern.clone(),
            phrases: self.phrases,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Accents(Option<StripAccents>);

fn accents_parser() -> impl TypedValueParser<Value = Accents> {
    let known = [StripAccents::Ascii, StripAccents::Unicode];
    let parser = PossibleValuesParser::new(known.iter().map(|known| known.name()).chain(["none"]));
    parser.map(move |name| Accents(known.into_iter().find(|known| known.name() == name)))
}

fn analyzer_parser() -> impl TypedValueParser<Value = AnalyzerKind> {
    let known = [AnalyzerKind::Word, AnalyzerKind::Char, AnalyzerKind::CharWb];
    let parser = PossibleValuesParser::new(known.map(AnalyzerKind::name));
    parser.map(move |name| known.into_iter().find(|known| known.name() == name).unwrap_or_default())
}

/// The message does not repeat the value, because clap shows it.
fn limit(text: &str) -> Result<Limit, String> {
    text.parse().map_err(|_| "expected a number of images from 1, or a share from 0.0 to 1.0".to_owned())
}

fn ngram_range(text: &str) -> Result<(usize, usize), String> {
    let wrong = || "expected two numbers, the smaller first, such as 1,2".to_owned();
    let (least, most) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.parse().map_err(|_| wrong());
    let range = (number(least)?, number(most)?);
    if range.0 <= range.1 { Ok(range) } else { Err(wrong()) }
}

fn token_pattern(text: &str) -> Result<String, String> {
    let options = AnalyzerOptions { token_pattern: text.to_owned(), ..AnalyzerOptions::default() };
    Analyzer::with_options(&options, StopWords::none()).map_err(|error| match error {
        // The message does not repeat the pattern, because clap shows it.
        count_vectorizer::Error::TokenPattern { reason, .. } => reason,
        other => other.to_string(),
    })?;
    Ok(options.token_pattern)
}

/// The fill value of padded rows, which is no word id.
const DEFAULT_PAD_ID: i64 = -1;

#[derive(Debug, Args)]
#[command(next_help_heading = "Output (which files are written)")]
pub struct OutputOptions {
    #[command(flatten)]
    pub forms: FormOptions,
    /// Also unzip the keyword files next to the archive
    #[arg(long, hide_short_help = true)]
    extract: bool,
    /// Write nothing; compare the output folder with a fresh run
    ///
    /// The exit status is 1 if a file differs, is missing, or was written with other options.
    #[arg(long, conflicts_with = "extract")]
    pub check: bool,
}

/// The forms of the matrix.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output (which files are written)")]
pub struct FormOptions {
    /// Write the main file as documented, or as the release's scripts did
    ///
    /// documented: pairs [img_id, word_id]. script: the first and last row of each image id; the
    /// pairs are in a second file.
    #[arg(long, hide_short_help = true, value_enum, value_name = "NAME", default_value = "documented")]
    layout: LayoutName,
    /// Write these forms: pairs, ranges, csr, padded, parquet
    #[arg(long, hide_possible_values = true, value_name = "A,B", value_delimiter = ',', default_value = "pairs", value_parser = form_parser(), requires_if("padded", "pad_to"))]
    emit: Vec<Form>,
    /// Length of a row of `--emit padded`
    #[arg(long, hide_short_help = true, value_name = "K", value_parser = row_width)]
    pad_to: Option<NonZeroUsize>,
    /// Fill value of `--emit padded` [default: -1]
    #[arg(long, hide_short_help = true, value_name = "N", allow_negative_numbers = true)]
    pad_id: Option<i64>,
    /// Write image and word ids as int64 or int32
    #[arg(long, hide_short_help = true, hide_possible_values = true, value_name = "TYPE", default_value = "int64", value_parser = id_type())]
    dtype: Dtype,
}

impl FormOptions {
    /// The layout of the main file.
    pub fn layout(&self) -> Layout {
        match self.layout {
            LayoutName::Documented => Layout::Documented,
            LayoutName::Script => Layout::Script,
        }
    }

    /// The forms.
    pub fn emit(&self) -> Emit {
        let has = |form| self.emit.contains(&form);
        let padding = |to| Padding { to, id: self.pad_id.unwrap_or(DEFAULT_PAD_ID) };
        Emit {
            pairs: has(Form::Pairs),
            ranges: has(Form::Ranges),
            csr: has(Form::Csr),
            padded: self.pad_to.filter(|_| has(Form::Padded)).map(padding),
            parquet: has(Form::Parquet),
            dtype: self.dtype,
        }
    }

    /// Refuses options without effect and impossible combinations.
    pub fn check(&self) -> Result<(), String> {
        let emit = self.emit();
        let has_pad_id = self.pad_id.is_some_and(|id| id != DEFAULT_PAD_ID);
        for (option, is_given) in [("--pad-to", self.pad_to.is_some()), ("--pad-id", has_pad_id)] {
            if is_given && emit.padded.is_none() {
                return Err(format!("{option} affects only padded rows; add padded to --emit or remove {option}"));
            }
        }
        if self.dtype == Dtype::Int32 && self.layout() == Layout::Documented && emit.names().eq(["csr"]) {
            return Err("--dtype does not affect csr; add another form to --emit or remove --dtype".to_owned());
        }
        emit.check(self.layout()).map_err(|error| error.to_string())
    }
}

/// A form of the output, as `--emit` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Pairs,
    Ranges,
    Csr,
    Padded,
    Parquet,
}

fn form_parser() -> impl TypedValueParser<Value = Form> {
    PossibleValuesParser::new(["pairs", "ranges", "csr", "padded", "parquet"]).map(|name| match &*name {
        "ranges" => Form::Ranges,
        "csr" => Form::Csr,
        "padded" => Form::Padded,
        "parquet" => Form::Parquet,
        _ => Form::Pairs,
    })
}

fn id_type() -> impl TypedValueParser<Value = Dtype> {
    PossibleValuesParser::new(["int64", "int32"]).map(|name| if name == "int32" { Dtype::Int32 } else { Dtype::Int64 })
}

fn row_width(text: &str) -> Result<NonZeroUsize, String> {
    let width = text.parse().ok().filter(|width: &NonZeroUsize| width.get() <= Padding::MOST);
    width.ok_or_else(|| format!("expected a number of words from 1 to {}", Padding::MOST))
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Errors (what happens to images that cannot be encoded)")]
pub struct ErrorOptions {
    /// Stop at bad images, or skip them
    ///
    /// stop checks all images first and lists the errors. skip writes the skipped images to
    /// skipped_….tsv.
    #[arg(long, value_enum, value_name = "stop|skip", hide_possible_values = true, default_value = "stop")]
    on_error: OnErrorName,
    /// Refuse an image that is listed twice, or encode it twice
    #[arg(long, hide_short_help = true, value_enum, value_name = "WHAT", default_value = "refuse")]
    duplicates: DuplicatesName,
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
            binary: self.vocabulary.binary.binary,
            stop_words: self.vocabulary.stop_words.stop_words(),
            vocabulary: self.vocabulary.given.path(),
            layout: self.output.forms.layout(),
            emit: self.output.forms.emit(),
            extract: self.output.extract,
            jobs: self.run.threads(),
            timed: self.run.verbose,
            ..Settings::default()
        };
        self.errors.add_to(self.vocabulary.limits.add_to(settings))
    }
}

impl ErrorOptions {
    /// The options as settings.
    pub fn add_to(&self, settings: Settings) -> Settings {
        Settings {
            on_error: match self.on_error {
                OnErrorName::Stop => OnError::Stop,
                OnErrorName::Skip => OnError::Skip,
            },
            duplicates: match self.duplicates {
                DuplicatesName::Refuse => Duplicates::Refuse,
                DuplicatesName::Allow => Duplicates::Allow,
            },
            max_member_size: self.max_member_size,
            ..settings
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LayoutName {
    Documented,
    Script,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OnErrorName {
    Stop,
    Skip,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DuplicatesName {
    Refuse,
    Allow,
}

fn thread_count(text: &str) -> Result<NonZeroUsize, String> {
    let most = 1024;
    let count = text.parse().ok().filter(|count: &NonZeroUsize| count.get() <= most);
    count.ok_or_else(|| format!("expected a number of threads from 1 to {most}"))
}

fn word_count(text: &str) -> Result<NonZeroUsize, String> {
    text.parse().map_err(|_| "expected a number of words from 1".to_owned())
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
    fn an_ngram_range_is_two_numbers_in_order() {
        assert_eq!(["1,1", "2,3", "0,1"].map(ngram_range), [Ok((1, 1)), Ok((2, 3)), Ok((0, 1))]);
        for text in ["", "1", "2,1", "1,2,3", "1, 2", "a,b", "(1,2)", "-1,2", "1,99999999999999999999"] {
            assert_eq!(ngram_range(text).unwrap_err(), "expected two numbers, the smaller first, such as 1,2", "{text}");
        }
    }

    #[test]
    fn byte_counts_take_suffixes_of_1024() {
        assert_eq!(["1000", "2K", "64M", "1g"].map(byte_count), [Ok(1000), Ok(2048), Ok(64 << 20), Ok(1 << 30)]);
        for text in ["", "0", "K", "-1", "1.5M", "99999999999G", "1MB"] {
            assert_eq!(byte_count(text).unwrap_err(), "expected a number of bytes such as 1000000, 64M or 2G");
        }
    }
}
