//! A JSON object of names and whole numbers, such as a vocabulary.

use std::fmt;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};

use super::json;
use crate::error::{Problem, Result};

/// Hands each name of `{name: number}` with its number to `visit`, in the file's order. `number` says what the numbers are, for
/// messages: "a word id".
pub fn read_json_numbers(path: &Path, text: &[u8], number: &str, visit: &mut dyn FnMut(&str, u64)) -> Result<()> {
    let outcome = json::utf8(text).and_then(|json| {
        let mut parser = serde_json::Deserializer::from_str(json);
        let read = Numbers(visit).deserialize(&mut parser).and_then(|()| parser.end());
        read.map_err(|error| {
            json::explain(&error, text, |said| match text.trim_ascii_start().starts_with(b"{") {
                true => format!("expected {number}, a whole number, found {}", json::found_in(said)),
                false => format!("expected an object {{name: number}}, found {}", json::found_in(said)),
            })
        })
    });
    outcome.map_err(|malformed| Problem::new(path, malformed.what).at(malformed.place).into())
}

/// The pairs of an object.
struct Numbers<'a>(&'a mut dyn FnMut(&str, u64));

impl<'de> DeserializeSeed<'de> for Numbers<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

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
