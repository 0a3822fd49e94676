//! Opening an input: a file, a pipe or standard input, compressed or not.
//!
//! A pipe can be read only once. So the bytes that detection looks at are kept and read again, and
//! the bytes are hashed on the way.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

use super::ratio::{Counted, Unpacked};
use crate::error::{Error, Result};

const BUFFER: usize = 128 << 10;
/// The number of bytes that show how a file is compressed.
const MAGIC: usize = 4;

/// The path that means standard input.
pub(crate) const STANDARD_INPUT: &str = "-";

/// The bytes of an input.
pub(crate) type Bytes = Box<dyn Read + Send>;

/// How an input is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// It is not compressed.
    None,
    /// gzip, of one or several members.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Packing {
    fn of(magic: &[u8]) -> Packing {
        match magic {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            // A skippable frame, with which some compressors begin.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Packing::Zstd,
            _ => Packing::None,
        }
    }

    /// What a message calls the compressed bytes.
    pub fn stream_name(self) -> &'static str {
        match self {
            Packing::None => "the file",
            Packing::Gzip => "the gzip stream",
            Packing::Zstd => "the zstd stream",
        }
    }

    fn unpack(self, packed: Bytes) -> io::Result<Bytes> {
        let packed = Counted::new(packed);
        let count = packed.count();
        let buffered = BufReader::with_capacity(BUFFER, packed);
        Ok(match self {
            Packing::None => Box::new(buffered.into_inner()),
            Packing::Gzip => Box::new(Unpacked::new(flate2::bufread::MultiGzDecoder::new(buffered), count)),
            Packing::Zstd => {
                // By default it refuses a window of more than 128 MiB.
                Box::new(Unpacked::new(zstd::stream::read::Decoder::with_buffer(buffered)?, count))
            }
        })
    }
}

/// The size and the SHA-256 of a pipe, known once it was read to its end.
pub type StreamDigest = Arc<OnceLock<(u64, [u8; 32])>>;

/// Whether a path can be read only once: standard input, a pipe, a device.
pub fn is_stream(path: &Path) -> bool {
    let is_other = |found: std::fs::Metadata| !found.is_file() && !found.is_dir();
    path.as_os_str() == STANDARD_INPUT || std::fs::metadata(path).is_ok_and(is_other)
}

/// An input that was opened.
pub(crate) struct Opened {
    pub packing: Packing,
    /// The unpacked bytes.
    pub bytes: Peeked,
    /// The digest of a pipe or of standard input.
    pub digest: Option<StreamDigest>,
}

impl Opened {
    /// Opens the file, pipe or standard input at `path`.
    pub fn at(path: &Path) -> Result<Opened> {
        let mut digest = None;
        let raw: Bytes = if is_stream(path) {
            let handle = digest.insert(StreamDigest::default());
            let input: Bytes = match path.as_os_str() == STANDARD_INPUT {
                true => Box::new(io::stdin()),
                false => Box::new(File::open(path).map_err(Error::io(path, "read"))?),
            };
            Box::new(Hashed { inner: input, state: Sha256::new(), bytes: 0, digest: Arc::clone(handle) })
        } else {
            Box::new(File::open(path).map_err(Error::io(path, "read"))?)
        };
        let mut raw = Peeked::new(raw);
        let packing = Packing::of(raw.peek(MAGIC));
        let bytes = match packing {
            Packing::None => raw,
            _ => Peeked::new(packing.unpack(raw.into_bytes()).map_err(Error::io(path, "read"))?),
        };
        Ok(Opened { packing, bytes, digest })
    }
}

/// Bytes whose beginning can be looked at before they are read.
pub(crate) struct Peeked {
    inner: Bytes,
    head: Vec<u8>,
    /// Why the head is no longer: the end (`None`) or an error, which is returned when it is
    /// reached.
    stop: Option<Option<io::Error>>,
}

impl Peeked {
    pub fn new(inner: Bytes) -> Self {
        Peeked { inner, head: Vec::new(), stop: None }
    }

