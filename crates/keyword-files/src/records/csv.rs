//! Tables with delimiters: CSV and TSV with RFC 4180 quoting.
//!
//! A first line such as `sep=;`, with which Excel names the delimiter, is no row.
//!
//! A row becomes the JSON object `{"column": "value"}` with the columns that are read. Blank lines
//! are ignored. The key `2-` means all columns from the second on, as one list of the values
//! that are not empty. The rows may then differ in length.

mod columns;
mod delimiter;
mod object;
mod rows;

use self::columns::{ColumnFault, Columns};
pub(crate) use self::delimiter::{HEAD, looks_like_table};
use self::delimiter::{delimiter_of, named_delimiter};
use self::object::Object;
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

    fn columns(&self, names: &[String], keys: &[&str], line: u64) -> Result<Columns> {
        Columns::new(names, keys).map_err(|fault| {
            let problem = match fault {
                ColumnFault::Missing(key) => {
                    self.file.no_column(key, names.iter().map(String::as_str)).at(format!("line {line}"))
                }
                ColumnFault::Repeated(key) => {
                    self.problem(line, format!("two columns are called '{key}'")).hint("rename one of them")
                }
            };
            problem.into()
        })
    }

    /// Hands on a row that was read as a header would be. `false`: no more are wanted.
    fn row_of(&mut self, row: &Collected, columns: &Columns, line: u64) -> bool {
        let start = self.cutter.len();
        let mut object = Object::new(self.cutter.text(), columns, self.most);
        for field in row.fields() {
            object.begin_field();
            object.bytes(field);
        }
        let (fields, is_too_large) = object.finish();
        self.hand_on(start, line, columns.check(fields), is_too_large)
    }

    /// Reads a row and hands it on. `false`: there is none, or no more are wanted.
    fn row(&mut self, columns: &Columns) -> Result<bool> {
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
        Ok(self.hand_on(start, line, columns.check(fields), is_too_large))
    }

    fn hand_on(&mut self, start: usize, line: u64, length: std::result::Result<(), String>, is_too_large: bool) -> bool {
        let position = Position { number: self.number, line };
        self.number += 1;
        if is_too_large {
            let problem = self.file.too_large(position, None, self.most);
            return self.cutter.flawed(position, start, problem);
        }
        if let Err(what) = length {
            let problem = self.problem(line, what);
            // Without a header, rows of different lengths are usual, and other options read them.
            let problem = match self.file.options().no_header {
                true => problem.hint_inspect(),
                false => problem.hint("check the delimiters and quotes of this row"),
            };
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
