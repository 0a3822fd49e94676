//! `amc-keywords vocab`: words with their frequencies, and the differences of two vocabularies.

use std::path::Path;

use crate::util::WorkDir;
use serde_json::{Value, json};

const MATRIX: &str = "out/img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const WORDS: &str = "out/vocabulary_clickture_dev_sk_1.json";

/// Five images with the words beach 0, dog 1 and red 2. One image has no word.
fn written() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog", "red dog"], &["red", "beach"], &[], &["red"], &["dog dog"]]);
    work.tool("clickture").args(["--min-df", "1", "--out", "out", "--quiet"]).ok();
    work
}

/// [`written`], and a second run in `new` without beach and with cat and sky.
fn changed() -> WorkDir {
    let work = written();
    work.clickture_split("dev", &[&["dog", "red dog"], &["red", "sky"], &["sky", "cat"], &[], &["dog"]]);
    work.tool("clickture").args(["--min-df", "1", "--out", "new", "--quiet"]).ok();
    work
}

fn vocab(work: &WorkDir, arguments: &[&str]) -> String {
    work.tool("vocab").args(arguments).silent().stdout
}

fn refused(work: &WorkDir, arguments: &[&str], message: &str) {
    work.tool("vocab").args(arguments).refused(message);
}

#[test]
fn words_are_listed_with_frequencies_most_frequent_first() {
    let work = written();
    let expected = "vocabulary size: 3, images: 5 (1 without a word), rows: 8\n\n\
                    id  df  share  tf  word\n \
                    2   3  60.0%   3  red\n \
                    1   2  40.0%   4  dog\n \
                    0   1  20.0%   1  beach\n";
    assert_eq!(vocab(&work, &[MATRIX]), expected);
    assert_eq!(vocab(&work, &["out"]), expected);
    let csv = "id,word,df,df_share,tf\n2,red,3,0.6,3\n1,dog,2,0.4,4\n0,beach,1,0.2,1\n";
    assert_eq!(vocab(&work, &[MATRIX, "--format", "csv"]), csv);
    let json = "[\n{\"id\":2,\"word\":\"red\",\"df\":3,\"df_share\":0.6,\"tf\":3},\n\
                {\"id\":1,\"word\":\"dog\",\"df\":2,\"df_share\":0.4,\"tf\":4}\n]\n";
    assert_eq!(vocab(&work, &[MATRIX, "--format", "json", "--top", "2"]), json);
}

#[test]
fn words_are_sorted_on_request_and_ties_by_id() {
    let work = written();
    work.write("m.npy", work.read(MATRIX)).write("v.json", "{\"zebra\": 0, \"cat\": 1, \"ant\": 2, \"bee\": 3}");
    let words = |sort: &str| {
        let csv = vocab(&work, &["m.npy", "--vocabulary", "v.json", "--sort", sort, "--format", "csv"]);
        csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(words("df"), ["ant", "cat", "zebra", "bee"]);
    assert_eq!(words("tf"), ["cat", "ant", "zebra", "bee"]);
    assert_eq!(words("id"), ["zebra", "cat", "ant", "bee"]);
    assert_eq!(words("word"), ["ant", "bee", "cat", "zebra"]);
}

#[test]
fn without_a_manifest_shares_refer_to_images_with_a_word() {
    let work = written();
    work.write("m.npy", work.read(MATRIX));
    let expected = "vocabulary size: 3, images: 4, rows: 8\n\nid  df  share  tf  word\n 2   3  75.0%   3  red\n";
    assert_eq!(vocab(&work, &["m.npy", "--vocabulary", WORDS, "--top", "1"]), expected);
    let unknown = "its vocabulary is unknown, because no manifest lists it and no \
                   vocabulary_….json with its name is next to it";
    refused(&work, &["m.npy"], &format!("m.npy: {unknown}; name the vocabulary with --vocabulary"));
}

#[test]
fn a_repeated_image_counts_twice_unless_its_rows_are_adjacent() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["cat"]]);
    let frequency = |list: &str| {
        work.write("clickture/clickture-dev.lst", list);
        work.tool("clickture").args(["--min-df", "1", "--out", "out", "--quiet", "--duplicates", "allow"]).ok();
        vocab(&work, &[MATRIX, "--format", "csv", "--sort", "word"]).lines().last().unwrap().to_owned()
    };
    assert_eq!(frequency("0\n1\n0\n"), "1,dog,2,0.6666666666666666,2");
    assert_eq!(frequency("0\n0\n1\n"), "1,dog,1,0.3333333333333333,2");
}

#[test]
fn a_vocabulary_file_is_listed_with_ids_and_words() {
    let work = written();
    for name in [WORDS, "out/vocabulary_clickture_dev_sk_1.pkl"] {
        assert_eq!(vocab(&work, &[name]), "vocabulary size: 3\n\nid  word\n 0  beach\n 1  dog\n 2  red\n");
        assert_eq!(vocab(&work, &[name, "--format", "csv", "--top", "2"]), "id,word\n0,beach\n1,dog\n");
        assert_eq!(vocab(&work, &[name, "--format", "json", "--top", "1"]), "[\n{\"id\":0,\"word\":\"beach\"}\n]\n");
        for sort in ["df", "tf"] {
            let what = format!("a vocabulary has no frequencies to sort by; give a matrix or remove --sort {sort}");
            refused(&work, &[name, "--sort", sort], &format!("{name}: {what}"));
        }
    }
}

