//! A tar of keyword files. Everything else in it is ignored: pictures, folders, links, devices, and
//! names with `..`.
//!
//! Entries are read raw. Otherwise the crate would read a name of any length at once.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use tar::{Archive, Entry, EntryType, PaxExtensions};

use super::batch::{Cutter, Position};
use super::escape::push_text;
use super::file::RecordFile;
use super::member_choice::MemberRank;
use super::opening::{BYTE_ORDER_MARK, Packing};
use crate::archive::{Limits, escaped};
use crate::error::{Error, Problem, Result};

/// No name of a file system is longer. An entry with a longer name is damaged.
const LONGEST_NAME: u64 = 64 << 10;
/// The smallest size that does not fit into eleven octal digits.
const LARGEST_IN_HEADER: u64 = 8 << 30;
const BUFFER: usize = 128 << 10;
/// The memory of a held member in addition to its name and its text.
const HELD_ENTRY: usize = 64;
/// A tar consists of blocks.
const BLOCK: u64 = 512;

/// The most bytes of text members that are held until it is known whether the tar has `.json`.
const MOST_HELD: usize = if cfg!(test) { 64 << 10 } else { 16 << 20 };

/// Reads all members and returns how many hold keywords.
pub(super) fn read(file: &RecordFile, limits: Limits, cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut input = TarBytes::new(file.open_bytes()?);
    let state = ChoiceState::default();
    let mut reader = TarReader { file, limits, cutter, number: 0, last: None, long_name: None, state };
    let mut archive = Archive::new(&mut input);
    // A tar behind the end of another is read on, as `cat a.tar b.tar` writes them.
    archive.set_ignore_zeros(true);
    let entries = archive.entries_with_seek().map_err(|error| reader.broken(&error))?;
    for entry in entries.raw(true) {
        let entry = entry.map_err(|error| reader.broken(&error))?;
        if !reader.entry(entry)? {
            return Ok(reader.number);
        }
    }
    if input.zeros < BLOCK {
        return Err(reader.broken(&io::ErrorKind::UnexpectedEof.into()));
    }
    // The rest is read, since the compressed stream and the hash are checked at their ends.
    io::copy(&mut input, &mut io::sink()).map_err(|error| reader.broken(&error))?;
    reader.hand_on_held();
    Ok(reader.number)
}

/// Which members hold keywords, as far as that is known.
#[derive(Default)]
struct ChoiceState {
    /// A member of the wanted ending came. Others do not count from now on.
    is_wanted_found: bool,
    /// The text members were handed on, because too many came to hold them.
    are_texts_taken: bool,
    /// Text members that count if no wanted one comes.
    held: Vec<(String, Vec<u8>)>,
    held_bytes: usize,
}

struct TarReader<'r, 'c, 't> {
    file: &'r RecordFile,
    limits: Limits,
    cutter: &'r mut Cutter<'c, 't>,
    /// How many records there were.
    number: u64,
    /// The last entry, for messages.
    last: Option<String>,
    /// The name of the next entry, if it is too long for a header.
    long_name: Option<Vec<u8>>,
    state: ChoiceState,
}

