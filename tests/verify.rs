//! `amc-keywords verify`, which compares the files of a folder with their manifests.

use std::fs;

use crate::util::{WorkDir, sha256};
use serde_json::{Value, json};

const MATRIX: &str = "img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const WORDS: &str = "vocabulary_clickture_dev_sk_1.json";
const NEXT: &str = "run the job again to write them";

/// The outputs of Clickture and MSCOCO in `out`.
fn written() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["dog"], &["red dog"], &["beach"]]).coco(&[("train", &["dog"]), ("test", &["cat"])]);
    for set in ["clickture", "mscoco"] {
        work.tool(set).args(["--min-df", "1", "--out", "out", "--quiet"]).ok();
    }
    work
}

#[test]
fn every_file_of_every_set_is_listed_after_its_manifest() {
    let work = written();
    let before = work.contents("out");
    for jobs in ["1", "7"] {
        let done = work.tool("verify").args(["out", "--jobs", jobs]).ok();
        let expected = "fine        manifest_clickture.json\n\
                        fine        img_keyword_ind_clickture_dev_sk_1_sparse.npy\n\
                        fine        vocabulary_clickture_dev_sk_1.json\n\
                        fine        vocabulary_clickture_dev_sk_1.pkl\n\
                        fine        statistics_clickture.json\n\
                        fine        manifest_coco.json\n\
                        fine        img_keyword_ind_coco_sk_1.npy\n\
                        fine        vocabulary_coco_sk_1.json\n\
                        fine        vocabulary_coco_sk_1.pkl\n\
                        fine        statistics_coco.json\n";
        assert_eq!((done.stdout.as_str(), done.stderr.as_str()), (expected, ""));
    }
    assert_eq!(work.contents("out"), before);
}

#[test]
fn a_moved_folder_passes_without_its_inputs() {
    let work = written();
    work.remove("keyword").remove("clickture");
    fs::rename(work.join("out"), work.join("moved")).unwrap();
    let quiet = work.tool("verify").args(["moved", "--quiet"]).ok();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn files_that_differ_or_are_missing_are_listed() {
    let work = written();
    let was = sha256(&work.read(&format!("out/{MATRIX}")));
    let mut matrix = work.read(&format!("out/{MATRIX}"));
    *matrix.last_mut().unwrap() ^= 1;
    work.write(&format!("out/{MATRIX}"), &matrix).remove("out/vocabulary_coco_sk_1.pkl");
    work.write(&format!("out/{WORDS}"), "{}\n");

    let done = work.tool("verify").args(["out"]).go();
    let message = format!("out: 3 of 10 files have faults: {MATRIX}, {WORDS}, vocabulary_coco_sk_1.pkl; {NEXT}");
    assert_eq!((done.status, done.stderr), (Some(1), format!("amc-keywords verify: {message}\n")), "{}", done.stdout);
    let differing: Vec<&str> = done.stdout.lines().filter(|line| !line.starts_with("fine ")).collect();
    let expected = [
        format!("differs     {MATRIX}: expected sha256 {was}, found {}", sha256(&matrix)),
        format!("differs     {WORDS}: expected 35 bytes, found 3"),
        "missing     vocabulary_coco_sk_1.pkl".to_owned(),
    ];
    assert_eq!(differing, expected);
    work.tool("verify").args(["out", "--quiet"]).refused(&message);
}

#[test]
fn json_prints_one_object() {
    let work = written();
    work.remove(&format!("out/{MATRIX}")).remove("out/manifest_coco.json").write(&format!("out/{WORDS}"), "");
    let done = work.tool("verify").args(["out", "--json"]).go();
    assert_eq!(done.status, Some(1), "{}", done.dump());
    assert_eq!(done.stdout.lines().count(), 1);
    let files = json!([
        {"name": "manifest_clickture.json", "state": "fine"},
        {"name": MATRIX, "state": "missing"},
        {"name": WORDS, "state": "differs", "how": "expected 35 bytes, found 0"},
        {"name": "vocabulary_clickture_dev_sk_1.pkl", "state": "fine"},
        {"name": "statistics_clickture.json", "state": "fine"},
        {"name": "manifest_coco.json", "state": "missing"},
    ]);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(found, json!({"folder": "out", "fine": false, "files": files}));
}

#[test]
fn a_partly_replaced_set_fails_until_the_next_run_finishes_it() {
    let work = written();
    let list = json!({"format": 1, "files": [MATRIX, WORDS, "manifest_clickture.json"]}).to_string();
    work.write("out/.amc-keywords-clickture.partial/.commit.json", list);
    let done = work.tool("verify").args(["out"]).go();
    let line = "unfinished  manifest_clickture.json: a run was stopped while it renamed its files; the next run finishes this";
    assert_eq!(done.stdout.lines().next(), Some(line), "{}", done.dump());
    let message = format!("amc-keywords verify: out: 1 of 10 files have faults: manifest_clickture.json; {NEXT}\n");
    assert_eq!((done.status, &done.stderr), (Some(1), &message));

    let finished = "an earlier run was stopped while it renamed its files; this run finished the \
                    renames";
    work.tool("clickture").args(["--min-df", "1", "--out", "out"]).warns(finished);
    work.tool("verify").args(["out"]).ok();
}

#[test]
fn a_set_without_its_manifest_fails() {
    let work = written();
    work.remove("out/manifest_coco.json");
    let done = work.tool("verify").args(["out"]).go();
    assert_eq!(done.stdout.lines().last(), Some("missing     manifest_coco.json"), "{}", done.dump());
    let message = format!("amc-keywords verify: out: 1 of 6 files have faults: manifest_coco.json; {NEXT}\n");
    assert_eq!((done.status, &done.stderr), (Some(1), &message));
}

#[cfg(unix)]
#[test]
fn folders_without_a_manifest_are_refused() {
    let work = written();
    work.tool("verify").args(["keyword"]).refused("keyword: found no manifest_….json; name the folder that a run wrote into");
    let missing = "no/such: cannot read: No such file or directory (os error 2)";
    work.tool("verify").args(["no/such"]).refused(missing);
    let file = "out/manifest_clickture.json: expected a folder; name the folder that a run wrote into";
    work.tool("verify").args(["out/manifest_clickture.json"]).refused(file);
    assert_eq!(work.tool("verify").go().status, Some(2));
}
