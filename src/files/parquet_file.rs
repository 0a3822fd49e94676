//! An output that is a Parquet file, and the values of its columns.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::output_file::{FileReport, OutputFile, OutputSet};
use crate::error::{Error, Problem, Result};
use keyword_files::npy::hashing_writer::HashingWriter;

/// A row group while its columns are written.
pub(crate) type RowGroup<'g> = SerializedRowGroupWriter<'g, Vec<u8>>;

/// Writes one row group after the other. A group is compressed in memory, then written to the disk.
pub(crate) struct ParquetFile {
    writer: SerializedFileWriter<Vec<u8>>,
    file: HashingWriter<OutputFile>,
    /// The final path, which messages show.
    path: PathBuf,
}

/// The properties of all files: zstd, and nothing that changes from day to day or from machine to
/// machine.
pub(crate) fn properties() -> WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_created_by(format!("{} version {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
}

impl ParquetFile {
    /// Starts the output `name` with the columns of `schema`.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or the system provides no thread.
    pub fn create(set: &dyn OutputSet, name: &str, schema: &str, properties: WriterPropertiesBuilder) -> Result<ParquetFile> {
        let file = set.create_growing(name)?;
        let path = file.path().to_path_buf();
        let no_thread = file.no_thread();
        let file = HashingWriter::new(file, Vec::new()).map_err(no_thread)?;
        let schema = parse_message_type(schema).map_err(refused(&path))?;
        let writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties.build()));
        Ok(ParquetFile { writer: writer.map_err(refused(&path))?, file, path })
    }

    /// Writes a row group. `write` writes all its columns, in the order of the schema.
    ///
    /// # Errors
    ///
    /// An earlier group could not be written.
    pub fn write_group(&mut self, write: impl FnOnce(&mut RowGroup<'_>) -> Result<(), ParquetError>) -> Result<()> {
        let mut group = self.writer.next_row_group().map_err(refused(&self.path))?;
        let written = write(&mut group).and_then(|()| group.close().map(drop));
        written.map_err(refused(&self.path))?;
        self.send()
    }

    /// Writes the end of the file, and waits until everything is written.
    ///
    /// # Errors
    ///
    /// A group could not be written.
    pub fn finish(mut self) -> Result<FileReport> {
        self.writer.finish().map_err(refused(&self.path))?;
        self.send()?;
        FileReport::new(self.file.finish()?)
    }

    /// Writes the bytes that are complete.
    fn send(&mut self) -> Result<()> {
        self.writer.flush().map_err(Error::io(&self.path, "write"))?;
        self.file.write_block(std::mem::take(self.writer.inner_mut())).map(|_| ())
    }
}

fn refused(path: &Path) -> impl Fn(ParquetError) -> Error + '_ {
    move |error| Problem::new(path, format!("cannot be put together: {error}")).into()
}

/// Texts in one piece of memory.
#[derive(Debug, Default)]
pub(crate) struct TextColumn {
    bytes: Vec<u8>,
    lens: Vec<usize>,
}

impl TextColumn {
    pub fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.lens.push(text.len());
    }

    pub fn extend(&mut self, others: &TextColumn) {
        self.bytes.extend_from_slice(&others.bytes);
        self.lens.extend_from_slice(&others.lens);
    }

    /// The texts as values of a column. They share the memory.
    pub fn into_values(self) -> Vec<ByteArray> {
        let all = ByteArray::from(self.bytes);
        let places = self.lens.into_iter().scan(0, |end, len| {
            let start = *end;
            *end += len;
            Some((start, len))
        });
        places.map(|(start, len)| all.slice(start, len)).collect()
    }
}

/// Writes the next column, which has a value in every row or, with `defined`, in the rows with 1.
pub(crate) fn write_values<T: DataType>(
    group: &mut RowGroup<'_>,
    values: &[T::T],
    defined: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, defined, None)?;
    column.close()
}

/// One list per row.
#[derive(Clone, Copy)]
pub(crate) struct Lists<'a> {
    pub lens: &'a [usize],
    /// The elements of all lists, one list after the other.
    pub elements: &'a [u32],
}

/// The number of elements that are handed to a column at a time.
const BATCH_ELEMENTS: usize = 1 << 16;

impl Lists<'_> {
    /// Writes the next column, whose lists have the values of each element.
    pub fn write<T: DataType>(self, group: &mut RowGroup<'_>, value: impl Fn(u32) -> T::T) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let mut elements = self.elements.iter();
        // An empty list has one element that is not defined. An element is repeated if it is not the
        // first of its list.
        let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for (row, &len) in self.lens.iter().enumerate() {
            values.extend(elements.by_ref().take(len).map(|&element| value(element)));
            defined.extend(std::iter::repeat_n(i16::from(len > 0), len.max(1)));
            repeated.extend((0..len.max(1)).map(|place| i16::from(place > 0)));
            if repeated.len() >= BATCH_ELEMENTS || row + 1 == self.lens.len() {
                column.typed::<T>().write_batch(&values, Some(&defined), Some(&repeated))?;
                values.clear();
                defined.clear();
                repeated.clear();
            }
        }
        column.close()
    }
}
