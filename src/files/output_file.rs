//! An output while it is being written. It does not have its name yet, but its errors use the name.

use std::fmt::Debug;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::output_line::Output;
use crate::error::{Error, Problem, Result, no_room};
use keyword_files::npy::hashing_writer::{HashedFile, Sink, WriterClosed};
use keyword_files::npy::sha256;

/// The destination of a run's outputs: the disk, as one set, or nothing.
pub(crate) trait OutputSet: Sync {
    /// Starts the output `name`, which will have exactly `bytes` bytes.
    ///
    /// # Errors
    ///
    /// The name is not plain or belongs to another set, the disk has too little space, or the
    /// system refuses.
    fn create(&self, name: &str, bytes: u64) -> Result<OutputFile>;

    /// Starts the output `name`, whose size is not known yet.
    ///
    /// # Errors
    ///
    /// Those of [`OutputSet::create`].
    fn create_growing(&self, name: &str) -> Result<OutputFile>;

    /// A folder for data that does not fit into memory.
    fn scratch(&self) -> &Path;
}

/// Writes a whole output at once.
///
/// # Errors
///
/// Those of [`OutputSet::create`], or the bytes cannot be written.
pub(crate) fn write_whole(set: &dyn OutputSet, name: &str, bytes: &[u8]) -> Result<Output> {
    set.create(name, bytes.len() as u64)?.append(bytes)?;
    Ok(Output::new(name, sha256::of_bytes(bytes)))
}

/// An output that was written to its end, and the time that the threads worked.
#[derive(Debug)]
pub(crate) struct FileReport {
    pub output: Output,
    pub thread_time: Duration,
}

impl FileReport {
    /// # Errors
    ///
    /// The file does not have the size that it was created with.
    pub fn new(file: HashedFile<OutputFile>) -> Result<FileReport> {
        let HashedFile { sink: OutputFile { name, path, expected, written, .. }, digest, busy } = file;
        if let Some(expected) = expected.filter(|expected| *expected != written) {
            let what = format!("{written} bytes were written of {expected}");
            return Err(Problem::new(path, what).into());
        }
        Ok(FileReport { output: Output::new(name, digest), thread_time: busy })
    }
}

impl From<WriterClosed> for Error {
    fn from(_: WriterClosed) -> Error {
        Error::Refused("an output was written to after an error".into())
    }
}

/// A destination of bytes: a file, or nothing.
trait Target: Write + Send + Debug {}

impl<T: Write + Send + Debug> Target for T {}

/// A file of an [`OutputSet`] that is being written.
#[derive(Debug)]
pub(crate) struct OutputFile {
    target: Box<dyn Target>,
    name: String,
    /// The final path, which messages show.
    path: PathBuf,
    /// The final size, if it is known.
    expected: Option<u64>,
    written: u64,
}

impl OutputFile {
    /// The file that will be `folder/name`.
    pub(super) fn over(
        target: impl Write + Send + Debug + 'static,
        folder: &Path,
        name: &str,
        expected: impl Into<Option<u64>>,
    ) -> OutputFile {
        let (target, path) = (Box::new(target), folder.join(name));
        OutputFile { target, name: name.into(), path, expected: expected.into(), written: 0 }
    }

    /// The path of the file after the commit of its set.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The error if no thread can be started that writes the file.
    pub(crate) fn no_thread(&self) -> impl FnOnce(io::Error) -> Error + use<> {
        let path = self.path.clone();
        move |source| Error::Io { path, action: "start a thread to write", source }
    }

    fn fault(&self, source: io::Error) -> Error {
        let needs = match self.expected {
            Some(expected) => {
                format!("it needs {} more bytes", expected.saturating_sub(self.written))
            }
            None => format!("it had {} bytes so far", self.written),
        };
        Error::io(&self.path, "write")(no_room(source, &needs))
    }
}

impl Sink for OutputFile {
    type Error = Error;

    fn append(&mut self, bytes: &[u8]) -> Result<()> {
        let mut left = bytes;
        while !left.is_empty() {
            match self.target.write(left) {
                Ok(0) => return Err(self.fault(io::ErrorKind::WriteZero.into())),
                Ok(n) => {
                    self.written = self.written.saturating_add(n as u64);
                    left = left.get(n..).unwrap_or_default();
                }
                Err(source) if source.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(self.fault(source)),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A disk with room for a number of bytes, and the error that it returns when it is full.
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
    fn a_full_disk_reports_how_many_bytes_are_missing_and_what_to_do() {
        let message = |kind| {
            let mut file = OutputFile::over(Small(300, kind), Path::new("out"), "x.npy", 1_600_000_128);
            file.append(&[0; 100]).unwrap();
            let error = file.append(&[0; 400]).unwrap_err().to_string();
            assert_eq!(file.written, 300);
            error
        };
        let path = Path::new("out").join("x.npy");
        let start = format!("{}: cannot write: the system says no", path.display());
        let missing = "it needs 1599999828 more bytes";
        let free = "free some space, or choose another folder with --out";
        assert_eq!(message(io::ErrorKind::StorageFull), format!("{start}; {missing}; {free}"));
        let raise = "raise the limit, or choose another folder with --out";
        for kind in [io::ErrorKind::QuotaExceeded, io::ErrorKind::FileTooLarge] {
            assert_eq!(message(kind), format!("{start}; {missing}; {raise}"));
        }
        assert_eq!(message(io::ErrorKind::Other), start);
    }

    #[test]
    fn a_full_disk_reports_the_size_so_far_of_a_file_that_grows() {
        let mut file = OutputFile::over(Small(300, io::ErrorKind::StorageFull), Path::new("out"), "x.parquet", None);
        let error = file.append(&[0; 400]).unwrap_err().to_string();
        let free = "free some space, or choose another folder with --out";
        let path = Path::new("out").join("x.parquet");
        assert_eq!(error, format!("{}: cannot write: the system says no; it had 300 bytes so far; {free}", path.display()));
    }

    #[test]
    fn an_interrupted_write_continues() {
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
        assert_eq!((file.written, file.path()), (8, Path::new("out/x")));
    }
}
