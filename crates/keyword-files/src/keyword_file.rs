//! A keyword file: the JSON object of one image, `{"tagging": {"keywords": ["woman", "young adult"]}}`.
//!
//! Keywords are handed on as they stream by. What Python's `json.load` accepts and takes for the keywords, this does too: other
//! keys may hold anything, the last of two equal keys counts, and a lone surrogate escape is a character that belongs to no word.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::json::{self, Malformed};

mod field;
mod forms;
mod last_of_equal_keys;
mod plain;
mod special_bytes;

pub use field::{KeywordField, KeywordForm, LeastConfidence};
pub use last_of_equal_keys::{Shape, keys_found, read_id, shape_at};

/// Receives the keywords of one document.
pub trait KeywordSink {
    /// What came so far does not count: the same key came again.
    fn restart(&mut self);

    /// The next keyword: UTF-8, but for a lone surrogate, which stands in the three bytes that UTF-8 would give it.
    fn keyword(&mut self, keyword: &[u8]);

    /// A keyword that is left out for its confidence.
    fn unsure(&mut self) {}

    /// The next keyword is the first `len` bytes of `text`. What stands behind means nothing, but may be loaded along.
    fn keyword_at(&mut self, text: &[u8], len: usize) {
        self.keyword(text.get(..len).unwrap_or_default());
    }
}

/// Reads the keywords in the JSON `text` at `field`.
pub fn read_keywords(text: &[u8], field: &KeywordField, sink: &mut impl KeywordSink) -> Result<(), Malformed> {
    let text = json::utf8(text)?;
    if field.form.may_be_strings() && plain::read(text, &field.path, sink).is_some() {
        return Ok(());
    }
    sink.restart();
    if field.form == KeywordForm::Strings {
        let mut parser = serde_json::Deserializer::from_str(text);
        let path = field.path.as_slice();
        let read = Field { path, rest: path, sink }.deserialize(&mut parser);
        if read.and_then(|()| parser.end()).is_ok() {
            return Ok(());
        }
    }
    last_of_equal_keys::read(text, field, sink).map_err(|wrong| wrong.explain(text, |said| wanted(said, field)))
}

/// Puts an error of shape into words.
fn wanted(said: &str, field: &KeywordField) -> String {
    let (expected, path) = (field.form.expected(), field.path.join("."));
    match &field.form {
        _ if said.starts_with(MISSING) => format!("{said}, expected {expected} in {path}"),
        KeywordForm::Objects { least: Some(least), .. } if said.ends_with(", expected f64") => {
            format!("expected a number in {} of each object in {path}, found {}", least.key, json::found_in(said))
        }
        _ => format!("expected {expected} in {path}, found {}", json::found_in(said)),
    }
}

const MISSING: &str = "there is no ";

fn missing<E: serde::de::Error>(path: &[String], rest: &[String]) -> E {
    let upto = path.len() - rest.len();
    E::custom(format_args!("{MISSING}{}", path.get(..upto).unwrap_or_default().join(".")))
}

/// The value at the end of a path of keys.
struct Field<'a, S> {
    path: &'a [String],
    rest: &'a [String],
    sink: &'a mut S,
}

impl<'de, S: KeywordSink> DeserializeSeed<'de> for Field<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.rest.is_empty() { deserializer.deserialize_seq(Keywords(self.sink)) } else { deserializer.deserialize_map(self) }
    }
}

impl<'de, S: KeywordSink> Visitor<'de> for Field<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((key, rest)) = self.rest.split_first() else { return Ok(()) };
        let mut found = false;
        while let Some(is_wanted) = map.next_key_seed(IsKey(key))? {
            if is_wanted {
                found = true;
                self.sink.restart();
                map.next_value_seed(Field { path: self.path, rest, sink: &mut *self.sink })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        if found { Ok(()) } else { Err(missing(self.path, rest)) }
    }
}

/// Whether a key is the wanted one. As bytes, since a lone surrogate may stand in a key that nobody asks for.
struct IsKey<'a>(&'a str);

impl<'de> DeserializeSeed<'de> for IsKey<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for IsKey<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<bool, E> {
        Ok(key == self.0.as_bytes())
    }
}

struct Keywords<'a, S>(&'a mut S);

impl<'de, S: KeywordSink> Visitor<'de> for Keywords<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Keyword(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

struct Keyword<'a, S>(&'a mut S);

impl<'de, S: KeywordSink> DeserializeSeed<'de> for Keyword<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<S: KeywordSink> Visitor<'_> for Keyword<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E>(self, keyword: &str) -> Result<(), E> {
        self.0.keyword(keyword.as_bytes());
        Ok(())
    }

    /// From [`last_of_equal_keys`].
    fn visit_bytes<E>(self, keyword: &[u8]) -> Result<(), E> {
        self.0.keyword(keyword);
        Ok(())
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
            Err(e) => Err(format!("{}: {}", e.place, e.what)),
        }
    }

    #[test]
    fn keywords_are_read_and_everything_else_is_passed_over() {
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
    fn of_two_equal_keys_the_first_may_be_anything() {
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
    fn lone_surrogates_pass_and_pairs_join() {
        assert_eq!(
            read(r#"{"\ud800": 1, "tagging": {"keywords": ["\ud83d", "\ud83d\ude00"], "x": "\udc00"}}"#).unwrap()[1],
            "😀"
        );
    }

    #[test]
    fn deep_nesting_in_an_unused_value_is_passed_over() {
        let deep = format!(r#"{{"x": {}{}, "tagging": {{"keywords": ["a"]}}}}"#, "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(read(deep).unwrap(), ["a"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
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
                "line 1 column 11: not JSON: expected value; NaN and Infinity are Python's, save such numbers as null",
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
