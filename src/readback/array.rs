//! A whole matrix in memory, as an array of ndarray.

use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

use ndarray::Array2;
use ndarray_npy::{ReadNpyError, ReadNpyExt, ReadableElement};

use super::matrix_header::{MatrixHeader, MatrixKind};
use crate::error::{Error, Problem, Result};
use keyword_files::npy::header::Dtype;

/// Reads a matrix that a run wrote: the pairs, the ranges or the padded ids.
///
/// The whole matrix is in memory, as int64. [`PairsReader`](crate::PairsReader) reads pairs in
/// bounded memory.
///
/// ```
/// use amc_keywords::{Mscoco, Settings, Silent, read_matrix};
///
/// let out = std::env::temp_dir().join(format!("amc-keywords-array-{}", std::process::id()));
/// let mscoco = Mscoco { root: "sample".into(), out: Some(out.clone()), ..Mscoco::default() };
/// mscoco.run(&Settings::default(), &Silent)?;
///
/// let pairs = read_matrix(&out.join("img_keyword_ind_coco_sk_6.npy"))?;
/// assert_eq!(pairs.dim(), (1470, 2));
/// assert_eq!(pairs[[0, 0]], 195);
/// # std::fs::remove_dir_all(out).unwrap();
/// # Ok::<(), amc_keywords::Error>(())
/// ```
///
/// # Errors
///
/// - [`Error::Io`]: the file cannot be read.
/// - [`Error::Data`]: the file is not a `.npy` file, its array does not have two axes, its elements
///   are not int64 or int32 in C order, or it does not have the size that its header states.
///
/// Memory is allocated only after the size of the file was checked.
pub fn read_matrix(path: &Path) -> Result<Array2<i64>> {
    let (file, header) = MatrixHeader::open(path, MatrixKind::Any)?;
    match header.dtype {
        Dtype::Int32 => read_elements::<i32>(path, file).map(|matrix| matrix.mapv(i64::from)),
        _ => read_elements::<i64>(path, file),
    }
}

fn read_elements<T: ReadableElement>(path: &Path, mut file: File) -> Result<Array2<T>> {
    file.rewind().map_err(Error::io(path, "read"))?;
    Array2::read_npy(BufReader::new(file)).map_err(|error| match error {
        ReadNpyError::Io(source) => Error::io(path, "read")(source),
        other => Problem::new(path, format!("cannot be read as a matrix: {other}")).into(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use ndarray::arr2;

    /// Reads a file of these bytes. Errors are returned without the folder.
    fn read(bytes: &[u8]) -> Result<Array2<i64>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("m.npy");
        std::fs::write(&path, bytes).unwrap();
        let folder = folder.path().join("").display().to_string();
        read_matrix(&path).map_err(|error| error.to_string().replace(&folder, ""))
    }

    /// The headers in tests/golden/npy_headers.tsv, which NumPy wrote, and their types and shapes.
    fn golden() -> Vec<(&'static str, Vec<u64>, Vec<u8>)> {
        let lines = include_str!("../../tests/golden/npy_headers.tsv").lines().skip(1);
        let fields = lines.map(|line| line.split('\t').collect::<Vec<_>>());
        fields
            .map(|fields| {
                let axes = fields[1].split(',').filter(|axis| !axis.is_empty());
                let bytes = fields[2].as_bytes().chunks(2);
                let byte = |hex| u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap();
                let shape = axes.map(|axis| axis.parse().unwrap()).collect();
                (fields[0], shape, bytes.map(byte).collect())
            })
            .collect()
    }

    #[test]
    fn matrices_of_numpy_are_read_as_int64() {
        let mut matrices = 0;
        for (descr, shape, header) in golden() {
            let elements = shape.iter().try_fold(1_u64, |all, axis| all.checked_mul(*axis));
            let Some(elements) = elements.filter(|elements| *elements <= 100_000) else { continue };
            let numbers = 0..elements as i64;
            let int64 = numbers.clone().flat_map(i64::to_le_bytes);
            let int32 = numbers.flat_map(|number| (number as i32).to_le_bytes());
            let data: Vec<u8> = if descr == "<i8" { int64.collect() } else { int32.collect() };
            let file = [header, data].concat();
            match (read(&file), descr, shape.as_slice()) {
                (Ok(matrix), "<i8" | "<i4", &[rows, columns]) => {
                    assert_eq!(matrix.dim(), (rows as usize, columns as usize));
                    assert!(matrix.iter().copied().eq(0..elements as i64));
                    matrices += 1;
                }
                (Err(error), "<i8" | "<i4", [_] | [_, _, _, ..]) => {
                    assert!(error.starts_with("m.npy: expected a matrix"), "{error}");
                }
                (Err(error), _, _) => assert!(error.starts_with("m.npy: expected elements of")),
                (found, _, _) => panic!("{descr} {shape:?}: {found:?}"),
            }
        }
        assert!(matrices > 20, "{matrices}");
    }

    #[test]
    fn every_form_that_numpy_writes_is_read() {
        let text = "{'descr': '<i8', 'fortran_order': False, 'shape': (2, 3), }";
        let header = [b"\x93NUMPY\x01\x00\x40\x00".as_slice(), text.as_bytes()].concat();
        let padding = vec![b' '; 10 + 64 - header.len() - 1];
        let data: Vec<u8> = (-3..3_i64).flat_map(i64::to_le_bytes).collect();
        let matrix = read(&[header, padding, b"\n".to_vec(), data].concat()).unwrap();
        assert_eq!(matrix, arr2(&[[-3, -2, -1], [0, 1, 2]]));
    }

    #[test]
    fn a_size_that_differs_from_the_header_is_refused_before_memory_is_allocated() {
        let golden = golden();
        let is_large = |shape: &[u64]| matches!(shape, [1_000_000_000_000, 2]);
        let (_, _, header) = golden.iter().find(|(_, shape, _)| is_large(shape)).unwrap();
        let expected = "m.npy: expected 16000000000128 bytes for 1000000000000 rows, found 128; \
                        write it again, or copy it again";
        assert_eq!(read(header).unwrap_err(), expected);
    }
}
