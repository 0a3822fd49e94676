//! What is said when the data or the command line is wrong: one line, the right exit status, nothing written.

use crate::util::{WorkDir, keyword_file};

fn small() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["dog", "cat"], &["cat"]]);
    work
}

/// Runs in `work`, expects this one line and exit status 1, and that no file came or went.
fn refused(work: &WorkDir, arguments: &[&str], line: &str) {
    let before = work.files();
    work.tool(arguments[0]).args(&arguments[1..]).fails(1, line);
    assert_eq!(work.files(), before, "something was written");
}

#[test]
fn a_missing_archive() {
    let work = small();
    work.remove("keyword/keywords_dev.zip");
    refused(
        &work,
        &["clickture"],
        "amc-keywords clickture: keyword/keywords_dev.zip: no such archive, and no folder keyword/keywords_dev either; put it there, \
         or name the folder that holds keyword/ with --root",
    );
}

#[test]
fn a_missing_list() {
    let work = small();
    work.remove("clickture/clickture-dev.lst");
    refused(
        &work,
        &["clickture"],
        "amc-keywords clickture: clickture/clickture-dev.lst: no such list, and no id map clickture/img_id_map_dev.pkl either; put one \
         of them there, or name the folder that holds clickture/ with --root",
    );
}

#[test]
fn some_but_not_all_of_lite() {
    let work = small();
    work.clickture_split("lite", &[&["dog"]]).remove("keyword/keywords_lite.zip");
    refused(
        &work,
        &["clickture"],
        "amc-keywords clickture: keyword/keywords_lite.zip: no such archive, and no folder keyword/keywords_lite either; put it there, \
         or name the folder that holds keyword/ with --root",
    );
}

#[test]
fn a_name_that_nothing_knows() {
    let work = small();
    work.write("clickture/clickture-dev.lst", "00000000\nimg57159\n");
    refused(
        &work,
        &["clickture", "--min-df", "1"],
        "amc-keywords clickture: clickture/clickture-dev.lst: 'img57159': line 2: not a number, and there is no id map \
         clickture/img_id_map_dev.pkl to look the name up in",
    );
    work.id_map("clickture/img_id_map_dev.pkl", &[("a", 0)]);
    refused(
        &work,
        &["clickture", "--min-df", "1"],
        "amc-keywords clickture: clickture/clickture-dev.lst: 'img57159': line 2: not a number, and not in the id map \
         clickture/img_id_map_dev.pkl",
    );
    work.write("clickture/clickture-dev.lst", "00000000\n00000002\n");
    refused(
        &work,
        &["clickture", "--min-df", "1"],
        "amc-keywords clickture: clickture/clickture-dev.lst: '00000002': line 2: the id 2 is not in the id map \
         clickture/img_id_map_dev.pkl; is the list another split's?",
    );
}

#[test]
fn a_missing_member() {
    let work = small();
    work.write("clickture/clickture-dev.lst", "00000000\n00000005\n");
    refused(
        &work,
        &["clickture", "--min-df", "1"],
        "amc-keywords clickture: keyword/keywords_dev.zip: 'keywords_dev/00000005.json': no such member, but \
         clickture/clickture-dev.lst lists it on line 2; add it, or leave such images out with --on-error skip",
    );
}

const NEXT: &str = "write the file anew, or leave such images out with --on-error skip";

#[test]
fn broken_json() {
    let work = small();
    let cases = [
        (
            "{\"tagging\": {\"keywords\": 5}}",
            "line 1 column 26: expected a list of strings in tagging.keywords, found integer `5`",
        ),
        ("{\"tagging\": {\"keywords\": [\"dog\"", "line 1 column 31: the JSON is cut short: EOF while parsing a list"),
        ("", "line 1 column 0: the file is empty, expected a JSON object"),
        ("{\n}", "line 2 column 1: there is no tagging, expected a list of strings in tagging.keywords"),
    ];
    for (json, what) in cases {
        let members = [("keywords_dev/00000000.json", keyword_file(&["dog"])), ("keywords_dev/00000001.json", json.to_owned())];
        work.zip("keyword/keywords_dev.zip", &members).write("clickture/clickture-dev.lst", "00000000\n00000001\n");
        let line = format!("amc-keywords clickture: keyword/keywords_dev.zip: 'keywords_dev/00000001.json': {what}; {NEXT}");
        refused(&work, &["clickture", "--min-df", "1"], &line);
    }
}

#[test]
fn an_empty_vocabulary() {
    let work = small();
    refused(
        &work,
        &["clickture"],
        "amc-keywords clickture: keyword/keywords_dev.zip: max_df corresponds to < documents than min_df: among 3 documents a word must \
         stand in 6 at least and in 3 at most; so few need a lower --min-df, such as --min-df 1",
    );
    refused(
        &work,
        &["clickture", "--min-df", "3"],
        "amc-keywords clickture: keyword/keywords_dev.zip: After pruning, no terms remain. Try a lower min_df or a higher max_df: \
         --min-df is 3, --max-df is 1.0, and 3 documents were read",
    );
    work.clickture_split("dev", &[&["the"], &["with x"]]);
    refused(
        &work,
        &["clickture", "--min-df", "1"],
        "amc-keywords clickture: keyword/keywords_dev.zip: empty vocabulary; perhaps the documents only contain stop words: 2 documents \
         were read",
    );
}

#[test]
fn a_coco_archive_without_dataset_json() {
    let work = WorkDir::new();
    work.zip("keyword/keywords_coco.zip", &[("keywords_coco/keyword_train/a.json", keyword_file(&["dog"]))]);
    refused(
        &work,
        &["mscoco"],
        "amc-keywords mscoco: keyword/keywords_coco.zip: 'keywords_coco/dataset.json': no such member, expected the list of images in \
         Karpathy's form",
    );
}

#[test]
fn a_value_that_cannot_be_is_refused_with_status_2_before_anything_is_read() {
    let work = WorkDir::new();
    for (option, value) in [
        ("--min-df", "x"),
        ("--min-df", "-1"),
        ("--min-df", "0.0.1"),
        ("--max-df", "nan"),
        ("--jobs", "0"),
        ("--splits", "val"),
        ("--layout", "rows"),
    ] {
        let done = work.tool("clickture").args(&[format!("{option}={value}")]).go();
        assert_eq!(done.status, Some(2), "{}", done.dump());
        assert!(done.stderr.contains(value) && done.stderr.contains(option), "{}", done.dump());
        assert_eq!(done.stdout, "", "{}", done.dump());
    }
    assert!(work.files().is_empty());
}

#[test]
fn all_bad_images_are_counted_and_ten_of_them_are_named() {
    let work = WorkDir::new();
    let members: Vec<_> = (0..20)
        .map(|n| (format!("keywords_dev/{n:08}.json"), if n < 12 { "{}" } else { r#"{"tagging": {"keywords": ["dog"]}}"# }))
        .collect();
    let names: String = (0..20).map(|n| format!("{n:08}\n")).collect();
    work.zip("keyword/keywords_dev.zip", &members).write("clickture/clickture-dev.lst", names);
    let done = work.tool("clickture").args(&["--min-df", "1"]).go();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    assert_eq!(done.stderr.matches("there is no tagging").count(), 10, "{}", done.dump());
    assert!(done.stderr.contains("12"), "{}", done.dump());
}
