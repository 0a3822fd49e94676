//! A tar of keyword files. Everything else in it is passed over: pictures, folders, links, devices, and names with `..`.
//!
//! Entries are taken as they stand in the file, since the long names that belong to them would else be read whole, however long
//! they claim to be.

use std::io::{self, BufReader, Read};

use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::records::Cutter;
use super::{Error, Limits, Problem, RecordFile, Result};
use crate::archive::is_image_member;
use crate::names::escaped;

/// No name of a file system is longer; an entry that says so is damaged.
const LONGEST_NAME: u64 = 64 << 10;
/// What eleven octal digits do not hold.
const LARGEST_IN_HEADER: u64 = 8 << 30;
const BUFFER: usize = 128 << 10;
/// Tars are made of blocks.
const BLOCK: u64 = 512;

/// Reads all members.
pub(super) fn read(file: &RecordFile, limits: Limits, cutter: &mut Cutter<'_, '_>) -> Result<()> {
    // Headers are read one by one, and unpacking a few bytes at a time is slow.
    let unpacked = BufReader::with_capacity(BUFFER, file.packing.open(&file.path)?);
    let mut input = Tail { inner: unpacked, zeros: 0 };
    let mut reader = Reader { file, limits, cutter, number: 0, last: None, long_name: None };
    let mut archive = Archive::new(&mut input);
    let entries = archive.entries().map_err(|error| reader.broken(&error))?;
    for entry in entries.raw(true) {
        let entry = entry.map_err(|error| reader.broken(&error))?;
        if !reader.entry(entry)? {
            return Ok(());
        }
    }
    if input.zeros < BLOCK {
        return Err(reader.broken(&io::ErrorKind::UnexpectedEof.into()));
    }
    // What packs it is checked to its end.
    io::copy(&mut input, &mut io::sink()).map_err(|error| reader.broken(&error))?;
    Ok(())
}

struct Reader<'r, 'c, 't> {
    file: &'r RecordFile,
    limits: Limits,
    cutter: &'r mut Cutter<'c, 't>,
    /// How many keyword files came so far.
    number: u64,
    /// The last entry, for messages.
    last: Option<String>,
    /// What the next entry is really called.
    long_name: Option<Vec<u8>>,
}

impl Reader<'_, '_, '_> {
    /// Takes an entry that is a keyword file; `false` if no more are wanted.
    fn entry<R: Read>(&mut self, mut entry: Entry<'_, R>) -> Result<bool> {
        match entry.header().entry_type() {
            EntryType::GNULongName => {
                let mut name = self.name_of_next(&mut entry)?;
                name.truncate(name.iter().position(|&byte| byte == 0).unwrap_or(name.len()));
                self.long_name = Some(name);
            }
            EntryType::XHeader => {
                let extensions = self.name_of_next(&mut entry)?;
                if let Some(name) = self.pax_name(&extensions)? {
                    self.long_name = Some(name);
                }
            }
            // They come between a long name and what it names.
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            EntryType::Regular | EntryType::Continuous => {
                let name = self.long_name.take().unwrap_or_else(|| entry.header().path_bytes().into_owned());
                let name = std::str::from_utf8(&name).map_or_else(|_| escaped(&name), String::from);
                let name = name.strip_prefix("./").unwrap_or(&name);
                let is_wanted = is_image_member(name.as_bytes());
                self.last = Some(name.to_owned());
                return if is_wanted { self.member(name, &mut entry) } else { Ok(true) };
            }
            _ => self.long_name = None,
        }
        Ok(true)
    }

    fn member<R: Read>(&mut self, name: &str, entry: &mut Entry<'_, R>) -> Result<bool> {
        let size = entry.header().entry_size().map_err(|error| self.broken(&error))?;
        self.cutter.name(name);
        let start = self.cutter.len();
        let number = self.number;
        self.number += 1;
        if size > self.limits.member() {
            let problem = |what: String| Problem::new(&self.file.path, what).in_member(name);
            return Ok(self.cutter.flawed(number, start, (true, self.limits.over(problem, "holds", size))));
        }
        let read = entry.read_to_end(self.cutter.text()).map_err(|error| self.broken(&error))?;
        if (read as u64) < size {
            return Err(self.broken(&io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(self.cutter.record(number, start, true))
    }

    /// The content of an entry that speaks of the next one.
    fn name_of_next<R: Read>(&self, entry: &mut Entry<'_, R>) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        let read = entry.take(LONGEST_NAME + 1).read_to_end(&mut content).map_err(|error| self.broken(&error))?;
        if read as u64 > LONGEST_NAME {
            let what = format!("a name has more than {LONGEST_NAME} bytes");
            return Err(Problem::new(&self.file.path, what).at(self.place()).hint("copy or download it again").into());
        }
        Ok(content)
    }

    fn pax_name(&self, extensions: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut name = None;
        for extension in PaxExtensions::new(extensions) {
            let extension = extension.map_err(|error| self.broken(&error))?;
            match extension.key_bytes() {
                b"path" => name = Some(extension.value_bytes().to_vec()),
                // A smaller one stands in the header of the member too.
                b"size" if extension.value().is_ok_and(|size| size.parse().is_ok_and(|size: u64| size >= LARGEST_IN_HEADER)) => {
                    let what = "a member of more than 8 GiB, whose size stands in a pax header";
                    return Err(Problem::new(&self.file.path, what).at(self.place()).hint("leave it out of the tar").into());
                }
                _ => {}
            }
        }
        Ok(name)
    }

    #[cold]
    fn broken(&self, error: &io::Error) -> Error {
        self.file.broken(error, self.place())
    }

    fn place(&self) -> String {
        self.last.as_ref().map_or_else(|| "at its beginning".to_owned(), |name| format!("at or behind {name:?}"))
    }
}

/// Knows how many zeros the bytes ended with that were read so far: a whole tar ends with blocks of them.
struct Tail<R> {
    inner: R,
    zeros: u64,
}

impl<R: Read> Read for Tail<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        let zeros = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
        self.zeros = if zeros == read { self.zeros + zeros as u64 } else { zeros as u64 };
        Ok(read)
    }
}
