//! The counts of a whole corpus, and the vocabulary that is selected from them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use nonmax::NonMaxU32;

use crate::collections::string_table::StringTable;
use crate::document_frequency::DocumentFrequency;
use crate::error::{Error, Result};
use crate::term_counts::TermCounts;
use crate::vocabulary::Vocabulary;

/// The rule that selects the terms of a vocabulary.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Selection {
    /// `min_df` and `max_df`.
    pub frequency: DocumentFrequency,
    /// `max_features`: the greatest number of terms. The terms with the most occurrences are kept.
    /// Of equally frequent terms, those that come first in code-point order are kept. scikit-learn
    /// leaves this choice to NumPy's sort.
    pub max_features: Option<NonZeroUsize>,
}

/// A vocabulary that was learned from documents.
#[derive(Debug)]
pub struct FittedVocabulary {
    /// The kept terms in code-point order.
    pub vocabulary: Vocabulary,
    /// For each thread, the id of each provisional number, or `None` if the term was dropped.
    pub ids: Vec<Vec<Option<NonMaxU32>>>,
    /// The number of terms that were dropped.
    pub dropped_terms: u64,
    /// The number of occurrences of the kept terms in all documents.
    pub occurrences: u64,
}

/// The counts of the terms of a corpus: document frequencies and occurrences, added up from all
/// threads.
///
/// ```
/// use count_vectorizer::{Analyzer, CorpusCounts, DocumentFrequency, Encoder, Limit, Selection};
/// use count_vectorizer::{StopWords, TermCounts};
///
/// let analyzer = Analyzer::new(StopWords::none());
/// let mut encoder = Encoder::new(&analyzer, TermCounts::default());
/// for document in ["dog cat dog", "dog"] {
///     encoder.keyword(document.as_bytes());
///     encoder.end_document()?;
/// }
/// let counts = CorpusCounts::add_up(vec![encoder.into_numbering()]);
/// assert_eq!(counts.document_frequency("dog"), Some(2));
///
/// let frequency = DocumentFrequency { min: Limit::Count(2), max: Limit::Share(1.0) };
/// let fitted = counts.select(Selection { frequency, max_features: None })?;
/// assert_eq!(fitted.vocabulary.words().collect::<Vec<_>>(), ["dog"]);
/// assert_eq!((fitted.dropped_terms, fitted.occurrences), (1, 3));
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct CorpusCounts {
    terms: StringTable,
    documents_of: Vec<u64>,
    occurrences_of: Vec<u64>,
    /// For each thread, the number in `terms` of each provisional number.
    numbers: Vec<Vec<u32>>,
    documents: u64,
}

impl CorpusCounts {
    /// Adds up the counts of all threads.
    pub fn add_up(threads: Vec<TermCounts>) -> Self {
        let mut threads = threads.into_iter();
        let mut sum = CorpusCounts::from_first(threads.next().unwrap_or_default());
        for thread in threads {
            sum.add(&thread);
        }
        sum
    }

    /// Takes over the first thread's terms. Its provisional numbers become the common numbers.
    fn from_first(thread: TermCounts) -> Self {
        let documents = thread.documents();
        let documents_of = thread.iter().map(|count| count.documents).collect();
        let occurrences_of = thread.iter().map(|count| count.occurrences).collect();
        let terms = thread.into_terms();
        let numbers = vec![(0..).take(terms.len()).collect()];
        CorpusCounts { terms, documents_of, occurrences_of, numbers, documents }
    }

    /// Adds the counts of another thread.
    fn add(&mut self, thread: &TermCounts) {
        self.documents += thread.documents();
        let numbers = thread.iter().map(|count| {
            let (number, is_new) = self.terms.insert(count.term);
            if is_new {
                self.documents_of.push(0);
                self.occurrences_of.push(0);
            }
            if let Some(documents) = self.documents_of.get_mut(number as usize) {
                *documents += count.documents;
            }
            if let Some(occurrences) = self.occurrences_of.get_mut(number as usize) {
                *occurrences += count.occurrences;
            }
            number
        });
        let numbers = numbers.collect();
        self.numbers.push(numbers);
    }

    /// Selects the terms of the vocabulary and numbers them in code-point order.
    ///
    /// # Errors
    ///
    /// - [`Error::NoTerms`]: no document contains a term.
    /// - [`Error::LimitsExcludeEachOther`]: `max_df` is below `min_df`.
    /// - [`Error::NoTermsRemain`]: no term is within the limits.
    pub fn select(&self, selection: Selection) -> Result<FittedVocabulary> {
        let DocumentFrequency { min, max } = selection.frequency;
        let documents = self.documents;
        let terms = self.words().count();
        if terms == 0 {
            return Err(Error::NoTerms { documents });
        }
        let is_within = selection.frequency.test(documents)?;
        let is_within = |documents: u64| documents > 0 && is_within(documents);
        let mut kept: Vec<(&str, u32)> = (0..).zip(self.terms.iter()).map(|(number, term)| (term, number)).collect();
        kept.retain(|&(_, number)| self.documents_of.get(number as usize).copied().is_some_and(is_within));
        if kept.is_empty() {
            return Err(Error::NoTermsRemain { min, max, documents });
        }
        if let Some(most) = selection.max_features.filter(|most| most.get() < kept.len()) {
            kept.sort_unstable_by_key(|&(term, number)| (Reverse(self.occurrences(number)), term));
            kept.truncate(most.get());
        }
        kept.sort_unstable();
        Ok(FittedVocabulary {
            vocabulary: Vocabulary::from_words(kept.iter().map(|&(term, _)| term)),
            ids: self.ids(&kept),
            dropped_terms: (terms - kept.len()) as u64,
            occurrences: kept.iter().map(|&(_, number)| self.occurrences(number)).sum(),
        })
    }

