//! A fitted `CountVectorizer` as a pickle, which scikit-learn loads and uses.

use crate::error::{Error, Result};
use crate::output::vocabulary_file::vocabulary_pickle;
use count_vectorizer::Vocabulary;

/// What a parameter of scikit-learn's is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    None,
    Bool(bool),
    Int(u64),
    Float(f64),
    Text(String),
    List(Vec<String>),
    Pair(u64, u64),
    /// A class or another thing that a module has: the module, the name.
    Global(&'static str, &'static str),
}

/// A pickle of protocol 2 of a `CountVectorizer` with these parameters that was fitted to this vocabulary.
///
/// It names the class, its parameters and `vocabulary_` alone. In place of the version of scikit-learn that wrote it, which none did, it
/// names the version that reads it, so that no version takes it for another's.
pub(crate) fn vectorizer_pickle(parameters: &[(&str, Value)], vocabulary: &Vocabulary) -> Result<Vec<u8>> {
    let mut out = b"\x80\x02".to_vec();
    push(&Value::Global("sklearn.feature_extraction.text", "CountVectorizer"), &mut out)?;
    // An object of it, made of nothing, and a dict of what it is to hold.
    out.extend_from_slice(b")\x81}(");
    for (name, value) in parameters {
        push_text(name, &mut out)?;
        push(value, &mut out)?;
    }
    push_text("vocabulary_", &mut out)?;
    let pickle = vocabulary_pickle(vocabulary)?;
    // A pickle without its protocol and its end is what another may hold.
    out.extend_from_slice(pickle.strip_prefix(b"\x80\x02").and_then(|rest| rest.strip_suffix(b".")).unwrap_or_default());
    push_text("_sklearn_version", &mut out)?;
    push(&Value::Global("sklearn", "__version__"), &mut out)?;
    out.extend_from_slice(b"ub.");
    Ok(out)
}

fn push(value: &Value, out: &mut Vec<u8>) -> Result<()> {
    match value {
        Value::None => out.push(b'N'),
        Value::Bool(true) => out.push(0x88),
        Value::Bool(false) => out.push(0x89),
        Value::Int(number) => push_int(*number, out),
        Value::Float(number) => {
            out.push(b'G');
            out.extend_from_slice(&number.to_be_bytes());
        }
        Value::Text(text) => push_text(text, out)?,
        Value::List(texts) => {
            out.extend_from_slice(b"](");
            texts.iter().try_for_each(|text| push_text(text, out))?;
            out.push(b'e');
        }
        Value::Pair(first, second) => {
            push_int(*first, out);
            push_int(*second, out);
            out.push(0x86);
        }
        Value::Global(module, name) => out.extend_from_slice(format!("c{module}\n{name}\n").as_bytes()),
    }
    Ok(())
}

/// As Python's decimal number, of any size.
fn push_int(number: u64, out: &mut Vec<u8>) {
    match i32::try_from(number) {
        Ok(number) => {
            out.push(b'J');
            out.extend_from_slice(&number.to_le_bytes());
        }
        Err(_) => out.extend_from_slice(format!("L{number}L\n").as_bytes()),
    }
}

fn push_text(text: &str, out: &mut Vec<u8>) -> Result<()> {
    let len = u32::try_from(text.len()).map_err(|_| Error::Refused("a text of more than 4 GB cannot be pickled".into()))?;
    out.push(b'X');
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_parameter_has_its_opcodes() {
        let of = |value: Value| {
            let mut out = Vec::new();
            push(&value, &mut out).unwrap();
            out
        };
        assert_eq!([Value::None, Value::Bool(true), Value::Bool(false)].map(of), [b"N", b"\x88", b"\x89"]);
        assert_eq!(of(Value::Int(6)), b"J\x06\0\0\0");
        assert_eq!(of(Value::Int(1 << 31)), b"L2147483648L\n");
        assert_eq!(of(Value::Float(0.5)), b"G\x3f\xe0\0\0\0\0\0\0");
        assert_eq!(of(Value::List(vec!["a".into(), "é".into()])), b"](X\x01\0\0\0aX\x02\0\0\0\xc3\xa9e");
        assert_eq!(of(Value::Pair(1, 2)), b"J\x01\0\0\0J\x02\0\0\0\x86");
    }

    #[test]
    fn the_pickle_is_an_object_with_parameters_vocabulary_and_the_reader_s_version() {
        let pickle = vectorizer_pickle(&[("binary", Value::Bool(false))], &Vocabulary::from_words(["b"])).unwrap();
        let expected = b"\x80\x02csklearn.feature_extraction.text\nCountVectorizer\n)\x81}(X\x06\0\0\0binary\x89\
            X\x0b\0\0\0vocabulary_}(X\x01\0\0\0bJ\0\0\0\0uX\x10\0\0\0_sklearn_versioncsklearn\n__version__\nub.";
        assert_eq!(pickle, expected);
    }
}
