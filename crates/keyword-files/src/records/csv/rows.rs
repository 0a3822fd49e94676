//! Cuts a text into rows and fields with RFC 4180 quoting.

use std::io::{self, BufRead, BufReader};

use memchr::{memchr, memchr2, memchr3};

use crate::records::opening::Bytes;

const BUFFER: usize = 128 << 10;
const MOST_COLUMNS: usize = 1 << 16;

/// Gets the fields of a row.
pub(super) trait RowSink {
    fn begin_field(&mut self);
    /// More bytes of the current field.
    fn bytes(&mut self, bytes: &[u8]);
}

/// The fields of a row.
#[derive(Default)]
pub(super) struct Collected {
    text: Vec<u8>,
    ends: Vec<usize>,
    /// The most bytes that are kept.
    most: usize,
}

impl Collected {
    pub fn new(most: usize) -> Self {
        Collected { most, ..Collected::default() }
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_too_large(&self) -> bool {
        self.text.len() >= self.most || self.ends.len() > MOST_COLUMNS
    }

    pub fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let field = self.text.get(start..end).unwrap_or_default();
            start = end;
            field
        })
    }
}

impl RowSink for Collected {
    fn begin_field(&mut self) {
        if self.ends.len() <= MOST_COLUMNS {
            self.ends.push(self.text.len());
        }
    }

    fn bytes(&mut self, bytes: &[u8]) {
        let room = self.most.saturating_sub(self.text.len());
        self.text.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if let Some(end) = self.ends.last_mut() {
            *end = self.text.len();
        }
    }
}

/// What is wrong with a table. The lines are those of the place, from 1.
pub(super) enum CsvFault {
    Io(io::Error, u64),
    UnclosedQuote(u64),
    TextBehindQuote(u64, u8),
}

/// Cuts a text into rows and fields.
pub(super) struct RowReader {
    input: BufReader<Bytes>,
    delimiter: u8,
    /// The current line, from 1.
    line: u64,
}

/// Where in a field the reader is.
#[derive(Clone, Copy)]
enum FieldState {
    Start,
    Plain,
    /// In quotes, which began on this line.
    Quoted(u64),
    /// Behind a quote in quotes: it ends them, or is the first of two.
    Quote(u64),
}

impl RowReader {
    pub fn new(bytes: Bytes, delimiter: u8) -> Self {
        RowReader { input: BufReader::with_capacity(BUFFER, bytes), delimiter, line: 1 }
    }

    /// Reads a row. Its line; none at the end of the text.
    pub fn row(&mut self, sink: &mut impl RowSink) -> Result<Option<u64>, CsvFault> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        let line = self.line;
        let mut state = FieldState::Start;
        sink.begin_field();
        loop {
            let piece = self.input.fill_buf().map_err(|error| CsvFault::Io(error, self.line))?;
            if piece.is_empty() {
                return match state {
                    FieldState::Quoted(line) => Err(CsvFault::UnclosedQuote(line)),
                    _ => Ok(Some(line)),
                };
            }
            let mut row = Row { sink, delimiter: self.delimiter, line: self.line, state };
            let (read, ended) = row.piece(piece)?;
            (self.line, state) = (row.line, row.state);
            self.input.consume(read);
            if ended {
                return Ok(Some(line));
            }
        }
    }

    /// `false` at the end of the text.
    fn skip_blank_lines(&mut self) -> Result<bool, CsvFault> {
        loop {
            let piece = self.input.fill_buf().map_err(|error| CsvFault::Io(error, self.line))?;
            let Some(&byte) = piece.first() else { return Ok(false) };
            match byte {
                b'\n' => self.line += 1,
                b'\r' => {}
                _ => return Ok(true),
            }
            self.input.consume(1);
        }
    }
}

/// A row that is being read.
struct Row<'s, S> {
    sink: &'s mut S,
    delimiter: u8,
    line: u64,
    state: FieldState,
}

