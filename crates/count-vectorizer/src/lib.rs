//! scikit-learn's [`CountVectorizer`] in Rust: the same terms, ids and counts, on several threads.
//!
//! The crate converts texts to a matrix of counts, with one row per document and one column per
//! *term*. A term is a word by default. With other options, it is an n-gram of words or
//! characters, or a whole keyword.
//!
//! ```
//! use count_vectorizer::{CountVectorizer, Limit, StopWords};
//!
//! let documents = ["The cat sat on the mat.", "A cat and a dog!", "The dog barked."];
//! let mut vectorizer = CountVectorizer::builder()
//!     .stop_words(StopWords::english())
//!     .min_df(Limit::Count(2))
//!     .build()?;
//! let counts = vectorizer.fit_transform(documents)?;
//!
//! assert!(vectorizer.get_feature_names_out().eq(["cat", "dog"]));
//! assert_eq!(counts.to_dense()?, ndarray::arr2(&[[1, 0], [1, 1], [0, 1]]));
//!
//! // New documents get the same columns.
//! let new = vectorizer.transform(["Dog meets dog"])?;
//! assert_eq!(new.row(0), Some((&[1][..], &[2][..])));
//! # Ok::<(), count_vectorizer::Error>(())
//! ```
//!
//! # The same result as scikit-learn
//!
//! The reference is scikit-learn 1.9 on Python 3.11 and later. For equal parameters, the
//! vocabulary, the ids, the order of terms and the counts are equal:
//!
//! - **Words** follow Python: `str.lower()`, and `\w` as `str.isalnum()` or `_`. Both have Unicode
//!   16.0 ([`UNICODE_VERSION`]), the version of Python 3.14.
//! - **Stop words** are the 318 words of scikit-learn's English list, or your own.
//! - **Ids** number the terms in code-point order.
//! - **`min_df` and `max_df`** are compared as doubles and never rounded.
//!
//! There is one exception. If `max_features` cuts between equally frequent terms, scikit-learn
//! leaves the choice to NumPy's sort. This crate keeps those that come first in code-point order.
//!
//! # Two levels
//!
//! - [`CountVectorizer`] is for documents in memory. It has scikit-learn's parameters and methods.
//! - [`Encoder`] is for programs that read documents themselves. It converts one document after the
//!   other on one thread, and gives the ids of the terms in their order. Each thread has its own
//!   encoder. [`CorpusCounts`] adds up what they counted and selects the [`Vocabulary`].
//!
//! # Map of the modules
//!
//! The modules are private, and their items are exported here. Each module only uses modules that
//! come before it.
//!
//! - Basics: `collections` ([`StringList`], [`StringTable`]), `limit` ([`Limit`]), `error`
//!   ([`Error`]), `stop_words` ([`StopWords`]).
//! - Python's rules: `python` (lower case, white space, word characters), `pattern` (its `re`).
//! - From a document to terms: `options` ([`AnalyzerOptions`]), `accents`, `ngrams`, `analyzer`
//!   ([`Analyzer`]), `explain` ([`PieceKind`]).
//! - From terms to numbers: `vocabulary` ([`Vocabulary`]), `numbering` ([`Numbering`]),
//!   `keyword_cache`, `encoder` ([`Encoder`]).
//! - From counts to a vocabulary: `document_frequency` ([`DocumentFrequency`]), `selection`
//!   ([`Selection`]), `term_counts` ([`TermCounts`]), `corpus_counts` ([`CorpusCounts`]).
//! - From documents to a matrix: [`csr`], `document` ([`Document`]), `document_counter`,
//!   `count_matrix` ([`CountMatrix`]), `vectorizer` ([`CountVectorizer`]), `builder`
//!   ([`CountVectorizerBuilder`]).
//!
//! Names such as [`Vocabulary::words`] say *word* for any kind of term.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod accents;
mod analyzer;
mod builder;
mod collections;
mod consistency;
mod corpus_counts;
mod count_matrix;
pub mod csr;
mod document;
mod document_counter;
mod document_frequency;
mod encoder;
mod error;
mod explain;
mod keyword_cache;
mod limit;
mod ngrams;
mod numbering;
mod options;
mod pattern;
mod python;
mod selection;
mod stop_words;
mod term_counts;
mod vectorizer;
mod vocabulary;

pub use analyzer::Analyzer;
pub use builder::CountVectorizerBuilder;
pub use collections::string_list::StringList;
pub use collections::string_table::StringTable;
pub use consistency::InconsistentStopWord;
pub use corpus_counts::{CorpusCounts, FittedVocabulary, SortedCounts};
pub use count_matrix::CountMatrix;
pub use document::Document;
pub use document_frequency::DocumentFrequency;
pub use encoder::{DocumentCounts, Encoder};
pub use error::{Error, Result, TooManyNgrams, TooManySteps};
pub use explain::PieceKind;
pub use limit::{Limit, ParseLimitError};
pub use numbering::Numbering;
pub use options::{AnalyzerKind, AnalyzerOptions, StripAccents};
pub use python::word_chars::UNICODE_VERSION;
pub use selection::{Selection, TermFilter, TermSurvey};
pub use stop_words::StopWords;
pub use term_counts::{TermCount, TermCounts};
pub use vectorizer::CountVectorizer;
pub use vocabulary::Vocabulary;
