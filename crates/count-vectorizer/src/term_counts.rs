//! Counting the terms of documents on one thread.

use crate::collections::string_table::StringTable;
use crate::numbering::Numbering;

/// The terms of one thread's documents, and how often each occurs.
///
/// Terms get provisional numbers in the order in which they are first seen.
/// [`CorpusCounts`](crate::CorpusCounts) adds up the counts of all threads and selects a
/// vocabulary.
#[derive(Debug, Default)]
pub struct TermCounts {
    terms: StringTable,
    counts: Vec<DocumentFrequencyCount>,
    /// For each term, its further occurrences in documents that contain it already. This is a
    /// vector of its own because few terms are repeated, so `counts` stays small.
    repeats: Vec<u64>,
    documents: u32,
}

/// The document frequency of a term in one thread's documents.
#[derive(Debug, Default, Clone, Copy)]
struct DocumentFrequencyCount {
    /// The number of documents that contain the term.
    documents: u32,
    /// The last of these documents, counted from 1. It keeps a term from being counted twice in a
    /// document.
    last: u32,
}

/// The counts of one term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TermCount<'a> {
    /// The term.
    pub term: &'a str,
    /// The number of documents that contain the term.
    pub documents: u64,
    /// The number of its occurrences in all documents.
    pub occurrences: u64,
}

impl TermCounts {
    /// Returns the number of documents.
    pub fn documents(&self) -> u64 {
        u64::from(self.documents)
    }

    /// Returns the counts of all terms in the order of their provisional numbers.
    pub(crate) fn iter(&self) -> impl Iterator<Item = TermCount<'_>> {
        let terms = self.terms.iter().zip(&self.counts).zip(&self.repeats);
        terms.map(|((term, count), repeats)| {
            let documents = u64::from(count.documents);
            TermCount { term, documents, occurrences: documents + repeats }
        })
    }

    /// Returns the terms by their provisional numbers.
    pub(crate) fn into_terms(self) -> StringTable {
        self.terms
    }
}

impl Numbering for TermCounts {
    fn number(&mut self, term: &str) -> Option<u32> {
        let (number, is_new) = self.terms.insert(term);
        if is_new {
            self.counts.push(DocumentFrequencyCount::default());
            self.repeats.push(0);
        }
        Some(number)
    }

    fn document(&mut self, terms: &[u32]) {
        self.documents += 1;
        for &term in terms {
            let Some(count) = self.counts.get_mut(term as usize) else { continue };
            if count.last != self.documents {
                let documents = count.documents + 1;
                *count = DocumentFrequencyCount { documents, last: self.documents };
            } else if let Some(repeats) = self.repeats.get_mut(term as usize) {
                *repeats += 1;
            }
        }
    }
}
