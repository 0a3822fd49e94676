//! The forms in which the words of a split are written. Each form has one file with its name, its
//! checks and its writing.

mod blocks;
mod content;
pub(crate) mod csr;
pub(crate) mod emit;
mod form;
pub(crate) mod id_ranges;
pub(crate) mod layout;
pub(crate) mod padded;
mod pairs;
mod parquet;
mod ranges;
pub(crate) mod row_block;
mod row_counts;

use crate::error::Result;

pub(crate) use content::{MatrixContent, MatrixWords, PartWords, WordIds};
use emit::Emit;
pub(crate) use form::{Extent, FormContext, MatrixReport, check_fits};
use id_ranges::Ranges;
use layout::Layout;
pub(crate) use parquet::TableOfParts;

/// Writes a split in all forms of `emit`. The ranges of a part are left in the counts.
///
/// # Errors
///
/// A form cannot hold the content, or a file cannot be written.
pub(crate) fn write_matrix(
    content: &MatrixContent<'_>,
    layout: Layout,
    emit: &Emit,
    extent: Extent,
    context: FormContext<'_>,
) -> Result<MatrixReport> {
    let forms = emit.forms(layout, extent);
    check_fits("word ids", content.words.vocabulary_size(), context.dtype)?;
    forms.iter().try_for_each(|form| form.check(content, context))?;
    let mut report = MatrixReport::default();
    report.counts.ranges = emit.has_ranges(layout).then(Ranges::default);
    forms.iter().try_for_each(|form| form.write(content, context, &mut report))?;
    if layout == Layout::Script
        && extent == Extent::Whole
        && let Some(first) = report.outputs.get_mut(..2)
    {
        // The main file is the first output of a split, but the pairs are written first.
        first.reverse();
    }
    Ok(report)
}
