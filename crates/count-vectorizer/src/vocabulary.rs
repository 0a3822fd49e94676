//! Which words count, and their ids: counting document frequencies, pruning, numbering. Pure: no files.

mod counts;
mod limits;

pub use counts::{Counted, Learnt, Numbering, WordCounts, learn};
pub use limits::Selection;
pub use limits::{DocumentFrequency, Limit};

use crate::string_table::StringTable;

/// Words and their ids: the ids count up from 0 without a gap.
///
/// A learnt vocabulary is in code-point order of its words, as scikit-learn's `vocabulary_` is; one that was read from a file keeps
/// the ids that the file gives.
///
/// ```
/// use count_vectorizer::Vocabulary;
///
/// let vocabulary = Vocabulary::from_words(["adult", "woman"]);
/// assert_eq!(vocabulary.id("woman"), Some(1));
/// assert_eq!(vocabulary.word(0), Some("adult"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: StringTable,
}

impl Vocabulary {
    /// A vocabulary of these words, whose ids are their places; a word that comes again is passed over.
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

    /// The id of `word`.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert_eq!(Vocabulary::from_words(["adult", "woman"]).id("man"), None);
    /// ```
    pub fn id(&self, word: &str) -> Option<u32> {
        self.words.find(word)
    }

    /// The word with this id.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert_eq!(Vocabulary::from_words(["adult", "woman"]).word(1), Some("woman"));
    /// ```
    pub fn word(&self, id: u32) -> Option<&str> {
        self.words.get(id)
    }

    /// How many words there are.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert_eq!(Vocabulary::from_words(["adult", "woman"]).len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word.
    ///
    /// ```
    /// use count_vectorizer::Vocabulary;
    ///
    /// assert!(Vocabulary::default().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The words in the order of their ids.
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
