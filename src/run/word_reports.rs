//! Reports for people: the words that a run dropped, and some images with their words.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BinaryHeap};

use crate::dataset::samples::{ImageSample, SampleKeyword};
use crate::dataset::split::Split;
use crate::files::statistics::{Fate, Learning, SampleImage, SplitSamples};
use count_vectorizer::{Analyzer, CorpusCounts, DocumentFrequency, PieceKind, Selection, Vocabulary};

/// The most dropped words that are named for each reason.
const DROPPED: usize = 50;
/// The most words of a keyword in a report, and the most bytes of them. A keyword can have very
/// many n-grams.
const WORDS: usize = 40;
const WORD_BYTES: usize = 1600;
/// The most characters of a dropped word in a report.
const CHARACTERS: usize = 200;

/// What decides whether a word was kept.
#[derive(Clone, Copy)]
pub(super) struct WordReports<'a> {
    pub vocabulary: &'a Vocabulary,
    /// The counts of the documents that are looked at, if the vocabulary was learned from them.
    pub counts: Option<(&'a CorpusCounts, DocumentFrequency)>,
}

impl WordReports<'_> {
    fn fate(self, word: &str) -> Fate {
        if self.vocabulary.id(word).is_some() {
            return Fate::Kept;
        }
        let Some((counted, frequency)) = self.counts else { return Fate::Unknown };
        dropped(counted.document_frequency(word).unwrap_or_default(), counted.documents(), frequency)
    }

    /// The split's samples with what became of each word.
    pub fn samples(self, analyzer: &Analyzer, split: &Split) -> SplitSamples {
        let images = split.samples().into_iter().map(|sample| self.image(analyzer, sample)).collect();
        SplitSamples { split: split.source.name.clone(), images }
    }

    fn image(self, analyzer: &Analyzer, sample: ImageSample) -> SampleImage {
        explain_sample(analyzer, sample, &|word| self.fate(word))
    }
}

/// A sample with the words of its keywords. `fate` returns the fate of a word that is neither a stop
/// word nor a single character.
pub(crate) fn explain_sample(analyzer: &Analyzer, sample: ImageSample, fate: &dyn Fn(&str) -> Fate) -> SampleImage {
    let ImageSample { id, name, keywords, further } = sample;
    let keywords = keywords.into_iter().map(|keyword| explain_keyword(analyzer, keyword, fate)).collect();
    SampleImage { id, name, keywords, further_keywords: further }
}

fn explain_keyword(
    analyzer: &Analyzer,
    SampleKeyword { text, is_cut }: SampleKeyword,
    fate: &dyn Fn(&str) -> Fate,
) -> (String, Vec<(String, Fate)>) {
    if is_cut {
        return (text + "…", Vec::new());
    }
    let (mut words, mut bytes) = (Vec::new(), 0);
    let explained = analyzer.explain(&text, |word, taken| {
        bytes += word.len();
        if words.len() >= WORDS || bytes > WORD_BYTES {
            return;
        }
        let fate = match taken {
            PieceKind::Word => fate(word),
            PieceKind::StopWord => Fate::StopWord,
            PieceKind::OneLetter => Fate::OneLetter,
        };
        words.push((word.to_owned(), fate));
    });
    if explained.is_err() {
        // A part of the words would look like all of them.
        words.clear();
    }
    (text, words)
}

/// Why a word that occurs in `df` of the documents was dropped.
pub(crate) fn dropped(df: u64, documents: u64, frequency: DocumentFrequency) -> Fate {
    match frequency.side(df, documents) {
        Ordering::Less => Fate::TooRare,
        Ordering::Greater => Fate::TooFrequent,
        Ordering::Equal => Fate::OverMaxFeatures,
    }
}

/// What was counted in the documents of `split` before words were dropped.
pub(super) fn learning(split: &str, counted: &CorpusCounts, selection: Selection, vocabulary: &Vocabulary) -> Learning {
    let mut words = CountedWords::new(selection, counted.documents());
    for (word, df) in counted.words() {
        words.add(word, df, || vocabulary.id(word).is_some());
    }
    words.learning(split)
}

/// What is reported of all words, while they are added one after the other in any order.
pub(crate) struct CountedWords {
    selection: Selection,
    documents: u64,
    /// The number of words of each document frequency.
    histogram: BTreeMap<u64, u64>,
    /// For each reason, the commonest words that were dropped.
    commonest: BTreeMap<Fate, BinaryHeap<(Reverse<u64>, String)>>,
}

impl CountedWords {
    /// The words of `documents` documents.
    pub fn new(selection: Selection, documents: u64) -> CountedWords {
        CountedWords { selection, documents, histogram: BTreeMap::new(), commonest: BTreeMap::new() }
    }

