//! The general path through the JSON of an image. It reads every text that Python's `json` reads
//! in the same way: the last of equal keys counts, whatever the others hold, and a lone surrogate
//! is a character. It also finds out what is wrong with a text.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::field::{KeywordField, KeywordForm};
use super::forms::{self, FormFlaw};
use super::keywords::KeywordSink;
use super::malformed::{Expected, Flaw, FoundValue, Malformed, TextPlace};
use super::utf8::utf8;

/// Reads the keywords of `text` at `field`.
pub(super) fn read(
    text: &str,
    field: &KeywordField,
    sink: &mut impl KeywordSink,
) -> Result<(), Malformed> {
    let expected = || Expected::Keywords { form: field.form.clone(), path: field.path.join(".") };
    let value = JsonPart::whole(text).at(&field.path, expected, expected)?;
    sink.restart();
    let mut flaw = FormFlaw::WrongType;
    let read = value.parse(|parser| forms::read(parser, value.part, &field.form, sink, &mut flaw));
    read.map_err(|error| {
        value.malformed(error, |found| match (flaw, &field.form) {
            (FormFlaw::MissingKey(key), _) => Flaw::MissingInObject { key, expected: expected() },
            (FormFlaw::Confidence, KeywordForm::Objects { least: Some(least), .. }) => {
                let expected =
                    Expected::Confidence { key: least.key.clone(), path: field.path.join(".") };
                Flaw::WrongType { expected, found }
            }
            (FormFlaw::ListAsKeyword, _) => {
                Flaw::WrongType { expected: expected(), found: Some(FoundValue::List) }
            }
            _ => Flaw::WrongType { expected: expected(), found },
        })
    })
}

/// The name of an image: the string, or the whole number, at `path` in the JSON `text`.
pub fn read_id(text: &[u8], path: &[String]) -> Result<String, Malformed> {
    let expected = || Expected::Name { path: path.join(".") };
    let value = JsonPart::whole(utf8(text)?).at(path, expected, || Expected::AnyName)?;
    let digits = value.part.strip_prefix('-').unwrap_or(value.part);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(value.part.to_owned());
    }
    let name = value.parse(|parser| String::deserialize(parser));
    name.map_err(|error| {
        value.malformed(error, |found| Flaw::WrongType { expected: expected(), found })
    })
}

/// A value in a JSON text.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonPart<'t> {
    text: &'t str,
    /// The text of the value, which is a part of `text`.
    pub part: &'t str,
}

type Parser<'t> = serde_json::Deserializer<serde_json::de::StrRead<'t>>;

impl<'t> JsonPart<'t> {
    pub fn whole(text: &'t str) -> Self {
        JsonPart { text, part: text }
    }

    /// The value that `path` leads to. The error names what was `expected` instead of a value of
    /// another type, or where a key is `missing`.
    pub fn at(
        self,
        path: &[String],
        expected: impl Fn() -> Expected,
        missing: impl Fn() -> Expected,
    ) -> Result<JsonPart<'t>, Malformed> {
        let mut value = self;
        for (depth, key) in (1..).zip(path) {
            let mut is_object = false;
            let last = LastValue { key, is_object: &mut is_object };
            let found = value.parse(|parser| last.deserialize(parser));
            let part = found.map_err(|error| {
                value.malformed(error, |found| match is_object {
                    true => Flaw::Missing {
                        path: path.get(..depth).unwrap_or_default().join("."),
                        expected: missing(),
                    },
                    false => Flaw::WrongType { expected: expected(), found },
                })
            })?;
            value = JsonPart { part, ..value };
        }
        Ok(value)
    }

    /// Parses the whole value.
    pub fn parse<T>(
        self,
        parse: impl FnOnce(&mut Parser<'t>) -> serde_json::Result<T>,
    ) -> serde_json::Result<T> {
        let mut parser = serde_json::Deserializer::from_str(self.part);
        parse(&mut parser).and_then(|parsed| parser.end().map(|()| parsed))
    }

    /// The problem that the parser found in the value, with its place in the whole text. `data`
    /// says what is wrong if a value, which it is given, has the wrong type.
    pub fn malformed(
        self,
        error: serde_json::Error,
        data: impl FnOnce(Option<FoundValue>) -> Flaw,
    ) -> Malformed {
        let start = self.part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let byte = start + byte_of(self.part.as_bytes(), &error);
        let flaw = |_: &_| data(FoundValue::at(self.text.as_bytes(), byte));
        let place = place_of(self.text.as_bytes(), byte);
        Malformed::from_parser(error, self.text.as_bytes(), flaw).at(place)
    }
}

/// The byte of `text` before which the parser stopped.
pub(super) fn byte_of(text: &[u8], error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    lines.map(<[u8]>::len).sum::<usize>() + error.column()
}

/// The place of a byte, as the parser counts.
fn place_of(text: &[u8], byte: usize) -> TextPlace {
    let before = text.get(..byte).unwrap_or(text);
    let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
    TextPlace::LineColumn { line, column: before.iter().rev().take_while(|&&b| b != b'\n').count() }
}

/// The text of the last value that has a key.
struct LastValue<'a> {
    key: &'a str,
    /// Whether the value is an object: then an error means that the key is missing.
    is_object: &'a mut bool,
}

impl<'de> DeserializeSeed<'de> for LastValue<'_> {
    type Value = &'de str;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<&'de str, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LastValue<'_> {
    type Value = &'de str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<&'de str, A::Error> {
        *self.is_object = true;
        let mut last = None;
        while let Some(is_wanted) = map.next_key_seed(IsKey(self.key))? {
            if is_wanted {
                last = Some(map.next_value::<&RawValue>()?.get());
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        last.ok_or_else(|| A::Error::custom("the key is missing"))
    }
}

/// Whether a key is the wanted one. It is read as bytes because a key that is not wanted may
/// contain a lone surrogate.
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
