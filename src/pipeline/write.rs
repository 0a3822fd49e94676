//! Writing: the rows of the images in the order of the list, streamed to disk.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::documents::{EncodedDocuments, Room};
use super::times::{Stopwatch, Times, Work, lap};
use crate::dataset::Image;
use crate::error::{Error, Result};
use crate::matrix::{Layout, ROW_BYTES, Ranges, push_pairs};
use crate::output::manifest::Output;
use crate::output::npy::{Dtype, NpyWriter};
use crate::output::output_file::OutputSet;
use crate::parallel::in_order;
use crate::progress::Progress;
use crate::vocabulary::Learnt;

/// About so many rows make a block: 1 MiB.
const BLOCK_ROWS: usize = (1 << 20) / ROW_BYTES;
const BLOCK_IMAGES: usize = 1 << 14;

/// What the word numbers of the documents mean.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ids<'a> {
    /// They are word ids.
    Known,
    /// They are provisional: these are the word ids for each thread's numbers.
    Learnt(&'a [Vec<u32>]),
}

impl Ids<'_> {
    /// Hands the words on that have an id.
    fn kept(self, thread: usize, words: &[u32]) -> impl Iterator<Item = u32> {
        let ids: Option<&[u32]> = match self {
            Ids::Known => None,
            Ids::Learnt(threads) => Some(threads.get(thread).map_or(&[], Vec::as_slice)),
        };
        words.iter().filter_map(move |&word| match ids {
            None => Some(word),
            Some(ids) => ids.get(word as usize).copied().filter(|&id| id != Learnt::DROPPED),
        })
    }
}

/// The encoded images of a split.
#[derive(Clone, Copy)]
pub(crate) struct Encoded<'a> {
    pub name: &'a str,
    pub images: &'a [Image],
    pub documents: &'a EncodedDocuments,
    pub ids: Ids<'a>,
    /// How many rows there will be.
    pub rows: u64,
}

/// The names of a split's files.
#[derive(Debug, Clone)]
pub(crate) struct MatrixNames {
    /// The main file, which holds the pairs or the ranges.
    pub main: String,
    /// The file beside it that holds the pairs, where the main file does not.
    pub pairs: String,
}

/// What was written of a split.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub outputs: Vec<Output>,
    pub images: u64,
    pub images_without_a_word: u64,
    pub rows: u64,
    pub times: Times,
    /// The rows of the last image so far.
    rows_of_last: u64,
}

impl Written {
    /// An image has so many rows, or so many more.
    fn count(&mut self, rows: u32, continues: bool) {
        let rows = u64::from(rows);
        self.rows += rows;
        let before = if continues { self.rows_of_last } else { 0 };
        self.rows_of_last = before + rows;
        match continues {
            false => {
                self.images += 1;
                self.images_without_a_word += u64::from(rows == 0);
            }
            true => self.images_without_a_word -= u64::from(before == 0 && rows > 0),
        }
    }
}

/// How a split is written, the same for every split of a run.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub layout: Layout,
    pub jobs: usize,
    pub progress: &'a dyn Progress,
    pub stopwatch: Stopwatch,
}

/// Writes the files of a split.
pub(crate) fn write(encoded: Encoded<'_>, names: &MatrixNames, files: &dyn OutputSet, writing: Writing<'_>) -> Result<Written> {
    let Writing { layout, jobs, progress, stopwatch } = writing;
    let pairs_name = match layout {
        Layout::Documented => &names.main,
        Layout::Script => &names.pairs,
    };
    let mut pairs = NpyWriter::create(files, pairs_name, Dtype::Int64, &[encoded.rows, 2])?;
    let mut ranges = (layout == Layout::Script).then(Ranges::default);
    let mut written = Written::default();
    let pieces = pieces(encoded.documents);
    progress.begin(&format!("writing {}", encoded.name), encoded.images.len() as u64);
    let spent = Mutex::new(Vec::new());
    let work = |room: &mut Room, i: usize| {
        let rows = spent.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        block(encoded, pieces.get(i), rows, (room, stopwatch))
    };
    in_order(jobs, pieces.len(), Room::default, work, |block: Block| {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        written.times.rows += block.work;
        let rows = pairs.write_block(block.rows)?;
        spent.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
        for (id, count) in &block.counts {
            written.count(*count, block.continues);
            if let Some(ranges) = &mut ranges {
                ranges.push(*id, *count);
            }
        }
        progress.advance(block.images);
        Ok(())
    })?;
    progress.end();
    let (output, thread_time) = pairs.finish_timed()?;
    written.times.write += Work { thread_time, bytes: output.bytes };
    written.outputs.push(output);
    if let Some(ranges) = ranges {
        written.outputs.insert(0, write_ranges(ranges, &names.main, files)?);
    }
    Ok(written)
}

