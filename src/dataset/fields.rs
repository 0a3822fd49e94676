//! Where an image's keywords and its name stand in its JSON.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::error::{Error, Problem, Result};
use keyword_files::json::Malformed;
use keyword_files::keyword_file::{KeywordField, KeywordForm, LeastConfidence, Shape, keys_found, read_id, shape_at};

/// Where the keywords of an image stand in the JSON of its keyword file, line or row. The default is the release's:
/// `{"tagging": {"keywords": ["woman", "young adult"]}}`.
///
/// ```
/// use amc_keywords::Fields;
///
/// // {"id": "A00001", "result": {"tags": [{"name": "dog", "score": 0.98}, {"name": "cat", "score": 0.03}]}}
/// let fields = Fields {
///     keywords: Some("result.tags".into()),
///     keyword_key: Some("name".into()),
///     least_confidence: Some(("score".into(), 0.5)),
///     id: Some("id".into()),
///     ..Fields::default()
/// };
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields {
    /// The keys that lead to the keywords, joined by dots: to a list of strings, or to one string. `tagging.keywords`, and a list
    /// alone, if it is not given.
    pub keywords: Option<String>,
    /// Cuts a string into keywords; white space around them is taken off. Without it, the string is one keyword.
    pub separator: Option<String>,
    /// The keywords are a list of objects: the key of the keyword in each.
    pub keyword_key: Option<String>,
    /// The key of a number in each object, and the least number with which the keyword counts.
    pub least_confidence: Option<(String, f64)>,
    /// The keys that lead to an image's name in a line or a row, joined by dots. Without it, the name is the number of the line or
    /// the row, from 0, counted through all such inputs.
    pub id: Option<String>,
}

impl Fields {
    /// Whether this can lead to a field: keys joined by dots.
    ///
    /// ```
    /// use amc_keywords::Fields;
    ///
    /// assert!(Fields::check_path("tagging.keywords").is_ok() && Fields::check_path("a..b").is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Refused`]: a key is empty, or there are more than 64.
    pub fn check_path(path: &str) -> Result<()> {
        keys(path).map(drop)
    }

    /// The fields as they are read.
    ///
    /// # Errors
    ///
    /// A path has an empty key or too many, or two of the fields do not go together.
    pub(crate) fn checked(&self) -> Result<RecordFields> {
        let refused = |what: &str| Err(Error::Refused(what.to_owned()));
        if self.separator.is_some() && self.keyword_key.is_some() {
            return refused("a separator cuts a string, and a list of objects has none: give a separator or a keyword key");
        }
        if self.least_confidence.is_some() && self.keyword_key.is_none() {
            return refused("a least confidence needs a list of objects: give the keyword key too");
        }
        if self.separator.as_deref() == Some("") {
            return refused("the separator is empty");
        }
        let form = match (&self.keyword_key, &self.least_confidence) {
            (Some(key), least) => {
                let least = least.clone().map(|(key, least)| LeastConfidence { key, least });
                KeywordForm::Objects { key: key.clone(), least }
            }
            (None, _) if self.keywords.is_none() && self.separator.is_none() => KeywordForm::Strings,
            (None, _) => KeywordForm::StringsOrText { separator: self.separator.clone() },
        };
        let path = self.keywords.as_deref().map(keys).transpose()?;
        let path = path.unwrap_or_else(|| KeywordField::default().path);
        let id = self.id.as_deref().map(keys).transpose()?;
        Ok(RecordFields { keywords: KeywordField { path, form }, id, are_given: true })
    }

    /// The options for the manifest.
    pub(crate) fn for_manifest(&self) -> Map<String, Value> {
        let least = self.least_confidence.as_ref();
        let options = [
            ("keywords_field", json!(self.keywords.as_deref().unwrap_or("tagging.keywords"))),
            ("separator", json!(self.separator)),
            ("keyword_key", json!(self.keyword_key)),
            ("confidence_key", json!(least.map(|(key, _)| key))),
            ("min_confidence", json!(least.map(|(_, least)| least))),
            ("id_field", json!(self.id)),
        ];
        options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// A path of so many keys leads deeper than any field of keywords stands.
const MOST_KEYS: usize = 64;

fn keys(path: &str) -> Result<Vec<String>> {
    let keys: Vec<String> = path.split('.').map(String::from).collect();
    if keys.len() > MOST_KEYS {
        return Err(Error::Refused(format!("{} keys lead to a field, expected {MOST_KEYS} at most", keys.len())));
    }
    match keys.iter().any(String::is_empty) {
        true => {
            Err(Error::Refused(format!("'{path}' is no path of keys, expected keys joined by dots, such as tagging.keywords")))
        }
        false => Ok(keys),
    }
}

/// Where keywords and names stand.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordFields {
    pub keywords: KeywordField,
    pub id: Option<Vec<String>>,
    /// Whether the user can say where they stand.
    are_given: bool,
}

impl RecordFields {
    /// Whether these are keywords of the user's own rather than a preset's.
    pub fn are_given(&self) -> bool {
        self.are_given
    }

