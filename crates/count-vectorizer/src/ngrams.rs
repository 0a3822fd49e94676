//! N-grams of words and of characters in scikit-learn's order: shorter ones come first.

use crate::python::white_space::{is_space, push_with_runs_collapsed};

/// The least and the greatest length of an n-gram.
pub type LengthRange = (usize, usize);

/// Calls `term` with the n-grams of `tokens`, joined by spaces. This is scikit-learn's
/// `_word_ngrams` for a greatest length other than 1.
pub fn each_of_words(tokens: &[&str], (least, most): LengthRange, term: &mut impl FnMut(&str)) {
    let mut joined = String::new();
    each_empty(tokens.len(), least, term);
    for n in least.max(1)..=most.min(tokens.len()) {
        for gram in tokens.windows(n) {
            match gram {
                [token] => term(token),
                _ => {
                    joined.clear();
                    for token in gram {
                        joined.push_str(token);
                        joined.push(' ');
                    }
                    joined.pop();
                    term(&joined);
                }
            }
        }
    }
}

/// Calls `term` with the n-grams of the characters of `text`: scikit-learn's `_char_ngrams`.
pub fn each_of_chars(text: &str, (least, most): LengthRange, term: &mut impl FnMut(&str)) {
    let mut normal = String::new();
    push_with_runs_collapsed(text, &mut normal);
    let chars = normal.chars().count();
    each_empty(chars, least, term);
    for n in least.max(1)..=most.min(chars) {
        each_gram(&normal, n, term);
    }
}

/// Calls `term` with the n-grams of the characters of each word of `text`, which gets a space on
/// both sides: scikit-learn's `_char_wb_ngrams`.
pub fn each_inside_words(text: &str, (least, most): LengthRange, term: &mut impl FnMut(&str)) {
    let mut padded = String::new();
    for word in text.split(is_space).filter(|word| !word.is_empty()) {
        padded.clear();
        padded.extend([" ", word, " "]);
        let chars = padded.chars().count();
        each_empty(chars, least, term);
        for n in least.max(1)..=most {
            if n >= chars {
                // A short word is counted once.
                term(&padded);
                break;
            }
            each_gram(&padded, n, term);
        }
    }
}

/// Calls `term` with the n-grams of length 0 if the range includes them. scikit-learn finds one
/// before each of `units` words or characters, and one at the end.
fn each_empty(units: usize, least: usize, term: &mut impl FnMut(&str)) {
    if least == 0 {
        (0..=units).for_each(|_| term(""));
    }
}

/// Calls `term` with all pieces of `n` characters. This walks the text twice and stores no offsets,
/// because the text may be as large as a file.
fn each_gram(text: &str, n: usize, term: &mut impl FnMut(&str)) {
    let starts = text.char_indices().map(|(start, _)| start);
    let ends = starts.clone().skip(n).chain([text.len()]);
    for (start, end) in starts.zip(ends) {
        term(text.get(start..end).unwrap_or_default());
    }
}

/// Returns the greatest number of n-grams that `units` words or characters have, and the number of
/// words or characters in all of them.
pub fn size(units: usize, (least, most): LengthRange) -> (u128, u128) {
    // The numbers for the lengths 1 to n.
    let up_to = |n: u128| {
        let (numbers, squares) = (n * (n + 1) / 2, n * (n + 1) * (2 * n + 1) / 6);
        let starts = units as u128 + 1;
        (n * starts - numbers, numbers * starts - squares)
    };
    let (all, before) = (up_to(most.min(units) as u128), up_to(least.saturating_sub(1).min(units) as u128));
    let empty = if least == 0 { units as u128 + 1 } else { 0 };
    (all.0 - before.0 + empty, all.1 - before.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collected(each: impl FnOnce(&mut dyn FnMut(&str))) -> Vec<String> {
        let mut terms = Vec::new();
        each(&mut |term| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn single_words_come_before_pairs_of_words() {
        let words = |range| collected(|mut term| each_of_words(&["a", "b", "c"], range, &mut term));
        assert_eq!(words((1, 2)), ["a", "b", "c", "a b", "b c"]);
        assert_eq!(words((2, 9)), ["a b", "b c", "a b c"]);
        assert_eq!(words((0, 2)), ["", "", "", "", "a", "b", "c", "a b", "b c"]);
        assert_eq!(words((0, 0)), ["", "", "", ""]);
        assert!(words((4, usize::MAX)).is_empty());
    }

    #[test]
    fn character_ngrams_cross_words_and_a_run_of_white_space_is_one_space() {
        let chars = |text: &str, range| collected(|mut term| each_of_chars(text, range, &mut term));
        assert_eq!(chars("é \t日x", (1, 2)), ["é", " ", "日", "x", "é ", " 日", "日x"]);
        assert_eq!(chars("ab", (2, usize::MAX)), ["ab"]);
        assert!(chars("", (1, 3)).is_empty());
        assert_eq!(chars("ab", (0, 1)), ["", "", "", "a", "b"]);
        assert_eq!(chars("", (0, 1)), [""]);
    }

    #[test]
    fn the_number_of_ngrams_is_known_before_they_are_made() {
        for (units, range) in [
            (0, (1, 3)),
            (1, (1, 1)),
            (5, (1, 2)),
            (5, (2, 9)),
            (7, (3, 5)),
            (4, (5, 6)),
            (9, (1, usize::MAX)),
            (3, (0, 2)),
            (0, (0, 0)),
        ] {
            let grams = collected(|mut term| each_of_chars(&"abcdefghi"[..units], range, &mut term));
            let text: usize = grams.iter().map(String::len).sum();
            assert_eq!(size(units, range), (grams.len() as u128, text as u128), "{units} {range:?}");
        }
        assert_eq!(size(1 << 32, (1, usize::MAX)).0, (1_u128 << 63) + (1 << 31));
    }

    #[test]
    fn words_are_padded_and_a_short_word_comes_once() {
        let chars = |text: &str, range| collected(|mut term| each_inside_words(text, range, &mut term));
        assert_eq!(chars("ab\u{1f}é", (3, 5)), [" ab", "ab ", " ab ", " é "]);
        assert_eq!(chars(" ab ", (4, usize::MAX)), [" ab "]);
        assert_eq!(chars("a", (1, 2)), [" ", "a", " ", " a", "a "]);
        assert!(chars(" \n ", (1, 2)).is_empty());
        assert_eq!(chars("a b", (0, 0)), [""; 8]);
        assert_eq!(chars("a", (0, 1)), ["", "", "", "", " ", "a", " "]);
    }
}
