//! Where the keywords and the name of an image are in its record.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::error::{Error, Problem, Result};
use keyword_files::json::{
    Advice, FieldPath, IdField, IdPattern, JsonQuery, KeywordField, KeywordForm, LeastConfidence, Malformed, RecordConfidence,
    advice, keys_found,
};
use keyword_files::labels::Labels;

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
        let said = error.to_string();
        let said = said.lines().last().unwrap_or_default().trim_start();
        Error::Refused(format!("'{pattern}' is not a regular expression: {said}"))
    })
}

/// Where the keywords and the names are, in the form in which records are read. The default is the
/// field of the release and nothing else.
#[derive(Debug, Clone, Default)]
pub(crate) struct RecordFields {
    pub keywords: KeywordField,
    pub id: Option<IdField>,
    pub id_pattern: Option<IdPattern>,
    /// Whether records with the same id are one image.
    pub group: bool,
    /// Whether the user has options for these fields.
    are_given: bool,
}

impl RecordFields {
    /// Whether these are the fields of a user's own data, and not of a preset.
    pub fn are_given(&self) -> bool {
        self.are_given
    }

    /// The name that a record gives to its image.
    pub fn id_in(&self, text: &[u8], field: &IdField) -> Result<String, Malformed> {
        field.read(text).and_then(|name| self.select_name(name))
    }

    /// The part of a name that `--id-pattern` selects.
    pub fn select_name(&self, name: String) -> Result<String, Malformed> {
        match &self.id_pattern {
            Some(pattern) => pattern.apply(&name),
            None => Ok(name),
        }
    }

    /// The name of an image that is not in its record: the name of a member, a key, a number.
    pub fn image_name<'n>(&self, name: &'n str) -> Result<Cow<'n, str>, Malformed> {
        match &self.id_pattern {
            Some(pattern) => pattern.apply(name).map(Cow::Owned),
            None => Ok(Cow::Borrowed(name)),
        }
    }

    /// The keys at the top of a record that a reader must read. None means all.
    pub fn keys_to_read(&self) -> Vec<&str> {
        if self.may_read_any_key() { Vec::new() } else { self.top_keys() }
    }

    /// The keys at the top of a record that are read, as far as they are known.
    fn top_keys(&self) -> Vec<&str> {
        self.paths().filter_map(FieldPath::first_key).collect()
    }

    /// Whether a JSONPath may read any key of a record.
    fn may_read_any_key(&self) -> bool {
        self.paths().any(|path| path.first_key().is_none())
    }

    fn paths(&self) -> impl Iterator<Item = &FieldPath> {
        let confidence = self.keywords.confidence.as_ref().map(|confidence| &confidence.path);
        let id = self.id.as_ref().map(|id| &id.path);
        [Some(&self.keywords.path), confidence, id].into_iter().flatten()
    }

    /// The problem with a record whose keywords cannot be read. `problem` makes a problem with the
    /// record out of what is wrong and the place.
    pub fn problem(&self, malformed: Malformed, text: &[u8], problem: impl FnOnce(String, String) -> Problem) -> Problem {
        let problem = problem(malformed.to_string(), malformed.place.to_string());
        if !self.are_given {
            return problem.hint_or_skip(REWRITE);
        }
        match advice(text, &self.keywords, &malformed) {
            Advice::Do(hint) => problem.hint(hint),
            Advice::Inspect => problem.hint_inspect(),
            Advice::OrSkip(hint) => problem.hint_or_skip(hint),
        }
    }

    /// Adds what to do if a record has no name.
    pub fn add_hint_for_id(malformed: &Malformed, problem: Problem) -> Problem {
        if malformed.lacks_name() {
            return problem.hint_inspect();
        }
        problem.hint_or_skip(if malformed.lacks_match() { "change --id-pattern" } else { "correct the record" })
    }

    /// What is wrong if no record has the field of the keywords. `first` is the text of the first
    /// record.
    pub fn no_record_has_keywords(&self, first: &[u8]) -> String {
        let keys = keys_found(first).map(|keys| format!(" (the first has: {keys})"));
        format!("no record has the field '{}'{}", self.keywords.path, keys.unwrap_or_default())
    }
}

const REWRITE: &str = "write the file again";

