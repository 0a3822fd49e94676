//! The words of a vocabulary that someone may have meant.

use strsim::osa_distance;

use count_vectorizer::Vocabulary;

/// How many words are offered at most.
const OFFERED: usize = 3;

/// Nobody mistypes a word as long as that.
const LONGEST: usize = 64;

/// The words next to `word`: a letter or two apart, capitals and small letters taken for the same; the nearest first.
pub(super) fn closest_words<'a>(vocabulary: &'a Vocabulary, word: &str) -> Vec<&'a str> {
    let wanted = word.to_lowercase();
    let length = wanted.chars().count();
    if length > LONGEST {
        return Vec::new();
    }
    let most = if length < 4 { 1 } else { 2 };
    let is_near = |other: &&str| other.len() <= 4 * LONGEST && other.chars().count().abs_diff(length) <= most;
    let distances = vocabulary.words().filter(is_near).map(|other| (osa_distance(&wanted, &other.to_lowercase()), other));
    let mut near: Vec<(usize, &str)> = distances.filter(|(distance, _)| *distance <= most).collect();
    near.sort_unstable();
    near.into_iter().take(OFFERED).map(|(_, word)| word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_words_come_first() {
        let vocabulary = Vocabulary::from_words(["fod", "food", "foot", "hood", "café", "sky", "flood", "blood"]);
        assert_eq!(closest_words(&vocabulary, "foood"), ["flood", "food", "blood"]);
        assert_eq!(closest_words(&vocabulary, "CAFÉ"), ["café"]);
        assert_eq!(closest_words(&vocabulary, "cafe"), ["café"]);
        assert_eq!(closest_words(&vocabulary, "sk"), ["sky"]);
        assert_eq!(closest_words(&vocabulary, "elephant"), Vec::<&str>::new());
        assert_eq!(closest_words(&vocabulary, &"x".repeat(1 << 20)), Vec::<&str>::new());
    }
}
