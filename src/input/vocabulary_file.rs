//! A vocabulary written earlier: JSON or a pickle, `{word: id}`.

use std::path::Path;

use super::json::read_json_name_numbers;
use super::pickle::read_name_numbers;
use crate::error::{Error, Problem, Result};
use crate::vocabulary::Vocabulary;

/// Reads a vocabulary: JSON if it begins with `{`, a pickle otherwise. The ids must count up from 0 without a gap or a repeat, as
/// scikit-learn asks of `CountVectorizer(vocabulary=…)`.
pub(crate) fn read_vocabulary(path: &Path) -> Result<Vocabulary> {
    parse_vocabulary(path, &std::fs::read(path).map_err(Error::io(path, "read"))?)
}

/// [`read_vocabulary`] with the file's bytes at hand.
pub(crate) fn parse_vocabulary(path: &Path, bytes: &[u8]) -> Result<Vocabulary> {
    let mut words = Words { path, words: Vec::new() };
    if bytes.trim_ascii_start().starts_with(b"{") {
        read_json_name_numbers(path, bytes, "a word id", &mut |word, id| words.add(word, id))?;
    } else {
        read_name_numbers(path, bytes, &mut |word, id| words.add(word, id))?;
    }
    words.into_vocabulary()
}

struct Words<'a> {
    path: &'a Path,
    words: Vec<(u64, String)>,
}

impl Words<'_> {
    fn add(&mut self, word: &str, id: u64) -> Result<()> {
        self.words.push((id, word.to_owned()));
        Ok(())
    }

    fn into_vocabulary(mut self) -> Result<Vocabulary> {
        let problem = |what: String| {
            let hint = "a vocabulary is {word: id} with ids from 0 up";
            Error::Data(Problem::new(self.path, what).hint(hint))
        };
        if self.words.is_empty() {
            return Err(problem("the vocabulary is empty".to_owned()));
        }
        self.words.sort_unstable();
        for (place, (id, word)) in (0..).zip(&self.words) {
            if *id != place {
                let what = if *id < place { "comes twice" } else { "comes too early" };
                return Err(problem(format!("the id {id} of {word:?} {what}, expected {place}")));
            }
        }
        let vocabulary = Vocabulary::from_words(self.words.iter().map(|(_, word)| word.as_str()));
        if vocabulary.len() < self.words.len() {
            return Err(problem("a word comes twice".to_owned()));
        }
        Ok(vocabulary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &[u8]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.json");
        std::fs::write(&path, content).unwrap();
        match read_vocabulary(&path) {
            Ok(vocabulary) => Ok(vocabulary.words().map(str::to_owned).collect()),
            Err(e) => Err(e.to_string().rsplit_once("v.json: ").unwrap().1.to_owned()),
        }
    }

    #[test]
    fn words_keep_the_ids_that_the_file_gives() {
        assert_eq!(read(br#"{"zebra": 0, "caf\u00e9": 2, "adult": 1}"#).unwrap(), ["zebra", "adult", "café"]);
    }

    #[test]
    fn ids_that_do_not_count_up_from_0_are_refused() {
        let hint = "; a vocabulary is {word: id} with ids from 0 up";
        for (content, what) in [
            (r#"{}"#, format!("the vocabulary is empty{hint}")),
            (r#"{"a": 0, "b": 2}"#, format!("the id 2 of \"b\" comes too early, expected 1{hint}")),
            (r#"{"a": 0, "b": 0}"#, format!("the id 0 of \"b\" comes twice, expected 1{hint}")),
            (r#"{"a": 0, "a": 1}"#, format!("a word comes twice{hint}")),
            (r#"{"a": -1}"#, "line 1 column 8: expected a word id, a whole number, found integer `-1`".to_owned()),
            (r#"{"a": 0"#, "line 1 column 7: the JSON is cut short: EOF while parsing an object".to_owned()),
        ] {
            assert_eq!(read(content.as_bytes()).unwrap_err(), what);
        }
    }
}
