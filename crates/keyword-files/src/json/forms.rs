//! The value that holds the keywords: a list of strings, one string, or a list of objects with one
//! keyword each.

use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};

use super::field::{KeywordForm, LeastConfidence};
use super::keywords::KeywordSink;

/// What is wrong with a value that the parser refuses for its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FormFlaw {
    /// The parser has stopped at a value of the wrong type.
    WrongType,
    /// The same, and the value should be a confidence.
    Confidence,
    /// A list is where a keyword should be. The parser has stopped inside the list.
    ListAsKeyword,
    /// An object of the list lacks this key.
    MissingKey(String),
}

/// Hands the keywords of a value to `sink`. `value` is the text that `parser` parses.
pub(super) fn read<'de, D: Deserializer<'de>>(
    parser: D,
    value: &str,
    form: &KeywordForm,
    sink: &mut impl KeywordSink,
    flaw: &mut FormFlaw,
) -> Result<(), D::Error> {
    match form {
        // pandas and pyarrow write null for an image without keywords.
        KeywordForm::StringsOrText { .. } | KeywordForm::Objects { .. }
            if value.starts_with("null") =>
        {
            IgnoredAny::deserialize(parser).map(drop)
        }
        KeywordForm::StringsOrText { separator } if value.starts_with('"') => {
            parser.deserialize_bytes(Text { separator: separator.as_deref(), sink })
        }
        KeywordForm::Strings | KeywordForm::StringsOrText { .. } => {
            parser.deserialize_seq(Strings { sink, flaw })
        }
        KeywordForm::Objects { key, least } => {
            let least = least.as_ref();
            parser.deserialize_seq(Objects { key, least, keyword: &mut Vec::new(), sink, flaw })
        }
    }
}

/// One string. The pieces between separators are the keywords, without the white space around them
/// and without empty pieces.
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
        let separator = self.separator.map(str::as_bytes).filter(|separator| !separator.is_empty());
        let Some(separator) = separator else {
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

/// A list of strings.
struct Strings<'a, S> {
    sink: &'a mut S,
    flaw: &'a mut FormFlaw,
}

impl<'de, S: KeywordSink> Visitor<'de> for Strings<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of strings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Strings { sink, flaw } = self;
        let mut take = |keyword: &[u8]| sink.keyword(keyword);
        while list.next_element_seed(OneString { take: &mut take, flaw })?.is_some() {}
        Ok(())
    }
}

/// A string that is a keyword. It is read as bytes because serde_json refuses a lone surrogate in a
/// `str`, and Python does not.
struct OneString<'a, F> {
    take: F,
    flaw: &'a mut FormFlaw,
}

impl<'de, F: FnMut(&[u8])> DeserializeSeed<'de> for OneString<'_, F> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl<'de, F: FnMut(&[u8])> Visitor<'de> for OneString<'_, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_bytes<E>(mut self, keyword: &[u8]) -> Result<(), E> {
        (self.take)(keyword);
        Ok(())
    }

    /// serde_json also takes a list of numbers for bytes.
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        *self.flaw = FormFlaw::ListAsKeyword;
        Err(A::Error::custom("a list is not a keyword"))
    }
}

/// A list of objects. `keyword` holds a keyword until its confidence is known.
struct Objects<'a, S> {
    key: &'a str,
    least: Option<&'a LeastConfidence>,
    keyword: &'a mut Vec<u8>,
    sink: &'a mut S,
    flaw: &'a mut FormFlaw,
}

impl<'de, S: KeywordSink> Visitor<'de> for Objects<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Objects { key, least, keyword, sink, flaw } = self;
        loop {
            let one = OneObject(Objects { key, least, keyword, sink, flaw });
            if list.next_element_seed(one)?.is_none() {
                return Ok(());
            }
        }
    }
}

/// One object of such a list.
struct OneObject<'a, S>(Objects<'a, S>);

impl<'de, S: KeywordSink> DeserializeSeed<'de> for OneObject<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, S: KeywordSink> Visitor<'de> for OneObject<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Objects { key, least, keyword, sink, flaw } = self.0;
        let confidence_key = least.map_or(key, |least| &least.key);
        let (mut has_keyword, mut confidence) = (false, None);
        while let Some(found) =
            map.next_key_seed(ObjectKey { keyword: key, confidence: confidence_key })?
        {
            match found {
                KeyRole::Keyword => {
                    let take = |text: &[u8]| {
                        keyword.clear();
                        keyword.extend_from_slice(text);
                    };
                    map.next_value_seed(OneString { take, flaw })?;
                    has_keyword = true;
                }
                KeyRole::Confidence => {
                    *flaw = FormFlaw::Confidence;
                    confidence = Some(map.next_value::<f64>()?);
                    *flaw = FormFlaw::WrongType;
                }
                KeyRole::Other => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        let mut missing = |key: &str| {
            *flaw = FormFlaw::MissingKey(key.to_owned());
            A::Error::custom("a key is missing")
        };
        if !has_keyword {
            return Err(missing(key));
        }
        let is_sure = match least {
            Some(least) => confidence.ok_or_else(|| missing(&least.key))? >= least.least,
            None => true,
        };
        match is_sure {
            true => sink.keyword(keyword),
            false => sink.unsure(),
        }
        Ok(())
    }
}

/// What a key of an object means, given the wanted keys.
struct ObjectKey<'a> {
    keyword: &'a str,
    confidence: &'a str,
}

/// What a key of an object means.
enum KeyRole {
    Keyword,
    Confidence,
    Other,
}

impl<'de> DeserializeSeed<'de> for ObjectKey<'_> {
    type Value = KeyRole;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<KeyRole, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for ObjectKey<'_> {
    type Value = KeyRole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<KeyRole, E> {
        Ok(match key {
            key if key == self.keyword.as_bytes() => KeyRole::Keyword,
            key if key == self.confidence.as_bytes() => KeyRole::Confidence,
            _ => KeyRole::Other,
        })
    }
}
