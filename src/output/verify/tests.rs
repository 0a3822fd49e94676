#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::output::file_set::FileSet;
use crate::output::manifest::Counts;
use crate::output::npy::{Dtype, NpyWriter};
use std::fs::OpenOptions;
use std::io::{Seek, SeekFrom, Write};
use tempfile::{TempDir, tempdir};

const MANIFEST: &str = "manifest_coco.json";

/// A folder with an array of 1000 pairs, one of 3 numbers, a vocabulary and their manifest.
fn written() -> TempDir {
    let dir = tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let words = set.create("vocabulary.json").unwrap().write_whole(b"{\"cat\": 0}\n").unwrap();
    let mut pairs = NpyWriter::create(set.create("pairs.npy").unwrap(), Dtype::Int64, Some(2), Some(1000)).unwrap();
    pairs.write_block((0..16_000_u32).map(|i| i.to_le_bytes()[0]).collect()).unwrap();
    let mut bytes = NpyWriter::create(set.create("bytes.npy").unwrap(), Dtype::Uint8, None, None).unwrap();
    bytes.write_block(vec![1, 2, 3]).unwrap();
    let outputs = vec![words, pairs.finish().unwrap(), bytes.finish().unwrap()];
    let counts = Counts { vocabulary_size: 1, splits: vec![] };
    let manifest = Manifest::new(serde_json::Map::new(), vec![], outputs, counts);
    set.create(MANIFEST).unwrap().append(&manifest.to_json()).unwrap();
    set.commit(MANIFEST).unwrap();
    dir
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
        assert_eq!(verify(dir.path(), MANIFEST, jobs).unwrap(), [""; 0]);
    }
}

#[test]
fn every_kind_of_damage_is_told() {
    let shape = |axes: &str, descr: &str| format!("expected an array header of shape ({axes}) and dtype '{descr}'");
    type Harm = fn(&Path);
    let table: [(Harm, String); 8] = [
        (|at| fs::remove_file(at.join("pairs.npy")).unwrap(), "pairs.npy: missing".into()),
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
        let sha256 = || digest::of_bytes(&fs::read(dir.path().join(name)).unwrap_or_default()).sha256;
        let was = sha256();
        harm(dir.path());
        let expected = expected.replace("WAS", &was).replace("IS", &sha256());
        assert_eq!(verify(dir.path(), MANIFEST, 2).unwrap(), [expected]);
    }
}

#[test]
fn differences_come_in_the_order_of_the_manifest() {
    let dir = written();
    for name in ["pairs.npy", "vocabulary.json", "bytes.npy"] {
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    let expected = ["vocabulary.json: missing", "pairs.npy: missing", "bytes.npy: missing"];
    assert_eq!(verify(dir.path(), MANIFEST, 2).unwrap(), expected);
}

#[test]
fn a_commit_that_waits_to_be_finished_is_told_even_where_all_else_is_well_or_no_manifest_stands_yet() {
    let dir = written();
    let staging = dir.path().join(".amc-keywords-coco.partial");
    fs::create_dir(&staging).unwrap();
    assert_eq!(verify(dir.path(), MANIFEST, 2).unwrap(), [""; 0]);
    fs::write(staging.join(".commit.json"), "").unwrap();
    let expected = "manifest_coco.json: a run was stopped while it put its files in place: run it again to finish that";
    assert_eq!(verify(dir.path(), MANIFEST, 2).unwrap(), [expected]);
    fs::remove_file(dir.path().join(MANIFEST)).unwrap();
    assert_eq!(manifests_in(dir.path()).unwrap(), [MANIFEST]);
    assert_eq!(verify(dir.path(), MANIFEST, 2).unwrap(), [expected]);
}

#[test]
fn manifests_are_found_by_their_names() {
    let dir = tempdir().unwrap();
    for name in ["manifest_coco.json", "manifest_clickture.json", "manifest.json", "manifest_.json", "manifest_x.txt", "a.npy"] {
        fs::write(dir.path().join(name), "").unwrap();
    }
    assert_eq!(manifests_in(dir.path()).unwrap(), ["manifest_clickture.json", "manifest_coco.json"]);
    let missing = manifests_in(&dir.path().join("x")).unwrap_err().to_string();
    let expected = format!("{}/x: cannot read: No such file or directory (os error 2)", dir.path().display());
    assert_eq!(missing, expected);
}
