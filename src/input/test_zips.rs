//! Zips for the tests of the archive modules: made by the `zip` crate, then spoilt byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::io::{Cursor, Write};
use std::path::PathBuf;

use tempfile::TempDir;
use zip::CompressionMethod;
use zip::write::SimpleFileOptions;

use super::archive::{Archive, Limits, Reader};
use crate::error::Result;

/// A zip under construction.
pub(super) struct TestZip(pub Vec<u8>);

impl TestZip {
    /// A zip of these members, in this order, packed with `method`.
    pub fn packed(method: CompressionMethod, members: &[(&str, &[u8])]) -> TestZip {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
            writer.write_all(bytes).unwrap();
        }
        TestZip(writer.finish().unwrap().into_inner())
    }

    /// A zip of these members, in this order, deflated.
    pub fn of(members: &[(&str, &[u8])]) -> TestZip {
        TestZip::packed(CompressionMethod::Deflated, members)
    }

    /// Where the `n`th central record stands.
    pub fn central(&self, n: usize) -> usize {
        self.find(b"PK\x01\x02", n)
    }

    /// Where the `n`th local header stands.
    pub fn local(&self, n: usize) -> usize {
        self.find(b"PK\x03\x04", n)
    }

    /// Where the end of the central directory stands.
    pub fn end(&self) -> usize {
        self.find(b"PK\x05\x06", 0)
    }

    fn find(&self, mark: &[u8], n: usize) -> usize {
        (0..self.0.len()).filter(|&at| self.0[at..].starts_with(mark)).nth(n).unwrap()
    }

    /// Writes bytes over what is there.
    pub fn put(mut self, at: usize, bytes: &[u8]) -> TestZip {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    /// Gives every member and record called `from` a name of the same length.
    pub fn renamed(mut self, from: &[u8], to: &[u8]) -> TestZip {
        assert_eq!(from.len(), to.len());
        for at in 0..self.0.len() {
            if self.0[at..].starts_with(from) {
                self.0[at..at + to.len()].copy_from_slice(to);
            }
        }
        self
    }

    /// Writes the zip as `k.zip` into a folder of its own.
    pub fn file(&self) -> TestFile {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("k.zip");
        std::fs::write(&path, &self.0).unwrap();
        TestFile { dir, path }
    }

    /// The whole message that opening the zip ends with.
    pub fn refused(&self) -> String {
        let file = self.file();
        file.message(file.open().err().expect("the zip must be refused"))
    }

    /// What reading each member in turn gives: its bytes or the whole message.
    pub fn read(&self) -> Vec<Result<Vec<u8>, String>> {
        let file = self.file();
        file.read(&file.open().unwrap(), None)
    }
}

/// A file or folder in a folder that goes away with it.
pub(super) struct TestFile {
    pub dir: TempDir,
    pub path: PathBuf,
}

impl TestFile {
    pub fn open(&self) -> Result<Archive> {
        Archive::open_zip(&self.path, Limits::default())
    }

    /// An error's message with the private folder left out.
    pub fn message(&self, error: impl ToString) -> String {
        error.to_string().replace(&format!("{}/", self.dir.path().display()), "")
    }

    /// What reading these members, or all, gives.
    pub fn read(&self, archive: &Archive, members: Option<&[u32]>) -> Vec<Result<Vec<u8>, String>> {
        let all: Vec<u32> = (0..archive.len() as u32).collect();
        read(&mut archive.reader(false), members.unwrap_or(&all))
            .into_iter()
            .map(|one| one.map_err(|e| self.message(e)))
            .collect()
    }
}

/// What a reader gives for each of these members.
pub(super) fn read(reader: &mut Reader<'_>, members: &[u32]) -> Vec<Result<Vec<u8>, String>> {
    let mut found = Vec::new();
    reader.read_each(members, &mut |index, bytes| {
        assert_eq!(index, found.len(), "members come in the order asked for");
        found.push(bytes.map(<[u8]>::to_vec).map_err(|problem| problem.to_string()));
    });
    found
}