    /// The name that a line or a row gives its image.
    pub fn id_in(&self, text: &[u8], path: &[String]) -> Result<String, Malformed> {
        read_id(text, path).map_err(|malformed| with_keys(malformed, text, path))
    }

    /// The top-level keys that are read.
    pub fn top_keys(&self) -> Vec<&str> {
        let id = self.id.as_ref().and_then(|path| path.first());
        self.keywords.path.first().into_iter().chain(id).map(String::as_str).collect()
    }

    /// The problem with keywords that are not as they must be, given the `problem` with the file or line that says `what`.
    pub fn problem(&self, malformed: Malformed, text: &[u8], problem: impl FnOnce(String, String) -> Problem) -> Problem {
        if !self.are_given {
            return problem(malformed.what, malformed.place).hint(WRITE_ANEW);
        }
        let (path, form) = (&self.keywords.path, &self.keywords.form);
        let shape = shape_at(text, path);
        if matches!(shape, Shape::List { left, .. } if left == path.len()) {
            return problem("expected a JSON object, found a list".to_owned(), malformed.place).hint(ONE_AN_IMAGE);
        }
        let hint: Cow<'static, str> = match (shape, form) {
            (Shape::List { left: 0, .. }, KeywordForm::Objects { .. }) if malformed.what.contains(IN_AN_OBJECT) => {
                NAME_THE_KEYS.into()
            }
            (Shape::List { left: 0, of_objects: true }, KeywordForm::StringsOrText { .. }) => NAME_THE_KEY.into(),
            (Shape::List { left: 0, .. }, _) => WRITE_ANEW.into(),
            (Shape::List { left: 1, of_objects: true }, KeywordForm::StringsOrText { .. }) => name_list_and_key(path).into(),
            (Shape::Text, KeywordForm::Objects { .. }) => LEAVE_THE_KEY_OUT.into(),
            (Shape::Object, _) => return self.in_an_object(malformed, text, problem),
            _ => {
                let before = malformed.what.len();
                let Malformed { what, place } = with_keys(malformed, text, path);
                let hint = if what.len() > before { NAME_THE_FIELD } else { WRITE_ANEW };
                return problem(what, place).hint(hint);
            }
        };
        problem(malformed.what, malformed.place).hint(hint)
    }

    /// The path leads to an object: the keywords may lie further in.
    fn in_an_object(&self, malformed: Malformed, text: &[u8], problem: impl FnOnce(String, String) -> Problem) -> Problem {
        let path = &self.keywords.path;
        let further: Vec<String> = path.iter().cloned().chain([String::new()]).collect();
        let Malformed { what, place } = with_keys(malformed, text, &further);
        problem(what, place).hint(format!(
            "name the list in it, such as --keywords-field '{}.KEY', or write the keywords as a list",
            path.join(".")
        ))
    }

    /// The next step where a line or row has no name, given what was found to be wrong.
    pub fn hint_for_id(malformed: &Malformed) -> &'static str {
        if malformed.what.contains(FOUND_THE_KEYS) { NAME_THE_ID } else { WRITE_ANEW }
    }
}

/// With the keys that were found, where the text is JSON and its shape is another than was expected.
fn with_keys(malformed: Malformed, text: &[u8], path: &[String]) -> Malformed {
    match keys_found(text, path) {
        Some(keys) => Malformed { what: format!("{}{FOUND_THE_KEYS}{keys}", malformed.what), ..malformed },
        None => malformed,
    }
}

/// Of a list of objects, the path goes on to a key in each.
fn name_list_and_key(path: &[String]) -> String {
    let (last, list) = path.split_last().map(|(last, list)| (last.as_str(), list.join("."))).unwrap_or_default();
    format!("of a list of objects, name list and key: --keywords-field '{list}' --keyword-key '{last}'")
}

const IN_AN_OBJECT: &str = " in an object of the list";
const ONE_AN_IMAGE: &str =
    "an image is an object with its keywords in it; of a file of lines, `jq -c '.[]'` makes them of a list of objects";
const LEAVE_THE_KEY_OUT: &str = "leave --keyword-key out if the keywords are strings";
const WRITE_ANEW: &str = "write the file anew, or leave such images out with --on-error skip";
const NAME_THE_FIELD: &str = "name the field with --keywords-field";
const NAME_THE_KEY: &str = "name the key of the keyword in each object with --keyword-key";
const NAME_THE_KEYS: &str = "name the keys of each object with --keyword-key and --confidence-key";
const FOUND_THE_KEYS: &str = "; found the keys ";
const NAME_THE_ID: &str = "name the field with --id-field";
