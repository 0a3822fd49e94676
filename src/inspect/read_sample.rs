//! The start of an input, read with certain options.

use std::path::Path;
use std::sync::Arc;

use keyword_files::records::ReadOptions;

use super::candidates::find_candidates;
use super::field_values::FieldTable;
use super::sample::InputSample;
use crate::error::Result;

/// A sample and the options with which it was read.
pub(crate) struct ReadSample {
    pub sample: InputSample,
    pub options: ReadOptions,
}

impl ReadSample {
    pub fn read(path: &Path, options: ReadOptions) -> Result<ReadSample> {
        ReadSample::read_columns(path, options, &[])
    }

    /// Reads only the columns of a table that have these keys.
    pub fn read_columns(path: &Path, options: ReadOptions, keys: &[&str]) -> Result<ReadSample> {
        let sample = InputSample::read(path, &Arc::new(options.clone()), keys)?;
        Ok(ReadSample { sample, options })
    }

    /// The score of the field that most probably holds the keywords, if there is any.
    pub fn score(&self) -> Option<f64> {
        let table = FieldTable::of(self.sample.records.iter().map(|record| &record.tree));
        Some(find_candidates(&table, &self.sample.records).first()?.score)
    }
}