    /// For each thread, the id of each provisional number. The id of a kept term is its place.
    fn ids(&self, kept: &[(&str, u32)]) -> Vec<Vec<Option<NonMaxU32>>> {
        let mut id_of_number = vec![None; self.terms.len()];
        for (id, &(_, number)) in (0..).zip(kept) {
            if let Some(slot) = id_of_number.get_mut(number as usize) {
                *slot = NonMaxU32::new(id);
            }
        }
        let id_of = |number: &u32| id_of_number.get(*number as usize).copied().flatten();
        self.numbers.iter().map(|thread| thread.iter().map(id_of).collect()).collect()
    }

    fn occurrences(&self, number: u32) -> u64 {
        self.occurrences_of.get(number as usize).copied().unwrap_or_default()
    }

    /// Returns the number of documents.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Returns all terms with their document frequencies. The order has no meaning.
    pub fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        // The terms of a document that failed have a number, but no document.
        self.terms.iter().zip(self.documents_of.iter().copied()).filter(|&(_, documents)| documents > 0)
    }

    /// Returns the number of documents that contain `word`, or `None` if no document contains it.
    pub fn document_frequency(&self, word: &str) -> Option<u64> {
        let documents = self.documents_of.get(self.terms.find(word)? as usize).copied();
        documents.filter(|&documents| documents > 0)
    }

    /// Returns each document frequency that occurs, and the number of terms with it. The document
    /// frequencies are in rising order.
    pub fn histogram(&self) -> Vec<(u64, u64)> {
        let mut terms: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, documents) in self.words() {
            *terms.entry(documents).or_default() += 1;
        }
        terms.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limit::Limit;
    use crate::numbering::Numbering;

    fn counted(documents: &[&str]) -> TermCounts {
        let mut counts = TermCounts::default();
        for document in documents {
            let terms = document.split_whitespace().filter_map(|term| counts.number(term));
            let terms: Vec<u32> = terms.collect();
            counts.document(&terms);
        }
        counts
    }

    fn two_threads() -> CorpusCounts {
        let threads = [["zebra dog dog", "dog été"], ["été zebra rare", ""]];
        CorpusCounts::add_up(threads.map(|documents| counted(&documents)).into())
    }

    fn at_least(min: u64) -> Selection {
        let frequency = DocumentFrequency { min: Limit::Count(min), max: Limit::Share(1.0) };
        Selection { frequency, max_features: None }
    }

    #[test]
    fn ids_number_the_kept_terms_in_code_point_order_across_threads() {
        let fitted = two_threads().select(at_least(2)).unwrap();
        assert_eq!(fitted.vocabulary.words().collect::<Vec<_>>(), ["dog", "zebra", "été"]);
        let ids: Vec<Vec<Option<u32>>> = fitted.ids.iter().map(|ids| ids.iter().map(|id| id.map(u32::from)).collect()).collect();
        assert_eq!(ids, [[Some(1), Some(0), Some(2)], [Some(2), Some(1), None]]);
        assert_eq!((fitted.dropped_terms, fitted.occurrences), (1, 7));
    }

    #[test]
    fn a_term_counts_once_per_document() {
        let counts = CorpusCounts::add_up(vec![counted(&["dog dog dog"]), counted(&["cat"])]);
        let error = counts.select(at_least(2)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "After pruning, no terms remain. Try a lower min_df or a higher max_df: min_df is 2, \
             max_df is 1.0, and 2 documents were read"
        );
    }

    #[test]
    fn the_most_frequent_terms_are_kept_and_of_equals_the_first_in_code_point_order() {
        let threads = vec![counted(&["b a dog", "cat"]), counted(&["cat rare dog dog", "a b"])];
        let counts = CorpusCounts::add_up(threads);
        let words = |most| {
            let selection = Selection { max_features: NonZeroUsize::new(most), ..at_least(1) };
            let fitted = counts.select(selection).unwrap();
            fitted.vocabulary.words().collect::<Vec<_>>().join(" ")
        };
        assert_eq!([1, 2, 3, 4].map(words), ["dog", "a dog", "a b dog", "a b cat dog"]);
        assert_eq!(words(99), "a b cat dog rare");
    }

    #[test]
    fn counts_include_terms_that_are_not_selected() {
        let counts = two_threads();
        assert_eq!((counts.documents(), counts.histogram()), (4, vec![(1, 1), (2, 3)]));
        let frequencies = ["dog", "rare", "cat"].map(|word| counts.document_frequency(word));
        assert_eq!(frequencies, [Some(2), Some(1), None]);
        let words: Vec<_> = counts.words().collect();
        assert_eq!(words, [("zebra", 2), ("dog", 2), ("été", 2), ("rare", 1)]);
    }

    #[test]
    fn documents_without_terms_are_refused() {
        let counts = CorpusCounts::add_up(vec![counted(&["", ""]), counted(&[])]);
        let error = counts.select(at_least(1)).unwrap_err();
        assert_eq!(error.to_string(), "empty vocabulary; perhaps the documents only contain stop words: 2 documents were read");
    }
}
