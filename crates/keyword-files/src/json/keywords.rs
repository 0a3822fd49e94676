//! The keywords of one image, read from its JSON, for example
//! `{"tagging": {"keywords": ["woman", "young adult"]}}`.
//!
//! Keywords are handed on while the text is parsed. A text means what it means to Python's
//! `json.load`: other keys may hold anything, the last of equal keys counts, and a lone surrogate
//! escape is a character that is part of no word.

use super::field::{FieldPath, KeywordField};
use super::malformed::{Flaw, Malformed, TextPlace};
use super::sink::KeywordSink;
use super::utf8::utf8;
use super::{fast, general};

/// Reads the keywords in the JSON `text` at `field`.
pub fn read_keywords(text: &[u8], field: &KeywordField, sink: &mut impl KeywordSink) -> Result<(), Malformed> {
    let text = utf8(text)?;
    if field.separator.is_none() && field.labels.is_none() {
        return read_text(text, field, sink);
    }
    let mut pieces = PieceSink { field, sink, unknown: None };
    read_text(text, field, &mut pieces)?;
    match pieces.unknown {
        Some(code) => {
            let place = TextPlace::Field(field.path.to_string());
            Err(Malformed::new(place, Flaw::UnknownLabel { code }))
        }
        None => Ok(()),
    }
}

fn read_text(text: &str, field: &KeywordField, sink: &mut impl KeywordSink) -> Result<(), Malformed> {
    sink.restart();
    let may_be_text = !field.is_strict();
    let read = match &field.path {
        _ if !field.can_be_fast() => None,
        FieldPath::Keys(keys) => fast::read(text, keys, may_be_text, sink),
        FieldPath::Usual if text.trim_start().starts_with('{') => fast::read(text, &["tagging", "keywords"], may_be_text, sink),
        FieldPath::Usual => fast::read::<&str>(text, &[], may_be_text, sink),
        FieldPath::Query(_) => None,
    };
    match read {
        Some(()) => Ok(()),
        None => general::read(text, field, sink),
    }
}

/// Divides strings into keywords, and looks these up in the table of labels.
struct PieceSink<'a> {
    field: &'a KeywordField,
    sink: &'a mut dyn KeywordSink,
    /// The first code that the table does not have.
    unknown: Option<String>,
}

impl PieceSink<'_> {
    fn piece(&mut self, piece: &[u8]) {
        let Some(labels) = &self.field.labels else { return self.sink.keyword(piece) };
        match labels.word(piece) {
            Some(word) => self.sink.keyword(word.as_bytes()),
            None => {
                let code = || String::from_utf8_lossy(piece).chars().take(MOST_CODE).collect();
                self.unknown.get_or_insert_with(code);
            }
        }
    }
}

/// Characters of an unknown code that a message has room for.
const MOST_CODE: usize = 60;

impl KeywordSink for PieceSink<'_> {
    fn restart(&mut self) {
        self.unknown = None;
        self.sink.restart();
    }

    /// The pieces have no white space around them, and empty ones are no keywords.
    fn keyword(&mut self, mut text: &[u8]) {
        let separator = self.field.separator.as_ref().filter(|separator| !separator.is_empty());
        let Some(separator) = separator.map(String::as_bytes) else { return self.piece(text) };
        loop {
            let end = text.windows(separator.len()).position(|here| here == separator);
            let piece = text.get(..end.unwrap_or(text.len())).unwrap_or_default();
            let piece = trimmed(piece);
            if !piece.is_empty() {
                self.piece(piece);
            }
            let Some(end) = end else { return };
            text = text.get(end + separator.len()..).unwrap_or_default();
        }
    }

    fn unsure(&mut self) {
        self.sink.unsure();
    }

    fn has_confidence(&mut self) {
        self.sink.has_confidence();
    }

    fn no_field(&mut self) {
        self.sink.no_field();
    }
}

