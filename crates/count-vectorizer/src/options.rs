//! How a document is taken apart, under the names of scikit-learn's `CountVectorizer`.

use crate::error::{Error, Result};

/// How accents are taken off, after lower-casing: `strip_accents`.
///
/// ```
/// use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords, StripAccents};
///
/// let words = |how| {
///     let options = AnalyzerOptions { strip_accents: Some(how), ..AnalyzerOptions::default() };
///     Analyzer::with_options(&options, StopWords::none()).map(|analyzer| analyzer.words("Crème Straße"))
/// };
/// assert_eq!(words(StripAccents::Ascii)?, ["creme", "strae"]);
/// assert_eq!(words(StripAccents::Unicode)?, ["creme", "straße"]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripAccents {
    /// Characters that have an ASCII form (NFKD) become it; all others go: `'ascii'`.
    Ascii,
    /// Characters are decomposed (NFKD), and combining marks go: `'unicode'`.
    Unicode,
}

impl StripAccents {
    /// scikit-learn's name for it.
    ///
    /// ```
    /// assert_eq!(count_vectorizer::StripAccents::Ascii.name(), "ascii");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            StripAccents::Ascii => "ascii",
            StripAccents::Unicode => "unicode",
        }
    }
}

/// What terms are made of: `analyzer`.
///
/// ```
/// use count_vectorizer::{Analyzer, AnalyzerKind, AnalyzerOptions, StopWords};
///
/// let options = AnalyzerOptions { analyzer: AnalyzerKind::CharWb, ngram_range: (3, 3), ..AnalyzerOptions::default() };
/// assert_eq!(Analyzer::with_options(&options, StopWords::none())?.words("cat"), [" ca", "cat", "at "]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AnalyzerKind {
    /// Words, or n-grams of words: `'word'`.
    #[default]
    Word,
    /// N-grams of characters, across words: `'char'`.
    Char,
    /// N-grams of characters inside words, each word padded with a space on both sides: `'char_wb'`.
    CharWb,
}

impl AnalyzerKind {
    /// scikit-learn's name for it.
    ///
    /// ```
    /// assert_eq!(count_vectorizer::AnalyzerKind::CharWb.name(), "char_wb");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            AnalyzerKind::Word => "word",
            AnalyzerKind::Char => "char",
            AnalyzerKind::CharWb => "char_wb",
        }
    }
}

/// How a document is taken apart. The defaults are scikit-learn's.
///
/// The order is scikit-learn's too: lower case, accents, tokens, stop words, n-grams. So a stop word is compared without its accents,
/// and a bigram bridges a stop word that was left out.
///
/// ```
/// use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords, StripAccents};
///
/// let options =
///     AnalyzerOptions { ngram_range: (1, 2), strip_accents: Some(StripAccents::Unicode), ..AnalyzerOptions::default() };
/// let analyzer = Analyzer::with_options(&options, StopWords::english())?;
/// assert_eq!(analyzer.words("Crème of the brûlée"), ["creme", "brulee", "creme brulee"]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyzerOptions {
    /// Whether text is lower-cased first, as Python's `str.lower()` does it: `lowercase`.
    pub lowercase: bool,
    /// How accents are taken off, if at all: `strip_accents`.
    pub strip_accents: Option<StripAccents>,
    /// What terms are made of: `analyzer`.
    pub analyzer: AnalyzerKind,
    /// The least and the greatest number of words or characters of a term: `ngram_range`. The least
    /// number may be 0. As in scikit-learn, there are then also empty terms, except for words with a
    /// greatest number of 1.
    pub ngram_range: (usize, usize),
    /// What a word is, in the syntax of Python's `re`: `token_pattern`. It is only used for words. Each
    /// match is a word. If the pattern has a group, the text of the group is the word.
    ///
    /// The meaning is that of Python 3.11.
    ///
    #[doc = include_str!("pattern/refused.md")]
    ///
    /// Look-arounds, backreferences, atomic groups, possessive quantifiers and conditionals need a
    /// matcher that can take exponential time. It may take 10,000,000 steps per text, and 100 more per
    /// byte. A document that needs more is an error. Other patterns have no such limit.
    pub token_pattern: String,
    /// Whether each keyword is one term, whole: lower-cased and without accents if so asked for, white space at its ends cut off and
    /// inside it one space. scikit-learn has no such option.
    pub phrases: bool,
}

impl AnalyzerOptions {
    /// Two word characters or more: scikit-learn's default `token_pattern`.
    ///
    /// ```
    /// use count_vectorizer::AnalyzerOptions;
    ///
    /// assert_eq!(AnalyzerOptions::default().token_pattern, AnalyzerOptions::DEFAULT_TOKEN_PATTERN);
    /// ```
    pub const DEFAULT_TOKEN_PATTERN: &str = r"(?u)\b\w\w+\b";

    /// Whether words are what the default pattern matches.
    pub fn has_default_pattern(&self) -> bool {
        self.token_pattern == Self::DEFAULT_TOKEN_PATTERN || self.token_pattern == r"\b\w\w+\b"
    }

    /// An option that has no effect beside another, in scikit-learn's words.
    pub fn unused(&self) -> Option<&'static str> {
        let is_unused = self.analyzer != AnalyzerKind::Word && !self.has_default_pattern();
        is_unused.then_some("the parameter 'token_pattern' will not be used since 'analyzer' != 'word'")
    }

    /// What scikit-learn refuses, and what would have no effect beside `phrases`.
    pub fn check(&self) -> Result<()> {
        let (least, most) = self.ngram_range;
        let wrong = |what: &str| {
            Err(Error::Refused(format!("invalid value for ngram_range=({least}, {most}): {what}, as in --ngram-range 1,2")))
        };
        if least > most {
            return wrong("lower boundary larger than the upper boundary; the smaller number comes first");
        }
        let splits = self.analyzer != AnalyzerKind::Word || self.ngram_range != (1, 1) || !self.has_default_pattern();
        if self.phrases && splits {
            return Err(Error::Refused(
                "phrases keep each keyword whole: leave analyzer, ngram_range and token_pattern as they are, or --phrases out"
                    .into(),
            ));
        }
        Ok(())
    }
}

impl Default for AnalyzerOptions {
    fn default() -> Self {
        AnalyzerOptions {
            lowercase: true,
            strip_accents: None,
            analyzer: AnalyzerKind::Word,
            ngram_range: (1, 1),
            token_pattern: Self::DEFAULT_TOKEN_PATTERN.to_owned(),
            phrases: false,
        }
    }
}
