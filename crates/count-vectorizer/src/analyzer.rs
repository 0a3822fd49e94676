//! From a keyword to its words: lower case, maximal runs of word characters, stop words out; and all other ways that
//! scikit-learn knows.

use super::ngrams;
use super::options::{AnalyzerKind, AnalyzerOptions};
use super::preprocess::{push_lower, push_stripped};
use super::stop_words::StopWords;
use super::pattern::{TokenPattern, WorkLimit};
use crate::python::white_space::is_space;
use crate::python::word_chars::{is_word_byte, is_word_char};
use crate::error::Result;

mod explain;

pub use super::pattern::TooManySteps;
pub use explain::PieceKind;

/// Splits a document into words exactly as scikit-learn's `CountVectorizer(stop_words=…).build_analyzer()` does.
///
/// The rule is Python's: `str.lower()`, then every match of `(?u)\b\w\w+\b` (a maximal run of two word characters or more), then
/// the stop words go. A space neither joins words nor changes how a letter beside it is lowered, so that the words of keywords
/// joined by a space are the words of the keywords one after the other. [`AnalyzerOptions`] ask for other rules.
///
/// ```
/// use count_vectorizer::{Analyzer, StopWords};
///
/// let analyzer = Analyzer::new(StopWords::english());
/// assert_eq!(analyzer.words("Young adult at the Café, 3D"), ["young", "adult", "café", "3d"]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Analyzer {
    stop_words: StopWords,
    options: AnalyzerOptions,
    /// The way that is not scikit-learn's default, made ready.
    other: Option<Other>,
}

/// What terms are, where they are not words of two word characters or more in lower case.
#[derive(Debug, Clone, PartialEq)]
enum Other {
    /// Words, or n-grams of words.
    Words,
    /// The same with a pattern that is not the default.
    Matches(Box<TokenPattern>),
    Chars,
    CharsInWords,
    Phrase,
}

/// More n-grams of one document would fill the memory; those of a common one are some thousands.
const MOST_NGRAMS: u128 = 1 << 24;
const MOST_NGRAM_BYTES: u128 = 1 << 30;

impl Analyzer {
    /// An analyzer that leaves `stop_words` out, all other options as they are in scikit-learn.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, StopWords};
    ///
    /// assert_eq!(Analyzer::new(StopWords::none()).words("At the café"), ["at", "the", "café"]);
    /// ```
    pub fn new(stop_words: StopWords) -> Self {
        Analyzer { stop_words, options: AnalyzerOptions::default(), other: None }
    }

    /// An analyzer that takes documents apart as `options` say. Stop words are left out of words and of phrases; n-grams of
    /// characters have none.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords};
    ///
    /// let options = AnalyzerOptions { lowercase: false, ..AnalyzerOptions::default() };
    /// assert_eq!(Analyzer::with_options(&options, StopWords::none())?.words("A Cat"), ["Cat"]);
    /// # Ok::<(), count_vectorizer::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// An n-gram range or a token pattern is invalid, a token pattern is
    /// [not supported](AnalyzerOptions::token_pattern), or `phrases` comes with an option that splits phrases.
    pub fn with_options(options: &AnalyzerOptions, stop_words: StopWords) -> Result<Self> {
        options.check()?;
        let other = match options.analyzer {
            _ if options.phrases => Some(Other::Phrase),
            AnalyzerKind::Char => Some(Other::Chars),
            AnalyzerKind::CharWb => Some(Other::CharsInWords),
            AnalyzerKind::Word if !options.has_default_pattern() => {
                Some(Other::Matches(Box::new(TokenPattern::new(&options.token_pattern)?)))
            }
            AnalyzerKind::Word => {
                let is_default = options.lowercase && options.strip_accents.is_none() && options.ngram_range.1 == 1;
                (!is_default).then_some(Other::Words)
            }
        };
        Ok(Analyzer { stop_words, options: options.clone(), other })
    }

    /// The words that are left out.
    pub fn stop_words(&self) -> &StopWords {
        &self.stop_words
    }

    /// The words (or n-grams, or the phrase) of `document`, in scikit-learn's order, repeats kept.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, StopWords};
    ///
    /// assert_eq!(Analyzer::new(StopWords::english()).words("cat and cat"), ["cat", "cat"]);
    /// ```
    ///
    /// The work has no limit here. As in Python, some token patterns with nested repeats and look-arounds take exponential time.
    pub fn words(&self, document: &str) -> Vec<String> {
        let mut words = Vec::new();
        let word = |word: &str| words.push(word.to_owned());
        // Without a limit, there is no error.
        let _ = self.each_word_within(WorkLimit::None, document, &mut String::new(), word);
        words
    }

    /// Whether the words of keywords joined by a space are the words of the keywords one after the other, so that each keyword can
    /// be taken apart by itself. Phrases are of keywords alone: nothing is ever joined.
    pub fn is_per_keyword(&self) -> bool {
        let is_unigram = !self.makes_ngrams();
        match &self.other {
            None | Some(Other::CharsInWords | Other::Phrase) => true,
            Some(Other::Words) => is_unigram,
            Some(Other::Matches(pattern)) => is_unigram && pattern.stays_in_keyword(),
            Some(Other::Chars) => false,
        }
    }

