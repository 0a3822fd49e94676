//! Damaged and malicious keyword files, and unusual ones that Python accepts.

use crate::util::{WorkDir, keyword_file};

const WORDS: &str = "out/vocabulary_clickture_dev_sk_1.json";

/// Runs Dev with these keyword files and a sound one, which holds `dog`.
fn skipping<D: AsRef<[u8]>>(files: &[D]) -> WorkDir {
    let dog = keyword_file(&["dog"]);
    let mut all: Vec<&[u8]> = files.iter().map(AsRef::as_ref).collect();
    all.push(dog.as_bytes());
    let work = WorkDir::new();
    work.dev_files(&all);
    let options = ["--min-df", "1", "--on-error", "skip", "--out", "out", "-j", "2"];
    work.tool("clickture").args(options).bounded().ok();
    work
}

/// Expects every file of the table to be skipped for its reason.
fn skipped<D: AsRef<[u8]>>(table: &[(D, &str)]) {
    let work = skipping(&table.iter().map(|(file, _)| file).collect::<Vec<_>>());
    let expected: Vec<String> =
        table.iter().enumerate().map(|(n, (_, reason))| format!("dev\tkeywords_dev/{n:08}.json\t{reason}\t{n:08}")).collect();
    let skipped = work.text("out/skipped_clickture.tsv");
    assert_eq!(skipped.lines().skip(1).collect::<Vec<_>>(), expected);
    assert_eq!(work.words(WORDS), ["dog"]);
}

#[test]
fn a_broken_keyword_file_ends_the_run() {
    let work = WorkDir::new();
    work.dev_files(&["{", &keyword_file(&["dog"])]);
    let message = "keyword/keywords_dev.zip: 'keywords_dev/00000000.json': line 1 column 1: the \
                   JSON is cut short: EOF while parsing an object; write the file again, or skip \
                   such images with --on-error skip";
    work.tool("clickture").args(["--min-df", "1"]).bounded().refused(message);
}

#[test]
fn text_that_is_not_json_is_skipped_with_its_place() {
    let table: [(&[u8], &str); 14] = [
        (b" \n\t", "line 2 column 1: the JSON is cut short: EOF while parsing a value"),
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
            b"\xef\xbb\xbf{\"tagging\": {\"keywords\": []}}",
            "line 1 column 1: starts with a byte order mark; save it as UTF-8 without one",
        ),
        (b"{\"tagging\": {\"keywords\": [\"caf\xe9\"]}}", "byte 30: not UTF-8; save it as UTF-8"),
        (b"{\"x\": \"caf\xe9\", \"tagging\": {\"keywords\": []}}", "byte 10: not UTF-8; save it as UTF-8"),
        (b"\xff\xfe{\0}\0", "byte 0: not UTF-8; save it as UTF-8"),
    ];
    skipped(&table);
}

#[test]
fn a_value_of_the_wrong_type_is_skipped_with_its_place() {
    let wanted = "expected a list of strings in tagging.keywords";
    let table: [(&str, &str); 11] = [
        ("5", "line 1 column 1: WANTED, found integer `5`"),
        ("null", "line 1 column 4: WANTED, found null"),
        (r#""dog""#, "line 1 column 5: WANTED, found string \"dog\""),
        (r#"{"Tagging": {"keywords": []}}"#, "line 1 column 29: there is no tagging, WANTED"),
        (r#"{"tagging": []}"#, "line 1 column 12: WANTED, found a list"),
        (r#"{"tagging": null}"#, "line 1 column 16: WANTED, found null"),
        (r#"{"tagging": true}"#, "line 1 column 16: WANTED, found boolean `true`"),
        (r#"{"tagging": {}}"#, "line 1 column 14: there is no tagging.keywords, WANTED"),
        (r#"{"tagging": {"keywords": {"0": "dog"}}}"#, "line 1 column 25: WANTED, found an object"),
        (r#"{"tagging": {"keywords": ["dog", null]}}"#, "line 1 column 37: WANTED, found null"),
        (r#"{"tagging": {"keywords": ["dog", ["cat"]]}}"#, "line 1 column 34: WANTED, found a list"),
    ];
    let table = table.map(|(json, reason)| (json, reason.replace("WANTED", wanted)));
    skipped(&table.each_ref().map(|(json, reason)| (json, reason.as_str())));
}

#[test]
fn two_hundred_thousand_brackets_do_not_overflow_the_stack() {
    let (open, close) = ("[".repeat(200_000), "]".repeat(200_000));
    let braces = r#"{"a":"#.repeat(200_000);
    let wanted = "expected a list of strings in tagging.keywords, found";
    skipped(&[
        (format!(r#"{{"tagging": {{"keywords": {open}{close}}}}}"#), &*format!("line 1 column 27: {wanted} a list")),
        (
            format!(r#"{{"tagging": {{"keywords": ["dog", {braces}1"#),
            "line 1 column 1000034: the JSON is cut short: EOF while parsing an object",
        ),
    ]);
    let unused = format!(r#"{{"x": {open}{close}, "tagging": {{"keywords": ["cat"], "y": {open}{close}}}}}"#);
    assert_eq!(skipping(&[unused]).words(WORDS), ["cat", "dog"]);
}

#[test]
fn unusual_json_has_the_words_that_python_reads() {
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
        assert_eq!(skipping(&[json]).words(WORDS), expected, "{json}");
    }
}
