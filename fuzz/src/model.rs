//! A model of the words of a document. It is slow and easy to check.

use std::sync::LazyLock;

use count_vectorizer::StopWords;
use regex::Regex;

/// Two or more letters and numbers of Unicode 16.0, or underscores.
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]{2,}").expect("a pattern"));

/// The code points that Unicode 16.0 does not assign. A newer standard library may change their
/// case, or ignore them next to a sigma.
static UNASSIGNED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Unassigned}").expect("a pattern"));

/// The words of the keywords, joined by spaces, without stop words.
pub fn words(keywords: &[String], stop_words: &StopWords) -> Vec<String> {
    let joined = keywords.join(" ");
    let lowered = UNASSIGNED.replace_all(&joined, "\u{fffd}").to_lowercase();
    let words = WORD.find_iter(&lowered).map(|found| found.as_str().to_owned());
    words.filter(|word| !stop_words.contains(word)).collect()
}
