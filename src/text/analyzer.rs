//! From a keyword to its words: lower case, maximal runs of word characters, stop words out.

use super::stop_words::StopWords;
use super::word_chars::{NEWER_CAPITALS, is_word_byte, is_word_char};

/// Splits a document into words exactly as scikit-learn's `CountVectorizer(stop_words=…).build_analyzer()` does.
///
/// The rule is Python's: `str.lower()`, then every match of `(?u)\b\w\w+\b` (a maximal run of two word characters or more), then
/// the stop words go. A space neither joins words nor changes how a letter beside it is lowered, so that the words of keywords
/// joined by a space are the words of the keywords one after the other.
///
/// ```
/// use amc_keywords::{Analyzer, StopWords};
///
/// let analyzer = Analyzer::new(StopWords::english());
/// assert_eq!(analyzer.words("Young adult at the Café, 3D"), ["young", "adult", "café", "3d"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Analyzer {
    stop_words: StopWords,
}

impl Analyzer {
    /// An analyzer that leaves `stop_words` out.
    pub fn new(stop_words: StopWords) -> Self {
        Analyzer { stop_words }
    }

    /// The words of `document`, in its order, repeats kept.
    pub fn words(&self, document: &str) -> Vec<String> {
        let mut words = Vec::new();
        self.each_word(document, &mut String::new(), |word| words.push(word.to_owned()));
        words
    }

    /// Hands each word of `text` on. `lowered` is room to work in.
    pub(crate) fn each_word(&self, text: &str, lowered: &mut String, mut word: impl FnMut(&str)) {
        let mut kept = |candidate: &str| {
            if !self.stop_words.contains(candidate) {
                word(candidate);
            }
        };
        lowered.clear();
        if text.is_ascii() {
            lowered.push_str(text);
            lowered.make_ascii_lowercase();
            each_ascii_run(lowered, &mut kept);
        } else {
            *lowered = lower(text);
            each_run(lowered, &mut kept);
        }
    }
}

/// Python's `str.lower()` with Unicode 16.0, whatever version the standard library carries. The whole text at once: how a capital
/// sigma is lowered depends on its neighbours.
fn lower(text: &str) -> String {
    if text.contains(NEWER_CAPITALS) {
        return text.replace(NEWER_CAPITALS, "\u{fffd}").to_lowercase();
    }
    text.to_lowercase()
}

/// Runs of two word characters or more in ASCII text.
fn each_ascii_run(text: &str, run: &mut impl FnMut(&str)) {
    for candidate in text.split(|c: char| !is_word_byte(c as u8)) {
        if candidate.len() >= 2 {
            run(candidate);
        }
    }
}

/// Runs of two word characters or more in any text.
fn each_run(text: &str, run: &mut impl FnMut(&str)) {
    for candidate in text.split(|c: char| !is_word_char(c)) {
        if candidate.chars().nth(1).is_some() {
            run(candidate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        Analyzer::new(StopWords::none()).words(text)
    }

    #[test]
    fn a_word_is_a_run_of_two_word_characters_or_more() {
        assert_eq!(words("AT&T's t-shirt 3d hi_res _ __ x"), ["at", "shirt", "3d", "hi_res", "__"]);
        assert_eq!(words("½ ½½ é éé 日 日本"), ["½½", "éé", "日本"]);
        assert!(words("").is_empty());
    }

    #[test]
    fn combining_marks_split_words_and_roman_numerals_do_not() {
        assert_eq!(words("cafe\u{301}s हिन्दी ⅷⅷ"), ["cafe", "ⅷⅷ"]);
    }

    #[test]
    fn a_capital_sigma_is_lowered_by_its_place() {
        assert_eq!(words("ΟΔΟΣ ΣΣ ΑΣ,ΑΣΑ"), ["οδος", "σς", "ας", "ασα"]);
        assert!(words("İİ İx").is_empty(), "the dot above that İ leaves behind is no word character");
        assert!(words("a\u{a7d2}").is_empty() && words("\u{a7d3}\u{a7d3}").len() == 1);
    }

    #[test]
    fn stop_words_are_compared_after_lowering() {
        let analyzer = Analyzer::new(StopWords::english());
        assert_eq!(analyzer.words("THE Fire and The computer"), ["computer"]);
    }

    #[test]
    fn words_of_joined_keywords_are_the_words_of_each_keyword() {
        let keywords = ["ΟΔΟΣ", "Σ", "α", "young adult", "", "İstanbul", "-x"];
        let each: Vec<String> = keywords.iter().flat_map(|keyword| words(keyword)).collect();
        assert_eq!(words(&keywords.join(" ")), each);
    }
}
