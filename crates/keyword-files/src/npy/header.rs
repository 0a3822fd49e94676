//! The header of a `.npy` file: written byte for byte as `numpy.save` does, and read without
//! trusting it.

use std::io::{self, ErrorKind, Read};

use serde::{Deserialize, Serialize};

/// The type of an array's elements, little-endian.
///
/// ```
/// use keyword_files::npy::header::Dtype;
///
/// assert_eq!((Dtype::Int64.descr(), Dtype::Int64.size()), ("<i8", 8));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    /// Signed, eight bytes.
    #[default]
    Int64,
    /// Signed, four bytes.
    Int32,
    /// Unsigned, one byte.
    Uint8,
}

impl Dtype {
    /// The name of the type in the header, such as `<i8`.
    ///
    /// ```
    /// assert_eq!(keyword_files::npy::header::Dtype::Uint8.descr(), "|u1");
    /// ```
    pub fn descr(self) -> &'static str {
        match self {
            Dtype::Int64 => "<i8",
            Dtype::Int32 => "<i4",
            Dtype::Uint8 => "|u1",
        }
    }

    /// The number of bytes of one element.
    ///
    /// ```
    /// assert_eq!(keyword_files::npy::header::Dtype::Int32.size(), 4);
    /// ```
    pub fn size(self) -> u64 {
        match self {
            Dtype::Int64 => 8,
            Dtype::Int32 => 4,
            Dtype::Uint8 => 1,
        }
    }

    /// Whether an element can hold `number`.
    pub fn fits(self, number: i64) -> bool {
        match self {
            Dtype::Int64 => true,
            Dtype::Int32 => i32::try_from(number).is_ok(),
            Dtype::Uint8 => u8::try_from(number).is_ok(),
        }
    }

    /// Appends `number`, which must [fit](Self::fits), to `block`.
    pub fn push(self, number: i64, block: &mut Vec<u8>) {
        let bytes = number.to_le_bytes();
        block.extend_from_slice(bytes.get(..self.size() as usize).unwrap_or_default());
    }
}

/// The first bytes of every `.npy` file.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// All bytes before the elements, as `numpy.save` writes them for a C-order array of `shape`.
///
/// NumPy reserves 21 digits for the first axis. So the length does not depend on that axis. It is
/// 128 for arrays of one or two axes.
pub fn npy_header(descr: &str, shape: &[u64]) -> Vec<u8> {
    const BEFORE_DICT: usize = 10;
    const ALIGN: usize = 64;
    const GROWN_DIGITS: usize = 21;
    let digits: Vec<String> = shape.iter().map(u64::to_string).collect();
    // Python writes a tuple of one element with a comma.
    let comma = if shape.len() == 1 { "," } else { "" };
    let shape = digits.join(", ");
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}{comma}), }}");
    let room = digits.first().map_or(0, |first| GROWN_DIGITS.saturating_sub(first.len()));
    let newline = 1;
    // NumPy pads an aligned header by 64 more bytes.
    let padding = ALIGN - (BEFORE_DICT + dict.len() + room + newline) % ALIGN;
    dict.extend(std::iter::repeat_n(' ', room + padding));
    dict.push('\n');
    // Arrays of this crate have at most two axes, so the length always fits.
    let length = u16::try_from(dict.len()).unwrap_or(u16::MAX);
    [MAGIC.as_slice(), &[1, 0], &length.to_le_bytes(), dict.as_bytes()].concat()
}

/// The size of the `.npy` file of an array, or `None` if it exceeds `u64`.
pub fn npy_size(dtype: Dtype, shape: &[u64]) -> Option<u64> {
    let elements = shape.iter().try_fold(1_u64, |product, axis| product.checked_mul(*axis))?;
    let header = npy_header(dtype.descr(), shape).len() as u64;
    elements.checked_mul(dtype.size())?.checked_add(header)
}

/// A header as a file states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NpyHeader {
    /// The type of the elements as a Python expression, such as `'<i8'`.
    pub descr: String,
    /// `False` or `True`, unless the file is damaged.
    pub fortran_order: String,
    /// `None` if an axis is not a whole number.
    pub shape: Option<Vec<u64>>,
    /// The number of bytes before the elements.
    pub length: u64,
}

/// The reason why a header could not be read.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The file does not begin with [`MAGIC`].
    #[error("expected a .npy file")]
    NotNpy,
    /// The file ends inside the header.
    #[error("the .npy header is cut short")]
    CutShort,
    /// The version of the format is unknown.
    #[error("expected version 1, 2 or 3 of the .npy format, found {0}.{1}")]
    Version(u8, u8),
    /// The header is longer than NumPy reads.
    #[error("expected a .npy header of at most {LONGEST_HEADER} bytes, found {0}")]
    TooLong(u64),
    /// The text of the header is not a dict of the three keys.
    #[error("expected a .npy header of descr, fortran_order and shape, found {0:?}")]
    Malformed(String),
    /// The file cannot be read.
    #[error(transparent)]
    Io(io::Error),
}

