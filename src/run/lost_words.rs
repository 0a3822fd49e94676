//! Warnings about a run that drops most words, or leaves many images without a word.

use count_vectorizer::{DocumentFrequency, Limit, Selection, StopWords};

use crate::files::manifest::SplitCounts;
use crate::files::statistics::{Fate, Learning, SplitSamples};
use crate::grouped;

/// A run warns if more than one in this number of images has no word.
const IMAGES_PER_EMPTY_IMAGE: u64 = 10;
/// A single image without a word is no reason to warn, however few images there are.
const FEWEST_EMPTY_IMAGES: u64 = 2;

/// What a run kept and lost.
pub(crate) struct LostWords<'a> {
    /// What was learned. `None` if the vocabulary was given.
    pub learning: Option<&'a Learning>,
    pub selection: Selection,
    pub vocabulary_size: u64,
    pub splits: &'a [SplitCounts],
    /// Whether words of one character were dropped in the sample images.
    pub drops_letters: bool,
}

impl LostWords<'_> {
    /// A warning for each split that lost many words.
    pub fn warnings(&self) -> Vec<String> {
        let learned = self.learning.and_then(|learning| self.learned_warning(learning));
        let is_other = |split: &&SplitCounts| self.learning.is_none_or(|learning| learning.split != split.split);
        // An empty matrix has a warning of its own.
        let others = self.splits.iter().filter(is_other).filter(|split| split.rows > 0 && has_many_empty_images(split));
        let others = others.map(|split| format!("{}: {} of the vocabulary", split.split, empty_images(split)));
        let letters = learned.as_ref().filter(|_| self.drops_letters).map(|_| KEEP_LETTERS.to_owned());
        learned.into_iter().chain(letters).chain(others).collect()
    }

    fn learned_warning(&self, learning: &Learning) -> Option<String> {
        let distinct = learning.document_frequencies.iter().map(|(_, words)| words).sum::<u64>();
        let split = self.splits.iter().find(|split| split.split == learning.split);
        let drops_most = distinct.saturating_sub(self.vocabulary_size) > distinct / 2;
        if !drops_most && !split.is_some_and(has_many_empty_images) {
            return None;
        }
        let (name, kept) = (&learning.split, grouped(self.vocabulary_size));
        let empty = split.filter(|split| split.images_without_a_word > 0).map(empty_images);
        if self.vocabulary_size == distinct {
            let reason = "they have no keywords, or only keywords without a word, such as stop words";
            return empty.map(|empty| format!("{name}: {empty}: {reason}"));
        }
        let mut text = format!("{name}: the vocabulary has only {kept} of {} distinct words", grouped(distinct));
        if let Some(empty) = empty {
            text.push_str(&format!(", and {empty} in it"));
        }
        let [one, two, three] = [1, 2, 3].map(|min| grouped(self.kept_with(learning, min)));
        text.push_str(&format!("; use --min-df 1 to keep {one} words, 2 to keep {two}, or 3 to keep {three}"));
        Some(text)
    }

    /// The number of words that the run would keep with another `--min-df`.
    fn kept_with(&self, learning: &Learning, min: u64) -> u64 {
        let frequency = DocumentFrequency { min: Limit::Count(min), ..self.selection.frequency };
        let is_kept = |df: u64| frequency.side(df, learning.documents).is_eq();
        let kept = learning.document_frequencies.iter().filter(|(df, _)| is_kept(*df)).map(|(_, words)| words).sum();
        self.selection.max_features.map_or(kept, |most| kept.min(most.get() as u64))
    }
}

fn has_many_empty_images(split: &SplitCounts) -> bool {
    let empty = split.images_without_a_word;
    empty >= FEWEST_EMPTY_IMAGES && empty.saturating_mul(IMAGES_PER_EMPTY_IMAGE) > split.images
}

fn empty_images(split: &SplitCounts) -> String {
    let have = if split.images_without_a_word == 1 { "has" } else { "have" };
    format!("{} of {} images {have} no word", grouped(split.images_without_a_word), grouped(split.images))
}

/// What to do if words of one character are dropped.
pub(crate) const KEEP_LETTERS: &str = r"words of one character are dropped; use --token-pattern '(?u)\b\w+\b' to keep them, or --phrases to keep each keyword whole";

