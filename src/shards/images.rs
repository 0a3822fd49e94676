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
use crate::files::parquet_file::{Lists, ParquetFile, TextColumn, properties, write_values};

const SCHEMA: &str = "message images {
    optional binary name (STRING);
    required boolean encoded;
    required group words (LIST) { repeated group list { required int32 element; } }
}";

const NAME: usize = 0;
const ENCODED: usize = 1;
const WORDS: usize = 2;

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
    names: TextColumn,
    named: Vec<i16>,
    encoded: Vec<bool>,
    lens: Vec<usize>,
    words: Vec<u32>,
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

    /// Adds an image. It has no name if there is a problem with it, and no words if it was skipped.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn push(&mut self, name: Option<&str>, words: Option<&[u32]>) -> Result<()> {
        let group = &mut self.group;
        name.into_iter().for_each(|name| group.names.push(name));
        group.named.push(i16::from(name.is_some()));
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
        let ImageGroup { names, named, encoded, lens, words } = std::mem::take(&mut self.group);
        self.file.write_group(|group| {
            write_values::<ByteArrayType>(group, &names.into_values(), Some(&named))?;
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
    encoded: ColumnReaderImpl<BoolType>,
    words: Option<ColumnReaderImpl<Int32Type>>,
    batch: ImageBatch,
}

#[derive(Default)]
struct ImageBatch {
    names: Vec<ByteArray>,
    named: Vec<i16>,
    encoded: Vec<bool>,
    words: Vec<i32>,
    defined: Vec<i16>,
    repeated: Vec<i16>,
}

impl ImageReader {
    fn new(group: &dyn RowGroupReader, columns: ImageColumns) -> Result<ImageReader, ParquetError> {
        if group.num_columns() != 3 {
            return Err(ParquetError::General("expected three columns".into()));
        }
        let words = match columns {
            ImageColumns::Names => None,
            ImageColumns::All => Some(get_typed_column_reader(group.get_column_reader(WORDS)?)),
        };
        Ok(ImageReader {
            names: get_typed_column_reader(group.get_column_reader(NAME)?),
            encoded: get_typed_column_reader(group.get_column_reader(ENCODED)?),
            words,
            batch: ImageBatch::default(),
        })
    }

    fn read_batch(&mut self) -> Result<bool, ParquetError> {
        self.batch = ImageBatch::default();
        let ImageBatch { names, named, encoded, words, defined, repeated } = &mut self.batch;
        self.names.read_records(BATCH_IMAGES, Some(named), None, names)?;
        self.encoded.read_records(BATCH_IMAGES, None, None, encoded)?;
        if let Some(column) = &mut self.words {
            column.read_records(BATCH_IMAGES, Some(defined), Some(repeated), words)?;
        }
        Ok(!encoded.is_empty())
    }

    fn each(&self, visit: &mut dyn FnMut(PartImage<'_>) -> Result<()>) -> Result<()> {
        let ImageBatch { names, named, encoded, words, defined, repeated } = &self.batch;
        let mut names = names.iter();
        let (mut level, mut value) = (0, 0);
        for (named, &encoded) in named.iter().zip(encoded) {
            let name = if *named > 0 { names.next() } else { None };
            let name = name.map(|name| std::str::from_utf8(name.data()).unwrap_or_default());
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
            visit(PartImage { name, words })?;
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
        let images: Vec<(Option<String>, Option<Vec<u32>>)> = (0..3000)
            .map(|n: u32| match n % 5 {
                0 => (Some(format!("é{n}")), Some(vec![])),
                1 => (None, None),
                2 => (Some(String::new()), Some(vec![n, 0, n])),
                3 => (Some(n.to_string()), None),
                _ => (Some(n.to_string()), Some(if n == 1504 { many.clone() } else { vec![7] })),
            })
            .collect();
        let dir = tempfile::tempdir().unwrap();
        let mut folder = NewFolder::begin(dir.path(), "part").unwrap();
        let mut writer = ImageWriter::create(&folder, "images.parquet").unwrap();
        images.iter().for_each(|(name, words)| writer.push(name.as_deref(), words.as_deref()).unwrap());
        writer.finish().unwrap();
        folder.commit(&Silent).unwrap();
        for columns in [ImageColumns::All, ImageColumns::Names] {
            let mut found = Vec::new();
            each_image(&dir.path().join("part/images.parquet"), columns, &mut |PartImage { name, words }| {
                let words = words.map(|words| words.iter().map(|word| *word as u32).collect::<Vec<_>>());
                found.push((name.map(String::from), words));
                Ok(())
            })
            .unwrap();
            let words = |words: &Option<Vec<u32>>| match columns {
                ImageColumns::All => words.clone(),
                ImageColumns::Names => words.as_ref().map(|_| Vec::new()),
            };
            let expected: Vec<_> = images.iter().map(|(name, of)| (name.clone(), words(of))).collect();
            assert!(found == expected);
        }
    }
}