/// The limit of NumPy's own reader. No array of numbers needs more.
const LONGEST_HEADER: u64 = 10_000;

impl NpyHeader {
    /// Reads the header at the start of `file`.
    ///
    /// # Errors
    ///
    /// Those that [`HeaderError`] lists.
    pub fn read(file: &mut impl Read) -> Result<NpyHeader, HeaderError> {
        let mut start = [0; 8];
        fill(file, &mut start, HeaderError::NotNpy)?;
        let [magic @ .., major, minor] = start;
        if magic != *MAGIC {
            return Err(HeaderError::NotNpy);
        }
        let length_bytes = match (major, minor) {
            (1, 0) => 2,
            (2 | 3, 0) => 4,
            _ => return Err(HeaderError::Version(major, minor)),
        };
        let mut length = [0; 4];
        fill(file, length.split_at_mut(length_bytes).0, HeaderError::CutShort)?;
        let length = u64::from(u32::from_le_bytes(length));
        if length > LONGEST_HEADER {
            return Err(HeaderError::TooLong(length));
        }
        let mut text = vec![0; length as usize];
        fill(file, &mut text, HeaderError::CutShort)?;
        let text = String::from_utf8_lossy(&text);
        let header = NpyHeader::parse(&text, (start.len() + length_bytes) as u64 + length);
        header.ok_or_else(|| HeaderError::Malformed(brief(text.trim())))
    }

    /// NumPy writes the keys in this order, with varying white space. Python 2 writes axes with the
    /// suffix `L`.
    fn parse(text: &str, length: u64) -> Option<NpyHeader> {
        let dense: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let (descr, rest) = dense.strip_prefix("{'descr':")?.split_once(",'fortran_order':")?;
        let (order, rest) = rest.split_once(",'shape':(")?;
        let (shape, end) = rest.split_once(')')?;
        let axis = |digits: &str| {
            let digits = digits.strip_suffix('L').unwrap_or(digits);
            digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
        };
        let shape = shape.strip_suffix(',').unwrap_or(shape);
        let shape = match shape {
            "" => Some(Vec::new()),
            shape => shape.split(',').map(axis).collect(),
        };
        matches!(end, "}" | ",}").then(|| NpyHeader { descr: descr.into(), fortran_order: order.into(), shape, length })
    }
}

/// Fills `buffer`, or returns `short` if the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8], short: HeaderError) -> Result<(), HeaderError> {
    file.read_exact(buffer).map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => short,
        _ => HeaderError::Io(error),
    })
}

/// The first 60 characters of a text, for a message.
pub fn brief(text: &str) -> String {
    const LONGEST: usize = 60;
    let mut brief: String = text.chars().take(LONGEST).collect();
    if brief.len() < text.len() {
        brief.push('…');
    }
    brief
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;

    #[test]
    fn headers_equal_those_of_numpy_byte_for_byte_and_are_read_back() {
        let golden = include_str!("../../../../tests/golden/npy_headers.tsv");
        let mut lengths = [0; 4];
        for line in golden.lines().skip(1) {
            let [descr, shape, hex] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let axes = shape.split(',').filter(|axis| !axis.is_empty());
            let shape: Vec<u64> = axes.map(|axis| axis.parse().unwrap()).collect();
            let header = npy_header(descr, &shape);
            let digits: String = header.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digits, hex, "{descr} {shape:?}");
            let is_usual = (1..=2).contains(&shape.len());
            assert!(is_usual <= (header.len() == 128), "{descr} {shape:?}");
            lengths[header.len() / 64 - 1] += 1;
            let expected = NpyHeader {
                descr: format!("'{descr}'"),
                fortran_order: "False".into(),
                shape: Some(shape),
                length: header.len() as u64,
            };
            assert_eq!(NpyHeader::read(&mut header.as_slice()).unwrap(), expected);
        }
        assert_eq!(lengths, [0, 171, 52, 0], "headers of 64, 128, 192 and 256 bytes");
    }

    #[test]
    fn a_size_above_u64_is_none() {
        assert_eq!(npy_size(Dtype::Int64, &[1000, 2]), Some(16_128));
        assert_eq!(npy_size(Dtype::Uint8, &[0, 32]), Some(128));
        assert_eq!(npy_size(Dtype::Int64, &[u64::MAX, 2]), None);
        assert_eq!(npy_size(Dtype::Int64, &[u64::MAX / 8]), None);
    }
}
