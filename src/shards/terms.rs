//! `terms.parquet`: the terms of a part, sorted by their bytes, with their frequencies.

use std::fs::File;
use std::path::{Path, PathBuf};

use count_vectorizer::TermCount;
use keyword_files::catch_panic;
use parquet::basic::Encoding;
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::schema::types::ColumnPath;

use super::term::{Term, TermSource};
use super::term_file::TermFile;
use crate::error::{Error, Problem, Result};
use crate::files::output_file::OutputSet;
use crate::files::output_line::Output;
use crate::files::parquet_file::{ParquetFile, TextColumn, properties, write_values};

/// The file of the sums of some parts. The file of one part is a Parquet file.
pub(super) const SUMS: &str = "sums.terms";

const SCHEMA: &str = "message terms {
    required binary term (STRING);
    required int64 df;
    required int64 tf;
}";

/// The number of terms of a row group.
const GROUP_TERMS: usize = 1 << 18;

/// Many files are read at the same time, one page of each column.
const PAGE_BYTES: usize = 64 << 10;

/// The number of terms that are decoded at a time.
const BATCH_TERMS: usize = 1 << 10;

/// Writes the output `name` with these terms, which are sorted.
///
/// # Errors
///
/// The set refuses the file, or it cannot be written.
pub(super) fn write_terms<'t>(set: &dyn OutputSet, name: &str, terms: impl Iterator<Item = TermCount<'t>>) -> Result<Output> {
    // Each term occurs once, and begins mostly like the term before.
    let term = ColumnPath::from("term");
    let properties = properties()
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(PAGE_BYTES)
        .set_column_encoding(term, Encoding::DELTA_BYTE_ARRAY);
    let mut file = ParquetFile::create(set, name, SCHEMA, properties)?;
    let mut terms = terms.peekable();
    while terms.peek().is_some() {
        let (mut texts, mut documents, mut occurrences) = (TextColumn::default(), Vec::new(), Vec::new());
        for count in terms.by_ref().take(GROUP_TERMS) {
            texts.push(count.term);
            documents.push(count.documents as i64);
            occurrences.push(count.occurrences as i64);
        }
        file.write_group(|group| {
            write_values::<ByteArrayType>(group, &texts.into_values(), None)?;
            write_values::<Int64Type>(group, &documents, None)?;
            write_values::<Int64Type>(group, &occurrences, None)
        })?;
    }
    Ok(file.finish()?.output)
}

/// Opens the terms of a part, or the sums of some parts.
///
/// # Errors
///
/// The file cannot be read or is damaged.
pub(super) fn open_terms(path: &Path) -> Result<Box<dyn TermSource>> {
    match path.ends_with(SUMS) {
        true => Ok(Box::new(TermFile::open(path)?)),
        false => Ok(Box::new(TermReader::open(path)?)),
    }
}

/// Reads the terms in their order.
pub(super) struct TermReader {
    path: PathBuf,
    file: SerializedFileReader<File>,
    /// The next row group.
    group: usize,
    columns: Option<TermColumns>,
    batch: TermBatch,
    /// The next term of the batch.
    next: usize,
}

struct TermColumns {
    terms: ColumnReaderImpl<ByteArrayType>,
    documents: ColumnReaderImpl<Int64Type>,
    occurrences: ColumnReaderImpl<Int64Type>,
}

#[derive(Default)]
struct TermBatch {
    terms: Vec<ByteArray>,
    documents: Vec<i64>,
    occurrences: Vec<i64>,
}

impl TermReader {
    /// Opens the file.
    ///
    /// # Errors
    ///
    /// The file cannot be read or is damaged.
    pub fn open(path: &Path) -> Result<TermReader> {
        let file = File::open(path).map_err(Error::io(path, "read"))?;
        let file = caught(|| SerializedFileReader::new(file)).map_err(|error| damaged(path, &error))?;
        let path = path.to_path_buf();
        Ok(TermReader { path, file, group: 0, columns: None, batch: TermBatch::default(), next: 0 })
    }

    /// Reads the next batch. Returns `false` at the end.
    fn read_batch(&mut self) -> Result<bool, ParquetError> {
        let TermReader { file, group, columns, batch, next, .. } = self;
        *next = 0;
        *batch = TermBatch::default();
        loop {
            if let Some(TermColumns { terms, documents, occurrences }) = columns {
                terms.read_records(BATCH_TERMS, None, None, &mut batch.terms)?;
                documents.read_records(BATCH_TERMS, None, None, &mut batch.documents)?;
                occurrences.read_records(BATCH_TERMS, None, None, &mut batch.occurrences)?;
                if !batch.terms.is_empty() {
                    return Ok(true);
                }
            }
            if *group >= file.num_row_groups() {
                return Ok(false);
            }
            let rows = file.get_row_group(*group)?;
            *group += 1;
            if rows.num_columns() != 3 {
                return Err(ParquetError::General("expected three columns".into()));
            }
            *columns = Some(TermColumns {
                terms: get_typed_column_reader(rows.get_column_reader(0)?),
                documents: get_typed_column_reader(rows.get_column_reader(1)?),
                occurrences: get_typed_column_reader(rows.get_column_reader(2)?),
            });
        }
    }
}

impl TermSource for TermReader {
    fn read(&mut self, term: &mut Term) -> Result<bool> {
        if self.next >= self.batch.terms.len() {
            let has_more = caught(|| self.read_batch());
            if !has_more.map_err(|error| damaged(&self.path, &error))? {
                return Ok(false);
            }
        }
        let TermBatch { terms, documents, occurrences } = &self.batch;
        let row = terms.get(self.next).zip(documents.get(self.next)).zip(occurrences.get(self.next));
        let Some(((text, documents), occurrences)) = row else {
            return Err(damaged(&self.path, &ParquetError::General("its columns differ in length".into())));
        };
        self.next += 1;
        term.text.clear();
        term.text.extend_from_slice(text.data());
        term.numbers = [*documents, *occurrences].map(|number| number.max(0) as u64);
        Ok(true)
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

/// Reads, and turns a panic into an error: a damaged file must not end the run without a message.
pub(super) fn caught<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    catch_panic(read).unwrap_or_else(|| Err(ParquetError::General("its pages do not fit together".into())))
}

/// The error if a Parquet file of a part cannot be read.
pub(super) fn damaged(path: &Path, error: &ParquetError) -> Error {
    Problem::new(path, format!("cannot be read as Parquet: {error}")).hint(super::advice::COUNT_AGAIN).into()
}
