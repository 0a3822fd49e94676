//! The interface of a form.

use super::content::MatrixContent;
use super::row_counts::RowCounts;
use crate::error::{Error, Result};
use crate::files::output_file::{FileReport, OutputSet};
use crate::files::output_line::Output;
use crate::progress::Progress;
use crate::times::{Stopwatch, Times, Work};
use keyword_files::npy::header::Dtype;

/// A form in which the words of a split are written.
pub(super) trait Form {
    /// A lower bound of the size of the files, as far as it can be estimated before the words are
    /// read.
    fn likely_size(&self, input: InputSize, dtype: Dtype) -> u64;

    /// # Errors
    ///
    /// The form cannot hold the content.
    fn check(&self, _content: &MatrixContent<'_>, _context: FormContext<'_>) -> Result<()> {
        Ok(())
    }

    /// Writes the files of the form and adds them to `report`.
    ///
    /// # Errors
    ///
    /// The form cannot hold an image, a file cannot be written, or the run is cancelled.
    fn write(&self, content: &MatrixContent<'_>, context: FormContext<'_>, report: &mut MatrixReport) -> Result<()>;
}

/// Whether a matrix has all images of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    Whole,
    /// The matrix is a part of a larger one. Only the larger one has ranges.
    Part,
}

/// The size of the input of a split.
#[derive(Debug, Clone, Copy)]
pub(super) struct InputSize {
    pub images: u64,
    pub json_bytes: u64,
}

impl InputSize {
    /// The bytes of all words if each word takes `bytes`. A word comes from at most 32 bytes of
    /// JSON, usually from about 12.
    pub fn of_words(self, bytes: u64) -> u64 {
        self.json_bytes.saturating_mul(bytes) / 32
    }
}

/// The settings of the writing. They are the same for every split of a run.
#[derive(Clone, Copy)]
pub(crate) struct FormContext<'a> {
    pub files: &'a dyn OutputSet,
    /// The type of image and word ids.
    pub dtype: Dtype,
    pub jobs: usize,
    pub progress: &'a dyn Progress,
    pub stopwatch: Stopwatch,
}

/// The result of writing a split.
#[derive(Debug, Default)]
pub(crate) struct MatrixReport {
    pub outputs: Vec<Output>,
    pub counts: RowCounts,
    /// Lines for the summary.
    pub notes: Vec<String>,
    pub times: Times,
}

impl MatrixReport {
    pub(super) fn add(&mut self, file: FileReport) {
        let FileReport { output, thread_time } = file;
        self.times.write += Work { thread_time, bytes: output.bytes };
        self.outputs.push(output);
    }
}

/// # Errors
///
/// [`Error::Refused`] if `dtype` cannot hold `largest`, the largest number of this kind.
pub(crate) fn check_fits(kind: &str, largest: u64, dtype: Dtype) -> Result<()> {
    if i64::try_from(largest).is_ok_and(|largest| dtype.fits(largest)) {
        return Ok(());
    }
    Err(Error::Refused(format!("{kind} go up to {largest}, which does not fit into int32; use --dtype int64")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_above_int32_are_refused() {
        assert!(check_fits("row numbers", (1 << 31) - 1, Dtype::Int32).is_ok());
        let error = check_fits("row numbers", 1 << 31, Dtype::Int32).unwrap_err().to_string();
        let expected = "row numbers go up to 2147483648, which does not fit into int32; use \
                        --dtype int64";
        assert_eq!(error, expected);
        assert!(check_fits("row numbers", 1 << 31, Dtype::Int64).is_ok());
    }
}