#[cfg(test)]
mod tests {
    use super::*;
    use keyword_files::json::{KeywordSink, read_keywords};

    #[derive(Default)]
    struct Collected {
        keywords: Vec<String>,
        unsure: u64,
        has_field: bool,
    }

    impl KeywordSink for Collected {
        fn restart(&mut self) {
            *self = Collected { has_field: true, ..Collected::default() };
        }

        fn keyword(&mut self, keyword: &[u8]) {
            self.keywords.push(String::from_utf8_lossy(keyword).into_owned());
        }

        fn unsure(&mut self) {
            self.unsure += 1;
        }

        fn no_field(&mut self) {
            self.has_field = false;
        }
    }

    fn read(fields: &Fields, text: &str) -> Result<Collected, String> {
        let fields = fields.checked().unwrap();
        let mut sink = Collected::default();
        let read = read_keywords(text.as_bytes(), &fields.keywords, &mut sink);
        read.map(|()| sink).map_err(|malformed| {
            let problem = |what, place: String| Problem::new("set.jsonl", what).at(place);
            fields.problem(malformed, text.as_bytes(), problem).reason()
        })
    }

    fn at(path: &str) -> Fields {
        Fields { keywords: Some(path.to_owned()), ..Fields::default() }
    }

    fn separated(fields: Fields, separator: &str) -> Fields {
        Fields { separator: Some(separator.to_owned()), ..fields }
    }

    fn sure(fields: Fields, least: f64) -> Fields {
        Fields { min_confidence: Some(least), ..fields }
    }

    fn objects() -> Fields {
        Fields { keyword_key: Some("name".to_owned()), ..at("tags") }
    }

    fn scored_objects() -> Fields {
        sure(Fields { confidence_key: Some("score".to_owned()), ..objects() }, 0.5)
    }

