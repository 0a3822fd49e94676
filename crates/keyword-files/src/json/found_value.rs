//! A value of another type than was expected, for messages.

use std::fmt;

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
    /// NaN or Infinity.
    PythonNumber,
}

impl FoundValue {
    /// The value that begins at a byte of a JSON text, if it is a list or an object, or that ends
    /// before it otherwise. The parser stops there when it meets a value of the wrong type.
    pub fn at(text: &[u8], byte: usize) -> Option<FoundValue> {
        match text.get(byte) {
            Some(b'[') => return Some(FoundValue::List),
            Some(b'{') => return Some(FoundValue::Object),
            Some(b'N' | b'I' | b'-') => return Some(FoundValue::PythonNumber),
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
            inside.get(at) == Some(&b'"') && before.iter().rev().take_while(|&&b| b == b'\\').count() % 2 == 0
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
            FoundValue::PythonNumber => "NaN or Infinity".to_owned(),
        };
        match text.char_indices().nth(MOST_CHARACTERS) {
            Some((end, _)) => write!(f, "{}…", text.get(..end).unwrap_or_default()),
            None => f.write_str(&text),
        }
    }
}
