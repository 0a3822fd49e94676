//! Words that replace codes, such as `dog` for `/m/0bt9lr`.

use std::collections::HashMap;

/// The words that replace codes.
#[derive(Debug, Default)]
pub struct Labels {
    words: HashMap<Box<[u8]>, Box<str>>,
}

impl Labels {
    /// Adds a code and its word, and returns the word that the code had before.
    pub(crate) fn insert(&mut self, code: &[u8], word: &str) -> Option<Box<str>> {
        self.words.insert(code.into(), word.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The word that replaces a code.
    pub fn word(&self, code: &[u8]) -> Option<&str> {
        self.words.get(code).map(|word| &**word)
    }
}
