//! Rows of a sparse matrix (CSR): the terms of a document with their counts.

/// A term of a document and the number of its occurrences there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WordCount {
    /// The number of the term.
    pub word: u32,
    /// The number of its occurrences.
    pub count: u32,
}

/// Counts each distinct number of a document, in rising order. `words` is sorted in place.
///
/// ```
/// use count_vectorizer::csr::{WordCount, count_words};
///
/// let counts: Vec<WordCount> = count_words(&mut [7, 2, 7]).collect();
/// assert_eq!(counts, [WordCount { word: 2, count: 1 }, WordCount { word: 7, count: 2 }]);
/// ```
pub fn count_words(words: &mut [u32]) -> impl Iterator<Item = WordCount> {
    words.sort_unstable();
    words.chunk_by(|a, b| a == b).filter_map(|equal| {
        let count = u32::try_from(equal.len()).unwrap_or(u32::MAX);
        Some(WordCount { word: *equal.first()?, count })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_rising_order() {
        let counts = |words: &mut [u32]| count_words(words).map(|count| (count.word, count.count)).collect::<Vec<_>>();
        assert_eq!(counts(&mut [7, 2, 7, 0, 7, 2]), [(0, 1), (2, 2), (7, 3)]);
        assert_eq!(counts(&mut []), []);
    }
}
