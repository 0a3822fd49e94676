//! A folder of keyword files, read like the zip that it came from.
//!
//! Linked files are read, and so is the folder itself if it is a link. Linked folders below it are
//! ignored, because links can form a circle. The size of a file is unknown before it is read,
//! because asking for it takes a third of the time to read a small file.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use sha2::{Digest, Sha256};

use super::member::{Content, LARGE, Limits, Meter, TakeContent, Visit, is_keyword_file, lock};
use super::member_names::NameTable;
use crate::error::{Error, Problem, Result};

#[cfg(test)]
mod tests;

/// The depth of folders. Deeper folders are ignored.
const DEEPEST: usize = 64;

/// The listed files of a folder.
pub struct Folder {
    path: PathBuf,
    prefix: String,
    names: NameTable,
    limits: Limits,
    large: Mutex<()>,
    digests: Arc<[OnceLock<FileDigest>]>,
}

/// The size and the SHA-256 of a file, computed while it was read. Reading it again would take as
/// long.
#[derive(Debug, Clone, Copy)]
pub struct FileDigest {
    /// Its number of bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// The files of a folder by their relative names, and the digests of those that were read.
pub struct FolderFiles {
    names: Vec<(u32, String)>,
    digests: Arc<[OnceLock<FileDigest>]>,
}

impl FolderFiles {
    /// The name of each file, and its digest if it was read.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<FileDigest>)> {
        let digest = |member: u32| self.digests.get(member as usize).and_then(OnceLock::get).copied();
        self.names.iter().map(move |(member, name)| (name.as_str(), digest(*member)))
    }
}

impl Folder {
    /// Lists the files below `path`, sorted by the bytes of their names.
    pub fn open(path: &Path, limits: Limits, is_cancelled: &dyn Fn() -> bool) -> Result<Folder> {
        // "." and ".." have no name, so their files have no folder in their names.
        let prefix = path.file_name().map(|name| format!("{}/", name.to_string_lossy())).unwrap_or_default();
        let mut walk = FolderWalk { root: path, names: NameTable::default(), is_cancelled };
        walk.folder(path, &mut prefix.clone().into_bytes(), 0)?;
        let mut names = walk.names.sorted();
        drop(walk);
        names.index_all().map_err(|second| Problem::new(path, "lists a file twice").in_member(names.shown(second)))?;
        let digests = (0..names.len()).map(|_| OnceLock::new()).collect();
        Ok(Folder { path: path.to_path_buf(), prefix, names, limits, large: Mutex::default(), digests })
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

    /// The common start of all member names: the name of the folder.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The files. Files whose names are not UTF-8 cannot be read and are ignored.
    pub fn files(&self) -> FolderFiles {
        let name = |member| Some((member, String::from_utf8(self.names.name(member).to_bytes()).ok()?));
        let below = |(member, name): (u32, String)| (member, name.strip_prefix(&self.prefix).unwrap_or(&name).to_owned());
        let names = (0..self.names.len() as u32).filter_map(name).map(below).collect();
        FolderFiles { names, digests: Arc::clone(&self.digests) }
    }

    #[cold]
    fn problem(&self, member: u32, what: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(&self.path, what).in_member(self.names.shown(member))
    }

    #[cold]
    fn unread(&self, member: u32, error: &io::Error) -> Problem {
        self.problem(member, format!("cannot be read: {error}"))
    }

    /// Opens a file.
    fn open_file(&self, member: u32) -> Result<File, Problem> {
        let unread = |error: io::Error| self.unread(member, &error);
        let name = String::from_utf8(self.names.name(member).to_bytes());
        let name = name.map_err(|_| self.problem(member, "its name is not UTF-8").hint("rename it"))?;
        let below = name.strip_prefix(self.prefix.as_str()).unwrap_or(&name);
        File::open(self.path.join(OsStr::new(below))).map_err(unread)
    }

    /// The size of a file as the system reports it.
    fn size_of(&self, member: u32, file: &File) -> Result<u64, Problem> {
        Ok(file.metadata().map_err(|error| self.unread(member, &error))?.len())
    }
}

struct FolderWalk<'a> {
    root: &'a Path,
    names: NameTable,
    is_cancelled: &'a dyn Fn() -> bool,
}

impl FolderWalk<'_> {
    /// Lists one folder. `name` is its name with a `/` at the end. It is the same after the call.
    fn folder(&mut self, path: &Path, name: &mut Vec<u8>, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(Problem::new(path, format!("lies more than {DEEPEST} folders deep")).into());
        }
        for entry in fs::read_dir(path).map_err(Error::io(path, "list"))? {
            if (self.is_cancelled)() {
                return Err(Error::Interrupted);
            }
            let entry = entry.map_err(Error::io(path, "list"))?;
            let length = name.len();
            name.extend_from_slice(entry.file_name().as_encoded_bytes());
            match kind_of(&entry).map_err(Error::io(entry.path(), "look at"))? {
                FileKind::File if is_keyword_file(name) => self.file(name)?,
                FileKind::Folder => {
                    name.push(b'/');
                    self.folder(&entry.path(), name, depth + 1)?;
                }
                _ => {}
            }
            name.truncate(length);
        }
        Ok(())
    }

    fn file(&mut self, name: &[u8]) -> Result<()> {
        let listed = self.names.len() < u32::MAX as usize && self.names.push(name);
        if listed { Ok(()) } else { Err(Problem::new(self.root, "holds more than 4 GiB of names").into()) }
    }
}

