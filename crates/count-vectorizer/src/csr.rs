//! Counting the words of a document for a row of a sparse matrix (CSR).

/// A word of a document and the number of its occurrences there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct WordCount {
    pub word: u32,
    pub count: u32,
}

/// Counts each different word of a document, in rising order. `words` is sorted in place.
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
        let counts = |words: &mut [u32]| {
            count_words(words).map(|count| (count.word, count.count)).collect::<Vec<_>>()
        };
        assert_eq!(counts(&mut [7, 2, 7, 0, 7, 2]), [(0, 1), (2, 2), (7, 3)]);
        assert_eq!(counts(&mut []), []);
    }
}
