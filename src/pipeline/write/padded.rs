//! The first words of each image in rows of one width, and which of them are words.

use super::encoded::{Desk, Encoded};
use super::pieces::whole_images;
use super::walk::walk;
use super::{MatrixNames, Writing, Written};
use crate::error::Result;
use crate::output::npy::{Dtype, NpyWriter};
use crate::pipeline::emit::Padding;
use crate::pipeline::times::{Work, lap};

/// A block has about so many ids, and one row at least.
const BLOCK_IDS: usize = 1 << 17;

/// Rows of ids, and of the mask.
struct Block {
    ids: Vec<u8>,
    mask: Vec<u8>,
    /// Images that have more words.
    cut: u64,
    work: Work,
}

/// Writes the ids and the mask.
pub(super) fn write(
    encoded: Encoded<'_>,
    (names, padding): (&MatrixNames, Padding),
    writing: Writing<'_>,
    written: &mut Written,
) -> Result<()> {
    if usize::try_from(padding.id).is_ok_and(|id| id < encoded.vocabulary.len()) {
        let split = &encoded.split.name;
        writing
            .progress
            .warn(&format!("{split}: --pad-id {} is the id of a word too: only the mask tells them apart", padding.id));
    }
    let width = padding.to.get();
    let shape = [encoded.places().count() as u64, width as u64];
    let mut ids = NpyWriter::create(writing.files, &names.beside("_padded.npy"), writing.emit.dtype, &shape)?;
    let mut mask = NpyWriter::create(writing.files, &names.beside("_padded_mask.npy"), Dtype::Uint8, &shape)?;
    let pieces = whole_images(encoded.documents, usize::MAX, BLOCK_IDS.div_ceil(width));
    let make = |desk: &mut Desk, places: &std::ops::Range<usize>| {
        let mut clock = writing.stopwatch.start();
        let mut block = Block { ids: Vec::new(), mask: Vec::new(), cut: 0, work: Work::default() };
        for place in places.clone() {
            // One word more tells whether there is any.
            if let Some(words) = encoded.words_of(place, width.saturating_add(1), desk)? {
                block.cut += u64::from(words.len() > width);
                push_row(words.get(..width).unwrap_or(words), padding, writing.emit.dtype, &mut block);
            }
        }
        block.work = lap(&mut clock, (block.ids.len() + block.mask.len()) as u64);
        Ok(block)
    };
    let mut cut = 0;
    walk(writing, &pieces, make, |block| {
        written.times.rows += block.work;
        cut += block.cut;
        ids.write_block(block.ids)?;
        mask.write_block(block.mask)?;
        Ok(())
    })?;
    if cut > 0 {
        let split = &encoded.split.name;
        written.notes.push(format!("{split}: images with more than {width} words, of which padded has the first {width}: {cut}"));
    }
    written.add(ids.finish()?);
    written.add(mask.finish()?);
    Ok(())
}

fn push_row(words: &[u32], Padding { to, id }: Padding, dtype: Dtype, block: &mut Block) {
    let room = to.get().saturating_sub(words.len());
    words.iter().for_each(|&word| dtype.push(i64::from(word), &mut block.ids));
    (0..room).for_each(|_| dtype.push(id, &mut block.ids));
    block.mask.extend(std::iter::repeat_n(1, words.len()));
    block.mask.extend(std::iter::repeat_n(0, room));
}
