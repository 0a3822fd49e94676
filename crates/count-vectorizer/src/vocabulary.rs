//! Terms and their ids.

use crate::collections::string_table::StringTable;

/// Terms and their ids, which count up from 0 without a gap.
///
/// The terms of a learned vocabulary are in code-point order, as in scikit-learn's `vocabulary_`.
/// A given vocabulary keeps its own order.
///
/// ```
/// use count_vectorizer::Vocabulary;
///
/// let vocabulary = Vocabulary::from_words(["woman", "adult"]);
/// assert_eq!(vocabulary.id("adult"), Some(1));
/// assert_eq!(vocabulary.word(0), Some("woman"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: StringTable,
}

impl Vocabulary {
    /// Returns a vocabulary of `words`. The id of a word is its place. Repeated words are ignored.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// let vocabulary = Vocabulary::from_words(["woman", "adult", "woman"]);
    /// assert_eq!(vocabulary.len(), 2);
    /// ```
    pub fn from_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut table = StringTable::default();
        for word in words {
            table.insert(word);
        }
        Vocabulary { words: table }
    }

    /// Returns the id of `word`, or `None` if the vocabulary does not contain it.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert_eq!(Vocabulary::from_words(["adult", "woman"]).id("man"), None);
    /// ```
    pub fn id(&self, word: &str) -> Option<u32> {
        self.words.find(word)
    }

    /// Returns the word with this id, or `None` if there is no such id.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert_eq!(Vocabulary::from_words(["adult", "woman"]).word(1), Some("woman"));
    /// ```
    pub fn word(&self, id: u32) -> Option<&str> {
        self.words.get(id)
    }

    /// Returns the number of words.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert_eq!(Vocabulary::from_words(["adult", "woman"]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns whether there is no word.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert!(Vocabulary::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns the words in the order of their ids.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// let vocabulary = Vocabulary::from_words(["woman", "adult"]);
    /// assert_eq!(vocabulary.words().collect::<Vec<_>>(), ["woman", "adult"]);
    /// ```
    pub fn words(&self) -> impl ExactSizeIterator<Item = &str> + Clone + '_ {
        self.words.iter()
    }
}
