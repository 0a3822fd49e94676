//! Reads members of a zip. Most of the time of a run is spent here.
//!
//! Neighbouring members are read together with one positioned read of at most [`WINDOW`] bytes. A
//! single member takes one read for its local header and its data, because the directory has the
//! sizes of both except for the extra field of the header. One inflate state and two buffers per
//! thread are reused.
//!
//! For 79,665 members (57 MB) in archive order, this takes 1.01 times as long on one thread (0.346
//! s and 0.341 s) and 1.02 times on two as a program that maps the file, trusts the archive and
//! uses the same library. In random order, with one read per member, it takes 1.4 times as long.
//! Windows of 64, 128 and 1024 KiB instead of 256 KiB have no effect, nor has the CRC of
//! libdeflate. Measuring times costs 3%.

use std::io::{self, Read};
use std::ops::Range;

use libdeflater::{DecompressionError, Decompressor};
use rawzip::ReaderAt;

use super::entry::{FETCH_AGAIN, LOCAL_HEADER, ZIP_AGAIN, ZipEntry};
use super::listing::ZipArchive;
use super::rare_compression;
use crate::archive::member::{Content, LARGE, Limits, Meter, TakeContent, Visit};
use crate::error::{Problem, Result};

#[cfg(test)]
mod tests;

/// The largest read, except for a member that is larger.
const WINDOW: u64 = 64 << 10;
/// The largest gap between two members that is read instead of starting another read.
const GAP: u64 = 4 << 10;
/// The largest ratio of a deflate stream.
const DEFLATE_RATIO: u64 = 1032;
/// The largest accepted ratio. Keyword files and lists of images have 3 to 6. Members below
/// [`RATIO_COUNTS`] may have any ratio.
const LARGEST_RATIO: u64 = 200;
/// Members that inflate to at most this size are harmless.
const RATIO_COUNTS: u64 = 1 << 20;
/// The general purpose bits for the three kinds of encryption.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// Reads and inflates the members of one zip on one thread.
pub struct ZipReader<'a> {
    zip: &'a ZipArchive,
    limits: Limits,
    inflate: Decompressor,
    window: Window,
    out: Vec<u8>,
    extra: u64,
}

impl<'a> ZipReader<'a> {
    pub fn new(zip: &'a ZipArchive) -> Self {
        let limits = zip.limits();
        ZipReader { zip, limits, inflate: Decompressor::new(), window: Window::default(), out: Vec::new(), extra: 64 }
    }

    /// See [`Reader::read_each`](crate::archive::Reader::read_each).
    pub fn read_each(&mut self, members: &[u32], visit: &mut Visit<'_>, meter: &mut Meter) {
        let mut first = 0;
        while let Some(rest) = members.get(first..).filter(|rest| !rest.is_empty()) {
            let (start, end, count) = self.span(rest);
            let large = rest.iter().take(count).any(|&member| self.is_large(member));
            let alone = large.then(|| self.zip.alone());
            let since = meter.start();
            let read = self.window.read(self.zip.file(), start, end);
            meter.read(since, self.window.filled);
            for (index, &member) in (first..).zip(rest.iter().take(count)) {
                let bytes = match &read {
                    Ok(()) => self.member(member, meter),
                    Err(error) => Err(self.unread(member, error)),
                };
                visit(index, bytes);
            }
            first += count;
            if large {
                self.give_back();
            }
            drop(alone);
        }
        self.give_back();
    }

    fn give_back(&mut self) {
        self.window.give_back();
        if self.out.len() > LARGE {
            self.out = Vec::new();
        }
    }

    /// Whether reading a member takes much memory.
    fn is_large(&self, member: u32) -> bool {
        self.zip.entry(member).is_some_and(|entry| entry.size.max(entry.packed) as usize > LARGE)
    }

