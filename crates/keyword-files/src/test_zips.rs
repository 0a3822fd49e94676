//! Zips for the tests of the archive modules: made by the `zip` crate, then spoilt byte by byte.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod bytes;

use std::path::PathBuf;

use tempfile::TempDir;

use super::archive::{Archive, Limits, Reader};
use crate::error::Result;

pub(super) use self::bytes::TestZip;

impl TestZip {
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
        error.to_string().replace(&self.dir.path().join("").display().to_string(), "")
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
