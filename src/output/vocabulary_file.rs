//! The vocabulary as JSON and as a pickle: `{word: id}` in id order.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{Error, Result};
use crate::vocabulary::Vocabulary;

/// The bytes of `json.dumps(vocabulary, ensure_ascii=False, indent=0)` and a newline: one word a line.
pub(crate) fn vocabulary_json(vocabulary: &Vocabulary) -> Result<Vec<u8>> {
    let mut json = String::from("{");
    for (id, word) in vocabulary.words().enumerate() {
        let word = serde_json::to_string(word).map_err(|e| Error::Refused(format!("the vocabulary cannot be written: {e}")))?;
        json.push_str(&format!("{}\n{word}: {id}", if id == 0 { "" } else { "," }));
    }
    json.push_str("\n}\n");
    Ok(json.into_bytes())
}

/// A pickle of protocol 2, which Python 2 and 3 load as a plain `dict` of text to int.
pub(crate) fn vocabulary_pickle(vocabulary: &Vocabulary) -> Result<Vec<u8>> {
    serde_pickle::to_vec(&ById(vocabulary), serde_pickle::SerOptions::new().proto_v2())
        .map_err(|e| Error::Refused(format!("the vocabulary cannot be written: {e}")))
}

struct ById<'a>(&'a Vocabulary);

impl Serialize for ById<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (id, word) in (0_u32..).zip(self.0.words()) {
            map.serialize_entry(word, &id)?;
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
