//! What is wrong with a JSON text. All messages about JSON are produced here.

use std::fmt;
use std::io;

use serde_json::error::Category;

use super::field::KeywordForm;

/// Why a JSON text cannot be read. Its `Display` is the message without the place.
#[derive(Debug, PartialEq)]
pub struct Malformed {
    pub place: TextPlace,
    flaw: Box<Flaw>,
    /// The keys of the object that lacks the wanted one, for the message.
    keys: Option<String>,
}

/// Where in a text something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPlace {
    /// A line from 1, and the number of bytes in it before the place.
    LineColumn { line: usize, column: usize },
    /// A byte from 0.
    Byte(u64),
    /// A field of the record.
    Field(String),
}

/// What is wrong at a place of a text.
#[derive(Debug, PartialEq)]
pub enum Flaw {
    NotUtf8,
    Empty,
    ByteOrderMark,
    /// The stream of the text failed.
    Unreadable(io::ErrorKind, String),
    /// The text ends inside a value. The parser's words say which.
    CutShort(String),
    /// The text is not JSON. The parser's words say why.
    Syntax(String),
    /// Python writes these numbers, but JSON does not have them.
    PythonNumber(String),
    /// There is no value at a path.
    Missing {
        path: String,
        expected: Expected,
    },
    /// An object of the list of keywords lacks a key.
    MissingInObject {
        key: String,
        expected: Expected,
    },
    /// An object of `dataset.json` lacks a key.
    MissingInDataset {
        key: &'static str,
        expected: Expected,
    },
    /// A value has the wrong type.
    WrongType {
        expected: Expected,
        found: Option<FoundValue>,
    },
    /// The analyzer refuses the document.
    Refused(String),
}

/// What a message says is expected.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// The object of an image.
    Record,
    Keywords {
        form: KeywordForm,
        path: String,
    },
    Confidence {
        key: String,
        path: String,
    },
    /// The name of an image.
    Name {
        path: String,
    },
    /// The name of an image, of which nothing is there.
    AnyName,
    /// An object of names and numbers.
    Numbers,
    /// A number of such an object, described by "a word id" or "an image id".
    Number(&'static str),
    /// A part of `dataset.json`.
    Dataset(&'static str),
}

/// A value of another type than was expected.
#[derive(Debug, Clone, PartialEq)]
pub enum FoundValue {
    Null,
    Boolean(bool),
    Integer(String),
    Float(f64),
    Text(String),
    List,
    Object,
}

impl Malformed {
    pub fn new(place: TextPlace, flaw: Flaw) -> Self {
        Malformed { place, flaw: Box::new(flaw), keys: None }
    }

    /// The same problem at another place.
    pub fn at(self, place: TextPlace) -> Self {
        Malformed { place, ..self }
    }

    /// The same problem, with the keys that were found instead of the wanted one.
    pub fn with_keys(self, keys: Option<String>) -> Self {
        Malformed { keys, ..self }
    }

    pub fn names_keys(&self) -> bool {
        self.keys.is_some()
    }

    pub fn flaw(&self) -> &Flaw {
        &self.flaw
    }

    /// A problem that the parser found in `text`, or in a stream that starts with `text`. `data`
    /// says what is wrong if a value has the wrong type.
    pub fn from_parser(
        error: serde_json::Error,
        text: &[u8],
        data: impl FnOnce(&serde_json::Error) -> Flaw,
    ) -> Self {
        let place = TextPlace::LineColumn { line: error.line(), column: error.column() };
        let category = error.classify();
        let flaw = match category {
            Category::Data => data(&error),
            _ if text.is_empty() => Flaw::Empty,
            _ if text.starts_with(b"\xef\xbb\xbf") => Flaw::ByteOrderMark,
            Category::Io => {
                let error = io::Error::from(error);
                Flaw::Unreadable(error.kind(), error.to_string())
            }
            Category::Eof => Flaw::CutShort(words_without_place(&error)),
            Category::Syntax if is_at_python_number(text, &error) => {
                Flaw::PythonNumber(words_without_place(&error))
            }
            Category::Syntax => Flaw::Syntax(words_without_place(&error)),
        };
        Malformed::new(place, flaw)
    }
}

/// The parser's words. Its `Display` appends the place, which [`Malformed`] has as numbers.
fn words_without_place(error: &serde_json::Error) -> String {
    let mut words = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    words.truncate(words.len().saturating_sub(place.len()));
    words
}

/// Whether the text goes wrong at a number that Python writes and JSON does not have.
fn is_at_python_number(text: &[u8], error: &serde_json::Error) -> bool {
    let line = text.split(|&b| b == b'\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    let before = error.column().saturating_sub(2);
    let here = line.get(before..).unwrap_or_default();
    let here = here.get(..12).unwrap_or(here);
    [b"NaN".as_slice(), b"Infinity"]
        .iter()
        .any(|name| here.windows(name.len()).any(|found| found == *name))
}

impl FoundValue {
    /// The value that begins at a byte of a JSON text, if it is a list or an object, or that ends
    /// before it otherwise. The parser stops there when it meets a value of the wrong type.
    pub fn at(text: &[u8], byte: usize) -> Option<FoundValue> {
        match text.get(byte) {
            Some(b'[') => return Some(FoundValue::List),
            Some(b'{') => return Some(FoundValue::Object),
            _ => (),
        }
        let text = text.get(..byte)?;
        match text.last()? {
            b'"' => FoundValue::string(text),
            b'0'..=b'9' => FoundValue::number(text),
            _ if text.ends_with(b"null") => Some(FoundValue::Null),
            _ if text.ends_with(b"true") => Some(FoundValue::Boolean(true)),
            _ if text.ends_with(b"false") => Some(FoundValue::Boolean(false)),
            _ => None,
        }
    }

    /// The string at the end of a text.
    fn string(text: &[u8]) -> Option<FoundValue> {
        let inside = text.split_last()?.1;
        // Inside a string, an odd number of backslashes precedes each quote.
        let is_opening = |&at: &usize| {
            let before = inside.get(..at).unwrap_or_default();
            inside.get(at) == Some(&b'"')
                && before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 0
        };
        let start = (0..inside.len()).rev().find(is_opening)?;
        serde_json::from_slice(text.get(start..)?).ok().map(FoundValue::Text)
    }

    /// The number at the end of a text.
    fn number(text: &[u8]) -> Option<FoundValue> {
        let is_part = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let start = text.len() - text.iter().rev().take_while(|byte| is_part(byte)).count();
        let number: serde_json::Number = serde_json::from_slice(text.get(start..)?).ok()?;
        match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) => Some(FoundValue::Float(float)),
            None => Some(FoundValue::Integer(number.to_string())),
        }
    }
}

