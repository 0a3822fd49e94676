//! Arrays in NumPy's format, read as a stream.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The largest header that NumPy reads by default, with some room.
const LONGEST_HEADER: usize = 1 << 16;

/// The type of the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// `|u1`.
    Uint8,
    /// `<i4`.
    Int32,
    /// `<i8`.
    Int64,
    /// `<f4`.
    Float32,
}

impl Element {
    const ALL: [Element; 4] = [Element::Uint8, Element::Int32, Element::Int64, Element::Float32];

    fn descr(self) -> &'static str {
        match self {
            Element::Uint8 => "|u1",
            Element::Int32 => "<i4",
            Element::Int64 => "<i8",
            Element::Float32 => "<f4",
        }
    }

    fn size(self) -> u64 {
        match self {
            Element::Uint8 => 1,
            Element::Int32 | Element::Float32 => 4,
            Element::Int64 => 8,
        }
    }
}

/// The type and the shape of an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The type of its elements.
    pub element: Element,
    /// Its length along each axis.
    pub shape: Vec<usize>,
}

impl Header {
    /// Reads a header from the beginning of `reader`.
    pub fn read(mut reader: impl Read) -> std::result::Result<Header, String> {
        let cut = |_| "the header is cut off".to_owned();
        let mut start = [0; 8];
        reader.read_exact(&mut start).map_err(cut)?;
        let [0x93, b'N', b'U', b'M', b'P', b'Y', version, _] = start else {
            return Err("this is not a .npy file".into());
        };
        let mut length = [0; 4];
        let bytes = if version == 1 { 2 } else { 4 };
        reader.read_exact(length.split_at_mut(bytes).0).map_err(cut)?;
        let length = u32::from_le_bytes(length) as usize;
        if length > LONGEST_HEADER {
            return Err(format!("the header has {length} bytes, at most {LONGEST_HEADER} are possible"));
        }
        let mut text = vec![0; length];
        reader.read_exact(&mut text).map_err(cut)?;
        Header::parse(&String::from_utf8_lossy(&text)).ok_or_else(|| {
            format!(
                "the array must be int32, int64, uint8 or float32 in C order (its header is {})",
                String::from_utf8_lossy(&text).trim()
            )
        })
    }

    fn parse(text: &str) -> Option<Header> {
        let value = |key: &str| Some(text.split_once(&format!("'{key}':"))?.1.trim_start());
        let descr = value("descr")?.strip_prefix('\'')?.split_once('\'')?.0;
        let element = Element::ALL.into_iter().find(|element| element.descr() == descr)?;
        value("fortran_order")?.starts_with("False").then_some(())?;
        let axes = value("shape")?.strip_prefix('(')?.split_once(')')?.0.split(',');
        let axes = axes.map(str::trim).filter(|axis| !axis.is_empty());
        Some(Header { element, shape: axes.map(|axis| axis.parse().ok()).collect::<Option<_>>()? })
    }

    /// How many bytes the elements take; `None` if that is no number.
    pub fn data_bytes(&self) -> Option<u64> {
        let count = self.shape.iter().try_fold(1_u64, |count, &axis| count.checked_mul(axis as u64));
        count?.checked_mul(self.element.size())
    }

    /// The header as `numpy.save` writes it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let axes: String = self.shape.iter().map(|axis| format!("{axis}, ")).collect();
        let mut text =
            format!("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", self.element.descr(), axes.trim_end());
        text.extend(std::iter::repeat_n(' ', 127_usize.saturating_sub(10 + text.len()) % 64));
        text.push('\n');
        let length = u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes();
        [b"\x93NUMPY\x01\x00".as_slice(), &length, text.as_bytes()].concat()
    }
}

/// An array that is being read.
#[derive(Debug)]
pub struct NpyReader {
    path: PathBuf,
    reader: BufReader<Hashing<File>>,
    /// Its type and shape.
    pub header: Header,
}

/// A reader that hashes what it reads.
#[derive(Debug)]
pub struct Hashing<R> {
    inner: R,
    digest: Sha256,
}

impl<R> Hashing<R> {
    /// Hashes what `inner` gives.
    pub fn new(inner: R) -> Hashing<R> {
        Hashing { inner, digest: Sha256::new() }
    }

    /// The checksum of all that was read.
    pub fn sha256(self) -> String {
        hex(&self.digest.finalize())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.digest.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// The checksum of `bytes`.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl NpyReader {
    /// Opens an array. A file whose size does not fit its shape is refused.
    pub fn open(path: &Path) -> Result<NpyReader> {
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        let size = file.metadata().map_err(Error::io(path, "read"))?.len();
        let mut reader = BufReader::with_capacity(1 << 18, Hashing::new(file));
        let mut counted = Counted { inner: &mut reader, bytes: 0 };
        let header = Header::read(&mut counted).map_err(|what| Error::file(path, what))?;
        let expected = header.data_bytes().and_then(|bytes| bytes.checked_add(counted.bytes));
        if expected != Some(size) {
            let what = format!("the shape {:?} does not fit the size of the file ({size} bytes)", header.shape);
            return Err(Error::file(path, what));
        }
        Ok(NpyReader { path: path.to_path_buf(), reader, header })
    }

    /// The next element of an array of whole numbers.
    pub fn integer(&mut self) -> Result<i64> {
        Ok(match self.header.element {
            Element::Uint8 => i64::from(u8::from_le_bytes(self.bytes()?)),
            Element::Int32 => i64::from(i32::from_le_bytes(self.bytes()?)),
            Element::Int64 => i64::from_le_bytes(self.bytes()?),
            Element::Float32 => return Err(Error::file(&self.path, "the array must hold whole numbers (it is float32)")),
        })
    }

    /// The next element of an array of `float32`.
    pub fn float(&mut self) -> Result<f32> {
        match self.header.element {
            Element::Float32 => Ok(f32::from_le_bytes(self.bytes()?)),
            other => Err(Error::file(&self.path, format!("the array must be float32 (it is {})", other.descr()))),
        }
    }

    /// The checksum of the file, once all elements have been read.
    pub fn sha256(self) -> String {
        self.reader.into_inner().sha256()
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut bytes = [0; N];
        self.reader.read_exact(&mut bytes).map_err(Error::io(&self.path, "read"))?;
        Ok(bytes)
    }
}

struct Counted<R> {
    inner: R,
    bytes: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_as_it_was_written() {
        for shape in [vec![], vec![3], vec![1_000_000, 9, 32]] {
            let header = Header { element: Element::Float32, shape };
            let bytes = header.to_bytes();
            assert_eq!((Header::read(&bytes[..]), bytes.len() % 64), (Ok(header), 0));
        }
    }

    #[test]
    fn a_file_that_is_shorter_than_its_shape_is_refused_before_it_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let header = Header { element: Element::Int64, shape: vec![usize::MAX, 2] };
        std::fs::write(file.path(), header.to_bytes()).unwrap();
        let error = NpyReader::open(file.path()).unwrap_err().to_string();
        let what = "the shape [18446744073709551615, 2] does not fit the size of the file (128 bytes)";
        assert_eq!(error, format!("{}: {what}", file.path().display()));
    }
}
