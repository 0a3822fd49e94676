//! Turns image keywords into word-id matrices, exactly as scikit-learn's `CountVectorizer` does.

mod error;
mod input;
mod output;
mod progress;
mod string_table;
mod text;
mod vocabulary;

pub use error::{Error, Problem, Problems, Result};
pub use progress::{Progress, Silent};
pub use text::analyzer::Analyzer;
pub use text::stop_words::StopWords;
pub use text::word_chars::UNICODE_VERSION;
pub use vocabulary::{DocumentFrequency, Limit, Vocabulary};