    /// Adds a word that occurs in `df` documents. `is_kept` is called for few words.
    pub fn add(&mut self, word: &str, df: u64, is_kept: impl FnOnce() -> bool) {
        *self.histogram.entry(df).or_default() += 1;
        let reason = dropped(df, self.documents, self.selection.frequency);
        if reason == Fate::OverMaxFeatures && self.selection.max_features.is_none() {
            return;
        }
        let heap = self.commonest.entry(reason).or_default();
        let is_before = |(last_df, last): &(Reverse<u64>, String)| (Reverse(df), word) < (*last_df, last.as_str());
        let is_wanted = heap.len() < DROPPED || heap.peek().is_some_and(is_before);
        // The vocabulary is asked last: nearly all words are out of question by then.
        if is_wanted && (reason != Fate::OverMaxFeatures || !is_kept()) {
            heap.push((Reverse(df), word.to_owned()));
            if heap.len() > DROPPED {
                heap.pop();
            }
        }
    }

    /// The report about the documents of `split`.
    pub fn learning(self, split: &str) -> Learning {
        let words = self.commonest.into_iter().flat_map(|(fate, heap)| {
            let words = heap.into_sorted_vec().into_iter();
            words.map(move |(Reverse(df), word)| (word.chars().take(CHARACTERS).collect(), df, fate))
        });
        Learning {
            split: split.to_owned(),
            documents: self.documents,
            document_frequencies: self.histogram.into_iter().collect(),
            dropped: words.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use count_vectorizer::StopWords;
    use count_vectorizer::{Limit, Numbering, TermCounts};
    use std::num::NonZeroUsize;

    const LIMITS: DocumentFrequency = DocumentFrequency { min: Limit::Count(2), max: Limit::Share(0.8) };

    fn counted() -> CorpusCounts {
        let mut counts = TermCounts::default();
        for document in [&["dog", "red", "all"][..], &["dog", "cat", "all"], &["cat", "all", "rare"], &["fox", "fox", "all"]] {
            let numbers: Vec<u32> = document.iter().filter_map(|word| counts.number(word)).collect();
            counts.document(&numbers);
        }
        CorpusCounts::add_up(vec![counts])
    }

    fn at_most(most: usize) -> Selection {
        Selection { frequency: LIMITS, max_features: NonZeroUsize::new(most) }
    }

    fn vocabulary(counted: &CorpusCounts, most: usize) -> Vocabulary {
        counted.select(at_most(most)).unwrap().vocabulary
    }

    #[test]
    fn dropped_words_are_named_commonest_first_for_each_reason() {
        let counted = counted();
        let learning = learning("dev", &counted, at_most(1), &vocabulary(&counted, 1));
        assert_eq!((learning.documents, learning.document_frequencies), (4, vec![(1, 3), (2, 2), (4, 1)]));
        let expected = [
            ("fox", 1, Fate::TooRare),
            ("rare", 1, Fate::TooRare),
            ("red", 1, Fate::TooRare),
            ("all", 4, Fate::TooFrequent),
            ("dog", 2, Fate::OverMaxFeatures),
        ];
        assert_eq!(learning.dropped, expected.map(|(word, df, fate)| (word.to_owned(), df, fate)));
    }

    #[test]
    fn each_word_of_a_keyword_has_its_fate() {
        let (counted, analyzer) = (counted(), Analyzer::new(StopWords::english()));
        let vocabulary = vocabulary(&counted, 9);
        let fates = |counted| {
            let words = WordReports { vocabulary: &vocabulary, counts: counted };
            let keyword = SampleKeyword { text: "a red Dog for all".into(), is_cut: false };
            explain_keyword(&analyzer, keyword, &|word| words.fate(word)).1.into_iter().map(|(_, fate)| fate).collect::<Vec<_>>()
        };
        let here = fates(Some((&counted, LIMITS)));
        assert_eq!(here, [Fate::OneLetter, Fate::TooRare, Fate::Kept, Fate::StopWord, Fate::StopWord]);
        assert_eq!(fates(None), [Fate::OneLetter, Fate::Unknown, Fate::Kept, Fate::StopWord, Fate::StopWord]);
    }

    #[test]
    fn a_keyword_that_was_cut_has_no_words() {
        let analyzer = Analyzer::new(StopWords::none());
        let explain = |keyword| explain_keyword(&analyzer, keyword, &|_| Fate::Kept);
        let (text, words) = explain(SampleKeyword { text: "dog ca".into(), is_cut: true });
        assert_eq!((text.as_str(), words.len()), ("dog ca…", 0));
        let many = SampleKeyword { text: "dog ".repeat(50), is_cut: false };
        assert_eq!(explain(many).1.len(), 40);
    }
}
