//! Splits documents into terms.

use crate::accents::push_stripped;
use crate::error::{Result, TooManyNgrams, TooManySteps};
use crate::ngrams;
use crate::options::{AnalyzerKind, AnalyzerOptions};
use crate::pattern::{TokenPattern, WorkLimit};
use crate::python::lower::push_lower;
use crate::python::white_space::is_space;
use crate::python::word_chars::{is_word_byte, is_word_char};
use crate::stop_words::StopWords;

/// Splits documents into terms, exactly as scikit-learn's
/// `CountVectorizer(stop_words=…).build_analyzer()` does.
///
/// By default, a term is a word. The document is converted to lower case with Python's
/// `str.lower()`. Each match of `(?u)\b\w\w+\b`, which is a run of two or more of Python's word
/// characters, is a word. Stop words are removed. [`AnalyzerOptions`] have other rules.
///
/// If keywords are joined by spaces, the words of the result are the words of one keyword after
/// the other. A space ends a word, and it does not change the lower case of its neighbors.
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
    /// The kind of terms, or `None` for scikit-learn's defaults, which have a fast path.
    terms: Option<TermKind>,
}

/// The kinds of terms apart from scikit-learn's default.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TermKind {
    /// Words of the default pattern, or n-grams of these words.
    Words,
    /// Words of another pattern, or n-grams of these words.
    Matches(Box<TokenPattern>),
    /// N-grams of characters across words.
    Chars,
    /// N-grams of characters inside words.
    CharsInWords,
    /// Whole keywords.
    Phrase,
}

impl Analyzer {
    /// Returns an analyzer with scikit-learn's defaults and these stop words.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, StopWords};
    ///
    /// assert_eq!(Analyzer::new(StopWords::none()).words("At the café"), ["at", "the", "café"]);
    /// ```
    pub fn new(stop_words: StopWords) -> Self {
        Analyzer { stop_words, options: AnalyzerOptions::default(), terms: None }
    }

    /// Returns an analyzer with these options. Stop words are removed from words and phrases. They
    /// have no effect on n-grams of characters, as in scikit-learn.
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
    /// - [`Error::NgramRange`](crate::Error::NgramRange): the range is invalid.
    /// - [`Error::TokenPattern`](crate::Error::TokenPattern): the pattern is invalid or [not
    ///   supported](AnalyzerOptions::token_pattern).
    /// - [`Error::PhrasesAreSplit`](crate::Error::PhrasesAreSplit): `phrases` comes with an option
    ///   that splits phrases.
    pub fn with_options(options: &AnalyzerOptions, stop_words: StopWords) -> Result<Self> {
        options.check()?;
        let terms = match options.analyzer {
            _ if options.phrases => Some(TermKind::Phrase),
            AnalyzerKind::Char => Some(TermKind::Chars),
            AnalyzerKind::CharWb => Some(TermKind::CharsInWords),
            AnalyzerKind::Word if !options.has_default_pattern() => {
                Some(TermKind::Matches(Box::new(TokenPattern::new(&options.token_pattern)?)))
            }
            AnalyzerKind::Word => {
                let is_default = options.lowercase && options.strip_accents.is_none() && options.ngram_range.1 == 1;
                (!is_default).then_some(TermKind::Words)
            }
        };
        Ok(Analyzer { stop_words, options: options.clone(), terms })
    }

    /// Returns the kind of terms, or `None` for scikit-learn's defaults.
    pub(crate) fn term_kind(&self) -> Option<&TermKind> {
        self.terms.as_ref()
    }

    /// Returns the options.
    pub(crate) fn options(&self) -> &AnalyzerOptions {
        &self.options
    }

    /// Returns the stop words.
    pub fn stop_words(&self) -> &StopWords {
        &self.stop_words
    }

    /// Returns the terms of `document` in scikit-learn's order. Repeated terms are kept.
    ///
    /// ```
    /// use count_vectorizer::{Analyzer, StopWords};
    ///
    /// assert_eq!(Analyzer::new(StopWords::english()).words("cat and cat"), ["cat", "cat"]);
    /// ```
    ///
    /// The work has no limit here. As in Python, some token patterns with nested repeats and
    /// look-arounds take exponential time.
    pub fn words(&self, document: &str) -> Vec<String> {
        let mut words = Vec::new();
        let word = |word: &str| words.push(word.to_owned());
        // Without a limit, there is no error.
        let _ = self.each_word_within(WorkLimit::None, document, &mut String::new(), word);
        words
    }

