//! Where the keywords and the name of an image are in its JSON.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::error::{Error, Problem, Result};
use keyword_files::json::{
    Expected, Flaw, FoundValue, KeywordField, KeywordForm, LeastConfidence, Malformed, Shape,
    keys_found, read_id, shape_at,
};

/// Where the keywords of an image are in the JSON of its file, line or row. The default is the field
/// of the AMC release: `{"tagging": {"keywords": ["woman", "young adult"]}}`.
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
    /// The keys that lead to the keywords, joined by dots. The keywords are a list of strings, or
    /// one string. The default is `tagging.keywords`, and then they must be a list.
    pub keywords: Option<String>,
    /// Divides a string into keywords, and white space around them is removed. Without a separator,
    /// the string is one keyword.
    pub separator: Option<String>,
    /// The key of the keyword in each object, if the keywords are a list of objects.
    pub keyword_key: Option<String>,
    /// The key of a number in each object, and the smallest number with which the keyword counts.
    pub least_confidence: Option<(String, f64)>,
    /// The keys that lead to the name of an image in a line or a row, joined by dots. Without it,
    /// the name is the number of the line or row. Numbers start at 0 and go on from one input to
    /// the next.
    pub id: Option<String>,
}

impl Fields {
    /// Checks that a text is a path: keys joined by dots.
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

    /// The fields in the form in which records are read.
    ///
    /// # Errors
    ///
    /// A path has an empty key or too many keys, or two of the fields exclude each other.
    pub(crate) fn checked(&self) -> Result<RecordFields> {
        let refused = |what: &str| Err(Error::Refused(what.to_owned()));
        if self.separator.is_some() && self.keyword_key.is_some() {
            return refused(
                "a separator cuts a string, and a list of objects has none: give a separator or a keyword key",
            );
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
            (None, _) if self.keywords.is_none() && self.separator.is_none() => {
                KeywordForm::Strings
            }
            (None, _) => KeywordForm::StringsOrText { separator: self.separator.clone() },
        };
        let path = self.keywords.as_deref().map(keys).transpose()?;
        let path = path.unwrap_or_else(|| KeywordField::default().path);
        let id = self.id.as_deref().map(keys).transpose()?;
        Ok(RecordFields { keywords: KeywordField { path, form }, id, are_given: true })
    }

    /// The options in the manifest.
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

/// No field of keywords is deeper than this.
const MOST_KEYS: usize = 64;

fn keys(path: &str) -> Result<Vec<String>> {
    let keys: Vec<String> = path.split('.').map(String::from).collect();
    if keys.len() > MOST_KEYS {
        return Err(Error::Refused(format!(
            "{} keys lead to a field, expected {MOST_KEYS} at most",
            keys.len()
        )));
    }
    match keys.iter().any(String::is_empty) {
        true => Err(Error::Refused(format!(
            "'{path}' is no path of keys, expected keys joined by dots, such as tagging.keywords"
        ))),
        false => Ok(keys),
    }
}

/// Where the keywords and the names are, in the form in which records are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordFields {
    pub keywords: KeywordField,
    pub id: Option<Vec<String>>,
    /// Whether the user has options for these fields.
    are_given: bool,
}

impl RecordFields {
    /// Whether these are the fields of a user's own data, and not of a preset.
    pub fn are_given(&self) -> bool {
        self.are_given
    }

    /// The name that a line or a row gives to its image.
    pub fn id_in(&self, text: &[u8], path: &[String]) -> Result<String, Malformed> {
        read_id(text, path).map_err(|malformed| malformed.with_keys(keys_found(text, path)))
    }

    /// The keys at the top of a record that are read.
    pub fn top_keys(&self) -> Vec<&str> {
        let id = self.id.as_ref().and_then(|path| path.first());
        self.keywords.path.first().into_iter().chain(id).map(String::as_str).collect()
    }

    /// The problem with a record whose keywords cannot be read. `problem` makes a problem with the
    /// record out of what is wrong and the place.
    pub fn problem(
        &self,
        malformed: Malformed,
        text: &[u8],
        problem: impl FnOnce(String, String) -> Problem,
    ) -> Problem {
        let advice =
            if self.are_given { self.advice(malformed, text) } else { Advice::rewrite(malformed) };
        let problem = problem(advice.malformed.to_string(), advice.malformed.place.to_string());
        advice.hint.add_to(problem)
    }