    #[test]
    fn a_value_becomes_keywords() {
        let usual = Fields::default;
        for (fields, text, keywords) in [
            (at("tags"), r#"{"tags": ["a", 2019, 1.50, -1e3, null, "b"]}"#, &["a", "2019", "1.50", "-1e3", "b"][..]),
            (at("tags"), r#"{"tags": "red dog"}"#, &["red dog"]),
            (at("tags"), r#"{"tags": 7.0}"#, &["7.0"]),
            (at("tags"), r#"{"tags": []}"#, &[]),
            (at("tags"), r#"{"tags": 1, "tags": ["dog \ud800cat"]}"#, &["dog \u{fffd}\u{fffd}\u{fffd}cat"]),
            (at(r"meta\.tags"), r#"{"meta": {"tags": ["x"]}, "meta.tags": ["a"]}"#, &["a"]),
            (at(r"\$a.b"), r#"{"$a": {"b": "x"}}"#, &["x"]),
            (at(r"a\\b"), r#"{"a\\b": "x"}"#, &["x"]),
            (separated(at("tags"), ","), r#"{"tags": " red dog,,cat, "}"#, &["red dog", "cat"]),
            (separated(at("tags"), ","), r#"{"tags": ["a, b", "c", 5]}"#, &["a", "b", "c", "5"]),
            (separated(at("tags"), "\n"), r#"{"tags": "a b\r\nc\n\n"}"#, &["a b", "c"]),
            (separated(objects(), "|"), r#"{"tags": [{"name": "a|b"}]}"#, &["a", "b"]),
            (usual(), r#"["a", "b"]"#, &["a", "b"]),
            (usual(), r#" "a b" "#, &["a b"]),
            (separated(usual(), ","), r#""a,b""#, &["a", "b"]),
            (usual(), r#"{"tagging": {"keywords": "a"}, "keywords": ["b"]}"#, &["a"]),
            (usual(), r#"{"id": 9, "file_name": "9.jpg", "keywords": ["a b", "c"]}"#, &["a b", "c"]),
            (sure(usual(), 0.5), r#"{"dog": 0.98, "cat": 0.1, "red cow": 0.5}"#, &["dog", "red cow"]),
            (sure(at("tags"), 0.5), r#"{"tags": {"a": 1, "b": 0.9, "a": 0.1}}"#, &["b"]),
            (sure(at("tags"), 0.5), r#"{"tags": ["a"]}"#, &["a"]),
            (objects(), r#"{"tags": [{"name": "a", "x": [1]}, null, {"name": 5}, {"name": null}]}"#, &["a", "5"]),
            (scored_objects(), r#"{"tags": [{"score": 0.5, "name": "a"}, {"name": "b", "score": 0.49}]}"#, &["a"]),
            (
                at("$.r[0].l[*].d"),
                r#"{"r": [{"l": [{"d": "a"}, {"d": 1.0}, {"d": null}, {"d": ["b", 7]}]}]}"#,
                &["a", "1.0", "b", "7"],
            ),
            (
                at("$.c[?@.from=='gpt'].value"),
                r#"{"c": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "a"}]}"#,
                &["a"],
            ),
            (at("$.t.*"), r#"{"t": {"z": "first", "a": "second", "z": "last"}}"#, &["second", "last"]),
            (at("$['a','a']"), r#"{"a": "x"}"#, &["x", "x"]),
            (at("$..d"), r#"{"b": {"d": "1"}, "a": [{"d": "2"}], "d": "3"}"#, &["1", "2", "3"]),
            (at("$.tags"), r#"{"x": NaN, "y": ["NaN", -Infinity], "tags": ["a"]}"#, &["a"]),
            (at("tags"), r#"{"x": NaN, "y": ["NaN", -Infinity], "tags": ["a", "\"NaN"]}"#, &["a", "\"NaN"]),
        ] {
            let found = read(&fields, text).unwrap();
            assert_eq!(
                (found.keywords.as_slice(), found.has_field),
                (keywords.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>().as_slice(), true),
                "{text}"
            );
        }
    }

    #[test]
    fn a_record_without_the_field_has_no_keywords() {
        for (fields, text) in [
            (at("tags"), r#"{"id": 1}"#),
            (at("tags"), r#"{"tags": null}"#),
            (at("a.tags"), r#"{"a": null}"#),
            (at("a.tags"), r#"{"a": {}}"#),
            (objects(), r#"{"tags": null}"#),
            (at("$.a[*].b"), r#"{"a": []}"#),
            (at("$.a[*].b"), r#"{"a": [{"b": null}]}"#),
            (Fields::default(), r#"{"id": 1, "tagging": 5}"#),
            (Fields::default(), "null"),
            (sure(Fields::default(), 0.5), "{}"),
        ] {
            let found = read(&fields, text).unwrap();
            assert_eq!((found.keywords.len(), found.has_field), (0, false), "{text}");
        }
        let found = read(&at("tags"), r#"{"tags": [null]}"#).unwrap();
        assert!(found.has_field && found.keywords.is_empty());
    }

    #[test]
    fn a_record_of_low_confidence_has_no_keywords_and_they_are_counted() {
        let fields = Fields { confidence: Some("c".to_owned()), ..sure(at("tags"), 0.5) };
        for (text, keywords, unsure) in [
            (r#"{"tags": "a", "c": 0.5}"#, 1, 0),
            (r#"{"tags": ["a", "b"], "c": 0.4}"#, 0, 2),
            (r#"{"tags": "a", "c": "0.9"}"#, 1, 0),
            (r#"{"tags": "a", "c": " 1"}"#, 1, 0),
            (r#"{"c": "0", "tags": "a"}"#, 0, 1),
        ] {
            let found = read(&fields, text).unwrap();
            assert_eq!((found.keywords.len(), found.unsure), (keywords, unsure), "{text}");
        }
        let or_skip = "correct the record, or skip such images with --on-error skip";
        for (text, message) in [
            (r#"{"tags": "a"}"#, "line 1 column 13: the record has no confidence 'c'"),
            (r#"{"tags": "a", "c": "high"}"#, "line 1 column 25: expected a number in 'c', found string \"high\""),
            (r#"{"tags": "a", "c": NaN}"#, "line 1 column 19: expected a number in 'c', found NaN or Infinity"),
        ] {
            assert_eq!(read(&fields, text).err(), Some(format!("{message}; {or_skip}")), "{text}");
        }
    }

    #[test]
    fn labels_give_the_words_of_codes() {
        let folder = tempfile::tempdir().unwrap();
        let labels = folder.path().join("labels.csv");
        std::fs::write(&labels, "code,word\n/m/1,Red dog\n5,cat\n").unwrap();
        let fields = separated(Fields { labels: Some(labels), ..at("tags") }, ",");
        let found = read(&fields, r#"{"tags": ["/m/1, /m/1", 5]}"#).unwrap();
        assert_eq!(found.keywords, ["Red dog", "Red dog", "cat"]);
        assert_eq!(
            read(&fields, r#"{"tags": "/m/1,/m/2"}"#).err().unwrap(),
            "tags: the code \"/m/2\" is not in --labels; add it to the table, or skip such images \
             with --on-error skip"
        );
    }

    #[test]
    fn the_advice_works_for_the_record() {
        let or_skip = "correct the record, or skip such images with --on-error skip";
        let not_strings = "is not a string or a list of strings (found";
        for (fields, text, message, then) in [
            (at("tags"), r#"{"tags": ["dog", true]}"#, format!("line 1 column 21: an element of the list 'tags' is not a string (found boolean `true`); {or_skip}"), None),
            (at("tags"), r#"{"tags": [["dog"]]}"#, "line 1 column 10: an element of the list 'tags' is not a string (found a list); use --keywords-field '$.tags[*]'".to_owned(), Some(at("$.tags[*]"))),
            (at("tags"), r#"{"tags": {"dog": 0.9}}"#, format!("line 1 column 9: the field 'tags' {not_strings} an object); --min-confidence 0.5 uses its keys with at least that score"), Some(sure(at("tags"), 0.5))),
            (at("tags"), r#"{"tags": {"n": 1, "a.b": ["dog"]}}"#, format!("line 1 column 9: the field 'tags' {not_strings} an object); use --keywords-field 'tags.a\\.b'"), Some(at(r"tags.a\.b"))),
            (at("tags"), r#"{"tags": [{"score": 1, "name": "dog"}]}"#, "line 1 column 10: an element of the list 'tags' is not a string (found an object); use --keyword-key name".to_owned(), Some(objects())),
            (at("$.tags"), r#"{"tags": [{"the name": "dog"}]}"#, "line 1 column 10: an element of the list '$.tags' is not a string (found an object); use --keywords-field '$.tags[*]['\\''the name'\\'']'".to_owned(), Some(at("$.tags[*]['the name']"))),
            (at("tags.name"), r#"{"tags": [{"name": "dog"}]}"#, "line 1 column 9: expected a JSON object, found a list; use --keywords-field '$.tags[*].name'".to_owned(), Some(at("$.tags[*].name"))),
            (objects(), r#"{"tags": ["dog"]}"#, "line 1 column 15: the field 'tags' is not a list \
                                                 of objects (found string \"dog\"); remove \
                                                 --keyword-key, because the keywords are not \
                                                 objects".to_owned(), Some(at("tags"))),
            (objects(), r#"{"tags": [{"label": "dog"}]}"#, "line 1 column 26: an object in the list 'tags' has no 'name'; use --keyword-key label".to_owned(), None),
            (scored_objects(), r#"{"tags": [{"name": "dog", "p": 0.9}]}"#, "line 1 column 35: an object in the list 'tags' has no 'score'; use --confidence-key p".to_owned(), None),
            (scored_objects(), r#"{"tags": [{"name": "dog", "score": "0.9"}]}"#, format!("line 1 column 40: expected a number in 'score', found string \"0.9\"; {or_skip}"), None),
            (sure(at("tags"), 0.5), r#"{"tags": {"dog": null}}"#, format!("line 1 column 21: expected a score for each key of 'tags', found null; {or_skip}"), None),
            (at("tags"), r#"{"tags": [NaN]}"#, format!("line 1 column 10: an element of the list 'tags' is not a string (found NaN or Infinity); {or_skip}"), None),
            (Fields::default(), "5", "line 1 column 1: expected a JSON object, found integer `5`; run amc-keywords inspect set.jsonl to see the options".to_owned(), None),
            (Fields::default(), r#"[{"id": 1, "tags": ["dog"]}]"#, "line 1 column 1: an element of the list 'tagging.keywords' is not a string (found an object); --format json reads a list of records".to_owned(), None),
        ] {
            assert_eq!(read(&fields, text).err(), Some(message), "{text}");
            if let Some(fields) = then {
                assert_eq!(read(&fields, text).unwrap().keywords, ["dog"], "{text}");
            }
        }
    }

    #[test]
    fn a_field_that_no_record_has_is_named_with_another_that_holds_keywords() {
        let fields = at("tag").checked().unwrap();
        for (first, keys) in [
            (r#"{"id": "x", "tags": ["a"]}"#, " (the first has: id, tags)"),
            (r#"{"id": "x", "r": {"my.tags": ["a"]}}"#, " (the first has: id, r)"),
            (r#"{"n": NaN}"#, " (the first has: n)"),
            ("{}", ""),
        ] {
            let what = format!("no record has the field 'tag'{keys}");
            assert_eq!(fields.no_record_has_keywords(first.as_bytes()), what);
        }
    }

    #[test]
    fn a_name_is_a_string_or_a_whole_number_and_may_be_cut_by_a_pattern() {
        let id = |path: &str, pattern: Option<&str>, text: &str| {
            let id_pattern = pattern.map(String::from);
            let fields = Fields { id: Some(path.to_owned()), id_pattern, ..Fields::default() };
            let fields = fields.checked().unwrap();
            let name = fields.id_in(text.as_bytes(), fields.id.as_ref().unwrap());
            name.map_err(|malformed| {
                let problem = Problem::new("a", malformed.to_string()).at(malformed.place.to_string());
                RecordFields::add_hint_for_id(&malformed, problem).reason()
            })
        };
        assert_eq!(id("a.id", None, r#"{"a": {"id": -7}}"#).unwrap(), "-7");
        assert_eq!(id("id", None, r#"{"id": "\u0031", "x": NaN}"#).unwrap(), "1");
        assert_eq!(id("$.ids[1]", None, r#"{"ids": [1, 2]}"#).unwrap(), "2");
        assert_eq!(id("f", Some("([0-9]+)[.]jpg$"), r#"{"f": "a/IMG_12.jpg"}"#).unwrap(), "12");
        assert_eq!(id("f", Some("[0-9]+"), r#"{"f": "a/IMG_12.jpg"}"#).unwrap(), "12");
        let or_skip = "correct the record, or skip such images with --on-error skip";
        for (path, pattern, text, message) in [
            (
                "f",
                None,
                r#"{"id": 1, "x": 2}"#,
                "line 1 column 17: the record has no name 'f' (found the keys id, x); run amc-keywords inspect a to see the options".to_owned(),
            ),
            (
                "f",
                None,
                r#"{"f": 1.5}"#,
                format!("line 1 column 9: expected a name in 'f', found floating point `1.5`; {or_skip}"),
            ),
            ("f", None, r#"{"f": ["a"]}"#, format!("line 1 column 6: expected a name in 'f', found a list; {or_skip}")),
            (
                "$.f[*]",
                None,
                r#"{"f": [1, 2]}"#,
                format!("line 1 column 13: the path '$.f[*]' finds 2 names, expected one; \
                         {or_skip}"),
            ),
            (
                "f",
                Some("[0-9]+"),
                r#"{"f": "a"}"#,
                "name: --id-pattern '[0-9]+' does not match the name \"a\"; change --id-pattern, \
                 or skip such images with --on-error skip".to_owned(),
            ),
        ] {
            assert_eq!(id(path, pattern, text).unwrap_err(), message, "{text}");
        }
    }

    #[test]
    fn contradictions_and_wrong_paths_are_refused() {
        let key = || Some("k".to_owned());
        for (fields, message) in [
            (separated(at("a"), ""), "the separator is empty; remove --separator"),
            (Fields { confidence: key(), ..at("a") }, "the confidence needs a minimum; add --min-confidence"),
            (
                sure(Fields { confidence_key: key(), ..at("a") }, 0.5),
                "--confidence-key needs a list of objects; add --keyword-key",
            ),
            (sure(objects(), 0.5), "the confidence of the objects has no key; add --confidence-key"),
            (at("a..b"), "'a..b' is not a path; join keys by dots, such as tagging.keywords"),
            (Fields { id_pattern: Some("a(".to_owned()), ..at("a") }, "'a(' is not a regular expression: error: unclosed group"),
        ] {
            assert_eq!(fields.checked().unwrap_err().to_string(), message);
        }
        assert!(at("$.a[").checked().unwrap_err().to_string().starts_with("'$.a[' is not a JSONPath: "));
    }
}
