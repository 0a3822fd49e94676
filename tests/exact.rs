//! Words, ids and bytes compared with golden files, which `tests/golden/make_golden.py` makes with
//! scikit-learn and NumPy.

use std::collections::BTreeMap;
use std::path::Path;

use crate::util::{WorkDir, golden, real_data, repository, sha256};
use amc_keywords::{Analyzer, StopWords};
use serde_json::Value;

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

fn json(name: &str) -> Vec<Value> {
    serde_json::from_str(&golden(name)).unwrap()
}

#[test]
fn tricky_strings_have_the_words_of_scikit_learn() {
    let every = Analyzer::new(StopWords::none());
    let english = Analyzer::new(StopWords::english());
    let rows = json("analyzer.json");
    assert!(rows.len() > 400);
    for row in rows {
        let text = row["text"].as_str().unwrap();
        assert_eq!(every.words(text), strings(&row["words"]), "without stop words: {}", text.escape_unicode());
        assert_eq!(english.words(text), strings(&row["english"]), "English stop words: {}", text.escape_unicode());
    }
}

#[test]
fn odd_keyword_files_have_the_words_that_python_reads() {
    let rows = json("keyword_files.json");
    let work = WorkDir::new();
    let members: Vec<_> =
        rows.iter().enumerate().map(|(n, row)| (format!("keywords_dev/{n:08}.json"), row["json"].as_str().unwrap())).collect();
    let names: String = (0..rows.len()).map(|n| format!("{n:08}\n")).collect();
    work.zip("keyword/keywords_dev.zip", &members).write("clickture/clickture-dev.lst", names);
    work.tool("clickture").args(["--splits", "dev", "--min-df", "1", "--stop-words", "none"]).ok();

    let vocabulary = work.words("clickture/vocabulary_clickture_dev_sk_1.json");
    let mut found: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for [image, word] in work.matrix("clickture/img_keyword_ind_clickture_dev_sk_1_sparse.npy") {
        found.entry(usize::try_from(image).unwrap()).or_default().push(&vocabulary[usize::try_from(word).unwrap()]);
    }
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(found.remove(&n).unwrap_or_default(), strings(&row["words"]), "image {n}: {}", row["json"]);
    }
}

/// Keywords with `c` in every relevant position, as `contexts` in `tests/parity/corpora.py` builds
/// them.
fn contexts(c: char) -> [String; 15] {
    [
        format!("a{c}b"),
        format!("{c}{c}"),
        format!("{c}ab"),
        format!("ab{c}"),
        format!("ΑΣ{c}"),
        format!("{c}ΑΣ"),
        format!("Α{c}Σ"),
        format!("{c}Σ"),
        format!("ΑΣ{c}Α"),
        format!("Σ{c}Σ"),
        format!("İ{c}"),
        format!("{c}\u{301}x"),
        format!("e\u{301}{c}"),
        format!("1{c}2"),
        format!("{c}_"),
    ]
}

/// The code points in a golden file of ranges.
fn code_points(name: &str) -> impl Iterator<Item = u32> {
    let ranges: Vec<(u32, u32)> = golden(name)
        .lines()
        .map(|line| {
            let (first, last) = line.split_once('-').unwrap();
            (u32::from_str_radix(first, 16).unwrap(), u32::from_str_radix(last, 16).unwrap())
        })
        .collect();
    ranges.into_iter().flat_map(|(first, last)| first..=last)
}

#[test]
fn every_code_point_of_python_3_11_has_its_words_in_every_context() {
    let analyzer = Analyzer::new(StopWords::none());
    let mut blocks: BTreeMap<u32, String> = BTreeMap::new();
    for c in code_points("swept_14.0.0.txt").map(|n| char::from_u32(n).unwrap()) {
        let words: Vec<String> = contexts(c).iter().map(|keyword| analyzer.words(keyword).join(" ")).collect();
        let n = u32::from(c);
        *blocks.entry(n / 256).or_default() += &format!("{n:04X} {}\n", words.join("|"));
    }
    let expected = golden("sweep_14.0.0.txt");
    assert_eq!(expected.lines().count(), blocks.len());
    for (line, (block, text)) in expected.lines().zip(&blocks) {
        assert_eq!(
            format!("{:04X} {}", block * 256, &sha256(text.as_bytes())[..16]),
            line,
            "a code point from U+{:04X} on differs",
            block * 256
        );
    }
}

