#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::files::dry_run::DryRun;
use crate::files::manifest::Counts;
use crate::files::output_file::{OutputSet, write_whole};
use crate::files::set::FileSet;
use crate::input_kind::InputKind;
use crate::progress::Silent;
use keyword_files::npy::sha256;
use serde_json::json;
use std::fs;
use tempfile::{TempDir, tempdir};

const MANIFEST: &str = "manifest_coco.json";

/// The manifest of a run with one input. Each of its `outputs` contains its own name and `min_df`.
fn manifest(set: &dyn OutputSet, min_df: &str, input: &str, outputs: &[&str]) -> Manifest {
    let outputs = outputs.iter().map(|name| write_whole(set, name, format!("{name} {min_df}").as_bytes()).unwrap()).collect();
    let Value::Object(options) = json!({"min_df": min_df, "splits": ["train"]}) else { unreachable!() };
    let sha256 = sha256::of_bytes(input.as_bytes()).sha256;
    let input = Input { path: "keyword/k.zip".into(), kind: InputKind::Zip, bytes: 1, files: None, sha256 };
    Manifest::new(options, vec![input], outputs, Counts { vocabulary_size: 1, splits: vec![] })
}

/// A folder after a run with `min_df` 6.
fn written() -> TempDir {
    let dir = tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let manifest = manifest(&set, "6", "zip", &["a.npy", "b.json"]);
    write_whole(&set, MANIFEST, &manifest.to_json()).unwrap();
    set.commit(MANIFEST, &Silent).unwrap();
    dir
}

/// The files in the folder that are not fresh, one line per file.
fn faults(folder: &Path, min_df: &str, input: &str, outputs: &[&str]) -> Vec<String> {
    let fresh = manifest(&DryRun::of(folder), min_df, input, outputs);
    compare(FreshRun { folder, set: "coco", manifest: &fresh }, 2, &Silent)
        .unwrap()
        .faults()
        .map(|file| match &file.state {
            FileState::Differs(how) => format!("{}: {how}", file.name),
            state => format!("{}: {state:?}", file.name),
        })
        .collect()
}

#[test]
fn the_outputs_of_a_run_are_fresh() {
    assert_eq!(faults(written().path(), "6", "zip", &["a.npy", "b.json"]), [""; 0]);
}

#[test]
fn every_change_is_reported_for_the_file_that_it_affects() {
    let dir = written();
    let options = faults(dir.path(), "5", "zip", &["a.npy", "b.json"]);
    assert_eq!(options[0], "manifest_coco.json: made with min_df 6, now 5");
    assert!(options[1].starts_with("a.npy: expected sha256 ") && options[2].starts_with("b.json: expected sha256 "));
    let input = ["manifest_coco.json: made from another keyword/k.zip"];
    assert_eq!(faults(dir.path(), "6", "another zip", &["a.npy", "b.json"]), input);

    fs::write(dir.path().join("b.json"), "b.json 7").unwrap();
    fs::remove_file(dir.path().join("a.npy")).unwrap();
    let sha256 = |text: &str| sha256::of_bytes(text.as_bytes()).sha256;
    let differs = format!("b.json: expected sha256 {}, found {}", sha256("b.json 6"), sha256("b.json 7"));
    assert_eq!(faults(dir.path(), "6", "zip", &["a.npy", "b.json"]), ["a.npy: Missing".to_owned(), differs]);
}

#[test]
fn a_manifest_with_other_bytes_differs_and_a_missing_or_damaged_one_is_reported() {
    let dir = written();
    let path = dir.path().join(MANIFEST);
    let json = fs::read_to_string(&path).unwrap();
    let faults = || faults(dir.path(), "6", "zip", &["a.npy", "b.json"]);
    fs::write(&path, format!("{json}\n")).unwrap();
    assert_eq!(faults(), [format!("{MANIFEST}: expected {} bytes, found {}", json.len(), json.len() + 1)]);
    fs::write(&path, "{").unwrap();
    assert_eq!(faults(), [format!("{MANIFEST}: expected {} bytes, found 1", json.len())]);
    fs::remove_file(&path).unwrap();
    assert_eq!(faults(), [format!("{MANIFEST}: Missing")]);
}

#[test]
fn existing_files_that_only_the_old_manifest_names_are_stale() {
    let dir = written();
    let faults = || faults(dir.path(), "6", "zip", &["a.npy"]);
    assert_eq!(faults().last().unwrap(), "b.json: Stale");
    fs::remove_file(dir.path().join("b.json")).unwrap();
    assert_eq!(faults().len(), 1, "{:?}", faults());
}

#[test]
fn a_set_that_waits_for_its_renames_is_unfinished() {
    let dir = written();
    let staging = dir.path().join(".amc-keywords-coco.partial");
    fs::create_dir(&staging).unwrap();
    fs::write(staging.join(".commit.json"), "").unwrap();
    assert_eq!(faults(dir.path(), "6", "zip", &["a.npy", "b.json"]), [format!("{MANIFEST}: Unfinished")]);
}

#[test]
fn texts_of_a_manifest_are_shortened_and_escaped() {
    let dir = written();
    let path = dir.path().join(MANIFEST);
    let long = "\\u001b[2J".to_owned() + &"x".repeat(1000);
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("\"6\"", &format!("\"{long}\""))).unwrap();
    let found = faults(dir.path(), "6", "zip", &["a.npy", "b.json"]);
    assert_eq!(found, [format!("{MANIFEST}: made with min_df \\u{{1b}}[2J{}, now 6", "x".repeat(116))]);
}

#[test]
fn changes_of_the_program_and_of_the_inputs_are_reported() {
    let dir = tempdir().unwrap();
    let new = manifest(&DryRun::of(dir.path()), "6", "zip", &["a.npy"]);
    let mut old = new.clone();
    old.tool.version = "0.0.9".into();
    old.inputs[0].path = "keyword/k".into();
    old.options.insert("ngrams".into(), json!([1, 2]));
    old.options.remove("splits");
    let version = env!("CARGO_PKG_VERSION");
    let expected = [
        format!("written by amc-keywords 0.0.9, this is amc-keywords {version}"),
        "made with splits nothing, now [\"train\"]".into(),
        "made with an option that is unknown here".into(),
        "made without the input keyword/k.zip".into(),
        "made from keyword/k, which is not read now".into(),
    ];
    assert_eq!(changes(&old, &new), expected);
}
