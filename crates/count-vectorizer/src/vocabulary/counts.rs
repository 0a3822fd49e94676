//! Words are counted under provisional numbers, thread by thread; the kept ones are numbered anew when all documents are counted.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Selection, Vocabulary};
use crate::error::{Error, Result};
use crate::string_table::StringTable;

/// Gives words their numbers while documents are read.
pub trait Numbering: Send {
    /// The number of `word`, or none if the word does not count.
    fn number(&mut self, word: &str) -> Option<u32>;

    /// A document is complete: these are its words.
    fn document(&mut self, _words: &[u32]) {}
}

/// The ids of a vocabulary that is known already.
impl Numbering for &Vocabulary {
    fn number(&mut self, word: &str) -> Option<u32> {
        self.id(word)
    }
}

/// The words of one thread's documents, and in how many of those each stands.
#[derive(Debug, Default)]
pub struct WordCounts {
    words: StringTable,
    counts: Vec<Count>,
    /// How often each word stands in a document where it stands already. Apart, since few words do: the counts stay near.
    repeats: Vec<u64>,
    documents: u32,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    /// In how many documents the word stands.
    documents: u32,
    /// The last of them, counted from 1: a word is counted once a document.
    last: u32,
}

impl Numbering for WordCounts {
    fn number(&mut self, word: &str) -> Option<u32> {
        let (number, is_new) = self.words.insert(word);
        if is_new {
            self.counts.push(Count::default());
            self.repeats.push(0);
        }
        Some(number)
    }

    fn document(&mut self, words: &[u32]) {
        self.documents += 1;
        for &word in words {
            let Some(count) = self.counts.get_mut(word as usize) else { continue };
            if count.last != self.documents {
                *count = Count { documents: count.documents + 1, last: self.documents };
            } else if let Some(repeats) = self.repeats.get_mut(word as usize) {
                *repeats += 1;
            }
        }
    }
}

/// What was learnt from all threads' documents.
#[derive(Debug)]
pub struct Learnt {
    pub vocabulary: Vocabulary,
    /// For each thread, the id of each of its provisional numbers, [`Learnt::DROPPED`] where the word does not count.
    pub ids: Vec<Vec<u32>>,
    /// How many different words were dropped.
    pub dropped: u64,
    /// How often kept words stand in the documents: the rows of the matrix.
    pub rows: u64,
}

impl Learnt {
    /// The "id" of a word that does not count.
    pub const DROPPED: u32 = u32::MAX;
}

/// Adds the threads' counts, keeps the words that are selected, and numbers them in code-point order.
pub fn learn(threads: Vec<WordCounts>, selection: Selection) -> Result<Learnt> {
    Counted::add_up(threads).select(selection)
}

/// The counts of all threads under common places.
#[derive(Debug, Default)]
pub struct Counted {
    words: StringTable,
    documents_of: Vec<u64>,
    occurrences_of: Vec<u64>,
    /// For each thread, the common place of each of its provisional numbers.
    places: Vec<Vec<u32>>,
    documents: u64,
}

impl Counted {
    /// Adds up the threads' counts.
    pub fn add_up(threads: Vec<WordCounts>) -> Self {
        let mut threads = threads.into_iter();
        let mut sum = Counted::of(threads.next().unwrap_or_default());
        for thread in threads {
            sum.documents += u64::from(thread.documents);
            let counted = thread.words.iter().zip(&thread.counts).zip(&thread.repeats);
            let places = counted.map(|((word, count), repeats)| sum.add(word, *count, *repeats)).collect();
            sum.places.push(places);
        }
        sum
    }

    /// Those of one thread, whose numbers become the common places.
    fn of(WordCounts { words, counts, repeats, documents }: WordCounts) -> Self {
        let occurrences = |(count, repeats): (&Count, u64)| u64::from(count.documents) + repeats;
        Counted {
            documents_of: counts.iter().map(|count| u64::from(count.documents)).collect(),
            occurrences_of: counts.iter().zip(repeats).map(occurrences).collect(),
            places: vec![(0..).take(words.len()).collect()],
            documents: u64::from(documents),
            words,
        }
    }

    /// Adds a word's count in one thread and gives the word's common place.
    fn add(&mut self, word: &str, count: Count, repeats: u64) -> u32 {
        let (place, is_new) = self.words.insert(word);
        if is_new {
            self.documents_of.push(0);
            self.occurrences_of.push(0);
        }
        if let Some(documents) = self.documents_of.get_mut(place as usize) {
            *documents += u64::from(count.documents);
        }
        if let Some(occurrences) = self.occurrences_of.get_mut(place as usize) {
            *occurrences += u64::from(count.documents) + repeats;
        }
        place
    }