/// Whether `c` joins two letters to one word.
fn is_word_char(analyzer: &Analyzer, c: char) -> bool {
    analyzer.words(&format!("a{c}b")).len() == 1 && analyzer.words(&format!("a{c}b"))[0].len() > 2
}

#[test]
fn older_pythons_lack_only_newer_letters() {
    let analyzer = Analyzer::new(StopWords::none());
    let ours: Vec<u32> = ('\0'..=char::MAX).filter(|c| *c != 'İ' && is_word_char(&analyzer, *c)).map(u32::from).collect();
    let mut newer = Vec::new();
    for version in ["14.0.0", "15.0.0", "15.1.0"] {
        let theirs: std::collections::BTreeSet<u32> =
            code_points(&format!("word_chars_{version}.txt")).filter(|n| *n != u32::from('İ')).collect();
        let here: std::collections::BTreeSet<u32> = ours.iter().copied().collect();
        assert!(theirs.is_subset(&here), "Unicode {version} has word characters that are lost: {:X?}", theirs.difference(&here));
        newer.push(here.difference(&theirs).count());
    }
    assert_eq!(newer, [9392, 5004, 4382], "word characters that Python 3.11, 3.12 and 3.13 do not have yet");
}

/// Runs both layouts of `dataset` on `root` and compares every file in the golden list.
fn compare_with_checksums(list: &str, folder: &str, dataset: &str, root: &Path) {
    let mut compared = 0;
    for layout in ["documented", "script"] {
        let work = WorkDir::new();
        let done = work.tool(dataset).args(["--layout", layout, "--out", "out", "--root"]).args([root]).ok();
        let prefix = format!("{folder}/{dataset}/{layout}/");
        for line in golden(list).lines() {
            let (expected, path) = line.split_once("  ").unwrap();
            if let Some(name) = path.strip_prefix(&prefix) {
                assert_eq!(sha256(&work.read(&format!("out/{name}"))), expected, "{path}{}", done.dump());
                compared += 1;
            }
        }
    }
    assert!(compared >= 5, "only {compared} files of {folder}/{dataset} are in {list}");
}

#[test]
fn the_sample_gives_the_bytes_of_scikit_learn_and_numpy() {
    for dataset in ["clickture", "mscoco"] {
        compare_with_checksums("sample.sha256", "sample", dataset, &repository().join("sample"));
    }
}

#[test]
fn the_vocabularies_of_the_sample_have_these_words() {
    let work = WorkDir::new();
    for (dataset, name) in [("clickture", "vocabulary_clickture_dev_sk_6.json"), ("mscoco", "vocabulary_coco_sk_6.json")] {
        work.tool(dataset).args(["--out", "out", "--root"]).args(&[repository().join("sample")]).ok();
        assert_eq!(work.text(&format!("out/{name}")), golden(name));
    }
}

#[test]
fn the_script_layout_gives_the_data_that_the_release_scripts_saved() {
    for (folder, dataset) in [("tate", "clickture"), ("coco5k", "mscoco")] {
        let Some(root) = real_data(folder) else { continue };
        let work = WorkDir::new();
        work.tool(dataset).args(["--layout", "script", "--out", "out", "--root"]).args(&[root]).ok();
        let prefix = format!("{folder}/{dataset}/");
        let golden = golden("release_scripts.sha256");
        let saved =
            golden.lines().filter_map(|line| line.split_once("  ")?.1.strip_prefix(&prefix).map(|name| (&line[..64], name)));
        for (expected, name) in saved {
            assert_eq!(sha256(&work.read(&format!("out/{name}"))[128..]), expected, "{name}");
        }
    }
}

#[test]
fn the_tate_collection_gives_the_bytes_of_scikit_learn_and_numpy() {
    if let Some(root) = real_data("tate") {
        compare_with_checksums("real_data.sha256", "tate", "clickture", &root);
    }
}

#[test]
fn five_thousand_coco_images_give_the_bytes_of_scikit_learn_and_numpy() {
    if let Some(root) = real_data("coco5k") {
        compare_with_checksums("real_data.sha256", "coco5k", "mscoco", &root);
    }
}
