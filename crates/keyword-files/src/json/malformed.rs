//! What is wrong with a JSON text. All messages about JSON are produced here.

use std::fmt;
use std::io;

use serde_json::error::Category;

use super::found_value::FoundValue;

/// Why a JSON text cannot be read. Its `Display` is the message without the place.
#[derive(Debug, PartialEq)]
pub struct Malformed {
    /// Where something is wrong.
    pub place: TextPlace,
    flaw: Box<Flaw>,
    /// The keys of the object that lacks the wanted one, for the message.
    keys: Option<String>,
}

/// Where in a text something is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPlace {
    /// A line from 1, and the number of bytes in it before the place.
    LineColumn {
        /// The line, from 1.
        line: usize,
        /// The number of bytes before the place.
        column: usize,
    },
    /// A byte from 0.
    Byte(u64),
    /// A field of the record.
    Field(String),
}

/// What is wrong at a place of a text.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum Flaw {
    /// The text is not UTF-8.
    #[error("not UTF-8; save it as UTF-8")]
    NotUtf8,
    /// The text is empty.
    #[error("the file is empty, expected a JSON object")]
    Empty,
    /// The text begins with a byte order mark.
    #[error("starts with a byte order mark; save it as UTF-8 without one")]
    ByteOrderMark,
    /// The stream of the text failed.
    #[error("cannot be read: {1}")]
    Unreadable(io::ErrorKind, String),
    /// The text ends inside a value. The parser's words say which.
    #[error("the JSON is cut short: {0}")]
    CutShort(String),
    /// The text is not JSON. The parser's words say why.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// Python writes these numbers, but JSON does not have them.
    #[error("not JSON: {0}; NaN and Infinity are not JSON, so save such numbers as null")]
    PythonNumber(String),
    /// There is no value at a path.
    #[error("there is no {path}, expected {expected}")]
    Missing {
        /// The path.
        path: String,
        /// What should be there.
        expected: Expected,
    },
    /// An object of the list of keywords lacks a key.
    #[error("an object in the list '{field}' has no '{key}'")]
    MissingInObject {
        /// The field of the list.
        field: String,
        /// The missing key.
        key: String,
    },
    /// An object of `dataset.json` lacks a key.
    #[error("there is no '{key}', expected {expected}")]
    MissingInDataset {
        /// The missing key.
        key: &'static str,
        /// What its value should be.
        expected: Expected,
    },
    /// A value has the wrong type.
    #[error("expected {expected}{}", .found.as_ref().map(|found| format!(", found {found}")).unwrap_or_default())]
    WrongType {
        /// What should be there.
        expected: Expected,
        /// What is there, if it is known.
        found: Option<FoundValue>,
    },
    /// The value of the keywords is of a type that cannot be a keyword.
    #[error("{}{}", .expected.unmet_at(.field), .found.as_ref().map(|found| format!(" (found {found})")).unwrap_or_default())]
    NoKeywords {
        /// The field of the keywords.
        field: String,
        /// What should be there.
        expected: KeywordShape,
        /// What is there, if it is known.
        found: Option<FoundValue>,
    },
    /// The record has no confidence.
    #[error("the record has no confidence '{field}'")]
    NoConfidence {
        /// The field of the confidence.
        field: String,
    },
    /// The record has no name.
    #[error("the record has no name '{field}'")]
    NoName {
        /// The field of the name.
        field: String,
    },
    /// The name of the image is empty.
    #[error("the name is empty")]
    EmptyName,
    /// A JSONPath finds another number of names than one.
    #[error("the path '{field}' finds {count} names, expected one")]
    NotOneName {
        /// The JSONPath.
        field: String,
        /// How many names it finds.
        count: usize,
    },
    /// The pattern does not match the name of the image.
    #[error("--id-pattern '{pattern}' does not match the name {name:?}")]
    NoMatch {
        /// The name.
        name: String,
        /// The pattern.
        pattern: String,
    },
    /// The table of labels does not have a code.
    #[error("the code {code:?} is not in --labels")]
    UnknownLabel {
        /// The code.
        code: String,
    },
    /// The analyzer refuses the document.
    #[error("{0}")]
    Refused(String),
}

/// What a message says is expected.
#[derive(Debug, Clone, PartialEq)]
pub enum Expected {
    /// The object of an image.
    Record,
    /// The field of the release: a list of strings.
    ReleaseKeywords { path: String },
    /// The confidence of a keyword or of a record.
    Confidence { field: String },
    /// A score of an object of scores.
    Score { field: String },
    /// The name of an image.
    Name { field: String },
    /// A word in a table of labels.
    Word,
    /// An object of names and numbers.
    Numbers,
    /// A number of such an object, described by "a word id" or "an image id".
    Number(&'static str),
    /// A part of `dataset.json`.
    Dataset(&'static str),
}

/// What the value of the keywords may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeywordShape {
    /// A string, a number, or a list of these.
    Strings,
    /// An element of such a list.
    OneString,
    /// A list of objects.
    Objects,
    /// The keyword of such an object.
    InObject,
}

impl KeywordShape {
    /// What is wrong with a value that has another shape.
    fn unmet_at(self, field: &str) -> String {
        match self {
            KeywordShape::Strings => format!("the field '{field}' is not a string or a list of strings"),
            KeywordShape::OneString => format!("an element of the list '{field}' is not a string"),
            KeywordShape::Objects => format!("the field '{field}' is not a list of objects"),
            KeywordShape::InObject => format!("a keyword in the list '{field}' is not a string"),
        }
    }
}

impl Malformed {
    /// The problem with a name that is empty.
    pub fn empty_name() -> Self {
        Malformed::new(TextPlace::Field("name".to_owned()), Flaw::EmptyName)
    }

    /// A problem at a place.
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

    /// Whether the record has no name.
    pub fn lacks_name(&self) -> bool {
        matches!(*self.flaw, Flaw::NoName { .. })
    }

    /// Whether the pattern for names does not match.
    pub fn lacks_match(&self) -> bool {
        matches!(*self.flaw, Flaw::NoMatch { .. })
    }

    /// What is wrong.
    pub fn flaw(&self) -> &Flaw {
        &self.flaw
    }

    /// A problem that the parser found in `text`, or in a stream that starts with `text`. `data`
    /// says what is wrong if a value has the wrong type.
    pub fn from_parser(error: serde_json::Error, text: &[u8], data: impl FnOnce(&serde_json::Error) -> Flaw) -> Self {
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
            Category::Syntax if is_at_python_number(text, &error) => Flaw::PythonNumber(words_without_place(&error)),
            Category::Syntax => Flaw::Syntax(words_without_place(&error)),
        };
        Malformed::new(place, flaw)
    }
}

/// The parser's words. Its `Display` appends the place, which [`Malformed`] has as numbers.
pub(crate) fn words_without_place(error: &serde_json::Error) -> String {
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
    [b"NaN".as_slice(), b"Infinity"].iter().any(|name| here.windows(name.len()).any(|found| found == *name))
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
            Some(keys) => write!(f, " (found the keys {keys})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Record => f.write_str("a JSON object"),
            Expected::ReleaseKeywords { path } => write!(f, "a list of strings in {path}"),
            Expected::Confidence { field } => write!(f, "a number in '{field}'"),
            Expected::Score { field } => write!(f, "a score for each key of '{field}'"),
            Expected::Name { field } => write!(f, "a name in '{field}'"),
            Expected::Word => f.write_str("a word"),
            Expected::Numbers => f.write_str("an object {name: number}"),
            Expected::Number(number) => write!(f, "{number}, a whole number"),
            Expected::Dataset(part) => f.write_str(part),
        }
    }
}
