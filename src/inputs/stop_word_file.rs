//! A list of stop words: one word per line.

use std::path::Path;

use crate::error::{Problem, Result};
use count_vectorizer::StopWords;
use keyword_files::plain_file::read_bounded;

/// In MiB. Some million words, each of which takes some tens of bytes more than its text.
const MAX_FILE: u64 = 32;

/// Reads a list of stop words, one per line. Blank lines are ignored, and white space around a word
/// is removed.
///
/// Stop words are compared after lower-casing, as in scikit-learn, so write them in lower case.
///
/// # Errors
///
/// The file cannot be read, is larger than 32 MiB, or is not UTF-8.
pub fn read_stop_words(path: impl AsRef<Path>) -> Result<StopWords> {
    let path = path.as_ref();
    if std::fs::metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Err(Problem::new(path, "no such file")
            .hint("stop words are english, none, or a file with one word per line")
            .into());
    }
    let bytes = read_bounded(path, "a list of stop words", MAX_FILE)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| {
        Problem::new(path, "expected UTF-8 text with one stop word per line").at(format!("byte {}", e.valid_up_to()))
    })?;
    Ok(text.lines().map(str::trim).filter(|word| !word.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stop.txt");
        std::fs::write(&path, bytes).unwrap();
        match read_stop_words(&path) {
            Ok(words) => Ok(words.sorted().into_iter().map(str::to_owned).collect()),
            Err(e) => Err(e.to_string().rsplit_once("stop.txt: ").unwrap().1.to_owned()),
        }
    }

    #[test]
    fn blank_lines_and_white_space_around_a_word_do_not_count() {
        assert_eq!(read("photo\r\n\n  déjà \nphoto".as_bytes()).unwrap(), ["déjà", "photo"]);
        assert_eq!(read(b"").unwrap(), [""; 0]);
        assert_eq!(read(b"\xef\xbb\xbfphoto").unwrap(), ["photo"]);
    }

    #[test]
    fn a_list_that_is_not_utf_8_is_refused() {
        assert_eq!(read(b"photo\n\xff").unwrap_err(), "byte 6: expected UTF-8 text with one stop word per line");
    }
}
