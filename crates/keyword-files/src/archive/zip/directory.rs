//! The central directory of a zip.
//!
//! `rawzip` reads it in blocks of 192 KiB, including zip64 and archives with data before them. This
//! module checks what `rawzip` does not: the number of members, and that the zip is not split.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use rawzip::{ErrorKind, FileReader, MAX_CENTRAL_DIRECTORY_RECORD_SIZE, ZipFileHeaderRecord, ZipLocator};

use super::entry::FETCH_AGAIN;
use super::name::decode_name;
use super::not_a_zip;
use crate::archive::member::{Limits, is_keyword_file, lock};
use crate::error::{Error, Problem, Result};
use crate::shell::quoted;

/// The directory of a zip, and the file for reading members.
pub struct ZipDirectory {
    path: PathBuf,
    archive: rawzip::ZipArchive<FileReader>,
    limits: Limits,
    large: Mutex<()>,
}

impl ZipDirectory {
    /// Finds the directory.
    pub fn open(path: &Path, limits: Limits) -> Result<ZipDirectory> {
        let mut file = File::open(path).map_err(Error::io(path, "open"))?;
        let mut head = Vec::new();
        (&mut file).take(not_a_zip::HEAD as u64).read_to_end(&mut head).map_err(Error::io(path, "read"))?;
        if is_split(&mut file).map_err(Error::io(path, "read"))? {
            return Err(split_zip_problem(path).into());
        }
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let located = ZipLocator::new().locate_in_file(file, &mut buffer);
        let archive = located.map_err(|(_, error)| not_located(path, error, &head))?;
        Ok(ZipDirectory { path: path.to_path_buf(), archive, limits, large: Mutex::default() })
    }

    /// Hands the entry of each keyword file to `take` with its name, in the order of the directory.
    /// `take` returns whether it wants more.
    pub fn read(&self, take: &mut dyn FnMut(&[u8], &ZipFileHeaderRecord<'_>) -> Result<bool>) -> Result<()> {
        let path = &self.path;
        let mut listed = 0;
        let mut buffer = vec![0; MAX_CENTRAL_DIRECTORY_RECORD_SIZE];
        let mut records = self.archive.entries(&mut buffer);
        while let Some(record) = records.next_entry().map_err(|error| damaged(path, error))? {
            listed += 1;
            let name = decode_name(&record);
            if is_keyword_file(&name) && !take(&name, &record)? {
                return Ok(());
            }
        }
        check_count(path, self.archive.entries_hint(), listed)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn file(&self) -> &FileReader {
        self.archive.get_ref()
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
        self.archive.directory_offset()
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
            Problem::new(path, "damaged: its directory starts past its end").hint(FETCH_AGAIN).into()
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
