//! The pairs `[img_id, word_id]`: one row for each word of each image. Rows and images are counted
//! here, also if the pairs are not written.

use std::sync::Mutex;

use super::blocks::{RowPiece, for_each_piece, row_pieces};
use super::content::{ImageId, MatrixContent, WordBuffer};
use super::form::{Form, FormContext, InputSize, MatrixReport};
use super::row_block::RowBlock;
use super::row_counts::{ImageRows, RowTarget};
use crate::dataset::image::Image;
use crate::error::{Problem, Result};
use crate::files::array_file::ArrayFile;
use crate::files::names::FormFile;
use crate::parallel::lock;
use crate::times::{Work, lap};
use keyword_files::npy::header::Dtype;

/// The name on the command line.
pub(super) const NAME: &str = "pairs";

/// The form.
pub(super) struct Pairs {
    /// The file of the pairs. `None` only counts the rows.
    pub file: Option<FormFile>,
}

impl Form for Pairs {
    fn likely_size(&self, input: InputSize, dtype: Dtype) -> u64 {
        self.file.map_or(0, |_| input.of_words(2 * dtype.size()))
    }

    fn write(&self, content: &MatrixContent<'_>, context: FormContext<'_>, report: &mut MatrixReport) -> Result<()> {
        let Some(file) = self.file else {
            return each_block(content, context, report, Vec::new, |_: Vec<ImageRows>| Ok(()));
        };
        let (name, dtype) = (content.names.of(file), context.dtype);
        let mut array = ArrayFile::create(context.files, &name, dtype, &[content.rows, 2])?;
        let spare = Mutex::new(Vec::new());
        let empty = || {
            let mut block: RowBlock = lock(&spare).pop().unwrap_or_default();
            block.dtype = dtype;
            block
        };
        each_block(content, context, report, empty, |block| {
            let empty = array.write_block(block)?;
            lock(&spare).push(empty);
            Ok(())
        })?;
        report.add(array.finish()?);
        Ok(())
    }
}

/// # Errors
///
/// The id of an encoded image does not fit into `dtype`. The error names the first one.
pub(super) fn check_ids(content: &MatrixContent<'_>, dtype: Dtype) -> Result<()> {
    if dtype.fits(Image::LARGEST_ID as i64) {
        return Ok(());
    }
    content.each_id(0..content.store.images(), |ImageId { place, id, name }| {
        if dtype.fits(id as i64) {
            return Ok(());
        }
        let what = format!("the image id {id} does not fit into int32");
        let problem = Problem::new(content.split.path_of(place), what).in_member(content.shown_name(place, name));
        Err(problem.hint("use --dtype int64").into())
    })
}

/// Some rows, or only their numbers.
trait CountedRows: RowTarget + Send {
    fn counts(&self) -> &[ImageRows];

    fn bytes(&self) -> usize;
}

impl CountedRows for RowBlock {
    fn counts(&self) -> &[ImageRows] {
        self.images()
    }

    fn bytes(&self) -> usize {
        self.bytes()
    }
}

impl RowTarget for Vec<ImageRows> {
    fn add(&mut self, image: u64, words: impl Iterator<Item = u32>) {
        self.push(ImageRows { image, rows: words.count() as u32 });
    }
}

impl CountedRows for Vec<ImageRows> {
    fn counts(&self) -> &[ImageRows] {
        self
    }

    fn bytes(&self) -> usize {
        0
    }
}

/// The rows of a piece of the list.
struct PieceRows<R> {
    rows: R,
    /// Whether the piece continues the last image of the piece before it.
    is_continued: bool,
    /// The number of images that begin in the piece, including skipped ones.
    images: u64,
    work: Work,
}

/// Makes the rows block by block, counts them, and hands each block to `take`. `empty` returns an
/// empty block.
fn each_block<R: CountedRows>(
    content: &MatrixContent<'_>,
    context: FormContext<'_>,
    report: &mut MatrixReport,
    empty: impl Fn() -> R + Sync,
    mut take: impl FnMut(R) -> Result<()>,
) -> Result<()> {
    let make = |buffer: &mut WordBuffer, piece: &RowPiece| {
        let mut clock = context.stopwatch.start();
        let mut rows = empty();
        content.add_rows(piece.images.clone(), &piece.words, buffer, &mut rows)?;
        let is_continued = piece.words.start > 0;
        let images = if is_continued { 0 } else { piece.images.len() as u64 };
        let work = lap(&mut clock, rows.bytes() as u64);
        Ok(PieceRows { rows, is_continued, images, work })
    };
    let split = content.split;
    context.progress.begin(&format!("writing {}", split.name()), split.len() as u64);
    for_each_piece(context, &row_pieces(content.store)?, make, |piece| {
        report.times.rows += piece.work;
        for image in piece.rows.counts() {
            report.counts.add(*image, piece.is_continued);
        }
        context.progress.advance(piece.images);
        take(piece.rows)
    })?;
    context.progress.end();
    Ok(())
}
