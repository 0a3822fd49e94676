//! A file of many images' keywords that is read from its beginning to its end: a tar, JSON objects one a line, a table.
//!
//! One thread reads it and cuts it into batches of [`Records`]; each record is the JSON text of one image.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::archive::Limits;
use crate::error::{Error, Problem, Result};

mod lines;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_footer;
mod ratio;
mod records;
mod tar;

use ratio::{Counted, Unpacked};
use records::Cutter;
pub use records::{Record, Records};

/// What a file of records is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A tar of keyword files.
    Tar,
    /// JSON objects, one a line.
    Lines,
    /// A table, an image a row.
    Parquet,
}

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Packing {
    /// The file's unpacked bytes.
    pub fn open(self, path: &Path) -> Result<Box<dyn Read + Send>> {
        const BUFFER: usize = 128 << 10;
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        let packed = Counted::new(file);
        let count = packed.count();
        Ok(match self {
            Packing::None => Box::new(packed),
            Packing::Gzip => {
                let decoder = flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BUFFER, packed));
                Box::new(Unpacked::new(decoder, count))
            }
            Packing::Zstd => {
                // Without being told otherwise it refuses a window of more than 128 MiB.
                let decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(BUFFER, packed));
                Box::new(Unpacked::new(decoder.map_err(Error::io(path, "read"))?, count))
            }
        })
    }
}

/// Gets the records of a file batch by batch; `false` says that no more are wanted.
pub type Take<'t> = dyn FnMut(Records) -> bool + 't;

/// A file of records.
#[derive(Debug)]
pub struct RecordFile {
    path: PathBuf,
    format: Format,
    packing: Packing,
}

impl RecordFile {
    pub fn new(path: &Path, format: Format, packing: Packing) -> Self {
        RecordFile { path: path.to_path_buf(), format, packing }
    }

    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether records are keyword files with names; the images are then in the order of these names.
    pub fn has_members(&self) -> bool {
        self.format == Format::Tar
    }

    /// Reads the records with the top-level `keys` alone, where only some can be read, and says how many lines or rows there are.
    ///
    /// # Errors
    ///
    /// The file cannot be read to its end, or is damaged in a way that leaves what follows unknown. What is wrong with one record
    /// stands in that record.
    pub fn read(&self, limits: Limits, keys: &[&str], take: &mut Take<'_>) -> Result<u64> {
        let mut cutter = Cutter::new(take);
        let rows = match self.format {
            Format::Tar => tar::read(self, limits, &mut cutter).map(|()| 0)?,
            Format::Lines => lines::read(self, limits, &mut cutter)?,
            Format::Parquet => self.read_table(limits, keys, &mut cutter)?,
        };
        cutter.finish();
        Ok(rows)
    }

    #[cfg(feature = "parquet")]
    fn read_table(&self, limits: Limits, keys: &[&str], cutter: &mut Cutter<'_, '_>) -> Result<u64> {
        parquet::read(self, limits, keys, cutter)
    }

    #[cfg(not(feature = "parquet"))]
    fn read_table(&self, _: Limits, _: &[&str], _: &mut Cutter<'_, '_>) -> Result<u64> {
        let problem = Problem::new(&self.path, "is a parquet file, which this build does not read");
        Err(problem.hint("build it with the feature parquet, or save it as JSON, one object a line, named .jsonl").into())
    }

    /// A problem with a record. `place` is the place in its text.
    pub fn problem(&self, record: &Record<'_>, what: impl Into<Cow<'static, str>>, place: Option<&str>) -> Problem {
        let problem = Problem::new(&self.path, what);
        match record.member {
            Some(name) => match place {
                Some(place) => problem.in_member(name).at(place),
                None => problem.in_member(name),
            },
            None => problem.at(self.place(record.number, place)),
        }
    }

    /// Which line or row a record is; members have names instead.
    pub fn line_or_row(&self, number: u64) -> Option<String> {
        (!self.has_members()).then(|| self.place(number, None))
    }

    /// Where a line or a row is. A line is a text of its own; a row is none, whatever it is made into.
    fn place(&self, number: u64, place: Option<&str>) -> String {
        if self.format == Format::Parquet {
            return format!("row {number}");
        }
        let row = format!("line {}", number + 1);
        match place {
            Some(place) => format!("{row} {}", place.strip_prefix("line 1 ").unwrap_or(place)),
            None => row,
        }
    }

    /// What it means that the file cannot be read on behind `place`.
    #[cold]
    fn broken(&self, error: &io::Error, place: String) -> Error {
        let said = error.to_string();
        if said == ratio::TOO_MUCH {
            return Problem::new(&self.path, said).at(place).hint("unpack it first if it is sound").into();
        }
        let is_short = error.kind() == io::ErrorKind::UnexpectedEof || said.contains("EOF") || said.contains("entire block");
        let packed = match self.packing {
            Packing::None => "the file",
            Packing::Gzip => "the gzip stream",
            Packing::Zstd => "the zstd stream",
        };
        let what = match is_short || said == "incomplete frame" {
            true => format!("cut short: {packed} ends in the middle"),
            false => format!("cannot be read on: {said}"),
        };
        Problem::new(&self.path, what).at(place).hint("copy or download it again").into()
    }
}
