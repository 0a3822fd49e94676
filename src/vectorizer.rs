//! `CountVectorizer` for documents in memory: the pipeline's own core without its files.

mod counting;
mod matrix;

use std::num::NonZeroUsize;

use self::counting::{Counting, Documents};
pub use self::matrix::CountMatrix;
use crate::error::{Error, Result};
use crate::text::analyzer::Analyzer;
use crate::text::options::{AnalyzerKind, AnalyzerOptions, StripAccents};
use crate::text::stop_words::StopWords;
use crate::vocabulary::{DocumentFrequency, Limit, Selection, Vocabulary, WordCounts, learn};

/// What can be vectorized: a text, or the keywords of an image.
///
/// A list of keywords is the document that they make joined by a space; with
/// [`phrases`](CountVectorizerBuilder::phrases) each of them is one term.
pub trait Document {
    /// Hands each keyword on; a text is its only one.
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str));
}

impl Document for str {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        keyword(self);
    }
}

impl Document for String {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        keyword(self);
    }
}

impl<S: AsRef<str>> Document for [S] {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        self.iter().for_each(|each| keyword(each.as_ref()));
    }
}

impl<S: AsRef<str>> Document for Vec<S> {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        self.as_slice().each_keyword(keyword);
    }
}

impl<S: AsRef<str>, const N: usize> Document for [S; N] {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        self.as_slice().each_keyword(keyword);
    }
}

impl<D: Document + ?Sized> Document for &D {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        (**self).each_keyword(keyword);
    }
}

/// Turns documents into counts of their words, as scikit-learn's `CountVectorizer` does: the same vocabulary, the same matrix.
///
/// Documents come from a slice, a vector or any iterator, and are read by several threads; an iterator is not collected first.
/// The outcome is the same for any number of threads.
///
/// ```
/// use amc_keywords::{CountVectorizer, StopWords};
///
/// let documents = ["Young adult at the café", "A café, an adult café", "woman"];
/// let mut vectorizer = CountVectorizer::builder().stop_words(StopWords::english()).build()?;
/// let counts = vectorizer.fit_transform(&documents)?;
/// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["adult", "café", "woman", "young"]);
/// assert_eq!(counts.shape(), (3, 4));
/// // The second document: "adult" once, "café" twice.
/// assert_eq!(counts.row(1), Some((&[0, 1][..], &[1, 2][..])));
/// assert_eq!(counts.to_dense()?[[1, 1]], 2);
///
/// // Keywords: each document is a list, and a keyword may stay whole.
/// let images = [vec!["young adult", "woman"], vec!["woman"]];
/// let mut vectorizer = CountVectorizer::builder().phrases(true).build()?;
/// vectorizer.fit(&images)?;
/// assert_eq!(vectorizer.vocabulary().id("young adult"), Some(1));
/// let unseen = vectorizer.transform(&[["woman", "man"]])?;
/// assert_eq!(unseen.rows().next(), Some((&[0][..], &[1][..])));
/// # Ok::<(), amc_keywords::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CountVectorizer {
    analyzer: Analyzer,
    selection: Selection,
    binary: bool,
    jobs: NonZeroUsize,
    vocabulary: Vocabulary,
    /// The vocabulary was given, and fitting leaves it as it is.
    is_fixed: bool,
}

impl CountVectorizer {
    /// A vectorizer with scikit-learn's defaults, ready for other parameters.
    pub fn builder() -> CountVectorizerBuilder {
        CountVectorizerBuilder::default()
    }

