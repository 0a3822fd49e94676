//! A fitted `CountVectorizer` as a pickle that scikit-learn loads and uses.

use std::io::{self, Write};

use super::output_file::OutputSet;
use super::output_line::Output;
use super::output_stream::OutputStream;
use super::vocabulary::{Names, pickle_of, write_pickle};
use crate::error::{Error, Result};

/// The value of a parameter of scikit-learn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Parameter {
    None,
    Bool(bool),
    Int(u64),
    Float(f64),
    Text(String),
    List(Vec<String>),
    Pair(u64, u64),
    /// A class or another object of a module.
    Global {
        module: &'static str,
        name: &'static str,
    },
}

/// Writes the output `name` with a fitted `CountVectorizer`.
///
/// # Errors
///
/// The set refuses the file, or it cannot be written.
pub(crate) fn write_vectorizer(
    files: &dyn OutputSet,
    name: &str,
    parameters: &[(&str, Parameter)],
    vocabulary: &dyn Names,
) -> Result<Output> {
    let mut stream = OutputStream::create(files, name)?;
    write_pickled(parameters, vocabulary, &mut stream).map_err(|error| stream.reason(error))?;
    stream.finish()
}

/// Writes a pickle of protocol 2: a `CountVectorizer` with these parameters, fitted to `vocabulary`.
///
/// The pickle contains only the class, its parameters and `vocabulary_`. Its version of
/// scikit-learn is the version that loads it, so no version warns about a foreign pickle.
///
/// # Errors
///
/// A text cannot be read or written.
fn write_pickled(parameters: &[(&str, Parameter)], vocabulary: &dyn Names, out: &mut dyn Write) -> Result<()> {
    let mut head = PROTOCOL.to_vec();
    push_global("sklearn.feature_extraction.text", "CountVectorizer", &mut head);
    // Create an object of the class from an empty tuple, and start the dict of its attributes.
    head.extend_from_slice(b")\x81}(");
    for (name, value) in parameters {
        push_plain(name, &mut head)?;
        value.push(&mut head)?;
    }
    push_plain("vocabulary_", &mut head)?;
    let mut tail = Vec::new();
    push_plain("_sklearn_version", &mut tail)?;
    push_global("sklearn", "__version__", &mut tail);
    tail.extend_from_slice(b"ub.");
    let unwritten = |error: io::Error| Error::Refused(format!("the vectorizer cannot be written: {error}"));
    out.write_all(&head).map_err(unwritten)?;
    write_pickle(vocabulary, &mut InnerPickle { out: &mut *out, skipped: 0, last: None })?;
    out.write_all(&tail).map_err(unwritten)
}

/// Writes a pickle as it is inside another pickle: without its protocol and its end.
struct InnerPickle<'a> {
    out: &'a mut dyn Write,
    /// The number of bytes of the protocol that were left out.
    skipped: usize,
    /// The last byte so far, which may be the end.
    last: Option<u8>,
}

impl Write for InnerPickle<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let skipped = bytes.len().min(PROTOCOL.len() - self.skipped);
        self.skipped += skipped;
        if let Some((last, before)) = bytes.get(skipped..).and_then(<[u8]>::split_last) {
            self.out.write_all(self.last.as_slice())?;
            self.out.write_all(before)?;
            self.last = Some(*last);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

const PROTOCOL: &[u8] = b"\x80\x02";

impl Parameter {
    fn push(&self, out: &mut Vec<u8>) -> Result<()> {
        match self {
            Parameter::None => push_plain(&(), out)?,
            Parameter::Bool(value) => push_plain(value, out)?,
            Parameter::Int(number) => push_int(*number, out)?,
            Parameter::Float(number) => push_plain(number, out)?,
            Parameter::Text(text) => push_plain(text, out)?,
            Parameter::List(texts) => {
                out.extend_from_slice(b"](");
                texts.iter().try_for_each(|text| push_plain(text, out))?;
                out.push(b'e');
            }
            Parameter::Pair(first, second) => {
                push_int(*first, out)?;
                push_int(*second, out)?;
                out.push(0x86);
            }
            Parameter::Global { module, name } => push_global(module, name, out),
        }
        Ok(())
    }
}

/// Appends a value as it is inside another pickle: without its protocol and its end.
fn push_plain(value: &(impl serde::Serialize + ?Sized), out: &mut Vec<u8>) -> Result<()> {
    let pickle = pickle_of(value)?;
    let inner = pickle.strip_prefix(PROTOCOL).and_then(|rest| rest.strip_suffix(b"."));
    out.extend_from_slice(inner.unwrap_or_default());
    Ok(())
}

/// Python's decimal form of a number is used for numbers that need more than 31 bits.
fn push_int(number: u64, out: &mut Vec<u8>) -> Result<()> {
    if let Ok(number) = i32::try_from(number) {
        return push_plain(&number, out);
    }
    out.extend_from_slice(format!("L{number}L\n").as_bytes());
    Ok(())
}

fn push_global(module: &str, name: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("c{module}\n{name}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_parameter_has_its_opcodes() {
        let of = |value: Parameter| {
            let mut out = Vec::new();
            value.push(&mut out).unwrap();
            out
        };
        assert_eq!([Parameter::None, Parameter::Bool(true), Parameter::Bool(false)].map(of), [b"N", b"\x88", b"\x89"]);
        assert_eq!(of(Parameter::Int(6)), b"J\x06\0\0\0");
        assert_eq!(of(Parameter::Int(1 << 31)), b"L2147483648L\n");
        assert_eq!(of(Parameter::Float(0.5)), b"G\x3f\xe0\0\0\0\0\0\0");
        assert_eq!(of(Parameter::List(vec!["a".into(), "é".into()])), b"](X\x01\0\0\0aX\x02\0\0\0\xc3\xa9e");
        assert_eq!(of(Parameter::Pair(1, 2)), b"J\x01\0\0\0J\x02\0\0\0\x86");
    }

    #[test]
    fn the_pickle_is_an_object_of_parameters_vocabulary_and_version() {
        let parameters = [("binary", Parameter::Bool(false))];
        let words = ["b"].into_iter();
        let mut pickle = Vec::new();
        write_pickled(&parameters, &words, &mut pickle).unwrap();
        let expected = b"\x80\x02csklearn.feature_extraction.text\nCountVectorizer\n)\x81}(X\x06\0\0\0binary\x89\
            X\x0b\0\0\0vocabulary_}(X\x01\0\0\0bJ\0\0\0\0uX\x10\0\0\0_sklearn_versioncsklearn\n__version__\nub.";
        assert_eq!(pickle, expected);
    }
}