    /// See [`Archive::with_content`](crate::archive::Archive::with_content).
    pub fn content(&mut self, member: u32, take: &mut TakeContent<'_>) -> Result<(), Problem> {
        let zip = self.zip;
        let entry = zip.entry(member).ok_or_else(|| zip.problem(member, format!("has no member {member}")))?;
        if u64::from(entry.size.max(entry.packed)) > Limits::WHOLE {
            self.limits = Limits { max_member_size: Limits::LARGEST };
            return self.stream(member, entry, take);
        }
        self.limits = Limits { max_member_size: Limits::WHOLE };
        let mut outcome = Ok(());
        let mut visit = |_, bytes: Result<&[u8], Problem>| outcome = bytes.map(|bytes| take(Content::Whole(bytes)));
        self.read_each(&[member], &mut visit, &mut Meter::default());
        outcome
    }

    /// Passes on a member of any compression as a stream.
    fn stream(&mut self, member: u32, entry: &ZipEntry, take: &mut TakeContent<'_>) -> Result<(), Problem> {
        let zip = self.zip;
        if self.refused(entry) {
            return Err(self.refusal(member, entry));
        }
        let header = LOCAL_HEADER + zip.name_len(member) + u64::from(u16::MAX);
        let header_end = entry.offset.saturating_add(header).min(zip.members_end());
        self.window.read(zip.file(), entry.offset, header_end).map_err(|error| self.unread(member, &error))?;
        let Range { start, end } = self.data_range(member, entry)?;
        let packed = PackedBytes { file: zip.file(), at: start, end };
        rare_compression::stream(entry, packed, &mut |stream| take(Content::Stream(stream)))
            .map_err(|what| zip.problem(member, what).hint(FETCH_AGAIN))
    }

    /// The end of the next read and the number of `members` in it, at least one.
    fn span(&self, members: &[u32]) -> (u64, u64, usize) {
        let mut members = members.iter().map(|&member| self.reach(member));
        let (start, mut end) = members.next().unwrap_or_default();
        let (mut count, mut last) = (1, start);
        for (next, next_end) in members {
            if next < last || next > end.saturating_add(GAP) || next_end.saturating_sub(start) > WINDOW {
                break;
            }
            end = end.max(next_end);
            last = next;
            count += 1;
        }
        (start, end, count)
    }

    /// The range of a member in the file, with room for an extra field as long as the longest so
    /// far.
    fn reach(&self, member: u32) -> (u64, u64) {
        let Some(entry) = self.zip.entry(member) else { return (0, 0) };
        if self.refused(entry) {
            return (entry.offset, entry.offset);
        }
        let name = self.zip.name_len(member);
        let length = LOCAL_HEADER + name + self.extra + u64::from(entry.packed);
        (entry.offset, entry.offset.saturating_add(length).min(self.zip.members_end()))
    }

    /// Inflates and checks a member whose local header is in the window.
    fn member(&mut self, member: u32, meter: &mut Meter) -> Result<&[u8], Problem> {
        let zip = self.zip;
        let entry = zip.entry(member).ok_or_else(|| zip.problem(member, format!("has no member {member}")))?;
        if self.refused(entry) {
            return Err(self.refusal(member, entry));
        }
        let Range { start, end } = self.data_range(member, entry)?;
        if self.window.get(start, end).is_none() {
            let since = meter.start();
            let read = self.window.read_beside(zip.file(), start, end);
            meter.read(since, self.window.beside.len());
            read.map_err(|error| self.unread(member, &error))?;
        }
        let since = meter.start();
        let packed = self.window.get(start, end).ok_or_else(|| cut_short(zip, member))?;
        let bytes = match entry.method {
            STORED => packed,
            DEFLATED => inflate(&mut self.inflate, packed, room(&mut self.out, entry.size as usize))
                .map_err(|what| zip.problem(member, what).hint(FETCH_AGAIN))?,
            _ => rare_compression::inflate(entry, packed, &mut self.out)
                .map_err(|what| zip.problem(member, what).hint(FETCH_AGAIN))?,
        };
        check(entry, bytes).map_err(|what| zip.problem(member, what).hint(FETCH_AGAIN))?;
        meter.inflated(since, bytes.len());
        Ok(bytes)
    }

