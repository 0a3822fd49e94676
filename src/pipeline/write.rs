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
    let blocks = blocks(encoded.documents);
    progress.begin(&format!("writing {}", encoded.name), encoded.images.len() as u64);
    let spent = Mutex::new(Vec::new());
    let work = |room: &mut Room, i: usize| {
        let rows = spent.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        block(encoded, blocks.get(i), rows, (room, stopwatch))
    };
    in_order(jobs, blocks.len(), Room::default, work, |block: Block| {
        if progress.is_cancelled() {
            return Err(Error::Interrupted);
        }
        written.times.rows += block.work;
        let rows = pairs.write_block(block.rows)?;
        spent.lock().unwrap_or_else(PoisonError::into_inner).push(rows);
        for (id, count) in &block.counts {
            written.images += 1;
            written.images_without_a_word += u64::from(*count == 0);
            written.rows += u64::from(*count);
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

/// Cuts the list into pieces of about equal rows.
fn blocks(documents: &EncodedDocuments) -> Vec<Range<usize>> {
    let (mut blocks, mut start, mut rows) = (Vec::new(), 0, 0);
    for image in 0..documents.images() {
        rows += documents.len_of(image);
        if rows >= BLOCK_ROWS || image + 1 - start >= BLOCK_IMAGES || image + 1 == documents.images() {
            blocks.push(start..image + 1);
            (start, rows) = (image + 1, 0);
        }
    }
    blocks
}

/// The rows of some images that stand together in the list.
#[derive(Debug, Default)]
struct Block {
    rows: Vec<u8>,
    /// The id and the number of rows of each image that was read.
    counts: Vec<(u64, u32)>,
    images: u64,
    work: Work,
}

/// `rows` is room to be used again.
fn block(
    encoded: Encoded<'_>,
    range: Option<&Range<usize>>,
    mut rows: Vec<u8>,
    (room, stopwatch): (&mut Room, Stopwatch),
) -> Result<Block> {
    let mut clock = stopwatch.start();
    let range = range.cloned().unwrap_or_default();
    let words: usize = range.clone().map(|image| encoded.documents.len_of(image)).sum();
    rows.reserve(words * ROW_BYTES);
    let mut block = Block { rows, images: range.len() as u64, ..Block::default() };
    for place in range {
        let Some(document) = encoded.documents.document(place, room)? else { continue };
        let id = encoded.images.get(place).map_or(0, |image| image.id);
        let count = push_pairs(id, encoded.ids.kept(document.thread, document.words), &mut block.rows);
        block.counts.push((id, count));
    }
    block.work = lap(&mut clock, block.rows.len() as u64);
    Ok(block)
}
