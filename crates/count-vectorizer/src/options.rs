//! The options that define terms, under the names of scikit-learn's `CountVectorizer`.

use crate::error::{Error, Result};

/// A way to remove accents, after the conversion to lower case: `strip_accents`.
///
/// ```
/// use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords, StripAccents};
///
/// let words = |how| {
///     let options = AnalyzerOptions { strip_accents: Some(how), ..AnalyzerOptions::default() };
///     let analyzer = Analyzer::with_options(&options, StopWords::none())?;
///     Ok::<_, count_vectorizer::Error>(analyzer.words("Crème Straße"))
/// };
/// assert_eq!(words(StripAccents::Ascii)?, ["creme", "strae"]);
/// assert_eq!(words(StripAccents::Unicode)?, ["creme", "straße"]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum StripAccents {
    /// Replaces characters by their ASCII form (NFKD) and removes those without one: `'ascii'`.
    Ascii,
    /// Decomposes characters (NFKD) and removes combining marks: `'unicode'`.
    Unicode,
}

impl StripAccents {
    /// Returns scikit-learn's name.
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

/// The unit of terms: `analyzer`.
///
/// ```
/// use count_vectorizer::{Analyzer, AnalyzerKind, AnalyzerOptions, StopWords};
///
/// let (analyzer, ngram_range) = (AnalyzerKind::CharWb, (3, 3));
/// let options = AnalyzerOptions { analyzer, ngram_range, ..AnalyzerOptions::default() };
/// let analyzer = Analyzer::with_options(&options, StopWords::none())?;
/// assert_eq!(analyzer.words("cat"), [" ca", "cat", "at "]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(rename_all = "snake_case"))]
pub enum AnalyzerKind {
    /// Words, or n-grams of words: `'word'`.
    #[default]
    Word,
    /// N-grams of characters, across words: `'char'`.
    Char,
    /// N-grams of characters inside words: `'char_wb'`. Each word gets a space on both sides.
    CharWb,
}

impl AnalyzerKind {
    /// Returns scikit-learn's name.
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

/// The options that define terms. The defaults are scikit-learn's.
///
/// The order of the steps is scikit-learn's: lower case, accents, tokens, stop words, n-grams. So
/// tokens are compared with stop words after their accents are removed, and a bigram can join the
/// words on both sides of a stop word.
///
/// ```
/// use count_vectorizer::{Analyzer, AnalyzerOptions, StopWords, StripAccents};
///
/// let options = AnalyzerOptions {
///     ngram_range: (1, 2),
///     strip_accents: Some(StripAccents::Unicode),
///     ..AnalyzerOptions::default()
/// };
/// let analyzer = Analyzer::with_options(&options, StopWords::english())?;
/// assert_eq!(analyzer.words("Crème of the brûlée"), ["creme", "brulee", "creme brulee"]);
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize), serde(default))]
pub struct AnalyzerOptions {
    /// Whether text is converted to lower case, as with Python's `str.lower()`: `lowercase`.
    pub lowercase: bool,
    /// The way to remove accents, if they are removed: `strip_accents`.
    pub strip_accents: Option<StripAccents>,
    /// The unit of terms: `analyzer`.
    pub analyzer: AnalyzerKind,
    /// The least and the greatest number of words or characters of a term: `ngram_range`. The least
    /// number may be 0. As in scikit-learn, there are then also empty terms, except for words with
    /// a greatest number of 1.
    pub ngram_range: (usize, usize),
    /// What a word is, in the syntax of Python's `re`: `token_pattern`. It is only used for words.
    /// Each match is a word. If the pattern has a group, the text of the group is the word.
    ///
    /// The meaning is that of Python 3.11.
    #[doc = include_str!("pattern/refused.md")]
    ///
    /// Look-arounds, backreferences, atomic groups, possessive quantifiers and conditionals need a
    /// matcher that can take exponential time. It may take 10,000,000 steps per text, and 100 more
    /// per byte. A document that needs more is an error. Other patterns have no such limit.
    pub token_pattern: String,
    /// Whether each keyword is one term. Lower case and accents are handled as for words. Each run
    /// of white space becomes a space, and none is left at the ends. scikit-learn has no such
    /// option.
    pub phrases: bool,
}

impl AnalyzerOptions {
    /// scikit-learn's default `token_pattern`: two or more word characters.
    ///
    /// ```
    /// use count_vectorizer::AnalyzerOptions;
    ///
    /// let options = AnalyzerOptions::default();
    /// assert_eq!(options.token_pattern, AnalyzerOptions::DEFAULT_TOKEN_PATTERN);
    /// ```
    pub const DEFAULT_TOKEN_PATTERN: &str = r"(?u)\b\w\w+\b";

    /// Returns whether the token pattern has the meaning of the default.
    pub fn has_default_pattern(&self) -> bool {
        self.token_pattern == Self::DEFAULT_TOKEN_PATTERN || self.token_pattern == r"\b\w\w+\b"
    }

    /// Returns scikit-learn's warning about an option that has no effect, if there is one.
    pub fn unused(&self) -> Option<&'static str> {
        let is_unused = self.analyzer != AnalyzerKind::Word && !self.has_default_pattern();
        is_unused.then_some("the parameter 'token_pattern' will not be used since 'analyzer' != 'word'")
    }

    /// Checks the options against each other.
    ///
    /// # Errors
    ///
    /// - [`Error::NgramRange`]: the first number is larger than the second, as in scikit-learn.
    /// - [`Error::PhrasesAreSplit`]: `phrases` comes with an option that splits phrases.
    pub fn check(&self) -> Result<()> {
        let (least, most) = self.ngram_range;
        if least > most {
            return Err(Error::NgramRange { least, most });
        }
        let splits = self.analyzer != AnalyzerKind::Word || self.ngram_range != (1, 1) || !self.has_default_pattern();
        if self.phrases && splits {
            return Err(Error::PhrasesAreSplit);
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
