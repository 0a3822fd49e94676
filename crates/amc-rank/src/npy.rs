//! Arrays in NumPy's format, read as a stream.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use keyword_files::error::{Error, Problem, Result};
use keyword_files::npy::header::NpyHeader;
use keyword_files::npy::sha256::Hasher;
use keyword_files::plain_file::open_file;

/// Elements of the types uint8, int32 and int64.
pub const INTEGERS: &str = "whole numbers";
/// Elements of the type float32.
pub const FLOATS: &str = "float32";

/// A reader that hashes what it reads.
#[derive(Debug)]
pub struct Hashing<R> {
    inner: R,
    /// The hash of what was read.
    pub hasher: Hasher,
}

impl<R> Hashing<R> {
    /// Hashes what `inner` gives.
    pub fn new(inner: R) -> Hashing<R> {
        Hashing { inner, hasher: Hasher::default() }
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// An array that is being read.
#[derive(Debug)]
pub struct NpyReader {
    path: PathBuf,
    reader: BufReader<Hashing<File>>,
    /// The bytes of an element.
    width: u64,
    /// Its length along each axis.
    pub shape: Vec<usize>,
}

impl NpyReader {
    /// Opens an array of `elements`. A file whose size does not fit its shape is refused.
    pub fn open(path: &Path, elements: &str) -> Result<NpyReader> {
        let file = open_file(path)?;
        let size = file.metadata().map_err(Error::io(path, "read"))?.len();
        let mut reader = BufReader::with_capacity(1 << 18, Hashing::new(file));
        let header = NpyHeader::read(&mut reader).map_err(|error| Problem::new(path, error.to_string()))?;
        let width = match (elements, header.descr.trim_matches('\'')) {
            (INTEGERS, "|u1") => 1,
            (INTEGERS, "<i4") | (FLOATS, "<f4") => 4,
            (INTEGERS, "<i8") => 8,
            (_, found) => return Err(Problem::new(path, format!("expected {elements}, found {found}")).into()),
        };
        if header.fortran_order != "False" {
            return Err(Problem::new(path, "expected an array in C order").into());
        }
        let shape = header.shape.unwrap_or_default();
        let bytes = shape.iter().try_fold(width, |bytes: u64, &axis| bytes.checked_mul(axis));
        if bytes.and_then(|bytes| bytes.checked_add(header.length)) != Some(size) {
            let what = format!("the shape {shape:?} does not fit the size of the file ({size} bytes)");
            return Err(Problem::new(path, what).into());
        }
        // The elements are in a file, so their number is a usize.
        let shape = shape.iter().map(|&axis| axis as usize).collect();
        Ok(NpyReader { path: path.to_path_buf(), reader, width, shape })
    }

    /// The next element of an array of [`INTEGERS`].
    pub fn integer(&mut self) -> Result<i64> {
        Ok(match self.width {
            1 => u8::from_le_bytes(self.bytes()?).into(),
            4 => i32::from_le_bytes(self.bytes()?).into(),
            _ => i64::from_le_bytes(self.bytes()?),
        })
    }

    /// The next element of an array of [`FLOATS`].
    pub fn float(&mut self) -> Result<f32> {
        self.bytes().map(f32::from_le_bytes)
    }

    /// The checksum of the file, once all elements have been read.
    pub fn sha256(self) -> String {
        self.reader.into_inner().hasher.finish().sha256
    }

    /// A problem with the file.
    pub fn problem(&self, what: impl Into<String>) -> Problem {
        Problem::new(&self.path, what.into())
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(Error::io(&self.path, "read"))?;
        Ok(bytes)
    }
}
