//! `images.parquet`: the images of a part in their order, with their words.

use std::fs::File;
use std::path::Path;

use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int32Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::terms::{caught, damaged};
use crate::error::{Error, Result};
use crate::files::output_file::OutputSet;
use crate::files::output_line::Output;
use crate::files::parquet_file::{Lists, ParquetFile, RowGroup, TextColumn, properties, write_values};

const SCHEMA: &str = "message images {
    optional binary name (STRING);
    optional binary display_name (STRING);
    required boolean encoded;
    required group words (LIST) { repeated group list { required int32 element; } }
}";

const NAME: usize = 0;
const DISPLAY_NAME: usize = 1;
const ENCODED: usize = 2;
const WORDS: usize = 3;
const COLUMNS: usize = 4;

/// A row group is written once it has this number of images or words.
const GROUP_IMAGES: usize = 1 << 16;
const GROUP_WORDS: usize = 4 << 20;

/// The number of images that are decoded at a time.
const BATCH_IMAGES: usize = 1 << 10;

/// Writes the images of a part.
pub(super) struct ImageWriter {
    file: ParquetFile,
    group: ImageGroup,
}

#[derive(Default)]
struct ImageGroup {
    names: OptionalTexts,
    display_names: OptionalTexts,
    encoded: Vec<bool>,
    lens: Vec<usize>,
    words: Vec<u32>,
}

/// A column of texts, some of which are missing.
#[derive(Default)]
struct OptionalTexts {
    texts: TextColumn,
    /// 1 for each text, and 0 for each that is missing.
    defined: Vec<i16>,
}

impl OptionalTexts {
    fn push(&mut self, text: Option<&str>) {
        text.into_iter().for_each(|text| self.texts.push(text));
        self.defined.push(i16::from(text.is_some()));
    }

    fn write(self, group: &mut RowGroup<'_>) -> Result<(), ParquetError> {
        write_values::<ByteArrayType>(group, &self.texts.into_values(), Some(&self.defined))
    }
}

/// An image to write.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ImageRow<'a> {
    /// `None` if there is a problem with the image.
    pub name: Option<&'a str>,
    /// A second name, for people.
    pub display_name: Option<&'a str>,
    /// Its words as numbers of the part's terms. `None` if it was skipped.
    pub words: Option<&'a [u32]>,
}

impl ImageWriter {
    /// Starts the output `name`.
    ///
    /// # Errors
    ///
    /// The set refuses the file, or the system provides no thread.
    pub fn create(set: &dyn OutputSet, name: &str) -> Result<ImageWriter> {
        let file = ParquetFile::create(set, name, SCHEMA, properties())?;
        Ok(ImageWriter { file, group: ImageGroup::default() })
    }

    /// Adds an image.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn push(&mut self, ImageRow { name, display_name, words }: ImageRow<'_>) -> Result<()> {
        let group = &mut self.group;
        group.names.push(name);
        group.display_names.push(display_name);
        group.encoded.push(words.is_some());
        let words = words.unwrap_or_default();
        group.lens.push(words.len());
        group.words.extend_from_slice(words);
        match group.lens.len() >= GROUP_IMAGES || group.words.len() >= GROUP_WORDS {
            true => self.write_group(),
            false => Ok(()),
        }
    }

    fn write_group(&mut self) -> Result<()> {
        let ImageGroup { names, display_names, encoded, lens, words } = std::mem::take(&mut self.group);
        self.file.write_group(|group| {
            names.write(group)?;
            display_names.write(group)?;
            write_values::<BoolType>(group, &encoded, None)?;
            Lists { lens: &lens, elements: &words }.write::<Int32Type>(group, |word| word as i32)
        })
    }

    /// Writes the remaining images and the end of the file.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<Output> {
        if !self.group.lens.is_empty() {
            self.write_group()?;
        }
        Ok(self.file.finish()?.output)
    }
}

/// An image of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PartImage<'a> {
    pub name: Option<&'a str>,
    /// A second name, for people.
    pub display_name: Option<&'a str>,
    /// Its words as numbers of the part's terms. `None` if it was skipped.
    pub words: Option<&'a [i32]>,
}

/// What is read of the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ImageColumns {
    /// Words are empty.
    Names,
    All,
}

