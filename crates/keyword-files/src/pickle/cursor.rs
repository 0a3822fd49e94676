//! Reads a pickle step by step, and the items in it: texts and whole numbers.

use std::borrow::Cow;
use std::path::Path;

use super::opcode as op;
use super::text::{EncodedText, Form, clamped, whole_number};
use crate::error::{Problem, Result};

/// The longest number as text. The limit bounds the time to look at a number, however often the
/// memo returns it.
const MAX_NUMBER_LINE: usize = 64;

/// A text or a whole number.
#[derive(Clone, Copy)]
pub(super) enum Item<'a> {
    Text(EncodedText<'a>),
    /// A number beyond 64 bits becomes the nearest one that fits. Both are out of range.
    Number(i64),
}

impl Item<'_> {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Item::Text(_) => "a text",
            Item::Number(_) => "a number",
        }
    }
}

/// A position in the file, which is never after its end.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    file: &'a Path,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(file: &'a Path, bytes: &'a [u8]) -> Self {
        Cursor { file, bytes, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn left(&self) -> usize {
        self.rest().len()
    }

    pub(super) fn problem(&self, at: usize, what: impl Into<Cow<'static, str>>) -> Problem {
        Problem::new(self.file, what).at(format!("byte {at}"))
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    #[inline]
    pub(super) fn byte(&mut self) -> Result<u8> {
        self.array().map(|[byte]| byte)
    }

    #[inline]
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let Some(head) = self.rest().first_chunk::<N>() else { return Err(self.cut_short().into()) };
        self.at += N;
        Ok(*head)
    }

    /// Refuses a length that is larger than the rest of the file.
    #[inline]
    pub(super) fn check_left(&self, len: u64) -> Result<()> {
        if len > self.left() as u64 { Err(self.claims(len).into()) } else { Ok(()) }
    }

    #[cold]
    fn claims(&self, len: u64) -> Problem {
        let what = format!("the pickle is cut short (it claims {len} more bytes, found {})", self.left());
        self.problem(self.at, what).hint("copy or download the file again")
    }

    #[inline]
    fn take(&mut self, len: u64) -> Result<&'a [u8]> {
        self.check_left(len)?;
        let head = self.rest().get(..len as usize).unwrap_or_default();
        self.at += head.len();
        Ok(head)
    }

    #[cold]
    fn cut_short(&self) -> Problem {
        self.problem(self.bytes.len(), "the pickle is cut short").hint("copy or download the file again")
    }

    /// The bytes up to the next line feed, without it.
    fn line(&mut self) -> Result<&'a [u8]> {
        let rest = self.rest();
        let Some(len) = rest.iter().position(|&byte| byte == b'\n') else { return Err(self.cut_short().into()) };
        self.at += len + 1;
        Ok(rest.get(..len).unwrap_or_default())
    }

    /// A short line that `read` parses as a number. `start` is the position of its opcode.
    fn number_line<T>(&mut self, start: usize, read: impl FnOnce(&[u8]) -> Option<T>) -> Result<T> {
        let whole = self.bytes;
        let end = whole.len().min(self.at.saturating_add(MAX_NUMBER_LINE));
        let mut near = Cursor { bytes: whole.get(..end).unwrap_or_default(), ..*self };
        match near.line() {
            Ok(line) => {
                self.at = near.at;
                read(line).ok_or_else(|| self.problem(start, "expected a line with a whole number").into())
            }
            Err(_) if end == whole.len() => Err(self.cut_short().into()),
            Err(_) => Err(self.problem(start, "expected a line with a whole number").into()),
        }
    }

    /// The memo number of `PUT` and `GET`.
    pub(super) fn memo_line(&mut self) -> Result<u32> {
        let start = self.at.saturating_sub(1);
        self.number_line(start, |line| whole_number(line).and_then(|n| u32::try_from(n).ok()))
    }

    /// The item that the opcode `code` at `start` makes, or `None` if it makes none.
    pub(super) fn item(&mut self, code: u8, start: usize) -> Result<Option<Item<'a>>> {
        Ok(Some(match code {
            op::BININT => Item::Number(i32::from_le_bytes(self.array()?).into()),
            op::BININT1 => Item::Number(self.byte()?.into()),
            op::BININT2 => Item::Number(u16::from_le_bytes(self.array()?).into()),
            op::INT => self.int(start)?,
            op::LONG => Item::Number(self.number_line(start, |line| whole_number(line.strip_suffix(b"L").unwrap_or(line)))?),
            op::LONG1 | op::LONG4 => self.long(code, start)?,
            op::SHORT_BINSTRING | op::SHORT_BINUNICODE | op::SHORT_BINBYTES => {
                let len = self.byte()?.into();
                self.text(len)?
            }
            // Python 2 writes a signed length for BINSTRING. A negative one is larger than any
            // file.
            op::BINSTRING | op::BINUNICODE | op::BINBYTES => {
                let len = u32::from_le_bytes(self.array()?).into();
                self.text(len)?
            }
            op::BINUNICODE8 | op::BINBYTES8 => {
                let len = u64::from_le_bytes(self.array()?);
                self.text(len)?
            }
            op::UNICODE => self.text_line(Form::RawUnicodeEscape)?,
            op::STRING => self.text_line(Form::Repr)?,
            _ => return Ok(None),
        }))
    }

    /// The item that the opcode at `start` makes, or `None` if it makes none.
    pub(super) fn item_made_at(&self, start: usize) -> Result<Option<Item<'a>>> {
        let mut there = Cursor { at: start, ..*self };
        let code = there.byte()?;
        there.item(code, start)
    }

    fn int(&mut self, start: usize) -> Result<Item<'a>> {
        // Protocols 0 and 1 write True as the number 01.
        if self.rest().starts_with(b"00\n") || self.rest().starts_with(b"01\n") {
            return Err(self.problem(start, "expected a pickled dict {name: number}, found True or False").into());
        }
        self.number_line(start, whole_number).map(Item::Number)
    }

    /// A number of any length in two's complement, in little-endian order.
    fn long(&mut self, code: u8, start: usize) -> Result<Item<'a>> {
        let len = if code == op::LONG1 { self.byte()?.into() } else { u32::from_le_bytes(self.array()?) };
        let bytes = self.take(len.into())?;
        let negative = bytes.last().is_some_and(|&byte| byte >= 0x80);
        let mut wide = [if negative { 0xff } else { 0 }; 16];
        let Some(low) = wide.get_mut(..bytes.len()) else {
            return Err(self.problem(start, format!("expected a whole number, found one of {len} bytes")).into());
        };
        low.copy_from_slice(bytes);
        Ok(Item::Number(clamped(i128::from_le_bytes(wide))))
    }

    #[inline]
    fn text(&mut self, len: u64) -> Result<Item<'a>> {
        let raw = self.take(len)?;
        Ok(Item::Text(EncodedText::new(Form::Utf8, raw, self.at - raw.len())))
    }

    fn text_line(&mut self, form: Form) -> Result<Item<'a>> {
        let at = self.at;
        Ok(Item::Text(EncodedText::new(form, self.line()?, at)))
    }

    /// The dotted name of the class that the opcode at `start` loads, if it loads one.
    pub(super) fn class_at(&self, start: usize) -> Option<String> {
        let mut there = Cursor { at: start, ..*self };
        if there.rest().first() == Some(&op::GLOBAL) {
            there.at += 1;
            return dotted(there.line().ok()?, there.line().ok()?);
        }
        let module = there.text_then_memo()?;
        let name = there.text_then_memo()?;
        (there.byte().ok()? == op::STACK_GLOBAL).then(|| dotted(module, name))?
    }

    fn text_then_memo(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let code = self.byte().ok()?;
        let Some(Item::Text(text)) = self.item(code, start).ok()? else { return None };
        match *self.rest().first()? {
            op::MEMOIZE => self.at += 1,
            op::BINPUT => drop(self.take(2).ok()?),
            op::LONG_BINPUT => drop(self.take(5).ok()?),
            _ => {}
        }
        Some(text.raw())
    }
}

/// `module.name`, if both parts look like Python names.
fn dotted(module: &[u8], name: &[u8]) -> Option<String> {
    let plain = |part: &&[u8]| !part.is_empty() && part.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let part = |part: &[u8]| Some(part).filter(plain).and_then(|p| std::str::from_utf8(p).ok()).map(str::to_owned);
    Some(format!("{}.{}", part(module)?, part(name)?))
}