impl TarReader<'_, '_, '_> {
    /// Reads an entry. `false`: no more are wanted.
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
            // They come between a long name and the entry of that name.
            EntryType::GNULongLink | EntryType::XGlobalHeader => {}
            kind @ (EntryType::Regular | EntryType::Continuous | EntryType::Link | EntryType::Symlink) => {
                let header_name = || entry.header().path_bytes().into_owned();
                let name = self.long_name.take().unwrap_or_else(header_name);
                let name = std::str::from_utf8(&name).map_or_else(|_| escaped(&name), String::from);
                let name = name.strip_prefix("./").unwrap_or(&name);
                let rank = self.file.members().rank(name.as_bytes());
                self.last = Some(name.to_owned());
                let is_link = matches!(kind, EntryType::Link | EntryType::Symlink);
                return match rank {
                    Some(MemberRank::Fallback) if is_link && self.state.is_wanted_found => Ok(true),
                    Some(_) if is_link => Ok(self.link(name)),
                    Some(MemberRank::Wanted) => self.wanted(name, &mut entry),
                    Some(MemberRank::Fallback) => self.text(name, &mut entry),
                    None => Ok(true),
                };
            }
            _ => self.long_name = None,
        }
        Ok(true)
    }

    /// Hands on the problem with a link, whose content is in another member. `false`: no more are
    /// wanted.
    fn link(&mut self, name: &str) -> bool {
        self.cutter.name(name);
        let (start, position) = (self.cutter.len(), self.next_position());
        let problem = Problem::new(self.file.path(), "is a link to another file").in_member(name);
        let problem = problem.hint_or_skip("write the tar with tar --dereference --hard-dereference");
        self.cutter.flawed(position, start, problem)
    }

    /// Hands on a member of the wanted ending.
    fn wanted<R: Read>(&mut self, name: &str, entry: &mut Entry<'_, R>) -> Result<bool> {
        if self.state.are_texts_taken {
            let what = "comes after many .txt members, so both may contain the keywords";
            let problem = Problem::new(self.file.path(), what).in_member(name);
            return Err(problem.hint("choose with --member .json or --member .txt").into());
        }
        self.state = ChoiceState { is_wanted_found: true, ..ChoiceState::default() };
        self.member(name, entry)
    }

    /// Holds a text member as long as a wanted one may come.
    fn text<R: Read>(&mut self, name: &str, entry: &mut Entry<'_, R>) -> Result<bool> {
        if self.state.is_wanted_found {
            return Ok(true);
        }
        let size = self.size(entry)?;
        let is_held = size <= self.limits.member();
        self.state.held_bytes += name.len() + usize::try_from(size).unwrap_or(usize::MAX / 2) + HELD_ENTRY;
        if self.state.are_texts_taken || !is_held || self.state.held_bytes > MOST_HELD {
            self.state.are_texts_taken = true;
            return Ok(self.hand_on_held() && self.member(name, entry)?);
        }
        let mut text = Vec::new();
        self.content(entry, &mut text, size)?;
        self.state.held.push((name.to_owned(), text));
        Ok(true)
    }

    /// Hands on the text members that were held. `false`: no more are wanted.
    fn hand_on_held(&mut self) -> bool {
        std::mem::take(&mut self.state.held).into_iter().all(|(name, text)| {
            self.cutter.name(&name);
            self.cutter.text().extend_from_slice(&text);
            self.hand_on(&name, text.len())
        })
    }

    /// Reads a member and hands it on. `false`: no more are wanted.
    fn member<R: Read>(&mut self, name: &str, entry: &mut Entry<'_, R>) -> Result<bool> {
        let size = self.size(entry)?;
        self.cutter.name(name);
        let start = self.cutter.len();
        if size > self.limits.member() {
            let problem = |what: String| Problem::new(self.file.path(), what).in_member(name);
            let problem = self.limits.over(problem, "holds", size);
            let position = self.next_position();
            return Ok(self.cutter.flawed(position, start, problem));
        }
        let mut text = std::mem::take(self.cutter.text());
        let read = self.content(entry, &mut text, size);
        let len = text.len() - start;
        *self.cutter.text() = text;
        read?;
        Ok(self.hand_on(name, len))
    }

    /// Hands on the member whose content is the last `len` bytes of the batch.
    fn hand_on(&mut self, name: &str, len: usize) -> bool {
        let start = self.cutter.len() - len;
        let text = self.cutter.text();
        if text.get(start..).is_some_and(|text| text.starts_with(BYTE_ORDER_MARK)) {
            text.drain(start..start + BYTE_ORDER_MARK.len());
        }
        if self.file.members().is_text(name) {
            let content = text.split_off(start);
            push_text(&content, text);
        }
        let position = self.next_position();
        self.cutter.record(position)
    }

    fn next_position(&mut self) -> Position {
        let number = self.number;
        self.number += 1;
        Position { number, line: 0 }
    }

    fn size<R: Read>(&self, entry: &Entry<'_, R>) -> Result<u64> {
        entry.header().entry_size().map_err(|error| self.broken(&error))
    }

    fn content<R: Read>(&self, entry: &mut Entry<'_, R>, text: &mut Vec<u8>, size: u64) -> Result<()> {
        // The entry ends there too, but the standard library clears 8 KiB for a reader without a
        // limit.
        let read = entry.take(size).read_to_end(text).map_err(|error| self.broken(&error))?;
        match read as u64 == size {
            true => Ok(()),
            false => Err(self.broken(&io::ErrorKind::UnexpectedEof.into())),
        }
    }

    /// The content of an entry that speaks of the next one.
    fn name_of_next<R: Read>(&self, entry: &mut Entry<'_, R>) -> Result<Vec<u8>> {
        let mut content = Vec::new();
        let read = entry.take(LONGEST_NAME + 1).read_to_end(&mut content).map_err(|error| self.broken(&error))?;
        if read as u64 > LONGEST_NAME {
            let what = format!("a name has more than {LONGEST_NAME} bytes");
            return Err(Problem::new(self.file.path(), what).at(self.place()).hint("copy or download it again").into());
        }
        Ok(content)
    }

    fn pax_name(&self, extensions: &[u8]) -> Result<Option<Vec<u8>>> {
        let mut name = None;
        for extension in PaxExtensions::new(extensions) {
            let extension = extension.map_err(|error| self.broken(&error))?;
            match extension.key_bytes() {
                b"path" => name = Some(extension.value_bytes().to_vec()),
                // A smaller size is in the header of the member too.
                b"size" if extension.value().is_ok_and(|size| size.parse().is_ok_and(|size: u64| size >= LARGEST_IN_HEADER)) => {
                    let what = "a member of more than 8 GiB, whose size is in a pax header";
                    return Err(Problem::new(self.file.path(), what).at(self.place()).hint("remove it from the tar").into());
                }
                _ => {}
            }
        }
        Ok(name)
    }

    #[cold]
    fn broken(&self, error: &io::Error) -> Error {
        // A header with a wrong number or checksum is of this kind, but so is a damaged zstd stream.
        let may_be_header = error.kind() == io::ErrorKind::Other && self.file.packing() != Packing::Zstd;
        if self.last.is_none() && may_be_header {
            let problem = Problem::new(self.file.path(), "is not a tar: its first entry has no valid header");
            return problem.hint("correct its name or --format, or download it again").into();
        }
        self.file.broken(error, self.place())
    }

    fn place(&self) -> String {
        self.last.as_ref().map_or_else(|| "at its beginning".to_owned(), |name| format!("at or after {name:?}"))
    }
}

