//! Writes the Parquet file: columns `image_id`, `name`, `words` and `word_ids`, one row per image.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::error::{Error, Problem, Result};
use crate::files::output_file::{FileReport, OutputFile, OutputSet};
use count_vectorizer::Vocabulary;
use keyword_files::npy::hashing_writer::HashingWriter;
use keyword_files::npy::header::Dtype;

/// The number of words that are handed to a column at a time.
const BATCH_WORDS: usize = 1 << 16;

/// The rows of some adjacent images.
#[derive(Debug, Default)]
pub(crate) struct ImageTable {
    pub ids: Vec<i64>,
    pub names: TextColumn,
    /// The number of words of each image.
    pub lens: Vec<usize>,
    /// The word ids of all images, one image after the other.
    pub words: Vec<u32>,
}

impl ImageTable {
    /// Appends the rows `others`.
    pub(crate) fn extend(&mut self, others: &ImageTable) {
        self.ids.extend_from_slice(&others.ids);
        self.names.extend(&others.names);
        self.lens.extend_from_slice(&others.lens);
        self.words.extend_from_slice(&others.words);
    }
}

/// Texts in one piece of memory.
#[derive(Debug, Default)]
pub(crate) struct TextColumn {
    bytes: Vec<u8>,
    lens: Vec<usize>,
}

impl TextColumn {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.lens.push(text.len());
    }

    fn extend(&mut self, others: &TextColumn) {
        self.bytes.extend_from_slice(&others.bytes);
        self.lens.extend_from_slice(&others.lens);
    }

    /// The texts as values of a column. They share the memory.
    fn into_values(self) -> Vec<ByteArray> {
        let all = ByteArray::from(self.bytes);
        let places = self.lens.into_iter().scan(0, |end, len| {
            let start = *end;
            *end += len;
            Some((start, len))
        });
        places.map(|(start, len)| all.slice(start, len)).collect()
    }
}

/// Writes one row group after the other. A group is compressed in memory, then written to the disk.
pub(crate) struct TableWriter {
    writer: SerializedFileWriter<Vec<u8>>,
    file: HashingWriter<OutputFile>,
    /// The final path, which messages show.
    path: PathBuf,
    dtype: Dtype,
    /// The word of each id.
    words: Vec<ByteArray>,
}

impl TableWriter {
    /// Starts the output `name`. The word ids have the type `dtype`, int64 or int32.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or the system provides no thread.
    pub(crate) fn create(set: &dyn OutputSet, name: &str, dtype: Dtype, vocabulary: &Vocabulary) -> Result<TableWriter> {
        let file = set.create_growing(name)?;
        let path = file.path().to_path_buf();
        let no_thread = file.no_thread();
        let file = HashingWriter::new(file, Vec::new()).map_err(no_thread)?;
        let writer = file_writer(dtype).map_err(refused(&path))?;
        let mut words = TextColumn::default();
        vocabulary.words().for_each(|word| words.push(word));
        Ok(TableWriter { writer, file, path, dtype, words: words.into_values() })
    }

    /// Writes a row group.
    ///
    /// # Errors
    ///
    /// An earlier group could not be written.
    pub(crate) fn write_group(&mut self, images: ImageTable) -> Result<()> {
        let mut group = self.writer.next_row_group().map_err(refused(&self.path))?;
        let columns = Columns { images, words: &self.words, dtype: self.dtype };
        let written = columns.write(&mut group).and_then(|()| group.close());
        written.map_err(refused(&self.path))?;
        self.send()
    }

    /// Writes the end of the file, and waits until everything is written.
    ///
    /// # Errors
    ///
    /// A group could not be written.
    pub(crate) fn finish(mut self) -> Result<FileReport> {
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

fn file_writer(dtype: Dtype) -> Result<SerializedFileWriter<Vec<u8>>, ParquetError> {
    let word_id = if dtype == Dtype::Int32 { "int32" } else { "int64" };
    let schema = parse_message_type(&format!(
        "message images {{
            required int64 image_id;
            required binary name (STRING);
            required group words (LIST) {{ repeated group list {{ required binary element (STRING); }} }}
            required group word_ids (LIST) {{ repeated group list {{ required {word_id} element; }} }}
        }}"
    ))?;
    // The file contains only the version, so it is the same on every day and every machine.
    let properties = WriterProperties::builder()
        .set_created_by(format!("{} version {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
}

/// The columns of a row group.
struct Columns<'a> {
    images: ImageTable,
    words: &'a [ByteArray],
    dtype: Dtype,
}

impl Columns<'_> {
    fn write(self, group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<(), ParquetError> {
        let Columns { images: ImageTable { ids, names, lens, words }, words: vocabulary, dtype } = self;
        let lists = Lists { lens: &lens, words: &words };
        write_values::<Int64Type>(group, &ids)?;
        write_values::<ByteArrayType>(group, &names.into_values())?;
        let text = |word| vocabulary.get(word as usize).cloned().unwrap_or_default();
        lists.write::<ByteArrayType>(group, text)?;
        match dtype {
            Dtype::Int32 => lists.write::<Int32Type>(group, |word| word as i32),
            _ => lists.write::<Int64Type>(group, i64::from),
        }
    }
}

fn write_values<T: DataType>(group: &mut SerializedRowGroupWriter<'_, Vec<u8>>, values: &[T::T]) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, None, None)?;
    column.close()
}

/// One list of words per image.
#[derive(Clone, Copy)]
struct Lists<'a> {
    lens: &'a [usize],
    words: &'a [u32],
}

impl Lists<'_> {
    /// Writes a column of lists of the values of each word.
    fn write<T: DataType>(
        self,
        group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
        value: impl Fn(u32) -> T::T,
    ) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let mut words = self.words.iter();
        // An empty list has one element that is not defined. An element is repeated if it is not the
        // first of its list.
        let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
        for (image, &len) in self.lens.iter().enumerate() {
            values.extend(words.by_ref().take(len).map(|&word| value(word)));
            defined.extend(std::iter::repeat_n(i16::from(len > 0), len.max(1)));
            repeated.extend((0..len.max(1)).map(|place| i16::from(place > 0)));
            if repeated.len() >= BATCH_WORDS || image + 1 == self.lens.len() {
                column.typed::<T>().write_batch(&values, Some(&defined), Some(&repeated))?;
                values.clear();
                defined.clear();
                repeated.clear();
            }
        }
        column.close()
    }
}
