//! Tables with delimiters: CSV and TSV with RFC 4180 quoting.
//!
//! A first line such as `sep=;`, with which Excel names the delimiter, is no row.
//!
//! A row becomes the JSON object `{"column": "value"}` with the columns that are read. Blank lines
//! are ignored.

mod delimiter;
mod rows;

use std::collections::HashSet;

pub(crate) use self::delimiter::{HEAD, looks_like_table};
use self::delimiter::{delimiter_of, named_delimiter};
use self::rows::{Collected, CsvFault, RowReader, RowSink};
use super::batch::{Cutter, Position};
use super::file::{Format, RecordFile};
use super::opening::Peeked;
use crate::archive::Limits;
use crate::error::{Error, Problem, Result};

/// Reads all rows and returns how many there are.
pub(super) fn read(file: &RecordFile, limits: Limits, keys: &[&str], cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let mut bytes = Peeked::new(file.open_text()?);
    let options = file.options();
    let named = named_delimiter(bytes.peek(HEAD));
    let delimiter = options.delimiter.or(named.map(|(delimiter, _)| delimiter)).unwrap_or_else(|| match file.format() {
        Format::Tsv => b'\t',
        _ => delimiter_of(bytes.peek(HEAD)),
    });
    let line_of_excel = named.map_or(0, |(_, length)| length);
    let most = usize::try_from(limits.member()).unwrap_or(usize::MAX);
    let rows = RowReader::new(bytes.without(line_of_excel), delimiter);
    let mut table = Table { file, most, rows, cutter, number: 0 };
    table.read(keys)?;
    Ok(table.number)
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
        let mut first = Collected::new(self.most);
        let Some(line) = self.rows.row(&mut first).map_err(|fault| self.error(fault))? else {
            return Err(self.file.empty().into());
        };
        if first.is_too_large() {
            return Err(self.problem(line, "the first line is too long for a header".into()).into());
        }
        let no_header = self.file.options().no_header;
        let names = match no_header {
            true => (1..=first.len()).map(|number| number.to_string()).collect(),
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
        let mut known = HashSet::new();
        let repeated: HashSet<&str> = names.iter().map(String::as_str).filter(|name| !known.insert(*name)).collect();
        // If all columns are read, those that share a name are left out: no option can name them.
        let is_read = |name: &str| if keys.is_empty() { !repeated.contains(name) } else { keys.contains(&name) };
        if let Some(again) = keys.iter().find(|key| repeated.contains(*key)) {
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
