//! One file of a set while it is written: not yet under its name, but its errors name it as if it were.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;

use crate::error::{Error, Result};
use crate::output::digest::{self, Digest};
use crate::output::manifest::Output;

/// A file of a [`FileSet`](super::file_set::FileSet) that is being written.
#[derive(Debug)]
pub(crate) struct StagedFile {
    file: File,
    name: String,
    /// Where it will stand: what messages name.
    path: PathBuf,
    expected: Option<u64>,
    written: u64,
}

impl StagedFile {
    /// Makes a new file in `staging` for what will stand as `folder/name`.
    pub(super) fn create(staging: &Path, folder: &Path, name: &str) -> Result<StagedFile> {
        let path = folder.join(name);
        let opened = OpenOptions::new().read(true).write(true).create_new(true).open(staging.join(name));
        let file = opened.map_err(Error::io(&path, "write"))?;
        Ok(StagedFile::over(file, name, path))
    }

    pub(super) fn over(file: File, name: &str, path: PathBuf) -> StagedFile {
        StagedFile { file, name: name.into(), path, expected: None, written: 0 }
    }

    /// The path that the file gets when its set is committed.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Says how many bytes the file will have, so that a full disk's message can say what is missing.
    pub(crate) fn expect_bytes(&mut self, bytes: u64) {
        self.expected = Some(bytes);
    }

    /// How many bytes have been written.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Writes all of `bytes` at the end.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            match self.file.write(left) {
                Ok(0) => return Err(self.fault(io::ErrorKind::WriteZero.into(), left.len())),
                Ok(n) => {
                    self.written = self.written.saturating_add(n as u64);
                    left = left.get(n..).unwrap_or_default();
                }
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(self.fault(source, left.len())),
            }
        }
        Ok(())
    }

    /// Writes the whole file at once and gives its line of the manifest.
    pub(crate) fn write_whole(mut self, bytes: &[u8]) -> Result<Output> {
        self.expect_bytes(bytes.len() as u64);
        self.append(bytes)?;
        let Digest { bytes, sha256 } = digest::of_bytes(bytes);
        Ok(Output { name: self.name, shape: None, dtype: None, bytes, sha256 })
    }

    /// Overwrites what stands at `offset`, which must have been written before.
    pub(crate) fn patch(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let mut patch = || {
            self.file.seek(SeekFrom::Start(offset))?;
            self.file.write_all(bytes)?;
            self.file.seek(SeekFrom::End(0))
        };
        patch().map(|_| ()).map_err(Error::io(&self.path, "write"))
    }

    /// Has the system put what was written onto the disk.
    pub(crate) fn sync(&self) -> Result<()> {
        self.file.sync_all().map_err(Error::io(&self.path, "write"))
    }

    /// Reads the file back from its start and hashes it.
    pub(crate) fn digest(&self) -> Result<Digest> {
        let mut file = &self.file;
        file.rewind().and_then(|()| digest::of_reader(file)).map_err(Error::io(&self.path, "read"))
    }

    /// Syncs the file and hashes it at the same time: the disk and the processor wait for neither.
    pub(crate) fn sync_and_digest(&self) -> Result<Digest> {
        thread::scope(|scope| {
            let sync = thread::Builder::new().spawn_scoped(scope, || self.sync());
            let sync = sync.map_err(Error::io(&self.path, "start a thread to write"))?;
            let digest = self.digest();
            sync.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            digest
        })
    }

    /// Closes the file and gives its name in the folder.
    pub(crate) fn into_name(self) -> String {
        self.name
    }

    /// A second handle, for [`FileSet::commit`](super::file_set::FileSet::commit) to sync: errors of earlier writes reach it too.
    pub(super) fn handle(&self) -> Result<File> {
        self.file.try_clone().map_err(Error::io(&self.path, "write"))
    }

    /// What a write that failed with `left` bytes of its block unwritten tells the user.
    fn fault(&self, source: io::Error, left: usize) -> Error {
        use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let kind = source.kind();
        if !matches!(kind, FileTooLarge | QuotaExceeded | StorageFull) {
            return Error::io(&self.path, "write")(source);
        }
        let needs = match self.expected.and_then(|all| all.checked_sub(self.written)) {
            Some(more) => format!("it needs {more} more bytes"),
            None => format!("it needs at least {left} more bytes"),
        };
        let next = if kind == StorageFull { "" } else { "; raise the limit, or choose another folder with --out" };
        Error::io(&self.path, "write")(io::Error::new(kind, format!("{source}; {needs}{next}")))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_names_the_file_and_the_space_that_is_needed() {
        let full = || OpenOptions::new().write(true).open("/dev/full").unwrap();
        let start = "out/x.npy: cannot write: No space left on device (os error 28); it needs";
        let end = "more bytes; free some space, or choose another folder with --out";

        let mut known = StagedFile::over(full(), "x.npy", "out/x.npy".into());
        known.expect_bytes(1_600_000_128);
        assert_eq!(known.append(&[0; 4096]).unwrap_err().to_string(), format!("{start} 1600000128 {end}"));
        assert_eq!(known.written(), 0);

        let mut unknown = StagedFile::over(full(), "x.npy", "out/x.npy".into());
        assert_eq!(unknown.append(&[0; 4096]).unwrap_err().to_string(), format!("{start} at least 4096 {end}"));
    }

    #[test]
    fn limits_on_a_user_or_process_say_so() {
        let file = StagedFile::over(tempfile::tempfile().unwrap(), "x.npy", "out/x.npy".into());
        let source = io::Error::new(io::ErrorKind::QuotaExceeded, "quota exceeded");
        let expected = "out/x.npy: cannot write: quota exceeded; it needs at least 7 more bytes; \
                        raise the limit, or choose another folder with --out";
        assert_eq!(file.fault(source, 7).to_string(), expected);
        let other = io::Error::other("the cable was pulled");
        assert_eq!(file.fault(other, 7).to_string(), "out/x.npy: cannot write: the cable was pulled");
    }

    #[test]
    fn a_patch_changes_the_front_and_the_digest_is_of_the_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mut file = StagedFile::create(dir.path(), dir.path(), "x").unwrap();
        file.append(b"....").unwrap();
        file.append(b"tail").unwrap();
        file.patch(1, b"ab").unwrap();
        file.append(b"!").unwrap();
        assert_eq!(file.written(), 9);
        assert_eq!(file.digest().unwrap(), digest::of_bytes(b".ab.tail!"));
        assert_eq!(std::fs::read(dir.path().join("x")).unwrap(), b".ab.tail!");
    }
}
