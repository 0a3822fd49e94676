//! The vocabulary as JSON. The script of the page shows it as a table.

use std::cmp::Reverse;

use serde::Serialize;

use super::figures::Figures;
use crate::error::{Error, Result};

/// The largest number of words in the table. Browsers cannot open a page with millions.
const MOST_WORDS: usize = 100_000;

/// The table by columns. All lists have one entry per word.
#[derive(Debug, Serialize)]
struct Table<'a> {
    ids: Vec<u32>,
    words: Vec<&'a str>,
    splits: Vec<SplitColumns<'a>>,
}

#[derive(Debug, Serialize)]
struct SplitColumns<'a> {
    name: &'a str,
    images: Vec<u64>,
    occurrences: Vec<u64>,
}

/// JSON for a `script` element, and its number of words.
pub(super) fn vocabulary_json(figures: &Figures) -> Result<(String, u64)> {
    let ids = chosen_ids(figures, MOST_WORDS);
    let column = |counts: &[u64]| ids.iter().map(|&id| counts.get(id as usize).copied().unwrap_or(0)).collect();
    let splits = figures.splits.iter().map(|split| SplitColumns {
        name: &split.counts.split,
        images: column(&split.frequencies.document),
        occurrences: column(&split.frequencies.term),
    });
    let words = ids.iter().map(|&id| figures.vocabulary.word(id).unwrap_or_default()).collect();
    let count = ids.len() as u64;
    let table = Table { splits: splits.collect(), words, ids };
    Ok((in_script(&table)?, count))
}

/// The ids of all words, or of the most frequent words of the first split, in rising order.
fn chosen_ids(figures: &Figures, most: usize) -> Vec<u32> {
    let mut ids: Vec<u32> = (0..).take(figures.vocabulary.len()).collect();
    if ids.len() > most {
        let count = |id: u32| figures.splits.first().and_then(|split| split.frequencies.document.get(id as usize).copied());
        ids.sort_by_key(|&id| Reverse(count(id)));
        ids.truncate(most);
        ids.sort_unstable();
    }
    ids
}

/// JSON without `<` and `>`. It cannot end the element or start a comment.
fn in_script(value: &impl Serialize) -> Result<String> {
    let json = serde_json::to_string(value).map_err(|error| Error::Refused(format!("the table cannot be written: {error}")))?;
    Ok(json.replace('<', "\\u003c").replace('>', "\\u003e"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_can_end_the_script_element() {
        let words = ["</script><b>", "<!--", "a\"b", "\u{2028}"];
        let json = in_script(&words).unwrap();
        assert!(!json.contains(['<', '>']), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).unwrap(), words);
    }
}
