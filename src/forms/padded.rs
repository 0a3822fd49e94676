//! Rows of one width: the first words of each image, and a mask that says which elements are words.

use std::num::NonZeroUsize;
use std::ops::Range;

use super::blocks::{PieceSize, for_each_piece, image_pieces};
use super::content::{MatrixContent, WordBuffer};
use super::form::{Form, FormContext, InputSize, MatrixReport};
use crate::error::{Error, Result};
use crate::files::array_file::ArrayFile;
use crate::files::names::FormFile;
use crate::times::{Work, lap};
use keyword_files::npy::header::Dtype;

/// The name on the command line.
pub(super) const NAME: &str = "padded";

/// The width of the padded rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Padding {
    /// The number of words of a row. Further words of an image are cut off.
    pub to: NonZeroUsize,
    /// The fill value after the last word of an image.
    pub id: i64,
}

impl Padding {
    /// The largest width. Such a row has 8 MB.
    pub const MOST: usize = 1_000_000;

    /// # Errors
    ///
    /// [`Error::Refused`] if the rows are too wide or the fill value does not fit into `dtype`.
    pub(super) fn check(self, dtype: Dtype) -> Result<()> {
        let Padding { to, id } = self;
        if to.get() > Padding::MOST {
            let most = Padding::MOST;
            return Err(Error::Refused(format!("a padded row has at most {most} words; use a smaller --pad-to")));
        }
        if !dtype.fits(id) {
            return Err(Error::Refused(format!(
                "the padding {id} does not fit into int32; choose another --pad-id, or --dtype \
                 int64"
            )));
        }
        Ok(())
    }
}

/// The form.
pub(super) struct Padded(pub Padding);

/// The most ids of a block. A block has at least one row.
const BLOCK_IDS: usize = 1 << 17;

/// Rows of ids and of the mask.
#[derive(Default)]
struct PaddedRows {
    ids: Vec<u8>,
    mask: Vec<u8>,
    /// The number of images with more words than a row has.
    cut: u64,
    work: Work,
}

impl Form for Padded {
    fn likely_size(&self, input: InputSize, dtype: Dtype) -> u64 {
        let row = (dtype.size() + 1).saturating_mul(self.0.to.get() as u64);
        input.images.saturating_mul(row)
    }

    fn write(&self, content: &MatrixContent<'_>, context: FormContext<'_>, report: &mut MatrixReport) -> Result<()> {
        self.warn_of_ambiguous_id(content, context);
        let FormContext { files, dtype, .. } = context;
        let width = self.0.to.get();
        let shape = [content.store.encoded() as u64, width as u64];
        let name = |file| content.names.of(file);
        let mut ids = ArrayFile::create(files, &name(FormFile::Padded), dtype, &shape)?;
        let mask = name(FormFile::PaddedMask);
        let mut mask = ArrayFile::create(files, &mask, Dtype::Uint8, &shape)?;
        let size = PieceSize { words: usize::MAX, most_images: BLOCK_IDS.div_ceil(width) };
        let make = |buffer: &mut WordBuffer, places: &Range<usize>| self.rows(content, context, places.clone(), buffer);
        let mut cut = 0;
        for_each_piece(context, &image_pieces(content.store, size)?, make, |rows| {
            report.times.rows += rows.work;
            cut += rows.cut;
            ids.write_block(rows.ids)?;
            mask.write_block(rows.mask)?;
            Ok(())
        })?;
        if cut > 0 {
            let split = &content.split.name();
            report.notes.push(format!("{split}: padded cuts images with more words than --pad-to {width}: {cut}"));
        }
        report.add(ids.finish()?);
        report.add(mask.finish()?);
        Ok(())
    }
}

impl Padded {
    fn warn_of_ambiguous_id(&self, content: &MatrixContent<'_>, context: FormContext<'_>) {
        let id = self.0.id;
        if u64::try_from(id).is_ok_and(|id| id < content.words.vocabulary_size()) {
            let split = &content.split.name();
            context
                .progress
                .warn(&format!("{split}: --pad-id {id} is also the id of a word, so only the mask distinguishes them"));
        }
    }

    fn rows(
        &self,
        content: &MatrixContent<'_>,
        context: FormContext<'_>,
        places: Range<usize>,
        buffer: &mut WordBuffer,
    ) -> Result<PaddedRows> {
        let mut clock = context.stopwatch.start();
        let mut rows = PaddedRows::default();
        let width = self.0.to.get();
        // One more word than fits shows whether the image has more words.
        content.each_image(places, width.saturating_add(1), buffer, |image| {
            rows.cut += u64::from(image.words.len() > width);
            rows.push(image.words.get(..width).unwrap_or(image.words), self.0, context.dtype);
            Ok(())
        })?;
        rows.work = lap(&mut clock, (rows.ids.len() + rows.mask.len()) as u64);
        Ok(rows)
    }
}

impl PaddedRows {
    fn push(&mut self, words: &[u32], Padding { to, id }: Padding, dtype: Dtype) {
        let room = to.get().saturating_sub(words.len());
        words.iter().for_each(|&word| dtype.push(i64::from(word), &mut self.ids));
        (0..room).for_each(|_| dtype.push(id, &mut self.ids));
        self.mask.extend(std::iter::repeat_n(1, words.len()));
        self.mask.extend(std::iter::repeat_n(0, room));
    }
}
