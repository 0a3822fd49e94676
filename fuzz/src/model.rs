//! What the words of a document are, written as plainly as can be.

use std::sync::LazyLock;

use amc_keywords::StopWords;
use regex::Regex;

/// Letters and numbers of Unicode 16.0, and the underscore: two or more in a row.
static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[\p{L}\p{N}_]{2,}").expect("the pattern is sound"));

/// What 16.0 does not assign: a newer standard library may know it, with a case or as something to be ignored beside a sigma.
static UNASSIGNED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{Unassigned}").expect("the pattern is sound"));

/// The words of the keywords joined by a space, stop words left out.
pub fn words(keywords: &[String], stop_words: &StopWords) -> Vec<String> {
    let joined = keywords.join(" ");
    let lowered = UNASSIGNED.replace_all(&joined, "\u{fffd}").to_lowercase();
    let words = WORD.find_iter(&lowered).map(|found| found.as_str().to_owned());
    words.filter(|word| !stop_words.contains(word)).collect()
}
