#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::time::Instant;

use super::*;
use crate::files::set::FileSet;
use crate::progress::Silent;
use keyword_files::npy::header::npy_header;
use keyword_files::npy::sha256;
use keyword_files::npy::sha256::Digest;

/// The elements of an array of two columns, and its file.
fn array(rows: u64) -> (Vec<u8>, Vec<u8>) {
    let data: Vec<u8> = (0..rows * 2).flat_map(|i| i64::try_from(i * i).unwrap().to_le_bytes()).collect();
    let file = [npy_header("<i8", &[rows, 2]), data.clone()].concat();
    (data, file)
}

fn write(data: &[u8], rows: u64, block: usize) -> (Output, Vec<u8>) {
    let dir = tempfile::tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let mut writer = ArrayFile::create(&set, "x.npy", Dtype::Int64, &[rows, 2]).unwrap();
    let mut buffer = Vec::new();
    for part in data.chunks(block) {
        buffer.extend_from_slice(part);
        buffer = writer.write_block(buffer).unwrap();
        assert!(buffer.is_empty());
    }
    let output = writer.finish().unwrap().output;
    set.commit("x.npy", &Silent).unwrap();
    (output, std::fs::read(dir.path().join("x.npy")).unwrap())
}

#[test]
fn the_file_and_its_checksum_do_not_depend_on_the_blocks() {
    for rows in [0, 1, 9, 10, 1000] {
        let (data, expected) = array(rows);
        let digest = sha256::of_bytes(&expected);
        for block in [5, 16, 4096, 1 << 20] {
            let (output, file) = write(&data, rows, block);
            assert_eq!(file, expected, "{rows} rows, blocks of {block}");
            let Output { name, shape, dtype, bytes, sha256 } = output;
            assert_eq!((name.as_str(), shape, dtype), ("x.npy", Some(vec![rows, 2]), Some(Dtype::Int64)));
            assert_eq!(Digest { bytes, sha256 }, digest);
        }
    }
}

#[test]
fn a_list_without_columns_has_a_shape_of_one_axis() {
    let dir = tempfile::tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    let mut writer = ArrayFile::create(&set, "x.npy", Dtype::Int32, &[2]).unwrap();
    writer.write_block(vec![1, 0, 0, 0, 2, 0, 0, 0]).unwrap();
    assert_eq!(writer.finish().unwrap().output.shape, Some(vec![2]));
    set.commit("x.npy", &Silent).unwrap();
    let file = std::fs::read(dir.path().join("x.npy")).unwrap();
    assert_eq!(file, [npy_header("<i4", &[2]), vec![1, 0, 0, 0, 2, 0, 0, 0]].concat());
}

#[test]
fn more_or_fewer_bytes_than_the_shape_has_room_for_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
    for (rows, name) in [(2, "x.npy"), (3, "y.npy")] {
        let mut writer = ArrayFile::create(&set, name, Dtype::Int64, &[rows, 2]).unwrap();
        writer.write_block(vec![0; 40]).unwrap();
        let expected = format!("{}: 168 bytes were written of {}", dir.path().join(name).display(), 128 + 16 * rows);
        assert_eq!(writer.finish().unwrap_err().to_string(), expected);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported_once_by_the_block_or_the_end_that_meets_it() {
    let writer = || {
        let file = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let file = OutputFile::over(file, std::path::Path::new("out"), "x.npy", 1_600_000_128);
        ArrayFile::over(file, Dtype::Int64, &[100_000_000, 2]).unwrap()
    };
    let expected = "out/x.npy: cannot write: No space left on device (os error 28); it needs 1600000128 more bytes; \
                    free some space, or choose another folder with --out";
    assert_eq!(writer().finish().unwrap_err().to_string(), expected);

    let mut writer = writer();
    let error = (0..1000).find_map(|_| writer.write_block(vec![0; 16]).err()).expect("the thread stops at the header");
    assert_eq!(error.to_string(), expected);
    assert_eq!(writer.write_block(vec![0; 16]).unwrap_err().to_string(), "an output was written to after an error");
}

/// A measurement: `cargo test --release -- --ignored --nocapture speed_of` prints the times.
#[test]
#[ignore = "a measurement"]
fn speed_of_writing() {
    for megabytes in [144_u64, 1800] {
        let dir = tempfile::tempdir_in(".").unwrap();
        let (set, _) = FileSet::begin(dir.path(), "coco").unwrap();
        let start = Instant::now();
        let mut writer = ArrayFile::create(&set, "x.npy", Dtype::Int64, &[megabytes * 65_536, 2]).unwrap();
        let mut block = Vec::new();
        for i in 0..megabytes {
            block.resize(1 << 20, i as u8);
            block = writer.write_block(block).unwrap();
        }
        let streamed = start.elapsed();
        writer.finish().unwrap();
        let finished = start.elapsed();
        set.commit("x.npy", &Silent).unwrap();
        let committed = start.elapsed();
        println!("{megabytes} MiB: blocks {streamed:.2?}, finished {finished:.2?}, committed {committed:.2?}");
    }
}