    /// The range of the data of a member. It follows the local header, whose name must be the name
    /// in the directory.
    fn data_range(&mut self, member: u32, entry: &ZipEntry) -> Result<Range<u64>, Problem> {
        let zip = self.zip;
        let names_at = entry.offset + LOCAL_HEADER;
        let header = self.window.get(entry.offset, names_at).ok_or_else(|| cut_short(zip, member))?;
        let [b'P', b'K', 3, 4, .., n0, n1, x0, x1] = *header else {
            return Err(zip.problem(member, "damaged: has no local header where its entry says").hint(FETCH_AGAIN));
        };
        let extra_at = names_at + u64::from(u16::from_le_bytes([n0, n1]));
        let extra = u64::from(u16::from_le_bytes([x0, x1]));
        let name = self.window.get(names_at, extra_at);
        if !name.is_some_and(|name| zip.is_named(member, name)) {
            // The window may not contain a name of another length, or a name at the end of a file
            // that became shorter.
            let cut = name.is_none() && extra_at - names_at == zip.name_len(member);
            let other = || zip.problem(member, "its local header names another file").hint(ZIP_AGAIN);
            return Err(if cut { cut_short(zip, member) } else { other() });
        }
        self.extra = self.extra.max(extra);
        let start = extra_at + extra;
        let end = start + u64::from(entry.packed);
        if end > zip.members_end() {
            return Err(zip.problem(member, "reaches into the central directory").hint(FETCH_AGAIN));
        }
        Ok(start..end)
    }

    /// Refuses a member by its entry in the directory, before it is read.
    fn refused(&self, entry: &ZipEntry) -> bool {
        let limit = self.limits.member();
        let (size, packed) = (u64::from(entry.size), u64::from(entry.packed));
        entry.flags & ENCRYPTED != 0
            || size.max(packed) > limit
            || (size > RATIO_COUNTS && size > packed * LARGEST_RATIO)
            || match entry.method {
                STORED => size != packed,
                DEFLATED => size > packed * DEFLATE_RATIO,
                method => !rare_compression::is_read(method),
            }
    }

    #[cold]
    fn refusal(&self, member: u32, entry: &ZipEntry) -> Problem {
        let (size, packed, limits) = (entry.size, entry.packed, self.limits);
        let problem = |what: String| self.zip.problem(member, what);
        if entry.flags & ENCRYPTED != 0 {
            return problem("is encrypted".to_owned()).hint("unzip it with its password first");
        }
        if u64::from(size) > limits.member() {
            return limits.over(problem, "claims", u64::from(size));
        }
        if u64::from(packed) > limits.member() {
            return limits.over(problem, "is packed into", u64::from(packed));
        }
        match entry.method {
            STORED => problem(format!("claims {size} bytes, but {packed} are stored")).hint(FETCH_AGAIN),
            DEFLATED if u64::from(size) > u64::from(packed) * DEFLATE_RATIO => {
                problem(format!("claims {size} bytes from {packed} packed bytes, more than deflate can give")).hint(ZIP_AGAIN)
            }
            method if method == DEFLATED || rare_compression::is_read(method) => {
                let ratio = size.checked_div(packed).unwrap_or(size);
                let what = format!(
                    "claims {size} bytes from {packed} packed bytes, {ratio} to 1, expected at \
                     most {LARGEST_RATIO}"
                );
                problem(what).hint("no keyword file packs so well; unzip it and check it")
            }
            method => problem(format!("is packed with {}, which is not read", rare_compression::name(method)))
                .hint("unzip it, or zip it again with deflate"),
        }
    }

