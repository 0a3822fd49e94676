#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use super::*;
use crate::output::digest;
use crate::output::file_set::FileSet;
use crate::progress::Silent;

/// The arrays of tests/golden/small.npz: name, type, shape, elements.
fn small() -> [(&'static str, &'static str, Vec<u64>, Vec<u8>); 5] {
    let int32 = |numbers: &[i32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let int64 = |numbers: &[i64]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    [
        ("indices", "<i4", vec![3], int32(&[0, 2, 1])),
        ("indptr", "<i4", vec![3], int32(&[0, 2, 3])),
        ("format", "|S3", vec![], b"csr".to_vec()),
        ("shape", "<i8", vec![2], int64(&[2, 3])),
        ("data", "<i8", vec![3], int64(&[1, 1, 4])),
    ]
}

fn member(name: &str, descr: &str, shape: &[u64], elements: &[u8]) -> Member {
    let mut crc = Crc::new();
    crc.update(elements);
    Member::new(name, descr, shape, (elements.len() as u64, &crc))
}

#[test]
fn the_file_is_what_numpy_savez_writes_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let arrays = small();
    let members = arrays.iter().map(|(name, descr, shape, elements)| member(name, descr, shape, elements)).collect();
    let mut writer = NpzWriter::create(&set, "small.npz", members).unwrap();
    for (_, _, _, elements) in &arrays {
        writer.begin_member().unwrap();
        for block in elements.chunks(5) {
            writer.write_block(block.to_vec()).unwrap();
        }
    }
    let (output, _) = writer.finish().unwrap();
    set.commit("small.npz", &Silent).unwrap();
    let expected = include_bytes!("../../../tests/golden/small.npz");
    assert_eq!(std::fs::read(dir.path().join("small.npz")).unwrap(), expected);
    assert_eq!((output.bytes, output.sha256, output.shape), (1305, digest::of_bytes(expected).sha256, None));
}

#[test]
fn the_directory_of_arrays_of_any_size_is_that_of_python_s_zipfile() {
    let golden = include_str!("../../../tests/golden/npz_directories.tsv");
    for line in golden.lines().skip(1) {
        let (sizes, hex) = line.split_once('\t').unwrap();
        let sizes = sizes.split(',').map(|size| size.parse().unwrap());
        let members: Vec<Member> = (0..)
            .zip(sizes)
            .map(|(n, bytes)| Member { name: format!("a{n}.npy"), header: Vec::new(), bytes, crc: 7 + n })
            .collect();
        let digits: String = directory(&members).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digits, hex, "{line}");
    }
}

#[test]
fn fewer_elements_than_were_promised_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let mut writer = NpzWriter::create(&set, "x.npz", vec![member("data", "|u1", &[4], &[1, 2, 3, 4])]).unwrap();
    writer.begin_member().unwrap();
    writer.write_block(vec![1, 2]).unwrap();
    let expected = format!("{}/x.npz: 264 bytes were written of 266", dir.path().display());
    assert_eq!(writer.finish().unwrap_err().to_string(), expected);
}
