//! The three ways in which a pickle writes a text.

/// The encoding of a text.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// The bytes themselves, after their length.
    Utf8,
    /// Protocol 0 for Unicode: Latin-1, with `\uXXXX` or `\UXXXXXXXX` for other characters.
    RawUnicodeEscape,
    /// Protocol 0 for Python 2 byte strings: the output of `repr` with quotes.
    Repr,
}

/// A text in the file that is not decoded yet.
#[derive(Clone, Copy)]
pub(super) struct EncodedText<'a> {
    form: Form,
    raw: &'a [u8],
    at: usize,
}

/// The reason why a text cannot be read, and the byte of the file.
#[derive(Debug)]
pub(super) struct TextFlaw {
    pub(super) at: usize,
    pub(super) what: &'static str,
}

impl<'a> EncodedText<'a> {
    /// The text with the encoded bytes `raw`, which begin at byte `at` of the file.
    pub(super) fn new(form: Form, raw: &'a [u8], at: usize) -> Self {
        EncodedText { form, raw, at }
    }

    pub(super) fn raw(&self) -> &'a [u8] {
        self.raw
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The number of bytes in the file.
    pub(super) fn len(&self) -> usize {
        self.raw.len()
    }

    /// The decoded text. It is in `scratch` if it differs from the bytes in the file.
    pub(super) fn decode<'s>(&self, scratch: &'s mut Vec<u8>) -> Result<&'s str, TextFlaw>
    where
        'a: 's,
    {
        scratch.clear();
        let (bytes, exact) = match self.form {
            Form::Utf8 => (self.raw, true),
            Form::RawUnicodeEscape => (self.unescape_unicode(scratch)?, false),
            Form::Repr => (self.unquote(scratch)?, false),
        };
        std::str::from_utf8(bytes).map_err(|error| {
            let offset = if exact { error.valid_up_to() } else { 0 };
            self.flaw(self.raw.get(offset..).unwrap_or_default(), "other bytes")
        })
    }

    /// The value of the text if it consists of decimal digits.
    pub(super) fn digits(&self, scratch: &mut Vec<u8>) -> Option<i64> {
        // The memo can return a long text many times, so only short ones are read.
        if self.raw.len() > 64 {
            return None;
        }
        let digits = self.decode(scratch).ok()?;
        let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| digits.parse().map_or(i64::MAX, clamped))
    }

    /// The flaw `what` at the start of `rest`, the last part of the bytes.
    fn flaw(&self, rest: &[u8], what: &'static str) -> TextFlaw {
        TextFlaw { at: self.at.saturating_add(self.raw.len().saturating_sub(rest.len())), what }
    }

    fn unescape_unicode<'s>(&self, out: &'s mut Vec<u8>) -> Result<&'s [u8], TextFlaw> {
        let mut rest = self.raw;
        while let Some((&byte, tail)) = rest.split_first() {
            let (c, next) = match (byte, tail) {
                (b'\\', [b'u', tail @ ..]) => self.code_point(rest, tail, 4)?,
                (b'\\', [b'U', tail @ ..]) => self.code_point(rest, tail, 8)?,
                // A backslash before it means that it starts no escape.
                (b'\\', [b'\\', tail @ ..]) => {
                    out.push(b'\\');
                    ('\\', tail)
                }
                (latin1, tail) => (char::from(latin1), tail),
            };
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            rest = next;
        }
        Ok(out)
    }

    fn code_point<'b>(&self, escape: &[u8], digits: &'b [u8], len: usize) -> Result<(char, &'b [u8]), TextFlaw> {
        let wrong = || self.flaw(escape, "an escape that is no character");
        let (digits, rest) = digits.split_at_checked(len).ok_or_else(wrong)?;
        let c = hex(digits).and_then(char::from_u32).ok_or_else(wrong)?;
        Ok((c, rest))
    }

    fn unquote<'s>(&self, out: &'s mut Vec<u8>) -> Result<&'s [u8], TextFlaw> {
        let ([b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"']) = self.raw else {
            return Err(self.flaw(self.raw, "a string without its quotes"));
        };
        let mut rest = inner;
        while let Some((&byte, tail)) = rest.split_first() {
            let (byte, next) = match byte {
                // The closing quote is between `rest` and the end of the text.
                b'\\' => escaped(tail).ok_or_else(|| TextFlaw {
                    at: self.at.saturating_add(self.raw.len().saturating_sub(rest.len() + 1)),
                    what: "an escape that Python does not write",
                })?,
                plain => (plain, tail),
            };
            out.push(byte);
            rest = next;
        }
        Ok(out)
    }
}

/// The byte of an escape of Python's `repr`, from the text after its backslash, and the text after
/// the escape.
fn escaped(tail: &[u8]) -> Option<(u8, &[u8])> {
    let (&code, tail) = tail.split_first()?;
    Some(match code {
        b'\\' | b'\'' | b'"' => (code, tail),
        b'n' => (b'\n', tail),
        b'r' => (b'\r', tail),
        b't' => (b'\t', tail),
        b'x' => {
            let (digits, tail) = tail.split_at_checked(2)?;
            (u8::try_from(hex(digits)?).ok()?, tail)
        }
        // Other writers of `repr` use octal numbers of three digits.
        b'0'..=b'3' => {
            let [b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..] = tail else { return None };
            ((code - b'0') << 6 | (b - b'0') << 3 | (c - b'0'), tail)
        }
        _ => return None,
    })
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, &digit| sum.checked_mul(16)?.checked_add(char::from(digit).to_digit(16)?))
}

/// The whole number in a line: decimal, with an optional minus and without leading zeros. In Python
/// 2, a leading zero meant octal.
pub(super) fn whole_number(line: &[u8]) -> Option<i64> {
    let digits = line.strip_prefix(b"-").unwrap_or(line);
    let plain = matches!(digits, [b'0'] | [b'1'..=b'9', ..]) && digits.iter().all(u8::is_ascii_digit);
    let beyond = if line.len() == digits.len() { i64::MAX } else { i64::MIN };
    let text = std::str::from_utf8(line).ok().filter(|_| plain)?;
    Some(text.parse().map_or(beyond, clamped))
}

/// The nearest number that fits into 64 bits.
pub(super) fn clamped(number: i128) -> i64 {
    number.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}
