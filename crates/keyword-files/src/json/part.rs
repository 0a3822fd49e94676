//! A value inside a JSON text, kept as text.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::found_value::FoundValue;
use super::malformed::{Expected, Flaw, Malformed, TextPlace};

/// A value in a JSON text.
#[derive(Debug, Clone, Copy)]
pub(super) struct JsonPart<'t> {
    /// The whole text as it was read, for messages.
    original: &'t [u8],
    /// The whole text in which the value is.
    text: &'t str,
    /// The text of the value.
    part: &'t str,
}

/// The type of a value, judged by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JsonKind {
    Null,
    Boolean,
    Number,
    Text,
    List,
    Object,
    /// The text is not a JSON value.
    Invalid,
}

impl<'t> JsonPart<'t> {
    pub fn whole(text: &'t str) -> Self {
        JsonPart { original: text.as_bytes(), text, part: text }
    }

    /// The same for a text that takes the place of `original`, byte by byte.
    pub fn in_place_of(original: &'t str, text: &'t str) -> Self {
        JsonPart { original: original.as_bytes(), text, part: text }
    }

    /// The text of the value.
    pub fn as_str(self) -> &'t str {
        self.part.trim_matches([' ', '\t', '\n', '\r'])
    }

    pub fn kind(self) -> JsonKind {
        match self.as_str().as_bytes().first() {
            Some(b'n') if self.as_str() == "null" => JsonKind::Null,
            Some(b't' | b'f') if matches!(self.as_str(), "true" | "false") => JsonKind::Boolean,
            Some(b'-' | b'0'..=b'9') => JsonKind::Number,
            Some(b'"') => JsonKind::Text,
            Some(b'[') => JsonKind::List,
            Some(b'{') => JsonKind::Object,
            _ => JsonKind::Invalid,
        }
    }

    /// Visits each key of an object with its value, until `visit` fails.
    pub fn each_entry(self, mut visit: impl FnMut(&[u8], JsonPart<'t>) -> Result<(), Malformed>) -> Result<(), Malformed> {
        let mut failed = None;
        let each = Entries { visit: &mut |key, part| visit(key, JsonPart { part, ..self }), failed: &mut failed };
        let parsed = self.parse(|parser| parser.deserialize_map(each));
        parsed.map_err(|error| failed.unwrap_or_else(|| self.malformed(error)))
    }

    /// Visits each element of a list, until `visit` fails.
    pub fn each_element(self, mut visit: impl FnMut(JsonPart<'t>) -> Result<(), Malformed>) -> Result<(), Malformed> {
        let mut failed = None;
        let each = ListVisitor { visit: &mut |part| visit(JsonPart { part, ..self }), failed: &mut failed };
        let parsed = self.parse(|parser| parser.deserialize_seq(each));
        parsed.map_err(|error| failed.unwrap_or_else(|| self.malformed(error)))
    }

    /// The value of a key of an object. As in Python, the last of equal keys counts.
    pub fn value_of(self, key: &str) -> Result<Option<JsonPart<'t>>, Malformed> {
        let mut last = None;
        self.each_entry(|found, value| {
            if found == key.as_bytes() {
                last = Some(value);
            }
            Ok(())
        })?;
        Ok(last)
    }

    /// Hands on the content of a string. It is bytes because serde_json refuses a lone surrogate in
    /// a `str`, and Python does not.
    pub fn with_text(self, take: impl FnOnce(&[u8])) -> Result<(), Malformed> {
        let parsed = self.parse(|parser| parser.deserialize_bytes(TextBytes(take)));
        parsed.map_err(|error| self.malformed(error))
    }

    /// Parses the value as a type of serde.
    pub fn parsed<T: Deserialize<'t>>(self) -> Result<T, Malformed> {
        self.parse(|parser| T::deserialize(parser)).map_err(|error| self.malformed(error))
    }

    fn parse<T>(
        self,
        parse: impl FnOnce(&mut serde_json::Deserializer<serde_json::de::StrRead<'t>>) -> serde_json::Result<T>,
    ) -> serde_json::Result<T> {
        let mut parser = serde_json::Deserializer::from_str(self.part);
        parse(&mut parser).and_then(|parsed| parser.end().map(|()| parsed))
    }

    /// The problem that the value is of another type than `expected`.
    pub fn wrong_type(self, expected: Expected) -> Malformed {
        self.wrong(|found| Flaw::WrongType { expected, found })
    }

    /// A problem with the value that was found here.
    pub fn wrong(self, flaw: impl FnOnce(Option<FoundValue>) -> Flaw) -> Malformed {
        let is_nested = matches!(self.kind(), JsonKind::List | JsonKind::Object);
        if !is_nested && let Err(syntax) = self.parsed::<IgnoredAny>() {
            return syntax;
        }
        let byte = if is_nested { self.start() } else { self.end() };
        Malformed::new(self.place_of(byte), flaw(FoundValue::at(self.original, byte)))
    }

    /// The problem that the value is a list. The place is behind its bracket, where a parser that
    /// expects a string stops.
    pub fn wrong_list(self, expected: Expected) -> Malformed {
        let flaw = Flaw::WrongType { expected, found: Some(FoundValue::List) };
        Malformed::new(self.place_of(self.start() + 1), flaw)
    }

    /// A problem with what the object lacks, placed at its end.
    pub fn lacks(self, flaw: Flaw) -> Malformed {
        Malformed::new(self.place_of(self.end()), flaw)
    }

    fn start(self) -> usize {
        self.as_str().as_ptr().addr().saturating_sub(self.text.as_ptr().addr())
    }

    fn end(self) -> usize {
        self.start() + self.as_str().len()
    }

    /// A problem that the parser found in the value, with its place in the whole text.
    fn malformed(self, error: serde_json::Error) -> Malformed {
        let part = self.part.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        let place = self.place_of(part + byte_of(self.part.as_bytes(), &error));
        let unlike = |_: &_| Flaw::WrongType { expected: Expected::Record, found: None };
        Malformed::from_parser(error, self.original, unlike).at(place)
    }

    /// The place of a byte, as the parser counts.
    fn place_of(self, byte: usize) -> TextPlace {
        let before = self.original.get(..byte).unwrap_or(self.original);
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        let column = before.iter().rev().take_while(|&&b| b != b'\n').count();
        TextPlace::LineColumn { line, column }
    }
}