impl fmt::Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextPlace::LineColumn { line, column } => write!(f, "line {line} column {column}"),
            TextPlace::Byte(byte) => write!(f, "byte {byte}"),
            TextPlace::Field(field) => f.write_str(field),
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.flaw.fmt(f)?;
        match &self.keys {
            Some(keys) => write!(f, "; found the keys {keys}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Flaw::NotUtf8 => f.write_str("not UTF-8; save it as UTF-8"),
            Flaw::Empty => f.write_str("the file is empty, expected a JSON object"),
            Flaw::ByteOrderMark => {
                f.write_str("starts with a byte order mark; save it as UTF-8 without one")
            }
            Flaw::Unreadable(_, said) => write!(f, "cannot be read: {said}"),
            Flaw::CutShort(said) => write!(f, "the JSON is cut short: {said}"),
            Flaw::Syntax(said) => write!(f, "not JSON: {said}"),
            Flaw::PythonNumber(said) => {
                write!(
                    f,
                    "not JSON: {said}; NaN and Infinity are Python's, save such numbers as null"
                )
            }
            Flaw::Missing { path, expected } => {
                write!(f, "there is no {path}, expected {expected}")
            }
            Flaw::MissingInObject { key, expected } => {
                write!(f, "there is no {key} in an object of the list, expected {expected}")
            }
            Flaw::MissingInDataset { key, expected } => {
                write!(f, "there is no '{key}', expected {expected}")
            }
            Flaw::WrongType { expected, found: Some(found) } => {
                write!(f, "expected {expected}, found {found}")
            }
            Flaw::WrongType { expected, found: None } => write!(f, "expected {expected}"),
            Flaw::Refused(why) => f.write_str(why),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Record => f.write_str("a JSON object"),
            Expected::Keywords { form, path } => write!(f, "{form} in {path}"),
            Expected::Confidence { key, path } => {
                write!(f, "a number in {key} of each object in {path}")
            }
            Expected::Name { path } => {
                write!(f, "the image's name in {path}, a string or a whole number")
            }
            Expected::AnyName => f.write_str("the image's name there"),
            Expected::Numbers => f.write_str("an object {name: number}"),
            Expected::Number(number) => write!(f, "{number}, a whole number"),
            Expected::Dataset(part) => f.write_str(part),
        }
    }
}

impl fmt::Display for KeywordForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeywordForm::Strings => f.write_str("a list of strings"),
            KeywordForm::StringsOrText { .. } => f.write_str("a list of strings, or a string,"),
            KeywordForm::Objects { key, least: None } => {
                write!(f, "a list of objects, each with a string in {key},")
            }
            KeywordForm::Objects { key, least: Some(least) } => {
                write!(
                    f,
                    "a list of objects, each with a string in {key} and a number in {},",
                    least.key
                )
            }
        }
    }
}

/// Characters of a description of a value that a message has room for.
const MOST_CHARACTERS: usize = 60;

impl fmt::Display for FoundValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            FoundValue::Null => "null".to_owned(),
            FoundValue::Boolean(value) => format!("boolean `{value}`"),
            FoundValue::Integer(number) => format!("integer `{number}`"),
            FoundValue::Float(number) => format!("floating point `{}`", serde_json::json!(number)),
            FoundValue::Text(text) => format!("string {text:?}"),
            FoundValue::List => "a list".to_owned(),
            FoundValue::Object => "an object".to_owned(),
        };
        match text.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => write!(f, "{}…", text.get(..end).unwrap_or_default()),
            None => f.write_str(&text),
        }
    }
}
