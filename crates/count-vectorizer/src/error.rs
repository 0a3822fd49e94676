//! The errors of the crate.

use crate::limit::Limit;

/// The result of a fallible function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The reason why documents cannot be counted.
///
/// Where scikit-learn raises a `ValueError` for the same reason, the message starts with its words.
///
/// ```
/// use count_vectorizer::{CountVectorizer, Error};
///
/// let mut vectorizer = CountVectorizer::builder().build()?;
/// let error = vectorizer.fit(["a", "!"]).unwrap_err();
/// assert_eq!(error, Error::NoTerms { documents: 2 });
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The first number of `ngram_range` is larger than the second.
    #[error(
        "invalid value for ngram_range=({least}, {most}): lower boundary larger than the upper \
         boundary"
    )]
    NgramRange {
        /// The least number of words or characters of a term.
        least: usize,
        /// The greatest number of words or characters of a term.
        most: usize,
    },
    /// `phrases` is set, and so is an option that splits phrases.
    #[error(
        "phrases keep each keyword whole, so analyzer, ngram_range and token_pattern must have \
         their defaults"
    )]
    PhrasesAreSplit,
    /// `token_pattern` is not a regular expression of Python, or it is not supported.
    #[error("token_pattern '{pattern}': {reason}")]
    TokenPattern {
        /// The pattern.
        pattern: String,
        /// What is wrong with the pattern.
        reason: String,
    },
    /// `min_df` or `max_df` is a count of 0, or a share that is not between 0.0 and 1.0.
    #[error(
        "{parameter}: expected a whole number of documents from 1, or a share of them from 0.0 to \
         1.0, found {limit}"
    )]
    LimitOutOfRange {
        /// `"min_df"` or `"max_df"`.
        parameter: &'static str,
        /// Its value.
        limit: Limit,
    },
    /// The given vocabulary has no term.
    #[error("empty vocabulary passed to fit")]
    GivenVocabularyIsEmpty,
    /// There is no vocabulary to count with.
    #[error("vocabulary not fitted or provided: call fit() first, or give a vocabulary")]
    NotFitted,
    /// No document contains a term.
    #[error(
        "empty vocabulary; perhaps the documents only contain stop words: {documents} documents \
         were read"
    )]
    NoTerms {
        /// The number of documents.
        documents: u64,
    },
    /// `max_df` is below `min_df` for this number of documents.
    #[error(
        "max_df corresponds to < documents than min_df: of {documents} documents, min_df {min} \
         asks for at least {} and max_df {max} for at most {}",
        min.documents(*documents),
        max.documents(*documents)
    )]
    LimitsExcludeEachOther {
        /// `min_df`.
        min: Limit,
        /// `max_df`.
        max: Limit,
        /// The number of documents.
        documents: u64,
    },
    /// `min_df` and `max_df` exclude every term.
    #[error(
        "After pruning, no terms remain. Try a lower min_df or a higher max_df: min_df is {min}, \
         max_df is {max}, and {documents} documents were read"
    )]
    NoTermsRemain {
        /// `min_df`.
        min: Limit,
        /// `max_df`.
        max: Limit,
        /// The number of documents.
        documents: u64,
    },
    /// A document may have too many n-grams.
    #[error(transparent)]
    TooManyNgrams(#[from] TooManyNgrams),
    /// The token pattern takes too long on a document.
    #[error(transparent)]
    TooManySteps(#[from] TooManySteps),
    /// A dense matrix of this shape needs more memory than a process can address.
    #[error("{documents} documents x {terms} terms do not fit into memory; use the sparse rows")]
    TooLargeForMemory {
        /// The number of rows.
        documents: usize,
        /// The number of columns.
        terms: usize,
    },
}

/// The n-grams of a document may fill the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{bytes} bytes may make {ngrams} n-grams of {least} to {most}, expected at most {} n-grams of \
     {} bytes in all; choose a smaller ngram_range",
    Self::MOST_NGRAMS,
    Self::MOST_BYTES
)]
pub struct TooManyNgrams {
    /// The size of the document.
    pub bytes: usize,
    /// The greatest number of n-grams that a document of this size has.
    pub ngrams: u128,
    /// The least number of words or characters of an n-gram.
    pub least: usize,
    /// The greatest number of words or characters of an n-gram.
    pub most: usize,
}

impl TooManyNgrams {
    /// The greatest number of n-grams of a document. A common document has some thousands.
    pub const MOST_NGRAMS: u128 = 1 << 24;
    /// The greatest number of bytes of all n-grams of a document.
    pub const MOST_BYTES: u128 = 1 << 30;
}

/// A token pattern needs too many steps to match a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the token pattern took more than {steps} steps on {bytes} bytes of text; use one with fewer \
     nested repeats"
)]
pub struct TooManySteps {
    /// The size of the text.
    pub bytes: usize,
    /// The number of steps that a text of this size may take.
    pub steps: u64,
}
