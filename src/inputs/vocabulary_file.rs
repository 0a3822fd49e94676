//! A vocabulary written earlier: JSON or a pickle, `{word: id}`.

use std::path::Path;

use crate::error::{Error, Problem, Result};
use count_vectorizer::{StringList, Vocabulary};
use keyword_files::json::{is_meant_as_json, read_json_numbers};
use keyword_files::pickle::read_name_numbers;
use keyword_files::plain_file::read_bounded;

/// In MiB. This suffices for some ten million words.
pub(crate) const MAX_FILE: u64 = 1024;

/// Reads a vocabulary that `amc-keywords` or scikit-learn wrote: `{word: id}`, as JSON or as a
/// pickle.
///
/// ```
/// let path = std::env::temp_dir().join(format!("vocabulary-{}.json", std::process::id()));
/// std::fs::write(&path, r#"{"adult": 0, "woman": 1}"#)?;
/// let vocabulary = amc_keywords::read_vocabulary(&path)?;
/// assert_eq!(vocabulary.id("woman"), Some(1));
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// The file cannot be read, is larger than 1 GiB, or contains anything else. The ids must be
/// 0, 1, 2 and so on, without a gap or a repeat, as in `CountVectorizer(vocabulary=…)`.
pub fn read_vocabulary(path: impl AsRef<Path>) -> Result<Vocabulary> {
    read_vocabulary_up_to(path.as_ref(), MAX_FILE)
}

/// Reads a vocabulary of at most `mib` MiB.
///
/// # Errors
///
/// Those of [`read_vocabulary`].
pub(crate) fn read_vocabulary_up_to(path: &Path, mib: u64) -> Result<Vocabulary> {
    let bytes = read_bounded(path, "a vocabulary", mib)?;
    let mut words = VocabularyWords { path, words: StringList::default(), ids: Vec::new() };
    if is_meant_as_json(&bytes) {
        read_json_numbers(path, &bytes, "a word id", &mut |word, id| words.add(word, id))?;
    } else {
        read_name_numbers(path, &bytes, &mut |word, id| {
            words.add(word, id);
            Ok(())
        })?;
    }
    words.into_vocabulary()
}

/// The words in the order of the file.
struct VocabularyWords<'a> {
    path: &'a Path,
    words: StringList,
    /// The id of each word, and its number in `words`.
    ids: Vec<(u64, u32)>,
}

impl VocabularyWords<'_> {
    fn add(&mut self, word: &str, id: u64) {
        self.ids.push((id, self.words.push(word)));
    }

    fn into_vocabulary(mut self) -> Result<Vocabulary> {
        let problem = |what: String| {
            let hint = "a vocabulary is {word: id} with ids from 0 up";
            Error::Data(Problem::new(self.path, what).hint(hint))
        };
        if self.ids.is_empty() {
            return Err(problem("the vocabulary is empty".to_owned()));
        }
        let word = |number: u32| self.words.get(number).unwrap_or_default();
        self.ids.sort_unstable_by_key(|&(id, number)| (id, word(number)));
        for (place, &(id, number)) in (0..).zip(&self.ids) {
            if id != place {
                let what = if id < place { "comes twice" } else { "comes too early" };
                return Err(problem(format!("the id {id} of {:?} {what}, expected {place}", word(number))));
            }
        }
        let vocabulary = Vocabulary::from_words(self.ids.iter().map(|&(_, number)| word(number)));
        if vocabulary.len() < self.ids.len() {
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
    fn json_of_another_shape_is_an_error_that_says_so() {
        assert_eq!(read(b" [\"dog\"]").unwrap_err(), "line 1 column 1: expected an object {name: number}, found a list");
        assert_eq!(read(b"\xef\xbb\xbf{\"dog\": 0}").unwrap(), ["dog"]);
        let neither = "expected a pickled dict {name: number}, but this is text; save it with pickle.dump";
        assert_eq!(read(b"dog\ncat\n").unwrap_err(), neither);
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
