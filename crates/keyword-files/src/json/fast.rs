//! The fast path through the JSON of an image. It reads nearly every text that a JSON library
//! writes. serde_json skips the nested values next to the path, and reads a keyword with an escape.
//! The general path reads the other texts: equal keys, keys with escapes, lone surrogates, errors.

use serde::de::IgnoredAny;

use super::sink::KeywordSink;
use super::string_scan::{BLOCK, first_special, special_bits};

/// Reads the list of strings, or the string if `may_be_text`, in `text` at `path`. `None` means
/// that the text must be read in another way, even if `sink` has got keywords.
pub(super) fn read<K: AsRef<str>>(text: &str, path: &[K], may_be_text: bool, sink: &mut impl KeywordSink) -> Option<()> {
    let mut cursor = ByteCursor { rest: text.as_bytes(), may_be_text };
    cursor.value_at(path, sink)?;
    cursor.space();
    cursor.rest.is_empty().then_some(())
}

/// The bytes that are not read yet.
struct ByteCursor<'a> {
    rest: &'a [u8],
    may_be_text: bool,
}

impl<'a> ByteCursor<'a> {
    /// Reads the value that `path` leads to from here, and skips the values next to the path.
    fn value_at<K: AsRef<str>>(&mut self, path: &[K], sink: &mut impl KeywordSink) -> Option<()> {
        let Some((key, rest)) = path.split_first() else { return self.keywords(sink) };
        let mut found = false;
        self.token(b'{')?;
        loop {
            let here = self.string()?;
            self.token(b':')?;
            if here != key.as_ref().as_bytes() {
                self.unused_value()?;
            } else if found {
                return None;
            } else {
                found = true;
                self.value_at(rest, sink)?;
            }
            if self.comma_or(b'}')? {
                return found.then_some(());
            }
        }
    }

    /// Reads the value that holds the keywords.
    fn keywords(&mut self, sink: &mut impl KeywordSink) -> Option<()> {
        self.space();
        if !self.may_be_text || self.rest.first() != Some(&b'"') {
            return self.list(sink);
        }
        let text = self.rest;
        match self.string() {
            Some(string) => sink.keyword(string),
            None => {
                let end = end_of_string(text, 1)?;
                sink.keyword(unescaped(text.get(..=end)?)?.as_bytes());
                self.rest = text.get(end + 1..)?;
            }
        }
        Some(())
    }

    /// Reads the list of the keywords.
    fn list(&mut self, sink: &mut impl KeywordSink) -> Option<()> {
        self.token(b'[')?;
        self.space();
        if self.rest.first() == Some(&b']') {
            return self.token(b']');
        }
        let text = self.rest;
        self.token(b'"')?;
        loop {
            let (start, mut end) = usual_keywords(text, text.len() - self.rest.len(), sink)?;
            if text.get(end) == Some(&b'"') {
                sink.keyword_at(text.get(start..)?, end - start);
            } else {
                end = end_of_string(text, end)?;
                sink.keyword(unescaped(text.get(start.checked_sub(1)?..=end)?)?.as_bytes());
            }
            self.rest = text.get(end + 1..)?;
            if self.comma_or(b']')? {
                return Some(());
            }
            self.token(b'"')?;
        }
    }

    /// Skips a value.
    fn unused_value(&mut self) -> Option<()> {
        self.space();
        match self.rest.first()? {
            b'"' => {
                let start = self.rest;
                if self.string().is_none() {
                    self.rest = start;
                    self.parsed_value()?;
                }
                Some(())
            }
            b't' => self.name(b"true"),
            b'f' => self.name(b"false"),
            b'n' => self.name(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.parsed_value(),
        }
    }

    /// Skips a value with serde_json, which checks it without recursion.
    fn parsed_value(&mut self) -> Option<()> {
        let mut values = serde_json::Deserializer::from_slice(self.rest).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        self.rest = self.rest.get(values.byte_offset()..)?;
        Some(())
    }

    fn name(&mut self, name: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(name)?;
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.name(b"-");
        let whole = self.digits()?;
        if whole.len() > 1 && whole.first() == Some(&b'0') {
            return None;
        }
        if self.name(b".").is_some() {
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.rest.first() {
            self.rest = self.rest.get(1..)?;
            if let Some(b'+' | b'-') = self.rest.first() {
                self.rest = self.rest.get(1..)?;
            }
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<&'a [u8]> {
        let end = self.rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!digits.is_empty()).then_some(digits)
    }

    /// Reads a string without escapes.
    fn string(&mut self) -> Option<&'a [u8]> {
        self.token(b'"')?;
        let (text, rest) = self.rest.split_at_checked(first_special(self.rest)?)?;
        self.rest = rest.strip_prefix(b"\"")?;
        Some(text)
    }

    /// Reads a comma or `end`, and says whether it was `end`.
    fn comma_or(&mut self, end: u8) -> Option<bool> {
        self.space();
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        match byte {
            b',' => Some(false),
            byte if byte == end => Some(true),
            _ => None,
        }
    }

    fn token(&mut self, token: u8) -> Option<()> {
        self.space();
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        (byte == token).then_some(())
    }

    fn space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }
}

