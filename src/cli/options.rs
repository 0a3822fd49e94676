//! The options of all encoding subcommands, and their conversion to the library's settings.

use std::ffi::OsString;
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
#[command(next_help_heading = "Vocabulary")]
pub struct VocabularyOptions {
    /// Least number of documents a word must stand in: a count (6), or a share of the documents (0.01, 1.0)
    #[arg(long, value_name = "N", default_value = "6", allow_negative_numbers = true)]
    min_df: Limit,
    /// Greatest number of documents a word may stand in: a count, or a share of the documents
    #[arg(long, value_name = "N", default_value = "1.0", allow_negative_numbers = true)]
    max_df: Limit,
    /// Keep at most so many words: those that stand most often in the documents, of equals the first by name
    #[arg(long, value_name = "N", value_parser = word_count)]
    max_features: Option<NonZeroUsize>,
    /// Words to leave out: english (scikit-learn's list), none, or a file with one word a line
    #[arg(long, value_name = "WHICH", value_hint = ValueHint::FilePath, default_value = "english")]
    stop_words: OsString,
    /// Encode with a vocabulary written earlier (JSON or pickle) instead of learning one
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    vocabulary: Option<PathBuf>,
    /// Count a word once an image: the pairs hold it once, at its first place
    #[arg(long)]
    binary: bool,
}

/// How documents become words, with scikit-learn's names.
#[derive(Debug, Args)]
#[command(next_help_heading = "Words")]
pub struct WordOptions {
    /// Lower-case documents first [default]
    #[arg(long, overrides_with = "no_lowercase")]
    lowercase: bool,
    /// Leave capitals as they are
    #[arg(long)]
    no_lowercase: bool,
    /// Take accents off: what has an ASCII form becomes it and all else goes, or combining marks go
    #[arg(long, value_name = "HOW", default_value = "none", value_parser = accents_parser())]
    strip_accents: Accents,
    /// Least and greatest number of words, or of characters, of a term
    #[arg(long, value_name = "MIN,MAX", default_value = "1,1", value_parser = ngram_range)]
    ngram_range: (usize, usize),
    /// What terms are made of: words, characters, or the characters of each word with a space on both sides
    #[arg(long, value_name = "KIND", default_value = "word", value_parser = analyzer_parser())]
    analyzer: AnalyzerKind,
    /// What a word is: a Python regular expression without \N{…}
    #[arg(long, value_name = "REGEX", allow_hyphen_values = true, default_value = AnalyzerOptions::DEFAULT_TOKEN_PATTERN, value_parser = token_pattern)]
    token_pattern: String,
    /// Keep each keyword whole, as one term
    #[arg(long, conflicts_with_all = ["ngram_range", "analyzer", "token_pattern"])]
    phrases: bool,
}

impl WordOptions {
    fn options(&self) -> AnalyzerOptions {
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

fn ngram_range(text: &str) -> Result<(usize, usize), String> {
    let wrong = || "expected two numbers, the smaller first, such as 1,2".to_owned();
    let (least, most) = text.split_once(',').ok_or_else(wrong)?;
    let number = |text: &str| text.parse().map_err(|_| wrong());
    let range = (number(least)?, number(most)?);
    if range.0 <= range.1 { Ok(range) } else { Err(wrong()) }
}

fn token_pattern(text: &str) -> Result<String, String> {
    let options = AnalyzerOptions { token_pattern: text.to_owned(), ..AnalyzerOptions::default() };
    Analyzer::with_options(&options, StopWords::none()).map_err(|error| error.to_string())?;
    Ok(options.token_pattern)
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputOptions {
    /// What the main file holds: the pairs [img_id, word_id] as documented, or the [first, last] row of each image
    /// id as the release's scripts saved it, with the pairs in a second file
    #[arg(long, value_enum, value_name = "NAME", default_value = "documented")]
    layout: LayoutName,
    /// In which forms the words of the images are written, joined by commas
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "pairs", value_parser = form_parser(), requires_if("padded", "pad_to"))]
    emit: Vec<Form>,
    /// Of padded: how many words a row has room for
    #[arg(long, value_name = "K", value_parser = row_width)]
    pad_to: Option<NonZeroUsize>,
    /// Of padded: what stands where an image has no more words [default: -1]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pad_id: Option<i64>,
    /// The type of image and word ids in pairs, ranges, padded and parquet
    #[arg(long, value_name = "TYPE", default_value = "int64", value_parser = id_type())]
    dtype: Dtype,
    /// Also unzip the keyword files beside the archive
    #[arg(long)]
    extract: bool,
    /// Write nothing: make the files anew in memory and compare those in the output folder with them; exit status 1
    /// if one differs, is missing or was made with other options
    #[arg(long, conflicts_with = "extract")]
    pub check: bool,
}

impl OutputOptions {
    fn layout(&self) -> Layout {
        match self.layout {
            LayoutName::Documented => Layout::Documented,
            LayoutName::Script => Layout::Script,
        }
    }