#[test]
fn diff_lists_gained_lost_and_changed_words_of_two_matrices() {
    let work = changed();
    let expected = "before  out, vocabulary size 3\nafter   new, vocabulary size 4\ngained 2, lost 1, kept 2 (with other id or frequencies: 2)\n\n         \
                    id  to  df  to  tf  to  word\n\
                    gained    -   3   -   2   -   2  sky\n\
                    gained    -   0   -   1   -   1  cat\n\
                    lost      0   -   1   -   1   -  beach\n\
                    changed   2   2   3   2   3   2  red\n\
                    changed   1   1   2   2   4   3  dog\n";
    assert_eq!(vocab(&work, &["out", "--diff", "new"]), expected);
    let csv = "change,word,id_before,id_after,df_before,df_after,tf_before,tf_after\n\
               gained,sky,,3,,2,,2\nlost,beach,0,,1,,1,\nchanged,red,2,2,3,2,3,2\n";
    assert_eq!(vocab(&work, &["out", "--diff", "new", "--format", "csv", "--top", "1"]), csv);
    let json = vocab(&work, &["out", "--diff", "new", "--format", "json", "--top", "1"]);
    let expected = json!({
        "before": {"file": "out", "words": 3},
        "after": {"file": "new", "words": 4},
        "kept": 2,
        "gained": [{"word": "sky", "before": null, "after": {"id": 3, "df": 2, "tf": 2}}],
        "lost": [{"word": "beach", "before": {"id": 0, "df": 1, "tf": 1}, "after": null}],
        "changed": [{"word": "red", "before": {"id": 2, "df": 3, "tf": 3}, "after": {"id": 2, "df": 2, "tf": 2}}],
    });
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), expected);
}

#[test]
fn diff_lists_gained_and_lost_words_of_two_vocabularies() {
    let work = changed();
    let new = "new/vocabulary_clickture_dev_sk_1.pkl";
    let expected = format!(
        "before  {WORDS}, vocabulary size 3\nafter   {new}, vocabulary size 4\ngained 2, lost 1, kept 2 (with other id: 0)\n\n        \
         id  to  word\n\
         gained   -   0  cat\n\
         gained   -   3  sky\n\
         lost     0   -  beach\n"
    );
    assert_eq!(vocab(&work, &[WORDS, "--diff", new]), expected);
    let csv = vocab(&work, &["out", "--diff", new, "--format", "csv"]);
    assert_eq!(csv, "change,word,id_before,id_after\ngained,cat,,0\ngained,sky,,3\nlost,beach,0,\n");
}

#[test]
fn diff_of_equal_vocabularies_is_empty() {
    let work = written();
    let expected = format!(
        "before  {WORDS}, vocabulary size 3\nafter   {WORDS}, vocabulary size 3\ngained 0, lost 0, kept 3 (with other id: 0)\n"
    );
    assert_eq!(vocab(&work, &[WORDS, "--diff", WORDS]), expected);
}

#[cfg(unix)]
#[test]
fn files_that_are_not_vocabularies_are_refused() {
    let work = written();
    refused(&work, &["nothing"], "nothing: cannot read: No such file or directory (os error 2)");
    #[cfg(unix)]
    refused(&work, &["/dev/zero"], "/dev/zero: expected a file or a folder");
    let manifest = "out/manifest_clickture.json";
    refused(&work, &[manifest], &format!("{manifest}: line 3 column 10: expected a word id, a whole number, found an object"));
    refused(&work, &[WORDS, "--diff", "nothing"], "nothing: cannot read: No such file or directory (os error 2)");
    work.write("v.json", "{\"a\": 0, \"b\": 5000000000}");
    refused(
        &work,
        &["v.json"],
        "v.json: the id 5000000000 of \"b\" comes too early, expected 1; a vocabulary is {word: id} with ids from 0 up",
    );
}

#[test]
fn control_characters_are_escaped_and_wide_words_are_aligned() {
    let work = WorkDir::new();
    work.write("v.json", "{\"猫\": 0, \"a\\u001b[2J\\nb\": 1}");
    assert_eq!(vocab(&work, &["v.json"]), "vocabulary size: 2\n\nid  word\n 0  猫\n 1  a\\u{1b}[2J\\nb\n");
    assert_eq!(vocab(&work, &["v.json", "--format", "csv"]), "id,word\n0,猫\n1,\"a\u{1b}[2J\nb\"\n");
}

#[test]
fn the_frequencies_of_the_sample_agree_with_its_rows() {
    let work = WorkDir::new();
    let sample = crate::util::repository().join("sample");
    let root = Path::new("--root").as_os_str();
    work.tool("mscoco").args([root, sample.as_os_str(), Path::new("--out").as_os_str(), Path::new("out").as_os_str()]).ok();
    let rows = work.matrix("out/img_keyword_ind_coco_sk_6.npy");
    let csv = vocab(&work, &["out", "--sort", "id", "--format", "csv"]);
    for (id, (line, word)) in csv.lines().skip(1).zip(work.words("out/vocabulary_coco_sk_6.json")).enumerate() {
        let mut images: Vec<i64> = rows.iter().filter(|row| row[1] == id as i64).map(|row| row[0]).collect();
        let times = images.len();
        images.sort_unstable();
        images.dedup();
        let share = images.len() as f64 / 143.0;
        assert_eq!(line, format!("{id},{word},{},{share},{times}", images.len()));
    }
    assert_eq!(csv.lines().count(), 126);
}
