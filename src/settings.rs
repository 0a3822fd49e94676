//! What a run is asked for, the same for every data set.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use serde_json::{Map, Value, json};

use count_vectorizer::{AnalyzerOptions, DocumentFrequency, Selection, StopWords, StripAccents};
use keyword_files::archive::Limits;

use crate::error::Result;
use crate::forms::emit::Emit;
use crate::forms::layout::Layout;
use crate::inputs::stop_word_file::read_stop_words;
use crate::policy::{Duplicates, OnError};

/// Which words are left out.
///
/// ```
/// assert_eq!(amc_keywords::StopWordList::default(), amc_keywords::StopWordList::English);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StopWordList {
    /// scikit-learn's English list.
    #[default]
    English,
    /// None.
    None,
    /// The words of a file, one per line.
    File(PathBuf),
}

impl StopWordList {
    pub(crate) fn load(&self) -> Result<StopWords> {
        match self {
            StopWordList::English => Ok(StopWords::english()),
            StopWordList::None => Ok(StopWords::none()),
            StopWordList::File(path) => read_stop_words(path),
        }
    }
}

/// The settings of a run. The defaults are those of the release's scripts.
///
/// ```
/// use amc_keywords::{DocumentFrequency, Limit, Settings};
///
/// let frequency = DocumentFrequency { min: Limit::Count(2), ..DocumentFrequency::default() };
/// let settings = Settings { frequency, ..Settings::default() };
/// assert!(settings.vocabulary.is_none() && !settings.extract);
/// ```
#[derive(Debug, Clone)]
pub struct Settings {
    /// The number of documents in which a word of the vocabulary must occur.
    pub frequency: DocumentFrequency,
    /// The greatest number of words in the vocabulary. The most frequent words are kept. Of equally
    /// frequent words, those that come first in code-point order are kept. With
    /// [`binary`](Self::binary), a word counts once per document, as in scikit-learn.
    pub max_features: Option<NonZeroUsize>,
    /// The words that are left out.
    pub stop_words: StopWordList,
    /// How documents are divided into words.
    pub analyzer: AnalyzerOptions,
    /// Whether a word counts once per image. The pairs contain it once, at its first place.
    pub binary: bool,
    /// The file of a vocabulary that is used instead of a learned one.
    pub vocabulary: Option<PathBuf>,
    /// The content of the main file.
    pub layout: Layout,
    /// The forms in which the words of the images are written.
    pub emit: Emit,
    /// Whether the keyword files are also extracted next to the archive.
    pub extract: bool,
    /// The number of threads that read, encode and write.
    pub jobs: NonZeroUsize,
    /// What happens to an image that cannot be encoded.
    pub on_error: OnError,
    /// What happens to an image that is listed twice.
    pub duplicates: Duplicates,
    /// Whether [`Summary::times`](crate::Summary::times) is measured. It takes about one percent of
    /// the time.
    pub timed: bool,
    /// The largest size of a member of an archive, in bytes.
    pub max_member_size: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            frequency: DocumentFrequency::default(),
            max_features: None,
            stop_words: StopWordList::English,
            analyzer: AnalyzerOptions::default(),
            binary: false,
            vocabulary: None,
            layout: Layout::Documented,
            emit: Emit::default(),
            extract: false,
            jobs: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            on_error: OnError::Stop,
            duplicates: Duplicates::Refuse,
            timed: false,
            max_member_size: 64 << 20,
        }
    }
}

impl Settings {
    pub(crate) fn limits(&self) -> Limits {
        Limits { max_member_size: self.max_member_size }
    }

    /// Which words make the vocabulary.
    pub(crate) fn selection(&self) -> Selection {
        Selection { frequency: self.frequency, max_features: self.max_features }
    }

    /// The options that the outputs depend on, for the manifest.
    pub(crate) fn for_manifest(&self, dataset: &str, splits: &[&str]) -> Map<String, Value> {
        let file_name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        let stop_words = match &self.stop_words {
            StopWordList::English => Some("english".to_owned()),
            StopWordList::None => Some("none".to_owned()),
            StopWordList::File(path) => file_name(path),
        };
        let options = [
            ("dataset", json!(dataset)),
            ("splits", json!(splits)),
            ("min_df", json!(self.frequency.min.to_string())),
            ("max_df", json!(self.frequency.max.to_string())),
            ("max_features", json!(self.max_features)),
            ("stop_words", json!(stop_words)),
            ("lowercase", json!(self.analyzer.lowercase)),
            ("strip_accents", json!(self.analyzer.strip_accents.map(StripAccents::name))),
            ("analyzer", json!(self.analyzer.analyzer.name())),
            ("ngram_range", json!(self.analyzer.ngram_range)),
            ("token_pattern", json!(self.analyzer.token_pattern)),
            ("phrases", json!(self.analyzer.phrases)),
            ("binary", json!(self.binary)),
            ("vocabulary", json!(self.vocabulary.as_ref().and_then(file_name))),
            ("layout", json!(self.layout.name())),
            ("duplicates", json!(if self.duplicates == Duplicates::Allow { "allow" } else { "refuse" })),
            ("on_error", json!(if self.on_error == OnError::Skip { "skip" } else { "stop" })),
        ];
        options.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(self.emit.for_manifest()).collect()
    }
}
