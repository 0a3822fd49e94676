//! NumPy's `.npy` files, version 1.0, C order, byte for byte what `numpy.save` writes.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Problem, Result};
use crate::output::digest::Digest;
use crate::output::manifest::Output;
use crate::output::output_file::{OutputFile, OutputSet};
use crate::output::stream::{Block, Stream, Streamed};

/// The type of an array's elements; little-endian where that matters.
///
/// ```
/// use amc_keywords::Dtype;
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
    /// Signed, one byte.
    Int8,
    /// Unsigned, one byte.
    Uint8,
}

impl Dtype {
    /// What the header calls it, such as `<i8`.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Dtype::Uint8.descr(), "|u1");
    /// ```
    pub fn descr(self) -> &'static str {
        match self {
            Dtype::Int64 => "<i8",
            Dtype::Int32 => "<i4",
            Dtype::Int8 => "|i1",
            Dtype::Uint8 => "|u1",
        }
    }

    /// The bytes of one element.
    ///
    /// ```
    /// assert_eq!(amc_keywords::Dtype::Int32.size(), 4);
    /// ```
    pub fn size(self) -> u64 {
        match self {
            Dtype::Int64 => 8,
            Dtype::Int32 => 4,
            Dtype::Int8 | Dtype::Uint8 => 1,
        }
    }

    /// Whether `number` can be an element.
    pub(crate) fn fits(self, number: i64) -> bool {
        match self {
            Dtype::Int64 => true,
            Dtype::Int32 => i32::try_from(number).is_ok(),
            Dtype::Int8 => i8::try_from(number).is_ok(),
            Dtype::Uint8 => u8::try_from(number).is_ok(),
        }
    }

    /// Adds an element, which [fits](Self::fits), to the end of `block`.
    pub(crate) fn push(self, number: i64, block: &mut Vec<u8>) {
        let bytes = number.to_le_bytes();
        block.extend_from_slice(bytes.get(..self.size() as usize).unwrap_or_default());
    }
}

/// Everything before the data, as `numpy.save` writes it for an array of `shape` in C order.
///
/// NumPy leaves room for the first axis to grow to 21 digits, so the length (128 for one or two axes) does not depend on it.
pub(crate) fn npy_header(descr: &str, shape: &[u64]) -> Vec<u8> {
    const BEFORE_DICT: usize = 10;
    const ALIGN: usize = 64;
    const GROWN_DIGITS: usize = 21;
    let digits: Vec<String> = shape.iter().map(u64::to_string).collect();
    // Python's way to write a tuple of one.
    let comma = if shape.len() == 1 { "," } else { "" };
    let mut dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({}{comma}), }}", digits.join(", "));
    let room = digits.first().map_or(0, |first| GROWN_DIGITS.saturating_sub(first.len()));
    let newline = 1;
    // NumPy pads what is aligned already by a whole 64 bytes.
    let padding = ALIGN - (BEFORE_DICT + dict.len() + room + newline) % ALIGN;
    dict.extend(std::iter::repeat_n(' ', room + padding));
    dict.push('\n');
    // Never cut: arrays here have one or two axes.
    let length = u16::try_from(dict.len()).unwrap_or(u16::MAX);
    [b"\x93NUMPY\x01\x00".as_slice(), &length.to_le_bytes(), dict.as_bytes()].concat()
}

/// The size of the `.npy` file of an array, if that is a number.
pub(crate) fn npy_size(dtype: Dtype, shape: &[u64]) -> Option<u64> {
    let elements = shape.iter().try_fold(1_u64, |product, axis| product.checked_mul(*axis))?;
    elements.checked_mul(dtype.size())?.checked_add(npy_header(dtype.descr(), shape).len() as u64)
}

/// Writes an array block by block.
#[derive(Debug)]
pub(crate) struct NpyWriter<B = Vec<u8>> {
    dtype: Dtype,
    shape: Vec<u64>,
    stream: Stream<B>,
}

impl<B: Block> NpyWriter<B> {
    /// Begins the output `name`, an array of exactly this shape.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or no thread can be had. What goes wrong in writing comes from [`NpyWriter::write_block`] or
    /// [`NpyWriter::finish`].
    pub(crate) fn create(set: &dyn OutputSet, name: &str, dtype: Dtype, shape: &[u64]) -> Result<Self> {
        let size = npy_size(dtype, shape).unwrap_or(u64::MAX);
        NpyWriter::over(set.create(name, size)?, dtype, shape)
    }

    fn over(file: OutputFile, dtype: Dtype, shape: &[u64]) -> Result<Self> {
        let stream = Stream::over(file, npy_header(dtype.descr(), shape))?;
        Ok(NpyWriter { dtype, shape: shape.to_vec(), stream })
    }

    /// Takes a block of elements in the machine-independent order of the file (little-endian, row after row; a block may end
    /// inside a row) and gives back an empty one to fill. Blocks of about 1 MiB are best.
    ///
    /// # Errors
    ///
    /// An earlier block could not be written.
    pub(crate) fn write_block(&mut self, block: B) -> Result<B> {
        self.stream.write_block(block)
    }

    /// Writes what waits; the file's line of the manifest, and the time that hashing and writing took.
    ///
    /// # Errors
    ///
    /// A block could not be written, or the blocks were more or fewer than the shape has room for.
    pub(crate) fn finish(self) -> Result<(Output, Duration)> {
        let Streamed { file, digest, busy } = self.stream.finish()?;
        if npy_size(self.dtype, &self.shape) != Some(file.written()) {
            let what = format!("{} bytes were written of an array of shape {:?}", file.written(), self.shape);
            return Err(Problem::new(file.path(), what).into());
        }
        let Digest { bytes, sha256 } = digest;
        Ok((Output { name: file.into_name(), shape: Some(self.shape), dtype: Some(self.dtype), bytes, sha256 }, busy))
    }
}

#[cfg(test)]
mod tests;
