#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use proptest::prelude::*;

use super::*;
use crate::progress::Silent;
use crate::readback::frequencies::Frequencies;
use keyword_files::npy::header::npy_header;

/// A `.npy` file of these bytes.
fn npy(header: &[u8], rows: &[u8]) -> Vec<u8> {
    [header, rows].concat()
}

fn int64(rows: &[[i64; 2]]) -> Vec<u8> {
    let bytes: Vec<u8> = rows.as_flattened().iter().flat_map(|number| number.to_le_bytes()).collect();
    npy(&npy_header("<i8", &[rows.len() as u64, 2]), &bytes)
}

/// A header of this version with exactly this text.
fn header(version: [u8; 2], text: &str) -> Vec<u8> {
    let length = text.len() as u32;
    let length = if version[0] == 1 { (length as u16).to_le_bytes().to_vec() } else { length.to_le_bytes().to_vec() };
    [b"\x93NUMPY".as_slice(), &version, &length, text.as_bytes()].concat()
}

/// Calls `with` with a file of these bytes. An error is returned without the folder.
fn with_file<T>(bytes: &[u8], with: impl FnOnce(PairsReader) -> Result<T>) -> Result<T, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.npy");
    std::fs::write(&path, bytes).unwrap();
    let outcome = PairsReader::open(&path).and_then(with);
    outcome.map_err(|error| error.to_string().replace(&folder.path().join("").display().to_string(), ""))
}

