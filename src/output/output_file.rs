//! One output while it is written: not yet under its name, but its errors name it as if it were.

use std::fmt::Debug;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result, no_room};
use crate::output::digest::{self, Digest};
use crate::output::manifest::Output;

/// Where the outputs of a run go: onto the disk as one set, or nowhere.
pub(crate) trait OutputSet: Sync {
    /// Begins the file that is to stand as `name` and will have `bytes` bytes, or at least so many where that is not known yet.
    ///
    /// # Errors
    ///
    /// The name cannot be an output's or is taken, there is no room for so many bytes, or the system refuses.
    fn create(&self, name: &str, bytes: u64) -> Result<OutputFile>;

    /// A folder for what does not fit into memory.
    fn scratch(&self) -> &Path;
}

/// Writes a whole output at once and gives its line of the manifest.
pub(crate) fn write_whole(set: &dyn OutputSet, name: &str, bytes: &[u8]) -> Result<Output> {
    set.create(name, bytes.len() as u64)?.append(bytes)?;
    let Digest { bytes, sha256 } = digest::of_bytes(bytes);
    Ok(Output { name: name.into(), shape: None, dtype: None, bytes, sha256 })
}

/// What takes the bytes of an output.
pub(crate) trait Sink: Write + Send + Debug {}

impl<T: Write + Send + Debug> Sink for T {}

/// A file of an [`OutputSet`] that is being written.
#[derive(Debug)]
pub(crate) struct OutputFile {
    sink: Box<dyn Sink>,
    name: String,
    /// Where it will stand: what messages name.
    path: PathBuf,
    expected: u64,
    written: u64,
}

impl OutputFile {
    /// A file of `bytes` bytes that will stand as `folder/name`.
    pub(super) fn over(sink: impl Sink + 'static, folder: &Path, name: &str, bytes: u64) -> OutputFile {
        OutputFile { sink: Box::new(sink), name: name.into(), path: folder.join(name), expected: bytes, written: 0 }
    }

    /// The path that the file gets when its set is committed.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How many bytes have been written.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Writes all of `bytes` at the end.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            match self.sink.write(left) {
                Ok(0) => return Err(self.fault(left.len(), io::ErrorKind::WriteZero.into())),
                Ok(n) => {
                    self.written = self.written.saturating_add(n as u64);
                    left = left.get(n..).unwrap_or_default();
                }
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(self.fault(left.len(), source)),
            }
        }
        Ok(())
    }

    /// Closes the file and gives its name in the folder.
    pub(crate) fn into_name(self) -> String {
        self.name
    }

    /// `left` bytes at hand could not be written.
    fn fault(&self, left: usize, source: io::Error) -> Error {
        let missing = self.expected.saturating_sub(self.written).max(left as u64);
        let needs = format!("it needs {missing} more bytes");
        Error::io(&self.path, "write")(no_room(source, &needs))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A disk with room for so many bytes.
    #[derive(Debug)]
    struct Small(usize, io::ErrorKind);

    impl Write for Small {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.0);
            self.0 -= taken;
            if taken == 0 { Err(io::Error::new(self.1, "the system says no")) } else { Ok(taken) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_write_without_room_says_how_many_bytes_are_missing_and_what_to_do() {
        let said = |kind| {
            let mut file = OutputFile::over(Small(300, kind), Path::new("out"), "x.npy", 1_600_000_128);
            file.append(&[0; 100]).unwrap();
            let error = file.append(&[0; 400]).unwrap_err().to_string();
            assert_eq!(file.written(), 300);
            error
        };
        let start = "out/x.npy: cannot write: the system says no";
        let missing = "it needs 1599999828 more bytes";
        let free = "free some space, or choose another folder with --out";
        assert_eq!(said(io::ErrorKind::StorageFull), format!("{start}; {missing}; {free}"));
        let raise = "raise the limit, or choose another folder with --out";
        for kind in [io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert_eq!(said(kind), format!("{start}; {missing}; {raise}"));
        }
        assert_eq!(said(io::ErrorKind::Other), start);
    }

    #[test]
    fn an_interrupted_write_goes_on() {
        #[derive(Debug)]
        struct Interrupted(bool);
        impl Write for Interrupted {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = !self.0;
                if self.0 { Err(io::ErrorKind::Interrupted.into()) } else { Ok(bytes.len().min(3)) }
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut file = OutputFile::over(Interrupted(false), Path::new("out"), "x", 8);
        file.append(b"12345678").unwrap();
        assert_eq!((file.written(), file.path()), (8, Path::new("out/x")));
    }
}
