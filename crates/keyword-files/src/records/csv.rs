//! Tables with delimiters: CSV and TSV with RFC 4180 quoting.
//!
//! A row becomes the JSON object `{"column": "value"}` with the columns that are read. Blank lines
//! are ignored.

use std::io::{self, BufRead, BufReader};

use memchr::{memchr, memchr2, memchr3};

use super::batch::{Cutter, Position};
use super::file::{Format, RecordFile};
use super::opening::{Bytes, Peeked};
use crate::archive::Limits;
use crate::error::{Error, Problem, Result};

const BUFFER: usize = 128 << 10;
/// The delimiters that are looked for in the first line, the preferred ones first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
const MOST_COLUMNS: usize = 1 << 16;
/// The most bytes in which the end of the first line is looked for.
pub(crate) const HEAD: usize = 64 << 10;

/// Reads all rows and returns how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, keys: &[&str], cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut bytes = Peeked::new(file.open_text()?);
    let options = file.options();
    let delimiter = options.delimiter.unwrap_or_else(|| match file.format() {
        Format::Tsv => b'\t',
        _ => delimiter_of(bytes.peek(HEAD)),
    });
    let most = usize::try_from(limits.member()).unwrap_or(usize::MAX);
    let rows = RowReader { input: BufReader::with_capacity(BUFFER, bytes.into_bytes()), delimiter, line: 1 };
    let mut table = Table { file, most, rows, cutter, number: 0 };
    table.read(keys)?;
    Ok(table.number)
}

/// The delimiter that occurs most often in the first line, outside quotes.
pub(crate) fn delimiter_of(head: &[u8]) -> u8 {
    let line = first_line(head);
    let mut is_quoted = false;
    let mut counts = [0_u32; DELIMITERS.len()];
    for &byte in line {
        is_quoted ^= byte == b'"';
        for (count, delimiter) in counts.iter_mut().zip(DELIMITERS) {
            *count += u32::from(byte == delimiter && !is_quoted);
        }
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    let found = counts.iter().zip(DELIMITERS).find(|(count, _)| **count == most);
    found.map_or(b',', |(_, delimiter)| delimiter)
}

/// The text up to the first line end outside quotes.
fn first_line(head: &[u8]) -> &[u8] {
    let mut is_quoted = false;
    let end = head.iter().position(|&byte| {
        is_quoted ^= byte == b'"';
        !is_quoted && (byte == b'\n' || byte == b'\r')
    });
    end.and_then(|end| head.get(..end)).unwrap_or(head)
}

/// Whether a text looks like a table: its first two lines have the same number of fields, at least
/// two.
pub(crate) fn looks_like_table(head: &[u8]) -> bool {
    let delimiter = delimiter_of(head);
    let count = |line: &[u8]| {
        let mut is_quoted = false;
        let is_delimiter = |byte: &&u8| {
            is_quoted ^= **byte == b'"';
            !is_quoted && **byte == delimiter
        };
        line.iter().filter(is_delimiter).count()
    };
    let first = first_line(head);
    let rest = head.get(first.len()..).unwrap_or_default().trim_ascii_start();
    let second = first_line(rest);
    let is_text = !head.contains(&0) && !second.is_empty();
    is_text && count(first) > 0 && count(first) == count(second)
}

struct Table<'r, 'c, 't> {
    file: &'r RecordFile,
    /// The most bytes of a row.
    most: usize,
    rows: RowReader,
    cutter: &'r mut Cutter<'c, 't>,
    /// How many rows there were.
    number: u64,
}