/// Hands keywords to `sink`, starting with the one at `start`, as long as they have no escape and
/// are followed by a comma, a space and another keyword. Nearly all keywords are like that. Returns
/// the start of the first one that is not, and the first special byte in or behind it.
fn usual_keywords(text: &[u8], mut start: usize, sink: &mut impl KeywordSink) -> Option<(usize, usize)> {
    const BETWEEN: &[u8; 4] = b"\", \"";
    let mut block = start;
    loop {
        // The special bytes of the block that were not dealt with yet.
        let mut left = special_bits(text, block)?;
        while left != 0 {
            let end = block + left.trailing_zeros() as usize;
            let keyword = text.get(start..)?;
            if text.get(end..)?.first_chunk() != Some(BETWEEN) {
                return Some((start, end));
            }
            sink.keyword_at(keyword, end - start);
            start = end + BETWEEN.len();
            // Removes both quotes, if the second is in this block.
            left &= left - 1;
            left &= left.wrapping_sub(1);
        }
        // If it is not, the next block begins behind it.
        block = start.max(block + BLOCK);
    }
}

/// The end of the string that has a special byte at `place`.
fn end_of_string(text: &[u8], mut place: usize) -> Option<usize> {
    loop {
        match text.get(place)? {
            b'"' => return Some(place),
            b'\\' => place += 2,
            0..b' ' => return None,
            _ => place += 1,
        }
    }
}

