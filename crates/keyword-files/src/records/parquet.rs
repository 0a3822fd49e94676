//! Reads Parquet tables. A row becomes the JSON of a line, so fields have the same meaning in both.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::batch::{Cutter, Position};
use super::file::RecordFile;
use super::opening::Packing;
use super::parquet_columns::{SimpleColumn, SimpleRows};
use super::parquet_footer;
use super::parquet_json::{NotText, Written, object};
use crate::archive::Limits;
use crate::caught::catch_panic;
use crate::error::{Error, Problem, Result};

/// Reads the columns `keys` of all rows and says how many rows there are.
pub(super) fn read(file: &RecordFile, limits: Limits, keys: &[&str], cutter: &mut Cutter<'_, '_>) -> Result<u64> {
    let path = file.path();
    if file.packing() != Packing::None {
        let problem = Problem::new(path, "is a Parquet file that was compressed as a whole");
        return Err(problem.hint("unpack it; Parquet compresses its columns itself").into());
    }
    let mut input = File::open(path).map_err(Error::io(path, "read"))?;
    if let Some(what) = parquet_footer::flaw(&mut input).map_err(Error::io(path, "read"))? {
        return Err(damaged(file, &what, 0));
    }
    let rows_to_json = RowsToJson { file, limits, keywords: keys.first().copied() };
    let mut number = 0;
    // A damaged file can make the reader panic, which must not end the run.
    let read = catch_panic(|| {
        let reader = SerializedFileReader::new(input).map_err(|error| ParquetStop::Damaged(error, 0))?;
        if has_negative_places(&reader) {
            return Err(ParquetStop::Damaged(ParquetError::General("its columns are outside the file".into()), 0));
        }
        if let Some((group, what)) = too_dense(&reader, keys, limits) {
            return Err(ParquetStop::Dense(group, what));
        }
        check_columns(file, &reader, keys).map_err(ParquetStop::Column)?;
        if let Some(codec) = other_codec(&reader) {
            return Err(ParquetStop::Codec(codec));
        }
        match SimpleColumn::all(reader.metadata().file_metadata().schema_descr(), keys) {
            Some(columns) => rows_to_json.read_simple(&reader, &columns, &mut number, cutter),
            None => rows_to_json.read_any(&reader, keys, &mut number, cutter),
        }
    });
    match read {
        Some(Ok(())) => Ok(number),
        Some(Err(ParquetStop::Column(problem))) => Err(problem.into()),
        Some(Err(ParquetStop::Codec(codec))) => {
            let problem = Problem::new(path, format!("is compressed with {codec}, which is not supported"));
            Err(problem.hint("write it with snappy, gzip, lz4, zstd or no compression").into())
        }
        Some(Err(ParquetStop::Dense(group, what))) => {
            let problem = Problem::new(file.path(), what).at(format!("row group {group}"));
            Err(problem.hint("if it is a table of keywords, write it in smaller row groups").into())
        }
        Some(Err(ParquetStop::Damaged(error, row))) => Err(damaged(file, &message(&error), row)),
        None => Err(damaged(file, "its pages do not fit together", number)),
    }
}

/// The number of rows that the footer claims.
pub(super) fn claimed_rows(path: &Path) -> Option<u64> {
    let mut input = File::open(path).ok()?;
    if !matches!(parquet_footer::flaw(&mut input), Ok(None)) {
        return None;
    }
    let reader = catch_panic(|| SerializedFileReader::new(input).ok())??;
    u64::try_from(reader.metadata().file_metadata().num_rows()).ok()
}

/// Why the rows end early.
enum ParquetStop {
    Column(Problem),
    /// A column is compressed with this codec.
    Codec(&'static str),
    /// In this row group.
    Dense(usize, String),
    /// In this row or behind it.
    Damaged(ParquetError, u64),
}

fn message(error: &ParquetError) -> String {
    match error {
        ParquetError::General(what) | ParquetError::EOF(what) | ParquetError::NYI(what) => what.clone(),
        other => other.to_string(),
    }
}

fn damaged(file: &RecordFile, what: &str, row: u64) -> Error {
    let problem = Problem::new(file.path(), format!("cannot be read as parquet: {what}")).at(format!("at or after row {row}"));
    problem.hint("copy or download it again").into()
}

/// The codec of a column that this program cannot read.
fn other_codec(reader: &SerializedFileReader<File>) -> Option<&'static str> {
    let mut columns = reader.metadata().row_groups().iter().flat_map(|group| group.columns());
    columns.find_map(|column| match column.compression() {
        Compression::BROTLI(_) => Some("brotli"),
        Compression::LZO => Some("lzo"),
        _ => None,
    })
}

/// Whether the footer places a column before the beginning of the file. The reader does not check
/// this.
fn has_negative_places(reader: &SerializedFileReader<File>) -> bool {
    let mut columns = reader.metadata().row_groups().iter().flat_map(|group| group.columns());
    columns.any(|column| {
        let dictionary = column.dictionary_page_offset().unwrap_or(0);
        [column.data_page_offset(), dictionary, column.compressed_size()].into_iter().any(i64::is_negative)
    })
}

/// The most values of a row on average. A row group may have a million more.
const VALUES_A_ROW: i64 = 1 << 16;
/// The most bytes of a row on average. A row group may have those of one member more.
const BYTES_A_ROW: i64 = 1 << 16;

