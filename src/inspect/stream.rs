//! Copies of streams, which can be read only once.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keyword_files::records::is_stream;
use tempfile::TempDir;

use crate::error::{Error, Result};

/// Bytes of a stream that are looked at.
const MOST: u64 = 256 << 20;

/// The file that is read for an input.
pub(crate) struct InputCopy {
    /// The path that the user has given.
    given: PathBuf,
    copy: Option<(TempDir, PathBuf)>,
}

impl InputCopy {
    /// Copies the start of a pipe or of standard input. A file needs no copy.
    pub fn of(path: &Path) -> Result<InputCopy> {
        let given = path.to_path_buf();
        if !is_stream(path) {
            return Ok(InputCopy { given, copy: None });
        }
        let folder = tempfile::tempdir().map_err(Error::io(std::env::temp_dir(), "write"))?;
        let copy = folder.path().join(path.file_name().unwrap_or("input".as_ref()));
        let input: Box<dyn Read> = match path.as_os_str() == "-" {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(path).map_err(Error::io(path, "read"))?),
        };
        let mut output = File::create(&copy).map_err(Error::io(&copy, "write"))?;
        io::copy(&mut input.take(MOST), &mut output).map_err(Error::io(path, "read"))?;
        Ok(InputCopy { given, copy: Some((folder, copy)) })
    }

    /// The path that is read.
    pub fn path(&self) -> &Path {
        self.copy.as_ref().map_or(&self.given, |(_, copy)| copy)
    }

    pub fn is_stream(&self) -> bool {
        self.copy.is_some()
    }

    /// The same error with the path that the user has given.
    pub fn rename(&self, error: Error) -> Error {
        match error {
            Error::Data(problem) if self.is_stream() => Error::Data(problem.in_file(&self.given)),
            error => error,
        }
    }
}
