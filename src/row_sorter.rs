//! Sorts rows in bounded memory, with temporary files.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// What is sorted.
pub(crate) trait Row: Ord {
    /// The memory that the row takes.
    fn memory(&self) -> usize;

    /// Writes the row to a temporary file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    fn write(&self, file: &mut dyn Write) -> io::Result<()>;

    /// Reads a row that was written. At the end of the file, the error is
    /// [`io::ErrorKind::UnexpectedEof`].
    ///
    /// # Errors
    ///
    /// The file ends or cannot be read.
    fn read(file: &mut dyn Read) -> io::Result<Self>
    where
        Self: Sized;
}

/// A number, such as a hash.
impl Row for u64 {
    fn memory(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, file: &mut dyn Write) -> io::Result<()> {
        file.write_all(&self.to_le_bytes())
    }

    fn read(file: &mut dyn Read) -> io::Result<Self> {
        let mut bytes = [0; 8];
        file.read_exact(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }
}

/// A row of three numbers.
impl Row for [u64; 3] {
    fn memory(&self) -> usize {
        size_of::<Self>()
    }

    fn write(&self, file: &mut dyn Write) -> io::Result<()> {
        self.iter().try_for_each(|number| file.write_all(&number.to_le_bytes()))
    }

    fn read(file: &mut dyn Read) -> io::Result<Self> {
        let mut bytes = [0; 24];
        file.read_exact(&mut bytes)?;
        let mut row = [0; 3];
        for (number, bytes) in row.iter_mut().zip(bytes.as_chunks().0) {
            *number = u64::from_le_bytes(*bytes);
        }
        Ok(row)
    }
}

/// The memory for rows. Further ones go to a temporary file.
const MOST_BYTES: usize = if cfg!(test) { 2400 } else { 48 << 20 };

/// The most temporary files.
const MOST_RUNS: usize = if cfg!(test) { 3 } else { 256 };

const BUFFER: usize = 64 << 10;

/// Rows that are sorted later.
pub(crate) struct RowSorter<R> {
    rows: Vec<R>,
    bytes: usize,
    runs: Vec<File>,
    /// The folder of the temporary files, which have no names.
    scratch: PathBuf,
}

impl<R: Row> RowSorter<R> {
    pub fn new(scratch: &Path) -> Self {
        RowSorter { rows: Vec::new(), bytes: 0, runs: Vec::new(), scratch: scratch.to_path_buf() }
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// A temporary file cannot be written.
    pub fn push(&mut self, row: R) -> Result<()> {
        self.bytes += row.memory();
        self.rows.push(row);
        if self.bytes < MOST_BYTES {
            return Ok(());
        }
        self.rows.sort_unstable();
        let mut rows = std::mem::take(&mut self.rows);
        let run = self.write_run(rows.drain(..).map(Ok))?;
        self.runs.push(run);
        (self.rows, self.bytes) = (rows, 0);
        if self.runs.len() >= MOST_RUNS {
            let mut merged = SortedRows::new(Vec::new(), std::mem::take(&mut self.runs), &self.scratch)?;
            let run = self.write_run(std::iter::from_fn(|| merged.next_row().transpose()))?;
            self.runs.push(run);
        }
        Ok(())
    }

    fn write_run(&self, rows: impl Iterator<Item = Result<R>>) -> Result<File> {
        let fault = |error: io::Error| Error::io(&self.scratch, "write a temporary file in")(error);
        let file = tempfile::tempfile_in(&self.scratch).map_err(Error::io(&self.scratch, "make a temporary file in"))?;
        let mut writer = BufWriter::with_capacity(BUFFER, file);
        for row in rows {
            row?.write(&mut writer).map_err(fault)?;
        }
        writer.into_inner().map_err(|error| fault(error.into_error()))
    }

    /// Returns the rows in rising order.
    ///
    /// # Errors
    ///
    /// A temporary file cannot be read.
    pub fn sorted(self) -> Result<SortedRows<R>> {
        let RowSorter { mut rows, runs, scratch, .. } = self;
        rows.sort_unstable();
        SortedRows::new(rows, runs, &scratch)
    }
}

/// Rows in rising order.
pub(crate) struct SortedRows<R> {
    rows: std::vec::IntoIter<R>,
    runs: Vec<BufReader<File>>,
    /// The next row of each run, and of the rows in memory, whose number is that behind the runs.
    heads: BinaryHeap<Reverse<(R, usize)>>,
    scratch: PathBuf,
}

impl<R: Row> SortedRows<R> {
    fn new(rows: Vec<R>, runs: Vec<File>, scratch: &Path) -> Result<Self> {
        let mut readers = Vec::new();
        for mut run in runs {
            run.rewind().map_err(Error::io(scratch, "read a temporary file in"))?;
            readers.push(BufReader::with_capacity(BUFFER, run));
        }
        let count = readers.len();
        let (rows, heads) = (rows.into_iter(), BinaryHeap::new());
        let mut sorted = SortedRows { rows, runs: readers, heads, scratch: scratch.to_path_buf() };
        (0..=count).try_for_each(|number| sorted.add_head(number))?;
        Ok(sorted)
    }

    /// Adds the next row of a run.
    fn add_head(&mut self, number: usize) -> Result<()> {
        let row = match self.runs.get_mut(number) {
            None => self.rows.next(),
            Some(run) => match R::read(run) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                row => Some(row.map_err(Error::io(&self.scratch, "read a temporary file in"))?),
            },
        };
        self.heads.extend(row.map(|row| Reverse((row, number))));
        Ok(())
    }

    /// Returns the next row.
    ///
    /// # Errors
    ///
    /// A temporary file cannot be read.
    pub fn next_row(&mut self) -> Result<Option<R>> {
        let Some(Reverse((row, number))) = self.heads.pop() else { return Ok(None) };
        self.add_head(number)?;
        Ok(Some(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_in_memory_and_with_files() {
        let folder = tempfile::tempdir().unwrap();
        for count in [0, 1, 99, 100, 101, 1234] {
            let rows: Vec<[u64; 3]> = (0..count).map(|n: u64| [n.wrapping_mul(0x9e37_79b9) % 1000, n % 7, n]).collect();
            let mut sorter = RowSorter::new(folder.path());
            rows.iter().for_each(|row| sorter.push(*row).unwrap());
            assert!(sorter.runs.len() <= MOST_RUNS);
            let mut sorted = sorter.sorted().unwrap();
            let found: Vec<[u64; 3]> = std::iter::from_fn(|| sorted.next_row().unwrap()).collect();
            let mut expected = rows;
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}
