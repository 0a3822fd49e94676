//! The listing of a zip archive, and the checks before any member is read.
//!
//! `rawzip` reads the central directory in blocks of 192 KiB, including zip64 and archives with
//! data before them. Only the names, their index and 24 bytes per member are kept. This module
//! checks what `rawzip` does not: the number of members, that no two have the same name, and that
//! no two share bytes.
//!
//! A million members with names of 27 bytes take 0.12 s and 65 MiB in the whole process, with all
//! names in a hash index. The `zip` crate takes 0.58 s and 302 MB.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use rawzip::{ErrorKind, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipFileHeaderRecord, ZipLocator};

use super::entry::{FETCH_AGAIN, LOCAL_HEADER, ZIP_AGAIN, ZipEntry};
use super::name::{decode_name, with_slashes};
use super::not_a_zip;
use crate::archive::member::{Limits, is_keyword_file, lock};
use crate::archive::member_names::NameTable;
use crate::error::{Error, Problem, Result};
use crate::shell::quoted;

#[cfg(test)]
mod tests;

/// A zip archive that has passed the checks of its listing.
pub struct ZipArchive {
    path: PathBuf,
    file: FileReader,
    names: NameTable,
    /// The bytes in the file of those names that were decoded.
    raw_names: HashMap<u32, Box<[u8]>>,
    entries: Vec<ZipEntry>,
    members_end: u64,
    limits: Limits,
    large: Mutex<()>,
}

impl ZipArchive {
    /// Lists the archive's keyword files.
    pub fn open(path: &Path, limits: Limits) -> Result<ZipArchive> {
        let mut file = File::open(path).map_err(Error::io(path, "open"))?;
        let mut head = Vec::new();
        (&mut file).take(not_a_zip::HEAD as u64).read_to_end(&mut head).map_err(Error::io(path, "read"))?;
        if is_split(&mut file).map_err(Error::io(path, "read"))? {
            return Err(split_zip_problem(path).into());
        }
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let located = ZipLocator::new().locate_in_file(file, &mut buffer);
        let directory = located.map_err(|(_, error)| not_located(path, error, &head))?;

        let (mut names, mut entries) = (NameTable::default(), Vec::new());
        let mut raw_names = HashMap::new();
        let mut listed: u64 = 0;
        let mut records = directory.entries(&mut buffer);
        while let Some(record) = records.next_entry().map_err(|error| damaged(path, error))? {
            listed += 1;
            let raw = record.file_path().as_bytes();
            let name = decode_name(&record);
            if is_keyword_file(&name) {
                if entries.len() >= u32::MAX as usize || !names.push(&name) {
                    return Err(Problem::new(path, "lists more than 4 GiB of names").into());
                }
                if *name != *raw && name != with_slashes(raw) {
                    raw_names.insert(entries.len() as u32, raw.into());
                }
                entries.push(entry_of(&record));
            }
        }
        check_count(path, directory.entries_hint(), listed)?;
        let members_end = directory.directory_offset();
        entries.shrink_to_fit();
        let mut zip = ZipArchive {
            path: path.to_path_buf(),
            file: directory.into_inner(),
            names,
            raw_names,
            entries,
            members_end,
            limits,
            large: Mutex::default(),
        };
        zip.check_places()?;
        zip.names.index_all().map_err(|second| zip.problem(second, "stands twice in the archive").hint(ZIP_AGAIN))?;
        Ok(zip)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn names_mut(&mut self) -> &mut NameTable {
        &mut self.names
    }

    pub fn names(&self) -> &NameTable {
        &self.names
    }

    /// The length of the name of a member in the file.
    pub fn name_len(&self, member: u32) -> u64 {
        let raw = self.raw_names.get(&member);
        raw.map_or_else(|| self.names.name(member).len(), |raw| raw.len()) as u64
    }

    /// Whether the name `raw` in a local header is the name of a member.
    pub fn is_named(&self, member: u32, raw: &[u8]) -> bool {
        let listed = self.names.name(member);
        match self.raw_names.get(&member) {
            Some(name) => **name == *raw,
            None => listed == *raw || listed == *with_slashes(raw),
        }
    }

    pub fn entry(&self, member: u32) -> Option<&ZipEntry> {
        self.entries.get(member as usize)
    }

    /// Frees the memory for reading members. None can be read after this.
    pub fn forget_entries(&mut self) {
        self.entries = Vec::new();
        self.raw_names = HashMap::new();
    }

    pub fn file(&self) -> &FileReader {
        &self.file
    }

    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Locked while a large member is read.
    pub fn alone(&self) -> MutexGuard<'_, ()> {
        lock(&self.large)
    }

    /// The end of the last member: the start of the central directory.
    pub fn members_end(&self) -> u64 {
        self.members_end
    }

    /// A problem with one member.
    #[cold]
    pub fn problem(&self, member: u32, what: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(&self.path, what).in_member(self.names.shown(member))
    }