    #[cold]
    fn unread(&self, member: u32, error: &io::Error) -> Problem {
        self.zip.problem(member, format!("cannot be read: {error}"))
    }
}

#[cold]
fn cut_short(zip: &ZipArchive, member: u32) -> Problem {
    zip.problem(member, "cut short: the archive ends within it, though it was longer when it was opened")
        .hint("let nothing write to it, and run again")
}

fn inflate<'o>(state: &mut Decompressor, packed: &[u8], out: &'o mut [u8]) -> Result<&'o [u8], String> {
    let claimed = out.len();
    match state.deflate_decompress(packed, out) {
        Ok(size) if size == claimed => Ok(out),
        Ok(size) => Err(format!("damaged: inflates to {size} bytes, expected {claimed}")),
        Err(DecompressionError::InsufficientSpace) => Err(format!("damaged: inflates to more than the {claimed} bytes expected")),
        Err(DecompressionError::BadData) => Err("damaged: cannot be inflated".to_owned()),
    }
}

fn check(entry: &ZipEntry, bytes: &[u8]) -> Result<(), String> {
    let crc = crc32fast::hash(bytes);
    if crc == entry.crc {
        return Ok(());
    }
    Err(format!("damaged: its CRC-32 is {crc:08x}, expected {:08x}", entry.crc))
}

/// The first `size` bytes of a buffer that only grows. The limit and the largest ratio of deflate
/// bound the claimed size.
fn room(buffer: &mut Vec<u8>, size: usize) -> &mut [u8] {
    if buffer.len() < size {
        // New pages from the system are zero. `resize` would copy and clear them.
        *buffer = vec![0; size.next_multiple_of(64 << 10)];
    }
    buffer.get_mut(..size).unwrap_or_default()
}

/// The packed bytes of a member, read when they are needed.
struct PackedBytes<'a, F> {
    file: &'a F,
    at: u64,
    end: u64,
}

impl<F: ReaderAt> Read for PackedBytes<'_, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let most = out.len().min(left);
        let read = self.file.read_at(out.get_mut(..most).unwrap_or_default(), self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A part of the file in memory, and the bytes of a member outside of it.
#[derive(Default)]
struct Window {
    buffer: Vec<u8>,
    start: u64,
    filled: usize,
    beside: Vec<u8>,
    beside_start: u64,
}

impl Window {
    fn read(&mut self, file: &impl ReaderAt, start: u64, end: u64) -> io::Result<()> {
        self.start = start;
        self.filled = 0;
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        self.filled = fill(file, room(&mut self.buffer, length), start)?;
        Ok(())
    }

    fn read_beside(&mut self, file: &impl ReaderAt, start: u64, end: u64) -> io::Result<()> {
        self.beside_start = start;
        self.beside.clear();
        let length = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX);
        self.beside.resize(length, 0);
        let filled = fill(file, &mut self.beside, start)?;
        self.beside.truncate(filled);
        Ok(())
    }

    /// The bytes of the file from `start` to `end`, if all are in the window.
    fn get(&self, start: u64, end: u64) -> Option<&[u8]> {
        let filled = self.buffer.get(..self.filled)?;
        part(filled, self.start, start, end).or_else(|| part(&self.beside, self.beside_start, start, end))
    }

    fn give_back(&mut self) {
        if self.buffer.len() > LARGE {
            self.buffer = Vec::new();
            self.filled = 0;
        }
        self.beside = Vec::new();
    }
}

fn part(bytes: &[u8], at: u64, start: u64, end: u64) -> Option<&[u8]> {
    let from = usize::try_from(start.checked_sub(at)?).ok()?;
    let to = usize::try_from(end.checked_sub(at)?).ok()?;
    bytes.get(from..to)
}

/// Reads until the buffer is full or the file ends. Returns the number of bytes.
fn fill(file: &impl ReaderAt, buffer: &mut [u8], start: u64) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read_at(rest, start + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
