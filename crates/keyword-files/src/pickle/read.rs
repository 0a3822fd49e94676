//! A strict reader of one kind of pickle: a dict of names and whole numbers.
//!
//! A pickle is a program for a stack machine. This reader knows only the opcodes of a plain `{name:
//! number}` dict, in protocols 0 to 5, from Python 2 and 3. It refuses all others and runs nothing.
//!
//! The stack holds only the dict and the current pair, so nothing can nest. The memo holds offsets
//! into the file, eight bytes each, so no text is copied.

use std::borrow::Cow;
use std::path::Path;

use super::cursor::{Cursor, Item};
use super::opcode as op;
use super::text::EncodedText;
use crate::error::{Problem, Result, shorten};

#[cfg(test)]
mod tests;

/// The largest accepted number, 2^53. All numbers up to it are exact as doubles and in JSON.
pub const MAX_NUMBER: u64 = 1 << 53;

/// Offsets are stored in 32 bits.
const MAX_BYTES: u64 = u32::MAX as u64;

const RESAVE: &str = "re-save it with {str(k): int(v) for k, v in d.items()}";

/// Reads the pickled dict `{name: number}` in `bytes`, and passes each name with its number to
/// `visit`, in the order of the file.
///
/// Names are `str`, `bytes` or Python 2 byte strings in UTF-8. Numbers are whole numbers from 0 to
/// [`MAX_NUMBER`], or strings of digits. A repeated name is passed twice. The names together are
/// never longer than the file.
///
/// # Errors
///
/// `bytes` are not such a pickle; the [`Problem`] names `file` and the byte. Errors of `visit` are
/// returned.
pub fn read_name_numbers(file: &Path, bytes: &[u8], visit: &mut dyn FnMut(&str, u64) -> Result<()>) -> Result<()> {
    refuse_other_files(file, bytes)?;
    let reader = PickleReader {
        input: Cursor::new(file, bytes),
        shape: Shape::Nothing,
        key: None,
        value: None,
        fresh: None,
        memo: Vec::new(),
        name_bytes_left: bytes.len(),
        scratch: Vec::new(),
        visit,
    };
    reader.run()
}

/// Refuses the kinds of files that people save as pickles by mistake.
fn refuse_other_files(file: &Path, bytes: &[u8]) -> Result<()> {
    let wrong = |what: &str| Problem::new(file, format!("expected a pickled dict {{name: number}}, but {what}"));
    if bytes.len() as u64 > MAX_BYTES {
        return Err(wrong("the file is larger than 4 GiB").into());
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    match text.first() {
        None => Err(wrong("the file is empty").hint("copy or download it again").into()),
        Some(b'<') => Err(wrong("this looks like a web page").hint("was the download blocked?").into()),
        Some(b'{') => Err(wrong("this looks like JSON").hint("save it with pickle.dump").into()),
        Some(_) if is_text(text) => Err(wrong("this is text").hint("save it with pickle.dump").into()),
        Some(_) => Ok(()),
    }
}

/// Whether the first line consists of letters, digits, commas and the like, and the file does not
/// end with a dot as pickles do.
fn is_text(text: &[u8]) -> bool {
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    let is_plain =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b',' | b';' | b'\t' | b'_' | b'-' | b'.' | b'/');
    line.len() >= 3 && line.iter().all(is_plain) && !text.ends_with(b".")
}

/// The part of the stack below the current pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Nothing,
    /// A mark before `DICT`.
    Mark,
    Dict,
    /// The dict and a mark before `SETITEMS`.
    DictMark,
}

/// An item and the offset of the opcode that made it.
type Placed<'a> = (Item<'a>, usize);

struct PickleReader<'a, 'v> {
    input: Cursor<'a>,
    shape: Shape,
    key: Option<Placed<'a>>,
    value: Option<Placed<'a>>,
    /// The opcode whose result may be stored in the memo. Each result is stored at most once, so
    /// that the memo is not larger than the file.
    fresh: Option<usize>,
    /// Memo numbers and the offsets of the opcodes that made the items. Both rise, as every pickler
    /// writes them.
    memo: Vec<(u32, u32)>,
    /// Different names have different bytes in the file. A dict whose names are longer than the
    /// file therefore repeats names.
    name_bytes_left: usize,
    scratch: Vec<u8>,
    visit: &'v mut dyn FnMut(&str, u64) -> Result<()>,
}