/// Whether a word of the samples was dropped only because it has one character.
pub(crate) fn drops_letters(samples: &[SplitSamples], stop_words: &StopWords) -> bool {
    let keywords = samples.iter().flat_map(|split| &split.images).flat_map(|image| &image.keywords);
    let mut words = keywords.flat_map(|(_, words)| words);
    words.any(|(word, fate)| *fate == Fate::OneLetter && !stop_words.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::statistics::SampleImage;

    fn counts(split: &str, images: u64, images_without_a_word: u64) -> SplitCounts {
        SplitCounts {
            split: split.into(),
            images,
            images_without_a_word,
            skipped: 0,
            keywords: 9000,
            words_kept: 5000,
            words_dropped: 0,
            rows: 5000,
        }
    }

    /// 4,000 words in one image, 300 in two, 200 in three, 100 in six.
    fn learning() -> Learning {
        let document_frequencies = vec![(1, 4000), (2, 300), (3, 200), (6, 100)];
        Learning { split: "set".into(), documents: 2000, document_frequencies, dropped: Vec::new() }
    }

    fn warned(vocabulary_size: u64, learning: Option<Learning>, splits: &[SplitCounts], word: &str) -> Vec<String> {
        let keywords = vec![(word.to_owned(), vec![(word.to_owned(), Fate::OneLetter)])];
        let image = SampleImage { id: 1, name: "1".into(), keywords, further_keywords: 0 };
        let lost = LostWords {
            learning: learning.as_ref(),
            selection: Selection { frequency: DocumentFrequency::default(), max_features: None },
            vocabulary_size,
            splits,
            drops_letters: drops_letters(&[SplitSamples { split: "set".into(), images: vec![image] }], &StopWords::english()),
        };
        lost.warnings()
    }

    #[test]
    fn a_run_that_drops_more_than_half_of_the_words_warns() {
        let expected = "set: the vocabulary has only 100 of 4,600 distinct words, and 3 of 2,000 \
                        images have no word in it; use --min-df 1 to keep 4,600 words, 2 to keep \
                        600, or 3 to keep 300";
        assert_eq!(warned(100, Some(learning()), &[counts("set", 2000, 3)], "a"), [expected]);
        assert_eq!(warned(2299, Some(learning()), &[counts("set", 2000, 3)], "a").len(), 1);
        assert_eq!(warned(2300, Some(learning()), &[counts("set", 2000, 3)], "a"), [""; 0]);
    }

    #[test]
    fn a_run_that_leaves_more_than_a_tenth_of_the_images_without_a_word_warns() {
        assert_eq!(warned(4600, Some(learning()), &[counts("set", 2000, 200)], "a"), [""; 0]);
        assert_eq!(warned(4600, Some(learning()), &[counts("set", 2000, 201)], "a").len(), 1);
        assert_eq!(warned(4600, Some(learning()), &[counts("set", 3, 1)], "a"), [""; 0]);
        assert_eq!(warned(4600, Some(learning()), &[counts("set", 19, 2)], "a").len(), 1);
        let other = "lite: 201 of 2,000 images have no word of the vocabulary";
        let splits = [counts("set", 2000, 3), counts("lite", 2000, 201)];
        assert_eq!(warned(4600, Some(learning()), &splits, "a"), [other]);
        assert_eq!(warned(4600, None, &splits, "a"), [other]);
    }

    #[test]
    fn empty_images_of_a_run_that_kept_all_words_bring_no_advice_on_the_frequency() {
        let warning = warned(4600, Some(learning()), &[counts("set", 2000, 500)], "a");
        assert_eq!(
            warning,
            ["set: 500 of 2,000 images have no word: they have no keywords, or only keywords without a word, such as stop words"]
        );
    }

    #[test]
    fn words_of_one_character_that_are_no_stop_words_bring_a_suggestion() {
        let warning = warned(100, Some(learning()), &[counts("set", 2000, 3)], "日").remove(1);
        let expected = "words of one character are dropped; use --token-pattern '(?u)\\b\\w+\\b' \
                        to keep them, or --phrases to keep each keyword whole";
        assert_eq!(warning, expected);
    }
}
