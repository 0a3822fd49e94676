//! Stop words and vocabulary words that no document can contain.

use crate::analyzer::{Analyzer, TermKind};
use crate::options::{AnalyzerKind, AnalyzerOptions};
use crate::stop_words::StopWords;

/// A stop word that is not what the analyzer makes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InconsistentStopWord<'a> {
    /// The stop word as it was given.
    pub word: &'a str,
    /// The words that the analyzer makes of it and that are not stop words.
    pub tokens: Vec<String>,
}

impl Analyzer {
    /// The stop words of which the analyzer makes words that are not stop words, in code-point
    /// order. scikit-learn warns about the same words. Terms of characters have no stop words.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, StopWords};
    ///
    /// let analyzer = Analyzer::new(["cat", "DOG"].into_iter().collect::<StopWords>());
    /// let words = analyzer.inconsistent_stop_words();
    /// assert_eq!((words.len(), words[0].word, words[0].tokens.as_slice()), (1, "DOG", &["dog".to_owned()][..]));
    /// ```
    pub fn inconsistent_stop_words(&self) -> Vec<InconsistentStopWord<'_>> {
        if matches!(self.term_kind(), Some(TermKind::Chars | TermKind::CharsInWords)) {
            return Vec::new();
        }
        let options = AnalyzerOptions { ngram_range: (1, 1), ..self.options().clone() };
        // The options were checked before, and this range is always valid.
        let Ok(tokenizer) = Analyzer::with_options(&options, StopWords::none()) else {
            return Vec::new();
        };
        let words = self.stop_words().sorted().into_iter().filter_map(|word| {
            let mut tokens = tokenizer.words(word);
            tokens.retain(|token| !self.stop_words().contains(token));
            (!tokens.is_empty()).then_some(InconsistentStopWord { word, tokens })
        });
        words.collect()
    }

    /// Whether no document can contain `term`. With a token pattern that is not the default, this
    /// is not known, and the answer is `false`.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, StopWords};
    ///
    /// let analyzer = Analyzer::new(StopWords::english());
    /// assert!(analyzer.never_makes("DOG") && analyzer.never_makes("the") && !analyzer.never_makes("dog"));
    /// ```
    pub fn never_makes(&self, term: &str) -> bool {
        let options = self.options();
        let is_known = options.analyzer != AnalyzerKind::Word || options.has_default_pattern();
        is_known && !self.words(term).iter().any(|made| made == term)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analyzer(stop_words: &[&str], change: impl FnOnce(&mut AnalyzerOptions)) -> Analyzer {
        let mut options = AnalyzerOptions::default();
        change(&mut options);
        Analyzer::with_options(&options, stop_words.iter().copied().collect()).unwrap()
    }

    fn inconsistent(analyzer: &Analyzer) -> Vec<(&str, String)> {
        let words = analyzer.inconsistent_stop_words().into_iter();
        words.map(|InconsistentStopWord { word, tokens }| (word, tokens.join(" "))).collect()
    }

    #[test]
    fn stop_words_that_become_other_words_are_found() {
        let words = ["dog", "DOG", "Cat", "isn't", "owl,fox", "x", "don't", "don", "-"];
        let plain = analyzer(&words, |_| ());
        assert_eq!(inconsistent(&plain), [("Cat", "cat".into()), ("isn't", "isn".into()), ("owl,fox", "owl fox".into())]);
        let bigrams = analyzer(&words, |options| options.ngram_range = (1, 2));
        assert_eq!(inconsistent(&bigrams), inconsistent(&plain));
        let phrases = analyzer(&["red  dog", "a b", "C"], |options| options.phrases = true);
        assert_eq!(inconsistent(&phrases), [("C", "c".into()), ("red  dog", "red dog".into())]);
        let case = analyzer(&["DOG"], |options| options.lowercase = false);
        assert!(inconsistent(&case).is_empty());
        assert!(inconsistent(&Analyzer::new(StopWords::english())).is_empty());
    }

    #[test]
    fn terms_of_characters_have_no_stop_words() {
        assert!(inconsistent(&analyzer(&["DOG"], |options| options.analyzer = AnalyzerKind::Char)).is_empty());
    }

    #[test]
    fn terms_that_no_document_can_contain_are_known() {
        let never =
            |analyzer: &Analyzer, terms: &[&str]| -> Vec<bool> { terms.iter().map(|term| analyzer.never_makes(term)).collect() };
        let plain = analyzer(&["the"], |_| ());
        assert_eq!(never(&plain, &["dog", "the", "Dog", "red dog", "a", "", "σς"]), [false, true, true, true, true, true, false]);
        let bigrams = analyzer(&["the"], |options| options.ngram_range = (1, 2));
        assert_eq!(never(&bigrams, &["red dog", "the dog", "a b c"]), [false, true, true]);
        let trigrams = analyzer(&[], |options| {
            options.analyzer = AnalyzerKind::CharWb;
            options.ngram_range = (3, 3);
        });
        assert_eq!(never(&trigrams, &[" ca", "cat", "at ", "a c", "CAT"]), [false, false, false, true, true]);
        let pattern = analyzer(&[], |options| options.token_pattern = "#(\\w+)".into());
        assert_eq!(never(&pattern, &["dog", "DOG"]), [false, false]);
    }
}