enum FileKind {
    File,
    Folder,
    Other,
}

fn kind_of(entry: &DirEntry) -> io::Result<FileKind> {
    let kind = entry.file_type()?;
    Ok(if kind.is_dir() {
        FileKind::Folder
    } else if kind.is_file() {
        FileKind::File
    } else if kind.is_symlink() {
        match fs::metadata(entry.path()) {
            Ok(target) if !target.is_file() => FileKind::Other,
            // A broken link is listed, so that reading it reports the error.
            _ => FileKind::File,
        }
    } else {
        FileKind::Other
    })
}

/// Smaller files are read without asking for their size.
const SMALL: usize = 32 << 10;

/// Reads the files of a folder on one thread.
pub struct FolderReader<'a> {
    folder: &'a Folder,
    buffer: Vec<u8>,
}

impl<'a> FolderReader<'a> {
    pub fn new(folder: &'a Folder) -> Self {
        FolderReader { folder, buffer: Vec::new() }
    }

    /// See [`Reader::read_each`](super::Reader::read_each).
    pub fn read_each(&mut self, members: &[u32], visit: &mut Visit<'_>, meter: &mut Meter) {
        for (index, &member) in members.iter().enumerate() {
            let since = meter.start();
            let folder = self.folder;
            let mut alone = None;
            let bytes = self.whole(member, &mut alone);
            let length = bytes.as_ref().map_or(0, |bytes| bytes.len());
            if let (Ok(bytes), Some(digest)) = (&bytes, folder.digests.get(member as usize)) {
                digest.get_or_init(|| FileDigest { bytes: bytes.len() as u64, sha256: Sha256::digest(bytes).into() });
            }
            meter.read(since, length);
            meter.inflated(None, length);
            visit(index, bytes);
            if self.buffer.capacity() > LARGE {
                self.buffer = Vec::new();
            }
            drop(alone);
        }
    }

    /// See [`Archive::with_content`](super::Archive::with_content).
    pub fn content(&mut self, member: u32, take: &mut TakeContent<'_>) -> Result<(), Problem> {
        let file = self.folder.open_file(member)?;
        let size = self.folder.size_of(member, &file)?;
        let limits = Limits { max_member_size: Limits::LARGEST };
        if size > limits.member() {
            return Err(limits.over(|what| self.folder.problem(member, what), "holds", size));
        }
        if size <= Limits::WHOLE {
            take(Content::Whole(self.fill(member, file, size, Limits { max_member_size: Limits::WHOLE })?));
        } else {
            take(Content::Stream(&mut file.take(limits.member())));
        }
        Ok(())
    }

    /// Reads a file. If it is large, no other thread reads a large file until the returned `alone`
    /// is dropped.
    fn whole(&mut self, member: u32, alone: &mut Option<MutexGuard<'a, ()>>) -> Result<&[u8], Problem> {
        let folder = self.folder;
        let mut file = folder.open_file(member)?;
        if let Some(length) = self.fill_small(&mut file).map_err(|error| folder.unread(member, &error))? {
            return self.small(member, length, folder.limits);
        }
        let size = folder.size_of(member, &file)?;
        *alone = (size > LARGE as u64).then(|| lock(&folder.large));
        self.fill(member, file, size, folder.limits)
    }

    /// Reads a small file into the buffer and returns its length. This takes two reads and does not
    /// ask for the size. A large file is not read.
    fn fill_small(&mut self, file: &mut File) -> io::Result<Option<usize>> {
        if self.buffer.len() < SMALL {
            self.buffer.resize(SMALL, 0);
        }
        let mut length = 0;
        while let Some(room) = self.buffer.get_mut(length..SMALL).filter(|room| !room.is_empty()) {
            match file.read(room) {
                Ok(0) => return Ok(Some(length)),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        file.rewind()?;
        Ok(None)
    }

    /// The content of a small file, unless it exceeds the limit.
    fn small(&self, member: u32, length: usize, limits: Limits) -> Result<&[u8], Problem> {
        if length as u64 > limits.member() {
            return Err(limits.over(|what| self.folder.problem(member, what), "holds", length as u64));
        }
        Ok(self.buffer.get(..length).unwrap_or_default())
    }

    /// Reads a file of `size` bytes, according to the system, into the buffer.
    fn fill(&mut self, member: u32, file: File, size: u64, limits: Limits) -> Result<&[u8], Problem> {
        let (folder, limit) = (self.folder, limits.member());
        let unread = |error: io::Error| folder.unread(member, &error);
        self.buffer.clear();
        if size <= limit {
            // One additional byte, so that the read that finds the end needs no more memory.
            self.buffer.reserve(usize::try_from(size).unwrap_or(0).saturating_add(1));
            file.take(limit + 1).read_to_end(&mut self.buffer).map_err(unread)?;
        }
        let size = size.max(self.buffer.len() as u64);
        if size > limit {
            return Err(limits.over(|what| folder.problem(member, what), "holds", size));
        }
        Ok(&self.buffer)
    }
}
