//! Where the keywords and the name of an image are in its record.

#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use keyword_files::json::{
    FieldPath, IdField, IdPattern, JsonQuery, KeywordField, KeywordForm, LeastConfidence, RecordConfidence,
};
use keyword_files::labels::Labels;

use super::record_fields::RecordFields;
use crate::error::{Error, Result};

/// Where the keywords and the name of an image are in its record, and how the value there becomes
/// keywords.
///
/// A record is the JSON of an image, a line, a row, or a value of a list or a map. A path is keys
/// joined by dots: `result.tags`. In it, `\.` is a dot that belongs to a key. A path that starts
/// with `$` is a JSONPath as in RFC 9535: `$.responses[0].labels[*].description`.
///
/// The value is a string, a number, a list of these, or null. A number counts as its JSON text,
/// and null is ignored. A record without the field has no keywords.
///
/// ```
/// use amc_keywords::Fields;
///
/// // {"id": "A00001", "result": {"tags": [{"name": "dog", "score": 0.98}, {"name": "cat", "score": 0.03}]}}
/// let fields = Fields {
///     keywords: Some("result.tags".into()),
///     keyword_key: Some("name".into()),
///     confidence_key: Some("score".into()),
///     min_confidence: Some(0.5),
///     id: Some("id".into()),
///     ..Fields::default()
/// };
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields {
    /// The path to the keywords. Without it, the keywords are in `tagging.keywords` or `keywords`,
    /// and a record that is not an object is itself the value.
    pub keywords: Option<String>,
    /// Divides each string into keywords. White space around them is removed, and empty ones are
    /// ignored.
    pub separator: Option<String>,
    /// The key of the keyword in each object, if the keywords are a list of objects.
    pub keyword_key: Option<String>,
    /// The key of the confidence in each object.
    pub confidence_key: Option<String>,
    /// The path to the confidence of the whole record.
    pub confidence: Option<String>,
    /// The smallest confidence with which a keyword counts. If it is given without a place of the
    /// confidence, the keywords may be an object of scores, `{"dog": 0.98, "cat": 0.1}`.
    pub min_confidence: Option<f64>,
    /// A table that maps codes to words: a JSON object, or a CSV of two columns.
    pub labels: Option<PathBuf>,
    /// The path to the name of an image. Without it, the name is the number of the line or row.
    /// Numbers start at 0 and go on from one input to the next.
    pub id: Option<String>,
    /// A regular expression. The name of an image is its first capture group, or the whole match
    /// if it has no group.
    pub id_pattern: Option<String>,
    /// Whether records with the same id are one image. Their keywords are joined in order, and the
    /// image has the place of its first record.
    pub group: bool,
}

impl Fields {
    /// Checks that a text is a path: keys joined by dots, or a JSONPath.
    ///
    /// ```
    /// use amc_keywords::Fields;
    ///
    /// assert!(Fields::check_path("tagging.keywords").is_ok() && Fields::check_path("a..b").is_err());
    /// assert!(Fields::check_path("$.tags[*].name").is_ok() && Fields::check_path("$.tags[").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: a key is empty, there are more than 64 keys, or the JSONPath is not
    /// valid.
    pub fn check_path(path: &str) -> Result<()> {
        parse_path(path).map(drop)
    }

    /// Checks that a text is a pattern for names.
    ///
    /// ```
    /// use amc_keywords::Fields;
    ///
    /// assert!(Fields::check_pattern("([0-9]+)[.]jpg$").is_ok() && Fields::check_pattern("(").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: the text is not a regular expression.
    pub fn check_pattern(pattern: &str) -> Result<()> {
        parse_pattern(pattern).map(drop)
    }

    /// The fields in the form in which records are read.
    ///
    /// # Errors
    ///
    /// A path or the pattern is not valid, two of the fields exclude each other, or the table of
    /// labels cannot be read.
    pub(crate) fn checked(&self) -> Result<RecordFields> {
        self.refuse_contradictions()?;
        let path = self.keywords.as_deref().map(parse_path).transpose()?;
        let id = self.id.as_deref().map(parse_path).transpose()?;
        let confidence = match (&self.confidence, self.min_confidence) {
            (Some(path), Some(least)) => Some(RecordConfidence { path: parse_path(path)?, least }),
            _ => None,
        };
        let keywords = KeywordField {
            path: path.unwrap_or(FieldPath::Usual),
            form: self.form(),
            confidence,
            separator: self.separator.clone(),
            labels: self.labels.as_deref().map(Labels::read).transpose()?.map(Arc::new),
        };
        Ok(RecordFields {
            keywords,
            id: id.map(|path| IdField { path }),
            id_pattern: self.id_pattern.as_deref().map(parse_pattern).transpose()?,
            group: self.group,
            are_given: true,
        })
    }

