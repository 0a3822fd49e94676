//! Turns image keywords into word-id matrices, exactly as scikit-learn's `CountVectorizer` does.

mod error;
mod input;
mod output;
mod progress;
mod text;

pub use error::{Error, Problem, Problems, Result};
pub use progress::{Progress, Silent};
