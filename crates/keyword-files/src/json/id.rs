//! The name of an image in its record.

use regex::Regex;

use super::diagnose::keys_of;
use super::field::FieldPath;
use super::malformed::{Expected, Flaw, Malformed, TextPlace};
use super::part::{JsonKind, JsonPart};
use super::record::without_python_numbers;
use super::utf8::utf8;

/// The place of the name of an image in its record.
#[derive(Debug, Clone)]
pub struct IdField {
    /// The place.
    pub path: FieldPath,
}

impl IdField {
    /// The name in the JSON `text`: a string, or a whole number.
    pub fn read(&self, text: &[u8]) -> Result<String, Malformed> {
        let text = utf8(text)?;
        match self.read_record(JsonPart::whole(text)) {
            Err(malformed) if matches!(malformed.flaw(), Flaw::PythonNumber(_)) => {
                let other = without_python_numbers(text).ok_or(malformed)?;
                self.read_record(JsonPart::in_place_of(text, &other))
            }
            outcome => outcome,
        }
    }

    fn read_record(&self, record: JsonPart<'_>) -> Result<String, Malformed> {
        let field = || self.path.to_string();
        match self.path.find(record)?.as_slice() {
            [name] => read_name(*name, field),
            [] => Err(record.lacks(Flaw::NoName { field: field() }).with_keys(keys_of(record))),
            names => Err(record.lacks(Flaw::NotOneName { field: field(), count: names.len() })),
        }
    }
}

fn read_name(name: JsonPart<'_>, field: impl Fn() -> String) -> Result<String, Malformed> {
    let digits = name.as_str().strip_prefix('-').unwrap_or(name.as_str());
    match name.kind() {
        JsonKind::Text => name.parsed(),
        JsonKind::Number if digits.bytes().all(|byte| byte.is_ascii_digit()) => Ok(name.as_str().to_owned()),
        _ => Err(name.wrong_type(Expected::Name { field: field() })),
    }
}

/// The part of a name that a regular expression selects.
#[derive(Debug, Clone)]
pub struct IdPattern(Regex);

impl IdPattern {
    /// Compiles a regular expression.
    ///
    /// # Errors
    ///
    /// It is not a regular expression.
    pub fn new(pattern: &str) -> Result<Self, regex::Error> {
        Regex::new(pattern).map(IdPattern)
    }

    /// The first capture group, or the whole match if the pattern has no group.
    pub fn apply(&self, name: &str) -> Result<String, Malformed> {
        let group = usize::from(self.0.captures_len() > 1);
        let found = self.0.captures(name).and_then(|captures| captures.get(group));
        found.map(|found| found.as_str().to_owned()).ok_or_else(|| {
            let (name, pattern) = (name.chars().take(200).collect(), self.0.as_str().to_owned());
            let place = TextPlace::Field("name".to_owned());
            Malformed::new(place, Flaw::NoMatch { name, pattern })
        })
    }
}
