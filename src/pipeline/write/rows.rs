//! The pairs, and what is counted along with them.

use std::sync::{Mutex, PoisonError};

use super::encoded::{Desk, Encoded};
use super::pieces::{Piece, pieces};
use super::row_block::RowBlock;
use super::walk::walk;
use super::{File, Writing, Written, ranges};
use crate::error::Result;
use crate::matrix::Ranges;
use crate::output::npy::NpyWriter;
use crate::output::stream::Block;
use crate::pipeline::times::{Work, lap};

/// Writes the pairs and the ranges, each if it has a name, and counts images and rows.
pub(super) fn write(
    encoded: Encoded<'_>,
    (pairs, ranges): (Option<&str>, Option<&str>),
    writing: Writing<'_>,
    written: &mut Written,
) -> Result<(Option<File>, Option<File>)> {
    let mut walked = ranges.map(|name| (name, Ranges::default()));
    let mut count = |made: &Made| {
        written.times.rows += made.work;
        for (id, count) in made.rows.counts() {
            written.count(*count, made.continues);
            if let Some((_, ranges)) = &mut walked {
                ranges.push(*id, *count);
            }
        }
    };
    let pairs = match pairs {
        None => {
            let drop_rows = |mut rows: RowBlock| {
                rows.clear();
                Ok(rows)
            };
            make(encoded, writing, &mut count, drop_rows)?;
            None
        }
        Some(name) => {
            let dtype = writing.emit.dtype;
            let mut writer = NpyWriter::create(writing.files, name, dtype, &[encoded.rows, 2])?;
            make(encoded, writing, &mut count, |rows| writer.write_block(rows))?;
            Some(writer.finish()?)
        }
    };
    let ranges = walked.map(|(name, walked)| ranges::write(walked, name, writing)).transpose()?;
    Ok((pairs, ranges))
}

/// Makes the rows and hands each block to `count` and then to `write`, which gives back one to fill.
fn make(
    encoded: Encoded<'_>,
    writing: Writing<'_>,
    count: &mut impl FnMut(&Made),
    mut write: impl FnMut(RowBlock) -> Result<RowBlock>,
) -> Result<()> {
    let Writing { progress, .. } = writing;
    let pieces = pieces(encoded.documents);
    progress.begin(&format!("writing {}", encoded.split.name), encoded.split.images.len() as u64);
    let spent = Mutex::new(Vec::new());
    let make = |desk: &mut Desk, piece: &Piece| {
        let rows = spent.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        rows_of(encoded, piece, (rows, desk, writing))
    };
    walk(writing, &pieces, make, |made| {
        count(&made);
        progress.advance(made.images);
        spent.lock().unwrap_or_else(PoisonError::into_inner).push(write(made.rows)?);
        Ok(())
    })?;
    progress.end();
    Ok(())
}

/// What was made of a piece of the list.
#[derive(Debug)]
struct Made {
    rows: RowBlock,
    /// Whether the one image of the block began in a block before.
    continues: bool,
    images: u64,
    work: Work,
}

/// So many documents are fetched before the first of them is looked at: the processor waits for them together.
const AT_ONCE: usize = 32;

/// `rows` is an empty block.
fn rows_of(
    encoded: Encoded<'_>,
    Piece { images, words }: &Piece,
    (mut rows, desk, writing): (RowBlock, &mut Desk, Writing<'_>),
) -> Result<Made> {
    let mut clock = writing.stopwatch.start();
    rows.dtype = writing.emit.dtype;
    for some in images.clone().step_by(AT_ONCE) {
        let some = some..images.end.min(some + AT_ONCE);
        encoded.documents.gather(some, words, &mut desk.gathered)?;
        for (place, document) in desk.gathered.documents() {
            rows.add(encoded.image_id(place), encoded.ids.kept(document.thread, document.words));
        }
    }
    let continues = words.start > 0;
    let images = if continues { 0 } else { images.len() as u64 };
    let work = lap(&mut clock, rows.bytes() as u64);
    Ok(Made { rows, continues, images, work })
}
