//! A JSON object of names and whole numbers, such as a vocabulary.

use std::fmt;
use std::path::Path;

use serde::de::{Deserializer, MapAccess, Visitor};

use super::found_value::FoundValue;
use super::malformed::{Expected, Flaw, Malformed};
use super::part::{JsonKind, JsonPart, byte_of};
use super::utf8::utf8;
use crate::error::{Problem, Result};

/// Whether bytes are meant as JSON. A pickle never begins so.
pub fn is_meant_as_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    matches!(text.first(), Some(b'{' | b'[' | b'"'))
}

/// Hands each name of `{name: number}` with its number to `visit`, in the order of the file.
/// `number` describes the numbers in messages: "a word id".
pub fn read_json_numbers(path: &Path, text: &[u8], number: &'static str, visit: &mut dyn FnMut(&str, u64)) -> Result<()> {
    let outcome = utf8(text).and_then(|json| {
        let mut parser = serde_json::Deserializer::from_str(json);
        let read = parser.deserialize_map(Numbers(visit)).and_then(|()| parser.end());
        read.map_err(|error| {
            Malformed::from_parser(error, text, |error| {
                let is_object = text.trim_ascii_start().starts_with(b"{");
                let expected = if is_object { Expected::Number(number) } else { Expected::Numbers };
                Flaw::WrongType { expected, found: FoundValue::at(text, byte_of(text, error)) }
            })
        })
    });
    outcome.map_err(|malformed| problem(path, &malformed).into())
}

/// Hands each key of an object of strings with its value to `visit`, in the order of the file. A
/// number counts as its text.
pub fn read_json_texts(path: &Path, text: &[u8], visit: &mut dyn FnMut(&[u8], &str)) -> Result<()> {
    let mut read = |text| {
        let object = JsonPart::whole(utf8(text)?);
        match object.kind() {
            JsonKind::Object | JsonKind::Invalid => object.each_entry(|key, word| {
                match word.kind() {
                    JsonKind::Text => visit(key, &word.parsed::<String>()?),
                    JsonKind::Number => visit(key, word.as_str()),
                    _ => return Err(word.wrong_type(Expected::Word)),
                }
                Ok(())
            }),
            _ => Err(object.wrong_type(Expected::Record)),
        }
    };
    read(text).map_err(|malformed: Malformed| problem(path, &malformed).into())
}

fn problem(path: &Path, malformed: &Malformed) -> Problem {
    Problem::new(path, malformed.to_string()).at(malformed.place.to_string())
}

/// The pairs of an object.
struct Numbers<'a>(&'a mut dyn FnMut(&str, u64));

impl<'de> Visitor<'de> for Numbers<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of names and numbers")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, number)) = map.next_entry::<String, u64>()? {
            (self.0)(&name, number);
        }
        Ok(())
    }
}