    fn emit(&self) -> Emit {
        let has = |form| self.emit.contains(&form);
        let padding = |to| Padding { to, id: self.pad_id.unwrap_or(-1) };
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
    fn check(&self) -> Result<(), String> {
        let emit = self.emit();
        for (option, is_given) in [("--pad-to", self.pad_to.is_some()), ("--pad-id", self.pad_id.is_some())] {
            if is_given && emit.padded.is_none() {
                return Err(format!("{option} is for padded rows alone: add padded to --emit, or leave {option} out"));
            }
        }
        if self.dtype == Dtype::Int32 && self.layout() == Layout::Documented && emit.names().eq(["csr"]) {
            return Err("csr has scikit-learn's types: add another form to --emit, or leave --dtype out".to_owned());
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
    PossibleValuesParser::new(["pairs", "ranges", "csr", "padded", "parquet"]).try_map(|name| match &*name {
        "ranges" => Ok(Form::Ranges),
        "csr" => Ok(Form::Csr),
        "padded" => Ok(Form::Padded),
        "parquet" if Emit::HAS_PARQUET => Ok(Form::Parquet),
        "parquet" => Err("this build cannot write it: build with cargo install --path . --locked --features parquet"),
        _ => Ok(Form::Pairs),
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
#[command(next_help_heading = "Trouble")]
pub struct TroubleOptions {
    /// An image that cannot be encoded: stop after checking all of them, or skip it and write it to skipped_….tsv
    #[arg(long, value_enum, value_name = "WHAT", default_value = "stop")]
    on_error: OnErrorName,
    /// An image listed twice: refuse it, or allow it and encode it twice
    #[arg(long, value_enum, value_name = "WHAT", default_value = "refuse")]
    duplicates: DuplicatesName,
    /// The most bytes that one keyword file may have; K, M and G are understood
    #[arg(long, value_name = "SIZE", default_value = "64M", value_parser = byte_count)]
    max_member_size: u64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Running")]
pub struct RunOptions {
    /// Threads [default: all cores]
    #[arg(short, long, value_name = "N", value_parser = thread_count)]
    jobs: Option<NonZeroUsize>,
    /// Print the summary as one JSON object
    #[arg(long)]
    pub json: bool,
    /// No summary, no warnings, no progress: errors only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also say, on stderr, where the time went
    #[arg(short, long)]
    pub verbose: bool,
    /// How far a run is, on stderr: auto (a bar on a terminal, else nothing), bar (where there is no terminal as plain),
    /// plain (a line every few seconds), none
    #[arg(long, value_enum, value_name = "KIND", default_value = "auto", hide_possible_values = true)]
    pub progress: ProgressKind,
    // `colors::apply_option` evaluates this before the command line is parsed.
    /// Colours: auto (on a terminal, unless NO_COLOR is set), always or never; in help too
    #[arg(long = "color", value_enum, value_name = "WHEN", default_value = "auto", hide_possible_values = true)]
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
    trouble: TroubleOptions,
    #[command(flatten)]
    pub run: RunOptions,
}

impl SharedOptions {
    /// Refuses combinations of options that cannot be right.
    pub fn check(&self) -> Result<(), String> {
        self.output.check()
    }

    /// The settings of the library.
    pub fn settings(&self) -> Settings {
        Settings {
            frequency: DocumentFrequency { min: self.vocabulary.min_df, max: self.vocabulary.max_df },
            max_features: self.vocabulary.max_features,
            analyzer: self.words.options(),
            binary: self.vocabulary.binary,
            stop_words: match self.vocabulary.stop_words.to_str() {
                Some("english") => StopWordList::English,
                Some("none") => StopWordList::None,
                _ => StopWordList::File(self.vocabulary.stop_words.clone().into()),
            },
            vocabulary: self.vocabulary.vocabulary.clone(),
            layout: self.output.layout(),
            emit: self.output.emit(),
            extract: self.output.extract,
            jobs: self.run.threads(),
            on_error: match self.trouble.on_error {
                OnErrorName::Stop => OnError::Stop,
                OnErrorName::Skip => OnError::Skip,
            },
            duplicates: match self.trouble.duplicates {
                DuplicatesName::Refuse => Duplicates::Refuse,
                DuplicatesName::Allow => Duplicates::Allow,
            },
            timed: self.run.verbose,
            max_member_size: self.trouble.max_member_size,
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
