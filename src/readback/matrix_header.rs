//! The header of a matrix on disk, checked against the size of the file.

use std::fs::{self, File};
use std::path::Path;

use crate::error::{Error, Problem, Result};
use keyword_files::npy::header::{Dtype, HeaderError, NpyHeader, brief};

/// Where the rows of a matrix are, and what they consist of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct MatrixHeader {
    /// [`Dtype::Int64`] or [`Dtype::Int32`].
    pub dtype: Dtype,
    pub rows: u64,
    pub columns: u64,
    /// The byte at which the first row begins.
    pub start: u64,
}

/// A kind of matrix that a reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatrixKind {
    /// Two columns.
    Pairs,
    /// Any number of columns.
    Any,
}

impl MatrixKind {
    fn accepts(self, columns: u64) -> bool {
        self == MatrixKind::Any || columns == 2
    }

    fn description(self) -> &'static str {
        match self {
            MatrixKind::Pairs => "pairs, an array of shape N x 2",
            MatrixKind::Any => "a matrix, an array of two axes",
        }
    }
}

const NAME_A_MATRIX: &str = "name a matrix that amc-keywords wrote, such as img_keyword_ind_….npy";

impl MatrixHeader {
    /// The number of bytes of one row, or `None` if it exceeds `u64`.
    pub fn row_bytes(self) -> Option<u64> {
        self.columns.checked_mul(self.dtype.size())
    }

    /// Opens the file at `path` and reads its header. The file is then at its first row.
    ///
    /// # Errors
    ///
    /// The file cannot be read, does not contain a matrix of this kind, or does not have the size
    /// that follows from its header.
    pub fn open(path: &Path, kind: MatrixKind) -> Result<(File, MatrixHeader)> {
        // Only a file has a size, and can be read again.
        if !fs::metadata(path).map_err(Error::io(path, "read"))?.is_file() {
            return Err(Problem::new(path, "expected a file").into());
        }
        let mut file = File::open(path).map_err(Error::io(path, "read"))?;
        let header = NpyHeader::read(&mut file).map_err(|error| match error {
            HeaderError::Io(source) => Error::io(path, "read")(source),
            other => unlike(path, other.to_string()),
        })?;
        let header = MatrixHeader::new(header, kind).map_err(|what| unlike(path, what))?;
        header.check_size(path, file.metadata().map_err(Error::io(path, "read"))?.len())?;
        Ok((file, header))
    }

    fn new(header: NpyHeader, kind: MatrixKind) -> Result<MatrixHeader, String> {
        let NpyHeader { descr, fortran_order, shape, length } = header;
        let has_name = |dtype: &Dtype| descr == format!("'{}'", dtype.descr());
        let Some(dtype) = [Dtype::Int64, Dtype::Int32].into_iter().find(has_name) else {
            let found = brief(&descr);
            return Err(format!("expected elements of '<i8' or '<i4' (int64 or int32), found {found}"));
        };
        if fortran_order != "False" {
            let found = brief(&fortran_order);
            let expected = "expected rows in C order (fortran_order False)";
            return Err(format!("{expected}, found fortran_order {found}"));
        }
        match shape.as_deref() {
            Some(&[rows, columns]) if kind.accepts(columns) => Ok(MatrixHeader { dtype, rows, columns, start: length }),
            Some(axes) => Err(format!("expected {}, found {}", kind.description(), shown(axes))),
            None => Err("expected a shape of whole numbers in the .npy header".into()),
        }
    }

    fn check_size(self, path: &Path, found: u64) -> Result<()> {
        let bytes = self.row_bytes().and_then(|bytes| self.rows.checked_mul(bytes));
        let expected = bytes.and_then(|bytes| bytes.checked_add(self.start));
        if expected == Some(found) {
            return Ok(());
        }
        let needs = match expected {
            Some(bytes) => format!("{bytes} bytes"),
            None => "more bytes than there can be".into(),
        };
        let what = format!("expected {needs} for {} rows, found {found}", self.rows);
        Err(Problem::new(path, what).hint("write it again, or copy it again").into())
    }
}

fn unlike(path: &Path, what: String) -> Error {
    Problem::new(path, what).hint(NAME_A_MATRIX).into()
}

/// A shape for a message.
fn shown(axes: &[u64]) -> String {
    let axes: Vec<String> = axes.iter().take(8).map(u64::to_string).collect();
    if axes.is_empty() { "a single number".into() } else { format!("shape {}", axes.join(" x ")) }
}
