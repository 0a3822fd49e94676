//! The header of a `.npy` file of pairs, trusting none of it.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::error::{Error, Problem, Result};
use crate::output::npy::Dtype;

/// Where the rows of a file of pairs are, and of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PairsArray {
    pub dtype: Dtype,
    pub rows: u64,
    /// The byte at which the first row begins.
    pub start: u64,
}

impl PairsArray {
    /// The bytes of one row.
    pub fn row_bytes(self) -> u64 {
        2 * self.dtype.size()
    }

    /// Reads the header at the beginning of `file`, and holds it against the file's size.
    pub fn read(path: &Path, file: &mut File) -> Result<PairsArray> {
        let (text, start) = header_text(path, file)?;
        let array = parse(&text, start).map_err(|what| Problem::new(path, what).hint(NAME_A_MATRIX))?;
        let expected = array.rows.checked_mul(array.row_bytes()).and_then(|bytes| bytes.checked_add(start));
        let found = file.metadata().map_err(Error::io(path, "read"))?.len();
        if expected != Some(found) {
            let needs = expected.map_or_else(|| "more bytes than there can be".into(), |bytes| format!("{bytes} bytes"));
            let what = format!("expected {needs} for {} rows, found {found}", array.rows);
            return Err(Problem::new(path, what).hint("write it again, or copy it again").into());
        }
        Ok(array)
    }
}

const NAME_A_MATRIX: &str = "name a matrix that amc-keywords wrote, such as img_keyword_ind_….npy";

/// As NumPy's own reader has it: no array of numbers needs more.
const LONGEST_HEADER: u64 = 10_000;

/// The header's text, and where the data begins.
fn header_text(path: &Path, file: &mut File) -> Result<(String, u64)> {
    let problem = |what: &str| Error::Data(Problem::new(path, what.to_owned()).hint(NAME_A_MATRIX));
    let mut magic = [0; 8];
    read_all(path, file, &mut magic, "expected a .npy file")?;
    let [rest @ .., major, minor] = magic;
    if rest != *b"\x93NUMPY" {
        return Err(problem("expected a .npy file"));
    }
    let cut = "the .npy header is cut short";
    let mut length = [0; 4];
    let length_bytes = match (major, minor) {
        (1, 0) => 2,
        (2 | 3, 0) => 4,
        _ => return Err(problem(&format!("expected version 1, 2 or 3 of the .npy format, found {major}.{minor}"))),
    };
    read_all(path, file, length.split_at_mut(length_bytes).0, cut)?;
    let length = u64::from(u32::from_le_bytes(length));
    if length > LONGEST_HEADER {
        return Err(problem(&format!("expected a .npy header of at most {LONGEST_HEADER} bytes, found {length}")));
    }
    let mut text = vec![0; length as usize];
    read_all(path, file, &mut text, cut)?;
    Ok((String::from_utf8_lossy(&text).into_owned(), (magic.len() + length_bytes) as u64 + length))
}

/// Fills `room`, or says that the file is `short`.
fn read_all(path: &Path, file: &mut File, room: &mut [u8], short: &'static str) -> Result<()> {
    file.read_exact(room).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Problem::new(path, short).hint(NAME_A_MATRIX).into(),
        _ => Error::io(path, "read")(error),
    })
}

/// What the dictionary says, or why these are no pairs.
fn parse(text: &str, start: u64) -> Result<PairsArray, String> {
    let Some(Described { descr, order, shape }) = described(text) else {
        return Err(format!("expected a .npy header of descr, fortran_order and shape, found {:?}", brief(text.trim())));
    };
    let dtype = [Dtype::Int64, Dtype::Int32].into_iter().find(|dtype| descr == format!("'{}'", dtype.descr()));
    let Some(dtype) = dtype else {
        return Err(format!("expected elements of '<i8' or '<i4' (int64 or int32), found {}", brief(&descr)));
    };
    if order != "False" {
        return Err(format!("expected rows in C order (fortran_order False), found fortran_order {}", brief(&order)));
    }
    match shape.as_deref() {
        Some([rows, 2]) => Ok(PairsArray { dtype, rows: *rows, start }),
        Some(axes) => Err(format!("expected pairs, an array of shape N x 2, found {}", shown_shape(axes))),
        None => Err("expected a shape of whole numbers in the .npy header".into()),
    }
}

/// The three values of the header, as they stand there.
struct Described {
    descr: String,
    order: String,
    shape: Option<Vec<u64>>,
}

/// NumPy writes the keys in this order, with more or less white space; Python 2 writes its longs with an `L`.
fn described(text: &str) -> Option<Described> {
    let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let (descr, rest) = dense.strip_prefix("{'descr':")?.split_once(",'fortran_order':")?;
    let (order, rest) = rest.split_once(",'shape':(")?;
    let (shape, end) = rest.split_once(')')?;
    let axis = |digits: &str| {
        let digits = digits.strip_suffix('L').unwrap_or(digits);
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    };
    let shape = shape.strip_suffix(',').unwrap_or(shape);
    let shape = if shape.is_empty() { Some(Vec::new()) } else { shape.split(',').map(axis).collect() };
    matches!(end, "}" | ",}").then(|| Described { descr: descr.into(), order: order.into(), shape })
}

fn shown_shape(axes: &[u64]) -> String {
    let axes: Vec<String> = axes.iter().take(8).map(u64::to_string).collect();
    if axes.is_empty() { "a single number".into() } else { format!("shape {}", axes.join(" x ")) }
}

/// Enough of what a stranger's header says.
fn brief(text: &str) -> String {
    const ENOUGH: usize = 60;
    let mut brief: String = text.chars().take(ENOUGH).collect();
    if brief.len() < text.len() {
        brief.push('…');
    }
    brief
}