    /// Whether terms are anything but single words or characters.
    pub fn makes_ngrams(&self) -> bool {
        match (self.options.analyzer, self.options.ngram_range) {
            // scikit-learn makes no n-grams of words if the greatest length is 1.
            (AnalyzerKind::Word, (_, most)) => most != 1,
            (_, range) => range != (1, 1),
        }
    }

    /// Says so if the n-grams of a document of `bytes` bytes could be too many: they grow with the product of both.
    pub fn refuse_ngrams(&self, bytes: usize) -> Result<(), String> {
        let (least, most) = self.options.ngram_range;
        // A word takes two bytes with the space after it.
        let unit = if self.options.analyzer == AnalyzerKind::Word { 2 } else { 1 };
        let (terms, units) = ngrams::size(bytes.div_ceil(unit), (least, most));
        if terms <= MOST_NGRAMS && units * unit as u128 <= MOST_NGRAM_BYTES {
            return Ok(());
        }
        Err(format!(
            "{bytes} bytes may make {terms} n-grams of {least} to {most}, expected {MOST_NGRAMS} n-grams and {MOST_NGRAM_BYTES} \
             bytes in them at most: choose a smaller --ngram-range"
        ))
    }

    /// Calls `word` with each word of `text`. `lowered` is a buffer.
    ///
    /// # Errors
    ///
    /// The token pattern needs too many steps. The words so far are only a part then.
    pub fn each_word(
        &self,
        text: &str,
        lowered: &mut String,
        word: impl FnMut(&str),
    ) -> Result<(), TooManySteps> {
        self.each_word_within(WorkLimit::ByLength, text, lowered, word)
    }

    fn each_word_within(
        &self,
        limit: WorkLimit,
        text: &str,
        lowered: &mut String,
        mut word: impl FnMut(&str),
    ) -> Result<(), TooManySteps> {
        lowered.clear();
        if let Some(other) = &self.other {
            self.preprocess(text, lowered);
            return self.each_term(other, limit, lowered, &mut word);
        }
        let mut kept = |candidate: &str| {
            if !self.stop_words.contains(candidate) {
                word(candidate);
            }
        };
        if text.is_ascii() {
            lowered.push_str(text);
            lowered.make_ascii_lowercase();
            each_ascii_run(lowered, &mut kept);
        } else {
            push_lower(text, lowered);
            each_run(lowered, &mut kept);
        }
        Ok(())
    }

    /// Lower case, then accents.
    fn preprocess(&self, text: &str, out: &mut String) {
        match (self.options.lowercase, self.options.strip_accents) {
            (true, None) => push_lower(text, out),
            (false, None) => out.push_str(text),
            (false, Some(how)) => push_stripped(text, how, out),
            (true, Some(how)) => {
                let mut lowered = String::with_capacity(text.len());
                push_lower(text, &mut lowered);
                push_stripped(&lowered, how, out);
            }
        }
    }

    fn each_term(
        &self,
        other: &Other,
        limit: WorkLimit,
        text: &str,
        term: &mut impl FnMut(&str),
    ) -> Result<(), TooManySteps> {
        match other {
            Other::Words => self.each_of_tokens(term, |token| each_run(text, token)),
            Other::Matches(pattern) => {
                return self.each_of_tokens(term, |token| pattern.each_token(text, limit, token));
            }
            Other::Chars => ngrams::each_of_chars(text, self.options.ngram_range, term),
            Other::CharsInWords => ngrams::each_inside_words(text, self.options.ngram_range, term),
            Other::Phrase => {
                let phrase = phrase(text);
                if !phrase.is_empty() && !self.stop_words.contains(&phrase) {
                    term(&phrase);
                }
            }
        }
        Ok(())
    }

    /// Calls `term` with the n-grams of the tokens of `each` that are not stop words. Returns what `each` returns.
    fn each_of_tokens<'t, T>(&self, term: &mut impl FnMut(&str), each: impl FnOnce(&mut dyn FnMut(&'t str)) -> T) -> T {
        if !self.makes_ngrams() {
            return each(&mut |token| {
                if !self.stop_words.contains(token) {
                    term(token);
                }
            });
        }
        let mut tokens = Vec::new();
        let outcome = each(&mut |token| {
            if !self.stop_words.contains(token) {
                tokens.push(token);
            }
        });
        ngrams::each_of_words(&tokens, self.options.ngram_range, term);
        outcome
    }
}

/// White space at the ends cut off, and inside one space.
fn phrase(text: &str) -> String {
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    words.join(" ")
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
fn each_run<'t>(text: &'t str, mut run: impl FnMut(&'t str)) {
    for candidate in text.split(|c: char| !is_word_char(c)) {
        if candidate.chars().nth(1).is_some() {
            run(candidate);
        }
    }
}

#[cfg(test)]
mod tests;
