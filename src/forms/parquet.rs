//! A Parquet file for data frames: one row per image, with its id, name, words and word ids.

mod table;

use std::ops::Range;

use super::blocks::{ImagePiece, PieceCutter, PieceSize, for_each_piece};
use super::content::{EncodedImage, MatrixContent, WordBuffer};
use super::form::{Form, FormContext, InputSize, MatrixReport};
use crate::error::{Problem, Result};
use crate::files::names::FormFile;
use crate::files::output_file::FileReport;
use crate::times::{Work, lap};
use keyword_files::npy::header::Dtype;
use table::{ImageTable, TableWriter};

/// The name on the command line.
pub(super) const NAME: &str = "parquet";

/// A row group is written once it has this number of images or words.
const GROUP_IMAGES: usize = 1 << 16;
const GROUP_WORDS: usize = 4 << 20;

/// The most words of an image. A list must be handed to its column as a whole, and no real
/// image has nearly as many words.
const MOST_WORDS: usize = 1 << 20;

/// The form.
pub(super) struct Parquet;

impl Form for Parquet {
    fn likely_size(&self, _input: InputSize, _dtype: Dtype) -> u64 {
        0
    }

    fn write(&self, content: &MatrixContent<'_>, context: FormContext<'_>, report: &mut MatrixReport) -> Result<()> {
        let mut table = TableOfParts::create(&content.names.of(FormFile::Parquet), context)?;
        report.times.rows += table.add(content, context)?;
        report.add(table.finish()?);
        Ok(())
    }
}

/// A table that is written part by part. Its bytes do not depend on how the images are divided.
pub(crate) struct TableOfParts {
    file: TableWriter,
    cutter: PieceCutter,
    group: ImageTable,
}

impl TableOfParts {
    /// Starts the output `name`.
    pub fn create(name: &str, context: FormContext<'_>) -> Result<TableOfParts> {
        let file = TableWriter::create(context.files, name, context.dtype)?;
        Ok(TableOfParts { file, cutter: PieceCutter::new(PieceSize::OF_ROWS), group: ImageTable::default() })
    }

    /// Adds the images of a part and returns the time that it took.
    pub fn add(&mut self, content: &MatrixContent<'_>, context: FormContext<'_>) -> Result<Work> {
        let TableOfParts { file, cutter, group } = self;
        if group.ids.is_empty() {
            file.forget_words();
        }
        file.add_words(content.words);
        let make = |buffer: &mut WordBuffer, piece: &ImagePiece| {
            let mut clock = context.stopwatch.start();
            let rows = table_of(content, piece.images.clone(), buffer)?;
            let work = lap(&mut clock, 4 * rows.words.len() as u64);
            Ok((rows, work, piece.is_complete))
        };
        let mut all = Work::default();
        let pieces = cutter.cut(content.store)?;
        for_each_piece(context, &pieces, make, |(rows, work, is_complete): (ImageTable, Work, bool)| {
            all += work;
            group.extend(&rows);
            if is_complete && (group.ids.len() >= GROUP_IMAGES || group.words.len() >= GROUP_WORDS) {
                file.write_group(std::mem::take(group))?;
            }
            Ok(())
        })?;
        Ok(all)
    }

    /// Writes the remaining images and the end of the file.
    pub fn finish(self) -> Result<FileReport> {
        let TableOfParts { mut file, group, .. } = self;
        if !group.ids.is_empty() {
            file.write_group(group)?;
        }
        file.finish()
    }
}

fn table_of(content: &MatrixContent<'_>, places: Range<usize>, buffer: &mut WordBuffer) -> Result<ImageTable> {
    let mut table = ImageTable::default();
    content.each_image(places, MOST_WORDS + 1, buffer, |EncodedImage { place, id, name, words }| {
        let name = content.shown_name(place, name);
        if words.len() > MOST_WORDS {
            let what = format!("more than {MOST_WORDS} words do not fit into a row of Parquet");
            let problem = Problem::new(content.split.path_of(place), what).in_member(name);
            return Err(problem.hint("remove parquet from --emit").into());
        }
        table.ids.push(id as i64);
        table.names.push(&name);
        table.lens.push(words.len());
        table.words.extend_from_slice(words);
        Ok(())
    })?;
    Ok(table)
}
