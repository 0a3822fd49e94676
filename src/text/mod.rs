//! What a document's words are. Pure: no files.

pub(crate) mod analyzer;
mod ngrams;
pub(crate) mod options;
mod preprocess;
pub(crate) mod stop_words;
mod token_pattern;
mod unassigned;
mod white_space;
pub(crate) mod word_chars;
