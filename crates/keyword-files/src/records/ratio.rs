//! A packed stream that grows as no keywords do is given up: a few kilobytes could keep the machine
//! busy for hours.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of bytes that any file may unpack to.
const FREE: u64 = 64 << 20;
/// The number of further bytes that each packed byte may unpack to. For keywords, the ratio is 5 to
/// 20. For one line that is repeated, it is some hundreds.
const MOST: u64 = 1000;

pub(super) const TOO_MUCH: &str = "unpacks to more than 1000 times its size, which no keyword file \
                                   does";

/// Counts what is read of the packed file.
pub(super) struct Counted<R> {
    inner: R,
    count: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub fn new(inner: R) -> Self {
        Counted { inner, count: Arc::default() }
    }

    /// The number of bytes that have been read so far. It changes while the stream is read.
    pub fn count(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.count)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

/// The unpacked bytes of a stream.
pub(super) struct Unpacked<R> {
    inner: R,
    packed: Arc<AtomicU64>,
    count: u64,
}

impl<R> Unpacked<R> {
    pub fn new(inner: R, packed: Arc<AtomicU64>) -> Self {
        Unpacked { inner, packed, count: 0 }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count += read as u64;
        let most = self.packed.load(Ordering::Relaxed).saturating_mul(MOST).saturating_add(FREE);
        if self.count > most { Err(io::Error::other(TOO_MUCH)) } else { Ok(read) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unpacked(packed: u64, bytes: u64) -> io::Result<u64> {
        let count = Arc::new(AtomicU64::new(packed));
        io::copy(&mut Unpacked::new(io::repeat(0).take(bytes), count), &mut io::sink())
    }

    #[test]
    fn a_stream_may_grow_a_thousandfold_behind_the_first_64_mib() {
        assert_eq!(unpacked(0, FREE).unwrap(), FREE);
        assert_eq!(unpacked(5, FREE + 5000).unwrap(), FREE + 5000);
        assert_eq!(unpacked(5, FREE + 5001).unwrap_err().to_string(), TOO_MUCH);
    }
}
