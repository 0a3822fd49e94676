//! Stop words, which are removed from every document.

use hashbrown::HashSet;

/// scikit-learn's English list, `sklearn.feature_extraction.text.ENGLISH_STOP_WORDS`. It has 318
/// words and has not changed since scikit-learn 0.18.
const ENGLISH: &str = include_str!("english_stop_words.txt");

/// The words that an [`Analyzer`](crate::Analyzer) removes.
///
/// ```
/// use count_vectorizer::StopWords;
///
/// let english = StopWords::english();
/// assert_eq!(english.len(), 318);
/// assert!(english.contains("fire") && !english.contains("computer"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StopWords {
    words: HashSet<Box<str>>,
}

impl StopWords {
    /// Returns no stop words: scikit-learn's `stop_words=None`.
    ///
    /// ```
    /// use count_vectorizer::StopWords;
    ///
    /// assert!(!StopWords::none().contains("the"));
    /// ```
    pub fn none() -> Self {
        StopWords::default()
    }

    /// Returns scikit-learn's English list: `stop_words='english'`.
    ///
    /// ```
    /// use count_vectorizer::StopWords;
    ///
    /// assert!(StopWords::english().contains("the"));
    /// ```
    pub fn english() -> Self {
        ENGLISH.lines().collect()
    }

    /// Returns whether `word` is a stop word.
    ///
    /// ```
    /// use count_vectorizer::StopWords;
    ///
    /// let own: StopWords = ["dog"].into_iter().collect();
    /// assert!(own.contains("dog") && !own.contains("the"));
    /// ```
    pub fn contains(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Returns the number of words.
    ///
    /// ```
    /// use count_vectorizer::StopWords;
    ///
    /// assert_eq!(StopWords::english().len(), 318);
    /// ```
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns whether there is no stop word.
    ///
    /// ```
    /// use count_vectorizer::StopWords;
    ///
    /// assert!(StopWords::none().is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns the words in code-point order.
    ///
    /// ```
    /// use count_vectorizer::StopWords;
    ///
    /// let own: StopWords = ["dog", "cat"].into_iter().collect();
    /// assert_eq!(own.sorted(), ["cat", "dog"]);
    /// ```
    pub fn sorted(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.words.iter().map(|word| &**word).collect();
        words.sort_unstable();
        words
    }
}

impl<'a> FromIterator<&'a str> for StopWords {
    fn from_iter<I: IntoIterator<Item = &'a str>>(words: I) -> Self {
        StopWords { words: words.into_iter().map(Box::from).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_english_list_is_sorted_lower_case_ascii_without_repeats() {
        let words: Vec<&str> = ENGLISH.lines().collect();
        assert_eq!(words.len(), 318);
        assert!(words.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(words.iter().all(|word| word.bytes().all(|b| b.is_ascii_lowercase())));
        assert_eq!(StopWords::english().sorted(), words);
    }
}
