//! Copies of inputs: of streams, which can be read only once, and of texts that are not UTF-8.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use keyword_files::records::is_stream;
use tempfile::TempDir;

use super::encoding::{Decoded, Encoding};
use crate::error::{Error, Problem, Result};

/// Bytes of a stream that are looked at.
const MOST: u64 = 256 << 20;

/// What to do with an input that no options can read.
const CONVERT: &str = "convert it to a CSV file with a row such as a.jpg,dog|cat for each image, or to JSON Lines";

/// The file that is read for an input.
pub(crate) struct InputCopy {
    /// The path that the user has given.
    given: PathBuf,
    copy: Option<(TempDir, PathBuf)>,
    /// The encoding of the given file, if the copy is its text in UTF-8.
    pub encoding: Option<Encoding>,
}

impl InputCopy {
    /// Copies the start of a pipe, of standard input, or of a text that is not UTF-8. Another file
    /// needs no copy.
    pub fn of(path: &Path) -> Result<InputCopy> {
        let given = path.to_path_buf();
        if !is_stream(path) {
            return match Decoded::of(path) {
                Some(decoded) => InputCopy::of_text(path, decoded),
                None => Ok(InputCopy { given, copy: None, encoding: None }),
            };
        }
        let (folder, copy) = place_of_copy(path)?;
        let input: Box<dyn Read> = match path.as_os_str() == "-" {
            true => Box::new(io::stdin()),
            false => Box::new(File::open(path).map_err(Error::io(path, "read"))?),
        };
        let mut output = File::create(&copy).map_err(Error::io(&copy, "write"))?;
        io::copy(&mut input.take(MOST), &mut output).map_err(Error::io(path, "read"))?;
        Ok(InputCopy { given, copy: Some((folder, copy)), encoding: None })
    }

    fn of_text(path: &Path, Decoded { encoding, text }: Decoded) -> Result<InputCopy> {
        let (folder, copy) = place_of_copy(path)?;
        fs::write(&copy, text).map_err(Error::io(&copy, "write"))?;
        Ok(InputCopy { given: path.to_path_buf(), copy: Some((folder, copy)), encoding: Some(encoding) })
    }

    /// The path that is read.
    pub fn path(&self) -> &Path {
        self.copy.as_ref().map_or(&self.given, |(_, copy)| copy)
    }

    pub fn is_stream(&self) -> bool {
        self.copy.is_some() && self.encoding.is_none()
    }

    /// The same problem with the path that the user has given, and without the advice to inspect it.
    pub fn problem(&self, problem: Problem) -> Problem {
        self.in_given(problem).when_inspected(None)
    }

    fn in_given(&self, problem: Problem) -> Problem {
        if self.copy.is_some() { problem.in_file(&self.given) } else { problem }
    }

    /// The same for an error that ends the inspection, with the advice to convert the input.
    pub fn error(&self, error: Error) -> Error {
        match error {
            Error::Data(problem) => self.in_given(problem).when_inspected(Some(CONVERT)).into(),
            error => error,
        }
    }
}

/// A temporary folder and the path of the copy in it.
fn place_of_copy(path: &Path) -> Result<(TempDir, PathBuf)> {
    let folder = tempfile::tempdir().map_err(Error::io(std::env::temp_dir(), "write"))?;
    let copy = folder.path().join(path.file_name().unwrap_or("input".as_ref()));
    Ok((folder, copy))
}
