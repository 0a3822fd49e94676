//! Writing: the words of the images in the order of the list, in each form that is asked for, streamed to disk.

mod csr;
mod encoded;
mod padded;
#[cfg(feature = "parquet")]
mod parquet;
mod pieces;
mod ranges;
pub(crate) mod row_block;
mod rows;
mod walk;

use std::time::Duration;

use super::emit::Emit;
use super::times::{Stopwatch, Times, Work};
use crate::error::Result;
use crate::matrix::Layout;
use crate::output::manifest::Output;
use crate::output::output_file::OutputSet;
use crate::progress::Progress;

pub(crate) use encoded::{Encoded, Ids};

/// The names of a split's files.
#[derive(Debug, Clone)]
pub(crate) struct MatrixNames {
    /// The main file, which holds the pairs or the ranges.
    pub main: String,
    /// The file beside it that holds the pairs, where the main file does not.
    pub pairs: String,
}

impl MatrixNames {
    /// The file beside the main file that has this ending in place of `.npy`.
    fn beside(&self, ending: &str) -> String {
        format!("{}{ending}", self.main.strip_suffix(".npy").unwrap_or(&self.main))
    }

    /// Where the pairs go, if anywhere.
    fn pairs(&self, layout: Layout, emit: &Emit) -> Option<String> {
        match layout {
            Layout::Documented => emit.pairs.then(|| self.main.clone()),
            Layout::Script => Some(self.pairs.clone()),
        }
    }

    /// Where the ranges go, if anywhere.
    fn ranges(&self, layout: Layout, emit: &Emit) -> Option<String> {
        match layout {
            Layout::Documented => emit.ranges.then(|| self.beside("_ranges.npy")),
            Layout::Script => Some(self.main.clone()),
        }
    }
}

/// A file that was written, and the time that this took.
type File = (Output, Duration);

/// What was written of a split.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub outputs: Vec<Output>,
    pub images: u64,
    pub images_without_a_word: u64,
    pub rows: u64,
    /// What is worth a line.
    pub notes: Vec<String>,
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

    /// A file is written.
    fn add(&mut self, (output, thread_time): File) {
        self.times.write += Work { thread_time, bytes: output.bytes };
        self.outputs.push(output);
    }
}

/// How a split is written, the same for every split of a run.
#[derive(Clone, Copy)]
pub(crate) struct Writing<'a> {
    pub files: &'a dyn OutputSet,
    pub layout: Layout,
    pub emit: &'a Emit,
    pub jobs: usize,
    pub progress: &'a dyn Progress,
    pub stopwatch: Stopwatch,
}

/// Writes the files of a split.
pub(crate) fn write(encoded: Encoded<'_>, names: &MatrixNames, writing: Writing<'_>) -> Result<Written> {
    let Writing { layout, emit, .. } = writing;
    let mut written = Written::default();
    let (pairs, ranges) = (names.pairs(layout, emit), names.ranges(layout, emit));
    emit.check_fits("word ids", encoded.vocabulary.len() as u64)?;
    if ranges.is_some() {
        emit.check_fits("row numbers", encoded.rows)?;
    }
    let (pairs, ranges) = rows::write(encoded, (pairs.as_deref(), ranges.as_deref()), writing, &mut written)?;
    let main_first = match layout {
        Layout::Documented => [pairs, ranges],
        Layout::Script => [ranges, pairs],
    };
    main_first.into_iter().flatten().for_each(|file| written.add(file));
    if emit.csr {
        csr::write(encoded, names, writing, &mut written)?;
    }
    if let Some(padding) = emit.padded {
        padded::write(encoded, (names, padding), writing, &mut written)?;
    }
    #[cfg(feature = "parquet")]
    if emit.parquet {
        parquet::write(encoded, &names.beside(".parquet"), writing, &mut written)?;
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;

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