impl Table<'_, '_, '_> {
    fn read(&mut self, keys: &[&str]) -> Result<()> {
        let mut first = Collected { most: self.most, ..Collected::default() };
        let Some(line) = self.rows.row(&mut first).map_err(|fault| self.error(fault))? else {
            return Err(self.file.empty().into());
        };
        if first.is_too_large() {
            return Err(self.problem(line, "the first line is too long for a header".into()).into());
        }
        let no_header = self.file.options().no_header;
        let names = match no_header {
            true => (1..=first.ends.len()).map(|number| number.to_string()).collect(),
            false => self.names(&first, line)?,
        };
        let columns = self.columns(&names, keys, line)?;
        if no_header && !self.row_of(&first, &columns, line) {
            return Ok(());
        }
        while self.row(&columns)? {}
        Ok(())
    }

    /// The names of the columns in the header.
    fn names(&self, header: &Collected, line: u64) -> Result<Vec<String>> {
        let name = |field: &[u8]| {
            let name = std::str::from_utf8(field).map(String::from);
            name.map_err(|_| self.problem(line, "not UTF-8".into()).hint("save it as UTF-8").into())
        };
        header.fields().map(name).collect()
    }

    /// What is written before the value of each column. Columns that are not read have nothing.
    fn columns(&self, names: &[String], keys: &[&str], line: u64) -> Result<Vec<Option<Vec<u8>>>> {
        if let Some(missing) = keys.iter().find(|key| names.iter().all(|name| name != **key)) {
            let names = names.iter().map(String::as_str);
            let problem = self.file.no_column(missing, names).at(format!("line {line}"));
            return Err(problem.into());
        }
        let is_read = |name: &str| keys.is_empty() || keys.contains(&name);
        let mut known = std::collections::HashSet::new();
        if let Some(again) = names.iter().find(|name| is_read(name) && !known.insert(name.as_str())) {
            let problem = self.problem(line, format!("two columns are called '{again}'"));
            return Err(problem.hint("rename one of them").into());
        }
        let column = |name: &String| {
            is_read(name).then(|| {
                let mut text = Vec::new();
                // Writing to memory cannot fail.
                let _ = serde_json::to_writer(&mut text, name);
                text.extend_from_slice(b":\"");
                text
            })
        };
        Ok(names.iter().map(column).collect())
    }

    /// Hands on a row that was read as a header would be. `false`: no more are wanted.
    fn row_of(&mut self, row: &Collected, columns: &[Option<Vec<u8>>], line: u64) -> bool {
        let start = self.cutter.len();
        let mut object = Object::new(self.cutter.text(), columns, self.most);
        for field in row.fields() {
            object.begin_field();
            object.bytes(field);
        }
        let (fields, is_too_large) = object.finish();
        self.hand_on(start, line, fields, columns.len(), is_too_large)
    }

    /// Reads a row and hands it on. `false`: there is none, or no more are wanted.
    fn row(&mut self, columns: &[Option<Vec<u8>>]) -> Result<bool> {
        let start = self.cutter.len();
        let mut object = Object::new(self.cutter.text(), columns, self.most);
        let line = match self.rows.row(&mut object) {
            Ok(Some(line)) => line,
            Ok(None) => {
                self.cutter.text().truncate(start);
                return Ok(false);
            }
            Err(fault) => return Err(self.error(fault)),
        };
        let (fields, is_too_large) = object.finish();
        Ok(self.hand_on(start, line, fields, columns.len(), is_too_large))
    }

    fn hand_on(&mut self, start: usize, line: u64, fields: usize, wanted: usize, is_too_large: bool) -> bool {
        let position = Position { number: self.number, line };
        self.number += 1;
        if is_too_large {
            let problem = self.file.too_large(position, None, self.most);
            return self.cutter.flawed(position, start, problem);
        }
        if fields != wanted {
            let what = format!("the row has {fields} fields, expected {wanted} as in the first row");
            let problem = self.problem(line, what).hint("check the delimiters and quotes of this row");
            return self.cutter.flawed(position, start, problem);
        }
        self.cutter.record(position)
    }

    fn problem(&self, line: u64, what: String) -> Problem {
        Problem::new(self.file.path(), what).at(format!("line {line}"))
    }

    fn error(&self, fault: CsvFault) -> Error {
        match fault {
            CsvFault::Io(error, line) => self.file.broken(&error, format!("line {line}")),
            CsvFault::UnclosedQuote(line) => {
                let what = "a quoted field begins here and has no closing quote".to_owned();
                self.problem(line, what).hint(QUOTE).into()
            }
            CsvFault::TextBehindQuote(line, byte) => {
                let found = char::from(byte);
                let what = format!("expected a delimiter after the closing quote, found {found:?}");
                self.problem(line, what).hint(QUOTE).into()
            }
        }
    }
}

const QUOTE: &str = "a quote inside a quoted field is written as \"\"";

/// Gets the fields of a row.
trait RowSink {
    fn begin_field(&mut self);
    /// More bytes of the current field.
    fn bytes(&mut self, bytes: &[u8]);
}

/// The fields of a row.
#[derive(Default)]
struct Collected {
    text: Vec<u8>,
    ends: Vec<usize>,
    most: usize,
}

impl Collected {
    fn is_too_large(&self) -> bool {
        self.text.len() >= self.most || self.ends.len() > MOST_COLUMNS
    }

    fn fields(&self) -> impl Iterator<Item = &[u8]> {
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

/// Writes a row as a JSON object.
struct Object<'o> {
    text: &'o mut Vec<u8>,
    columns: &'o [Option<Vec<u8>>],
    /// The text may become so long.
    most: usize,
    fields: usize,
    /// Whether the current field is written.
    is_open: bool,
    is_first: bool,
    is_too_large: bool,
}

impl<'o> Object<'o> {
    fn new(text: &'o mut Vec<u8>, columns: &'o [Option<Vec<u8>>], most: usize) -> Self {
        let most = text.len().saturating_add(most);
        text.push(b'{');
        Object { text, columns, most, fields: 0, is_open: false, is_first: true, is_too_large: false }
    }

    fn close_field(&mut self) {
        if std::mem::take(&mut self.is_open) {
            self.text.push(b'"');
        }
    }

