//! Writes the Parquet file: columns `image_id`, `name`, `words` and `word_ids`, one row per image.

use std::collections::HashMap;

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::errors::ParquetError;

use crate::error::Result;
use crate::files::output_file::{FileReport, OutputSet};
use crate::files::parquet_file::{Lists, ParquetFile, RowGroup, TextColumn, properties, write_values};
use crate::forms::content::MatrixWords;
use keyword_files::npy::header::Dtype;

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

/// Writes the table row group by row group.
pub(crate) struct TableWriter {
    file: ParquetFile,
    dtype: Dtype,
    words: WordTexts,
}

/// The text of each word id.
enum WordTexts {
    /// The texts of all ids, from 0 on.
    All(Vec<ByteArray>),
    /// The texts of some ids.
    Some(HashMap<u32, ByteArray>),
}

impl WordTexts {
    fn of(&self, id: u32) -> ByteArray {
        let text = match self {
            WordTexts::All(texts) => texts.get(id as usize),
            WordTexts::Some(texts) => texts.get(&id),
        };
        text.cloned().unwrap_or_default()
    }
}

impl TableWriter {
    /// Starts the output `name`. The word ids have the type `dtype`, int64 or int32.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or the system provides no thread.
    pub(crate) fn create(set: &dyn OutputSet, name: &str, dtype: Dtype) -> Result<TableWriter> {
        let file = ParquetFile::create(set, name, &schema(dtype), properties())?;
        Ok(TableWriter { file, dtype, words: WordTexts::All(Vec::new()) })
    }

    /// Adds the texts of words, which must be known before the rows with these words are written.
    pub(crate) fn add_words(&mut self, words: MatrixWords<'_>) {
        let mut texts = TextColumn::default();
        match words {
            MatrixWords::Vocabulary(vocabulary) => {
                vocabulary.words().for_each(|word| texts.push(word));
                self.words = WordTexts::All(texts.into_values());
            }
            MatrixWords::Part(part) => {
                part.iter().for_each(|(_, text)| texts.push(text));
                let texts = part.iter().map(|(id, _)| id).zip(texts.into_values());
                match &mut self.words {
                    WordTexts::Some(known) => known.extend(texts),
                    all => *all = WordTexts::Some(texts.collect()),
                }
            }
        }
    }

    /// Removes the texts of all words.
    pub(crate) fn forget_words(&mut self) {
        self.words = WordTexts::All(Vec::new());
    }

    /// Writes a row group.
    ///
    /// # Errors
    ///
    /// An earlier group could not be written.
    pub(crate) fn write_group(&mut self, images: ImageTable) -> Result<()> {
        let columns = Columns { images, words: &self.words, dtype: self.dtype };
        self.file.write_group(|group| columns.write(group))
    }

    /// Writes the end of the file, and waits until everything is written.
    ///
    /// # Errors
    ///
    /// A group could not be written.
    pub(crate) fn finish(self) -> Result<FileReport> {
        self.file.finish()
    }
}

fn schema(dtype: Dtype) -> String {
    let word_id = if dtype == Dtype::Int32 { "int32" } else { "int64" };
    format!(
        "message images {{
            required int64 image_id;
            required binary name (STRING);
            required group words (LIST) {{ repeated group list {{ required binary element (STRING); }} }}
            required group word_ids (LIST) {{ repeated group list {{ required {word_id} element; }} }}
        }}"
    )
}

/// The columns of a row group.
struct Columns<'a> {
    images: ImageTable,
    words: &'a WordTexts,
    dtype: Dtype,
}

impl Columns<'_> {
    fn write(self, group: &mut RowGroup<'_>) -> Result<(), ParquetError> {
        let Columns { images: ImageTable { ids, names, lens, words }, words: texts, dtype } = self;
        let lists = Lists { lens: &lens, elements: &words };
        write_values::<Int64Type>(group, &ids, None)?;
        write_values::<ByteArrayType>(group, &names.into_values(), None)?;
        lists.write::<ByteArrayType>(group, |word| texts.of(word))?;
        match dtype {
            Dtype::Int32 => lists.write::<Int32Type>(group, |word| word as i32),
            _ => lists.write::<Int64Type>(group, i64::from),
        }
    }
}
