//! A term with two numbers, and sources of sorted terms.

use std::cmp::Ordering;
use std::path::Path;

use crate::error::Result;

/// A term with two numbers: its document frequency and its occurrences, or its word id.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Term {
    pub text: Vec<u8>,
    pub numbers: [u64; 2],
}

impl Term {
    /// The number of documents that contain the term.
    pub fn documents(&self) -> u64 {
        let [documents, _] = self.numbers;
        documents
    }

    /// The number of occurrences of the term.
    pub fn occurrences(&self) -> u64 {
        let [_, occurrences] = self.numbers;
        occurrences
    }

    /// The word id of the term in a list of words.
    pub fn id(&self) -> u64 {
        let [id, _] = self.numbers;
        id
    }
}

impl Ord for Term {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.text, self.numbers).cmp(&(&other.text, other.numbers))
    }
}

impl PartialOrd for Term {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A source of terms that are sorted by their bytes.
pub(super) trait TermSource {
    /// Replaces `term` by the next one. Returns `false` at the end.
    ///
    /// # Errors
    ///
    /// The source cannot be read or is damaged.
    fn read(&mut self, term: &mut Term) -> Result<bool>;

    /// The file, for messages.
    fn path(&self) -> &Path;
}

impl TermSource for Box<dyn TermSource> {
    fn read(&mut self, term: &mut Term) -> Result<bool> {
        (**self).read(term)
    }

    fn path(&self) -> &Path {
        (**self).path()
    }
}
