//! Reading a table of labels: a file of codes and their words.

use std::path::Path;

use crate::error::{Problem, Result};
use crate::json::{is_meant_as_json, read_json_texts};
use crate::labels::Labels;
use crate::plain_file::read_bounded;

/// The largest table that is read, in MiB.
const MAX_FILE: u64 = 128;

impl Labels {
    /// Reads a JSON object `{code: word}` or a CSV of two columns. A header is a code that no
    /// record has, so it does no harm.
    ///
    /// # Errors
    ///
    /// The file cannot be read, a row has another number of columns, or a code has two words.
    pub fn read(path: &Path) -> Result<Labels> {
        Labels::parse(path, &read_bounded(path, "a table of labels", MAX_FILE)?)
    }

    fn parse(path: &Path, bytes: &[u8]) -> Result<Labels> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut labels = Labels::default();
        if is_meant_as_json(bytes) {
            read_json_texts(path, bytes, &mut |code, word| {
                labels.insert(code, word);
            })?;
        } else {
            labels.add_csv(path, bytes)?;
        }
        if labels.is_empty() {
            let problem = Problem::new(path, "the table of labels is empty");
            return Err(problem.hint("write a code and its word in each line, such as m1,dog").into());
        }
        Ok(labels)
    }

    fn add_csv(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let first_line = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let delimiter = [b'\t', b',', b';'].into_iter().find(|byte| first_line.contains(byte));
        let mut rows = csv::ReaderBuilder::new();
        let rows = rows.has_headers(false).flexible(true).delimiter(delimiter.unwrap_or(b','));
        for (number, row) in (1_u64..).zip(rows.from_reader(bytes).into_byte_records()) {
            let row = row.map_err(|error| Problem::new(path, format!("not CSV: {error}")))?;
            let at = row.position().map_or(number, csv::Position::line);
            let problem = |what: String| Problem::new(path, what).at(format!("line {at}"));
            let (Some(code), Some(word), 2) = (row.get(0), row.get(1), row.len()) else {
                let what = format!("a row of labels has {} columns", row.len());
                return Err(problem(what).hint("write a code and its word, such as m1,dog").into());
            };
            let word = std::str::from_utf8(word)
                .map_err(|_| problem("the word is not UTF-8".to_owned()).hint("save the file as UTF-8"))?;
            if let Some(before) = self.insert(code, word)
                && *before != *word
            {
                let code = String::from_utf8_lossy(code).into_owned();
                let what = format!("the code {code:?} has two words ({before:?} and {word:?})");
                return Err(problem(what).hint("remove one of them").into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> std::result::Result<Labels, String> {
        Labels::parse(Path::new("labels"), text.as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_table_is_csv_or_json_with_or_without_a_header() {
        for text in [
            "LabelName,DisplayName\n/m/1,Red dog\n/m/2,\"Cat, tabby\"\n",
            "\u{feff}/m/1,Red dog\r\n/m/2,\"Cat, tabby\"",
            "/m/1\tRed dog\n/m/2\tCat, tabby\n",
            "/m/1;Red dog\n/m/2;Cat, tabby\n/m/1;Red dog\n",
            " {\"/m/1\": \"cow\", \"/m/1\": \"Red dog\", \"/m/2\": \"Cat, tabby\"}",
        ] {
            let labels = read(text).unwrap();
            let words = [b"/m/1", b"/m/2", b"/m/3"].map(|code| labels.word(code));
            assert_eq!(words, [Some("Red dog"), Some("Cat, tabby"), None], "{text}");
        }
    }

    #[test]
    fn a_table_that_is_not_two_columns_is_refused() {
        let hint = "write a code and its word, such as m1,dog";
        for (text, message) in [
            ("", "labels: the table of labels is empty; write a code and its word in each line, such as m1,dog".to_owned()),
            ("{}", "labels: the table of labels is empty; write a code and its word in each line, such as m1,dog".to_owned()),
            ("a,b\nc\n", format!("labels: line 2: a row of labels has 1 columns; {hint}")),
            ("a,b\nc,d,e\n", format!("labels: line 2: a row of labels has 3 columns; {hint}")),
            ("a,b\na,c\n", "labels: line 2: the code \"a\" has two words (\"b\" and \"c\"); remove one of them".to_owned()),
            ("{\"a\": null}", "labels: line 1 column 10: expected a word, found null".to_owned()),
        ] {
            assert_eq!(read(text).unwrap_err(), message, "{text}");
        }
    }
}