impl<S: RowSink> Row<'_, S> {
    /// Reads on in the row. How many bytes were read, and whether the row ended.
    #[inline]
    fn piece(&mut self, piece: &[u8]) -> Result<(usize, bool), CsvFault> {
        let mut at = 0;
        while let Some(rest) = piece.get(at..).filter(|rest| !rest.is_empty()) {
            let first = rest.first().copied().unwrap_or_default();
            match self.state {
                FieldState::Start if first == b'"' => {
                    self.state = FieldState::Quoted(self.line);
                    at += 1;
                }
                FieldState::Start => self.state = FieldState::Plain,
                FieldState::Plain => {
                    let end = memchr3(self.delimiter, b'\n', b'\r', rest);
                    self.sink.bytes(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
                    let Some(end) = end else { return Ok((piece.len(), false)) };
                    at += end;
                    if self.ends_row(rest.get(end).copied().unwrap_or_default()) {
                        return Ok((at + 1, true));
                    }
                    at += 1;
                }
                FieldState::Quoted(line) => {
                    let end = memchr(b'"', rest);
                    let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                    self.line += text.iter().map(|&byte| u64::from(byte == b'\n')).sum::<u64>();
                    self.sink.bytes(text);
                    let Some(end) = end else { return Ok((piece.len(), false)) };
                    self.state = FieldState::Quote(line);
                    at += end + 1;
                }
                FieldState::Quote(line) if first == b'"' => {
                    self.sink.bytes(b"\"");
                    self.state = FieldState::Quoted(line);
                    at += 1;
                }
                FieldState::Quote(_) => {
                    if first != self.delimiter && memchr2(b'\n', b'\r', &[first]).is_none() {
                        return Err(CsvFault::TextBehindQuote(self.line, first));
                    }
                    at += 1;
                    if self.ends_row(first) {
                        return Ok((at, true));
                    }
                }
            }
        }
        Ok((piece.len(), false))
    }

    /// Ends a field at this byte. Returns whether the row ends too.
    fn ends_row(&mut self, byte: u8) -> bool {
        self.line += u64::from(byte == b'\n');
        if byte != self.delimiter {
            return true;
        }
        self.sink.begin_field();
        self.state = FieldState::Start;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reader(text: &[u8], capacity: usize) -> RowReader {
        let input: Bytes = Box::new(io::Cursor::new(text.to_vec()));
        RowReader { input: BufReader::with_capacity(capacity, input), delimiter: b',', line: 1 }
    }

    fn rows(text: &[u8], capacity: usize) -> Result<Vec<(u64, Vec<String>)>, String> {
        let (mut reader, mut rows) = (reader(text, capacity), Vec::new());
        loop {
            let mut row = Collected::new(1000);
            match reader.row(&mut row) {
                Ok(Some(line)) => {
                    let fields = row.fields().map(|field| String::from_utf8_lossy(field).into_owned());
                    rows.push((line, fields.collect()));
                }
                Ok(None) => return Ok(rows),
                Err(CsvFault::UnclosedQuote(line)) => return Err(format!("unclosed {line}")),
                Err(CsvFault::TextBehindQuote(line, byte)) => {
                    return Err(format!("text {line} {}", char::from(byte)));
                }
                Err(CsvFault::Io(error, _)) => return Err(error.to_string()),
            }
        }
    }

    #[test]
    fn fields_are_cut_at_delimiters_and_quotes_protect_them() {
        let text = b"a,\"b,\"\"c\"\"\"\r\n\r\n,5\" disk\n\"x\ny\",\"\"\nlast,";
        let row = |line, fields: [&str; 2]| (line, fields.map(String::from).to_vec());
        let expected = vec![row(1, ["a", "b,\"c\""]), row(3, ["", "5\" disk"]), row(4, ["x\ny", ""]), row(6, ["last", ""])];
        for capacity in 1..20 {
            assert_eq!(rows(text, capacity), Ok(expected.clone()), "{capacity}");
        }
    }

    #[test]
    fn an_unclosed_quote_and_text_behind_a_quote_are_errors_with_their_line() {
        assert_eq!(rows(b"a,b\nc,\"d\ne,f\n", 3), Err("unclosed 2".into()));
        assert_eq!(rows(b"a,\"", 3), Err("unclosed 1".into()));
        assert_eq!(rows(b"a\n\"b\"c\n", 3), Err("text 2 c".into()));
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(
            table in prop::collection::vec(prop::collection::vec("[a\",\r\n ]{0,6}", 2..4), 1..6),
            capacity in 1..40_usize,
        ) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            table.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = writer.into_inner().unwrap();
            let found = rows(&text, capacity).unwrap();
            prop_assert_eq!(found.into_iter().map(|(_, fields)| fields).collect::<Vec<_>>(), table);
        }
    }
}
