//! The vocabulary, or an id map, as JSON and as a pickle: `{word: id}` in the order of the ids.

use std::cell::RefCell;
use std::io::Write;

use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use crate::error::{Error, Result};

/// Names in the order of their numbers, which count up from 0. They need not be in memory.
pub(crate) trait NamesByNumber {
    /// The number of names.
    fn count(&self) -> u64;

    /// Hands each name to `visit` until it returns `false`.
    ///
    /// # Errors
    ///
    /// A name cannot be read.
    fn each(&self, visit: &mut dyn FnMut(&str) -> bool) -> Result<()>;
}

/// Writes `json.dumps(names, ensure_ascii=False, indent=0)` and a newline: one name per line.
///
/// # Errors
///
/// A name cannot be read or written.
pub(crate) fn write_json(names: &dyn NamesByNumber, out: &mut dyn Write) -> Result<()> {
    let mut written = out.write_all(b"{");
    let mut number = 0_u64;
    names.each(&mut |name| {
        let mut write = || {
            out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut *out, name)?;
            write!(out, ": {number}")
        };
        if written.is_ok() {
            written = write();
        }
        number += 1;
        written.is_ok()
    })?;
    written.and_then(|()| out.write_all(b"\n}\n")).map_err(|error| unwritten(&error))
}

/// Writes a pickle of protocol 2. Python 2 and 3 load it as a `dict` of text to int.
///
/// # Errors
///
/// A name cannot be read or written.
pub(crate) fn write_pickle(names: &dyn NamesByNumber, mut out: &mut dyn Write) -> Result<()> {
    let dict = Dict { names, failure: RefCell::new(None) };
    let written = serde_pickle::to_writer(&mut out, &dict, pickle_options());
    match dict.failure.into_inner() {
        Some(error) => Err(error),
        None => written.map_err(|error| unwritten(&error)),
    }
}

/// Names while they are written as a map.
struct Dict<'a> {
    names: &'a dyn NamesByNumber,
    /// The reason why a name could not be read.
    failure: RefCell<Option<Error>>,
}

impl Serialize for Dict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(usize::try_from(self.names.count()).ok())?;
        let (mut number, mut outcome) = (0_u32, Ok(()));
        let read = self.names.each(&mut |name| {
            outcome = map.serialize_entry(name, &number);
            number = number.saturating_add(1);
            outcome.is_ok()
        });
        outcome?;
        if let Err(error) = read {
            *self.failure.borrow_mut() = Some(error);
            return Err(S::Error::custom("a name cannot be read"));
        }
        map.end()
    }
}

/// Names in memory: the first name has the number 0.
#[derive(Debug, Clone)]
pub(crate) struct NumberedNames<I>(pub I);

impl<'a, I: ExactSizeIterator<Item = &'a str> + Clone> NamesByNumber for NumberedNames<I> {
    fn count(&self) -> u64 {
        self.0.len() as u64
    }

    fn each(&self, visit: &mut dyn FnMut(&str) -> bool) -> Result<()> {
        self.0.clone().all(visit);
        Ok(())
    }
}

impl<'a, I: ExactSizeIterator<Item = &'a str> + Clone> NumberedNames<I> {
    /// The bytes that [`write_json`] writes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if a name cannot be written.
    pub fn json(&self) -> Result<Vec<u8>> {
        let mut json = Vec::new();
        write_json(self, &mut json)?;
        Ok(json)
    }

    /// The bytes that [`write_pickle`] writes.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if a name cannot be written.
    pub fn pickle(&self) -> Result<Vec<u8>> {
        let mut pickle = Vec::new();
        write_pickle(self, &mut pickle)?;
        Ok(pickle)
    }
}

/// A pickle of protocol 2.
///
/// # Errors
///
/// [`Error::Refused`] if the value cannot be written.
pub(super) fn pickle_of(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    serde_pickle::to_vec(&value, pickle_options()).map_err(|error| unwritten(&error))
}

fn pickle_options() -> serde_pickle::SerOptions {
    serde_pickle::SerOptions::new().proto_v2()
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