/// The bytes of a tar. A whole tar ends with blocks of zeros.
struct TarBytes<R> {
    inner: BufReader<R>,
    position: u64,
    /// How many zeros the bytes ended with that were read so far.
    zeros: u64,
}

impl<R: Read> TarBytes<R> {
    fn new(inner: R) -> Self {
        // Headers are read one by one, and unpacking a few bytes at a time is slow.
        TarBytes { inner: BufReader::with_capacity(BUFFER, inner), position: 0, zeros: 0 }
    }

    /// Skips up to `most` bytes and returns how many it skipped.
    fn skip(&mut self, most: u64) -> io::Result<usize> {
        let buffered = self.inner.fill_buf()?;
        let len = buffered.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        self.zeros = zeros_at_end(self.zeros, buffered.get(..len).unwrap_or_default());
        self.position += len as u64;
        self.inner.consume(len);
        Ok(len)
    }
}

impl<R: Read> Read for TarBytes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.zeros = zeros_at_end(self.zeros, buffer.get(..read).unwrap_or_default());
        self.position += read as u64;
        Ok(read)
    }
}

/// Goes to the next entry. What is in between, such as a picture, is not copied.
impl<R: Read> Seek for TarBytes<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let forward = if let SeekFrom::Current(bytes) = to { u64::try_from(bytes).ok() } else { None };
        let mut left = forward.ok_or(io::ErrorKind::Unsupported)?;
        while left > 0 {
            match self.skip(left) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(skipped) => left -= skipped as u64,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.position)
    }
}

/// The number of zeros at the end of `bytes`, which follow bytes that end with `before` zeros.
fn zeros_at_end(before: u64, bytes: &[u8]) -> u64 {
    let zeros = bytes.iter().rev().take_while(|&&byte| byte == 0).count();
    if zeros == bytes.len() { before + zeros as u64 } else { zeros as u64 }
}