/// The byte of `text` before which the parser stopped.
pub(super) fn byte_of(text: &[u8], error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    lines.map(<[u8]>::len).sum::<usize>() + error.column()
}

/// Takes the key of an entry and the text of its value.
type VisitEntry<'a, 'de> = dyn FnMut(&[u8], &'de str) -> Result<(), Malformed> + 'a;

/// Visits the entries of an object.
struct Entries<'a, 'de> {
    visit: &'a mut VisitEntry<'a, 'de>,
    /// Why `visit` failed.
    failed: &'a mut Option<Malformed>,
}

impl<'de> Visitor<'de> for Entries<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut key = Vec::new();
        while map.next_key_seed(KeyBytes(&mut key))?.is_some() {
            let value = map.next_value::<&RawValue>()?.get();
            if let Err(malformed) = (self.visit)(&key, value) {
                *self.failed = Some(malformed);
                return Err(A::Error::custom("the visit has failed"));
            }
        }
        Ok(())
    }
}

/// Visits the elements of a list.
struct ListVisitor<'a, 'de> {
    visit: &'a mut dyn FnMut(&'de str) -> Result<(), Malformed>,
    /// Why `visit` failed.
    failed: &'a mut Option<Malformed>,
}

impl<'de> Visitor<'de> for ListVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(element) = list.next_element::<&RawValue>()? {
            if let Err(malformed) = (self.visit)(element.get()) {
                *self.failed = Some(malformed);
                return Err(A::Error::custom("the visit has failed"));
            }
        }
        Ok(())
    }
}

/// The bytes of a key, which may contain a lone surrogate.
pub(super) struct KeyBytes<'a>(pub &'a mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for KeyBytes<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let KeyBytes(key) = self;
        key.clear();
        deserializer.deserialize_bytes(TextBytes(|bytes: &[u8]| key.extend_from_slice(bytes)))
    }
}

/// Hands on the content of a string.
struct TextBytes<F>(F);

impl<F: FnOnce(&[u8])> Visitor<'_> for TextBytes<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, text: &[u8]) -> Result<(), E> {
        (self.0)(text);
        Ok(())
    }
}
