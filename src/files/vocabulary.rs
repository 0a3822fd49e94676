//! The vocabulary, or an id map, as JSON and as a pickle: `{word: id}` in the order of the ids.

use std::cell::RefCell;
use std::io::Write;

use serde::ser::{Error as _, Serialize, SerializeMap, Serializer};

use super::names::TwoFormats;
use super::output_file::OutputSet;
use super::output_line::Output;
use super::output_stream::OutputStream;
use crate::error::{Error, Result};
use crate::parallel::in_parallel;

/// Different names, and a number for each. They need not be in memory.
pub(crate) trait Names: Sync {
    /// The number of names.
    fn count(&self) -> u64;

    /// Calls `take` with each name and its number.
    ///
    /// # Errors
    ///
    /// Those of `take`, or the names cannot be read.
    fn each(&self, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()>;
}

/// The number of a name is its place: the first name has the number 0.
impl<'a, I: ExactSizeIterator<Item = &'a str> + Clone + Sync> Names for I {
    fn count(&self) -> u64 {
        self.len() as u64
    }

    fn each(&self, take: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
        self.clone().zip(0..).try_for_each(|(name, number)| take(name, number))
    }
}

/// Writes names and their numbers as JSON and as a pickle, with up to `jobs` threads. Returns both
/// outputs in this order.
///
/// # Errors
///
/// A name cannot be read, or a file cannot be written.
pub(crate) fn write_names(set: &dyn OutputSet, file: &TwoFormats, names: &dyn Names, jobs: usize) -> Result<Vec<Output>> {
    let formats: [(String, WriteNames); 2] = [(file.json(), write_json), (file.pickle(), write_pickle)];
    let write = |(name, write): &(String, WriteNames)| {
        let mut stream = OutputStream::create(set, name)?;
        write(names, &mut stream).map_err(|error| stream.reason(error))?;
        stream.finish()
    };
    in_parallel(&formats, jobs, write).into_iter().collect()
}

type WriteNames = fn(&dyn Names, &mut dyn Write) -> Result<()>;

/// Writes what `json.dumps(names, ensure_ascii=False, indent=0)` returns, and a newline: one name
/// per line.
fn write_json(names: &dyn Names, out: &mut dyn Write) -> Result<()> {
    let (mut comma, mut line) = (None, Vec::from(*b"{"));
    names.each(&mut |name, number| {
        line.extend(comma.replace(b','));
        line.push(b'\n');
        serde_json::to_writer(&mut line, name).map_err(|error| unwritten(&error))?;
        line.extend_from_slice(format!(": {number}").as_bytes());
        out.write_all(&line).map_err(|error| unwritten(&error))?;
        line.clear();
        Ok(())
    })?;
    line.extend_from_slice(b"\n}\n");
    out.write_all(&line).map_err(|error| unwritten(&error))
}

/// Writes a pickle of protocol 2. Python 2 and 3 load it as a `dict` of text to int.
///
/// # Errors
///
/// A name cannot be read or written.
pub(super) fn write_pickle(names: &dyn Names, mut out: &mut dyn Write) -> Result<()> {
    let dict = Dict { names, failure: RefCell::new(None) };
    let written = serde_pickle::to_writer(&mut out, &dict, protocol_2());
    match dict.failure.into_inner() {
        Some(error) => Err(error),
        None => written.map_err(|error| unwritten(&error)),
    }
}

/// Names while they are written as a map.
struct Dict<'a> {
    names: &'a dyn Names,
    /// The reason why a name could not be read or written.
    failure: RefCell<Option<Error>>,
}

impl Serialize for Dict<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(usize::try_from(self.names.count()).ok())?;
        let mut write = |name: &str, number: u64| map.serialize_entry(name, &number).map_err(|error| unwritten(&error));
        if let Err(error) = self.names.each(&mut write) {
            *self.failure.borrow_mut() = Some(error);
            return Err(S::Error::custom("a name cannot be read or written"));
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
    serde_pickle::to_vec(&value, protocol_2()).map_err(|error| unwritten(&error))
}

fn protocol_2() -> serde_pickle::SerOptions {
    serde_pickle::SerOptions::new().proto_v2()
}

fn unwritten(error: &dyn std::fmt::Display) -> Error {
    Error::Refused(format!("names and their numbers cannot be written: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_one_word_per_line_and_is_not_ascii_escaped() {
        let mut json = Vec::new();
        write_json(&["adult", "café", "a\"b\u{1}"].into_iter(), &mut json).unwrap();
        let expected = "{\n\"adult\": 0,\n\"café\": 1,\n\"a\\\"b\\u0001\": 2\n}\n";
        assert_eq!(String::from_utf8(json).unwrap(), expected);
    }

    #[test]
    fn the_pickle_has_protocol_2_and_the_order_of_the_ids() {
        let mut pickle = Vec::new();
        write_pickle(&["b", "é"].into_iter(), &mut pickle).unwrap();
        let expected = b"\x80\x02}(X\x01\x00\x00\x00bJ\x00\x00\x00\x00\
            X\x02\x00\x00\x00\xc3\xa9J\x01\x00\x00\x00u.";
        assert_eq!(pickle, expected);
    }
}
