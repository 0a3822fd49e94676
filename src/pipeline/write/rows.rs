//! The pairs, and what is counted along with them.

use std::sync::{Mutex, PoisonError};

use super::encoded::{Desk, Encoded};
use super::pieces::{Piece, pieces};
use super::walk::walk;
use super::{File, Writing, Written, ranges};
use crate::error::Result;
use crate::matrix::{ROW_BYTES, Ranges, push_pairs, push_pairs_int32};
use crate::output::npy::{Dtype, NpyWriter};
use crate::pipeline::times::{Work, lap};

/// How the rows of an image are made; gives how many there are.
trait Form: Copy + Sync {
    /// Of one row.
    const BYTES: usize;

    fn push(self, id: u64, words: impl Iterator<Item = u32>, rows: &mut Vec<u8>) -> u32;
}

/// Two int64 a row.
#[derive(Clone, Copy)]
struct Int64;

impl Form for Int64 {
    const BYTES: usize = ROW_BYTES;

    fn push(self, id: u64, words: impl Iterator<Item = u32>, rows: &mut Vec<u8>) -> u32 {
        push_pairs(id, words, rows)
    }
}

/// Two int32 a row.
#[derive(Clone, Copy)]
struct Int32;

impl Form for Int32 {
    const BYTES: usize = ROW_BYTES / 2;

    fn push(self, id: u64, words: impl Iterator<Item = u32>, rows: &mut Vec<u8>) -> u32 {
        push_pairs_int32(id, words, rows)
    }
}

/// Rows that are counted, and not made.
#[derive(Clone, Copy)]
struct Counted;

impl Form for Counted {
    const BYTES: usize = 0;

    fn push(self, _id: u64, words: impl Iterator<Item = u32>, _rows: &mut Vec<u8>) -> u32 {
        words.count() as u32
    }
}

/// Writes the pairs and the ranges, each if it has a name, and counts images and rows.
pub(super) fn write(
    encoded: Encoded<'_>,
    (pairs, ranges): (Option<&str>, Option<&str>),
    writing: Writing<'_>,
    written: &mut Written,
) -> Result<(Option<File>, Option<File>)> {
    let mut walked = ranges.map(|name| (name, Ranges::default()));
    let mut count = |block: &Block| {
        written.times.rows += block.work;
        for (id, count) in &block.counts {
            written.count(*count, block.continues);
            if let Some((_, ranges)) = &mut walked {
                ranges.push(*id, *count);
            }
        }
    };
    let pairs = match pairs {
        None => {
            make(encoded, Counted, writing, &mut count, Ok)?;
            None
        }
        Some(name) => {
            let dtype = writing.emit.dtype;
            let mut writer = NpyWriter::create(writing.files, name, dtype, &[encoded.rows, 2])?;
            let write = |rows| writer.write_block(rows);
            match dtype {
                Dtype::Int32 => make(encoded, Int32, writing, &mut count, write)?,
                _ => make(encoded, Int64, writing, &mut count, write)?,
            }
            Some(writer.finish()?)
        }
    };
    let ranges = walked.map(|(name, walked)| ranges::write(walked, name, writing)).transpose()?;
    Ok((pairs, ranges))
}

/// Makes the rows, hands each block to `count` and its bytes to `write`, which gives back an empty block to fill.
fn make(
    encoded: Encoded<'_>,
    form: impl Form,
    writing: Writing<'_>,
    count: &mut impl FnMut(&Block),
    mut write: impl FnMut(Vec<u8>) -> Result<Vec<u8>>,
) -> Result<()> {
    let Writing { progress, .. } = writing;
    let pieces = pieces(encoded.documents);
    progress.begin(&format!("writing {}", encoded.split.name), encoded.split.images.len() as u64);
    let spent = Mutex::new(Vec::new());
    let make = |desk: &mut Desk, piece: &Piece| {
        let rows = spent.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        block(encoded, form, piece, (rows, desk, writing))
    };
    walk(writing, &pieces, make, |mut block| {
        let rows = write(std::mem::take(&mut block.rows))?;
        spent.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
        count(&block);
        progress.advance(block.images);
        Ok(())
    })?;
    progress.end();
    Ok(())
}

/// The rows of some images that stand together in the list.
#[derive(Debug, Default)]
struct Block {
    rows: Vec<u8>,
    /// The id and the number of rows of each image that was read.
    counts: Vec<(u64, u32)>,
    /// Whether the one image of the block began in a block before.
    continues: bool,
    images: u64,
    work: Work,
}

/// `rows` is room to be used again.
fn block<F: Form>(
    encoded: Encoded<'_>,
    form: F,
    Piece { images, words }: &Piece,
    (mut rows, desk, writing): (Vec<u8>, &mut Desk, Writing<'_>),
) -> Result<Block> {
    let mut clock = writing.stopwatch.start();
    let count: usize = images.clone().map(|image| encoded.documents.len_of(image).min(words.len())).sum();
    rows.reserve(count * F::BYTES);
    let mut block = Block { rows, continues: words.start > 0, ..Block::default() };
    block.images = if block.continues { 0 } else { images.len() as u64 };
    for place in images.clone() {
        let Some(document) = encoded.documents.document(place, words, &mut desk.room)? else { continue };
        let id = encoded.image_id(place);
        let count = form.push(id, encoded.ids.kept(document.thread, document.words), &mut block.rows);
        block.counts.push((id, count));
    }
    block.work = lap(&mut clock, block.rows.len() as u64);
    Ok(block)
}
