//! The check that a JSON text is UTF-8, of a whole text and of a stream.

use std::io::{self, Read};

use super::found_value::FoundValue;
use super::malformed::{Flaw, Malformed, TextPlace};

/// The text of JSON. Python's `json` reads UTF-8 only, so a stray byte anywhere is an error.
pub fn utf8(json: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(json).map_err(|error| not_utf8(error.valid_up_to() as u64))
}

/// The problem with a byte that belongs to no character.
fn not_utf8(byte: u64) -> Malformed {
    Malformed::new(TextPlace::Byte(byte), Flaw::NotUtf8)
}

/// [`utf8`] for a stream: the stream ends with an error at the first stray byte.
pub(super) struct Utf8Reader<R> {
    inner: R,
    /// Some bytes that were handed on, up to `taken`, then bytes that are known to be UTF-8, up to
    /// `valid`, then bytes that are not checked.
    buffer: Vec<u8>,
    taken: usize,
    valid: usize,
    /// The place in the text where the buffer starts, also as the lines before it and the bytes
    /// of its first line before it.
    at: u64,
    lines: usize,
    column: usize,
    start: Vec<u8>,
    flaw: Option<u64>,
}

impl<R: Read> Utf8Reader<R> {
    const BUFFER: u64 = 128 << 10;
    /// Bytes that are kept after they were handed on, for [`value_at`](Self::value_at).
    const KEPT: usize = 1 << 10;

    pub fn new(inner: R) -> Self {
        Utf8Reader { inner, buffer: Vec::new(), taken: 0, valid: 0, at: 0, lines: 0, column: 0, start: Vec::new(), flaw: None }
    }

    /// The first bytes of the text, after something was read.
    pub fn start(&self) -> &[u8] {
        &self.start
    }

    /// The stray byte that has ended the stream.
    pub fn flaw(&self) -> Option<Malformed> {
        self.flaw.map(not_utf8)
    }

    /// The value before which, if it is a list or an object, or else behind which a JSON parser
    /// has stopped. It is not known if the value began too far back.
    pub fn value_at(&self, error: &serde_json::Error) -> Option<FoundValue> {
        // The parser counts the byte behind a number, and the bracket of a list or an object.
        let last = self.place_in_buffer(error)?.checked_sub(1)?;
        let is_ahead = matches!(self.buffer.get(last)?, b'[' | b'{' | b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t');
        FoundValue::at(&self.buffer, if is_ahead { last } else { last + 1 })
    }

    fn place_in_buffer(&self, error: &serde_json::Error) -> Option<usize> {
        match error.line().checked_sub(1 + self.lines)? {
            0 => error.column().checked_sub(self.column),
            further => {
                let mut lines = self.buffer.split_inclusive(|&byte| byte == b'\n');
                Some(lines.by_ref().take(further).map(<[u8]>::len).sum::<usize>() + error.column())
            }
        }
    }

    #[cold]
    fn fill(&mut self) -> io::Result<()> {
        let gone = self.taken.saturating_sub(Self::KEPT);
        for byte in self.buffer.drain(..gone) {
            (self.lines, self.column) = match byte {
                b'\n' => (self.lines + 1, 0),
                _ => (self.lines, self.column + 1),
            };
        }
        self.at += gone as u64;
        self.taken -= gone;
        let read = (&mut self.inner).take(Self::BUFFER).read_to_end(&mut self.buffer)?;
        if self.start.is_empty() {
            self.start = self.buffer.iter().take(3).copied().collect();
        }
        let unchecked = self.buffer.get(self.taken..).unwrap_or_default();
        let checked = std::str::from_utf8(unchecked);
        self.valid = self.taken + checked.map_or_else(|error| error.valid_up_to(), str::len);
        // A partial character at the end of the buffer is an error only at the end of the stream.
        let is_cut_off = checked.is_err_and(|error| error.error_len().is_none()) && read as u64 == Self::BUFFER;
        if self.valid == self.taken && !unchecked.is_empty() && !is_cut_off {
            self.flaw = Some(self.at + self.taken as u64);
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
        // The JSON parser asks for one byte at a time. A copy of variable length is slower.
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

    /// Hands on at most this number of bytes at a time.
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
