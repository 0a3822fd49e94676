//! The vocabulary, or an id map, as JSON and as a pickle: `{word: id}` in the order of the ids.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::{Error, Result};

/// Names and their numbers, which are their places: the first name has the number 0.
#[derive(Debug, Clone)]
pub(crate) struct NumberedNames<I>(pub I);

impl<'a, I: ExactSizeIterator<Item = &'a str> + Clone> NumberedNames<I> {
    /// The bytes of `json.dumps(names, ensure_ascii=False, indent=0)` and a newline: one name per
    /// line.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if a name cannot be written.
    pub fn json(&self) -> Result<Vec<u8>> {
        let mut json = Vec::from(*b"{");
        for (number, name) in self.0.clone().enumerate() {
            json.extend_from_slice(if number == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut json, name).map_err(|error| unwritten(&error))?;
            json.extend_from_slice(format!(": {number}").as_bytes());
        }
        json.extend_from_slice(b"\n}\n");
        Ok(json)
    }

    /// A pickle of protocol 2. Python 2 and 3 load it as a `dict` of text to int.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if a name cannot be written.
    pub fn pickle(&self) -> Result<Vec<u8>> {
        pickle_of(self)
    }
}

impl<'a, I: ExactSizeIterator<Item = &'a str> + Clone> Serialize for NumberedNames<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (number, name) in (0_u32..).zip(self.0.clone()) {
            map.serialize_entry(name, &number)?;
        }
        map.end()
    }
}

/// A pickle of protocol 2.
///
/// # Errors
///
/// [`Error::Refused`] if the value cannot be written.
pub(super) fn pickle_of(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    let options = serde_pickle::SerOptions::new().proto_v2();
    serde_pickle::to_vec(&value, options).map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::error::Error) -> Error {
    Error::Refused(format!("names and their numbers cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_one_word_per_line_and_is_not_ascii_escaped() {
        let json = NumberedNames(["adult", "café", "a\"b\u{1}"].into_iter()).json().unwrap();
        let expected = "{\n\"adult\": 0,\n\"café\": 1,\n\"a\\\"b\\u0001\": 2\n}\n";
        assert_eq!(String::from_utf8(json).unwrap(), expected);
    }

    #[test]
    fn the_pickle_has_protocol_2_and_the_order_of_the_ids() {
        let pickle = NumberedNames(["b", "é"].into_iter()).pickle().unwrap();
        let expected = b"\x80\x02}(X\x01\x00\x00\x00bJ\x00\x00\x00\x00\
            X\x02\x00\x00\x00\xc3\xa9J\x01\x00\x00\x00u.";
        assert_eq!(pickle, expected);
    }
}
