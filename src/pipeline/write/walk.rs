//! The way over the encoded images that every form takes: on all threads, in order, never far ahead.

use super::Writing;
use super::encoded::Desk;
use crate::error::{Error, Result};
use crate::output::npy::Dtype;
use crate::parallel::in_order;

/// Makes something of each piece on all threads, and hands it on in the order of the pieces.
pub(super) fn walk<P: Sync, B: Send>(
    writing: Writing<'_>,
    pieces: &[P],
    make: impl Fn(&mut Desk, &P) -> Result<B> + Sync,
    mut take: impl FnMut(B) -> Result<()>,
) -> Result<()> {
    let make = |desk: &mut Desk, i: usize| pieces.get(i).map(|piece| make(desk, piece)).transpose();
    in_order(writing.jobs, pieces.len(), Desk::default, make, |made| {
        if writing.progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        made.map_or(Ok(()), &mut take)
    })
}

/// Hands numbers on in blocks of about 1 MiB; `write` gives back an empty block to fill.
pub(super) fn write_numbers(
    numbers: impl IntoIterator<Item = i64>,
    dtype: Dtype,
    mut write: impl FnMut(Vec<u8>) -> Result<Vec<u8>>,
) -> Result<()> {
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
