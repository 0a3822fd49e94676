//! Keyword files that are damaged or made to harm, and those that look it and are not.

use crate::util::hostile::zip_bytes::TestZip;
use crate::util::hostile::{bounded, dev, dev_with, on_dev, refuse_all};
use crate::util::keyword_file;
use zip::CompressionMethod;

const NEXT: &str = "write the file anew, or leave such images out with --on-error skip";
const WORDS: &str = "out/vocabulary_clickture_dev_sk_1.json";

fn refused(table: &[(&[u8], &str)]) {
    let attack =
        |(json, answer): &(&[u8], &str)| on_dev(dev_with(json), &format!("'keywords_dev/00000000.json': {answer}; {NEXT}"));
    refuse_all(table.iter().map(attack).collect());
}

/// The words of a data set whose first keyword file is this, and whose second holds `dog`.
fn words(json: &[u8]) -> Vec<String> {
    let work = dev_with(json);
    let done = bounded(&work, &["clickture", "--min-df", "1"]);
    assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.dump());
    work.words(WORDS)
}

#[test]
fn what_is_no_json_is_refused_with_its_place() {
    refused(&[
        (b"", "line 1 column 0: the file is empty, expected a JSON object"),
        (b" \n\t", "line 2 column 1: the JSON is cut short: EOF while parsing a value"),
        (b"{", "line 1 column 1: the JSON is cut short: EOF while parsing an object"),
        (br#"{"tagging""#, "line 1 column 10: the JSON is cut short: EOF while parsing an object"),
        (br#"{"tagging": {"keywords": ["dog", "ca"#, "line 1 column 36: the JSON is cut short: EOF while parsing a string"),
        (br#"{"tagging": {"keywords": ["dog"]}"#, "line 1 column 33: the JSON is cut short: EOF while parsing an object"),
        (br#"{"tagging": {"keywords": ["dog"]}}}"#, "line 1 column 35: not JSON: trailing characters"),
        (br#"{"tagging": {"keywords": ["dog"]}} {}"#, "line 1 column 36: not JSON: trailing characters"),
        (b"{\"tagging\": {\"keywords\": [\"dog\"]}}\0", "line 1 column 35: not JSON: trailing characters"),
        (br#"{'tagging': {'keywords': ['dog']}}"#, "line 1 column 2: not JSON: key must be a string"),
        (br#"{"tagging": {"keywords": ["dog",]}}"#, "line 1 column 33: not JSON: expected value"),
        (br#"{"tagging": {"keywords": ["\x"]}}"#, "line 1 column 29: not JSON: invalid escape"),
        (
            b"{\"tagging\": {\"keywords\": [\"a\tb\"]}}",
            "line 1 column 28: not JSON: control character (\\u0000-\\u001F) found while parsing a string",
        ),
        (b"<html></html>", "line 1 column 1: not JSON: expected value"),
        (
            b"\xef\xbb\xbf{\"tagging\": {\"keywords\": []}}",
            "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one",
        ),
        (b"{\"tagging\": {\"keywords\": [\"caf\xe9\"]}}", "byte 30: not UTF-8; save it as UTF-8"),
        (b"{\"x\": \"caf\xe9\", \"tagging\": {\"keywords\": []}}", "byte 10: not UTF-8; save it as UTF-8"),
        (b"\xff\xfe{\0}\0", "byte 0: not UTF-8; save it as UTF-8"),
    ]);
}

#[test]
fn a_wrong_type_anywhere_on_the_way_to_a_keyword_is_refused() {
    let wanted = "expected a list of strings in tagging.keywords";
    let table: [(&str, &str); 16] = [
        ("[]", "line 1 column 0: WANTED, found a list"),
        ("5", "line 1 column 1: WANTED, found integer `5`"),
        ("null", "line 1 column 4: WANTED, found null"),
        (r#""dog""#, "line 1 column 5: WANTED, found string \"dog\""),
        ("{}", "line 1 column 2: there is no tagging, WANTED"),
        (r#"{"Tagging": {"keywords": []}}"#, "line 1 column 29: there is no tagging, WANTED"),
        (r#"{"tagging": []}"#, "line 1 column 12: WANTED, found a list"),
        (r#"{"tagging": null}"#, "line 1 column 16: WANTED, found null"),
        (r#"{"tagging": true}"#, "line 1 column 16: WANTED, found boolean `true`"),
        (r#"{"tagging": {}}"#, "line 1 column 14: there is no tagging.keywords, WANTED"),
        (r#"{"tagging": {"keywords": null}}"#, "line 1 column 29: WANTED, found null"),
        (r#"{"tagging": {"keywords": {"0": "dog"}}}"#, "line 1 column 25: WANTED, found an object"),
        (r#"{"tagging": {"keywords": "dog"}}"#, "line 1 column 30: WANTED, found string \"dog\""),
        (r#"{"tagging": {"keywords": ["dog", 5]}}"#, "line 1 column 34: WANTED, found integer `5`"),
        (r#"{"tagging": {"keywords": ["dog", null]}}"#, "line 1 column 37: WANTED, found null"),
        (r#"{"tagging": {"keywords": ["dog", ["cat"]]}}"#, "line 1 column 34: WANTED, found a list"),
    ];
    let table = table.map(|(json, answer)| (json, answer.replace("WANTED", wanted)));
    refused(&table.iter().map(|(json, answer)| (json.as_bytes(), answer.as_str())).collect::<Vec<_>>());
}

#[test]
fn two_hundred_thousand_brackets_overflow_no_stack() {
    let (open, close) = ("[".repeat(200_000), "]".repeat(200_000));
    let braces = r#"{"a":"#.repeat(200_000);
    let used = format!(r#"{{"tagging": {{"keywords": {open}{close}}}}}"#);
    let cut = format!(r#"{{"tagging": {{"keywords": {open}"#);
    let at_keyword = format!(r#"{{"tagging": {{"keywords": ["dog", {braces}1"#);
    let wanted = "expected a list of strings in tagging.keywords, found";
    refused(&[
        (used.as_bytes(), &format!("line 1 column 27: {wanted} a list")),
        (cut.as_bytes(), "line 1 column 200025: the JSON is cut short: EOF while parsing a list"),
        (at_keyword.as_bytes(), "line 1 column 1000034: the JSON is cut short: EOF while parsing an object"),
    ]);
    let unused = format!(r#"{{"x": {open}{close}, "tagging": {{"keywords": ["cat"], "y": {open}{close}}}}}"#);
    assert_eq!(words(unused.as_bytes()), ["cat", "dog"]);
}

#[test]
fn a_keyword_of_60_mb_is_a_keyword() {
    // Without optimisation every byte takes a microsecond.
    let length = if cfg!(debug_assertions) { 6_000_000 } else { 60_000_000 };
    let long = format!(r#"{{"tagging": {{"keywords": ["cat", "{} bird"]}}}}"#, "a".repeat(length));
    let dog = keyword_file(&["dog"]);
    let members = [("keywords_dev/00000000.json", long.as_bytes()), ("keywords_dev/00000001.json", dog.as_bytes())];
    let work = dev(TestZip::packed(CompressionMethod::Stored, &members).0);
    let done = bounded(&work, &["clickture", "--min-df", "1"]);
    assert_eq!((done.status, done.stderr.as_str()), (Some(0), ""), "{}", done.command);
    let words = work.words(WORDS);
    assert_eq!((words.len(), words[0].len(), &words[1..]), (4, length, ["bird", "cat", "dog"].map(String::from).as_slice()));
}

#[test]
fn what_python_reads_is_read_with_pythons_meaning() {
    let table: [(&str, &[&str]); 7] = [
        (r#"{"tagging": {"keywords": ["cat"], "keywords": ["bird"]}}"#, &["bird", "dog"]),
        (r#"{"tagging": {"keywords": ["cat"]}, "tagging": {"keywords": ["bird"]}}"#, &["bird", "dog"]),
        (r#"{"tagging": 5, "tagging": {"keywords": 7, "keywords": ["bird"]}}"#, &["bird", "dog"]),
        (
            r#"{"tagging": {"keywords": ["aa\ud800bb", "\udc00cc", "\ud83d\ude00dd"], "\ud800": 1}}"#,
            &["aa", "bb", "cc", "dd", "dog"],
        ),
        (r#"{"tagging": {"keywords": ["a\u0000b cat", "\u202ebird"]}}"#, &["bird", "cat", "dog"]),
        (r#"{"n": 1e999, "tagging": {"m": -0.0, "keywords": []}, "t": [true, null]}"#, &["dog"]),
        (" \r\n{\"tagging\"\t:\n{\"keywords\":[\n]\r}} \n", &["dog"]),
    ];
    for (json, expected) in table {
        assert_eq!(words(json.as_bytes()), expected, "{json}");
    }
}
