//! Suggestions for a word that the vocabulary does not contain.

use strsim::osa_distance;

use count_vectorizer::Vocabulary;

/// The most words that are suggested.
const MOST_SUGGESTED: usize = 3;

/// Longer words get no suggestions: they are no typing errors.
const LONGEST: usize = 64;

/// The words that differ from `word` in one or two letters, the most similar first. Upper and lower
/// case are treated as equal.
pub(super) fn similar_words<'a>(vocabulary: &'a Vocabulary, word: &str) -> Vec<&'a str> {
    let wanted = word.to_lowercase();
    let length = wanted.chars().count();
    if length > LONGEST {
        return Vec::new();
    }
    let most = if length < 4 { 1 } else { 2 };
    let is_near = |other: &&str| other.len() <= 4 * LONGEST && other.chars().count().abs_diff(length) <= most;
    let distance = |other: &str| osa_distance(&wanted, &other.to_lowercase());
    let distances = vocabulary.words().filter(is_near).map(|other| (distance(other), other));
    let mut near: Vec<(usize, &str)> = distances.filter(|(distance, _)| *distance <= most).collect();
    near.sort_unstable();
    near.into_iter().take(MOST_SUGGESTED).map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_similar_words_come_first() {
        let vocabulary = Vocabulary::from_words(["fod", "food", "foot", "hood", "café", "sky", "flood", "blood"]);
        assert_eq!(similar_words(&vocabulary, "foood"), ["flood", "food", "blood"]);
        assert_eq!(similar_words(&vocabulary, "CAFÉ"), ["café"]);
        assert_eq!(similar_words(&vocabulary, "cafe"), ["café"]);
        assert_eq!(similar_words(&vocabulary, "sk"), ["sky"]);
        assert_eq!(similar_words(&vocabulary, "elephant"), Vec::<&str>::new());
        assert_eq!(similar_words(&vocabulary, &"x".repeat(1 << 20)), Vec::<&str>::new());
    }
}
