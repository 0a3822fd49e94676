//! `CountVectorizer` for documents in memory.

use std::num::NonZeroUsize;

use crate::analyzer::Analyzer;
use crate::corpus_counts::CorpusCounts;
use crate::count_matrix::{CountMatrix, renumber_all};
use crate::document::Document;
use crate::document_counter::{DocumentCounter, DocumentQueue};
use crate::error::{Error, Result};
use crate::selection::Selection;
use crate::term_counts::TermCounts;
use crate::vocabulary::Vocabulary;

/// Counts the terms of documents, with the vocabulary and the matrix of scikit-learn's
/// `CountVectorizer`.
///
/// Documents come from a slice, a vector or any other iterator. Several threads read them, and an
/// iterator is not collected first. The result is the same for any number of threads.
///
/// ```
/// use count_vectorizer::{CountVectorizer, StopWords};
///
/// let documents = ["Young adult at the café", "A café, an adult café", "woman"];
/// let mut vectorizer = CountVectorizer::builder().stop_words(StopWords::english()).build()?;
/// let counts = vectorizer.fit_transform(&documents)?;
/// assert!(vectorizer.get_feature_names_out().eq(["adult", "café", "woman", "young"]));
/// assert_eq!(counts.shape(), (3, 4));
/// // The second document contains "adult" once and "café" twice.
/// assert_eq!(counts.row(1), Some((&[0, 1][..], &[1, 2][..])));
/// assert_eq!(counts.to_dense()?[[1, 1]], 2);
///
/// // Each document is a list of keywords, and each keyword is a term.
/// let photos = [vec!["young adult", "woman"], vec!["woman"]];
/// let mut vectorizer = CountVectorizer::builder().phrases(true).build()?;
/// vectorizer.fit(&photos)?;
/// assert_eq!(vectorizer.vocabulary().id("young adult"), Some(1));
/// let unseen = vectorizer.transform(&[["woman", "man"]])?;
/// assert_eq!(unseen.rows().next(), Some((&[0][..], &[1][..])));
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CountVectorizer {
    pub(crate) analyzer: Analyzer,
    pub(crate) selection: Selection,
    pub(crate) binary: bool,
    pub(crate) jobs: NonZeroUsize,
    pub(crate) vocabulary: Vocabulary,
    /// Whether the vocabulary was given. Fitting does not change it then.
    pub(crate) is_fixed: bool,
}

impl CountVectorizer {
    /// Learns the vocabulary from `documents`.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// assert_eq!(vectorizer.fit(["a black cat", "a dog"])?.vocabulary().len(), 3);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The errors of [`fit_transform`](Self::fit_transform).
    pub fn fit<I>(&mut self, documents: I) -> Result<&mut Self>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if !self.is_fixed {
            let documents = DocumentQueue::new(documents.into_iter());
            let threads = self.counter().only_words(documents, TermCounts::default)?;
            self.vocabulary = CorpusCounts::add_up(threads).select(self.selection)?.vocabulary;
        }
        Ok(self)
    }

    /// Learns the vocabulary from `documents` and counts its terms in them.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// let counts = vectorizer.fit_transform(["cat and dog", "dog, dog"])?;
    /// assert_eq!(counts.row(1), Some((&[2][..], &[2][..])));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::NoTerms`]: no document contains a term.
    /// - [`Error::LimitsExcludeEachOther`]: `max_df` is below `min_df`.
    /// - [`Error::NoTermsRemain`]: no term is within the limits.
    /// - [`Error::TooManySteps`]: the token pattern takes too long on a document.
    pub fn fit_transform<I>(&mut self, documents: I) -> Result<CountMatrix>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if self.is_fixed {
            return self.transform(documents);
        }
        let documents = DocumentQueue::new(documents.into_iter());
        let (mut blocks, threads) = self.counter().all(documents, TermCounts::default)?;
        let fitted = CorpusCounts::add_up(threads).select(self.selection)?;
        renumber_all(&mut blocks, &fitted.ids, self.jobs);
        self.vocabulary = fitted.vocabulary;
        Ok(CountMatrix::from_blocks(blocks, self.vocabulary.len()))
    }

    /// Counts the terms of the vocabulary in `documents`. Other terms are ignored.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// vectorizer.fit(["cat", "dog"])?;
    /// assert_eq!(vectorizer.transform(["dog and bird"])?.row(0), Some((&[1][..], &[1][..])));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::NotFitted`]: there is no vocabulary yet.
    /// - [`Error::TooManySteps`]: the token pattern takes too long on a document.
    pub fn transform<I>(&self, documents: I) -> Result<CountMatrix>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if self.vocabulary.is_empty() {
            return Err(Error::NotFitted);
        }
        let documents = DocumentQueue::new(documents.into_iter());
        let (blocks, _) = self.counter().all(documents, || &self.vocabulary)?;
        Ok(CountMatrix::from_blocks(blocks, self.vocabulary.len()))
    }

    /// Returns the terms and their ids: `vocabulary_`. An id is a column of the matrix. Learned
    /// terms are in code-point order. The vocabulary is empty before fitting.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// assert_eq!(vectorizer.fit(["dog", "cat"])?.vocabulary().id("dog"), Some(1));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// Returns the term of each column.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// vectorizer.fit(["dog", "cat"])?;
    /// assert!(vectorizer.get_feature_names_out().eq(["cat", "dog"]));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn get_feature_names_out(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.vocabulary.words()
    }

    /// Returns the analyzer: `build_analyzer()`.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().lowercase(false).build()?;
    /// assert_eq!(vectorizer.analyzer().words("A black CAT"), ["black", "CAT"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    fn counter(&self) -> DocumentCounter<'_> {
        DocumentCounter { analyzer: &self.analyzer, binary: self.binary, jobs: self.jobs.get() }
    }
}

#[cfg(test)]
mod tests;