/// Hands the images of a file to `visit`, in order.
///
/// # Errors
///
/// The file cannot be read or is damaged, or `visit` returns an error.
pub(super) fn each_image(path: &Path, columns: ImageColumns, visit: &mut dyn FnMut(PartImage<'_>) -> Result<()>) -> Result<()> {
    let file = File::open(path).map_err(Error::io(path, "read"))?;
    let mut failure = None;
    let read = caught(|| {
        let file = SerializedFileReader::new(file)?;
        for number in 0..file.num_row_groups() {
            let mut group = ImageReader::new(&*file.get_row_group(number)?, columns)?;
            while group.read_batch()? {
                if let Err(error) = group.each(visit) {
                    failure = Some(error);
                    return Ok(());
                }
            }
        }
        Ok(())
    });
    match (failure, read) {
        (Some(error), _) => Err(error),
        (None, Ok(())) => Ok(()),
        (None, Err(error)) => Err(damaged(path, &error)),
    }
}

/// Reads a row group.
struct ImageReader {
    names: ColumnReaderImpl<ByteArrayType>,
    display_names: ColumnReaderImpl<ByteArrayType>,
    encoded: ColumnReaderImpl<BoolType>,
    words: Option<ColumnReaderImpl<Int32Type>>,
    batch: ReadImages,
}

#[derive(Default)]
struct ReadImages {
    names: ReadTexts,
    display_names: ReadTexts,
    encoded: Vec<bool>,
    words: Vec<i32>,
    defined: Vec<i16>,
    repeated: Vec<i16>,
}

/// Texts of a column, some of which are missing.
#[derive(Default)]
struct ReadTexts {
    texts: Vec<ByteArray>,
    /// 1 for each text, and 0 for each that is missing.
    defined: Vec<i16>,
}

impl ReadTexts {
    fn read(&mut self, column: &mut ColumnReaderImpl<ByteArrayType>) -> Result<(), ParquetError> {
        column.read_records(BATCH_IMAGES, Some(&mut self.defined), None, &mut self.texts).map(drop)
    }

    fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        let mut texts = self.texts.iter().map(|text| std::str::from_utf8(text.data()).unwrap_or_default());
        self.defined.iter().map(move |defined| if *defined > 0 { texts.next() } else { None })
    }
}

impl ImageReader {
    fn new(group: &dyn RowGroupReader, columns: ImageColumns) -> Result<ImageReader, ParquetError> {
        if group.num_columns() != COLUMNS {
            return Err(ParquetError::General("expected four columns".into()));
        }
        let words = match columns {
            ImageColumns::Names => None,
            ImageColumns::All => Some(get_typed_column_reader(group.get_column_reader(WORDS)?)),
        };
        Ok(ImageReader {
            names: get_typed_column_reader(group.get_column_reader(NAME)?),
            display_names: get_typed_column_reader(group.get_column_reader(DISPLAY_NAME)?),
            encoded: get_typed_column_reader(group.get_column_reader(ENCODED)?),
            words,
            batch: ReadImages::default(),
        })
    }

    fn read_batch(&mut self) -> Result<bool, ParquetError> {
        self.batch = ReadImages::default();
        let ReadImages { names, display_names, encoded, words, defined, repeated } = &mut self.batch;
        names.read(&mut self.names)?;
        display_names.read(&mut self.display_names)?;
        self.encoded.read_records(BATCH_IMAGES, None, None, encoded)?;
        if let Some(column) = &mut self.words {
            column.read_records(BATCH_IMAGES, Some(defined), Some(repeated), words)?;
        }
        Ok(!encoded.is_empty())
    }

    fn each(&self, visit: &mut dyn FnMut(PartImage<'_>) -> Result<()>) -> Result<()> {
        let ReadImages { names, display_names, encoded, words, defined, repeated } = &self.batch;
        let (names, display_names) = (names.iter(), display_names.iter());
        let (mut level, mut value) = (0, 0);
        for ((name, display_name), &encoded) in names.zip(display_names).zip(encoded) {
            let start = value;
            // The first level of a list is not repeated.
            while level < repeated.len() {
                value += usize::from(defined.get(level).is_some_and(|defined| *defined > 0));
                level += 1;
                if repeated.get(level) == Some(&0) {
                    break;
                }
            }
            let words = encoded.then(|| words.get(start..value).unwrap_or_default());
            visit(PartImage { name, display_name, words })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::new_folder::NewFolder;
    use crate::progress::Silent;

    #[test]
    fn images_are_read_as_they_were_written() {
        let many: Vec<u32> = (0..200_000).collect();
        let images: Vec<[Option<String>; 2]> = (0..3000)
            .map(|n: u32| {
                [Some(format!("é{n}")).filter(|_| n % 5 != 1), Some(format!("{n}.jpg")).filter(|_| n.is_multiple_of(3))]
            })
            .collect();
        let words_of = |n: usize| match n % 5 {
            0 => Some(vec![]),
            1 | 3 => None,
            2 => Some(vec![n as u32, 0, n as u32]),
            _ => Some(if n == 1504 { many.clone() } else { vec![7] }),
        };
        let dir = tempfile::tempdir().unwrap();
        let mut folder = NewFolder::begin(dir.path(), "part").unwrap();
        let mut writer = ImageWriter::create(&folder, "images.parquet").unwrap();
        for (n, [name, display_name]) in images.iter().enumerate() {
            let (name, display_name, words) = (name.as_deref(), display_name.as_deref(), words_of(n));
            writer.push(ImageRow { name, display_name, words: words.as_deref() }).unwrap();
        }
        writer.finish().unwrap();
        folder.commit(&Silent).unwrap();
        for columns in [ImageColumns::All, ImageColumns::Names] {
            let (mut found, mut n) = (Vec::new(), 0);
            each_image(&dir.path().join("part/images.parquet"), columns, &mut |PartImage { name, display_name, words }| {
                let words = words.map(|words| words.iter().map(|word| *word as u32).collect::<Vec<_>>());
                let expected = words_of(n).map(|words| if columns == ImageColumns::All { words } else { Vec::new() });
                assert!(words == expected, "image {n}");
                found.push([name, display_name].map(|name| name.map(String::from)));
                n += 1;
                Ok(())
            })
            .unwrap();
            assert!(found == images);
        }
    }
}
