//! Reads a JSON text of any size as a stream of values. Only one of them is held at a time.

use std::io::{self, BufRead, BufReader};

use super::json_end::ValueEnd;
use super::opening::Bytes;

const BUFFER: usize = 128 << 10;
/// A key or a number of more bytes is an error.
const LONGEST_KEY: usize = 64 << 10;

/// What is wrong with a JSON text.
#[derive(Debug)]
pub(crate) enum JsonFault {
    /// It cannot be read on.
    Io(io::Error),
    /// It is not JSON.
    Syntax(String),
}

impl From<io::Error> for JsonFault {
    fn from(error: io::Error) -> Self {
        JsonFault::Io(error)
    }
}

type Result<T> = std::result::Result<T, JsonFault>;

/// A list or an object whose entries are read one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Container {
    List,
    Object,
}

impl Container {
    fn close(self) -> u8 {
        match self {
            Container::List => b']',
            Container::Object => b'}',
        }
    }

    fn name(self) -> &'static str {
        match self {
            Container::List => "list",
            Container::Object => "object",
        }
    }
}

/// Whether a value was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kept {
    Whole,
    /// The value has more bytes than it may have. Its beginning was kept.
    Beginning,
}

pub(crate) struct JsonReader {
    input: BufReader<Bytes>,
    line: u64,
}

impl JsonReader {
    pub fn new(input: Bytes) -> Self {
        JsonReader { input: BufReader::with_capacity(BUFFER, input), line: 1 }
    }

    /// The current line, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The first byte behind white space; none at the end of the text.
    pub fn peek(&mut self) -> Result<Option<u8>> {
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() {
                return Ok(None);
            }
            match piece.iter().position(|byte| !byte.is_ascii_whitespace()) {
                Some(place) => {
                    let byte = piece.get(place).copied();
                    self.consume(place);
                    return Ok(byte);
                }
                None => {
                    let len = piece.len();
                    self.consume(len);
                }
            }
        }
    }

    /// The first byte behind white space.
    fn peek_byte(&mut self) -> Result<u8> {
        self.peek()?.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof).into())
    }

    /// Enters the list or object that comes next. None: it is neither, and nothing was read.
    pub fn enter(&mut self) -> Result<Option<Container>> {
        let container = match self.peek_byte()? {
            b'[' => Container::List,
            b'{' => Container::Object,
            _ => return Ok(None),
        };
        self.consume(1);
        Ok(Some(container))
    }

    /// Goes to the next element or key. `false`: the container ends here and was left.
    pub fn next_in(&mut self, container: Container, is_first: bool) -> Result<bool> {
        let byte = self.peek_byte()?;
        if byte == container.close() {
            self.consume(1);
            return Ok(false);
        }
        if is_first {
            return Ok(true);
        }
        if byte != b',' {
            let (close, name) = (char::from(container.close()), container.name());
            let what = format!("expected , or {close} after an entry of the {name}");
            return Err(self.unexpected(what, byte));
        }
        self.consume(1);
        let byte = self.peek_byte()?;
        if byte == container.close() {
            let name = container.name();
            return Err(self.unexpected(format!("expected an entry of the {name} after the comma"), byte));
        }
        Ok(true)
    }

    /// Reads a key and the colon behind it into `key`, which must be empty.
    pub fn key(&mut self, key: &mut Vec<u8>) -> Result<String> {
        let byte = self.peek_byte()?;
        if byte != b'"' {
            return Err(self.unexpected("expected a key in quotes".to_owned(), byte));
        }
        if self.value(Some((&mut *key, LONGEST_KEY)))? == Kept::Beginning {
            return Err(JsonFault::Syntax(format!("a key has more than {LONGEST_KEY} bytes")));
        }
        let decoded = serde_json::from_slice(key);
        let decoded = decoded.map_err(|_| JsonFault::Syntax(format!("bad key {}", lossy(key))))?;
        match self.peek_byte()? {
            b':' => self.consume(1),
            byte => return Err(self.unexpected(format!("expected : after the key {}", lossy(key)), byte)),
        }
        Ok(decoded)
    }

    /// Skips the next value.
    pub fn skip(&mut self) -> Result<()> {
        self.value(None).map(drop)
    }

    /// Reads the next value, whole or not. Appends its text to a buffer unless it has more bytes
    /// than the given number.
    pub fn value(&mut self, mut keep: Option<(&mut Vec<u8>, usize)>) -> Result<Kept> {
        let is_bracketed = match self.peek_byte()? {
            b'{' | b'[' | b'"' => true,
            byte @ (b',' | b':' | b'}' | b']') => {
                return Err(self.unexpected("expected a value".to_owned(), byte));
            }
            _ => false,
        };
        let mut end = ValueEnd::default();
        let (mut kept, mut len) = (Kept::Whole, 0);
        loop {
            let piece = self.input.fill_buf()?;
            if piece.is_empty() && (is_bracketed || len == 0) {
                return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
            }
            let place = if is_bracketed { end.find(piece) } else { piece.iter().position(ends_word) };
            let is_last = place.is_some() || piece.is_empty();
            let piece = piece.get(..place.unwrap_or(piece.len())).unwrap_or_default();
            if let Some((text, most)) = &mut keep {
                let room = most.saturating_sub(len);
                if piece.len() > room {
                    kept = Kept::Beginning;
                }
                text.extend_from_slice(piece.get(..room).unwrap_or(piece));
            }
            len += piece.len();
            if !is_bracketed && len > LONGEST_KEY {
                return Err(JsonFault::Syntax(format!("a number has more than {LONGEST_KEY} bytes")));
            }
            let read = piece.len();
            self.consume(read);
            if is_last {
                return Ok(kept);
            }
        }
    }

    /// Checks that nothing but white space is left.
    pub fn finish(&mut self) -> Result<()> {
        match self.peek()? {
            None => Ok(()),
            Some(byte) => Err(self.unexpected("expected the end of the file".to_owned(), byte)),
        }
    }

    fn unexpected(&self, what: String, byte: u8) -> JsonFault {
        JsonFault::Syntax(format!("not JSON: {what}, found {:?}", char::from(byte)))
    }

    /// Consumes bytes of the buffer.
    fn consume(&mut self, count: usize) {
        let passed = self.input.buffer().get(..count).unwrap_or_default();
        self.line += passed.iter().map(|&byte| u64::from(byte == b'\n')).sum::<u64>();
        self.input.consume(count);
    }
}

/// Whether a byte ends a number, `true`, `false` or `null`.
fn ends_word(byte: &u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b':' | b']' | b'}' | b'[' | b'{' | b'"')
}

/// The beginning of a text for a message.
fn lossy(text: &[u8]) -> String {
    const SHOWN: usize = 60;
    String::from_utf8_lossy(text).chars().take(SHOWN).collect()
}
