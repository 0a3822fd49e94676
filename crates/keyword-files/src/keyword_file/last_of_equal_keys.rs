//! The slow way through a keyword file, for what the fast way refuses: of two equal keys the last counts, whatever the first one
//! holds, and a lone surrogate is a character like any other. Also for what stands elsewhere or in other forms than in the release.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{IsKey, KeywordField, KeywordSink, Malformed, forms, json, missing};

/// What is wrong with a value of the text, and where the value begins.
pub(super) struct Wrong {
    error: serde_json::Error,
    start: usize,
}

impl Wrong {
    /// In words, with the place in the whole text.
    pub fn explain(self, text: &str, data: impl FnOnce(&str) -> String) -> Malformed {
        let before = text.get(..self.start).unwrap_or_default().as_bytes();
        let lines = before.iter().filter(|&&b| b == b'\n').count();
        let in_line = before.iter().rev().take_while(|&&b| b != b'\n').count();
        let malformed = json::explain(&self.error, text.as_bytes(), data);
        let column = if self.error.line() == 1 { in_line + self.error.column() } else { self.error.column() };
        Malformed { place: format!("line {} column {column}", lines + self.error.line()), ..malformed }
    }
}

/// Reads the keywords of `text` at `field`.
pub(super) fn read(text: &str, field: &KeywordField, sink: &mut impl KeywordSink) -> Result<(), Wrong> {
    let value = value_at(text, &field.path)?;
    sink.restart();
    at_place(text, value, |parser| forms::read(parser, value, &field.form, sink))
}

/// The text of the value that `path` leads to.
fn value_at<'t>(text: &'t str, path: &[String]) -> Result<&'t str, Wrong> {
    let mut value = text;
    for (at, key) in path.iter().enumerate() {
        let rest = path.get(at + 1..).unwrap_or_default();
        value = at_place(text, value, |parser| Last { key, field: path, rest }.deserialize(parser))?;
    }
    Ok(value)
}

/// The name of an image: the string, or the whole number, at `path` in the JSON `text`.
pub fn read_id(text: &[u8], path: &[String]) -> Result<String, Malformed> {
    let text = json::utf8(text)?;
    let name = value_at(text, path).and_then(|value| {
        let digits = value.strip_prefix('-').unwrap_or(value);
        match !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            true => Ok(value.to_owned()),
            false => at_place(text, value, |parser| String::deserialize(parser)),
        }
    });
    let path = path.join(".");
    name.map_err(|wrong| {
        wrong.explain(text, |said| match said.starts_with(super::MISSING) {
            true => format!("{said}, expected the image's name there"),
            false => format!("expected the image's name in {path}, a string or a whole number, found {}", json::found_in(said)),
        })
    })
}

/// So many keys of an object are named in a message.
const SHOWN: usize = 12;

/// The keys of the object in the JSON `text` at which `path` cannot go on, for a message; none if the text is no JSON, or no object.
pub fn keys_found(text: &[u8], path: &[String]) -> Option<String> {
    let text = json::utf8(text).ok()?;
    let deepest = (0..path.len()).rev().find_map(|len| value_at(text, path.get(..len)?).ok())?;
    let keys = at_place(text, deepest, |parser| parser.deserialize_map(Keys)).ok().filter(|keys| !keys.is_empty())?;
    let more = if keys.len() > SHOWN { ", …" } else { "" };
    let shown = keys.get(..SHOWN).unwrap_or(&keys).join(", ");
    Some(format!("{}{more}", shown.chars().take(200).collect::<String>()))
}

/// What stands at the end of a path of keys, as far as it leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list, of objects or of anything else; so many keys of the path are left.
    List { left: usize, of_objects: bool },
    /// An object, at the end of the path.
    Object,
    /// A string, at the end of the path.
    Text,
    /// Another value, or none.
    Other,
}

/// The shape of what `path` leads to in the JSON `text`, or of the list that it leads into.
pub fn shape_at(text: &[u8], path: &[String]) -> Shape {
    let Ok(text) = json::utf8(text) else { return Shape::Other };
    let deepest = (0..=path.len()).rev().find_map(|len| Some((len, value_at(text, path.get(..len)?).ok()?)));
    let Some((len, value)) = deepest else { return Shape::Other };
    let value = value.trim_start();
    let left = path.len() - len;
    match value.strip_prefix('[') {
        Some(elements) => Shape::List { left, of_objects: elements.trim_start().starts_with('{') },
        None if left == 0 && value.starts_with('{') => Shape::Object,
        None if left == 0 && value.starts_with('"') => Shape::Text,
        None => Shape::Other,
    }
}

/// The first keys of an object.
struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.len() <= SHOWN {
                keys.push(key);
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(keys)
    }
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
