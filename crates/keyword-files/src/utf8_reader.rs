//! JSON that is too large to be held comes by in a stream, and its UTF-8 is checked as it passes.

use std::io::{self, Read};

use super::json::{Malformed, not_utf8};

/// [`utf8`](super::json::utf8) for a text that comes by in a stream: the stream ends with an error at the first stray byte.
pub struct Utf8Reader<R> {
    inner: R,
    /// Bytes that were read: up to `valid` they are UTF-8, up to `taken` they were handed on.
    buffer: Vec<u8>,
    taken: usize,
    valid: usize,
    /// Where in the text the buffer starts.
    at: u64,
    start: Vec<u8>,
    flaw: Option<u64>,
}

impl<R: Read> Utf8Reader<R> {
    const BUFFER: u64 = 128 << 10;

    pub fn new(inner: R) -> Self {
        Utf8Reader { inner, buffer: Vec::new(), taken: 0, valid: 0, at: 0, start: Vec::new(), flaw: None }
    }

    /// The first bytes of the text, once something was read.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// The stray byte that has ended the stream.
    pub fn flaw(&self) -> Option<Malformed> {
        self.flaw.map(not_utf8)
    }

    #[cold]
    fn fill(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.taken);
        self.at += self.taken as u64;
        self.taken = 0;
        let read = (&mut self.inner).take(Self::BUFFER).read_to_end(&mut self.buffer)?;
        if self.start.is_empty() {
            self.start = self.buffer.iter().take(3).copied().collect();
        }
        let checked = std::str::from_utf8(&self.buffer);
        self.valid = checked.map_or_else(|error| error.valid_up_to(), str::len);
        // A character that is cut off may go on in what comes next, unless nothing comes.
        let is_cut_off = checked.is_err_and(|error| error.error_len().is_none()) && read as u64 == Self::BUFFER;
        if self.valid == 0 && !self.buffer.is_empty() && !is_cut_off {
            self.flaw = Some(self.at);
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    #[inline]
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.valid {
            self.fill()?;
        }
        let ready = self.buffer.get(self.taken..self.valid).unwrap_or_default();
        // The JSON parser asks for one byte at a time: a copy of any length costs more.
        if let ([out], [first, ..]) = (&mut *out, ready) {
            *out = *first;
            self.taken += 1;
            return Ok(1);
        }
        let count = ready.len().min(out.len());
        if let (Some(out), Some(ready)) = (out.get_mut(..count), ready.get(..count)) {
            out.copy_from_slice(ready);
        }
        self.taken += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::utf8;

    /// Hands on so many bytes at a time.
    struct Slowly<'a>(&'a [u8], usize);

    impl Read for Slowly<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let most = out.len().min(self.1);
            self.0.read(&mut out[..most])
        }
    }

    fn streamed(text: &[u8], step: usize) -> Result<Vec<u8>, Malformed> {
        let mut reader = Utf8Reader::new(Slowly(text, step));
        let mut out = Vec::new();
        match reader.read_to_end(&mut out) {
            Ok(_) => Ok(out),
            Err(_) => Err(reader.flaw().unwrap()),
        }
    }

    #[test]
    fn a_stream_is_checked_as_a_whole_text_is() {
        let long = ["é日😀a".repeat(30_000).as_bytes(), b"\xff"].concat();
        let texts: [&[u8]; 7] = [b"", "aé日😀".as_bytes(), b"a\xff", b"\xe6\x97", b"ab\xe6\x97c", &long, &long[..long.len() - 2]];
        for text in texts {
            for step in [1, 2, 3, 7, 1 << 20] {
                let expected = utf8(text).map(|_| text.to_vec());
                assert!(streamed(text, step) == expected, "{} bytes, {step} at a time", text.len());
            }
        }
    }
}
