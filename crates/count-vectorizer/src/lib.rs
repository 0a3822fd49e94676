//! scikit-learn's `CountVectorizer` in Rust: documents to terms to ids, with exactly the same words, ids and counts.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod analyzer;
pub mod csr;
mod encoder;
mod error;
mod keyword_cache;
mod ngrams;
mod options;
mod pattern;
mod preprocess;
mod python;
mod stop_words;
mod string_table;
mod vectorizer;
mod vocabulary;

pub use analyzer::{Analyzer, PieceKind, TooManySteps};
pub use encoder::{DocumentCounts, Encoder};
pub use error::{Error, Result};
pub use options::{AnalyzerKind, AnalyzerOptions, StripAccents};
pub use python::word_chars::UNICODE_VERSION;
pub use stop_words::StopWords;
pub use string_table::StringTable;
pub use vectorizer::{CountMatrix, CountVectorizer, CountVectorizerBuilder, Document};
pub use vocabulary::{
    Counted, DocumentFrequency, Learnt, Limit, Numbering, Selection, Vocabulary, WordCounts, learn,
};
