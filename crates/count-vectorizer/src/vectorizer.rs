//! `CountVectorizer` for documents in memory: the pipeline's own core without its files.

mod builder;
mod counting;
mod matrix;

use std::num::NonZeroUsize;

pub use self::builder::CountVectorizerBuilder;
use self::counting::{Counting, Documents};
pub use self::matrix::CountMatrix;
use crate::error::{Error, Result};
use crate::analyzer::Analyzer;
use crate::vocabulary::{Selection, Vocabulary, WordCounts, learn};

/// What can be vectorized: a text, or the keywords of an image.
///
/// A list of keywords is the document that they make joined by a space; with
/// [`phrases`](CountVectorizerBuilder::phrases) each of them is one term.
///
/// ```
/// use count_vectorizer::{CountVectorizer, Document};
///
/// /// An image of one's own.
/// struct Image {
///     tags: Vec<String>,
/// }
///
/// impl Document for Image {
///     fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
///         self.tags.iter().for_each(|tag| keyword(tag));
///     }
/// }
///
/// let images = [Image { tags: vec!["young adult".into(), "dog".into()] }];
/// let mut vectorizer = CountVectorizer::builder().build()?;
/// vectorizer.fit(&images)?;
/// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["adult", "dog", "young"]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
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
/// use count_vectorizer::{CountVectorizer, StopWords};
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
/// # Ok::<(), count_vectorizer::Error>(())
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

    /// Learns the vocabulary of `documents`.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// assert_eq!(vectorizer.fit(["a black cat", "a dog"])?.vocabulary().len(), 3);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`fit_transform`](Self::fit_transform).
    pub fn fit<I>(&mut self, documents: I) -> Result<&mut Self>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if !self.is_fixed {
            let counted = self.counting().only_words(Documents::new(documents.into_iter()), WordCounts::default)?;
            self.vocabulary = learn(counted, self.selection)?.vocabulary;
        }
        Ok(self)
    }

    /// Learns the vocabulary of `documents` and counts its words in them.
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
    /// [`Error::EmptyVocabulary`] if no document has a word, or if `min_df` and `max_df` leave none.
    /// [`Error::Refused`] if the token pattern needs too many steps for a document.
    pub fn fit_transform<I>(&mut self, documents: I) -> Result<CountMatrix>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if self.is_fixed {
            return self.transform(documents);
        }
        let (blocks, counted) = self.counting().all(Documents::new(documents.into_iter()), WordCounts::default)?;
        let learnt = learn(counted, self.selection)?;
        let matrix = CountMatrix::new(blocks, Some(&learnt.ids), learnt.vocabulary.len(), self.jobs);
        self.vocabulary = learnt.vocabulary;
        Ok(matrix)
    }

    /// Counts the words of the vocabulary in `documents`; other words are passed over.
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
    /// [`Error::Refused`] if there is no vocabulary yet, or if the token pattern needs too many steps for
    /// a document.
    pub fn transform<I>(&self, documents: I) -> Result<CountMatrix>
    where
        I: IntoIterator<Item: Document, IntoIter: Send>,
    {
        if self.vocabulary.is_empty() {
            return Err(Error::Refused("vocabulary not fitted or provided: call fit() first, or give a vocabulary".into()));
        }
        let (blocks, _) = self.counting().all(Documents::new(documents.into_iter()), || &self.vocabulary)?;
        Ok(CountMatrix::new(blocks, None, self.vocabulary.len(), self.jobs))
    }

    /// The words and their ids, which are the columns of the matrix: in code-point order where they were learnt. Empty before
    /// fitting.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// assert_eq!(vectorizer.fit(["dog", "cat"])?.vocabulary().id("dog"), Some(1));
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The word of each column.
    ///
    /// ```
    /// let mut vectorizer = count_vectorizer::CountVectorizer::builder().build()?;
    /// vectorizer.fit(["dog", "cat"])?;
    /// assert_eq!(vectorizer.get_feature_names_out().collect::<Vec<_>>(), ["cat", "dog"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn get_feature_names_out(&self) -> impl ExactSizeIterator<Item = &str> + '_ {
        self.vocabulary.words()
    }

    /// What takes the documents apart: `build_analyzer()`.
    ///
    /// ```
    /// let vectorizer = count_vectorizer::CountVectorizer::builder().lowercase(false).build()?;
    /// assert_eq!(vectorizer.analyzer().words("A black CAT"), ["black", "CAT"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    fn counting(&self) -> Counting<'_> {
        Counting { analyzer: &self.analyzer, binary: self.binary, jobs: self.jobs.get() }
    }
}

#[cfg(test)]
mod tests;
