//! What a text has where the keywords or the name of an image are missing, for the advice in a
//! message.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};

use super::general::JsonPart;
use super::malformed::Expected;
use super::utf8::utf8;

/// Keys of an object that a message names.
const SHOWN_KEYS: usize = 12;
/// Characters of these keys that a message has room for.
const SHOWN_CHARACTERS: usize = 200;

/// What a path of keys leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A list. `left` is the number of keys of the path that follow it.
    List { left: usize, of_objects: bool },
    /// An object at the end of the path.
    Object,
    /// A string at the end of the path.
    Text,
    /// Another value, or none.
    Other,
}

/// The shape of the deepest value that `path` leads to in the JSON `text`.
pub fn shape_at(text: &[u8], path: &[String]) -> Shape {
    let Some((depth, value)) = deepest(text, path, path.len()) else { return Shape::Other };
    let value = value.part.trim_start();
    let left = path.len() - depth;
    match value.strip_prefix('[') {
        Some(elements) => Shape::List { left, of_objects: elements.trim_start().starts_with('{') },
        None if left == 0 && value.starts_with('{') => Shape::Object,
        None if left == 0 && value.starts_with('"') => Shape::Text,
        None => Shape::Other,
    }
}

/// The keys of the deepest object on `path` that lacks the next key, for a message. There are none
/// if the text is not JSON, or if the value there is not an object.
pub fn keys_found(text: &[u8], path: &[String]) -> Option<String> {
    let (_, value) = deepest(text, path, path.len().checked_sub(1)?)?;
    let keys = value.parse(|parser| parser.deserialize_map(FirstKeys)).ok()?;
    if keys.is_empty() {
        return None;
    }
    let more = if keys.len() > SHOWN_KEYS { ", …" } else { "" };
    let shown = keys.get(..SHOWN_KEYS).unwrap_or(&keys).join(", ");
    Some(format!("{}{more}", shown.chars().take(SHOWN_CHARACTERS).collect::<String>()))
}

/// The deepest value on `path` that exists, at most `most` keys down, and its depth.
fn deepest<'t>(text: &'t [u8], path: &[String], most: usize) -> Option<(usize, JsonPart<'t>)> {
    let whole = JsonPart::whole(utf8(text).ok()?);
    let value_at = |depth| {
        let expected = || Expected::Record;
        whole.at(path.get(..depth)?, expected, expected).ok().map(|value| (depth, value))
    };
    (0..=most).rev().find_map(value_at)
}

/// The first keys of an object, and one more than a message names.
struct FirstKeys;

impl<'de> Visitor<'de> for FirstKeys {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if keys.len() <= SHOWN_KEYS {
                keys.push(key);
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(keys)
    }
}
