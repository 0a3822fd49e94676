//! What a document's words are. Pure: no files.

pub(crate) mod analyzer;
pub(crate) mod stop_words;
pub(crate) mod word_chars;
