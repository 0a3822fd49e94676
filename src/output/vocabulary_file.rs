//! The vocabulary, and an id map, as JSON and as a pickle: `{word: id}` in id order.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{Error, Result};
use count_vectorizer::StringTable;
use count_vectorizer::Vocabulary;

/// The bytes of `json.dumps(vocabulary, ensure_ascii=False, indent=0)` and a newline: one word a line.
pub(crate) fn vocabulary_json(vocabulary: &Vocabulary) -> Result<Vec<u8>> {
    json_of(vocabulary.words())
}

/// A pickle of protocol 2, which Python 2 and 3 load as a plain `dict` of text to int.
pub(crate) fn vocabulary_pickle(vocabulary: &Vocabulary) -> Result<Vec<u8>> {
    pickle_of(vocabulary.words())
}

/// [`vocabulary_json`] of names and the numbers that they were given.
pub(crate) fn numbered_json(names: &StringTable) -> Result<Vec<u8>> {
    json_of(names.iter())
}

/// [`vocabulary_pickle`] of names and the numbers that they were given.
pub(crate) fn numbered_pickle(names: &StringTable) -> Result<Vec<u8>> {
    pickle_of(names.iter())
}

fn json_of<'a>(names: impl Iterator<Item = &'a str>) -> Result<Vec<u8>> {
    let mut json = Vec::from(*b"{");
    for (number, name) in names.enumerate() {
        json.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
        serde_json::to_writer(&mut json, name).map_err(|error| unwritten(&error))?;
        json.extend_from_slice(format!(": {number}").as_bytes());
    }
    json.extend_from_slice(b"\n}\n");
    Ok(json)
}

fn pickle_of<'a>(names: impl ExactSizeIterator<Item = &'a str> + Clone) -> Result<Vec<u8>> {
    serde_pickle::to_vec(&ByNumber(names), serde_pickle::SerOptions::new().proto_v2()).map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::error::Error) -> Error {
    Error::Refused(format!("names and their numbers cannot be written: {error}"))
}

struct ByNumber<I>(I);

impl<'a, I: ExactSizeIterator<Item = &'a str> + Clone> Serialize for ByNumber<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (number, name) in (0_u32..).zip(self.0.clone()) {
            map.serialize_entry(name, &number)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_one_word_a_line_and_is_not_ascii_escaped() {
        let vocabulary = Vocabulary::from_words(["adult", "café", "a\"b\u{1}"]);
        let json = String::from_utf8(vocabulary_json(&vocabulary).unwrap()).unwrap();
        assert_eq!(json, "{\n\"adult\": 0,\n\"café\": 1,\n\"a\\\"b\\u0001\": 2\n}\n");
    }

    #[test]
    fn the_pickle_is_protocol_2_and_in_id_order() {
        let pickle = vocabulary_pickle(&Vocabulary::from_words(["b", "é"])).unwrap();
        assert_eq!(pickle, b"\x80\x02}(X\x01\x00\x00\x00bJ\x00\x00\x00\x00X\x02\x00\x00\x00\xc3\xa9J\x01\x00\x00\x00u.");
    }
}
