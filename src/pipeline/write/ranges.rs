//! The ranges of the rows.

use super::walk::write_numbers;
use super::{File, Writing};
use crate::error::Result;
use crate::matrix::Ranges;
use crate::output::npy::NpyWriter;

/// Writes the ranges as `name`.
pub(super) fn write(ranges: Ranges, name: &str, writing: Writing<'_>) -> Result<File> {
    let dtype = writing.emit.dtype;
    let rows = ranges.rows()?;
    let mut writer = NpyWriter::create(writing.files, name, dtype, &[rows.len() as u64, 2])?;
    write_numbers(rows.flatten(), dtype, |block| writer.write_block(block))?;
    writer.finish()
}
