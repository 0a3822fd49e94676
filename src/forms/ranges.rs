//! The ranges `[first row, last row]` of each image id in the pairs.

use super::content::MatrixContent;
use super::form::{Form, FormContext, InputSize, MatrixReport, check_fits};
use super::layout::Layout;
use crate::error::{Error, Result};
use crate::files::array_file::ArrayFile;
use crate::files::names::FormFile;
use keyword_files::npy::array::write_numbers;
use keyword_files::npy::header::Dtype;

/// The name on the command line.
pub(super) const NAME: &str = "ranges";

/// The form.
pub(super) struct RangesForm {
    pub file: FormFile,
}

/// # Errors
///
/// The layout contains the ranges anyway.
pub(super) fn check_layout(layout: Layout) -> Result<()> {
    match layout {
        Layout::Documented => Ok(()),
        Layout::Script => {
            Err(Error::Refused("with --layout script the main file contains the ranges; remove ranges from --emit".into()))
        }
    }
}

impl Form for RangesForm {
    fn likely_size(&self, _input: InputSize, _dtype: Dtype) -> u64 {
        0
    }

    fn check(&self, content: &MatrixContent<'_>, context: FormContext<'_>) -> Result<()> {
        check_fits("row numbers", content.rows, context.dtype)
    }

    fn write(&self, content: &MatrixContent<'_>, context: FormContext<'_>, report: &mut MatrixReport) -> Result<()> {
        let (name, dtype) = (content.names.of(self.file), context.dtype);
        let ranges = report.counts.ranges.take().unwrap_or_default();
        let divided = ranges.divided_ids();
        if divided > 0 {
            let what = "their ranges contain only the last ones";
            context.progress.warn(&format!("{name}: ids with rows in several places: {divided}; {what}"));
        }
        let rows = ranges.rows()?;
        let shape = [rows.len() as u64, 2];
        let mut array = ArrayFile::create(context.files, &name, dtype, &shape)?;
        write_numbers(rows.flatten(), dtype, |block| array.write_block(block))?;
        report.add(array.finish()?);
        Ok(())
    }
}