/// The first row group whose wanted columns claim more than rows of keywords can have. The reader
/// allocates a whole row before this program can look at it.
fn too_dense(reader: &SerializedFileReader<File>, keys: &[&str], limits: Limits) -> Option<(usize, String)> {
    reader.metadata().row_groups().iter().enumerate().find_map(|(number, group)| {
        let rows = group.num_rows();
        let most_values = rows.saturating_mul(VALUES_A_ROW).saturating_add(1 << 20);
        let most_bytes = rows.saturating_mul(BYTES_A_ROW).saturating_add(i64::try_from(limits.member()).unwrap_or(i64::MAX));
        let is_wanted = |parts: &[String]| keys.is_empty() || parts.first().is_some_and(|first| keys.contains(&first.as_str()));
        let mut columns = group.columns().iter().filter(|column| is_wanted(column.column_path().parts()));
        columns.find_map(|column| match (column.num_values(), column.uncompressed_size()) {
            (values, _) if values > most_values => Some((number, format!("claims {values} values in {rows} rows"))),
            (_, bytes) if bytes > most_bytes => Some((number, format!("claims {bytes} bytes in {rows} rows"))),
            _ => None,
        })
    })
}

fn check_columns(file: &RecordFile, reader: &SerializedFileReader<File>, keys: &[&str]) -> std::result::Result<(), Problem> {
    let columns = reader.metadata().file_metadata().schema().get_fields();
    match keys.iter().find(|key| columns.iter().all(|column| column.name() != **key)) {
        Some(missing) => Err(file.no_column(missing, columns.iter().map(|column| column.name()))),
        None => Ok(()),
    }
}

/// The rows with only the columns `keys`, or with all if there are none.
fn rows<'r>(reader: &'r SerializedFileReader<File>, keys: &[&str]) -> ParquetResult<RowIter<'r>> {
    let schema = reader.metadata().file_metadata().schema();
    let is_wanted = |column: &&Arc<Type>| keys.is_empty() || keys.contains(&column.name());
    let wanted: Vec<Arc<Type>> = schema.get_fields().iter().filter(is_wanted).map(Arc::clone).collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(wanted).build()?;
    RowIter::from_file(Some(projection), reader)
}

/// Hands rows on as JSON.
struct RowsToJson<'r> {
    file: &'r RecordFile,
    limits: Limits,
    /// The column of the keywords, if it is known.
    keywords: Option<&'r str>,
}

impl RowsToJson<'_> {
    /// Reads columns of simple types.
    fn read_simple(
        &self,
        reader: &SerializedFileReader<File>,
        columns: &[SimpleColumn],
        number: &mut u64,
        cutter: &mut Cutter<'_, '_>,
    ) -> std::result::Result<(), ParquetStop> {
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group).map_err(|error| ParquetStop::Damaged(error, *number))?;
            let mut rows = SimpleRows::of(group.as_ref(), columns).map_err(|error| ParquetStop::Damaged(error, *number))?;
            loop {
                let start = cutter.len();
                let row = rows.write_next(cutter.text()).map_err(|error| ParquetStop::Damaged(error, *number))?;
                let Some(written) = row else { break };
                if !self.hand_on(written, start, *number, cutter) {
                    return Ok(());
                }
                *number += 1;
            }
        }
        Ok(())
    }

    /// Reads columns of any types, each row as a tree.
    fn read_any(
        &self,
        reader: &SerializedFileReader<File>,
        keys: &[&str],
        number: &mut u64,
        cutter: &mut Cutter<'_, '_>,
    ) -> std::result::Result<(), ParquetStop> {
        for row in rows(reader, keys).map_err(|error| ParquetStop::Damaged(error, 0))? {
            let row = row.map_err(|error| ParquetStop::Damaged(error, *number))?;
            let start = cutter.len();
            let written = object(&row, cutter.text());
            if !self.hand_on(written, start, *number, cutter) {
                return Ok(());
            }
            *number += 1;
        }
        Ok(())
    }

    /// Hands on the row that was written from `start`. `false`: no more are wanted.
    fn hand_on(&self, written: Written, start: usize, number: u64, cutter: &mut Cutter<'_, '_>) -> bool {
        let position = Position { number, line: 0 };
        let size = (cutter.len() - start) as u64;
        let problem = |what: String| Problem::new(self.file.path(), what).at(format!("row {number}"));
        match written {
            Err(not_text) => {
                let problem = problem(format!("column '{}': not UTF-8", not_text.column)).hint(self.hint(&not_text));
                cutter.flawed(position, start, problem)
            }
            Ok(()) if size <= self.limits.member() => cutter.record(position),
            Ok(()) => cutter.flawed(position, start, self.limits.over(problem, "holds", size)),
        }
    }

    /// What to do about a value that is not UTF-8. Only ids may be meant as binary.
    fn hint(&self, not_text: &NotText) -> String {
        let column = not_text.column.as_str();
        let is_keyword = self.keywords.is_none_or(|keywords| not_text.is_in(keywords));
        match not_text.len {
            _ if is_keyword => "save the column as UTF-8 text".to_owned(),
            SHORTEST_ID.. => format!("save binary ids as hexadecimal text, in pandas with df['{column}'].map(bytes.hex)"),
            _ => "save the column as UTF-8 text, or binary ids as hexadecimal text".to_owned(),
        }
    }
}

/// Binary ids are UUIDs or hashes of 16 bytes or more.
const SHORTEST_ID: usize = 16;
