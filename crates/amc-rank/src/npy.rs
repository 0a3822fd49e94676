//! Arrays in NumPy's format, read as a stream.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use keyword_files::error::{Error, Problem, Result};
use keyword_files::npy::header::NpyHeader;
use keyword_files::npy::sha256::Hasher;
use keyword_files::plain_file::open_file;

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
    descr: String,
    /// Its length along each axis.
    pub shape: Vec<usize>,
}

impl NpyReader {
    /// Opens an array. A file whose size does not fit its shape is refused.
    pub fn open(path: &Path) -> Result<NpyReader> {
        let file = open_file(path)?;
        let size = file.metadata().map_err(Error::io(path, "read"))?.len();
        let mut reader = BufReader::with_capacity(1 << 18, Hashing::new(file));
        let header = NpyHeader::read(&mut reader).map_err(|error| Problem::new(path, error.to_string()))?;
        let descr = header.descr.trim_matches('\'').to_owned();
        let element = match descr.as_str() {
            "|u1" => 1,
            "<i4" | "<f4" => 4,
            "<i8" => 8,
            other => return Err(Problem::new(path, format!("expected int32, int64, uint8 or float32, found {other}")).into()),
        };
        if header.fortran_order != "False" {
            return Err(Problem::new(path, "expected an array in C order").into());
        }
        let shape = header.shape.unwrap_or_default();
        let bytes = shape.iter().try_fold(element, |bytes: u64, &axis| bytes.checked_mul(axis));
        if bytes.and_then(|bytes| bytes.checked_add(header.length)) != Some(size) {
            let what = format!("the shape {shape:?} does not fit the size of the file ({size} bytes)");
            return Err(Problem::new(path, what).into());
        }
        // The elements are in a file, so their number is a usize.
        let shape = shape.iter().map(|&axis| axis as usize).collect();
        Ok(NpyReader { path: path.to_path_buf(), reader, descr, shape })
    }

    /// The next element of an array of whole numbers.
    pub fn integer(&mut self) -> Result<i64> {
        Ok(match self.descr.as_str() {
            "|u1" => u8::from_le_bytes(self.bytes()?).into(),
            "<i4" => i32::from_le_bytes(self.bytes()?).into(),
            "<i8" => i64::from_le_bytes(self.bytes()?),
            other => return Err(self.problem(format!("expected whole numbers, found {other}")).into()),
        })
    }

    /// The next element of an array of `float32`.
    pub fn float(&mut self) -> Result<f32> {
        match self.descr.as_str() {
            "<f4" => Ok(f32::from_le_bytes(self.bytes()?)),
            other => Err(self.problem(format!("expected float32, found {other}")).into()),
        }
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
