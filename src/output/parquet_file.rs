//! A Parquet file of images and their words: `image_id`, `name`, `words`, `word_ids`, one row an image.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use crate::error::{Error, Problem, Result};
use crate::output::digest::Digest;
use crate::output::manifest::Output;
use crate::output::npy::Dtype;
use crate::output::output_file::OutputSet;
use crate::output::stream::{Stream, Streamed};
use count_vectorizer::Vocabulary;

/// About so many words are handed to a column at a time.
const BATCH_WORDS: usize = 1 << 16;

/// Some images that stand together: a row group of the file.
#[derive(Debug, Default)]
pub(crate) struct Images {
    pub ids: Vec<i64>,
    pub names: Texts,
    /// How many words each image has.
    pub lens: Vec<usize>,
    /// The word ids of one image after the other.
    pub words: Vec<u32>,
}

impl Images {
    /// Adds those that come after these.
    pub(crate) fn extend(&mut self, others: &Images) {
        self.ids.extend_from_slice(&others.ids);
        self.names.extend(&others.names);
        self.lens.extend_from_slice(&others.lens);
        self.words.extend_from_slice(&others.words);
    }
}

/// Texts one after the other.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    bytes: Vec<u8>,
    lens: Vec<usize>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
        self.lens.push(text.len());
    }

    fn extend(&mut self, others: &Texts) {
        self.bytes.extend_from_slice(&others.bytes);
        self.lens.extend_from_slice(&others.lens);
    }

    /// The texts as values of a column, which share one piece of memory.
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

/// Writes images group by group. A group is put together in memory, compressed, and then sent to the disk.
pub(crate) struct ParquetWriter {
    writer: SerializedFileWriter<Vec<u8>>,
    stream: Stream<Vec<u8>>,
    /// What messages name.
    path: PathBuf,
    dtype: Dtype,
    /// The word of each id.
    words: Vec<ByteArray>,
}

impl ParquetWriter {
    /// Begins the output `name`. The word ids have the type `dtype`, int64 or int32.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or no thread can be had.
    pub(crate) fn create(set: &dyn OutputSet, name: &str, dtype: Dtype, vocabulary: &Vocabulary) -> Result<ParquetWriter> {
        let file = set.create_growing(name)?;
        let path = file.path().to_path_buf();
        let stream = Stream::over(file, Vec::new())?;
        let writer = file_writer(dtype).map_err(refused(&path))?;
        let mut words = Texts::default();
        vocabulary.words().for_each(|word| words.push(word));
        Ok(ParquetWriter { writer, stream, path, dtype, words: words.into_values() })
    }

    /// Writes a row group.
    ///
    /// # Errors
    ///
    /// An earlier one could not be written.
    pub(crate) fn write_group(&mut self, images: Images) -> Result<()> {
        let mut group = self.writer.next_row_group().map_err(refused(&self.path))?;
        let columns = Columns { images, words: &self.words, dtype: self.dtype };
        columns.write(&mut group).and_then(|()| group.close()).map_err(refused(&self.path))?;
        self.send()
    }

    /// Writes the end of the file; the file's line of the manifest, and the time that hashing and writing took.
    ///
    /// # Errors
    ///
    /// A group could not be written.
    pub(crate) fn finish(mut self) -> Result<(Output, Duration)> {
        self.writer.finish().map_err(refused(&self.path))?;
        self.send()?;
        let Streamed { file, digest: Digest { bytes, sha256 }, busy } = self.stream.finish()?;
        Ok((Output { name: file.into_name(), shape: None, dtype: None, bytes, sha256 }, busy))
    }

    /// Sends on what has been put together.
    fn send(&mut self) -> Result<()> {
        self.writer.flush().map_err(Error::io(&self.path, "write"))?;
        self.stream.write_block(std::mem::take(self.writer.inner_mut())).map(|_| ())
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
    // The same on every day and every machine: no more than the version stands in the file.
    let properties = WriterProperties::builder()
        .set_created_by(format!("{} version {}", env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))
}

/// The columns of a row group.
struct Columns<'a> {
    images: Images,
    words: &'a [ByteArray],
    dtype: Dtype,
}

impl Columns<'_> {
    fn write(self, group: &mut SerializedRowGroupWriter<'_, Vec<u8>>) -> Result<(), ParquetError> {
        let Columns { images: Images { ids, names, lens, words }, words: vocabulary, dtype } = self;
        let lists = Lists { lens: &lens, words: &words };
        write_values::<Int64Type>(group, &ids)?;
        write_values::<ByteArrayType>(group, &names.into_values())?;
        lists.write::<ByteArrayType>(group, |word| vocabulary.get(word as usize).cloned().unwrap_or_default())?;
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

/// A list of words for each image.
#[derive(Clone, Copy)]
struct Lists<'a> {
    lens: &'a [usize],
    words: &'a [u32],
}

impl Lists<'_> {
    /// Writes a column of lists, with `value` in place of each word.
    fn write<T: DataType>(
        self,
        group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
        value: impl Fn(u32) -> T::T,
    ) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let mut words = self.words.iter();
        // Of each element: whether there is one, for an empty list has a place too, and whether it goes on with a list.
        let (mut values, mut is_there, mut goes_on) = (Vec::new(), Vec::new(), Vec::new());
        for (image, &len) in self.lens.iter().enumerate() {
            values.extend(words.by_ref().take(len).map(|&word| value(word)));
            is_there.extend(std::iter::repeat_n(i16::from(len > 0), len.max(1)));
            goes_on.extend((0..len.max(1)).map(|place| i16::from(place > 0)));
            if goes_on.len() >= BATCH_WORDS || image + 1 == self.lens.len() {
                column.typed::<T>().write_batch(&values, Some(&is_there), Some(&goes_on))?;
                values.clear();
                is_there.clear();
                goes_on.clear();
            }
        }
        column.close()
    }
}
