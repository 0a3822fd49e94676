#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::files::array_file::ArrayFile;
use crate::files::manifest::Counts;
use crate::files::output_file::write_whole;
use crate::files::set::FileSet;
use crate::progress::Silent;
use keyword_files::npy::header::Dtype;
use keyword_files::npy::sha256;
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use tempfile::{TempDir, tempdir};

const MANIFEST: &str = "manifest_coco.json";

/// A folder with an array of 1000 pairs, one of 3 numbers, a vocabulary and their manifest.
fn written() -> TempDir {
    let dir = tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let words = write_whole(&set, "vocabulary.json", b"{\"cat\": 0}\n").unwrap();
    let mut pairs = ArrayFile::<Vec<u8>>::create(&set, "pairs.npy", Dtype::Int64, &[1000, 2]).unwrap();
    pairs.write_block((0..16_000_u32).map(|i| i.to_le_bytes()[0]).collect()).unwrap();
    let mut bytes = ArrayFile::create(&set, "bytes.npy", Dtype::Uint8, &[3]).unwrap();
    bytes.write_block(vec![1, 2, 3]).unwrap();
    let outputs = vec![words, pairs.finish().unwrap().output, bytes.finish().unwrap().output];
    let counts = Counts { vocabulary_size: 1, splits: vec![] };
    let manifest = Manifest::new(serde_json::Map::new(), vec![], outputs, counts);
    write_whole(&set, MANIFEST, &manifest.to_json()).unwrap();
    set.commit(MANIFEST, &Silent).unwrap();
    dir
}

/// What is wrong in the folder, a line a file.
fn faults(folder: &Path, jobs: usize) -> Vec<String> {
    let check = verify(folder, jobs, &Silent).unwrap();
    let lines: Vec<String> = check
        .faults()
        .map(|file| match &file.state {
            FileState::Differs(how) => format!("{}: {how}", file.name),
            state => format!("{}: {state:?}", file.name),
        })
        .collect();
    assert_eq!(check.is_fine(), lines.is_empty());
    lines
}

fn overwrite(folder: &Path, name: &str, offset: u64, byte: u8) {
    let mut file = OpenOptions::new().write(true).open(folder.join(name)).unwrap();
    file.seek(SeekFrom::Start(offset)).unwrap();
    file.write_all(&[byte]).unwrap();
}

#[test]
fn a_folder_as_it_was_written_has_no_differences_on_any_number_of_threads() {
    let dir = written();
    for jobs in [0, 1, 2, 7] {
        assert_eq!(faults(dir.path(), jobs), [""; 0]);
        let names: Vec<String> = verify(dir.path(), jobs, &Silent).unwrap().files.into_iter().map(|file| file.name).collect();
        assert_eq!(names, [MANIFEST, "vocabulary.json", "pairs.npy", "bytes.npy"]);
    }
}

#[test]
fn every_kind_of_damage_is_reported() {
    let shape = |axes: &str, descr: &str| format!("expected an array header of shape ({axes}) and dtype '{descr}'");
    type Harm = fn(&Path);
    let table: [(Harm, String); 8] = [
        (|at| fs::remove_file(at.join("pairs.npy")).unwrap(), "pairs.npy: Missing".into()),
        (
            |at| {
                fs::remove_file(at.join("pairs.npy")).unwrap();
                fs::create_dir(at.join("pairs.npy")).unwrap();
            },
            "pairs.npy: expected a file".into(),
        ),
        (|at| fs::write(at.join("pairs.npy"), "").unwrap(), "pairs.npy: expected 16128 bytes, found 0".into()),
        (|at| overwrite(at, "bytes.npy", 131, 4), "bytes.npy: expected 131 bytes, found 132".into()),
        (|at| overwrite(at, "pairs.npy", 61, b'2'), format!("pairs.npy: {}", shape("1000, 2", "<i8"))),
        (|at| overwrite(at, "bytes.npy", 21, b'i'), format!("bytes.npy: {}", shape("3", "|u1"))),
        (|at| overwrite(at, "pairs.npy", 16_127, 0), "pairs.npy: expected sha256 WAS, found IS".into()),
        (|at| overwrite(at, "vocabulary.json", 2, b'b'), "vocabulary.json: expected sha256 WAS, found IS".into()),
    ];
    for (harm, expected) in table {
        let dir = written();
        let name = expected.split_once(':').unwrap().0;
        let sha256 = || sha256::of_bytes(&fs::read(dir.path().join(name)).unwrap_or_default()).sha256;
        let was = sha256();
        harm(dir.path());
        let expected = expected.replace("WAS", &was).replace("IS", &sha256());
        assert_eq!(faults(dir.path(), 2), [expected]);
    }
}

#[test]
fn differences_come_in_the_order_of_the_manifest() {
    let dir = written();
    for name in ["pairs.npy", "vocabulary.json", "bytes.npy"] {
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    let expected = ["vocabulary.json: Missing", "pairs.npy: Missing", "bytes.npy: Missing"];
    assert_eq!(faults(dir.path(), 2), expected);
}

#[test]
fn an_unfinished_commit_is_reported_with_sound_files_and_without_a_manifest() {
    let dir = written();
    let staging = dir.path().join(".amc-keywords-coco.partial");
    fs::create_dir(&staging).unwrap();
    assert_eq!(faults(dir.path(), 2), [""; 0]);
    fs::write(staging.join(".commit.json"), "").unwrap();
    let expected = "manifest_coco.json: Unfinished";
    assert_eq!(faults(dir.path(), 2), [expected]);
    fs::remove_file(dir.path().join(MANIFEST)).unwrap();
    assert_eq!(manifests_in(dir.path()).unwrap(), [MANIFEST]);
    assert_eq!(faults(dir.path(), 2), [expected]);
}

#[test]
fn manifests_are_found_by_their_names() {
    let dir = tempdir().unwrap();
    for name in ["manifest_coco.json", "manifest_clickture.json", "manifest.json", "manifest_.json", "manifest_x.txt", "a.npy"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    assert_eq!(manifests_in(dir.path()).unwrap(), ["manifest_clickture.json", "manifest_coco.json"]);
    let missing = dir.path().join("x");
    let expected = format!("{}: cannot read: {}", missing.display(), fs::read_dir(&missing).unwrap_err());
    assert_eq!(manifests_in(&missing).unwrap_err().to_string(), expected);
}

#[test]
fn a_damaged_manifest_is_a_file_that_differs_and_the_other_sets_are_still_checked() {
    let dir = written();
    fs::write(dir.path().join("manifest_clickture.json"), "{}").unwrap();
    fs::remove_file(dir.path().join("pairs.npy")).unwrap();
    let damaged = "manifest_clickture.json: line 1 column 2: expected a manifest that \
         amc-keywords wrote: missing field `format`; \
                   run the job again to write a new one";
    assert_eq!(faults(dir.path(), 2), [damaged, "pairs.npy: Missing"]);
}

#[test]
fn a_folder_without_a_manifest_is_an_error_with_the_next_step() {
    let dir = tempdir().unwrap();
    let error = verify(dir.path(), 1, &Silent).unwrap_err().to_string();
    let expected = "found no manifest_….json; name the folder that a run wrote into";
    assert_eq!(error, format!("{}: {expected}", dir.path().display()));
}
