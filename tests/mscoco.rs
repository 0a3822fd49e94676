//! `amc-keywords mscoco` on small data sets.

use crate::util::{WorkDir, keyword_file};

const MATRIX: &str = "mscoco/img_keyword_ind_coco_sk_1.npy";
const VOCABULARY: &str = "mscoco/vocabulary_coco_sk_1.json";

fn small() -> WorkDir {
    let work = WorkDir::new();
    work.coco(&[
        ("val", &["unseen"]),
        ("train", &["Dog", "red dog"]),
        ("restval", &["unseen"]),
        ("test", &["sand", "dog"]),
        ("train", &[]),
    ]);
    work
}

#[test]
fn train_and_test_are_encoded_in_the_order_of_dataset_json() {
    let work = small();
    work.tool("mscoco").args(["--min-df", "1"]).ok();
    assert_eq!(work.words(VOCABULARY), ["dog", "red", "sand"]);
    assert_eq!(work.matrix(MATRIX), [[1, 0], [1, 1], [1, 0], [3, 2], [3, 0]]);
}

#[test]
fn the_script_layout_has_0_and_minus_1_for_an_id_0_without_a_word() {
    let work = small();
    work.tool("mscoco").args(["--min-df", "1", "--layout", "script"]).ok();
    assert_eq!(work.matrix(MATRIX), [[0, -1], [0, 2], [-1, -1], [3, 4]]);
    assert_eq!(work.matrix("mscoco/img_keyword_rec_coco_sk_1.npy"), [[1, 0], [1, 1], [1, 0], [3, 2], [3, 0]]);
}

#[test]
fn the_vocabulary_is_learned_from_the_encoded_splits() {
    let work = small();
    work.tool("mscoco").args(["--min-df", "1", "--splits", "train"]).ok();
    assert_eq!(work.words(VOCABULARY), ["dog", "red"]);
    work.tool("mscoco").args(["--min-df", "1", "--splits", "test"]).ok();
    assert_eq!(work.words(VOCABULARY), ["dog", "sand"]);
    assert_eq!(work.matrix(MATRIX), [[3, 1], [3, 0]]);
}

#[test]
fn a_run_writes_exactly_the_documented_files() {
    let work = small();
    work.tool("mscoco").args(["--min-df", "1"]).ok();
    let made: Vec<String> = work.files().into_iter().filter(|name| name.starts_with("mscoco/")).collect();
    let expected = [
        "manifest_coco.json",
        "statistics_coco.json",
        "img_keyword_ind_coco_sk_1.npy",
        "vocabulary_coco_sk_1.json",
        "vocabulary_coco_sk_1.pkl",
    ];
    let mut expected: Vec<String> = expected.iter().map(|name| format!("mscoco/{name}")).collect();
    expected.sort();
    assert_eq!(made, expected);
}

#[test]
fn other_keys_of_dataset_json_are_ignored_and_filenames_lose_four_characters() {
    let work = WorkDir::new();
    let dataset = r#"{"info": {"images": [1, {"x": null}]}, "images": [
        {"sentences": [{"tokens": ["a"], "split": "val"}], "split": "train", "filename": "beach.jpeg", "imgid": 5, "filepath": "x"},
        {"filename": "café.png", "imgid": 2, "split": "test", "extra": 1e400}], "dataset": "coco"}"#;
    work.zip(
        "keyword/keywords_coco.zip",
        &[
            ("keyword_train/beach..json", keyword_file(&["sand"])),
            ("keyword_test/café.json", keyword_file(&["cup"])),
            ("dataset.json", dataset.to_owned()),
        ],
    );
    work.tool("mscoco").args(["--min-df", "1"]).ok();
    assert_eq!(work.matrix(MATRIX), [[5, 1], [2, 0]]);
}

#[test]
fn the_unzipped_folder_gives_the_same_bytes() {
    let work = small();
    work.tool("mscoco").args(["--min-df", "1", "--extract", "--out", "zip"]).ok();
    work.remove("keyword/keywords_coco.zip");
    let done = work.tool("mscoco").args(["--min-df", "1", "--out", "folder"]).ok();
    assert!(done.notes.contains("the folder keyword/keywords_coco"), "{}", done.dump());
    for name in ["img_keyword_ind_coco_sk_1.npy", "vocabulary_coco_sk_1.json", "vocabulary_coco_sk_1.pkl"] {
        assert_eq!(work.read(&format!("zip/{name}")), work.read(&format!("folder/{name}")), "{name}");
    }
}

#[test]
fn a_split_given_twice_is_encoded_once() {
    let work = small();
    work.tool("mscoco").args(["--min-df", "1", "--splits", "train,train"]).ok();
    assert_eq!(work.matrix(MATRIX), [[1, 0], [1, 1], [1, 0]]);
}