    /// What to do about keywords that cannot be read.
    fn advice(&self, malformed: Malformed, text: &[u8]) -> Advice {
        let (path, form) = (&self.keywords.path, &self.keywords.form);
        let shape = shape_at(text, path);
        let hint: Cow<'static, str> = match (shape, form) {
            (Shape::List { left, .. }, _) if left == path.len() => {
                return Advice {
                    malformed: list_as_record(malformed),
                    hint: Hint::Do(ONE_AN_IMAGE.into()),
                };
            }
            (Shape::List { left: 0, .. }, KeywordForm::Objects { .. })
                if is_missing_in_object(&malformed) =>
            {
                NAME_THE_KEYS.into()
            }
            (Shape::List { left: 0, of_objects: true }, KeywordForm::StringsOrText { .. }) => {
                NAME_THE_KEY.into()
            }
            (Shape::List { left: 0, .. }, _) => return Advice::rewrite(malformed),
            (Shape::List { left: 1, of_objects: true }, KeywordForm::StringsOrText { .. }) => {
                name_list_and_key(path).into()
            }
            (Shape::Text, KeywordForm::Objects { .. }) => LEAVE_THE_KEY_OUT.into(),
            (Shape::Object, _) => {
                let further: Vec<String> = path.iter().cloned().chain([String::new()]).collect();
                let malformed = malformed.with_keys(keys_found(text, &further));
                return Advice { malformed, hint: Hint::Do(name_list_in_object(path).into()) };
            }
            _ => {
                let malformed = malformed.with_keys(keys_found(text, path));
                match malformed.names_keys() {
                    true => return Advice { malformed, hint: Hint::Do(NAME_THE_FIELD.into()) },
                    false => return Advice::rewrite(malformed),
                }
            }
        };
        Advice { malformed, hint: Hint::Do(hint) }
    }

    /// Adds what to do if a line or a row has no name.
    pub fn add_hint_for_id(malformed: &Malformed, problem: Problem) -> Problem {
        if malformed.names_keys() {
            problem.hint(NAME_THE_ID)
        } else {
            problem.hint_or_skip(REWRITE)
        }
    }
}

/// A problem with the keywords of a record, and what to do about it.
struct Advice {
    malformed: Malformed,
    hint: Hint,
}

/// What to do about a problem.
enum Hint {
    Do(Cow<'static, str>),
    /// Write the record again, or skip it.
    Rewrite,
}

impl Advice {
    fn rewrite(malformed: Malformed) -> Self {
        Advice { malformed, hint: Hint::Rewrite }
    }
}

impl Hint {
    fn add_to(self, problem: Problem) -> Problem {
        match self {
            Hint::Do(hint) => problem.hint(hint),
            Hint::Rewrite => problem.hint_or_skip(REWRITE),
        }
    }
}

/// The same place, at which the whole record is a list.
fn list_as_record(malformed: Malformed) -> Malformed {
    let flaw = Flaw::WrongType { expected: Expected::Record, found: Some(FoundValue::List) };
    Malformed::new(malformed.place, flaw)
}

fn is_missing_in_object(malformed: &Malformed) -> bool {
    matches!(malformed.flaw(), Flaw::MissingInObject { .. })
}

/// Inside a list of objects, the path goes on to a key of each object.
fn name_list_and_key(path: &[String]) -> String {
    let (last, list) =
        path.split_last().map(|(last, list)| (last.as_str(), list.join("."))).unwrap_or_default();
    format!(
        "of a list of objects, name list and key: --keywords-field '{list}' --keyword-key '{last}'"
    )
}

fn name_list_in_object(path: &[String]) -> String {
    let path = path.join(".");
    format!(
        "name the list in it, such as --keywords-field '{path}.KEY', or write the keywords as a list"
    )
}

const ONE_AN_IMAGE: &str = "an image is an object with its keywords in it; of a file of lines, \
                            `jq -c '.[]'` makes them of a list of objects";
const LEAVE_THE_KEY_OUT: &str = "leave --keyword-key out if the keywords are strings";
const REWRITE: &str = "write the file anew";
const NAME_THE_FIELD: &str = "name the field with --keywords-field";
const NAME_THE_KEY: &str = "name the key of the keyword in each object with --keyword-key";
const NAME_THE_KEYS: &str = "name the keys of each object with --keyword-key and --confidence-key";
const NAME_THE_ID: &str = "name the field with --id-field";
