//! `amc-keywords clickture` on small data sets.

use crate::util::{WorkDir, keyword_file};

const DEV: &str = "clickture/img_keyword_ind_clickture_dev_sk_1_sparse.npy";
const LITE: &str = "clickture/img_keyword_ind_clickture_lite_sk_1_sparse.npy";
const VOCABULARY: &str = "clickture/vocabulary_clickture_dev_sk_1.json";

/// Five images of Dev and three of Lite. With `--min-df 1` the words are beach, dog, red, sand and
/// young.
fn small() -> WorkDir {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&[], &["Dog", "red dog"], &["the beach"], &["sand", "beach", "x"], &["young"]]);
    work.clickture_split("lite", &[&["cat", "dog"], &["with"], &["YOUNG beach", "young"]]);
    work.id_map("clickture/img_id_map.pkl", &[("a", 0), ("b", 1), ("c", 2)]);
    work
}

#[test]
fn pairs_follow_the_list_and_words_follow_the_document_with_repeats() {
    let work = small();
    work.write("clickture/clickture-dev.lst", "00000003\n00000001\n00000000\n00000004\n00000002\n");
    work.tool("clickture").args(["--min-df", "1"]).ok();
    assert_eq!(work.words(VOCABULARY), ["beach", "dog", "red", "sand", "young"]);
    assert_eq!(work.matrix(DEV), [[3, 3], [3, 0], [1, 1], [1, 2], [1, 1], [4, 4], [2, 0]]);
    assert_eq!(work.matrix(LITE), [[0, 1], [2, 4], [2, 0], [2, 4]]);
}

#[test]
fn the_script_layout_writes_ranges_under_the_main_name_and_pairs_next_to_them() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1", "--layout", "script"]).ok();
    assert_eq!(work.matrix(DEV), [[0, -1], [0, 2], [3, 3], [4, 5], [6, 6]]);
    assert_eq!(work.matrix(LITE), [[0, 0], [-1, -1], [1, 3]]);
    assert_eq!(work.matrix("clickture/img_keyword_rec_clickture_dev_sk_1.npy").len(), 7);
    assert_eq!(work.matrix("clickture/img_keyword_rec_clickture_lite_sk_1.npy"), [[0, 1], [2, 4], [2, 0], [2, 4]]);
}

#[test]
fn a_run_writes_exactly_the_documented_files() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1", "--out", "made/here"]).ok();
    let made: Vec<String> = work.files().into_iter().filter(|name| name.starts_with("made/")).collect();
    assert_eq!(
        made,
        [
            "made/here/img_keyword_ind_clickture_dev_sk_1_sparse.npy",
            "made/here/img_keyword_ind_clickture_lite_sk_1_sparse.npy",
            "made/here/manifest_clickture.json",
            "made/here/statistics_clickture.json",
            "made/here/vocabulary_clickture_dev_sk_1.json",
            "made/here/vocabulary_clickture_dev_sk_1.pkl",
        ]
    );
}

#[test]
fn the_vocabulary_has_one_unescaped_word_per_line_in_id_order() {
    let work = WorkDir::new();
    work.clickture_split("dev", &[&["café", "Ελλάδα", "東京", "3d", "CAFÉ"]]);
    work.tool("clickture").args(["--min-df", "1"]).ok();
    assert_eq!(work.text(VOCABULARY), "{\n\"3d\": 0,\n\"café\": 1,\n\"ελλάδα\": 2,\n\"東京\": 3\n}\n");
}

#[test]
fn names_are_mapped_to_ids_and_may_contain_folders() {
    let work = WorkDir::new();
    let members = [
        ("keywords_dev/004/00000017.json", keyword_file(&["folder"])),
        ("keywords_dev/00000007.json", keyword_file(&["mapped"])),
        ("keywords_dev/00000002.json", keyword_file(&["plain"])),
    ];
    work.zip("keyword/keywords_dev.zip", &members)
        .write("clickture/clickture-dev.lst", "img57159\n004/00000017\n00000002\n")
        .id_map("clickture/img_id_map_dev.pkl", &[("img57159", 7), ("a", 17), ("b", 2), ("not listed", 99)]);
    work.tool("clickture").args(["--min-df", "1"]).ok();
    assert_eq!(work.words(VOCABULARY), ["folder", "mapped", "plain"]);
    assert_eq!(work.matrix(DEV), [[7, 1], [17, 0], [2, 2]]);
}