impl<'a> PickleReader<'a, '_> {
    fn run(mut self) -> Result<()> {
        loop {
            let start = self.input.at();
            let code = self.input.byte()?;
            match code {
                op::STOP => return self.stop(start),
                op::PROTO if start == 0 => self.protocol()?,
                op::FRAME => self.frame()?,
                op::MARK => self.mark(start)?,
                op::EMPTY_DICT | op::DICT => self.dict(code, start)?,
                op::SETITEM | op::SETITEMS => self.set_items(code, start)?,
                op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => self.memoise(code, start)?,
                op::GET | op::BINGET | op::LONG_BINGET => self.recall(code, start)?,
                _ => match self.input.item(code, start)? {
                    Some(item) => {
                        self.push((item, start))?;
                        self.fresh = Some(start);
                    }
                    None => return Err(self.foreign(code, start).into()),
                },
            }
        }
    }

    fn protocol(&mut self) -> Result<()> {
        match self.input.byte()? {
            0..=5 => Ok(()),
            n => Err(self.input.problem(1, format!("expected pickle protocol 0 to 5, found {n}")).into()),
        }
    }

    /// A frame gives the number of bytes to read at once. This reader has all bytes in memory.
    fn frame(&mut self) -> Result<()> {
        let len = u64::from_le_bytes(self.input.array()?);
        self.input.check_left(len)
    }

    fn mark(&mut self, start: usize) -> Result<()> {
        self.shape = match self.shape {
            Shape::Nothing => Shape::Mark,
            Shape::Dict if self.key.is_none() => Shape::DictMark,
            _ => return Err(self.unexpected(start, "something nested").into()),
        };
        self.fresh = None;
        Ok(())
    }

    fn dict(&mut self, code: u8, start: usize) -> Result<()> {
        match (code, self.shape) {
            (op::EMPTY_DICT, Shape::Nothing) => {}
            (op::DICT, Shape::Mark) => self.flush(start)?,
            (op::EMPTY_DICT, _) => return Err(self.unexpected(start, "a dict in the dict").into()),
            _ => return Err(self.misplaced(code, start).into()),
        }
        self.shape = Shape::Dict;
        self.fresh = Some(start);
        Ok(())
    }

    fn set_items(&mut self, code: u8, start: usize) -> Result<()> {
        match (code, self.shape) {
            (op::SETITEM, Shape::Dict) if self.value.is_some() => {}
            (op::SETITEMS, Shape::DictMark) => {}
            _ => return Err(self.misplaced(code, start).into()),
        }
        self.flush(start)?;
        self.shape = Shape::Dict;
        self.fresh = None;
        Ok(())
    }

    fn stop(self, start: usize) -> Result<()> {
        if self.shape != Shape::Dict || self.key.is_some() {
            return Err(self.misplaced(op::STOP, start).into());
        }
        match self.input.left() {
            0 => Ok(()),
            1 => Err(self.input.problem(self.input.at(), "expected the end of the file, found 1 byte after the pickle").into()),
            n => Err(self
                .input
                .problem(self.input.at(), format!("expected the end of the file, found {n} bytes after the pickle")))?,
        }
    }

    fn memoise(&mut self, code: u8, start: usize) -> Result<()> {
        let number = match code {
            op::MEMOIZE => self.memo.len() as u32,
            _ => self.memo_number(code)?,
        };
        let rising = self.memo.last().is_none_or(|&(last, _)| last < number);
        match self.fresh.take() {
            Some(made_at) if rising => self.memo.push((number, made_at as u32)),
            _ => return Err(self.misplaced(code, start).into()),
        }
        Ok(())
    }

    fn recall(&mut self, code: u8, start: usize) -> Result<()> {
        let number = self.memo_number(code)?;
        let made_at = self.memo.binary_search_by_key(&number, |&(number, _)| number).ok().and_then(|i| self.memo.get(i));
        let Some(&(_, made_at)) = made_at else {
            return Err(self.unexpected(start, format!("a reference to memo {number}, which is empty")).into());
        };
        match self.input.item_made_at(made_at as usize)? {
            Some(item) => self.push((item, start))?,
            None => return Err(self.unexpected(start, "the dict inside itself").into()),
        }
        self.fresh = None;
        Ok(())
    }

    fn memo_number(&mut self, code: u8) -> Result<u32> {
        match code {
            op::BINPUT | op::BINGET => self.input.byte().map(u32::from),
            op::LONG_BINPUT | op::LONG_BINGET => self.input.array().map(u32::from_le_bytes),
            _ => self.input.memo_line(),
        }
    }

    fn push(&mut self, (item, start): Placed<'a>) -> Result<()> {
        if self.shape == Shape::Nothing {
            return Err(match self.input.class_at(start) {
                Some(class) => self.object(start, Some(class)),
                None => self.unexpected(start, item.kind()),
            }
            .into());
        }
        if let Some((_, value_at)) = self.value {
            if self.shape == Shape::Dict {
                let class = self.input.class_at(value_at);
                return Err(match class {
                    Some(_) => self.object(value_at, class),
                    None => self.unexpected(start, "three items in a row"),
                }
                .into());
            }
            self.flush(start)?;
        }
        let place = if self.key.is_none() { &mut self.key } else { &mut self.value };
        *place = Some((item, start));
        Ok(())
    }

    /// Passes the current pair to the caller, if there is one.
    fn flush(&mut self, start: usize) -> Result<()> {
        match (self.key.take(), self.value.take()) {
            (Some((Item::Text(name), _)), Some(value)) => self.visit_pair(name, value),
            (Some((Item::Number(_), at)), Some(_)) => {
                Err(self.unexpected(at, "a number where a name must be").hint("the dict goes from name to number"))?
            }
            (Some(_), None) => Err(self.unexpected(start, "a name without a number"))?,
            (None, _) => Ok(()),
        }
    }

    fn visit_pair(&mut self, name: EncodedText<'a>, (value, value_at): Placed<'a>) -> Result<()> {
        let Some(left) = self.name_bytes_left.checked_sub(name.len()) else {
            return Err(self.unexpected(name.at(), "a name that occurs twice").into());
        };
        self.name_bytes_left = left;
        let mut scratch = std::mem::take(&mut self.scratch);
        let number = match value {
            Item::Number(number) => Some(number),
            Item::Text(text) => text.digits(&mut scratch),
        };
        let name = name.decode(&mut scratch).map_err(|flaw| {
            let hint = "re-save it with {k.decode('latin-1'): int(v) for k, v in d.items()}, or the encoding that it has";
            self.input.problem(flaw.at, format!("expected a name in UTF-8, found {}", flaw.what)).hint(hint)
        })?;
        match number.map(u64::try_from) {
            Some(Ok(number)) if number <= MAX_NUMBER => (self.visit)(name, number)?,
            Some(number) => return Err(self.out_of_range(value_at, name, number.is_err()).into()),
            None => return Err(self.no_number(value_at, name).into()),
        }
        self.scratch = scratch;
        Ok(())
    }

    fn out_of_range(&self, at: usize, name: &str, negative: bool) -> Problem {
        let found = if negative { "a negative number" } else { "a larger one" };
        self.input.problem(at, format!("'{}': expected a whole number from 0 to {MAX_NUMBER}, found {found}", brief(name)))
    }

    fn no_number(&self, at: usize, name: &str) -> Problem {
        let class = self.input.class_at(at);
        if class.is_some() {
            return self.object(at, class);
        }
        self.input.problem(at, format!("'{}': expected a whole number, found text that is not one", brief(name)))
    }

    /// The error for an opcode that no dict of names and numbers has.
    fn foreign(&self, code: u8, start: usize) -> Problem {
        // The two texts before STACK_GLOBAL are the name of the class. They were read as a name and
        // its number.
        let named_at = if code == op::STACK_GLOBAL { self.key.map_or(start, |(_, at)| at) } else { start };
        let class = self.input.class_at(named_at);
        if start == 0 && code != op::PROTO && class.is_none() {
            return self.input.problem(0, "expected a pickled dict {name: number}, but this is not a pickle of a dict");
        }
        match op::meaning(code) {
            op::Meaning::Object => self.object(start, class),
            op::Meaning::Thing(thing) => self.unexpected(start, thing),
            op::Meaning::Other => self.misplaced(code, start),
        }
    }

    fn object(&self, at: usize, class: Option<String>) -> Problem {
        match class.as_deref() {
            Some(class) if class.starts_with("numpy.") => {
                self.input.problem(at, "expected plain Python numbers and names, but the dict holds numpy ones").hint(RESAVE)
            }
            Some("_codecs.encode") => {
                let hint = "re-save it with {k.decode(): int(v) for k, v in d.items()}";
                self.unexpected(at, "Python 3 bytes in a pickle for Python 2").hint(hint)
            }
            Some(class) => self.unexpected(at, format!("an object ({})", brief(class))).hint(RESAVE),
            None => self.unexpected(at, "an object").hint(RESAVE),
        }
    }

    fn misplaced(&self, code: u8, start: usize) -> Problem {
        self.unexpected(start, format!("opcode 0x{code:02x} where it cannot be")).hint("the file may be damaged")
    }

    fn unexpected(&self, at: usize, found: impl AsRef<str>) -> Problem {
        self.input.problem(at, format!("expected a pickled dict {{name: number}}, found {}", found.as_ref()))
    }
}

/// A name as messages show it.
fn brief(name: &str) -> Cow<'_, str> {
    shorten(name, 80)
}
