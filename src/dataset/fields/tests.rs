use keyword_files::json::{KeywordSink, read_keywords};

use super::*;
use crate::error::Problem;

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
        (at("$.c[?@.from=='gpt'].value"), r#"{"c": [{"from": "human", "value": "x"}, {"from": "gpt", "value": "a"}]}"#, &["a"]),
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

#[cfg(unix)]
#[test]
fn the_advice_works_for_the_record() {
    let or_skip = "correct the record, or skip such images with --on-error skip";
    let not_strings = "is not a string or a list of strings (found";
    let inspect = "run amc-keywords inspect set.jsonl to see the options";
    for (fields, text, message, then) in [
        (at("tags"), r#"{"tags": ["dog", true]}"#, format!("line 1 column 21: an element of the list 'tags' is not a string (found boolean `true`); {or_skip}"), None),
        (at("tags"), r#"{"tags": [["dog"]]}"#, "line 1 column 10: an element of the list 'tags' is not a string (found a list); use --keywords-field '$.tags[*]'".to_owned(), Some(at("$.tags[*]"))),
        (at("tags"), r#"{"tags": {"dog": 0.9}}"#, format!("line 1 column 9: the field 'tags' {not_strings} an object); --min-confidence 0.5 uses its keys with at least that score"), Some(sure(at("tags"), 0.5))),
        (at("tags"), r#"{"tags": {"n": 1, "a.b": ["dog"]}}"#, format!("line 1 column 9: the field 'tags' {not_strings} an object); use --keywords-field 'tags.a\\.b'"), Some(at(r"tags.a\.b"))),
        (at("tags"), r#"{"tags": [{"score": 1, "name": "dog"}]}"#, "line 1 column 10: an element of the list 'tags' is not a string (found an object); use --keyword-key name".to_owned(), Some(objects())),
        (at("$.tags"), r#"{"tags": [{"the name": "dog"}]}"#, "line 1 column 10: an element of the list '$.tags' is not a string (found an object); use --keywords-field '$.tags[*]['\\''the name'\\'']'".to_owned(), Some(at("$.tags[*]['the name']"))),
        (at("tags.name"), r#"{"tags": [{"name": "dog"}]}"#, "line 1 column 9: expected a JSON object, found a list; use --keywords-field '$.tags[*].name'".to_owned(), Some(at("$.tags[*].name"))),
        (at("tags"), r#"{"tags": [{"from": "choice", "to": "image"}]}"#, format!("line 1 column 10: an element of the list 'tags' is not a string (found an object); {inspect}"), None),
        (at("tags"), r#"{"tags": [{"from": "choice", "value": {}}]}"#, format!("line 1 column 10: an element of the list 'tags' is not a string (found an object); {inspect}"), None),
        (objects(), r#"{"tags": [{"from": "choice", "to": "image"}]}"#, format!("line 1 column 43: an object in the list 'tags' has no 'name'; {inspect}"), None),
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
        (r#"{"id": "x", "tags": ["a"]}"#, " (fields of the first: id, tags)"),
        (r#"{"id": "x", "r": {"my.tags": ["a"]}}"#, " (fields of the first: id, r)"),
        (r#"{"n": NaN}"#, " (fields of the first: n)"),
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
            "line 1 column 17: the record has no name 'f' (found the keys id, x); run amc-keywords inspect a to see the options"
                .to_owned(),
        ),
        ("f", None, r#"{"f": 1.5}"#, format!("line 1 column 9: expected a name in 'f', found floating point `1.5`; {or_skip}")),
        ("f", None, r#"{"f": ["a"]}"#, format!("line 1 column 6: expected a name in 'f', found a list; {or_skip}")),
        (
            "$.f[*]",
            None,
            r#"{"f": [1, 2]}"#,
            format!(
                "line 1 column 13: the path '$.f[*]' finds 2 names, expected one; \
                     {or_skip}"
            ),
        ),
        (
            "f",
            Some("[0-9]+"),
            r#"{"f": "a"}"#,
            "name: --id-pattern '[0-9]+' does not match the name \"a\"; change --id-pattern, \
             or skip such images with --on-error skip"
                .to_owned(),
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
        (sure(Fields { confidence_key: key(), ..at("a") }, 0.5), "--confidence-key needs a list of objects; add --keyword-key"),
        (sure(objects(), 0.5), "the confidence of the objects has no key; add --confidence-key"),
        (at("a..b"), "'a..b' is not a path; join keys by dots, such as tagging.keywords"),
        (Fields { id_pattern: Some("a(".to_owned()), ..at("a") }, "'a(' is not a regular expression: error: unclosed group"),
    ] {
        assert_eq!(fields.checked().unwrap_err().to_string(), message);
    }
    assert!(at("$.a[").checked().unwrap_err().to_string().starts_with("'$.a[' is not a JSONPath: "));
}