#[test]
fn a_whole_number_that_the_id_map_contains_is_mapped_too() {
    let work = WorkDir::new();
    let file = |id: u64, word: &str| (format!("keywords_dev/{id:08}.json"), keyword_file(&[word]));
    let members = [file(2, "owl"), file(3, "hen"), file(5, "fox"), file(9, "elk")];
    work.zip("keyword/keywords_dev.zip", &members)
        .write("clickture/clickture-dev.lst", "x/3\n2\ny/00000005\n00000009\n")
        .id_map("clickture/img_id_map_dev.pkl", &[("x/3", 2), ("2", 3), ("five", 5), ("nine", 9)]);
    work.tool("clickture").args(["--min-df", "1"]).ok();
    assert_eq!(work.words(VOCABULARY), ["elk", "fox", "hen", "owl"]);
    assert_eq!(work.matrix(DEV), [[2, 3], [3, 2], [5, 1], [9, 0]]);
}

#[test]
fn without_a_list_the_images_of_the_id_map_are_used_in_id_order() {
    let work = small();
    work.remove("clickture/clickture-dev.lst").id_map("clickture/img_id_map_dev.pkl", &[("d", 4), ("a", 1), ("c", 3), ("b", 2)]);
    let done = work.tool("clickture").args(["--splits", "dev", "--min-df", "1"]).ok();
    assert_eq!(work.matrix(DEV), [[1, 1], [1, 2], [1, 1], [2, 0], [3, 3], [3, 0], [4, 4]]);
    assert!(
        done.notes.contains("no clickture/clickture-dev.lst, so the images are those of the id map, in id order"),
        "{}",
        done.dump()
    );
}

#[test]
fn a_missing_list_is_named_if_the_id_map_has_images_without_a_file() {
    let work = small();
    work.remove("clickture/clickture-dev.lst").id_map("clickture/img_id_map_dev.pkl", &[("d", 0), ("a", 77)]);
    work.tool("clickture").args(["--splits", "dev"]).refused(
        "keyword/keywords_dev.zip: 'keywords_dev/00000077.json': no such member, but the id map has it as \"a\", and \
         clickture/clickture-dev.lst does not exist; add clickture/clickture-dev.lst, which selects the images, or skip such images with \
         --on-error skip",
    );
}

#[test]
fn only_dev_is_encoded_if_there_is_no_file_of_lite() {
    let work = small();
    work.remove("keyword/keywords_lite.zip").remove("clickture/clickture-lite.lst").remove("clickture/img_id_map.pkl");
    let done = work.tool("clickture").args(["--min-df", "1"]).ok();
    assert!(done.notes.contains("so only Dev is encoded"), "{}", done.dump());
    assert!(!work.join(LITE).exists());
}

#[test]
fn the_summary_has_the_counts_and_the_archive() {
    let work = small();
    let done = work.tool("clickture").args(["--min-df", "1"]).ok();
    assert!(done.stdout.contains("vocabulary size: 5\ndistinct words not kept: 0\n"), "{}", done.dump());
    assert!(done.notes.contains("keyword/keywords_dev.zip"), "{}", done.dump());
}

#[test]
fn json_prints_one_object_with_the_counts() {
    let work = small();
    let done = work.tool("clickture").args(["--min-df", "1", "--json"]).ok();
    let summary: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
    assert!(summary.is_object(), "{}", done.dump());
    assert!(done.stdout.contains("\"vocabulary_size\""), "{}", done.dump());
}