    /// Returns whether the terms of keywords joined by spaces are the terms of one keyword after
    /// the other. Each keyword can then be analyzed alone. Phrases are never joined.
    pub fn is_per_keyword(&self) -> bool {
        let is_unigram = !self.makes_ngrams();
        match &self.terms {
            None | Some(TermKind::CharsInWords | TermKind::Phrase) => true,
            Some(TermKind::Words) => is_unigram,
            Some(TermKind::Matches(pattern)) => is_unigram && pattern.stays_in_keyword(),
            Some(TermKind::Chars) => false,
        }
    }

    /// Returns whether a term can be anything but one word or character.
    pub fn makes_ngrams(&self) -> bool {
        match (self.options.analyzer, self.options.ngram_range) {
            // scikit-learn makes no n-grams of words if the greatest length is 1.
            (AnalyzerKind::Word, (_, most)) => most != 1,
            (_, range) => range != (1, 1),
        }
    }

    /// Checks that a document of `bytes` bytes cannot have too many n-grams. Their number grows
    /// with the product of the size and the greatest length.
    ///
    /// # Errors
    ///
    /// The document may have more than [`TooManyNgrams::MOST_NGRAMS`] n-grams, or their text more
    /// than [`TooManyNgrams::MOST_BYTES`] bytes.
    pub fn check_ngrams(&self, bytes: usize) -> Result<(), TooManyNgrams> {
        let (least, most) = self.options.ngram_range;
        // A word and the space after it take at least two bytes.
        let unit = if self.options.analyzer == AnalyzerKind::Word { 2 } else { 1 };
        let (ngrams, units) = ngrams::size(bytes.div_ceil(unit), (least, most));
        let is_few = ngrams <= TooManyNgrams::MOST_NGRAMS;
        if is_few && units * unit as u128 <= TooManyNgrams::MOST_BYTES {
            return Ok(());
        }
        Err(TooManyNgrams { bytes, ngrams, least, most })
    }

    /// Calls `word` with each term of `text`. `lowered` is a buffer that is reused between calls.
    ///
    /// # Errors
    ///
    /// The token pattern needs too many steps. The terms so far are then only a part.
    pub fn each_word(&self, text: &str, lowered: &mut String, word: impl FnMut(&str)) -> Result<(), TooManySteps> {
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
        if let Some(kind) = &self.terms {
            self.preprocess(text, lowered);
            return self.each_term(kind, limit, lowered, &mut word);
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

    /// Converts to lower case, then strips accents. This is scikit-learn's order.
    pub(crate) fn preprocess(&self, text: &str, out: &mut String) {
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

    fn each_term(&self, kind: &TermKind, limit: WorkLimit, text: &str, term: &mut impl FnMut(&str)) -> Result<(), TooManySteps> {
        match kind {
            TermKind::Words => self.each_of_tokens(term, |token| each_run(text, token)),
            TermKind::Matches(pattern) => {
                return self.each_of_tokens(term, |token| pattern.each_token(text, limit, token));
            }
            TermKind::Chars => ngrams::each_of_chars(text, self.options.ngram_range, term),
            TermKind::CharsInWords => ngrams::each_inside_words(text, self.options.ngram_range, term),
            TermKind::Phrase => {
                let phrase = phrase(text);
                if !phrase.is_empty() && !self.stop_words.contains(&phrase) {
                    term(&phrase);
                }
            }
        }
        Ok(())
    }

    /// Calls `term` with the n-grams of the tokens of `each` that are not stop words. Returns the
    /// result of `each`.
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

/// Returns `text` with a single space for each run of white space, and none at the ends.
pub(crate) fn phrase(text: &str) -> String {
    let words: Vec<&str> = text.split(is_space).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Calls `run` with each run of two or more word characters of an ASCII text.
fn each_ascii_run(text: &str, run: &mut impl FnMut(&str)) {
    for candidate in text.split(|c: char| !is_word_byte(c as u8)) {
        if candidate.len() >= 2 {
            run(candidate);
        }
    }
}

/// Calls `run` with each run of two or more word characters of any text.
fn each_run<'t>(text: &'t str, mut run: impl FnMut(&'t str)) {
    for candidate in text.split(|c: char| !is_word_char(c)) {
        if candidate.chars().nth(1).is_some() {
            run(candidate);
        }
    }
}

#[cfg(test)]
mod tests;