    /// The first byte that can be after a member. The local header may be longer than the directory
    /// shows.
    fn end(&self, member: u32, entry: &ZipEntry) -> u64 {
        let name = self.name_len(member);
        entry.offset.saturating_add(LOCAL_HEADER + name + u64::from(entry.packed))
    }

    /// Refuses members that share bytes with another or with the directory. A small archive could
    /// otherwise inflate without end.
    fn check_places(&self) -> Result<()> {
        if self.entries.is_sorted_by_key(|entry| entry.offset) {
            return self.check_neighbours((0..).zip(&self.entries));
        }
        let mut order: Vec<u32> = (0..).take(self.entries.len()).collect();
        order.sort_unstable_by_key(|&member| self.entry(member).map(|entry| entry.offset));
        self.check_neighbours(order.iter().filter_map(|&member| Some((member, self.entry(member)?))))
    }

    fn check_neighbours<'a>(&self, members: impl Iterator<Item = (u32, &'a ZipEntry)>) -> Result<()> {
        let mut before: Option<(u32, u64)> = None;
        for (member, entry) in members {
            if let Some((other, end)) = before
                && end > entry.offset
            {
                let what = format!("shares bytes with '{}'", self.names.shown(other));
                return Err(self.problem(member, what).hint(ZIP_AGAIN).into());
            }
            let end = self.end(member, entry);
            if end > self.members_end {
                let what = format!("reaches to byte {end}, but members end at byte {}", self.members_end);
                return Err(self.problem(member, what).hint(FETCH_AGAIN).into());
            }
            before = Some((member, end));
        }
        Ok(())
    }
}

fn entry_of(record: &ZipFileHeaderRecord<'_>) -> ZipEntry {
    ZipEntry {
        offset: record.local_header_offset(),
        packed: u32::try_from(record.compressed_size_hint()).unwrap_or(u32::MAX),
        size: u32::try_from(record.uncompressed_size_hint()).unwrap_or(u32::MAX),
        crc: record.crc32(),
        method: record.compression_method().as_u16(),
        flags: record.flags().bits(),
    }
}

/// The length of the end record without its comment.
const END: usize = 22;

/// Whether the file is the last part of a split zip. The disk number in its end record is then not
/// 0.
fn is_split(file: &mut File) -> io::Result<bool> {
    const LONGEST: u64 = END as u64 + u16::MAX as u64;
    // The number that means "see the zip64 record".
    const SEE_ZIP64: u16 = u16::MAX;
    let mut tail = Vec::new();
    let length = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(length.saturating_sub(LONGEST)))?;
    file.take(LONGEST).read_to_end(&mut tail)?;
    let disk = (0..tail.len()).rev().find_map(|at| disk_number(tail.get(at..)?));
    Ok(disk.is_some_and(|disk| disk != 0 && disk != SEE_ZIP64))
}

/// Whether the file at a path is the last part of a split zip, as far as it can be read.
pub(crate) fn is_end_of_split_zip(path: &Path) -> bool {
    File::open(path).and_then(|mut file| is_split(&mut file)).unwrap_or_default()
}

/// The problem with a part of a split zip. The last part has the name of the whole zip.
pub(crate) fn split_zip_problem(part: &Path) -> Problem {
    let zip = quoted(&part.with_extension("zip").to_string_lossy());
    let hint = format!("join it with zip -s 0 {zip} --out joined.zip");
    Problem::new(part, "is part of a split zip").hint(hint)
}

/// The disk number of an end record, if only its comment follows it.
fn disk_number(end: &[u8]) -> Option<u16> {
    let [b'P', b'K', 5, 6, d0, d1, ..] = end else { return None };
    let (record, comment) = end.split_at_checked(END)?;
    let [.., c0, c1] = record else { return None };
    let is_last = usize::from(u16::from_le_bytes([*c0, *c1])) == comment.len();
    is_last.then(|| u16::from_le_bytes([*d0, *d1]))
}

/// Old archivers count in 16 bits and overflow. All readers accept this.
fn check_count(path: &Path, claimed: u64, listed: u64) -> Result<()> {
    if claimed == listed || (listed > 0xffff && claimed == listed & 0xffff) {
        return Ok(());
    }
    let what = format!("its end says that it holds {claimed} members, its directory lists {listed}");
    Err(Problem::new(path, what).hint(FETCH_AGAIN).into())
}

fn not_located(path: &Path, error: rawzip::Error, head: &[u8]) -> Error {
    match error.into_kind() {
        ErrorKind::IO(source) => Error::io(path, "read")(source),
        ErrorKind::InvalidEndOfCentralDirectory => {
            Problem::new(path, "damaged: its directory is said to start past its end").hint(FETCH_AGAIN).into()
        }
        _ => not_a_zip::problem(path, head).into(),
    }
}

fn damaged(path: &Path, error: rawzip::Error) -> Error {
    match error.into_kind() {
        ErrorKind::IO(source) if source.kind() != io::ErrorKind::UnexpectedEof => Error::io(path, "read")(source),
        _ => Problem::new(path, "damaged: its central directory cannot be read").hint(FETCH_AGAIN).into(),
    }
}