#[test]
fn the_vocabulary_comes_from_dev_even_if_only_lite_is_encoded() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1", "--splits", "lite"]).ok();
    assert_eq!(work.words(VOCABULARY), ["beach", "dog", "red", "sand", "young"]);
    assert_eq!(work.matrix(LITE), [[0, 1], [2, 4], [2, 0], [2, 4]]);
    assert!(!work.join(DEV).exists());
}

#[test]
fn the_vocabulary_of_an_earlier_run_gives_the_same_bytes() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1", "--out", "first"]).ok();
    work.remove("keyword/keywords_dev.zip").remove("clickture/clickture-dev.lst");
    for extension in ["json", "pkl"] {
        let vocabulary = format!("first/vocabulary_clickture_dev_sk_1.{extension}");
        work.tool("clickture").args(["--min-df", "1", "--splits", "lite", "--out", extension, "--vocabulary", &vocabulary]).ok();
        for name in ["img_keyword_ind_clickture_lite_sk_1_sparse.npy", "vocabulary_clickture_dev_sk_1.json"] {
            assert_eq!(work.read(&format!("{extension}/{name}")), work.read(&format!("first/{name}")), "{extension}/{name}");
        }
    }
}

#[test]
fn extract_writes_exactly_the_keyword_files_of_the_archive() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1", "--extract"]).ok();
    let found: Vec<String> = work.files().into_iter().filter(|name| name.starts_with("keyword/keywords_")).collect();
    let mut expected: Vec<String> = (0..5).map(|n| format!("keyword/keywords_dev/{n:08}.json")).collect();
    expected.push("keyword/keywords_dev.zip".to_owned());
    expected.extend((0..3).map(|n| format!("keyword/keywords_lite/{n:08}.json")));
    expected.push("keyword/keywords_lite.zip".to_owned());
    expected.sort();
    assert_eq!(found, expected);
    assert_eq!(work.text("keyword/keywords_dev/00000004.json"), keyword_file(&["young"]));
}

#[test]
fn a_set_may_have_the_name_of_the_extraction() {
    let work = WorkDir::new();
    work.zip("set.zip", &[("0.json", keyword_file(&["dog"]))]);
    work.tool("encode").args(["set.zip", "--name", "extract", "--out", ".", "--min-df", "1", "--extract"]).ok();
    assert_eq!(work.words("vocabulary_extract_sk_1.json"), ["dog"]);
    assert_eq!(work.text("0.json"), keyword_file(&["dog"]));
}

#[test]
fn the_zip_is_preferred_to_the_folder_and_the_folder_works_without_it() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1", "--extract", "--out", "zip"]).ok();
    work.write("keyword/keywords_dev/00000004.json", keyword_file(&["changed"]));
    work.tool("clickture").args(["--min-df", "1", "--out", "again"]).ok();
    assert_eq!(work.words("again/vocabulary_clickture_dev_sk_1.json"), ["beach", "dog", "red", "sand", "young"]);
    work.remove("keyword/keywords_dev.zip");
    let done = work.tool("clickture").args(["--min-df", "1", "--out", "folder"]).ok();
    assert_eq!(work.words("folder/vocabulary_clickture_dev_sk_1.json"), ["beach", "changed", "dog", "red", "sand"]);
    assert!(done.notes.contains("keyword/keywords_dev"), "{}", done.dump());
}

#[test]
fn the_manifest_lists_inputs_and_outputs_with_checksums_and_no_absolute_path() {
    let work = small();
    work.tool("clickture").args(["--min-df", "1"]).ok();
    let manifest = work.text("clickture/manifest_clickture.json");
    assert!(!manifest.contains(work.path().to_str().unwrap()), "{manifest}");
    for input in
        ["keyword/keywords_dev.zip", "keyword/keywords_lite.zip", "clickture/clickture-dev.lst", "clickture/clickture-lite.lst"]
    {
        assert!(
            manifest.contains(&format!("\"{input}\"")) && manifest.contains(&crate::util::sha256(&work.read(input))),
            "{input}: {manifest}"
        );
    }
    for output in [DEV, LITE, VOCABULARY] {
        assert!(manifest.contains(&crate::util::sha256(&work.read(output))), "{output}: {manifest}");
    }
}
