//! The options that define what a word is, through the binary. `tests/vectorizer.rs` and
//! `tests/parity/vectorizer.py` compare their exact meaning with scikit-learn.

use crate::util::{Done, WorkDir};
use serde_json::json;

const VOCABULARY: &str = "out/vocabulary_clickture_dev_sk_1.json";
const PAIRS: &str = "out/img_keyword_ind_clickture_dev_sk_1_sparse.npy";

fn work() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["Young  Adult", "café", "adult", "The"], &["cafe\u{301}", "t-shirt", "café"], &[]]);
    work
}

fn run<'a>(work: &'a WorkDir, options: &[&str]) -> Done<'a> {
    work.tool("clickture").args(["--splits", "dev", "--out", "out", "--min-df", "1"]).args(options).ok()
}

fn words(options: &[&str]) -> Vec<String> {
    let work = work();
    run(&work, options);
    work.words(VOCABULARY)
}

#[test]
fn phrases_keep_keywords_whole() {
    assert_eq!(words(&["--phrases"]), ["adult", "cafe\u{301}", "café", "t-shirt", "young adult"]);
    assert_eq!(words(&["--phrases", "--strip-accents", "unicode", "--max-features", "2"]), ["adult", "cafe"]);
    assert_eq!(words(&["--phrases", "--no-lowercase"])[..2], ["The", "Young Adult"]);
}

#[test]
fn the_word_options_work_as_in_scikit_learn() {
    assert_eq!(words(&["--ngram-range", "2,2"]), ["adult café", "cafe shirt", "café adult", "shirt café", "young adult"]);
    assert_eq!(words(&["--token-pattern", r"[^ ]+-\w+"]), ["t-shirt"]);
    assert_eq!(words(&["--token-pattern", r"-\w+"]), ["-shirt"], "a pattern may begin with a hyphen");
    assert_eq!(words(&["--token-pattern", r"(?<=t-)\w+"]), ["shirt"]);
    assert_eq!(words(&["--ngram-range", "0,1"]), words(&[]));
    assert_eq!(
        words(&["--analyzer", "char_wb", "--ngram-range", "9,9"]),
        [" adult ", " cafe\u{301} ", " café ", " t-shirt ", " the ", " young "]
    );
    assert_eq!(words(&["--analyzer", "char", "--ngram-range", "12,12", "--max-features", "1"]), [" adult café "]);
    assert_eq!(words(&["--no-lowercase", "--lowercase", "--strip-accents", "ascii"]), ["adult", "cafe", "shirt", "young"]);
}

#[test]
fn binary_keeps_the_first_occurrence_of_a_word() {
    let work = work();
    run(&work, &["--binary", "--strip-accents", "unicode"]);
    assert_eq!(work.words(VOCABULARY), ["adult", "cafe", "shirt", "young"]);
    assert_eq!(work.matrix(PAIRS), [[0, 3], [0, 0], [0, 1], [1, 1], [1, 2]]);
    // A given vocabulary without the other words: dropped words also count once per image.
    work.write("given.json", r#"{"cafe": 0, "young": 1}"#);
    let done = run(&work, &["--binary", "--strip-accents", "unicode", "--vocabulary", "given.json", "--json"]);
    assert_eq!(work.matrix(PAIRS), [[0, 1], [0, 0], [1, 0]]);
    let summary: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&summary["splits"][0]["words_kept"], &summary["splits"][0]["words_dropped"]), (&json!(3), &json!(2)));
}

#[test]
fn the_manifest_lists_the_word_options() {
    let work = work();
    run(&work, &["--analyzer", "char", "--ngram-range", "2,3", "--strip-accents", "ascii", "--max-features", "9", "--binary"]);
    let manifest = work.json("out/manifest_clickture.json");
    let options = &manifest["options"];
    let names = ["lowercase", "strip_accents", "analyzer", "ngram_range", "token_pattern", "phrases", "max_features", "binary"];
    let expected =
        [json!(true), json!("ascii"), json!("char"), json!([2, 3]), json!(r"(?u)\b\w\w+\b"), json!(false), json!(9), json!(true)];
    assert_eq!(names.map(|name| options[name].clone()), expected);
}

#[test]
fn a_parameter_without_effect_gets_a_warning() {
    let work = work();
    let warning = "the parameter 'token_pattern' will not be used since 'analyzer' != 'word'";
    let options = ["--analyzer", "char", "--token-pattern", "x"];
    work.tool("clickture").args(["--splits", "dev", "--min-df", "1"]).args(options).warns(warning);
}

#[cfg(unix)]
#[test]
fn conflicting_options_are_refused_before_anything_is_read() {
    let work = WorkDir::new();
    for (options, message) in [
        (
            &["--ngram-range", "2,1"][..],
            "invalid value '2,1' for '--ngram-range <MIN,MAX>': expected two numbers, the smaller first, such as 1,2",
        ),
        (&["--max-features", "0"], "invalid value '0' for '--max-features <N>': expected a number of words from 1"),
        (
            &["--token-pattern", r"\N{ONE}"],
            r"invalid value '\N{ONE}' for '--token-pattern <REGEX>': undefined character name 'ONE'",
        ),
        (&["--phrases", "--analyzer", "char"], "the argument '--phrases' cannot be used with '--analyzer <KIND>'"),
        (
            &["--min-df", "6", "--max-df", "2"],
            "--max-df 2 is smaller than --min-df 6, so no word can be kept; use a larger --max-df or a smaller --min-df",
        ),
        (&["--stop-words", "german"], "--stop-words german: no such file; use english, none, or a file with one word per line"),
        (&["--strip-accents", "all"], "invalid value 'all' for '--strip-accents <HOW>'"),
    ] {
        let done = work.tool("clickture").args(options).go();
        assert_eq!(done.status, Some(2), "{}", done.dump());
        assert_eq!(done.stderr.lines().next().unwrap(), format!("error: {message}"), "{}", done.dump());
    }
    assert!(work.files().is_empty());
}

#[test]
fn default_values_change_nothing() {
    let defaults = ["--token-pattern", r"(?u)\b\w\w+\b", "--ngram-range", "1,1", "--analyzer", "word", "--pad-id", "-1"];
    assert_eq!(words(&[&["--phrases"], &defaults[..]].concat()), words(&["--phrases"]));
}

#[test]
fn a_lone_surrogate_counts_as_one_character() {
    let work = WorkDir::new();
    let file = r#"{"tagging": {"keywords": ["a\ud83db", "\ude00"]}}"#;
    work.zip("keyword/keywords_dev.zip", &[("keywords_dev/00000000.json", file)])
        .write("clickture/clickture-dev.lst", "00000000\n");
    run(&work, &["--analyzer", "char"]);
    assert_eq!(
        (work.words(VOCABULARY), work.matrix(PAIRS).len()),
        (vec![" ".into(), "a".into(), "b".into(), "\u{fffd}".into()], 5)
    );
}
