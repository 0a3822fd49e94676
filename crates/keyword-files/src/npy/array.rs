//! Writes one array: its header, then its elements block by block.

use std::io;

use super::hashing_writer::{Block, HashingWriter, Sink};
use super::header::{Dtype, npy_header};

/// Starts an array of exactly this shape. Blocks hold its elements in C order, little-endian. A
/// block may end inside a row.
///
/// # Errors
///
/// The system provides no thread.
pub fn begin_array<S: Sink, B: Block>(sink: S, dtype: Dtype, shape: &[u64]) -> io::Result<HashingWriter<S, B>> {
    HashingWriter::new(sink, npy_header(dtype.descr(), shape))
}

/// Hands numbers to `write` in blocks of about 1 MiB. `write` returns an empty block to fill.
///
/// # Errors
///
/// The error that `write` returns.
pub fn write_numbers<E>(
    numbers: impl IntoIterator<Item = i64>,
    dtype: Dtype,
    mut write: impl FnMut(Vec<u8>) -> Result<Vec<u8>, E>,
) -> Result<(), E> {
    const FULL: usize = 1 << 20;
    let mut block = Vec::new();
    for number in numbers {
        dtype.push(number, &mut block);
        if block.len() >= FULL {
            block = write(block)?;
        }
    }
    write(block).map(|_| ())
}