/// A piece without the white space around it.
fn trimmed(piece: &[u8]) -> &[u8] {
    match std::str::from_utf8(piece) {
        Ok(piece) => piece.trim().as_bytes(),
        Err(_) => piece.trim_ascii(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Collected(Vec<Vec<u8>>);

    impl KeywordSink for Collected {
        fn restart(&mut self) {
            self.0.clear();
        }
        fn keyword(&mut self, keyword: &[u8]) {
            self.0.push(keyword.to_vec());
        }
    }

    fn read(json: impl AsRef<[u8]>) -> Result<Vec<String>, String> {
        let mut sink = Collected::default();
        match read_keywords(json.as_ref(), &KeywordField::default(), &mut sink) {
            Ok(()) => Ok(sink.0.iter().map(|keyword| String::from_utf8_lossy(keyword).into_owned()).collect()),
            Err(e) => Err(format!("{}: {e}", e.place)),
        }
    }

    #[test]
    fn keywords_are_read_and_other_keys_are_ignored() {
        let json = r#" {"status": {"a": [1, 2.5e99, null]}, "tagging": {"model": "x", "keywords": ["woman", "caf\u00e9", ""]}, "z": []} "#;
        assert_eq!(read(json).unwrap(), ["woman", "café", ""]);
        assert_eq!(read(r#"{"tagging": {"keywords": []}}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn the_last_of_two_equal_keys_counts() {
        assert_eq!(read(r#"{"tagging": {"keywords": ["a"], "keywords": ["b"]}}"#).unwrap(), ["b"]);
        assert_eq!(read(r#"{"tagging": {"keywords": ["a"]}, "tagging": {"keywords": ["b", "c"]}}"#).unwrap(), ["b", "c"]);
        assert_eq!(
            read(r#"{"tagging": {"keywords": ["a"]}, "tagging": {}}"#).unwrap_err(),
            "line 1 column 46: there is no tagging.keywords, expected a list of strings in tagging.keywords"
        );
    }

    #[test]
    fn the_first_of_two_equal_keys_may_be_anything() {
        assert_eq!(read(r#"{"tagging": 5, "tagging": {"keywords": ["dog"]}}"#).unwrap(), ["dog"]);
        assert_eq!(read(r#"{"tagging": {"keywords": 7, "keywords": ["dog", "caf\u00e9"]}}"#).unwrap(), ["dog", "café"]);
        assert_eq!(
            read("{\"tagging\": 5,\n \"tagging\": {\"keywords\": \n\"dog\"}}").unwrap_err(),
            "line 3 column 5: expected a list of strings in tagging.keywords, found string \"dog\""
        );
    }

    #[test]
    fn a_raw_control_character_is_refused_as_in_python() {
        let raw = "{\"tagging\": {\"keywords\": [\"do\tg\"]}}";
        assert_eq!(
            read(raw).unwrap_err(),
            "line 1 column 29: not JSON: control character (\\u0000-\\u001F) found while parsing a string"
        );
        let beside_a_surrogate = raw.replace('[', "[\"\\ud800\",");
        assert!(read(beside_a_surrogate).unwrap_err().contains("not JSON: control character"));
        assert_eq!(read(raw.replace('\t', "\\t")).unwrap(), ["do\tg"]);
    }

    #[test]
    fn lone_surrogates_are_characters_and_pairs_are_joined() {
        assert_eq!(
            read(r#"{"\ud800": 1, "tagging": {"keywords": ["\ud83d", "\ud83d\ude00"], "x": "\udc00"}}"#).unwrap()[1],
            "😀"
        );
    }

    #[test]
    fn deep_nesting_in_an_unused_value_is_ignored() {
        let deep = format!(r#"{{"x": {}{}, "tagging": {{"keywords": ["a"]}}}}"#, "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(read(deep).unwrap(), ["a"]);
    }

    #[test]
    fn messages_name_the_place_and_what_was_found() {
        let deep = "[".repeat(200_000);
        for (json, message) in [
            ("", "line 1 column 0: the file is empty, expected a JSON object"),
            ("\u{feff}{}", "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one"),
            ("{}", "line 1 column 2: there is no tagging, expected a list of strings in tagging.keywords"),
            ("[]", "line 1 column 0: expected a list of strings in tagging.keywords, found a list"),
            (r#"{"tagging": 5}"#, "line 1 column 13: expected a list of strings in tagging.keywords, found integer `5`"),
            (
                r#"{"tagging": {"keywords": null}}"#,
                "line 1 column 29: expected a list of strings in tagging.keywords, found null",
            ),
            (
                r#"{"tagging": {"keywords": "cat"}}"#,
                "line 1 column 30: expected a list of strings in tagging.keywords, found string \"cat\"",
            ),
            (
                r#"{"tagging": {"keywords": ["cat", 5]}}"#,
                "line 1 column 34: expected a list of strings in tagging.keywords, found integer `5`",
            ),
            (
                r#"{"tagging": {"keywords": [["cat"]]}}"#,
                "line 1 column 27: expected a list of strings in tagging.keywords, found a list",
            ),
            (r#"{"tagging": {"keywords": ["cat""#, "line 1 column 31: the JSON is cut short: EOF while parsing a list"),
            (
                r#"{"score": NaN, "tagging": {"keywords": []}}"#,
                "line 1 column 11: not JSON: expected value; NaN and Infinity are not JSON, so \
                 save such numbers as null",
            ),
            (r#"{"tagging": {"keywords": []}} x"#, "line 1 column 31: not JSON: trailing characters"),
            ("<html>", "line 1 column 1: not JSON: expected value"),
            (
                &format!(r#"{{"tagging": {{"keywords": {deep}"#),
                "line 1 column 200025: the JSON is cut short: EOF while parsing a list",
            ),
        ] {
            assert_eq!(read(json).unwrap_err(), message, "{}", json.get(..40).unwrap_or(json));
        }
        assert_eq!(read(b"{\"tagging\": \"\xff\"}").unwrap_err(), "byte 13: not UTF-8; save it as UTF-8");
    }
}