    /// Learns the vocabulary of `documents`.
    ///
    /// # Errors
    ///
    /// As [`fit_transform`](Self::fit_transform).
    pub fn fit<I>(&mut self, documents: I) -> Result<&mut Self>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if !self.is_fixed {
            let counted = self.counting().only_words(Documents::new(documents.into_iter()), WordCounts::default);
            self.vocabulary = learn(counted, self.selection)?.vocabulary;
        }
        Ok(self)
    }

    /// Learns the vocabulary of `documents` and counts its words in them.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyVocabulary`] if no document has a word, or if `min_df` and `max_df` leave none.
    pub fn fit_transform<I>(&mut self, documents: I) -> Result<CountMatrix>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if self.is_fixed {
            return self.transform(documents);
        }
        let (blocks, counted) = self.counting().all(Documents::new(documents.into_iter()), WordCounts::default);
        let learnt = learn(counted, self.selection)?;
        let matrix = CountMatrix::new(blocks, Some(&learnt.ids), learnt.vocabulary.len(), self.jobs);
        self.vocabulary = learnt.vocabulary;
        Ok(matrix)
    }

    /// Counts the words of the vocabulary in `documents`; other words are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if there is no vocabulary yet.
    pub fn transform<I>(&self, documents: I) -> Result<CountMatrix>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if self.vocabulary.is_empty() {
            return Err(Error::Refused("vocabulary not fitted or provided: call fit() first, or give a vocabulary".into()));
        }
        let (blocks, _) = self.counting().all(Documents::new(documents.into_iter()), || &self.vocabulary);
        Ok(CountMatrix::new(blocks, None, self.vocabulary.len(), self.jobs))
    }

    /// The words and their ids, which are the columns of the matrix: in code-point order where they were learnt. Empty before
    /// fitting.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The word of each column.
    pub fn get_feature_names_out(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.vocabulary.words()
    }

    /// What takes the documents apart: `build_analyzer()`.
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    fn counting(&self) -> Counting<'_> {
        Counting { analyzer: &self.analyzer, binary: self.binary, jobs: self.jobs.get() }
    }
}

/// The parameters of a [`CountVectorizer`], under scikit-learn's names and with its defaults.
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
    pub fn lowercase(mut self, lowercase: bool) -> Self {
        self.options.lowercase = lowercase;
        self
    }

    /// How accents are taken off; they stay by default.
    pub fn strip_accents(mut self, how: impl Into<Option<StripAccents>>) -> Self {
        self.options.strip_accents = how.into();
        self
    }

    /// What terms are made of; words by default.
    pub fn analyzer(mut self, kind: AnalyzerKind) -> Self {
        self.options.analyzer = kind;
        self
    }

    /// The least and the greatest number of words or characters of a term; 1 and 1 by default.
    pub fn ngram_range(mut self, least: usize, most: usize) -> Self {
        self.options.ngram_range = (least, most);
        self
    }

    /// What a word is, in the syntax of Python's `re`; `(?u)\b\w\w+\b` by default.
    pub fn token_pattern(mut self, pattern: impl Into<String>) -> Self {
        self.options.token_pattern = pattern.into();
        self
    }

    /// Whether each keyword is one term, whole; scikit-learn has no such parameter.
    pub fn phrases(mut self, phrases: bool) -> Self {
        self.options.phrases = phrases;
        self
    }

    /// The words to leave out; none by default.
    pub fn stop_words(mut self, stop_words: StopWords) -> Self {
        self.stop_words = stop_words;
        self
    }

    /// Least number of documents a word must stand in, as a count or a share; `Limit::Count(1)` by default.
    pub fn min_df(mut self, min: Limit) -> Self {
        self.selection.frequency.min = min;
        self
    }

    /// Greatest number of documents a word may stand in; `Limit::Share(1.0)`, all of them, by default.
    pub fn max_df(mut self, max: Limit) -> Self {
        self.selection.frequency.max = max;
        self
    }

    /// The most words that the vocabulary may have: those that stand most often in the documents (with
    /// [`binary`](Self::binary), in most documents), of equally frequent ones those that come first in code-point order. All by
    /// default. scikit-learn leaves it to numpy's sorting which of equally frequent words stay.
    pub fn max_features(mut self, most: impl Into<Option<NonZeroUsize>>) -> Self {
        self.selection.max_features = most.into();
        self
    }

    /// Whether all counts are 1.
    pub fn binary(mut self, binary: bool) -> Self {
        self.binary = binary;
        self
    }

    /// A vocabulary to use instead of learning one.
    pub fn vocabulary(mut self, vocabulary: Vocabulary) -> Self {
        self.vocabulary = Some(vocabulary);
        self
    }

    /// How many threads count; all cores by default.
    pub fn jobs(mut self, jobs: NonZeroUsize) -> Self {
        self.jobs = jobs;
        self
    }

    /// The vectorizer.
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

#[cfg(test)]
mod tests;
