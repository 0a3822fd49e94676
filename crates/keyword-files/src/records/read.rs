//! Reading a file of records: the reader of each format.

use super::batch::{Cutter, Take};
use super::file::{Format, RecordFile};
use super::json_head::JsonHead;
use super::opening::{Packing, Peeked};
use super::options::InputFormat;
use super::{coco, csv, json, lines, parquet, tar};
use crate::archive::Limits;
use crate::error::Result;

impl RecordFile {
    /// Reads the records and returns how many lines, rows or elements there are, or 0 for members.
    ///
    /// `keys` are the top-level keys that are read, first the one that leads to the keywords. None
    /// means all.
    ///
    /// # Errors
    ///
    /// The file cannot be read to its end, or is damaged in a way that leaves the rest unknown. A
    /// problem with one record is part of that record.
    pub fn read(&self, limits: Limits, keys: &[&str], take: &mut Take<'_>) -> Result<u64> {
        let mut cutter = Cutter::new(take);
        let rows = match self.format() {
            Format::Tar => tar::read(self, limits, &mut cutter).map(|_| 0)?,
            Format::Lines => lines::read(self, limits, keys, &mut cutter)?,
            Format::Json => json::read(self, limits, keys, &mut cutter)?,
            Format::Coco => coco::read(self, limits, &mut cutter)?,
            Format::Csv | Format::Tsv => csv::read(self, limits, keys, &mut cutter)?,
            Format::Parquet => parquet::read(self, limits, keys, &mut cutter)?,
        };
        cutter.finish();
        Ok(rows)
    }

    /// The paths of the lists of records in a JSON file, as far as its beginning shows them.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn record_lists(&self) -> Result<Vec<String>> {
        let mut bytes = Peeked::new(self.open_text()?);
        Ok(JsonHead::of(bytes.peek(json::HEAD)).lists)
    }

    /// Whether a JSON file is the record of one image. `keys` are those of [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn is_one_record(&self, keys: &[&str]) -> Result<bool> {
        let options = self.options();
        let may_be_one = self.format() == Format::Json && options.format == InputFormat::Auto && options.records.is_none();
        if !may_be_one || self.stream_digest().is_some() {
            return Ok(false);
        }
        let mut bytes = Peeked::new(self.open_text()?);
        Ok(json::is_one_record(&JsonHead::of(bytes.peek(json::HEAD)), keys))
    }

    /// The number of records, if the file says so. Only Parquet does.
    pub fn claimed_records(&self) -> Option<u64> {
        if self.format() == Format::Parquet && self.packing() == Packing::None {
            return parquet::claimed_rows(self.path());
        }
        None
    }
}
