//! The counts of a whole corpus, and the vocabulary that is selected from them.

use std::collections::BTreeMap;

use nonmax::NonMaxU32;

use crate::collections::string_table::StringTable;
use crate::error::Result;
use crate::selection::{Selection, TermSurvey};
use crate::term_counts::{TermCount, TermCounts};
use crate::vocabulary::Vocabulary;

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

/// All terms of a corpus in code-point order.
#[derive(Debug)]
pub struct SortedCounts<'a> {
    /// The counts of each term.
    pub terms: Vec<TermCount<'a>>,
    /// For each thread, the place in `terms` of each provisional number, or `None` if no document
    /// contains the term.
    pub ids: Vec<Vec<Option<NonMaxU32>>>,
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
    /// Those of [`TermSurvey::finish`].
    pub fn select(&self, selection: Selection) -> Result<FittedVocabulary> {
        let mut survey = TermSurvey::new(selection, self.documents);
        self.counted().for_each(|(count, _)| survey.add(count.documents, count.occurrences));
        let mut filter = survey.finish()?;
        let may_keep = |(count, _): &(TermCount<'_>, u32)| filter.may_keep(count.documents, count.occurrences);
        let mut kept: Vec<(TermCount<'_>, u32)> = self.counted().filter(may_keep).collect();
        kept.sort_unstable_by_key(|(count, _)| count.term);
        kept.retain(|(count, _)| filter.keeps(count.documents, count.occurrences));
        Ok(FittedVocabulary {
            vocabulary: Vocabulary::from_words(kept.iter().map(|(count, _)| count.term)),
            ids: self.ids(&kept),
            dropped_terms: filter.dropped(),
            occurrences: kept.iter().map(|(count, _)| count.occurrences).sum(),
        })
    }

    /// Returns all terms in code-point order, and numbers them in this order.
    pub fn sorted(&self) -> SortedCounts<'_> {
        let mut terms: Vec<(TermCount<'_>, u32)> = self.counted().collect();
        terms.sort_unstable_by_key(|(count, _)| count.term);
        let ids = self.ids(&terms);
        SortedCounts { terms: terms.into_iter().map(|(count, _)| count).collect(), ids }
    }

    /// The counts of the terms with a document, each with its number in `terms`.
    fn counted(&self) -> impl Iterator<Item = (TermCount<'_>, u32)> {
        let counts = self.terms.iter().zip(&self.documents_of).zip(&self.occurrences_of).zip(0..);
        let counts =
            counts.map(|(((term, &documents), &occurrences), number)| (TermCount { term, documents, occurrences }, number));
        // The terms of a document that failed have a number, but no document.
        counts.filter(|(count, _)| count.documents > 0)
    }

    /// For each thread, the id of each provisional number. The id of a kept term is its place.
    fn ids(&self, kept: &[(TermCount<'_>, u32)]) -> Vec<Vec<Option<NonMaxU32>>> {
        let mut id_of_number = vec![None; self.terms.len()];
        for (id, &(_, number)) in (0..).zip(kept) {
            if let Some(slot) = id_of_number.get_mut(number as usize) {
                *slot = NonMaxU32::new(id);
            }
        }
        let id_of = |number: &u32| id_of_number.get(*number as usize).copied().flatten();
        self.numbers.iter().map(|thread| thread.iter().map(id_of).collect()).collect()
    }

    /// Returns the number of documents.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Returns all terms with their document frequencies. The order has no meaning.
    pub fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counted().map(|(count, _)| (count.term, count.documents))
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
    use crate::document_frequency::DocumentFrequency;
    use crate::limit::Limit;
    use crate::numbering::Numbering;
    use std::num::NonZeroUsize;

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
