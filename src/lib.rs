//! Turns image keywords into word-id matrices, exactly as scikit-learn's `CountVectorizer` does.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing))]

mod dataset;
mod error;
mod input;
mod matrix;
mod output;
mod pipeline;
mod problems;
mod progress;
mod string_table;
mod text;
mod vectorizer;
mod vocabulary;

pub use dataset::Duplicates;
pub use dataset::clickture::ClicktureSplit;
pub use dataset::mscoco::CocoSplit;
pub use error::{Error, Problem, Problems, Result};
pub use matrix::{Layout, Ranges};
pub use output::manifest::{Counts, Output, SplitCounts};
pub use output::npy::Dtype;
pub use pipeline::presets::{Clickture, Mscoco};
pub use pipeline::run::Summary;
pub use pipeline::settings::{Settings, StopWordList};
pub use pipeline::times::{Times, Work};
pub use problems::OnError;
pub use progress::{Progress, Silent};
pub use text::analyzer::Analyzer;
pub use text::options::{AnalyzerKind, AnalyzerOptions, StripAccents};
pub use text::stop_words::StopWords;
pub use text::word_chars::UNICODE_VERSION;
pub use vectorizer::{CountMatrix, CountVectorizer, CountVectorizerBuilder, Document};
pub use vocabulary::{DocumentFrequency, Limit, Vocabulary};
