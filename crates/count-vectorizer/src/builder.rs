//! The parameters of a `CountVectorizer`.

use std::num::NonZeroUsize;

use crate::analyzer::Analyzer;
use crate::document_frequency::DocumentFrequency;
use crate::error::{Error, Result};
use crate::limit::Limit;
use crate::options::{AnalyzerKind, AnalyzerOptions, StripAccents};
use crate::selection::Selection;
use crate::stop_words::StopWords;
use crate::vectorizer::CountVectorizer;
use crate::vocabulary::Vocabulary;

impl CountVectorizer {
    /// Returns a builder with scikit-learn's defaults.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Limit};
    ///
    /// let vectorizer = CountVectorizer::builder().min_df(Limit::Count(2)).build()?;
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn builder() -> CountVectorizerBuilder {
        CountVectorizerBuilder::default()
    }
}

/// The parameters of a [`CountVectorizer`], with scikit-learn's names and defaults.
///
/// ```
/// use count_vectorizer::{AnalyzerKind, CountVectorizer, Limit, StripAccents};
///
/// // Python: CountVectorizer(analyzer='char_wb', ngram_range=(2, 3), strip_accents='unicode',
/// //                         max_df=0.9)
/// let builder = CountVectorizer::builder().analyzer(AnalyzerKind::CharWb).ngram_range(2, 3);
/// let builder = builder.strip_accents(StripAccents::Unicode).max_df(Limit::Share(0.9));
/// let vectorizer = builder.build()?;
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
    /// Sets whether documents are converted to lower case. The default is `true`.
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

    /// Sets the way to remove accents. By default, accents are kept.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, StripAccents};
    ///
    /// let vectorizer = CountVectorizer::builder().strip_accents(StripAccents::Ascii).build()?;
    /// assert_eq!(vectorizer.analyzer().words("Crème"), ["creme"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn strip_accents(mut self, how: impl Into<Option<StripAccents>>) -> Self {
        self.options.strip_accents = how.into();
        self
    }

    /// Sets the unit of terms. The default is words.
    ///
    /// ```
    /// use count_vectorizer::{AnalyzerKind, CountVectorizer};
    ///
    /// let vectorizer = CountVectorizer::builder().analyzer(AnalyzerKind::Char).build()?;
    /// assert_eq!(vectorizer.analyzer().words("cat"), ["c", "a", "t"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn analyzer(mut self, kind: AnalyzerKind) -> Self {
        self.options.analyzer = kind;
        self
    }

    /// Sets the least and the greatest number of words or characters of a term. The default is 1,
    /// 1.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// let vectorizer = CountVectorizer::builder().ngram_range(1, 2).build()?;
    /// assert_eq!(vectorizer.analyzer().words("a black cat"), ["black", "cat", "black cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn ngram_range(mut self, least: usize, most: usize) -> Self {
        self.options.ngram_range = (least, most);
        self
    }

    /// Sets the pattern of words, in the syntax of Python's `re`. The default is
    /// `(?u)\b\w\w+\b`. [`AnalyzerOptions::token_pattern`] lists the limits.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// let vectorizer = CountVectorizer::builder().token_pattern(r"(?u)\b\w+\b").build()?;
    /// assert_eq!(vectorizer.analyzer().words("a cat"), ["a", "cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn token_pattern(mut self, pattern: impl Into<String>) -> Self {
        self.options.token_pattern = pattern.into();
        self
    }

    /// Sets whether each keyword is one term. The default is `false`. scikit-learn has no such
    /// parameter.
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

    /// Sets the words to remove. By default, no word is removed.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, StopWords};
    ///
    /// let vectorizer = CountVectorizer::builder().stop_words(StopWords::english()).build()?;
    /// assert_eq!(vectorizer.analyzer().words("the cat"), ["cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn stop_words(mut self, stop_words: StopWords) -> Self {
        self.stop_words = stop_words;
        self
    }

    /// Sets the least number of documents that contain a term. The default is `Limit::Count(1)`.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Limit};
    ///
    /// let mut vectorizer = CountVectorizer::builder().min_df(Limit::Count(2)).build()?;
    /// vectorizer.fit(["cat dog", "cat"])?;
    /// assert!(vectorizer.get_feature_names_out().eq(["cat"]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn min_df(mut self, min: Limit) -> Self {
        self.selection.frequency.min = min;
        self
    }

    /// Sets the greatest number of documents that contain a term. The default is
    /// `Limit::Share(1.0)`, which is all documents.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Limit};
    ///
    /// let mut vectorizer = CountVectorizer::builder().max_df(Limit::Share(0.5)).build()?;
    /// vectorizer.fit(["cat dog", "cat"])?;
    /// assert!(vectorizer.get_feature_names_out().eq(["dog"]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn max_df(mut self, max: Limit) -> Self {
        self.selection.frequency.max = max;
        self
    }

    /// Sets the greatest number of terms. By default, there is no limit.
    ///
    /// The terms with the most occurrences are kept. With [`binary`](Self::binary), a term has one
    /// occurrence per document. Of equally frequent terms, those that come first in code-point
    /// order are kept. scikit-learn leaves this choice to NumPy's sort.
    ///
    /// ```
    /// use std::num::NonZeroUsize;
    /// use count_vectorizer::CountVectorizer;
    ///
    /// let most = NonZeroUsize::new(1);
    /// let mut vectorizer = CountVectorizer::builder().max_features(most).build()?;
    /// vectorizer.fit(["cat dog dog"])?;
    /// assert!(vectorizer.get_feature_names_out().eq(["dog"]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn max_features(mut self, most: impl Into<Option<NonZeroUsize>>) -> Self {
        self.selection.max_features = most.into();
        self
    }

    /// Sets whether a term is counted at most once per document. The default is `false`.
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

    /// Sets a vocabulary to use instead of learning one.
    ///
    /// ```
    /// use count_vectorizer::{CountVectorizer, Vocabulary};
    ///
    /// let vocabulary = Vocabulary::from_words(["dog", "cat"]);
    /// let vectorizer = CountVectorizer::builder().vocabulary(vocabulary).build()?;
    /// assert_eq!(vectorizer.transform(["a cat"])?.indices(), [1]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary = Some(vocabulary);
        self
    }

    /// Sets the number of threads. The default is the number of cores.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// let mut vectorizer = CountVectorizer::builder().jobs(std::num::NonZeroUsize::MIN).build()?;
    /// vectorizer.fit(["cat dog"])?;
    /// assert!(vectorizer.get_feature_names_out().eq(["cat", "dog"]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// Returns the vectorizer.
    ///
    /// ```
    /// use count_vectorizer::CountVectorizer;
    ///
    /// assert!(CountVectorizer::builder().ngram_range(2, 1).build().is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// - The errors of [`Analyzer::with_options`].
    /// - [`Error::LimitOutOfRange`]: `min_df` or `max_df` is invalid.
    /// - [`Error::GivenVocabularyIsEmpty`]: the vocabulary has no term.
    pub fn build(self) -> Result<CountVectorizer> {
        self.selection.frequency.check()?;
        let is_fixed = self.vocabulary.is_some();
        let vocabulary = self.vocabulary.unwrap_or_default();
        if is_fixed && vocabulary.is_empty() {
            return Err(Error::GivenVocabularyIsEmpty);
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
