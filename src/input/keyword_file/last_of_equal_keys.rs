//! The slow way through a keyword file, for what the fast way refuses: of two equal keys the last counts, whatever the first one
//! holds, and a lone surrogate is a character like any other.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{IsKey, Keyword, KeywordSink, Malformed, json, missing, wanted};

/// What is wrong with a value of the text, and where the value begins.
pub(super) struct Wrong {
    error: serde_json::Error,
    start: usize,
}

impl Wrong {
    /// In words, with the place in the whole text.
    pub fn explain(self, text: &str, field: &[String]) -> Malformed {
        let before = text.get(..self.start).unwrap_or_default().as_bytes();
        let lines = before.iter().filter(|&&b| b == b'\n').count();
        let in_line = before.iter().rev().take_while(|&&b| b != b'\n').count();
        let malformed = json::explain(&self.error, text.as_bytes(), |said| wanted(said, field));
        let column = if self.error.line() == 1 { in_line + self.error.column() } else { self.error.column() };
        Malformed { place: format!("line {} column {column}", lines + self.error.line()), ..malformed }
    }
}

/// Reads the keywords of `text` at `field`.
pub(super) fn read(text: &str, field: &[String], sink: &mut impl KeywordSink) -> Result<(), Wrong> {
    let mut value = text;
    for (at, key) in field.iter().enumerate() {
        let rest = field.get(at + 1..).unwrap_or_default();
        value = at_place(text, value, |parser| Last { key, field, rest }.deserialize(parser))?;
    }
    sink.restart();
    at_place(text, value, |parser| parser.deserialize_seq(Keywords(sink)))
}

/// Parses all of `value`, which is a part of `text`.
fn at_place<'t, T>(
    text: &str,
    value: &'t str,
    parse: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'t>>) -> serde_json::Result<T>,
) -> Result<T, Wrong> {
    let mut parser = serde_json::Deserializer::from_str(value);
    let outcome = parse(&mut parser).and_then(|parsed| parser.end().map(|()| parsed));
    outcome.map_err(|error| Wrong { error, start: value.as_ptr().addr().saturating_sub(text.as_ptr().addr()) })
}

/// The text of the last value that stands under a key.
struct Last<'a> {
    key: &'a str,
    field: &'a [String],
    rest: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Last<'_> {
    type Value = &'de str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'de str, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Last<'_> {
    type Value = &'de str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<&'de str, A::Error> {
        let mut last = None;
        while let Some(is_wanted) = map.next_key_seed(IsKey(self.key))? {
            if is_wanted {
                last = Some(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        last.ok_or_else(|| missing(self.field, self.rest))
    }
}

struct Keywords<'a, S>(&'a mut S);

impl<'de, S: KeywordSink> Visitor<'de> for Keywords<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(AsBytes(&mut *self.0))?.is_some() {}
        Ok(())
    }
}

/// A keyword as bytes: serde_json refuses a lone surrogate in a `str`, Python does not.
struct AsBytes<'a, S>(&'a mut S);

impl<'de, S: KeywordSink> DeserializeSeed<'de> for AsBytes<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(Keyword(self.0))
    }
}