    /// How many fields there were, and whether the row has too many bytes.
    fn finish(mut self) -> (usize, bool) {
        self.close_field();
        self.text.push(b'}');
        (self.fields, self.is_too_large)
    }
}

impl RowSink for Object<'_> {
    #[inline]
    fn begin_field(&mut self) {
        self.close_field();
        if let Some(Some(column)) = self.columns.get(self.fields) {
            if !std::mem::take(&mut self.is_first) {
                self.text.push(b',');
            }
            self.text.extend_from_slice(column);
            self.is_open = true;
        }
        self.fields += 1;
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        if !self.is_open || self.is_too_large {
            return;
        }
        if self.text.len().saturating_add(bytes.len()) > self.most {
            self.is_too_large = true;
            return;
        }
        super::escape::push_escaped(bytes, self.text);
    }
}

/// What is wrong with a table. The lines are those of the place, from 1.
enum CsvFault {
    Io(io::Error, u64),
    UnclosedQuote(u64),
    TextBehindQuote(u64, u8),
}

/// Cuts a text into rows and fields.
struct RowReader {
    input: BufReader<Bytes>,
    delimiter: u8,
    /// The current line, from 1.
    line: u64,
}

/// Where in a field the reader is.
#[derive(Clone, Copy)]
enum State {
    Start,
    Plain,
    /// In quotes, which began on this line.
    Quoted(u64),
    /// Behind a quote in quotes: it ends them, or is the first of two.
    Quote(u64),
}

impl RowReader {
    /// Reads a row. Its line; none at the end of the text.
    fn row(&mut self, sink: &mut impl RowSink) -> Result<Option<u64>, CsvFault> {
        if !self.skip_blank_lines()? {
            return Ok(None);
        }
        let line = self.line;
        let mut state = State::Start;
        sink.begin_field();
        loop {
            let piece = self.input.fill_buf().map_err(|error| CsvFault::Io(error, self.line))?;
            if piece.is_empty() {
                return match state {
                    State::Quoted(line) => Err(CsvFault::UnclosedQuote(line)),
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
    state: State,
}

impl<S: RowSink> Row<'_, S> {
    /// Reads on in the row. How many bytes were read, and whether the row ended.
    #[inline]
    fn piece(&mut self, piece: &[u8]) -> Result<(usize, bool), CsvFault> {
        let mut at = 0;
        while let Some(rest) = piece.get(at..).filter(|rest| !rest.is_empty()) {
            let first = rest.first().copied().unwrap_or_default();
            match self.state {
                State::Start if first == b'"' => {
                    self.state = State::Quoted(self.line);
                    at += 1;
                }
                State::Start => self.state = State::Plain,
                State::Plain => {
                    let end = memchr3(self.delimiter, b'\n', b'\r', rest);
                    self.sink.bytes(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default());
                    let Some(end) = end else { return Ok((piece.len(), false)) };
                    at += end;
                    if self.ends_row(rest.get(end).copied().unwrap_or_default()) {
                        return Ok((at + 1, true));
                    }
                    at += 1;
                }
                State::Quoted(line) => {
                    let end = memchr(b'"', rest);
                    let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                    self.line += text.iter().map(|&byte| u64::from(byte == b'\n')).sum::<u64>();
                    self.sink.bytes(text);
                    let Some(end) = end else { return Ok((piece.len(), false)) };
                    self.state = State::Quote(line);
                    at += end + 1;
                }
                State::Quote(line) if first == b'"' => {
                    self.sink.bytes(b"\"");
                    self.state = State::Quoted(line);
                    at += 1;
                }
                State::Quote(_) => {
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

    /// Ends a field at this byte, and tells whether the row ends too.
    fn ends_row(&mut self, byte: u8) -> bool {
        self.line += u64::from(byte == b'\n');
        if byte != self.delimiter {
            return true;
        }
        self.sink.begin_field();
        self.state = State::Start;
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
            let mut row = Collected { most: 1000, ..Collected::default() };
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
    fn a_quote_without_an_end_and_text_behind_one_are_told_with_their_line() {
        assert_eq!(rows(b"a,b\nc,\"d\ne,f\n", 3), Err("unclosed 2".into()));
        assert_eq!(rows(b"a,\"", 3), Err("unclosed 1".into()));
        assert_eq!(rows(b"a\n\"b\"c\n", 3), Err("text 2 c".into()));
    }

    #[test]
    fn the_delimiter_is_the_one_that_occurs_most_often_in_the_first_line() {
        for (text, delimiter) in
            [("a,b\n;;;", b','), ("a;b, c;d", b';'), ("a\tb", b'\t'), ("a|b|c,d", b'|'), ("\"a;;;b\",c", b','), ("a", b',')]
        {
            assert_eq!(delimiter_of(text.as_bytes()), delimiter, "{text}");
        }
    }

    #[test]
    fn a_table_has_two_lines_of_the_same_number_of_fields() {
        for (text, is_table) in
            [("a,b\r\n\"1,\n2\",3\n", true), ("a\tb\nc\td", true), ("a\nb\n", false), ("a,b\n", false), ("a,b\nc,d,e\n", false)]
        {
            assert_eq!(looks_like_table(text.as_bytes()), is_table, "{text}");
        }
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
