//! Where the keywords of an image are in its JSON, and in which form.

use std::fmt;
use std::sync::Arc;

use super::query::JsonQuery;
use crate::labels::Labels;

/// The place of the keywords of an image, and how its value becomes keywords.
#[derive(Debug, Clone)]
pub struct KeywordField {
    /// The place of the keywords.
    pub path: FieldPath,
    /// The form of the value there.
    pub form: KeywordForm,
    /// The confidence of the whole record.
    pub confidence: Option<RecordConfidence>,
    /// Divides each string into keywords.
    pub separator: Option<String>,
    /// The words that replace codes.
    pub labels: Option<Arc<Labels>>,
}

/// The field of the release: a list of strings in `tagging.keywords`.
impl Default for KeywordField {
    fn default() -> Self {
        KeywordField {
            path: FieldPath::Keys(["tagging", "keywords"].map(String::from).to_vec()),
            form: KeywordForm::Strings,
            confidence: None,
            separator: None,
            labels: None,
        }
    }
}

/// The place of a value in a record.
#[derive(Debug, Clone)]
pub enum FieldPath {
    /// `tagging.keywords` or `keywords` in a record that is an object. Another record is the value
    /// itself.
    Usual,
    /// The keys that lead to the value.
    Keys(Vec<String>),
    /// A JSONPath that finds any number of values.
    Query(JsonQuery),
}

/// The form of the value that holds the keywords.
#[derive(Debug, Clone, PartialEq)]
pub enum KeywordForm {
    /// A list of strings and nothing else. The two presets read this form.
    Strings,
    /// A string or a number, or a list of these. With a least score, also an object of scores,
    /// whose keys are the keywords.
    Values {
        /// The least score that a keyword needs.
        least_score: Option<f64>,
    },
    /// A list of objects with one keyword each.
    Objects {
        /// The key of the keyword.
        key: String,
        /// The confidence that a keyword needs.
        least: Option<LeastConfidence>,
    },
}

/// The confidence that a keyword needs, and its key.
#[derive(Debug, Clone, PartialEq)]
pub struct LeastConfidence {
    /// The key of the confidence.
    pub key: String,
    /// The least confidence that is enough.
    pub least: f64,
}

/// The confidence that a record needs, and its place.
#[derive(Debug, Clone)]
pub struct RecordConfidence {
    /// The place of the confidence.
    pub path: FieldPath,
    /// The least confidence that is enough.
    pub least: f64,
}

impl KeywordField {
    /// Whether only the form of the release is accepted.
    pub fn is_strict(&self) -> bool {
        self.form == KeywordForm::Strings
    }

    /// Whether keywords need a least confidence.
    pub fn needs_confidence(&self) -> bool {
        let has_least = match &self.form {
            KeywordForm::Strings => false,
            KeywordForm::Values { least_score } => least_score.is_some(),
            KeywordForm::Objects { least, .. } => least.is_some(),
        };
        has_least || self.confidence.is_some()
    }

    /// Whether the fast path may find the keywords.
    pub(super) fn can_be_fast(&self) -> bool {
        self.confidence.is_none() && !matches!(self.form, KeywordForm::Objects { .. })
    }
}

impl FieldPath {
    /// The first key, if it is known.
    pub fn first_key(&self) -> Option<&str> {
        match self {
            FieldPath::Usual => Some("tagging"),
            FieldPath::Keys(keys) => keys.first().map(String::as_str),
            FieldPath::Query(query) => query.first_key(),
        }
    }
}

/// The path as the user writes it.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldPath::Usual => f.write_str("tagging.keywords"),
            FieldPath::Keys(keys) => f.write_str(&shown_path(keys)),
            FieldPath::Query(query) => f.write_str(query.as_str()),
        }
    }
}

/// Keys joined by dots, as a path is written.
pub fn shown_path(keys: &[String]) -> String {
    let escape = |(place, key): (usize, &String)| {
        let key = key.replace('\\', "\\\\").replace('.', "\\.");
        if place == 0 && key.starts_with('$') { format!("\\{key}") } else { key }
    };
    keys.iter().enumerate().map(escape).collect::<Vec<_>>().join(".")
}