    /// The first `count` bytes; fewer if the input is shorter or cannot be read on.
    pub fn peek(&mut self, count: usize) -> &[u8] {
        while self.head.len() < count && self.stop.is_none() {
            let wanted = (count - self.head.len()) as u64;
            let before = self.head.len();
            let read = (&mut self.inner).take(wanted).read_to_end(&mut self.head);
            match read {
                Err(error) => self.stop = Some(Some(error)),
                Ok(_) if self.head.len() == before => self.stop = Some(None),
                Ok(_) => {}
            }
        }
        self.head.get(..count).unwrap_or(&self.head)
    }

    /// Whether the whole input is not longer than what was looked at.
    pub fn is_at_end(&self) -> bool {
        matches!(self.stop, Some(None))
    }

    /// All bytes from the beginning.
    pub fn into_bytes(self) -> Bytes {
        self.without(0)
    }

    /// All bytes from the beginning, without a UTF-8 byte order mark.
    pub fn into_text(mut self) -> Bytes {
        let marks = if self.peek(BYTE_ORDER_MARK.len()) == BYTE_ORDER_MARK { BYTE_ORDER_MARK.len() } else { 0 };
        self.without(marks)
    }

    /// All bytes but the first ones, of which there are `first`.
    pub fn without(self, first: usize) -> Bytes {
        let Peeked { inner, mut head, stop } = self;
        head.drain(..first.min(head.len()));
        let head = io::Cursor::new(head);
        match stop {
            Some(Some(error)) => Box::new(head.chain(Failing(Some(error)))),
            _ => Box::new(head.chain(inner)),
        }
    }
}

pub(crate) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Returns an error that was met before.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Hashes bytes while they are read.
struct Hashed {
    inner: Bytes,
    state: Sha256,
    bytes: u64,
    digest: StreamDigest,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 && !buffer.is_empty() {
            let _ = self.digest.set((self.bytes, self.state.clone().finalize().into()));
        }
        self.state.update(buffer.get(..read).unwrap_or_default());
        self.bytes = self.bytes.saturating_add(read as u64);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peeked(bytes: &'static [u8]) -> Peeked {
        Peeked::new(Box::new(bytes))
    }

    fn all(mut bytes: Bytes) -> Vec<u8> {
        let mut read = Vec::new();
        bytes.read_to_end(&mut read).unwrap();
        read
    }

    #[test]
    fn bytes_that_were_looked_at_are_read_again() {
        let mut bytes = peeked(b"abcdef");
        assert_eq!((bytes.peek(2).to_vec(), bytes.is_at_end()), (b"ab".to_vec(), false));
        assert_eq!((bytes.peek(9).to_vec(), bytes.is_at_end()), (b"abcdef".to_vec(), true));
        assert_eq!(bytes.peek(3), b"abc");
        assert_eq!(all(bytes.into_bytes()), b"abcdef");
    }

    #[test]
    fn only_a_byte_order_mark_at_the_beginning_is_ignored() {
        assert_eq!(all(peeked(b"\xef\xbb\xbfa\xef\xbb\xbf").into_text()), b"a\xef\xbb\xbf");
        assert_eq!(all(peeked(b"\xef\xbbx").into_text()), b"\xef\xbbx");
        assert_eq!(all(peeked(b"").into_text()), b"");
    }

    #[test]
    fn an_error_in_the_head_is_returned_when_it_is_reached() {
        let input = (&b"ab"[..]).chain(Failing(Some(io::Error::other("torn"))));
        let mut bytes = Peeked::new(Box::new(input));
        assert_eq!(bytes.peek(10), b"ab");
        let mut read = Vec::new();
        let error = bytes.into_bytes().read_to_end(&mut read).unwrap_err();
        assert_eq!((read.as_slice(), error.to_string().as_str()), (&b"ab"[..], "torn"));
    }

    #[test]
    fn a_stream_is_hashed_while_it_is_read() {
        let digest = StreamDigest::default();
        let bytes = Hashed { inner: Box::new(&b"abc"[..]), state: Sha256::new(), bytes: 0, digest: Arc::clone(&digest) };
        assert_eq!(all(Box::new(bytes)), b"abc");
        assert_eq!(*digest.get().unwrap(), (3, Sha256::digest(b"abc").into()));
    }
}