fn read(bytes: &[u8], words: usize) -> Result<Vec<(u64, u32)>, String> {
    with_file(bytes, |pairs| {
        let mut all = Vec::new();
        pairs.with_words(words).each_block(&mut |block| {
            all.extend(block.iter().map(|pair| (pair.image, pair.word)));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(all)
    })
}

#[test]
fn rows_are_read_in_every_form_that_numpy_writes() {
    let rows = [[72, 5], [72, 0], [9, 5]];
    let expected = [(72, 5), (72, 0), (9, 5)];
    assert_eq!(read(&int64(&rows), 6).unwrap(), expected);
    assert_eq!(read(&int64(&[]), 6).unwrap(), []);
    let small: Vec<u8> = rows.as_flattened().iter().flat_map(|number| (*number as i32).to_le_bytes()).collect();
    assert_eq!(read(&npy(&npy_header("<i4", &[3, 2]), &small), 6).unwrap(), expected);
    let text = "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 2), }\n";
    for version in [[1, 0], [2, 0], [3, 0]] {
        assert_eq!(read(&npy(&header(version, text), &small), 6).unwrap(), expected);
    }
    let python2 = header([1, 0], "{'descr': '<i4', 'fortran_order': False, 'shape': (3L, 2L)}\n");
    assert_eq!(read(&npy(&python2, &small), 6).unwrap(), expected);
}

#[test]
fn blocks_follow_one_another_and_a_walk_may_begin_again() {
    let rows: Vec<[i64; 2]> = (0..150_000).map(|row| [row / 2, row % 7]).collect();
    let (lengths, again) = with_file(&int64(&rows), |mut pairs| {
        let (mut lengths, mut again) = (Vec::new(), Vec::new());
        pairs.each_block(&mut |block| {
            lengths.push(block.len());
            Ok(if lengths.len() < 2 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
        })?;
        pairs.each_block(&mut |block| {
            again.extend(block.iter().map(|pair| [pair.image as i64, pair.word.into()]));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok((lengths, again))
    })
    .unwrap();
    assert_eq!(lengths, [65_536, 65_536]);
    assert!(again == rows);
}

#[test]
fn what_is_no_array_of_pairs_is_refused() {
    let hint = "; name a matrix that amc-keywords wrote, such as img_keyword_ind_….npy";
    let dict = |descr: &str, order: &str, shape: &str| {
        header([1, 0], &format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n"))
    };
    let keys = "expected a .npy header of descr, fortran_order and shape, found";
    let kinds = "expected elements of '<i8' or '<i4' (int64 or int32), found";
    let shape = "expected pairs, an array of shape N x 2, found";
    let table: Vec<(Vec<u8>, String)> = vec![
        (Vec::new(), "expected a .npy file".into()),
        (b"PK\x03\x04 and so on".to_vec(), "expected a .npy file".into()),
        (b"\x93NUMPY\x01".to_vec(), "expected a .npy file".into()),
        (b"\x93NUMPY\x01\x00".to_vec(), "the .npy header is cut short".into()),
        (int64(&[])[..100].to_vec(), "the .npy header is cut short".into()),
        (header([9, 7], "{}"), "expected version 1, 2 or 3 of the .npy format, found 9.7".into()),
        (
            b"\x93NUMPY\x02\x00\xff\xff\xff\xff{".to_vec(),
            "expected a .npy header of at most 10000 bytes, found 4294967295".into(),
        ),
        (header([1, 0], &"(".repeat(10_000)), format!("{keys} \"{}…\"", "(".repeat(60))),
        (header([1, 0], "{'descr': '<i8'}\n"), format!("{keys} \"{{'descr': '<i8'}}\"")),
        (dict("'<f8'", "False", "(3, 2)"), format!("{kinds} '<f8'")),
        (dict("'>i8'", "False", "(3, 2)"), format!("{kinds} '>i8'")),
        (dict("'|O'", "False", "(3, 2)"), format!("{kinds} '|O'")),
        (dict("[('a', '<i8')]", "False", "(3,)"), format!("{kinds} [('a','<i8')]")),
        (dict("'<i8'", "True", "(3, 2)"), "expected rows in C order (fortran_order False), found fortran_order True".into()),
        (dict("'<i8'", "False", "(3,)"), format!("{shape} shape 3")),
        (dict("'<i8'", "False", "()"), format!("{shape} a single number")),
        (dict("'<i8'", "False", "(3, 2, 1)"), format!("{shape} shape 3 x 2 x 1")),
        (dict("'<i8'", "False", "(-3, 2)"), "expected a shape of whole numbers in the .npy header".into()),
        (dict("'<i8'", "False", "(99999999999999999999, 2)"), "expected a shape of whole numbers in the .npy header".into()),
    ];
    for (bytes, expected) in table {
        assert_eq!(read(&bytes, 6).unwrap_err(), format!("m.npy: {expected}{hint}"), "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_file_is_as_long_as_its_header_says() {
    let whole = int64(&[[1, 2], [3, 4]]);
    let hint = "; write it again, or copy it again";
    let cut = read(&whole[..whole.len() - 1], 6).unwrap_err();
    assert_eq!(cut, format!("m.npy: expected 160 bytes for 2 rows, found 159{hint}"));
    let longer = read(&npy(&whole, b"\n"), 6).unwrap_err();
    assert_eq!(longer, format!("m.npy: expected 160 bytes for 2 rows, found 161{hint}"));
    let huge = read(&npy_header("<i8", &[1 << 62, 2]), 6).unwrap_err();
    assert_eq!(huge, format!("m.npy: expected more bytes than there can be for {} rows, found 128{hint}", 1_u64 << 62));
}

proptest! {
    #[test]
    fn whatever_the_bytes_are_they_are_rows_of_a_small_vocabulary_or_refused(
        changes in prop::collection::vec((0..200_usize, any::<u8>()), 0..6),
        length in 0..=200_usize,
    ) {
        let mut bytes = int64(&[[1, 2], [3, 4], [3, 0], [9, 5]]);
        for (place, byte) in changes {
            if let Some(found) = bytes.get_mut(place) {
                *found = byte;
            }
        }
        bytes.truncate(length);
        if let Ok(rows) = read(&bytes, 6) {
            prop_assert!(rows.len() <= 8 && rows.iter().all(|(_, word)| *word < 6));
        }
    }
}

#[test]
fn a_row_of_anything_but_ids_is_refused_with_its_number() {
    let hint = "; these are not pairs [img_id, word_id], or they are damaged";
    let of = |row| read(&int64(&[[1, 2], row]), 6).unwrap_err();
    assert_eq!(of([-1, -1]), format!("m.npy: row 1: expected an image id, found -1{hint}"));
    assert_eq!(of([7, -1]), format!("m.npy: row 1: expected a word id, found -1{hint}"));
    assert_eq!(of([7, 1 << 32]), format!("m.npy: row 1: expected a word id, found 4294967296{hint}"));
    let vocabulary = "give the matrix's own vocabulary, or the pairs if these are ranges";
    assert_eq!(
        of([7, 6]),
        format!("m.npy: row 1: expected a word id below 6, the size of the vocabulary, found 6; {vocabulary}")
    );
}

#[test]
fn a_word_counts_once_a_run_of_rows_of_an_image() {
    let rows = [[5, 1], [5, 1], [5, 0], [8, 1], [5, 1], [5, 2]];
    let counted = with_file(&int64(&rows), |pairs| Frequencies::count(pairs, 4, &Silent)).unwrap();
    let expected = Frequencies { document: vec![1, 3, 1, 0], term: vec![1, 4, 1, 0], images: 3, rows: 6 };
    assert_eq!(counted, expected);
}

#[test]
fn more_rows_of_one_image_than_are_held_are_refused() {
    let images = |rows: usize| {
        let mut lengths = Vec::new();
        let all: Vec<[i64; 2]> = (0..rows).map(|_| [7, 0]).chain([[8, 0]]).collect();
        let walked = with_file(&int64(&all), |mut pairs| {
            pairs.each_image(&Silent, &mut |_, words| {
                lengths.push(words.len());
                ControlFlow::Continue(())
            })
        });
        walked.map(|()| lengths)
    };
    assert_eq!(images(1024), Ok(vec![1024, 1]));
    assert_eq!(images(1025), Err("m.npy: '7': more than 1024 consecutive rows of one image".to_owned()));
}