    /// Keeps the words that are selected, and numbers them in code-point order.
    pub fn select(&self, selection: Selection) -> Result<Learnt> {
        let frequency = selection.frequency;
        let documents = self.documents;
        let counted = self.words().count();
        if counted == 0 {
            return Err(Error::EmptyVocabulary(format!(
                "empty vocabulary; perhaps the documents only contain stop words: {documents} documents were read"
            )));
        }
        let counts = frequency.test(documents)?;
        let mut kept: Vec<(&str, u32)> = (0..).zip(self.words.iter()).map(|(place, word)| (word, place)).collect();
        let is_kept = |documents: u64| documents > 0 && counts(documents);
        kept.retain(|&(_, place)| self.documents_of.get(place as usize).copied().is_some_and(is_kept));
        if kept.is_empty() {
            return Err(Error::EmptyVocabulary(format!(
                "After pruning, no terms remain. Try a lower min_df or a higher max_df: --min-df is {}, --max-df is {}, and {documents} \
                 documents were read",
                frequency.min, frequency.max
            )));
        }
        if let Some(most) = selection.max_features.filter(|most| most.get() < kept.len()) {
            kept.sort_unstable_by_key(|&(word, place)| (Reverse(self.occurrences(place)), word));
            kept.truncate(most.get());
        }
        kept.sort_unstable();

        let mut id_of_place = vec![Learnt::DROPPED; self.words.len()];
        for (id, &(_, place)) in (0..).zip(&kept) {
            if let Some(slot) = id_of_place.get_mut(place as usize) {
                *slot = id;
            }
        }
        let id_of = |place: &u32| id_of_place.get(*place as usize).copied().unwrap_or(Learnt::DROPPED);
        Ok(Learnt {
            vocabulary: Vocabulary::from_words(kept.iter().map(|&(word, _)| word)),
            ids: self.places.iter().map(|thread| thread.iter().map(id_of).collect()).collect(),
            dropped: (counted - kept.len()) as u64,
            rows: kept.iter().map(|&(_, place)| self.occurrences(place)).sum(),
        })
    }

    fn occurrences(&self, place: u32) -> u64 {
        self.occurrences_of.get(place as usize).copied().unwrap_or_default()
    }

    /// How many documents were counted.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Every word, and in how many documents it stands; in no order that means anything.
    pub fn words(&self) -> impl Iterator<Item = (&str, u64)> {
        // Words of documents that failed have a place, but no document.
        self.words.iter().zip(self.documents_of.iter().copied()).filter(|&(_, documents)| documents > 0)
    }

    /// In how many documents the word stands, if it was counted at all.
    pub fn document_frequency(&self, word: &str) -> Option<u64> {
        let documents = self.documents_of.get(self.words.find(word)? as usize).copied();
        documents.filter(|&documents| documents > 0)
    }

    /// Each document frequency that a word has, rising, and how many words have it.
    pub fn histogram(&self) -> Vec<(u64, u64)> {
        let mut words: BTreeMap<u64, u64> = BTreeMap::new();
        for (_, documents) in self.words() {
            *words.entry(documents).or_default() += 1;
        }
        words.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{DocumentFrequency, Limit};
    use std::num::NonZeroUsize;

    fn counted(documents: &[&str]) -> WordCounts {
        let mut counts = WordCounts::default();
        for document in documents {
            let words: Vec<u32> = document.split_whitespace().filter_map(|word| counts.number(word)).collect();
            counts.document(&words);
        }
        counts
    }

    fn at_least(min: u64) -> Selection {
        let frequency = DocumentFrequency { min: Limit::Count(min), max: Limit::Share(1.0) };
        Selection { frequency, max_features: None }
    }

    #[test]
    fn ids_number_the_kept_words_in_code_point_order_across_threads() {
        let learnt = learn(vec![counted(&["zebra dog dog", "dog été"]), counted(&["été zebra rare", ""])], at_least(2)).unwrap();
        assert_eq!(learnt.vocabulary.words().collect::<Vec<_>>(), ["dog", "zebra", "été"]);
        assert_eq!(learnt.ids, [vec![1, 0, 2], vec![2, 1, Learnt::DROPPED]]);
        assert_eq!((learnt.dropped, learnt.rows), (1, 7));
    }

    #[test]
    fn a_word_is_counted_once_a_document() {
        let error = learn(vec![counted(&["dog dog dog"]), counted(&["cat"])], at_least(2)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "After pruning, no terms remain. Try a lower min_df or a higher max_df: --min-df is 2, --max-df is 1.0, and 2 documents were read"
        );
    }

    #[test]
    fn the_most_frequent_words_stay_and_of_equals_the_first_in_code_point_order() {
        let at_most = |most| Selection { max_features: NonZeroUsize::new(most), ..at_least(1) };
        let words = |most| {
            let threads = vec![counted(&["b a dog", "cat"]), counted(&["cat rare dog dog", "a b"])];
            learn(threads, at_most(most)).unwrap().vocabulary.words().map(String::from).collect::<Vec<_>>()
        };
        assert_eq!([1, 2, 3, 4].map(words), [vec!["dog"], vec!["a", "dog"], vec!["a", "b", "dog"], vec!["a", "b", "cat", "dog"]]);
        assert_eq!(words(99), ["a", "b", "cat", "dog", "rare"]);
    }

    #[test]
    fn what_was_counted_can_be_asked_for_before_words_are_dropped() {
        let counted = Counted::add_up(vec![counted(&["zebra dog dog", "dog été"]), counted(&["été zebra rare", ""])]);
        assert_eq!((counted.documents(), counted.histogram()), (4, vec![(1, 1), (2, 3)]));
        assert_eq!(["dog", "rare", "cat"].map(|word| counted.document_frequency(word)), [Some(2), Some(1), None]);
        assert_eq!(counted.words().collect::<Vec<_>>(), [("zebra", 2), ("dog", 2), ("été", 2), ("rare", 1)]);
    }

    #[test]
    fn documents_without_words_make_an_empty_vocabulary() {
        let error = learn(vec![counted(&["", ""]), counted(&[])], at_least(1)).unwrap_err();
        assert_eq!(error.to_string(), "empty vocabulary; perhaps the documents only contain stop words: 2 documents were read");
    }
}