    fn form(&self) -> KeywordForm {
        match &self.keyword_key {
            Some(key) => {
                let least = self.confidence_key.clone().zip(self.min_confidence);
                let least = least.map(|(key, least)| LeastConfidence { key, least });
                KeywordForm::Objects { key: key.clone(), least }
            }
            None => KeywordForm::Values { least_score: self.min_confidence.filter(|_| self.confidence.is_none()) },
        }
    }

    fn refuse_contradictions(&self) -> Result<()> {
        let refused = |what: &str| Err(Error::Refused(what.to_owned()));
        let has_place = self.confidence_key.is_some() || self.confidence.is_some();
        if self.separator.as_deref() == Some("") {
            return refused("the separator is empty; remove --separator");
        }
        if self.group && self.id.is_none() {
            return refused("--group needs the field of the ids; add --id-field");
        }
        if has_place && self.min_confidence.is_none() {
            return refused("the confidence needs a minimum; add --min-confidence");
        }
        if self.confidence_key.is_some() && self.keyword_key.is_none() {
            return refused("--confidence-key needs a list of objects; add --keyword-key");
        }
        if self.keyword_key.is_some() && self.min_confidence.is_some() && !has_place {
            return refused("the confidence of the objects has no key; add --confidence-key");
        }
        Ok(())
    }

    /// The options in the manifest.
    pub(crate) fn for_manifest(&self) -> Map<String, Value> {
        let labels = self.labels.as_ref().and_then(|path| path.file_name());
        let labels = labels.map(|name| name.to_string_lossy());
        let always = [
            ("keywords_field", json!(self.keywords.as_deref().unwrap_or("tagging.keywords"))),
            ("separator", json!(self.separator)),
            ("keyword_key", json!(self.keyword_key)),
            ("confidence_key", json!(self.confidence_key)),
            ("min_confidence", json!(self.min_confidence)),
            ("id_field", json!(self.id)),
        ];
        let if_given = [
            ("confidence_field", json!(self.confidence)),
            ("labels", json!(labels)),
            ("id_pattern", json!(self.id_pattern)),
            ("group", json!(self.group.then_some(true))),
        ];
        let if_given = if_given.into_iter().filter(|(_, value)| !value.is_null());
        let options = always.into_iter().chain(if_given);
        options.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// No field of keywords is deeper than this.
const MOST_KEYS: usize = 64;

fn parse_path(path: &str) -> Result<FieldPath> {
    if path.starts_with('$') {
        return JsonQuery::new(path)
            .map(FieldPath::Query)
            .map_err(|error| Error::Refused(format!("'{path}' is not a JSONPath: {error}")));
    }
    let keys = split_path(path);
    if keys.len() > MOST_KEYS {
        let what = format!("the path has {} keys, expected at most {MOST_KEYS}", keys.len());
        return Err(Error::Refused(what));
    }
    match keys.iter().any(String::is_empty) {
        true => Err(Error::Refused(format!("'{path}' is not a path; join keys by dots, such as tagging.keywords"))),
        false => Ok(FieldPath::Keys(keys)),
    }
}

/// The keys of a path. A backslash makes a dot, a dollar sign or a backslash part of a key.
fn split_path(path: &str) -> Vec<String> {
    let (mut keys, mut key) = (Vec::new(), String::new());
    let mut characters = path.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '.' => keys.push(std::mem::take(&mut key)),
            '\\' => {
                key.push(characters.next_if(|c| matches!(c, '.' | '$' | '\\')).unwrap_or('\\'));
            }
            _ => key.push(character),
        }
    }
    keys.push(key);
    keys
}

fn parse_pattern(pattern: &str) -> Result<IdPattern> {
    IdPattern::new(pattern).map_err(|error| {
        // The last line of the message says what is wrong, the others show the place.
        let message = error.to_string();
        let message = message.lines().last().unwrap_or_default().trim_start();
        Error::Refused(format!("'{pattern}' is not a regular expression: {message}"))
    })
}
