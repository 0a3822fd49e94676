//! Sorted terms with two numbers in a compact file: the list of words of a plan, and the temporary
//! files of a merge.
//!
//! An entry is the number of bytes that the term shares with the term before, the number of its
//! other bytes, these bytes, and its two numbers. Numbers have seven bits per byte, the lowest
//! first. Each task of a cluster reads the whole list of words, so the format is simpler than the
//! columns of Parquet.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::term::{Term, TermSource};
use crate::error::{Error, Problem, Result};

/// Entries are written in blocks of about this many bytes.
const BLOCK: usize = 256 << 10;

/// No term is longer.
const LONGEST_TERM: u64 = 1 << 31;

/// Writes terms to any file.
pub(super) struct TermWriter<W> {
    to: W,
    previous: Vec<u8>,
    block: Vec<u8>,
}

impl<W: Write> TermWriter<W> {
    pub fn new(to: W) -> Self {
        TermWriter { to, previous: Vec::new(), block: Vec::new() }
    }

    /// Adds a term.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn write(&mut self, term: &Term) -> io::Result<()> {
        let shared = self.previous.iter().zip(&term.text).take_while(|(a, b)| a == b).count();
        let rest = term.text.get(shared..).unwrap_or_default();
        push_number(shared as u64, &mut self.block);
        push_number(rest.len() as u64, &mut self.block);
        self.block.extend_from_slice(rest);
        term.numbers.iter().for_each(|&number| push_number(number, &mut self.block));
        self.previous.truncate(shared);
        self.previous.extend_from_slice(rest);
        if self.block.len() >= BLOCK {
            self.to.write_all(&self.block)?;
            self.block.clear();
        }
        Ok(())
    }

    /// The file that is written.
    pub fn file(&mut self) -> &mut W {
        &mut self.to
    }

    /// Writes the remaining entries and returns the file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.to.write_all(&self.block)?;
        Ok(self.to)
    }
}

fn push_number(mut number: u64, block: &mut Vec<u8>) {
    while number >= 0x80 {
        block.push(number as u8 | 0x80);
        number >>= 7;
    }
    block.push(number as u8);
}

/// Reads the terms in their order.
#[derive(Debug)]
pub(super) struct TermFile {
    path: PathBuf,
    file: BufReader<File>,
    text: Vec<u8>,
}

impl TermFile {
    /// Opens the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn open(path: &Path) -> Result<TermFile> {
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        TermFile::of(file, path)
    }

    /// Reads a file from its beginning. Messages call it `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn of(mut file: File, path: &Path) -> Result<TermFile> {
        file.rewind().map_err(Error::io(path, "read"))?;
        Ok(TermFile { path: path.to_path_buf(), file: BufReader::with_capacity(BLOCK, file), text: Vec::new() })
    }

    /// Starts again from the beginning.
    ///
    /// # Errors
    ///
    /// The file cannot be read.
    pub fn rewind(&mut self) -> Result<()> {
        self.text.clear();
        self.file.rewind().map_err(Error::io(&self.path, "read"))
    }

    fn read_entry(&mut self, term: &mut Term) -> io::Result<bool> {
        if self.file.fill_buf()?.is_empty() {
            return Ok(false);
        }
        let (shared, rest) = (self.number()?, self.number()?);
        if shared > self.text.len() as u64 || rest > LONGEST_TERM {
            return Err(io::ErrorKind::InvalidData.into());
        }
        self.text.truncate(shared as usize);
        let added = (&mut self.file).take(rest).read_to_end(&mut self.text)?;
        if added as u64 != rest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        term.text.clear();
        term.text.extend_from_slice(&self.text);
        term.numbers = [self.number()?, self.number()?];
        Ok(true)
    }

    fn number(&mut self) -> io::Result<u64> {
        let (mut number, mut shift) = (0_u64, 0);
        loop {
            let mut byte = [0];
            self.file.read_exact(&mut byte)?;
            let [byte] = byte;
            number |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Ok(number);
            }
            shift += 7;
            if shift > 63 {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }
}

impl TermSource for TermFile {
    fn read(&mut self, term: &mut Term) -> Result<bool> {
        self.read_entry(term).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => {
                Problem::new(&self.path, "is damaged").hint(super::advice::LEARN_AGAIN).into()
            }
            _ => Error::io(&self.path, "read")(error),
        })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_were_written() {
        let text = |text: &str, numbers| Term { text: text.into(), numbers };
        let long = "é".repeat(300_000);
        let terms = [
            text("dog", [1, 2]),
            text("doghouse", [0, u64::MAX]),
            text("dot", [127, 128]),
            text(&long, [3, 1 << 35]),
            text("\u{10000}", [0, 0]),
        ];
        let mut writer = TermWriter::new(tempfile::tempfile().unwrap());
        terms.iter().for_each(|term| writer.write(term).unwrap());
        let mut file = TermFile::of(writer.finish().unwrap(), Path::new("terms")).unwrap();
        for _ in 0..2 {
            let (mut found, mut term) = (Vec::new(), Term::default());
            while file.read(&mut term).unwrap() {
                found.push(term.clone());
            }
            assert!(found == terms);
            file.rewind().unwrap();
        }
    }

    #[test]
    fn a_damaged_file_is_refused() {
        for bytes in [&[0, 5, b'a'][..], &[3, 0, 0, 0], &[0, 1, b'a', 0x80], &[0x80; 12]] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(bytes).unwrap();
            let mut file = TermFile::of(file, Path::new("words.terms")).unwrap();
            let message = file.read(&mut Term::default()).unwrap_err().to_string();
            assert_eq!(message, "words.terms: is damaged; run amc-keywords shards learn again");
        }
    }
}