fn write_ranges(ranges: Ranges, name: &str, files: &dyn OutputSet) -> Result<Output> {
    let rows = ranges.rows()?;
    let mut writer = NpyWriter::create(files, name, Dtype::Int64, &[rows.len() as u64, 2])?;
    let mut block = Vec::with_capacity(BLOCK_ROWS * ROW_BYTES);
    for row in rows {
        block.extend_from_slice(row.map(i64::to_le_bytes).as_flattened());
        if block.len() >= BLOCK_ROWS * ROW_BYTES {
            block = writer.write_block(block)?;
        }
    }
    writer.write_block(block)?;
    writer.finish()
}

/// What a block is made of: some images that stand together in the list and, of each, these of its words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    images: Range<usize>,
    words: Range<usize>,
}

/// Cuts the list into pieces of about equal rows. An image of very many is cut up itself: however many words a hostile keyword file
/// has, a block stays small.
fn pieces(documents: &EncodedDocuments) -> Vec<Piece> {
    let (mut pieces, mut start, mut rows) = (Vec::new(), 0, 0);
    for image in 0..documents.images() {
        let len = documents.len_of(image);
        if len > 2 * BLOCK_ROWS {
            if start < image {
                pieces.push(Piece { images: start..image, words: 0..usize::MAX });
            }
            let cuts = (0..len).step_by(BLOCK_ROWS);
            pieces.extend(cuts.map(|cut| Piece { images: image..image + 1, words: cut..cut + BLOCK_ROWS }));
            (start, rows) = (image + 1, 0);
            continue;
        }
        rows += len;
        if rows >= BLOCK_ROWS || image + 1 - start >= BLOCK_IMAGES || image + 1 == documents.images() {
            pieces.push(Piece { images: start..image + 1, words: 0..usize::MAX });
            (start, rows) = (image + 1, 0);
        }
    }
    pieces
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
fn block(
    encoded: Encoded<'_>,
    piece: Option<&Piece>,
    mut rows: Vec<u8>,
    (room, stopwatch): (&mut Room, Stopwatch),
) -> Result<Block> {
    let mut clock = stopwatch.start();
    let Some(Piece { images, words }) = piece else { return Ok(Block::default()) };
    let count: usize = images.clone().map(|image| encoded.documents.len_of(image).min(words.len())).sum();
    rows.reserve(count * ROW_BYTES);
    let mut block = Block { rows, continues: words.start > 0, ..Block::default() };
    block.images = if block.continues { 0 } else { images.len() as u64 };
    for place in images.clone() {
        let Some(document) = encoded.documents.document(place, words, room)? else { continue };
        let id = encoded.images.get(place).map_or(0, |image| image.id);
        let count = push_pairs(id, encoded.ids.kept(document.thread, document.words), &mut block.rows);
        block.counts.push((id, count));
    }
    block.work = lap(&mut clock, block.rows.len() as u64);
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::documents::Batch;

    #[test]
    fn an_image_of_very_many_words_is_cut_up_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let mut documents = EncodedDocuments::new(5, folder.path());
        let many = 2 * BLOCK_ROWS + 1;
        let documents_of = [(0, 3), (1, many as u32), (2, 5), (3, 2 * BLOCK_ROWS as u32)];
        let words = vec![0; 8 + many + 2 * BLOCK_ROWS];
        documents.add(0, Batch { words, documents: documents_of.to_vec(), ..Batch::default() }).unwrap();
        let piece = |images, words| Piece { images, words };
        let all = 0..usize::MAX;
        let expected = [
            piece(0..1, all.clone()),
            piece(1..2, 0..BLOCK_ROWS),
            piece(1..2, BLOCK_ROWS..2 * BLOCK_ROWS),
            piece(1..2, 2 * BLOCK_ROWS..3 * BLOCK_ROWS),
            piece(2..4, all.clone()),
            piece(4..5, all),
        ];
        assert_eq!(pieces(&documents), expected);
    }

    #[test]
    fn an_image_in_pieces_is_counted_once() {
        let mut written = Written::default();
        for (rows, continues) in
            [(0, false), (0, false), (0, true), (4, true), (3, true), (5, false), (0, true), (0, false), (0, true)]
        {
            written.count(rows, continues);
        }
        assert_eq!((written.images, written.images_without_a_word, written.rows), (4, 2, 12));
    }
}