/// The text of a string, given with its quotes. A string with a lone surrogate has none.
fn unescaped(string: &[u8]) -> Option<String> {
    serde_json::from_slice(string).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Default, Debug, PartialEq)]
    struct Collected(Vec<Vec<u8>>);

    impl KeywordSink for Collected {
        fn restart(&mut self) {
            self.0.clear();
        }
        fn keyword(&mut self, keyword: &[u8]) {
            self.0.push(keyword.to_vec());
        }
    }

    fn field() -> Vec<String> {
        ["tagging", "keywords"].map(String::from).to_vec()
    }

    fn read_fast(text: &str) -> Option<Vec<String>> {
        let mut sink = Collected::default();
        read(text, &field(), false, &mut sink)?;
        Some(sink.0.iter().map(|keyword| String::from_utf8_lossy(keyword).into_owned()).collect())
    }

    #[test]
    fn ordinary_texts_are_read() {
        let text = r#" {"status": "ok", "n": -1.5e+3, "x": null, "tagging": {"keywords": ["woman", "young adult", "café", ""], "b": true}} "#;
        assert_eq!(read_fast(text).unwrap(), ["woman", "young adult", "café", ""]);
        assert_eq!(read_fast(r#"{"tagging":{"keywords":[]}}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn other_texts_are_left_to_the_general_path() {
        for text in [
            "",
            r#"{"tagging": {"keywords": ["a\ud800"]}}"#,
            r#"{"tagging": {"keywords": ["a\q"]}}"#,
            r#"{"tagging": {"keywords": ["a\u00e"]}}"#,
            r#"{"tagging": {"keywords": ["a\"]}}"#,
            "{\"tagging\": {\"keywords\": [\"\\n\t\"]}}",
            r#"{"tagg\u0069ng": {"keywords": ["a"]}}"#,
            r#"{"tagging": {"keywords": ["a"]}, "tagging": {"keywords": ["b"]}}"#,
            r#"{"tagging": {"keywords": ["a"],}}"#,
            r#"{"tagging": {"keywords": ["a",]}}"#,
            r#"{"tagging": {"keywords": ["a"]}} x"#,
            r#"{"n": 01, "tagging": {"keywords": ["a"]}}"#,
            r#"{"tagging": {"keywords": ["a"}"#,
            r#"{"tagging": {}}"#,
            "{\"tagging\": {\"keywords\": [\"do\tg\"]}}",
        ] {
            assert_eq!(read_fast(text), None, "{text}");
        }
    }

    #[test]
    fn a_string_is_one_keyword_if_it_may_be() {
        let path = ["tags".to_owned()];
        for (text, keyword) in [
            (r#"{"tags": "red dog", "n": 1}"#, "red dog"),
            (r#"{"n": 1, "tags": "caf\u00e9 \"b\"" }"#, "café \"b\""),
            (r#"{"tags":""}"#, ""),
        ] {
            let mut sink = Collected::default();
            assert_eq!(read(text, &path, true, &mut sink), Some(()), "{text}");
            assert_eq!(sink.0, [keyword.as_bytes()]);
            assert_eq!(read(text, &path, false, &mut Collected::default()), None);
        }
        for text in [r#"{"tags": "a"#, r#"{"tags": "\ud800"}"#, r#"{"tags": 5}"#, "{\"tags\": \"\n\"}"] {
            assert_eq!(read(text, &path, true, &mut Collected::default()), None, "{text}");
        }
    }

    #[test]
    fn nested_values_and_strings_with_escapes_are_skipped() {
        let text = r#"{"x": [{"tagging": []}], "y" : {"z": "]}"} , "e": "\" \ud800", "tagging": {"n": {}, "keywords": ["a"]}}"#;
        assert_eq!(read_fast(text).unwrap(), ["a"]);
        let deep = format!(r#"{{"x": {}{}, "tagging": {{"keywords": ["a"]}}}}"#, "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(read_fast(&deep).unwrap(), ["a"]);
        for text in [
            r#"{"x": [}, "tagging": {"keywords": ["a"]}}"#,
            r#"{"x": [1 2], "tagging": {"keywords": ["a"]}}"#,
            r#"{"x": "\q", "tagging": {"keywords": ["a"]}}"#,
            r#"{"x": {"tagging": {"keywords": ["a"]}}"#,
        ] {
            assert_eq!(read_fast(text), None, "{text}");
        }
    }

    #[test]
    fn keywords_with_escapes_are_read_too() {
        let text = r#"{"tagging": {"keywords": ["caf\u00e9", "a", "\ud83d\ude00 \"b\" \\", "\\\\", "c" , "\n","d"]}}"#;
        assert_eq!(read_fast(text).unwrap(), ["café", "a", "😀 \"b\" \\", "\\\\", "c", "\n", "d"]);
    }

    proptest! {
        /// A list is read in any layout, with its keywords at any place of the blocks.
        #[test]
        fn every_list_is_read_however_it_is_laid_out(keywords in proptest::collection::vec("[a-c\"\\\\\né😀 ,]{0,9}|[a-c ]{0,90}", 0..40)) {
            let value = serde_json::json!({"status": "ok", "tagging": {"keywords": keywords}});
            let as_python = keywords.iter().map(|keyword| serde_json::json!(keyword).to_string()).collect::<Vec<_>>().join(", ");
            let as_python = format!(r#"{{"tagging": {{"keywords": [{as_python}]}}}}"#);
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap(), as_python] {
                prop_assert_eq!(read_fast(&text), Some(keywords.clone()), "{}", text);
            }
        }

        /// If the fast path finds keywords in any sequence of pieces of JSON, serde_json finds the same.
        #[test]
        fn what_the_fast_path_reads_is_what_serde_json_reads(pieces in proptest::collection::vec(
            prop::sample::select(vec!["{", "}", "[", "]", ",", ":", "\"tagging\"", "\"keywords\"", "\"a\"", "\"é b\"", "\"\\u0041\"", "\"\\\\\"", "\"\\ud83d\"", "\"\\",
                "{\"tagging\":{\"keywords\":[", "]}}", " ", "\n", "1", "-0.5e3", "01", "true", "null", "\"", "\\", "\t"]), 0..14)) {
            let text = pieces.concat();
            if let Some(keywords) = read_fast(&text) {
                let value: serde_json::Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(serde_json::json!(keywords), value["tagging"]["keywords"].clone());
            }
        }
    }
}
