//! The parameters of a vectorizer.

use std::num::NonZeroUsize;

use super::CountVectorizer;
use crate::error::{Error, Result};
use crate::analyzer::Analyzer;
use crate::options::{AnalyzerKind, AnalyzerOptions, StripAccents};
use crate::stop_words::StopWords;
use crate::vocabulary::{DocumentFrequency, Limit, Selection, Vocabulary};

/// The parameters of a [`CountVectorizer`], under scikit-learn's names and with its defaults.
///
/// ```
/// use count_vectorizer::{AnalyzerKind, CountVectorizer, Limit, StripAccents};
///
/// // As `CountVectorizer(analyzer='char_wb', ngram_range=(2, 3), strip_accents='unicode', max_df=0.9)`.
/// let builder = CountVectorizer::builder().analyzer(AnalyzerKind::CharWb).ngram_range(2, 3);
/// let vectorizer = builder.strip_accents(StripAccents::Unicode).max_df(Limit::Share(0.9)).build()?;
/// assert_eq!(vectorizer.analyzer().words("é"), [" e", "e ", " e "]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CountVectorizerBuilder {
    options: AnalyzerOptions,
    stop_words: StopWords,
    selection: Selection,
    binary: bool,
    vocabulary: Option<Vocabulary>,
    jobs: NonZeroUsize,
}

impl Default for CountVectorizerBuilder {
    fn default() -> Self {
        CountVectorizerBuilder {
            options: AnalyzerOptions::default(),
            stop_words: StopWords::none(),
            selection: Selection {
                frequency: DocumentFrequency { min: Limit::Count(1), max: Limit::Share(1.0) },
                max_features: None,
            },
            binary: false,
            vocabulary: None,
            jobs: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        }
    }
}

impl CountVectorizerBuilder {
    /// Whether documents are lower-cased first; they are by default.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().lowercase(false).build()?;
    /// assert_eq!(vectorizer.analyzer().words("A Cat"), ["Cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn lowercase(mut self, lowercase: bool) -> Self {
        self.options.lowercase = lowercase;
        self
    }

    /// How accents are taken off; they stay by default.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().strip_accents(count_vectorizer::StripAccents::Ascii).build()?;
    /// assert_eq!(vectorizer.analyzer().words("Crème"), ["creme"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn strip_accents(mut self, how: impl Into<Option<StripAccents>>) -> Self {
        self.options.strip_accents = how.into();
        self
    }

    /// What terms are made of; words by default.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().analyzer(count_vectorizer::AnalyzerKind::Char).build()?;
    /// assert_eq!(vectorizer.analyzer().words("cat"), ["c", "a", "t"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn analyzer(mut self, kind: AnalyzerKind) -> Self {
        self.options.analyzer = kind;
        self
    }

    /// The least and the greatest number of words or characters of a term; 1 and 1 by default.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().ngram_range(1, 2).build()?;
    /// assert_eq!(vectorizer.analyzer().words("a black cat"), ["black", "cat", "black cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn ngram_range(mut self, least: usize, most: usize) -> Self {
        self.options.ngram_range = (least, most);
        self
    }

    /// What a word is, in the syntax of Python's `re`; `(?u)\b\w\w+\b` by default.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().token_pattern(r"(?u)\b\w+\b").build()?;
    /// assert_eq!(vectorizer.analyzer().words("a cat"), ["a", "cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn token_pattern(mut self, pattern: impl Into<String>) -> Self {
        self.options.token_pattern = pattern.into();
        self
    }

    /// Whether each keyword is one term, whole; scikit-learn has no such parameter.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().phrases(true).build()?;
    /// assert_eq!(vectorizer.analyzer().words("Young adult"), ["young adult"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn phrases(mut self, phrases: bool) -> Self {
        self.options.phrases = phrases;
        self
    }

    /// The words to leave out; none by default.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().stop_words(count_vectorizer::StopWords::english()).build()?;
    /// assert_eq!(vectorizer.analyzer().words("the cat"), ["cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn stop_words(mut self, stop_words: StopWords) -> Self {
        self.stop_words = stop_words;
        self
    }

    /// Least number of documents a word must stand in, as a count or a share; `Limit::Count(1)` by default.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Limit};
    ///
    /// let mut vectorizer = CountVectorizer::builder().min_df(Limit::Count(2)).build()?;
    /// vectorizer.fit(["cat dog", "cat"])?;
    /// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn min_df(mut self, min: Limit) -> Self {
        self.selection.frequency.min = min;
        self
    }

    /// Greatest number of documents a word may stand in; `Limit::Share(1.0)`, all of them, by default.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Limit};
    ///
    /// let mut vectorizer = CountVectorizer::builder().max_df(Limit::Share(0.5)).build()?;
    /// vectorizer.fit(["cat dog", "cat"])?;
    /// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["dog"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn max_df(mut self, max: Limit) -> Self {
        self.selection.frequency.max = max;
        self
    }

    /// The most words that the vocabulary may have: those that stand most often in the documents (with
    /// [`binary`](Self::binary), in most documents), of equally frequent ones those that come first in code-point order. All by
    /// default. scikit-learn leaves it to numpy's sorting which of equally frequent words stay.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// let mut vectorizer = CountVectorizer::builder().max_features(std::num::NonZeroUsize::new(1)).build()?;
    /// vectorizer.fit(["cat dog dog"])?;
    /// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["dog"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn max_features(mut self, most: impl Into<Option<NonZeroUsize>>) -> Self {
        self.selection.max_features = most.into();
        self
    }

    /// Whether all counts are 1.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().binary(true).build()?;
    /// assert_eq!(vectorizer.fit_transform(["dog dog"])?.data(), [1]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn binary(mut self, binary: bool) -> Self {
        self.binary = binary;
        self
    }

    /// A vocabulary to use instead of learning one.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Vocabulary};
    ///
    /// let vectorizer = CountVectorizer::builder().vocabulary(Vocabulary::from_words(["dog", "cat"])).build()?;
    /// assert_eq!(vectorizer.transform(["a cat"])?.indices(), [1]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary = Some(vocabulary);
        self
    }

    /// How many threads count; all cores by default.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// let mut vectorizer = CountVectorizer::builder().jobs(std::num::NonZeroUsize::MIN).build()?;
    /// vectorizer.fit(["cat dog"])?;
    /// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["cat", "dog"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// The vectorizer.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// assert!(CountVectorizer::builder().ngram_range(2, 1).build().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// What [`Analyzer::with_options`] refuses, limits out of range, and a vocabulary without a word.
    pub fn build(self) -> Result<CountVectorizer> {
        self.selection.frequency.check()?;
        let is_fixed = self.vocabulary.is_some();
        let vocabulary = self.vocabulary.unwrap_or_default();
        if is_fixed && vocabulary.is_empty() {
            return Err(Error::Refused("empty vocabulary passed to fit".into()));
        }
        Ok(CountVectorizer {
            analyzer: Analyzer::with_options(&self.options, self.stop_words)?,
            selection: self.selection,
            binary: self.binary,
            jobs: self.jobs,
            vocabulary,
            is_fixed,
        })
    }
}
