//! The value at the end of the path: a list of strings, one string, or a list of objects that hold a keyword each.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Keyword, KeywordForm, KeywordSink, LeastConfidence, MISSING};

/// Hands the keywords of a value on, whose text is `value`.
pub(super) fn read<'de, D: Deserializer<'de>>(
    parser: D,
    value: &str,
    form: &KeywordForm,
    sink: &mut impl KeywordSink,
) -> Result<(), D::Error> {
    match form {
        // What pandas and pyarrow write for an image without keywords.
        KeywordForm::StringsOrText { .. } | KeywordForm::Objects { .. } if value.starts_with("null") => {
            IgnoredAny::deserialize(parser).map(drop)
        }
        KeywordForm::StringsOrText { separator } if value.starts_with('"') => {
            parser.deserialize_bytes(Text { separator: separator.as_deref(), sink })
        }
        KeywordForm::Strings | KeywordForm::StringsOrText { .. } => parser.deserialize_seq(Strings(sink)),
        KeywordForm::Objects { key, least } => {
            let mut room = Vec::new();
            parser.deserialize_seq(Objects { key, least: least.as_ref(), room: &mut room, sink })
        }
    }
}

/// One string. The pieces between separators are keywords, less the white space around them; empty ones are none.
struct Text<'a, S> {
    separator: Option<&'a str>,
    sink: &'a mut S,
}

impl<S: KeywordSink> Visitor<'_> for Text<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(self, mut text: &[u8]) -> Result<(), E> {
        let Some(separator) = self.separator.map(str::as_bytes).filter(|separator| !separator.is_empty()) else {
            self.sink.keyword(text);
            return Ok(());
        };
        loop {
            let end = text.windows(separator.len()).position(|here| here == separator);
            let piece = text.get(..end.unwrap_or(text.len())).unwrap_or_default().trim_ascii();
            if !piece.is_empty() {
                self.sink.keyword(piece);
            }
            let Some(end) = end else { return Ok(()) };
            text = text.get(end + separator.len()..).unwrap_or_default();
        }
    }
}

struct Strings<'a, S>(&'a mut S);

impl<'de, S: KeywordSink> Visitor<'de> for Strings<'_, S> {
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

/// A list of objects, and one of them. `room` holds its keyword until it is known whether it is left out.
struct Objects<'a, S> {
    key: &'a str,
    least: Option<&'a LeastConfidence>,
    room: &'a mut Vec<u8>,
    sink: &'a mut S,
}

impl<'de, S: KeywordSink> Visitor<'de> for Objects<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Objects { key, least, room, sink } = self;
        while list.next_element_seed(Object(Objects { key, least, room, sink }))?.is_some() {}
        Ok(())
    }
}

struct Object<'a, S>(Objects<'a, S>);

impl<'de, S: KeywordSink> DeserializeSeed<'de> for Object<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: KeywordSink> Visitor<'de> for Object<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Objects { key, least, room, sink } = self.0;
        let confidence_key = least.map_or(key, |least| &least.key);
        let (mut has_keyword, mut confidence) = (false, None);
        while let Some(found) = map.next_key_seed(OneOf { keyword: key, confidence: confidence_key })? {
            match found {
                Known::Keyword => {
                    room.clear();
                    map.next_value_seed(AsBytes(&mut Room(room)))?;
                    has_keyword = true;
                }
                Known::Confidence => confidence = Some(map.next_value::<f64>()?),
                Known::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let missing = |key: &str| A::Error::custom(format_args!("{MISSING}{key} in an object of the list"));
        if !has_keyword {
            return Err(missing(key));
        }
        let is_sure = match least {
            Some(least) => confidence.ok_or_else(|| missing(&least.key))? >= least.least,
            None => true,
        };
        match is_sure {
            true => sink.keyword(room),
            false => sink.unsure(),
        }
        Ok(())
    }
}

/// Takes a keyword that may yet be left out.
struct Room<'a>(&'a mut Vec<u8>);

impl KeywordSink for Room<'_> {
    fn restart(&mut self) {
        self.0.clear();
    }

    fn keyword(&mut self, keyword: &[u8]) {
        self.0.extend_from_slice(keyword);
    }
}

/// Which of the two wanted keys a key is.
struct OneOf<'a> {
    keyword: &'a str,
    confidence: &'a str,
}

enum Known {
    Keyword,
    Confidence,
    Other,
}

impl<'de> DeserializeSeed<'de> for OneOf<'_> {
    type Value = Known;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Known, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for OneOf<'_> {
    type Value = Known;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<Known, E> {
        Ok(match key {
            key if key == self.keyword.as_bytes() => Known::Keyword,
            key if key == self.confidence.as_bytes() => Known::Confidence,
            _ => Known::Other,
        })
    }
}
